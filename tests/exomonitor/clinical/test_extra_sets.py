"""Sets after restarts, around step-ups, in reactions and after a return: our own vectors, and what stands for them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.clinical.extra_sets import Happened, ReactionSpan, StepUp, extra_words
from exomonitor.clinical.observations import (
    DEFAULT_SCHEDULE,
    END,
    MIN,
    SlotStatus,
    count_checks,
    evaluate,
    next_set,
    slots,
)

OURS = json.loads(Path(__file__).with_name("own_vectors.json").read_text(encoding="utf-8"))


def wanted(happened, now_min, end_min=None):
    end_s = None if end_min is None else end_min * MIN
    return slots(DEFAULT_SCHEDULE, now_s=now_min * MIN, product_end_s=end_s, end_s=end_s, happened=happened)


def extras(happened, now_min, end_min=None):
    return {slot.key: slot for slot in wanted(happened, now_min, end_min) if slot.extra}


def states(happened, now_min, done=(), **more):
    found = evaluate(
        wanted(happened, now_min, **more), now_min * MIN, {key: at * MIN for key, at in dict(done).items()}
    )
    return {one.slot.key: one for one in found}


@pytest.mark.parametrize("vector", OURS["extra_sets"], ids=lambda v: v["name"])
def test_what_happens_asks_for_sets(vector):
    happened = Happened(
        tuple(at * MIN for at in vector.get("restarts_min", ())),
        (),
        tuple(
            ReactionSpan(key, began * MIN, None if until is None else until * MIN)
            for key, began, until in vector.get("reactions_min", ())
        ),
        tuple(at * MIN for at in vector.get("returns_min", ())),
    )
    found = extras(happened, vector["now_min"], vector["end_min"])
    assert {key: slot.due_s / MIN for key, slot in found.items()} == vector["due"]


def test_any_set_in_the_window_stands_for_an_extra_one_and_is_counted_once():
    happened = Happened(restarts_s=(31 * MIN,))
    found = states(happened, 40, {"+30": 35})
    assert (found["restart1+5"].status, found["restart1+5"].by) == (SlotStatus.DONE, "+30")
    assert count_checks(found.values()).done == 1
    assert states(happened, 39, {"+30": 33})["restart1+5"].status is SlotStatus.OVERDUE


def test_one_of_the_schedules_own_is_asked_for_before_an_extra_one():
    found = states(Happened(restarts_s=(25 * MIN,)), 30, {"baseline": -5, "+5": 5, "+10": 10, "+15": 15})
    assert found["restart1+5"].status is SlotStatus.DUE
    following = next_set(found.values())
    assert following is not None
    assert following.slot.key == "+30"


def test_a_planned_step_is_asked_for_a_minute_before_and_counts_from_five_minutes_before():
    planned = Happened(steps=(StepUp("step2", 20 * MIN, 2, is_done=False),))
    assert states(planned, 18)["step2-before"].status is SlotStatus.PLANNED
    assert states(planned, 19)["step2-before"].status is SlotStatus.DUE
    assert states(planned, 19, {"extra1": 15.5})["step2-before"].by == "extra1"
    assert "step2-after" not in states(planned, 19)


def test_the_set_before_a_step_cannot_be_made_up_for_and_the_one_after_can():
    taken = Happened(steps=(StepUp("step2", 20 * MIN, 2),))
    found = states(taken, 21)
    assert found["step2-before"].status is SlotStatus.MISSED
    assert found["step2-after"].status is SlotStatus.PLANNED
    assert states(taken, 23)["step2-after"].status is SlotStatus.DUE
    assert states(taken, 23, {"extra1": 20.2})["step2-after"].status is SlotStatus.DONE
    assert states(taken, 23, {"+15": 16})["step2-before"].status is SlotStatus.DONE


def test_a_raise_that_no_plan_has_asks_for_the_set_after_it_alone():
    assert list(extras(Happened(steps=(StepUp("raise1", 22 * MIN),)), 23)) == ["raise1-after"]


def test_the_end_set_covers_an_extra_one_of_the_last_five_minutes():
    found = states(Happened(restarts_s=(38 * MIN,)), 50, {END: 46}, end_min=45)
    assert found["restart1+5"].by == "end"


def test_without_anything_having_happened_nothing_is_added():
    assert wanted(Happened(), 50) == slots(DEFAULT_SCHEDULE, now_s=50 * MIN)


@given(
    st.lists(st.floats(1, 100), max_size=3),
    st.lists(st.floats(1, 100), max_size=2),
    st.floats(1, 200),
    st.one_of(st.none(), st.floats(1, 120)),
)
def test_keys_are_unique_and_due_times_rise_whatever_happens(restarts, returns, now, end):
    happened = Happened(
        tuple(sorted(at * MIN for at in restarts)),
        (StepUp("step2", 5 * MIN, 2), StepUp("step3", 15 * MIN, 3, is_done=False)),
        (ReactionSpan("R1", 12 * MIN),),
        tuple(sorted(at * MIN for at in returns)),
    )
    found = wanted(happened, now, end)
    assert len({slot.key for slot in found}) == len(found)
    assert [slot.due_s for slot in found] == sorted(slot.due_s for slot in found)
    assert all(extra_words(slot.key) for slot in found if slot.extra)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("restart1+5", "Restart +5"),
        ("restart2+10", "Restart 2 +10"),
        ("R1+5", "Reaction +5"),
        ("R3+20", "Reaction 3 +20"),
        ("step2-before", "Before ramp 2"),
        ("step3-after", "After ramp 3"),
        ("raise1-after", "After rate raise"),
        ("return1", "After return"),
        ("return2", "After return 2"),
        ("+15", ""),
        ("Rest+5", ""),
    ],
)
def test_every_extra_set_has_words(key, words):
    assert extra_words(key) == words
