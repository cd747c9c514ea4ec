"""The pyramid under a trend: whatever part is shown at whatever size, no extreme is lost and no gap is bridged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.plots.pyramid import BIN_MIN, JOIN_MIN, MinMaxPyramid
from ui.plots.trend_data import time_ticks

moments = st.lists(st.tuples(st.floats(0, 1500), st.floats(20, 300)), min_size=1, max_size=60)


def filled(values: list[tuple[float, float]]) -> MinMaxPyramid:
    made = MinMaxPyramid()
    for minute, value in values:
        made.add(minute, value)
    return made


def drawn(pyramid: MinMaxPyramid, from_min: float, until_min: float, columns: int) -> list[float]:
    return [float(v) for line in pyramid.lines(from_min, until_min, columns) for v in (*line.lo, *line.hi)]


@given(moments)
def test_one_by_one_or_all_at_once_makes_the_same_pyramid(values):
    one, all_of_them = filled(values), MinMaxPyramid()
    all_of_them.add_all(np.array([m for m, _ in values]), np.array([v for _, v in values]))
    assert one.ends() == all_of_them.ends()
    for share in (50, 700):
        assert drawn(one, 0, 1500, share) == drawn(all_of_them, 0, 1500, share)


@given(moments, st.floats(0, 1400), st.floats(1, 1500), st.integers(20, 1500))
def test_every_value_in_sight_lies_in_what_is_drawn(values, from_min, span, columns):
    pyramid, until = filled(values), from_min + span
    lines = list(pyramid.lines(from_min, until, columns))
    for minute, value in values:
        if from_min <= minute <= until:
            assert any((line.lo <= value).any() and (line.hi >= value).any() for line in lines)


@given(st.integers(20, 900), st.floats(0.4, 30))
def test_a_silence_is_never_bridged(columns, silence):
    pyramid = MinMaxPyramid()
    minutes = np.concatenate([np.arange(0, 30, BIN_MIN), np.arange(30 + silence, 90, BIN_MIN)])
    pyramid.add_all(minutes, np.full(minutes.size, 80.0))
    wide = 90 / columns
    for line in pyramid.lines(0, 90, columns):
        assert np.diff(line.minutes).max(initial=0) <= max(JOIN_MIN, 1.6 * max(wide, BIN_MIN)) + 1e-6
    if silence > 3 * wide:
        assert len(list(pyramid.lines(0, 90, columns))) == 2


def test_a_day_is_drawn_with_about_as_many_numbers_as_pixels():
    pyramid = MinMaxPyramid()
    minutes = np.arange(86_400) / 60
    pyramid.add_all(minutes, 80 + np.sin(minutes))
    for span in (1440.0, 60.0, 15.0):
        count = sum(line.minutes.size for line in pyramid.lines(0, span, 1000))
        assert count <= 2 * 1000


def test_what_was_said_last_is_read_but_not_what_is_long_ago():
    pyramid = filled([(5.0, 80.0), (5.1, 84.0)])
    assert pyramid.near(5.15) == (84.0, 84.0)
    assert pyramid.near(5.05) == (80.0, 80.0)
    assert pyramid.near(5.6) is None
    assert pyramid.near(1.0) is None


@pytest.mark.parametrize(
    ("from_min", "until_min", "words"),
    [
        (0, 60, ["0", "10", "20", "30", "40", "50", "60 min"]),
        (2.8, 17.8, ["5", "10", "15 min"]),
        (0, 1440, ["0:00", "4:00", "8:00", "12:00", "16:00", "20:00", "24:00 h"]),
    ],
)
def test_the_axis_counts_minutes_and_hours(from_min, until_min, words):
    assert [word for _, word in time_ticks(from_min, until_min, 8)] == words
