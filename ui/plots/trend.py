"""The session's trend: heart rate, saturation, pressures, and the rate against its plan, by minutes since the start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from exomonitor.clock import Instant
from exomonitor.session.state import SessionState
from exomonitor.session.timing import Progress
from exomonitor.signals.vitals import Sign
from ui.plots.lanes import DASHES, Lane, dashed, fitted
from ui.plots.palette import DARK_PLOT, PlotColours
from ui.plots.trend_data import (
    Bar,
    BinnedSeries,
    RatePart,
    actual_rates,
    merged,
    minute_of,
    nice_ticks,
    planned_rates,
    pressure_bars,
    steps_to_points,
)

LINES = (Sign.HR, Sign.SPO2)
_LEFT, _RIGHT, _TOP, _BOTTOM, _BETWEEN = 42, 12, 18, 34, 15
_SHARES = (0.27, 0.22, 0.27, 0.24)
_SHORTEST_MIN = 60.0


class TrendView(QWidget):
    """Draws what it was given; repaints once a second at most, or when something happened."""

    def __init__(self, colours: PlotColours = DARK_PLOT, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(240, 150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Session trend")
        self._colours = colours
        self._window = (30.0, 60.0)
        self.clear()

    def clear(self) -> None:
        """Forget the session that was shown."""
        self._series = {sign: BinnedSeries() for sign in LINES}
        self._session = ""
        self._bars: list[Bar] = []
        self._set_bars: list[Bar] = []
        self._marks: list[tuple[float, str]] = []
        self._gaps: list[tuple[float, float, bool]] = []
        self._planned: list[RatePart] = []
        self._actual: list[RatePart] = []
        self._limits: dict[Sign, tuple[float | None, float | None]] = {}
        self._now_min: float | None = None
        self._paused_min = 0.0
        self._shown: tuple[str, int, int] = ("", 0, 0)
        self.update()

    def set_colours(self, colours: PlotColours) -> None:
        """Another theme."""
        self._colours = colours
        self.update()

    def set_window(self, shortest_min: float, longest_min: float) -> None:
        """The protocol's window of infusing time, drawn as a bracket under the axis."""
        self._window = (shortest_min, longest_min)
        self.update()

    def set_limits(self, limits: Mapping[Sign, tuple[float | None, float | None]]) -> None:
        """Alarm limits (low, high) by sign; None = no limit on that side."""
        if dict(limits) != self._limits:
            self._limits = dict(limits)
            self.update()

    def set_state(self, state: SessionState, progress: Progress | None, now: Instant) -> None:
        """The session as it stands at `now`: rates, plan, sets, reactions, gaps. Another session empties the trend."""
        if state.id != self._session:
            limits = self._limits
            self.clear()
            self._session, self._limits = state.id, limits
        shown = (state.id, state.last_seq, int(now.mono_ns / 1e9))
        if shown == self._shown:
            return
        self._shown = shown
        self._planned, self._actual = planned_rates(state, now), actual_rates(state, now)
        self._set_bars = pressure_bars(state)
        self._marks = _session_marks(state)
        self._gaps = _session_gaps(state)
        self._now_min = minute_of(state, now) if state.phase.is_open else None
        self._paused_min = (progress.elapsed_s - progress.infusing_s) / 60 if progress is not None else 0.0
        self.update()

    def add_vitals(self, minute: float, values: Mapping[Sign, float | None]) -> None:
        """Heart rate and saturation at a minute since the start; None = not known then. Pressures: see add_pressure."""
        for sign in LINES:
            self._series[sign].add(minute, values.get(sign))

    def add_pressure(self, minute: float, systolic: float, diastolic: float) -> None:
        """One measurement in mmHg at the minute it was taken; the same one again changes nothing."""
        bar = Bar(minute, systolic, diastolic)
        if minute >= 0 and not any(abs(b.minute - minute) < 0.05 for b in self._bars):
            self._bars.append(bar)

    def sizeHint(self) -> QSize:
        """Room for four lanes."""
        return QSize(760, 300)

    # --- painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Axes, limits, plan, what was given, pressures, lines, marks, and the line of now."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._colours.background))
        painter.setFont(self._font())
        lanes = self._lanes()
        heart, saturation, pressure, rate = lanes
        for lane in lanes:
            lane.draw_axis(painter, self._colours)
        self._draw_gaps(painter, lanes)
        self._draw_time_axis(painter, rate.box)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for lane, signs in (
            (heart, (Sign.HR,)),
            (saturation, (Sign.SPO2,)),
            (pressure, (Sign.NIBP_SYS, Sign.NIBP_DIA)),
        ):
            for sign in signs:
                for limit in self._limits.get(sign, (None, None)):
                    if limit is not None:
                        lane.draw_limit(painter, limit)
        self._draw_rates(painter, rate)
        self._draw_line(painter, heart, self._series[Sign.HR])
        self._draw_line(painter, saturation, self._series[Sign.SPO2])
        self._draw_pressures(painter, pressure)
        self._draw_marks(painter, heart.box.top(), rate.box.bottom())
        painter.end()

    def until_min(self) -> float:
        """The minute at the right edge: an hour, or as far as plan and session reach."""
        ends = [_SHORTEST_MIN, self._window[1] + self._paused_min, *(part.ends for part in self._planned)]
        ends += [part.ends for part in self._actual]
        if self._now_min is not None:
            ends.append(self._now_min)
        latest = max(ends)
        return latest if latest <= _SHORTEST_MIN else -(-latest // 5) * 5

    def _lanes(self) -> tuple[Lane, Lane, Lane, Lane]:
        colours = self._colours
        left, right = colours.px(_LEFT), self.width() - colours.px(_RIGHT)
        room = self.height() - colours.px(_TOP) - colours.px(_BOTTOM) - 3 * colours.px(_BETWEEN)
        top, boxes = float(colours.px(_TOP)), []
        for share in _SHARES:
            boxes.append(QRectF(left, top, right - left, room * share))
            top += room * share + colours.px(_BETWEEN)
        bars = [(b.diastolic, b.systolic) for b in self._all_bars()]
        highest = max([40.0, *(p.rate_ml_h for p in self._planned), *(p.rate_ml_h for p in self._actual)])
        return (
            Lane("HR", "/min", colours.hr, *fitted((50, 130), [self._series[Sign.HR].ends()], 0, 300), boxes[0]),
            Lane("SpO₂", "%", colours.spo2, *fitted((85, 100), [self._series[Sign.SPO2].ends()], 0, 100), boxes[1]),
            Lane("NIBP", "mmHg", colours.nibp, *fitted((50, 170), bars, 0, 300), boxes[2]),
            Lane("Rate", "mL/h", colours.rate, 0, highest * 1.12, boxes[3]),
        )

    def _x(self, minute: float, box: QRectF) -> float:
        return box.left() + box.width() * minute / self.until_min()

    def _all_bars(self) -> list[Bar]:
        return merged([*self._bars, *self._set_bars])

    def _draw_gaps(self, painter: QPainter, lanes: Sequence[Lane]) -> None:
        for begins, ends, of_pump in self._gaps:
            for lane in lanes[3:] if of_pump else lanes[:3]:
                x = self._x(begins, lane.box)
                width = max(2.0, self._x(ends, lane.box) - x)
                brush = QBrush(QColor(self._colours.axis), Qt.BrushStyle.BDiagPattern)
                painter.fillRect(QRectF(x, lane.box.top(), width, lane.box.height()), brush)

    def _draw_time_axis(self, painter: QPainter, box: QRectF) -> None:
        colours, until = self._colours, self.until_min()
        ticks = nice_ticks(0, until, max(3, int(box.width() / colours.px(60))))
        y = box.bottom() + colours.px(4)
        painter.setPen(QColor(colours.axis))
        for tick in ticks:
            x = self._x(tick, box)
            text = f"{tick:g} min" if tick == ticks[-1] else f"{tick:g}"
            width = colours.px(60)
            place = QRectF(min(x - width / 2, self.width() - width), y + colours.px(6), width, colours.px(16))
            align = Qt.AlignmentFlag.AlignRight if x + width / 2 > self.width() else Qt.AlignmentFlag.AlignHCenter
            painter.drawText(place, int(align | Qt.AlignmentFlag.AlignVCenter), text)
        # The window counts infusing time: pauses so far push it to the right.
        first, last = (self._x(min(m + self._paused_min, until), box) for m in self._window)
        painter.setPen(QPen(QColor(colours.text), 1.5))
        tip = colours.px(4)
        painter.drawPolyline([QPointF(first, y - tip), QPointF(first, y), QPointF(last, y), QPointF(last, y - tip)])

    def _draw_rates(self, painter: QPainter, lane: Lane) -> None:
        painter.setPen(dashed(lane.colour, DASHES, 1.3))
        self._draw_staircases(painter, lane, self._planned)
        if self._planned and self._now_min is not None and self._planned[-1].ends > self._now_min:
            x = self._x(self._planned[-1].ends, lane.box)
            painter.drawLine(QPointF(x, lane.y(self._planned[-1].rate_ml_h)), QPointF(x, lane.box.bottom()))
        painter.setPen(QPen(QColor(lane.colour), 2.2))
        self._draw_staircases(painter, lane, [part for part in self._actual if part.product])
        painter.setPen(QPen(QColor(self._colours.axis), 1.5))
        self._draw_staircases(painter, lane, [part for part in self._actual if not part.product])

    def _draw_staircases(self, painter: QPainter, lane: Lane, parts: Sequence[RatePart]) -> None:
        for line in steps_to_points(parts):
            painter.drawPolyline(QPolygonF([QPointF(self._x(m, lane.box), lane.y(rate)) for m, rate in line]))

    def _draw_line(self, painter: QPainter, lane: Lane, series: BinnedSeries) -> None:
        painter.setPen(QPen(QColor(lane.colour), 1.8))
        for line in series.lines(self.until_min(), int(lane.box.width())):
            points = [QPointF(self._x(m, lane.box), lane.y(value)) for m, value in line]
            if len(points) == 1:
                painter.drawPoint(points[0])
            else:
                painter.drawPolyline(QPolygonF(points))

    def _draw_pressures(self, painter: QPainter, lane: Lane) -> None:
        painter.setPen(QPen(QColor(lane.colour), 1.6))
        half = self._colours.px(4)
        for bar in self._all_bars():
            x, top, bottom = self._x(bar.minute, lane.box), lane.y(bar.systolic), lane.y(bar.diastolic)
            painter.drawLine(QPointF(x, top), QPointF(x, bottom))
            for y, away in ((top, -half), (bottom, half)):
                painter.drawPolyline([QPointF(x - half, y + away), QPointF(x, y), QPointF(x + half, y + away)])

    def _draw_marks(self, painter: QPainter, top: float, bottom: float) -> None:
        colours, box = self._colours, self._lanes()[0].box
        free_from = 0.0
        for minute, text in sorted(self._marks):
            x = self._x(minute, box)
            painter.setPen(QPen(QColor(colours.text), 1.4))
            painter.drawLine(QPointF(x, top - colours.px(4)), QPointF(x, bottom))
            width = painter.fontMetrics().horizontalAdvance(text)
            left = min(x - colours.px(2), self.width() - width - 2)
            if left >= free_from:  # words that would cover each other are left out, their line stays
                painter.drawText(QPointF(left, top - colours.px(6)), text)
                free_from = left + width + colours.px(8)
        if self._now_min is not None:
            painter.setPen(QPen(QColor(colours.axis), 1))
            x = self._x(self._now_min, box)
            painter.drawLine(QPointF(x, top), QPointF(x, bottom))

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(self._colours.px(13))
        return font


def _session_marks(state: SessionState) -> list[tuple[float, str]]:
    """Reactions, and the end of the product."""
    marks = []
    for reaction in state.reactions:
        minute = minute_of(state, reaction.when)
        if minute is not None:
            grade = reaction.details.grade if reaction.details is not None else None
            marks.append((minute, "✚ Reaction" + (f" grade {grade}" if grade is not None else "")))
    if state.product_end is not None and (ended := minute_of(state, state.product_end.when)) is not None:
        marks.append((ended, "Product complete" if state.product_end.outcome == "complete" else "Product stopped"))
    return marks


def _session_gaps(state: SessionState) -> list[tuple[float, float, bool]]:
    """(from, to, whether it is the pump's) in minutes."""
    found = []
    for gap in state.gaps:
        begins, ends = minute_of(state, gap.began), minute_of(state, gap.ended)
        if begins is not None and ends is not None:
            found.append((max(0.0, begins), ends, "pump" in gap.source))
    return found
