"""A line to tick: one touch, a mark that is seen from afar, and words at the left as on paper."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.theme import Theme
from ui.widgets.text import MEDIUM, SEMIBOLD

_MARK = ((-5.5, 0.5), (-2.0, 4.5), (5.5, -4.5))


class Tick(QAbstractButton):
    """Ticked or not; `set_words` may change what the line says (`Rate 41.4 mL/h as planned`)."""

    def __init__(self, theme: Theme, words: str, *, height: int = 58, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setCheckable(True)
        self.setText(words)
        self.setFont(theme.font(16, MEDIUM))
        self.setMinimumHeight(theme.px(height))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.toggled.connect(lambda _: self._name())
        self._name()

    def set_words(self, words: str) -> None:
        """Change the line."""
        if self.text() != words:
            self.setText(words)
            self._name()
            self.updateGeometry()

    def _name(self) -> None:
        self.setAccessibleName(f"{self.text()}: {'ticked' if self.isChecked() else 'not ticked'}")

    def sizeHint(self) -> QSize:
        """Room for one line and the mark."""
        width = self.fontMetrics().horizontalAdvance(self.text()) + self._theme.px(66)
        return QSize(width, self.minimumHeight())

    def minimumSizeHint(self) -> QSize:
        """Two lines of words at least fit in."""
        longest = max((self.fontMetrics().horizontalAdvance(word) for word in self.text().split()), default=0)
        return QSize(longest + self._theme.px(66), self.minimumHeight())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space ticks; Enter is left to the page, where it goes on."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            event.ignore()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frame, box with its mark, words."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(QColor(theme.strong_border), 1))
        painter.setBrush(QColor(theme.panel if self.isDown() else theme.track if self.isChecked() else theme.raised))
        painter.drawRoundedRect(box, theme.px(6), theme.px(6))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.focus), theme.px(2)))
            painter.drawRoundedRect(box, theme.px(6), theme.px(6))
        centre = QPointF(theme.px(29), self.height() / 2)
        side = theme.px(13)
        painter.setPen(QPen(QColor(theme.chosen if self.isChecked() else theme.strong_border), theme.px(2)))
        painter.setBrush(QColor(theme.chosen) if self.isChecked() else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(centre.x() - side, centre.y() - side, 2 * side, 2 * side), 4, 4)
        if self.isChecked():
            painter.setPen(QPen(QColor(theme.chosen_text), theme.px(3)))
            unit = theme.px(10) / 10
            painter.drawPolyline(QPolygonF([centre + QPointF(unit * x, unit * y) for x, y in _MARK]))
        painter.setFont(theme.font(16, SEMIBOLD if self.isChecked() else MEDIUM))
        painter.setPen(QColor(theme.text if self.isEnabled() else theme.dim))
        words = self.rect().adjusted(theme.px(56), 0, -theme.px(8), 0)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap), self.text())
