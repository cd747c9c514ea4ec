"""The number of a chair on its colour: the same mark on its tile and in its header."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import Theme
from ui.widgets.text import BOLD

_WIDE = 46


class ChairBadge(QWidget):
    """A block of colour with the number; hidden until there is one to show."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._look = ("", "", "")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.hide()

    def show_chair(self, number: str, fill: str, ink: str) -> None:
        """Show this one."""
        if self._look != (number, fill, ink):
            self._look = number, fill, ink
            self.setAccessibleName(f"Chair {number}")
            self.update()
        self.show()

    def sizeHint(self) -> QSize:
        """Room for two digits, or a short name in small letters."""
        return QSize(self._theme.px(_WIDE), self._theme.px(40))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Colour and number."""
        number, fill, ink = self._look
        painter = QPainter(self)
        paint_badge(painter, self._theme, self.rect(), number, fill, ink)


def paint_badge(painter: QPainter, theme: Theme, box: QRect, number: str, fill: str, ink: str) -> None:
    """The number as large as the block allows."""
    painter.save()
    painter.fillRect(box, QColor(fill))
    painter.setPen(QColor(theme.strong_border))  # white on white is seen by it
    painter.drawRect(box.adjusted(0, 0, -1, -1))
    painter.setPen(QColor(ink))
    for pixels in (26, 20, 16, 13, 11):
        painter.setFont(theme.font(pixels, BOLD, tabular=True))
        if painter.fontMetrics().horizontalAdvance(number) <= box.width() - theme.px(6):
            break
    painter.drawText(QRectF(box), int(Qt.AlignmentFlag.AlignCenter), number)
    painter.restore()
