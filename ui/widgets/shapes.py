"""The shapes that stand for the pump's state, so that no state is told by colour alone."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.pump import Shape
from ui.theme import Theme


def draw_shape(painter: QPainter, theme: Theme, shape: Shape, box: QRectF, ink: str) -> None:
    """Draw a shape into a square."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ink))
    _SHAPES[shape](painter, box, ink, theme)


class ShapeMark(QWidget):
    """A shape that stands still, beside a word."""

    def __init__(self, theme: Theme, side: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._side = theme, theme.px(side)
        self._state: tuple[Shape, str] = (Shape.CROSS, theme.text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(self._side, self._side)

    def show_shape(self, shape: Shape, ink: str) -> None:
        """Show another shape."""
        if (shape, ink) != self._state:
            self._state = (shape, ink)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The shape with a little air around it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_shape(painter, self._theme, self._state[0], QRectF(self.rect()).adjusted(2, 2, -2, -2), self._state[1])


def _flow(painter: QPainter, box: QRectF, ink: str, theme: Theme) -> None:
    half = box.width() / 2
    for left in (box.left(), box.left() + half):
        tip = QPointF(left + half, box.center().y())
        painter.drawPolygon(QPolygonF([QPointF(left, box.top()), tip, QPointF(left, box.bottom())]))


def _square(painter: QPainter, box: QRectF, ink: str, theme: Theme) -> None:
    painter.drawRect(box)


def _bars(painter: QPainter, box: QRectF, ink: str, theme: Theme) -> None:
    third = box.width() / 3
    painter.drawRect(QRectF(box.left(), box.top(), third, box.height()))
    painter.drawRect(QRectF(box.right() - third, box.top(), third, box.height()))


def _triangle(painter: QPainter, box: QRectF, ink: str, theme: Theme) -> None:
    painter.drawPolygon(QPolygonF([box.bottomLeft(), QPointF(box.center().x(), box.top()), box.bottomRight()]))


def _drops(painter: QPainter, box: QRectF, ink: str, theme: Theme) -> None:
    painter.drawEllipse(box.adjusted(2, 2, -2, -2))


def _cross(painter: QPainter, box: QRectF, ink: str, theme: Theme) -> None:
    painter.setPen(QPen(QColor(ink), theme.px(3)))
    painter.drawLine(box.topLeft(), box.bottomRight())
    painter.drawLine(box.topRight(), box.bottomLeft())


_SHAPES: dict[Shape, Callable[[QPainter, QRectF, str, Theme], None]] = {
    Shape.FLOW: _flow,
    Shape.SQUARE: _square,
    Shape.BARS: _bars,
    Shape.TRIANGLE: _triangle,
    Shape.DROPS: _drops,
    Shape.CROSS: _cross,
}
