"""The moving numbers of the made-up patient and their integrals."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from devices.simulation.tracks import Ripple, Track

_seconds = st.floats(0, 500, allow_nan=False)
_moves = st.lists(st.tuples(_seconds, st.one_of(st.just(0.0), st.floats(0.1, 300)), st.floats(0, 200)), max_size=5)
_ripples = st.lists(st.builds(Ripple, st.floats(0, 0.05), st.floats(20, 300), st.floats(0, 6)), max_size=3)


def _at(track: Track, second: float) -> float:
    return float(track.value(np.array([second]))[0])


def test_a_target_is_approached_in_a_straight_line_and_kept():
    track = Track(80, [(100, 50, 130)])
    assert [_at(track, t) for t in (0, 99, 100, 125, 150, 10_000)] == [80, 80, 80, 105, 130, 130]


def test_a_newer_target_takes_over_from_the_value_of_that_moment():
    track = Track(80, [(100, 100, 180), (150, 10, 100)])
    assert [_at(track, t) for t in (150, 155, 160, 300)] == [130, 115, 100, 100]


def test_a_move_without_a_duration_is_a_step_and_another_may_follow_at_the_same_second():
    track = Track(98, [(10, 0, 90), (10, 10, 80)])
    assert [_at(track, t) for t in (9.999, 10, 15, 20)] == [98, 90, 85, 80]


@given(_moves, _ripples, _seconds, st.floats(0.5, 60))
def test_the_integral_is_what_adding_up_small_steps_gives(moves, ripples, begin, length):
    track = Track(70, moves, ripples)
    steps = 20_000
    middles = begin + (np.arange(steps) + 0.5) * (length / steps)
    added = float(track.value(middles).sum() * (length / steps))
    exact = np.diff(track.integral(np.array([begin, begin + length])))[0]
    # Each of five steps of up to 200 may fall inside one small step.
    assert abs(added - exact) < 1e-3 + 5 * 220 * length / steps


@given(_moves, _ripples)
def test_the_integral_never_falls_while_the_value_is_not_negative(moves, ripples):
    total = Track(70, moves, ripples).integral(np.linspace(0, 900, 5000))
    assert np.diff(total).min() >= -1e-6
    assert abs(total[0]) < 1e-9
