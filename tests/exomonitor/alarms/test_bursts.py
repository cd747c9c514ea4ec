"""The pulse patterns of alarm sounds against the reference vectors and the ranges they must keep."""

import json
from pathlib import Path

import pytest

from exomonitor.alarms.bursts import BURSTS, FUNDAMENTAL_HZ, HARMONICS, pulse_ms
from exomonitor.alarms.limits import Priority

VECTORS = json.loads((Path(__file__).parents[1] / "clinical" / "vectors.json").read_text(encoding="utf-8"))


def test_the_high_burst_is_ten_pulses_in_two_halves():
    vector = VECTORS["alarm_burst_high"]
    assert list(BURSTS[Priority.HIGH].starts_ms) == vector["starts_ms"]
    assert pulse_ms(Priority.HIGH) == vector["td_ms"]
    assert BURSTS[Priority.HIGH].length_ms == vector["burst_length_ms"]


def test_the_medium_burst_is_three_pulses():
    vector = VECTORS["alarm_burst_medium"]
    assert list(BURSTS[Priority.MEDIUM].starts_ms) == vector["starts_ms"]
    assert pulse_ms(Priority.MEDIUM) == vector["td_ms"]
    assert BURSTS[Priority.MEDIUM].length_ms == vector["burst_length_ms"]


def test_the_low_burst_is_one_pulse_every_thirty_seconds():
    assert (BURSTS[Priority.LOW].starts_ms, BURSTS[Priority.LOW].period_ms) == ((0,), 30_000)


def test_a_more_urgent_sound_is_never_softer_nor_rarer():
    low, medium, high = (BURSTS[priority] for priority in Priority)
    assert low.level <= medium.level <= high.level <= 1.0
    assert high.period_ms < medium.period_ms < low.period_ms


@pytest.mark.parametrize("priority", Priority)
def test_rise_and_fall_fit_into_the_pulse(priority):
    burst = BURSTS[priority]
    assert 0.1 * burst.pulse_ms <= burst.ramp_ms <= 0.2 * burst.pulse_ms


def test_four_harmonics_lie_where_the_ear_is_good():
    assert 150 <= FUNDAMENTAL_HZ <= 1000
    assert sum(300 <= FUNDAMENTAL_HZ * n <= 4000 for n in range(2, HARMONICS + 1)) >= 4


def test_priorities_have_marks_and_words():
    assert [(p.word, p.marks) for p in Priority] == [("low", "!"), ("medium", "!!"), ("high", "!!!")]
