"""Follow-up calls: when they are due, what failed attempts lead to, and the order of the work list."""

from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.clinical.followup import (
    FILE,
    Answer,
    Attempt,
    CallState,
    CallStatus,
    FollowUpTable,
    WorkItem,
    call_plan,
    call_status,
    follow_up_is_open,
    work_list,
)
from exomonitor.clinical.tables import parse_table
from exomonitor.errors import EnvironmentFault
from tests.exomonitor.clinical.shipped import RULES

TABLE = RULES.follow_up.content
FIRST = TABLE.call[0]
ENDED = datetime(2026, 11, 2, 15, tzinfo=UTC)


def after(hours: float) -> datetime:
    return ENDED + timedelta(hours=hours)


def status(now_h: float, *attempts: tuple[float, Answer]) -> CallStatus:
    return call_status(FIRST, ENDED, [Attempt(after(h), answer) for h, answer in attempts], after(now_h), TABLE)


def test_there_are_calls_after_a_day_two_to_three_days_and_a_week():
    assert [row.label for row in TABLE.call] == ["24 h call", "48-72 h call", "Day 7 call"]
    assert [row.offers_pro_ctcae for row in TABLE.call] == [False, False, True]


@pytest.mark.parametrize(
    ("now_h", "state"),
    [
        (0, CallState.SCHEDULED),
        (19.99, CallState.SCHEDULED),
        (20, CallState.OPEN),
        (28, CallState.OPEN),
        (28.01, CallState.OVERDUE),
    ],
)
def test_a_call_is_scheduled_then_due_then_overdue(now_h, state):
    assert status(now_h).state is state


@pytest.mark.parametrize(
    ("answers", "state", "tasks"),
    [
        ([], CallState.OPEN, 0),
        ([Answer.NO_ANSWER], CallState.OPEN, 0),
        ([Answer.NO_ANSWER, Answer.MESSAGE_LEFT], CallState.OPEN, 1),
        ([Answer.NO_ANSWER, Answer.WRONG_NUMBER, Answer.NO_ANSWER], CallState.UNABLE, 2),
        ([Answer.NO_ANSWER, Answer.NO_ANSWER, Answer.REACHED], CallState.REACHED, 0),
        ([Answer.CALLED_IN], CallState.CALLED_IN, 0),
        ([Answer.NO_ANSWER] * 3 + [Answer.CALLED_IN], CallState.CALLED_IN, 0),
        ([Answer.NO_ANSWER] * 3 + [Answer.REACHED], CallState.REACHED, 0),
    ],
)
def test_what_failed_attempts_lead_to(answers, state, tasks):
    seen = status(26, *((21 + n, answer) for n, answer in enumerate(answers)))
    assert (seen.state, len(seen.tasks)) == (state, tasks)
    assert seen.state.done is (state in {CallState.REACHED, CallState.CALLED_IN})


def test_two_failed_attempts_are_told_to_the_prescriber():
    seen = status(26, (21, Answer.NO_ANSWER), (22, Answer.NO_ANSWER))
    assert seen.tasks == ("Tell the prescriber: the patient was not reached",)
    assert seen.text == "24 h call: due, 2 failed"


def test_the_order_in_which_attempts_were_written_down_does_not_matter():
    seen = status(26, (23, Answer.REACHED), (21, Answer.NO_ANSWER))
    assert [attempt.answer for attempt in seen.attempts] == [Answer.NO_ANSWER, Answer.REACHED]
    assert seen.text == "24 h call: reached, 1 failed"


@given(st.lists(st.tuples(st.floats(0, 200), st.sampled_from(Answer)), max_size=5), st.floats(0, 200), st.floats(0, 50))
def test_a_call_that_was_made_stays_made(attempts, now_h, later_h):
    if status(now_h, *attempts).state.done:
        assert status(now_h + later_h, *attempts).state.done


def test_a_time_without_a_zone_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="without a zone"):
        call_status(FIRST, datetime(2026, 11, 2), [], ENDED, TABLE)  # noqa: DTZ001 - the mistake itself


def test_hours_are_hours_when_the_clocks_change():
    ended = datetime.fromisoformat("2026-10-31T15:00:00-04:00")  # the night of the change in New York
    seen = call_status(FIRST, ended, [], ended, TABLE)
    assert (seen.due - ended).total_seconds() == 24 * 3600


def test_the_plan_holds_every_call_in_order():
    tried = {"h24": (Attempt(after(24), Answer.REACHED),)}
    states = [each.state for each in call_plan(ENDED, tried, after(73), TABLE)]
    assert states == [CallState.REACHED, CallState.OVERDUE, CallState.SCHEDULED]


def test_the_work_list_shows_what_is_owed_the_most_urgent_first():
    items = [
        WorkItem("s1", status(25)),
        WorkItem("s2", status(30)),
        WorkItem("s3", status(10)),
        WorkItem("s4", status(30, (21, Answer.REACHED))),
        WorkItem("s5", status(27, *((21 + n, Answer.NO_ANSWER) for n in range(3)))),
        WorkItem("s0", status(25)),
    ]
    assert [item.session for item in work_list(items)] == ["s2", "s5", "s0", "s1"]


@pytest.mark.parametrize(
    ("now_h", "attempts", "unresolved", "is_open"),
    [
        (10, [], False, False),
        (25, [], False, False),
        (30, [], False, True),
        (30, [(22, Answer.REACHED)], False, False),
        (30, [(22, Answer.REACHED)], True, True),
        (26, [(21 + n, Answer.NO_ANSWER) for n in range(3)], False, True),
    ],
)
def test_what_keeps_a_follow_up_open(now_h, attempts, unresolved, is_open):
    assert follow_up_is_open([status(now_h, *attempts)], unresolved_triage=unresolved) is is_open


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('key = "day7"', 'key = "h24"', "call: a key is used twice"),
        ("due_h = 24\n", "due_h = 29\n", "call.1: opens_h, due_h and closes_h must rise"),
        ("most_attempts = 3", "most_attempts = 1", "prescriber_after_failed must not be above"),
        ('label = "24 h call"', 'label = ""', r"line 15: call\.1\.label"),
        (
            "opens_h = 20\ndue_h = 24\ncloses_h = 28",
            "opens_h = 200\ndue_h = 200\ncloses_h = 201",
            "due_h must rise from",
        ),
    ],
)
def test_a_wrong_table_is_refused(old, new, said):
    shipped = (files("resources") / "protocols" / FILE).read_text(encoding="utf-8")
    assert old in shipped
    with pytest.raises(EnvironmentFault, match=said):
        parse_table(FollowUpTable, shipped.replace(old, new, 1).encode(), "ours.toml")
