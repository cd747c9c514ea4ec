"""The session's trend: what is given to it, and that it draws neither across gaps nor what is not known."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor

from exomonitor.clinical.rates import constant_plan
from exomonitor.session.timing import progress
from exomonitor.signals.vitals import Sign
from tests.ui.made_sessions import ORDER, at, filled, running, with_reaction
from ui.plots.palette import DARK_PLOT, plot_colours
from ui.plots.pyramid import MinMaxPyramid
from ui.plots.rate_preview import RatePreview
from ui.plots.trend import TrendView
from ui.plots.trend_data import (
    Bar,
    actual_rates,
    merged,
    nice_ticks,
    planned_rates,
    pressure_bars,
)
from ui.theme import DARK


def test_a_silence_longer_than_a_reporting_interval_breaks_the_line():
    series = MinMaxPyramid()
    for tick in range(120):
        minute = tick / 12  # every five seconds
        if not 4.0 < minute < 4.35:  # a cable out for 20 s
            series.add(minute, 80.0)
    assert len(list(series.lines(0, 60, 700))) == 2


def test_unknown_values_and_times_before_the_start_leave_nothing():
    series = MinMaxPyramid()
    series.add(1.0, None)
    series.add(-3.0, 80.0)
    assert series.ends() is None
    assert list(series.lines(0, 60, 700)) == []


def test_a_time_that_no_visit_reaches_leaves_nothing_and_costs_nothing():
    series = MinMaxPyramid()
    for year_min in (525_600.0, 5e8):  # a damaged date
        series.add(year_min, 200.0)
        series.add_all(np.array([1.0, year_min]), np.array([80.0, 200.0]))
    assert series.ends() == (80.0, 80.0)
    assert [line.minutes.size for line in series.lines(0, 60, 700)] == [1]


@given(st.lists(st.tuples(st.floats(0, 200), st.floats(20, 300)), min_size=1, max_size=200))
def test_however_coarse_the_plot_the_extremes_are_in_it(points: list[tuple[float, float]]):
    series = MinMaxPyramid()
    for minute, value in points:
        series.add(minute, value)
    drawn = [v for line in series.lines(0, 200, 50) for v in (*line.lo, *line.hi)]
    assert (min(drawn), max(drawn)) == series.ends()


def test_the_plan_waits_while_the_pump_stands_and_goes_on_from_now():
    parts = planned_rates(running(24, pause=(18, 21)), at(24))
    assert [(p.begins, p.ends) for p in parts[:2]] == [(0.0, 5.0), (5.0, 15.0)]
    assert parts[2].ends == pytest.approx(18)
    assert parts[3].begins == pytest.approx(21)
    assert parts[3].ends == pytest.approx(48, abs=0.05)


def test_before_the_start_the_plan_stands_as_ordered():
    assert [p.rate_ml_h for p in planned_rates(filled(), at(0))] == [41.4, 82.8, 165.5]


def test_actual_rates_end_now():
    parts = actual_rates(running(18), at(18))
    assert parts[-1].ends == pytest.approx(18)
    assert parts[-1].rate_ml_h == 165.5


def test_one_measurement_told_twice_is_one_bar():
    assert len(merged([Bar(5.0, 118, 74), Bar(5.5, 118, 74), Bar(10, 118, 74)])) == 2
    assert [bar.minute for bar in pressure_bars(running(18))] == [5, 10, 15]


@given(st.floats(0, 100), st.floats(1, 500), st.integers(2, 9))
def test_ticks_are_few_and_inside(lo: float, span: float, most: int):
    ticks = nice_ticks(lo, lo + span, most)
    assert len(ticks) <= max(2, most)
    assert all(lo - 1e-6 <= tick <= lo + span + 1e-6 for tick in ticks)


@pytest.fixture
def trend(qtbot) -> TrendView:
    view = TrendView(plot_colours(DARK))
    qtbot.addWidget(view)
    view.resize(700, 320)
    return view


def has_colour(view: TrendView, colour: str) -> bool:
    image, wanted = view.grab().toImage(), QColor(colour)
    return any(image.pixelColor(x, y) == wanted for x in range(50, image.width()) for y in range(image.height()))


def test_a_running_session_is_drawn_with_all_its_parts(trend):
    state = with_reaction(running(24, pause=(18, 21)), 16.5)
    trend.set_state(state, progress(state, at(24), None), at(24))
    trend.set_limits({Sign.SPO2: (90, None), Sign.HR: (50, 120)})
    for tick in range(24 * 12):
        trend.add_vitals(tick / 12, {Sign.HR: 80.0 + tick % 3, Sign.SPO2: 97.0})
    trend.add_pressure(20, 92, 60)
    assert has_colour(trend, DARK.rate)
    assert has_colour(trend, DARK.text)
    assert trend.until_min() >= 60 + 3


def test_another_session_empties_the_trend(trend):
    from dataclasses import replace

    trend.set_state(running(10), None, at(10))
    trend.add_vitals(5, {Sign.HR: 80.0})
    trend.set_state(replace(running(10), id="other"), None, at(10))
    assert trend._series[Sign.HR].ends() is None


def repaints(trend, change) -> bool:
    """Whether something is painted because of it."""
    painted = []
    trend.update = lambda *_: painted.append(True)
    change()
    return bool(painted)


def test_the_trend_is_painted_anew_when_now_has_moved_by_a_pixel_and_not_before(trend):
    state = running(10)
    trend.set_state(state, None, at(10))  # an hour on 646 pixels: 5.6 s each, but five seconds are the longest
    assert not repaints(trend, lambda: trend.set_state(state, None, at(10 + 4 / 60)))
    assert repaints(trend, lambda: trend.set_state(state, None, at(10 + 5 / 60)))
    trend.set_span(5)  # 0.5 s a pixel: a second
    trend.set_state(state, None, at(10 + 5.1 / 60))
    assert not repaints(trend, lambda: trend.set_state(state, None, at(10 + 5.9 / 60)))
    assert repaints(trend, lambda: trend.set_state(state, None, at(10 + 6 / 60)))


def test_an_entry_and_a_pressure_are_painted_at_once(trend):
    from dataclasses import replace

    state = running(10)
    trend.set_state(state, None, at(10))
    assert repaints(trend, lambda: trend.set_state(replace(state, last_seq=state.last_seq + 1), None, at(10)))
    assert repaints(trend, lambda: trend.add_pressure(9, 92, 60))
    assert not repaints(trend, lambda: trend.add_pressure(9, 92, 60))


def test_the_axis_grows_with_the_session(trend):
    state = running(18)
    trend.set_state(state, None, at(83))
    assert trend.until_min() == 85


def test_a_plan_or_words_in_its_place(qtbot):
    preview = RatePreview(DARK_PLOT)
    qtbot.addWidget(preview)
    preview.resize(600, 200)
    preview.show_plan(None, "Type dose, volume and minutes")
    empty = preview.grab().toImage()
    preview.show_plan(ORDER.rate_plan(), "ends 14:44")
    assert preview.grab().toImage() != empty
    preview.show_plan(constant_plan(Decimal(100), Decimal(45)), "ends 14:44")
    preview.grab()
