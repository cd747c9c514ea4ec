"""Parts of the trend: the last minutes, events, and what the cursor reads."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt

from exomonitor.session.timing import progress
from exomonitor.signals.vitals import Sign
from tests.ui.made_sessions import at, running, with_reaction
from tests.ui.scenes import emergency
from ui.plots.lanes import FULL
from ui.plots.palette import plot_colours
from ui.plots.trend import TrendView
from ui.plots.trend_events import MarkKind, session_marks
from ui.presenters.trend import Reading, reading_words
from ui.theme import DARK


@pytest.fixture
def trend(qtbot) -> TrendView:
    view = TrendView(plot_colours(DARK))
    qtbot.addWidget(view)
    view.resize(700, 320)
    state = with_reaction(running(24, pause=(18, 21)), 16.5)
    view.set_state(state, progress(state, at(24), None), at(24))
    for tick in range(24 * 12):
        view.add_vitals(tick / 12, {Sign.HR: 80.0 + tick // 60, Sign.SPO2: 97.0})
    view.add_pressure(20, 92, 60)
    return view


@pytest.mark.parametrize(
    ("span", "view"), [(None, (0, 63)), (60.0, (0, 60)), (15.0, (9, 24))], ids=["session", "hour", "quarter"]
)
def test_the_last_minutes_end_now(trend, span, view):
    trend.set_span(span)
    shown = trend.view()
    assert (shown.from_min, pytest.approx(shown.until_min, abs=2.1)) == (pytest.approx(view[0]), view[1])
    trend.grab()


def test_the_cursor_reads_everything_at_its_moment(trend):
    trend.move_cursor(0)
    newest = trend.reading()
    assert newest is not None
    assert newest.minute == pytest.approx(24)
    trend._set_cursor(16.5)
    read = trend.reading()
    assert read is not None
    assert read.values == {Sign.HR: (83.0, 83.0), Sign.SPO2: (97.0, 97.0), Sign.RR: None, Sign.TEMP: None}
    assert read.rate == read.planned == 165.5
    assert read.pressure is not None
    assert read.pressure[1:3] == (115.0, 77.0)  # that of 15 minutes: the one of 20 had not been taken
    assert read.happened == ("✚ Reaction",)


def test_a_touch_puts_the_cursor_there_and_one_on_the_numbers_takes_it_away(qtbot, trend):
    view = trend.view()
    qtbot.mousePress(trend, Qt.MouseButton.LeftButton, pos=QPoint(round(view.x(10)), 100))
    read = trend.reading()
    assert read is not None
    assert read.minute == pytest.approx(10, abs=0.1)
    qtbot.mousePress(trend, Qt.MouseButton.LeftButton, pos=QPoint(10, 100))
    assert trend.reading() is None


def test_the_cursor_does_not_read_the_future(trend):
    trend._set_cursor(50)
    read = trend.reading()
    assert read is not None
    assert read.minute == pytest.approx(24)


def test_a_pulse_stands_in_where_there_is_no_heart_rate(trend):
    trend.clear()
    state = running(10)
    trend.set_state(state, None, at(10))
    trend.add_vitals(5.0, {Sign.PULSE: 71.0})
    trend._set_cursor(5.0)
    read = trend.reading()
    assert read is not None
    assert read.values[Sign.PULSE] == (71.0, 71.0)
    assert read.values[Sign.HR] is None


def test_all_signs_have_a_lane_in_the_full_trend(trend):
    trend.set_lanes(FULL)
    trend.add_vitals(12.0, {Sign.RR: 16.0, Sign.TEMP: 36.7})
    trend._set_cursor(12.0)
    read = trend.reading()
    assert read is not None
    assert read.values[Sign.RR] == (16.0, 16.0)
    lanes = trend._lanes(trend.view())
    assert [lane.name for lane in lanes] == ["HR", "SpO₂", "NIBP", "RR", "Temp", "Rate"]
    assert lanes[-1].box.bottom() < 320
    trend.grab()


def test_what_is_read_has_its_units_and_what_is_missing_says_so():
    reading = Reading(at(9.8), 9.8, {Sign.HR: (79, 81), Sign.TEMP: (36.6, 36.6), Sign.SPO2: None}, None, 82.8, 82.8)
    words = reading_words(reading)
    assert "minute 9.8" in words
    assert "HR 79–81 /min · Temp 36.6 °C · SpO₂ -- · NIBP -- · 82.8 mL/h, planned 82.8" in words


def test_sets_are_ticks_and_drugs_and_reactions_are_lines():
    session = emergency().session
    assert session is not None
    marks = session_marks(session)
    lines = [mark.words for mark in marks if mark.kind is MarkKind.LINE]
    assert lines == ["✚ Reaction", "Diphenhydramine 50 mg", "Saline 500 mL"]
    assert [mark.words for mark in marks if mark.kind is MarkKind.TICK] == ["Set +5", "Set +10", "Set +15"]
    assert session_marks(replace(session, started=None)) == []
