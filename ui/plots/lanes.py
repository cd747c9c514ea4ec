"""One lane of the trend: a range of values with numbered lines, and how a value becomes a height."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from exomonitor.signals.vitals import Sign
from ui.plots.palette import PlotColours
from ui.plots.pyramid import Floats
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

    def ys(self, values: Floats) -> Floats:
        """The heights of many values."""
        shares = (np.minimum(np.maximum(values, self.lo), self.hi) - self.lo) / (self.hi - self.lo)
        heights: Floats = self.box.bottom() - shares * self.box.height()
        return heights

    def draw_axis(self, painter: QPainter, colours: PlotColours, apart: float = 13) -> None:
        """Numbers at the left, thin lines across, no closer than `apart` pixels of the 1366x768 layout."""
        for tick in nice_ticks(self.lo, self.hi, max(2, int(self.box.height() / colours.px(apart)))):
            y = self.y(tick)
            painter.setPen(QPen(QColor(colours.grid), colours.pen(1)))
            painter.drawLine(QPointF(self.box.left(), y), QPointF(self.box.right(), y))
            painter.setPen(QColor(self.colour))
            height, edge = colours.px(14), colours.px(3)
            # At the edges a little inside, so that it does not lie on the number of the next lane.
            middle = min(max(y, self.box.top() + edge), self.box.bottom() - edge)
            place = QRectF(0, middle - height / 2, self.box.left() - colours.px(6), height)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), f"{tick:g}")

    def draw_limit(self, painter: QPainter, colours: PlotColours, value: float) -> None:
        """An alarm limit, dotted; one outside the lane's range is not shown."""
        if self.lo <= value <= self.hi:
            painter.setPen(dashed(self.colour, DOTS, colours.pen(1.4)))
            painter.drawLine(QPointF(self.box.left(), self.y(value)), QPointF(self.box.right(), self.y(value)))

    def draw_gap(self, painter: QPainter, colours: PlotColours, begins: float, ends: float) -> None:
        """A time without data, hatched between two x."""
        brush = QBrush(QColor(colours.axis), Qt.BrushStyle.BDiagPattern)
        painter.fillRect(QRectF(begins, self.box.top(), max(2.0, ends - begins), self.box.height()), brush)


def dashed(colour: str, pattern: Sequence[float], width: float) -> QPen:
    """A broken line; flat ends, so that dots stay apart."""
    pen = QPen(QColor(colour), width)
    pen.setDashPattern(list(pattern))
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def fitted(usual: Point, seen: Sequence[Point | None], least: float, most: float, step: float = 10) -> Point:
    """The usual range, widened by what was seen (rounded outwards to `step`), within what is possible at all."""
    lo, hi = usual
    for ends in seen:
        if ends is not None:
            lo = min(lo, ends[0] // step * step)
            hi = max(hi, -(-ends[1] // step) * step)
    return max(lo, least), min(hi, most)


@dataclass(frozen=True, slots=True)
class LaneSpec:
    """What a lane of the trend is about. colour: a field of PlotColours. usual: the range shown, widened by what was
    seen, never beyond `possible`. signs: lines in this lane, the first in its colour; none for pressures and rates."""

    name: str
    unit: str
    colour: str
    share: float
    usual: Point
    possible: Point
    signs: tuple[Sign, ...] = ()
    limits: tuple[Sign, ...] = ()
    step: float = 10


HEART, SATURATION = (Sign.HR, Sign.PULSE), (Sign.SPO2,)
_PRESSURES = (Sign.NIBP_SYS, Sign.NIBP_DIA)
NIBP, RATE = "NIBP", "Rate"
STANDARD = (
    LaneSpec("HR", "/min", "hr", 0.27, (50, 130), (0, 300), HEART, (Sign.HR,)),
    LaneSpec("SpO₂", "%", "spo2", 0.22, (85, 100), (0, 100), SATURATION, SATURATION),
    LaneSpec(NIBP, "mmHg", "nibp", 0.27, (50, 170), (0, 300), (), _PRESSURES),
    LaneSpec(RATE, "mL/h", "rate", 0.24, (0, 40), (0, 2000)),
)
FULL = (
    LaneSpec("HR", "/min", "hr", 0.21, (50, 130), (0, 300), HEART, (Sign.HR,)),
    LaneSpec("SpO₂", "%", "spo2", 0.18, (85, 100), (0, 100), SATURATION, SATURATION),
    LaneSpec(NIBP, "mmHg", "nibp", 0.20, (50, 170), (0, 300), (), _PRESSURES),
    LaneSpec("RR", "/min", "resp", 0.14, (5, 30), (0, 120), (Sign.RR,), (Sign.RR,)),
    LaneSpec("Temp", "°C", "temp", 0.11, (35.5, 38.5), (25, 45), (Sign.TEMP,), (Sign.TEMP,), step=1),
    LaneSpec(RATE, "mL/h", "rate", 0.16, (0, 40), (0, 2000)),
)
