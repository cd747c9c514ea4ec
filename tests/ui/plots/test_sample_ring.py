"""The queue between arrival and drawing: counts tell the time, gaps stay gaps, and nothing is given out twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.plots.playout import HOLD_S, LATENCY_S, SLACK_S, Playout
from ui.plots.ring_buffer import SampleRing


def ramp(first: int, count: int) -> np.ndarray:
    return np.arange(first, first + count, dtype=np.float64)


def test_samples_come_out_once_and_in_order():
    ring = SampleRing(100)
    ring.push(ramp(0, 25), 10.25)
    ring.push(ramp(25, 25), 10.50)
    first_s, taken = ring.take_until(10.30)
    assert first_s == pytest.approx(10.0)
    assert taken.tolist() == list(range(30))
    first_s, taken = ring.take_until(99)
    assert first_s == pytest.approx(10.30)
    assert taken.tolist() == list(range(30, 50))
    assert ring.take_until(99)[1].size == 0


def test_arrival_may_jitter_without_moving_the_samples():
    ring = SampleRing(100)
    ring.push(ramp(0, 25), 10.25)
    ring.push(ramp(25, 25), 10.50 + 0.3)
    ring.push(ramp(50, 25), 10.75)
    assert ring.end_s == pytest.approx(10.75)
    assert not np.isnan(ring.take_until(99)[1]).any()


def test_missing_time_becomes_missing_samples():
    ring = SampleRing(100)
    ring.push(ramp(0, 25), 10.25)
    ring.push(ramp(25, 25), 12.50)
    _, taken = ring.take_until(99)
    assert np.isnan(taken[25:-25]).all()
    assert len(taken) == 250
    assert taken[-25:].tolist() == list(range(25, 50))


def test_a_short_gap_counts_where_the_device_says_so():
    ring = SampleRing(100)
    ring.push(ramp(0, 25), 10.25)
    ring.push(ramp(25, 25), 10.70, gap_before=True)
    assert int(np.isnan(ring.take_until(99)[1]).sum()) == 20


def test_a_long_silence_begins_a_new_time_line():
    ring = SampleRing(100, seconds=5)
    ring.push(ramp(0, 25), 10.25)
    ring.push(ramp(25, 25), 100.0)
    first_s, taken = ring.take_until(999)
    assert first_s == pytest.approx(99.75)
    assert len(taken) == 25


@given(st.lists(st.integers(1, 40), min_size=1, max_size=30), st.lists(st.floats(0.01, 0.9), min_size=1, max_size=30))
def test_however_it_is_sliced_every_sample_comes_out_once(chunks: list[int], takes: list[float]):
    ring = SampleRing(50, seconds=60)
    pushed, out, reached = 0, [], 0.0
    for number, count in enumerate(chunks):
        ring.push(ramp(pushed, count), (pushed + count) / 50)
        pushed += count
        reached += takes[number % len(takes)]
        out += ring.take_until(reached)[1].tolist()
    out += ring.take_until(1e9)[1].tolist()
    assert out == list(range(pushed))


def test_what_nobody_takes_is_forgotten_oldest_first():
    ring = SampleRing(100, seconds=1)
    for number in range(30):
        ring.push(ramp(number * 10, 10), (number + 1) / 10)
    assert ring.waiting == 100
    assert ring.take_until(99)[1].tolist() == list(range(200, 300))


def test_chunks_of_a_quarter_second_play_out_smoothly_and_not_late():
    playout, arrived, steps, lag = Playout(), 0.0, [], 0.0
    for frame in range(600):
        if frame % 8 == 0:
            arrived += 0.25
            playout.arrived(arrived)
        steps.append(playout.advance(0.03125))
        assert playout.at_s is not None
        lag = max(lag, arrived - playout.at_s)
    assert lag <= LATENCY_S + SLACK_S
    assert min(steps[16:]) > 0
    assert max(steps[16:]) < 0.06


def test_late_data_are_waited_for_and_then_the_sweep_goes_on_without_them():
    playout = Playout()
    playout.arrived(1.0)
    while playout.at_s is not None and playout.at_s < 1.0:
        playout.advance(0.05)
    waited = 0.0
    while playout.advance(0.05) == 0:
        waited += 0.05
    assert waited == pytest.approx(HOLD_S, abs=0.06)
    assert playout.at_s is not None
    assert playout.at_s > 1.0


def test_a_simulation_that_runs_fast_is_followed():
    playout, arrived = Playout(), 0.0
    for _ in range(600):
        arrived += 0.3
        playout.arrived(arrived)
        playout.advance(0.03)
    assert playout.at_s is not None
    assert arrived - playout.at_s < 4


def test_another_time_line_is_noticed():
    playout = Playout()
    assert not playout.arrived(100.0)
    assert playout.arrived(5.0)
    assert playout.at_s == pytest.approx(5.0 - LATENCY_S)
