"""The trend as vectors: axes with numbers and units, the plan dashed, pauses shaded, gaps hatched, reactions marked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.graphics.shapes import Drawing, Group, Polygon
from reportlab.lib import colors

from exomonitor.exports.material import Material
from exomonitor.exports.report_lost import readings_in_doubt
from exomonitor.exports.report_series import BREAK_S, Picture, Point, Span
from exomonitor.exports.report_shapes import hatched, line, polyline, rect, words
from exomonitor.exports.report_style import BOLD, FAINT, INK, RULE

LEFT, RIGHT, BOTTOM, TOP = 30.0, 6.0, 20.0, 9.0
BETWEEN = 7.0
LABEL_SIZE = 5.2
MOST_POINTS = 1500
LEGEND = "minutes since the start   ▲ set   R reaction   grey = paused   hatched = no data   dotted = alarm limits"
LOST = "   blank = not measured or lost"
_TICK_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440)
_PAUSE, _GAP = colors.HexColor("#e3e3e3"), colors.HexColor("#666666")


@dataclass(frozen=True, slots=True)
class Trace:
    """One sign in a panel: its line's width and dashes."""

    name: str
    width: float = 0.8
    dash: tuple[float, ...] = ()
    dots: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """One strip of the trend: what it shows, in which unit, and the range it shows at least."""

    title: str
    traces: tuple[Trace, ...]
    lo: float
    hi: float
    step: float
    weight: float = 1.0


HR = Panel("HR /min (pulse dashed)", (Trace("hr"), Trace("pulse", 0.5, (2, 1.5))), 50, 110, 20)
SPO2 = Panel("SpO₂ %", (Trace("spo2"),), 88, 100.5, 4)
NIBP = Panel(
    "NIBP mmHg (sys ▪, dia dashed)",
    (Trace("nibp_sys", dots=True), Trace("nibp_dia", 0.6, (2, 1.5), dots=True)),
    50,
    150,
    25,
)
RESP_TEMP = Panel("RR /min", (Trace("rr"),), 8, 28, 8, 0.6)
RATE = Panel("Rate mL/h (planned dashed)", (), 0, 50, 50)
SMALL_TREND, FULL_TREND = (HR, SPO2, NIBP, RATE), (HR, SPO2, NIBP, RESP_TEMP, RATE)


class _Frame:
    """Where a panel stands on the drawing, and its scales."""

    def __init__(
        self, box: tuple[float, float, float, float], seconds: tuple[float, float], values: tuple[float, float]
    ) -> None:
        self.left, self.bottom, self.right, self.top = box
        self._first, self._last = seconds
        self.lo, self.hi = values

    def x(self, seconds: float) -> float:
        """Seconds since the start to points, kept inside the frame."""
        part = (seconds - self._first) / (self._last - self._first)
        return self.left + min(1.0, max(0.0, part)) * (self.right - self.left)

    def y(self, value: float) -> float:
        """A value to points, kept inside the frame."""
        part = (value - self.lo) / (self.hi - self.lo)
        return self.bottom + min(1.0, max(0.0, part)) * (self.top - self.bottom)

    def place(self, point: Point) -> tuple[float, float]:
        """Where a point that has a value stands."""
        assert point.value is not None
        return self.x(point.s), self.y(point.value)

    def box(self, span: Span, least: float) -> tuple[float, float, float, float]:
        """A span over the whole height, at least so many points wide."""
        left = self.x(span.began)
        return left, self.bottom, max(self.x(span.ended) - left, least), self.top - self.bottom


def trend(material: Material, picture: Picture, panels: Sequence[Panel], width: float, height: float) -> Drawing:
    """The drawing of these panels over a common time axis in minutes since the start."""
    drawing = Drawing(width, height)
    limits = _limits(material)
    room = height - BOTTOM - TOP - BETWEEN * (len(panels) - 1)
    share = room / sum(panel.weight for panel in panels)
    top = height - TOP
    for panel in panels:
        bottom = top - share * panel.weight
        values = _rate_range(picture) if panel is RATE else _range(panel, picture)
        frame = _Frame((LEFT, bottom, width - RIGHT, top), (picture.first_s, picture.last_s), values)
        drawing.add(_panel(panel, frame, picture, limits))
        top = bottom - BETWEEN
    drawing.add(_time_axis(picture, width, LEGEND + LOST * bool(readings_in_doubt(material))))
    return drawing


def _panel(panel: Panel, frame: _Frame, picture: Picture, limits: dict[str, list[float]]) -> Group:
    group = Group()
    for span in picture.pauses:
        group.add(rect(frame.box(span, 0.5), fill=_PAUSE))
    for span in picture.gaps:
        group.add(hatched(frame.box(span, 1.5), _GAP))
    _axis(group, panel, frame)
    for trace in panel.traces:
        for limit in limits.get(trace.name, []):
            if frame.lo < limit < frame.hi:
                y = frame.y(limit)
                group.add(line(frame.left, y, frame.right, y, 0.3, FAINT, (0.6, 1.6)))
        _draw(group, trace, frame, picture)
    if panel is RATE:
        _steps(group, frame, picture.planned, 0.7, (3, 2))
        _steps(group, frame, picture.rate, 0.9, ())
    for span in picture.reactions:
        x = frame.x(span.began)
        group.add(line(x, frame.bottom, x, frame.top, 1.0, INK))
        if panel is HR:
            group.add(rect((x + 0.8, frame.top - 7, 9, 6.5), fill=colors.white))
            group.add(words(x + 1.2, frame.top - 6, span.word, 6, font=BOLD))
    return group


def _axis(group: Group, panel: Panel, frame: _Frame) -> None:
    height = frame.top - frame.bottom
    group.add(rect((frame.left, frame.bottom, frame.right - frame.left, height), stroke=RULE, width=0.4))
    step = _nice_step(frame.hi - frame.lo, height) if panel is RATE else panel.step
    # Where a strip is low, fewer numbers: they must not touch each other.
    while height * step / (frame.hi - frame.lo) < LABEL_SIZE * 1.2:
        step *= 2
    for number in range(math.ceil(frame.lo / step), math.floor(frame.hi / step) + 1):
        y = frame.y(number * step)
        group.add(line(frame.left - 2, y, frame.left, y, 0.4, RULE))
        group.add(words(frame.left - 3, y - LABEL_SIZE * 0.35, f"{number * step:g}", LABEL_SIZE, anchor="end"))
    group.add(words(frame.left + 2, frame.top + 1.2, panel.title, LABEL_SIZE, font=BOLD))


def _draw(group: Group, trace: Trace, frame: _Frame, picture: Picture) -> None:
    for points in picture.lines.get(trace.name, []):
        # Cuff pressures are minutes apart by nature and are joined; other signs break where nothing was measured.
        for run in _runs(_thinned(points), math.inf if trace.dots else BREAK_S):
            if len(run) > 1:
                width = trace.width * (0.4 if trace.dots else 1)
                group.add(polyline([frame.place(p) for p in run], width, trace.dash))
            if trace.dots or len(run) == 1:
                for x, y in map(frame.place, run):
                    group.add(rect((x - 0.8, y - 0.8, 1.6, 1.6), fill=INK))
    for x, y in map(frame.place, picture.dots.get(trace.name, [])):
        group.add(rect((x - 1.4, y - 1.4, 2.8, 2.8), fill=colors.white, stroke=INK))


def _steps(group: Group, frame: _Frame, points: Sequence[Point], width: float, dash: tuple[float, ...]) -> None:
    if len(points) > 1:
        group.add(polyline([frame.place(p) for p in points], width, dash))


def _runs(points: Sequence[Point], most_s: float) -> list[list[Point]]:
    """Points that belong to one line: broken at missing values and at silence."""
    runs: list[list[Point]] = []
    last: Point | None = None
    for point in points:
        if point.value is None:
            last = None if most_s is not math.inf else last
            continue
        if last is None or point.s - last.s > most_s or not runs:
            runs.append([])
        runs[-1].append(point)
        last = point
    return runs


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    """At most about MOST_POINTS points; of each bucket the lowest and the highest stay, and every missing one."""
    if len(points) <= MOST_POINTS:
        return points
    size = math.ceil(len(points) / (MOST_POINTS / 2))
    kept: list[Point] = []
    for start in range(0, len(points), size):
        bucket = points[start : start + size]
        values = [p for p in bucket if p.value is not None]
        chosen = {p.s for p in bucket if p.value is None}
        if values:
            chosen |= {min(values, key=_value).s, max(values, key=_value).s, values[0].s, values[-1].s}
        kept += [p for p in bucket if p.s in chosen]
    return kept


def _value(point: Point) -> float:
    return point.value if point.value is not None else 0.0


def _range(panel: Panel, picture: Picture) -> tuple[float, float]:
    values = [
        p.value
        for trace in panel.traces
        for points in (*picture.lines.get(trace.name, []), picture.dots.get(trace.name, []))
        for p in points
        if p.value is not None
    ]
    half = panel.step / 2
    # A value on the very edge of the frame would look like no value.
    lo = min([panel.lo, *(math.floor((v - half / 4) / half) * half for v in values)])
    hi = max([panel.hi, *(math.ceil((v + half / 4) / half) * half for v in values)])
    return lo, SPO2.hi if panel is SPO2 else hi


def _rate_range(picture: Picture) -> tuple[float, float]:
    rates = [p.value for p in (*picture.rate, *picture.planned) if p.value is not None]
    return 0.0, max([10.0, *rates]) * 1.12


def _nice_step(span: float, height: float) -> float:
    wanted = span / max(2.0, height / (LABEL_SIZE * 2.5))
    power = 10.0 ** math.floor(math.log10(wanted))
    return next((m * power for m in (1, 2, 5) if m * power >= wanted), 10 * power)


def _time_axis(picture: Picture, width: float, legend: str) -> Group:
    group = Group()
    frame = _Frame((LEFT, 0, width - RIGHT, 1), (picture.first_s, picture.last_s), (0, 1))
    minutes = (picture.last_s - picture.first_s) / 60
    step = next((m for m in _TICK_MINUTES if minutes / m <= 14), math.ceil(minutes / 14))
    for number in range(math.ceil(picture.first_s / 60 / step), math.floor(picture.last_s / 60 / step) + 1):
        x = frame.x(number * step * 60)
        group.add(line(x, BOTTOM, x, BOTTOM - 2, 0.4, RULE))
        group.add(words(x, BOTTOM - 8, f"{number * step:g}", LABEL_SIZE, anchor="middle"))
    group.add(words(LEFT, 1, legend, LABEL_SIZE, ink=FAINT))
    for at in picture.sets:
        if picture.first_s <= at <= picture.last_s:
            x = frame.x(at)
            group.add(Polygon([x - 1.6, BOTTOM - 3, x + 1.6, BOTTOM - 3, x, BOTTOM], fillColor=INK, strokeColor=None))
    return group


def _limits(material: Material) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for row in (row for row in material.protocol.alarm_rows if not row.reaction_only):
        found.setdefault(row.sign, []).append(row.threshold)
    return found
