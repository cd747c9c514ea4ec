"""One lane of the trend: a range of values with numbered lines, and how a value becomes a height."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ui.plots.palette import PlotColours
from ui.plots.trend_data import Point, nice_ticks

DOTS = [1.5, 4.0]
DASHES = [6.0, 5.0]


@dataclass(frozen=True, slots=True)
class Lane:
    """What is drawn between `top` and `bottom`, for values from `lo` to `hi`."""

    name: str
    unit: str
    colour: str
    lo: float
    hi: float
    box: QRectF

    def y(self, value: float) -> float:
        """The height of a value; one outside the range lies on the edge."""
        share = (min(max(value, self.lo), self.hi) - self.lo) / (self.hi - self.lo)
        return self.box.bottom() - share * self.box.height()

    def draw_axis(self, painter: QPainter, colours: PlotColours, apart: float = 13) -> None:
        """Numbers at the left, thin lines across, no closer than `apart` pixels of the 1366x768 layout."""
        for tick in nice_ticks(self.lo, self.hi, max(2, int(self.box.height() / colours.px(apart)))):
            y = self.y(tick)
            painter.setPen(QPen(QColor(colours.grid), 1))
            painter.drawLine(QPointF(self.box.left(), y), QPointF(self.box.right(), y))
            painter.setPen(QColor(self.colour))
            height = colours.px(14)
            place = QRectF(0, y - height / 2, self.box.left() - colours.px(6), height)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), f"{tick:g}")

    def draw_limit(self, painter: QPainter, value: float) -> None:
        """An alarm limit, dotted; one outside the lane's range is not shown."""
        if self.lo <= value <= self.hi:
            painter.setPen(dashed(self.colour, DOTS, 1.4))
            painter.drawLine(QPointF(self.box.left(), self.y(value)), QPointF(self.box.right(), self.y(value)))


def dashed(colour: str, pattern: Sequence[float], width: float) -> QPen:
    """A broken line; flat ends, so that dots stay apart."""
    pen = QPen(QColor(colour), width)
    pen.setDashPattern(list(pattern))
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def fitted(usual: Point, seen: Sequence[Point | None], least: float, most: float) -> Point:
    """The usual range, widened by what was seen (rounded outwards to tens), within what is possible at all."""
    lo, hi = usual
    for ends in seen:
        if ends is not None:
            lo = min(lo, ends[0] // 10 * 10)
            hi = max(hi, -(-ends[1] // 10) * 10)
    return max(lo, least), min(hi, most)
