"""The budget of frames in a second: exact in any window, whatever the rhythm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.transport.budget import Budget
from exomonitor.clock import NS, ManualClock

START = ManualClock().now()


def taken(per_s: float, moments: list[float]) -> list[float]:
    budget = Budget(per_s)
    sent = []
    for t in moments:
        at = START.plus(t)
        if budget.may_send(at):
            budget.spend(at)
            sent.append(t)
    return sent


@given(
    per_s=st.sampled_from([0.2, 0.5, 1.0, 2.5, 3.0, 10.0]),
    gaps=st.lists(st.floats(0.0, 0.4), min_size=1, max_size=200),
)
def test_no_window_of_a_second_holds_more_frames_than_the_budget(per_s: float, gaps: list[float]) -> None:
    moments, t = [], 0.0
    for gap in gaps:
        t = round(t + gap, 6)
        moments.append(t)
    sent = taken(per_s, moments)
    most = max(1, int(per_s))
    window_ns = max(1.0, most / per_s) * NS
    for i, first in enumerate(sent):
        assert sum(round((t - first) * NS) < window_ns - 1 for t in sent[i:]) <= most


def test_what_is_free_again_is_free_at_the_moment_that_it_says() -> None:
    budget = Budget(2.0)
    for t in (0.0, 0.3):
        budget.spend(START.plus(t))
    assert not budget.may_send(START.plus(0.9))
    free_at = budget.free_at(START.plus(0.9))
    assert free_at is not None
    assert free_at.since(START) == pytest.approx(1.0)
    assert budget.may_send(free_at)


def test_a_budget_of_nothing_allows_nothing_and_a_negative_one_is_refused() -> None:
    assert not Budget(0.0).may_send(START)
    assert Budget(0.0).free_at(START) is None
    with pytest.raises(ValueError, match="less than nothing"):
        Budget(-1.0)


def test_a_frame_that_waits_is_counted_once_until_it_goes() -> None:
    budget = Budget(1.0)
    budget.spend(START)
    for _ in range(5):
        budget.hold_back()
    assert budget.held_back == 1
    budget.spend(START.plus(1.0))
    budget.hold_back()
    assert budget.held_back == 2
