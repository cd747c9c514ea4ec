"""A set that the end set stands for is counted once, on the screen as in the summary, and raises no alarm."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from exomonitor.clinical.observations import DEFAULT_SCHEDULE, evaluate, slots
from exomonitor.engine import chair as chairs


def test_the_chair_asks_for_the_end_set_and_not_for_the_one_that_it_covers(monkeypatch, clock):
    minute = 60.0
    wanted = slots(DEFAULT_SCHEDULE, now_s=50 * minute, product_end_s=47 * minute, end_s=47 * minute)
    states = evaluate(wanted, 50 * minute, {"end": 48 * minute})
    assert [one.slot.key for one in states if one.by_end] == ["+45"]
    monkeypatch.setattr(chairs, "slot_states", lambda *_: states)
    place: Any = SimpleNamespace(expected=object(), protocol=SimpleNamespace(schedule=DEFAULT_SCHEDULE))
    keys = [one.slot.key for one in chairs.Chair.sets(place, clock.now())]
    assert "end" in keys
    assert "+45" not in keys
