"""The dashed box that says what was scanned, or that something may be scanned now."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import Theme
from ui.widgets.text import REGULAR, SEMIBOLD

_BARS = ((0, 2), (4, 1), (7, 3), (12, 1), (15, 2), (19, 1))


class ScanBox(QWidget):
    """A bold line and a plain one below, beside a barcode."""

    def __init__(self, theme: Theme, invitation: str, parent: QWidget | None = None) -> None:
        """invitation: what it says while nothing was scanned."""
        super().__init__(parent)
        self._theme, self._invitation = theme, invitation
        self._head, self._more = "", ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_words("", "")

    def show_words(self, head: str, more: str = "") -> None:
        """What was scanned; "" = nothing yet."""
        self._head, self._more = head, more
        self.setAccessibleName(f"{head}. {more}" if head else self._invitation)
        self.update()

    def words(self) -> str:
        """What the box says."""
        return self.accessibleName()

    def sizeHint(self) -> QSize:
        """Two lines."""
        return QSize(self._theme.px(400), self._theme.px(66))

    def minimumSizeHint(self) -> QSize:
        """Two lines."""
        return QSize(self._theme.px(200), self._theme.px(66))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dashed frame, barcode, words; a line that is too long ends in an ellipsis."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(theme.strong_border), theme.px(2), Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), theme.px(6), theme.px(6))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.dim))
        top, height = self.height() / 2 - theme.px(11), theme.px(22)
        for x, width in _BARS:
            painter.drawRect(QRectF(theme.px(20 + x), top, theme.px(width), height))
        box = self.rect().adjusted(theme.px(58), theme.px(8), -theme.px(14), -theme.px(8))
        if not self._head:
            self._write(painter, box, self._invitation, 15, theme.dim, bold=False)
            return
        upper = box.adjusted(0, 0, 0, -box.height() // 2) if self._more else box
        self._write(painter, upper, self._head, 16, theme.text, bold=True)
        if self._more:
            self._write(painter, box.adjusted(0, box.height() // 2, 0, 0), self._more, 14, theme.dim, bold=False)

    def _write(self, painter: QPainter, box: QRect, text: str, pixels: int, colour: str, *, bold: bool) -> None:
        font = self._theme.font(pixels, SEMIBOLD if bold else REGULAR)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), shown)
