"""The session's trend: vital signs, pressures, and the rate against its plan, by minutes since the start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from exomonitor.clock import Instant
from exomonitor.session.state import SessionState
from exomonitor.session.timing import Progress
from exomonitor.signals.vitals import Sign
from ui.plots.lanes import NIBP, RATE, STANDARD, Lane, LaneSpec, fitted
from ui.plots.palette import DARK_PLOT, PlotColours
from ui.plots.pyramid import Floats, MinMaxPyramid
from ui.plots.trend_data import (
    Bar,
    Entered,
    RatePart,
    actual_rates,
    entered_values,
    merged,
    minute_of,
    planned_rates,
    pressure_bars,
    rate_at,
)
from ui.plots.trend_events import SIGNS, GapSeen, Mark, MarkKind, legend, session_gaps, session_marks
from ui.plots.trend_marks import SIGN_ROW, paint_marks
from ui.plots.trend_paint import (
    Window,
    paint_axes,
    paint_cursor,
    paint_entered,
    paint_line,
    paint_pressures,
    paint_rates,
)
from ui.presenters.trend import ReadByHand, Reading

LINES = (Sign.HR, Sign.PULSE, Sign.SPO2, Sign.RR, Sign.TEMP)
_LEFT, _RIGHT, _TOP, _BOTTOM, _BETWEEN = 42, 12, 8, 28, 10
_WORD_ROW = 13
_SHORTEST_MIN = 60.0
_NEAR_PX = 7
"""An event this close to the cursor is read with it."""
_LONGEST_STEP_S = 5.0


class TrendView(QWidget):
    """Draws what it was given; repaints as the line of now moves, once a second at most, or when something happened."""

    cursor_moved = Signal()

    def __init__(self, colours: PlotColours = DARK_PLOT, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(240, 150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Session trend")
        self._colours = colours
        self._window = (30.0, 60.0)
        self._specs: tuple[LaneSpec, ...] = STANDARD
        self._span: float | None = None
        self._part: tuple[float, float] | None = None
        self.clear()

    def clear(self) -> None:
        """Forget the session that was shown."""
        self._series = {sign: MinMaxPyramid() for sign in LINES}
        self._session = ""
        self._started: Instant | None = None
        self._bars: list[Bar] = []
        self._set_bars: list[Bar] = []
        self._entered: list[Entered] = []
        self._marks: list[Mark] = []
        self._told = ("", -1)
        self._gaps: list[GapSeen] = []
        self._planned: list[RatePart] = []
        self._actual: list[RatePart] = []
        self._limits: dict[Sign, tuple[float | None, float | None]] = {}
        self._now_min: float | None = None
        self._paused_min = 0.0
        self._cursor: float | None = None
        self._shown: tuple[str, int, int] = ("", 0, 0)
        self.update()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def set_colours(self, colours: PlotColours) -> None:
        """Another theme."""
        self._colours = colours
        self.update()

    def set_window(self, shortest_min: float, longest_min: float) -> None:
        """The protocol's window of infusing time, drawn as a bracket under the axis."""
        self._window = (shortest_min, longest_min)
        self.update()

    def set_lanes(self, specs: Sequence[LaneSpec]) -> None:
        """Which lanes there are, from the top."""
        self._specs = tuple(specs)
        self.update()

    def set_span(self, last_min: float | None) -> None:
        """Show the last so many minutes; None = the whole session."""
        self._span, self._part = last_min, None
        self.update()

    def show_part(self, from_min: float, until_min: float) -> None:
        """Show exactly these minutes, until the next set_span."""
        self._part = (from_min, until_min)
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
        shown = (state.id, state.last_seq, self._step(state, now))
        if shown == self._shown:
            return
        self._shown, self._started = shown, state.started
        self._planned, self._actual = planned_rates(state, now), actual_rates(state, now)
        if (state.id, state.last_seq) != self._told:  # all of the journal is looked through: only when it has grown
            self._told = state.id, state.last_seq
            self._set_bars, self._entered = pressure_bars(state), entered_values(state, LINES)
            self._marks, self._gaps = session_marks(state), session_gaps(state)
        self._now_min = minute_of(state, now) if state.phase.is_open else None
        self._paused_min = (progress.elapsed_s - progress.infusing_s) / 60 if progress is not None else 0.0
        self.update()

    def _step(self, state: SessionState, now: Instant) -> int:
        """Another number where the line of now has moved by a pixel that can be seen, or for some seconds has not."""
        view = self.view()
        pixel_s = 60 * view.minutes(1 / self.devicePixelRatioF()) if view.scale > 0 else 0.0
        passed_s = now.mono_ns / 1e9 if state.started is None else now.since(state.started)
        return int(passed_s / min(max(pixel_s, 1.0), _LONGEST_STEP_S))

    def add_vitals(self, minute: float, values: Mapping[Sign, float | None]) -> None:
        """Vital signs at a minute since the start; None = not known then. Pressures: see add_pressure."""
        for sign, series in self._series.items():
            series.add(minute, values.get(sign))

    def add_line(self, sign: Sign, minutes: Floats, values: Floats) -> None:
        """Many values of one sign at once."""
        if sign in self._series:
            self._series[sign].add_all(minutes, values)
            self.update()

    def add_pressure(self, minute: float, systolic: float, diastolic: float) -> None:
        """One measurement in mmHg at the minute it was taken; the same one again changes nothing."""
        bar = Bar(minute, systolic, diastolic)
        if minute >= 0 and not any(abs(b.minute - minute) < 0.05 for b in self._bars):
            self._bars.append(bar)
            self.update()

    # --- the cursor --------------------------------------------------------------------------------------------------

    def move_cursor(self, steps: int) -> None:
        """To the left (below 0) or right; the first step shows it at the newest moment."""
        view = self.view()
        step = (view.until_min - view.from_min) / 60
        if self._cursor is None:
            self._set_cursor(self._now_min if self._now_min is not None else view.until_min)
        else:
            self._set_cursor(self._cursor + steps * step)

    def drop_cursor(self) -> bool:
        """No cursor any more; False when there was none."""
        if self._cursor is None:
            return False
        self._cursor = None
        self.cursor_moved.emit()
        self.update()
        return True

    def reading(self) -> Reading | None:
        """All that is known at the cursor; None without one, or before the start."""
        if self._cursor is None or self._started is None:
            return None
        started, minute, view = self._started, self._cursor, self.view()
        near = view.minutes(self._colours.px(_NEAR_PX))
        values = {sign: self._series[sign].near(minute) for sign in LINES}
        if values.get(Sign.PULSE) is None or values.get(Sign.HR) is not None:
            values.pop(Sign.PULSE, None)
        bars = [bar for bar in self._all_bars() if bar.minute <= minute]
        pressure = None
        if bars:
            last = bars[-1]
            pressure = started.plus(last.minute * 60), last.systolic, last.diastolic, last.source
        by_hand = {
            one.sign: ReadByHand(started.plus(one.minute * 60), one.value, one.source)
            for one in self._entered
            if one.minute <= minute + near and (values.get(one.sign) is None or minute - one.minute <= near)
        }
        ran, planned = rate_at(self._actual, minute), rate_at(self._planned, minute)
        return Reading(
            started.plus(minute * 60), minute, values, pressure,
            ran.rate_ml_h if ran is not None else None, planned.rate_ml_h if planned is not None else None,
            tuple(mark.words for mark in self._marks if abs(mark.minute - minute) <= near), by_hand,
        )  # fmt: skip

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A touch in the lanes puts the cursor there; one on the numbers at the left takes it away."""
        view, x = self.view(), event.position().x()
        if x < view.left - self._colours.px(8):
            self.drop_cursor()
        else:
            self._set_cursor(view.minute(x))

    def _set_cursor(self, minute: float) -> None:
        view = self.view()
        latest = view.until_min if self._now_min is None else min(view.until_min, self._now_min)
        self._cursor = min(max(minute, view.from_min), latest)
        self.cursor_moved.emit()
        self.update()

    # --- painting ----------------------------------------------------------------------------------------------------

    def legend(self) -> str:
        """What is drawn, in words."""
        typed = bool(self._entered) or any(bar.source for bar in self._set_bars)
        return legend(self._marks, by_hand=typed)

    def sizeHint(self) -> QSize:
        """Room for four lanes."""
        return QSize(760, 300)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Axes, limits, plan, what was given, pressures, lines, marks, and the line of now."""
        colours, view = self._colours, self.view()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.background))
        painter.setFont(self._font())
        lanes = self._lanes(view)
        top, bottom = lanes[0].box.top(), lanes[-1].box.bottom()
        bracket = tuple(minute + self._paused_min for minute in self._window)
        paint_axes(painter, colours, lanes, view, bracket, self.width())
        painter.setClipRect(QRectF(view.left, 0, view.right - view.left + 1, self.height()))
        for lane, spec in zip(lanes, self._specs, strict=True):
            for gap in self._gaps:
                if gap.of_pump == (spec.name == RATE):
                    lane.draw_gap(painter, colours, view.x(gap.begins), view.x(gap.ends))
            for sign in spec.limits:
                for limit in self._limits.get(sign, (None, None)):
                    if limit is not None:
                        lane.draw_limit(painter, colours, limit)
            if spec.name == RATE:
                paint_rates(painter, colours, lane, view, self._planned, self._actual, self._now_min)
            elif spec.name == NIBP:
                paint_pressures(painter, colours, lane, view, self._all_bars())
            for place, sign in enumerate(spec.signs):
                colour = colours.spo2 if sign is Sign.PULSE and place else lane.colour
                paint_line(painter, lane, view, self._series[sign], colour, colours.scale)
            paint_entered(painter, colours, lane, view, self._entered, spec.signs)
        painter.setClipping(False)
        paint_marks(painter, colours, self._marks, view, top, bottom, self._now_min)
        if self._cursor is not None and view.from_min <= self._cursor <= view.until_min:
            paint_cursor(painter, colours, view.x(self._cursor), top, bottom)
        painter.end()

    def view(self) -> Window:
        """The minutes that are shown, and between which pixels."""
        colours = self._colours
        left, right = float(colours.px(_LEFT)), float(self.width() - colours.px(_RIGHT))
        if self._part is not None:
            return Window(*self._part, left, right)
        if self._span is None:
            return Window(0.0, self.until_min(), left, right)
        latest = max(self._latest(), self._span)
        return Window(latest - self._span, latest, left, right)

    def until_min(self) -> float:
        """The minute at the right edge of the whole session: an hour, or as far as plan and session reach."""
        ends = [_SHORTEST_MIN, self._window[1] + self._paused_min, *(part.ends for part in self._planned)]
        latest = max([*ends, self._latest()])
        return latest if latest <= _SHORTEST_MIN else -(-latest // 5) * 5

    def _latest(self) -> float:
        """The minute up to which something is known."""
        ends = [part.ends for part in self._actual]
        return max([*ends, self._now_min if self._now_min is not None else 0.0])

    def _lanes(self, view: Window) -> list[Lane]:
        colours = self._colours
        between = colours.px(_BETWEEN)
        kinds = {mark.kind for mark in self._marks}
        rows = (SIGN_ROW if kinds & SIGNS.keys() else 0) + (_WORD_ROW if MarkKind.LINE in kinds else 0)
        top = float(colours.px(_TOP + rows))
        room = self.height() - top - colours.px(_BOTTOM) - (len(self._specs) - 1) * between
        lanes = []
        for spec in self._specs:
            box = QRectF(view.left, top, view.right - view.left, room * spec.share)
            lanes.append(Lane(spec.name, spec.unit, getattr(colours, spec.colour), *self._range(spec), box))
            top += box.height() + between
        return lanes

    def _range(self, spec: LaneSpec) -> tuple[float, float]:
        if spec.name == RATE:
            rates = [part.rate_ml_h for part in (*self._planned, *self._actual)]
            return 0.0, max([spec.usual[1], *rates]) * 1.12
        if spec.name == NIBP:
            seen = [(bar.diastolic, bar.systolic) for bar in self._all_bars()]
            return fitted(spec.usual, seen, *spec.possible)
        return fitted(spec.usual, [self._series[sign].ends() for sign in spec.signs], *spec.possible, spec.step)

    def _all_bars(self) -> list[Bar]:
        return merged([*self._bars, *self._set_bars])

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(self._colours.px(13))
        return font
