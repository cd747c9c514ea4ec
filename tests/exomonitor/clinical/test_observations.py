"""The observation schedule against the reference vectors, and the life of one slot."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.clinical.extra_sets import MOST_SETS, Happened, ReactionSpan
from exomonitor.clinical.observations import (
    BASELINE,
    DEFAULT_SCHEDULE,
    END,
    MIN,
    SlotStatus,
    count_checks,
    evaluate,
    missing_fields,
    next_set,
    slots,
    status,
)

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"))
ORDER = [SlotStatus.PLANNED, SlotStatus.DUE, SlotStatus.OVERDUE, SlotStatus.LATE, SlotStatus.MISSED]


def ended(end_min: float, now_min: float | None = None, **more):
    """The slots of an infusion that ended at this minute."""
    now_s = (end_min if now_min is None else now_min) * MIN
    return slots(DEFAULT_SCHEDULE, now_s=now_s, product_end_s=end_min * MIN, end_s=end_min * MIN, **more)


def by_key(states):
    return {state.slot.key: state.status for state in states}


def next_key(states):
    found = next_set(states)
    return found.slot.key if found else None


@pytest.mark.parametrize("vector", VECTORS["observation_schedule"], ids=lambda v: f"end {v['actual_end_min']}")
def test_the_schedule_follows_the_actual_end(vector):
    found = ended(vector["actual_end_min"])
    due = {slot.key: slot.due_s / MIN for slot in found}
    assert due.pop(BASELINE) == 0
    assert due.pop(END) == vector["end"]
    assert [due.pop("post30"), due.pop("post60")] == vector["post"]
    assert list(due.values()) == vector["during"]


def test_before_the_start_only_the_baseline_is_due():
    (baseline,) = evaluate(slots(DEFAULT_SCHEDULE, now_s=None), None, {})
    assert (baseline.slot.key, baseline.status) == (BASELINE, SlotStatus.DUE)


@pytest.mark.parametrize("days", [7, 60, 36_600])
def test_of_a_session_that_nobody_ended_no_more_sets_are_asked_for_than_of_a_week(days):
    reaction = ReactionSpan("R1", 3 * 86_400.0)
    found = slots(DEFAULT_SCHEDULE, now_s=days * 86_400.0, happened=Happened(reactions=(reaction,)))
    running = [slot for slot in found if slot.key.startswith("+")]
    assert len(running) == MOST_SETS
    assert running[-1].due_s / 86_400 == pytest.approx(7, abs=0.1)
    assert len([slot for slot in found if slot.key.startswith("R1+")]) == MOST_SETS
    over = slots(DEFAULT_SCHEDULE, now_s=days * 86_400.0, product_end_s=days * 86_400.0, end_s=days * 86_400.0)
    assert [slot.key for slot in over[-3:]] == ["end", "post30", "post60"]


def test_a_baseline_after_the_start_is_late():
    found = slots(DEFAULT_SCHEDULE, now_s=1.0)
    assert by_key(evaluate(found, 1.0, {}))[BASELINE] is SlotStatus.LATE
    assert by_key(evaluate(found, 1.0, {BASELINE: 0.5}))[BASELINE] is SlotStatus.DONE_LATE
    assert by_key(evaluate(found, 1.0, {BASELINE: -600.0}))[BASELINE] is SlotStatus.DONE


def test_while_running_the_next_set_is_always_listed():
    keys = [slot.key for slot in slots(DEFAULT_SCHEDULE, now_s=46 * MIN)]
    assert keys == [BASELINE, "+5", "+10", "+15", "+30", "+45", "+60"]


def test_a_long_pause_goes_on_asking_for_sets():
    assert slots(DEFAULT_SCHEDULE, now_s=300 * MIN)[-1].key == "+315"


def test_the_planned_end_shows_what_lies_ahead():
    keys = [slot.key for slot in slots(DEFAULT_SCHEDULE, now_s=0.0, planned_end_s=45.01 * MIN)]
    assert keys == [BASELINE, "+5", "+10", "+15", "+30", "+45"]


def test_during_the_flush_only_what_was_reached_counts_and_the_end_set_is_never_lost():
    found = slots(DEFAULT_SCHEDULE, now_s=43 * MIN, product_end_s=42 * MIN)
    assert [slot.key for slot in found][-4:] == ["+30", END, "post30", "post60"]
    end = next(slot for slot in found if slot.key == END)
    assert end.due_s == 57 * MIN, "the flush was not reported: its allowance counts"


@pytest.mark.parametrize(
    ("minute", "expected"),
    [
        (0, SlotStatus.PLANNED),
        (2.99, SlotStatus.PLANNED),
        (3, SlotStatus.DUE),
        (7, SlotStatus.DUE),
        (7.01, SlotStatus.OVERDUE),
        (8.99, SlotStatus.OVERDUE),
        (9, SlotStatus.LATE),
        (500, SlotStatus.LATE),
    ],
)
def test_a_dense_slot_opens_two_minutes_early_and_closes_two_minutes_late(minute, expected):
    plus5 = slots(DEFAULT_SCHEDULE, now_s=0.0)[1]
    assert status(plus5, minute * MIN) is expected


def test_a_set_observed_after_the_window_is_done_late():
    plus5 = slots(DEFAULT_SCHEDULE, now_s=0.0)[1]
    assert status(plus5, 999.0, 7 * MIN) is SlotStatus.DONE
    assert status(plus5, 999.0, 7 * MIN + 1) is SlotStatus.DONE_LATE


def test_missed_is_coded_or_comes_with_the_close_and_a_done_set_stays_done():
    plus5 = slots(DEFAULT_SCHEDULE, now_s=0.0)[1]
    assert status(plus5, 0.0, missed=True) is SlotStatus.MISSED
    assert status(plus5, 0.0, closed=True) is SlotStatus.MISSED
    assert status(plus5, 0.0, 300.0, missed=True, closed=True) is SlotStatus.DONE


@given(st.integers(0, 12), st.floats(0, 20_000), st.floats(0, 20_000), st.integers(1, 200))
def test_an_open_slot_only_ever_moves_forward(index, one, other, end_min):
    found = ended(end_min)
    slot = found[index % len(found)]
    earlier, later = sorted((one, other))
    assert ORDER.index(status(slot, earlier)) <= ORDER.index(status(slot, later))
    assert status(slot, later, closed=True) is SlotStatus.MISSED


@given(st.integers(1, 240))
def test_no_two_slots_share_a_key_and_they_come_in_order(end_min):
    found = ended(end_min)
    assert len({slot.key for slot in found}) == len(found)
    dues = [slot.due_s for slot in found]
    assert dues == sorted(dues)


def test_the_end_set_satisfies_a_quarter_hour_slot_of_the_last_five_minutes():
    found = ended(47, now_min=50)
    before = by_key(evaluate(found, 50 * MIN, {}))
    assert (before["+45"], before[END]) == (SlotStatus.DUE, SlotStatus.DUE)
    after = by_key(evaluate(found, 50 * MIN, {END: 48 * MIN}))
    assert (after["+45"], after[END]) == (SlotStatus.DONE, SlotStatus.DONE)


def test_a_covered_slot_is_late_when_the_end_set_is_late():
    states = by_key(evaluate(ended(47, now_min=60), 60 * MIN, {END: 53 * MIN}))
    assert states["+45"] is SlotStatus.DONE_LATE


def test_a_covered_slot_that_was_done_by_itself_stands_by_itself():
    states = by_key(evaluate(ended(47), 47 * MIN, {"+45": 44 * MIN}))
    assert (states["+45"], states[END]) == (SlotStatus.DONE, SlotStatus.DUE)


def test_a_slot_more_than_five_minutes_before_the_end_is_not_covered():
    states = by_key(evaluate(ended(52, now_min=53), 53 * MIN, {END: 52 * MIN}))
    assert states["+45"] is SlotStatus.OVERDUE
    assert by_key(evaluate(ended(17, now_min=18), 18 * MIN, {END: 17 * MIN}))["+15"] is SlotStatus.OVERDUE


def test_slots_that_were_never_reached_drop_out():
    keys = [slot.key for slot in ended(12, now_min=200)]
    assert keys == [BASELINE, "+5", "+10", END, "post30", "post60"]


def test_the_longer_watch_adds_two_sets():
    assert [slot.key for slot in ended(45, extended=True)][-2:] == ["post90", "post120"]


def test_an_open_window_comes_before_an_older_overdue_set():
    found = slots(DEFAULT_SCHEDULE, now_s=9 * MIN)
    states = evaluate(found, 9 * MIN, {BASELINE: -60.0})
    assert next_key(states) == "+10"
    states = evaluate(found, 7.5 * MIN, {BASELINE: -60.0})
    assert next_key(states) == "+5"
    states = evaluate(found, 9 * MIN, {BASELINE: -60.0, "+5": 300.0, "+10": 540.0})
    assert next_key(states) == "+15"


def test_when_the_end_covers_a_slot_the_end_set_is_the_one_to_take():
    assert next_key(evaluate(ended(47), 47 * MIN, {BASELINE: -1.0, "+5": 300.0, "+10": 600.0})) == END


def test_nothing_is_next_when_all_is_done():
    found = ended(12)
    assert next_set(evaluate(found, 99 * MIN, {slot.key: slot.due_s for slot in found})) is None


def test_late_sets_are_not_counted_as_done():
    found = ended(30, now_min=95)
    done = {slot.key: slot.due_s for slot in found} | {"+10": 13 * MIN}
    del done["post60"], done["+15"]
    counts = count_checks(evaluate(found, 95 * MIN, done, {"+15"}))
    assert (counts.done, counts.late, counts.missed, counts.open) == (4, 1, 1, 1)
    closed = count_checks(evaluate(found, 95 * MIN, done, {"+15"}, closed=True))
    assert (closed.late, closed.missed, closed.open) == (1, 2, 0)


@pytest.mark.parametrize(("end_min", "figures"), [(48, (2, 0, 0)), (53, (1, 1, 0)), (None, (1, 0, 0))])
def test_a_set_that_the_end_set_covers_is_not_counted_beside_it(end_min, figures):
    """The end set is counted once, however it stands; the set that it covers is no set of its own."""
    done = {BASELINE: -60.0} | ({} if end_min is None else {END: end_min * MIN})
    found = [slot for slot in ended(47, now_min=60) if slot.key in {BASELINE, "+45", END}]
    counts = count_checks(evaluate(found, 60 * MIN, done))
    assert (counts.done, counts.late, counts.missed) == figures
    assert sum(figures) + counts.open == 2
    closed = count_checks(evaluate(found, 60 * MIN, done, closed=True))
    assert closed.done + closed.late + closed.missed == 2


def test_a_covered_set_that_was_taken_or_coded_as_missed_by_itself_is_counted():
    found = [slot for slot in ended(47, now_min=60) if slot.key in {"+45", END}]
    both = count_checks(evaluate(found, 60 * MIN, {"+45": 45 * MIN, END: 48 * MIN}))
    assert (both.done, both.missed) == (2, 0)
    coded = count_checks(evaluate(found, 60 * MIN, {END: 48 * MIN}, {"+45"}))
    assert (coded.done, coded.missed) == (1, 1)


def test_temperature_is_asked_for_every_half_hour_only():
    required = {slot.key: slot.required for slot in ended(80)}
    assert "temp" in required["+30"]
    assert "temp" not in required["+45"]
    assert "temp" in required["+60"]
    assert "temp" not in required["+5"]


def test_a_set_is_complete_when_every_required_field_has_a_value_or_a_reason():
    plus5 = slots(DEFAULT_SCHEDULE, now_s=0.0)[1]
    assert missing_fields(plus5, {"hr", "nibp_sys", "nibp_dia", "rr", "spo2", "acvpu"}) == ("o2", "symptoms", "site")
    assert missing_fields(plus5, set(plus5.required)) == ()
