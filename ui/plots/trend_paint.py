"""How the parts of a trend are painted, each by itself: axes, lines, pressures, rates, marks, cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from exomonitor.signals.vitals import Sign
from ui.plots.lanes import DASHES, Lane, dashed
from ui.plots.palette import PlotColours
from ui.plots.polygons import polygon
from ui.plots.pyramid import Line, MinMaxPyramid
from ui.plots.trend_data import Bar, Entered, RatePart, steps_to_points, time_ticks

_DENSE_MIN = 0.5
"""A pixel that stands for more than this shows a band, not a line: drawn plainly, for smoothing it is not seen."""


@dataclass(frozen=True, slots=True)
class Window:
    """From minute to minute between two pixels."""

    from_min: float
    until_min: float
    left: float
    right: float

    def x(self, minute: float) -> float:
        """Where a minute lies; also outside."""
        return self.left + (minute - self.from_min) * self.scale

    def minute(self, x: float) -> float:
        """Which minute lies there."""
        return self.from_min + (x - self.left) / self.scale

    def minutes(self, pixels: float) -> float:
        """How long so many pixels are."""
        return pixels / self.scale

    @property
    def scale(self) -> float:
        """Pixels a minute."""
        return (self.right - self.left) / (self.until_min - self.from_min)

    def shows(self, minute: float) -> bool:
        """Whether a minute lies inside."""
        return self.from_min <= minute <= self.until_min


def paint_axes(
    painter: QPainter,
    colours: PlotColours,
    lanes: Sequence[Lane],
    view: Window,
    bracket: Sequence[float],
    width: float,
) -> None:
    """Numbers of the lanes, minutes below, and the window of infusing time as a bracket."""
    for lane in lanes:
        lane.draw_axis(painter, colours)
    y, tip, wide = lanes[-1].box.bottom() + colours.px(4), colours.px(4), colours.px(60)
    painter.setPen(QColor(colours.axis))
    for minute, text in time_ticks(view.from_min, view.until_min, max(3, int((view.right - view.left) / wide))):
        x = view.x(minute)
        place = QRectF(min(x - wide / 2, width - wide), y + colours.px(5), wide, colours.px(16))
        align = Qt.AlignmentFlag.AlignRight if x + wide / 2 > width else Qt.AlignmentFlag.AlignHCenter
        painter.drawText(place, int(align | Qt.AlignmentFlag.AlignVCenter), text)
    if bracket[1] < view.from_min or bracket[0] > view.until_min:
        return
    # An end that lies outside the view has no tip: the bracket goes on there.
    first, last = (view.x(min(max(minute, view.from_min), view.until_min)) for minute in bracket)
    points = [QPointF(first, y), QPointF(last, y)]
    if view.shows(bracket[0]):
        points.insert(0, QPointF(first, y - tip))
    if view.shows(bracket[1]):
        points.append(QPointF(last, y - tip))
    painter.setPen(QPen(QColor(colours.text), colours.pen(1.5)))
    painter.drawPolyline(points)


def paint_line(
    painter: QPainter, lane: Lane, view: Window, series: MinMaxPyramid, colour: str, scale: float = 1.0
) -> None:
    """One vital sign; where several values share a pixel, all that lies between them. scale: of this screen."""
    dense = view.minutes(1) > _DENSE_MIN
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, not dense)
    painter.setPen(QPen(QColor(colour), 1))
    for line in series.lines(view.from_min, view.until_min, int(lane.box.width())):
        drawn = _as_polygon(line, lane, view)
        if drawn.size() == 1:
            painter.drawPoint(drawn.at(0))
            continue
        painter.drawPolyline(drawn)
        if dense:
            continue
        for one in range(1, max(2, round(1.8 * scale))):  # thin lines side by side cost less than a thick one
            painter.drawPolyline(drawn.translated(0, 0.8 * one))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def _as_polygon(line: Line, lane: Lane, view: Window) -> QPolygonF:
    xs = view.left + (line.minutes - view.from_min) * view.scale
    if np.array_equal(line.lo, line.hi):
        return polygon(xs, lane.ys(line.lo))
    # Up and down in turn, so that neighbours join at the near end.
    ys = np.column_stack([lane.ys(line.lo), lane.ys(line.hi)])
    ys[1::2] = ys[1::2, ::-1]
    return polygon(np.repeat(xs, 2), ys.ravel())


def paint_pressures(painter: QPainter, colours: PlotColours, lane: Lane, view: Window, bars: Sequence[Bar]) -> None:
    """Each measurement from diastolic to systolic, with open ends; one that a person typed is broken, with rings."""
    half, thick = colours.px(4), colours.pen(1.6)
    for bar in bars:
        painter.setPen(dashed(colours.text, [2.0, 2.0], thick) if bar.source else QPen(QColor(lane.colour), thick))
        x, top, bottom = view.x(bar.minute), lane.y(bar.systolic), lane.y(bar.diastolic)
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        if bar.source:
            for y in (top, bottom):
                paint_ring(painter, colours, x, y)
            continue
        for y, away in ((top, -half), (bottom, half)):
            painter.drawPolyline([QPointF(x - half, y + away), QPointF(x, y), QPointF(x + half, y + away)])


def paint_ring(painter: QPainter, colours: PlotColours, x: float, y: float) -> None:
    """A value that a person entered: an open ring, in no trace's colour."""
    painter.setPen(QPen(QColor(colours.text), colours.pen(1.6)))
    painter.setBrush(QColor(colours.background))
    painter.drawEllipse(QPointF(x, y), colours.px(3), colours.px(3))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_entered(
    painter: QPainter, colours: PlotColours, lane: Lane, view: Window, entered: Sequence[Entered], signs: Sequence[Sign]
) -> None:
    """What people entered of this lane's signs."""
    for one in entered:
        if one.sign in signs and view.shows(one.minute):
            paint_ring(painter, colours, view.x(one.minute), lane.y(one.value))


def paint_rates(
    painter: QPainter,
    colours: PlotColours,
    lane: Lane,
    view: Window,
    planned: Sequence[RatePart],
    actual: Sequence[RatePart],
    now_min: float | None,
) -> None:
    """The plan dashed, with its end; what ran in full, other fluid than product in grey."""
    painter.setPen(dashed(lane.colour, DASHES, colours.pen(1.3)))
    _paint_stairs(painter, lane, view, planned)
    if planned and now_min is not None and planned[-1].ends > now_min:
        x = view.x(planned[-1].ends)
        painter.drawLine(QPointF(x, lane.y(planned[-1].rate_ml_h)), QPointF(x, lane.box.bottom()))
    painter.setPen(QPen(QColor(lane.colour), colours.pen(2.2)))
    _paint_stairs(painter, lane, view, [part for part in actual if part.product])
    painter.setPen(QPen(QColor(colours.axis), colours.pen(1.5)))
    _paint_stairs(painter, lane, view, [part for part in actual if not part.product])


def _paint_stairs(painter: QPainter, lane: Lane, view: Window, parts: Sequence[RatePart]) -> None:
    seen = [part for part in parts if part.ends >= view.from_min and part.begins <= view.until_min]
    for line in steps_to_points(seen):
        painter.drawPolyline(QPolygonF([QPointF(view.x(m), lane.y(rate)) for m, rate in line]))


def paint_cursor(painter: QPainter, colours: PlotColours, x: float, top: float, bottom: float) -> None:
    """A line through all lanes with a handle at both ends: told from the line of now by its shape."""
    half = colours.px(5)
    painter.setPen(QPen(QColor(colours.text), colours.px(2)))
    painter.drawLine(QPointF(x, top), QPointF(x, bottom))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.text))
    for y in (top, bottom):
        painter.drawRect(QRectF(x - half, y - half, 2 * half, 2 * half))
