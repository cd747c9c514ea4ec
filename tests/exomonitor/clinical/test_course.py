"""Windows of the next dose: the reference vectors, both ends inclusive, never drifting; and what holds a dose."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.clinical.course import (
    FILE,
    CourseTable,
    DoseWindow,
    History,
    Hold,
    PastSession,
    Phase,
    Timing,
    add_months,
    holds,
    last_dose,
    next_dose,
    next_window,
    timing,
)
from exomonitor.clinical.tables import parse_table
from exomonitor.errors import CommandRefused, EnvironmentFault
from tests.exomonitor.clinical.shipped import RULES

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"))
TABLE = RULES.course.content
DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))
ZONE = ZoneInfo("America/New_York")


@pytest.mark.parametrize("v", VECTORS["next_dose"], ids=lambda v: v["last"])
def test_the_reference_windows(v):
    last = date.fromisoformat(v["last"])
    for phase, name in ((Phase.INITIAL, "initial"), (Phase.MAINTENANCE, "maint")):
        window = next_window(last, phase, TABLE)
        assert (str(window.earliest), str(window.latest)) == (v[f"{name}_earliest"], v[f"{name}_latest"])


@pytest.mark.parametrize("v", VECTORS["next_dose_verdicts"], ids=lambda v: f"{v['phase']}-{v['planned']}")
def test_the_reference_verdicts(v):
    seen = next_dose(date.fromisoformat(v["last"]), Phase(v["phase"]), date.fromisoformat(v["planned"]), TABLE)
    assert seen.timing == v["verdict"]
    assert seen.needs_override is (v["verdict"] == "early")


def months_later(day: date, months: int) -> date:
    """Month by month and then back from the 31st: a second way."""
    year, month = day.year, day.month
    for _ in range(months):
        month += 1
        if month == 13:
            year, month = year + 1, 1
    number = day.day
    while True:
        try:
            return date(year, month, number)
        except ValueError:
            number -= 1


@given(DAYS, st.integers(0, 60))
def test_months_are_added_as_on_a_calendar(day, months):
    assert add_months(day, months) == months_later(day, months)


@given(DAYS, st.sampled_from(Phase), st.integers(0, 400))
def test_both_ends_of_a_window_belong_to_it(last, phase, after):
    window = next_window(last, phase, TABLE)
    day = timedelta(days=1)
    around = (window.earliest - day, window.earliest, window.latest, window.latest + day)
    assert [timing(window, each) for each in around] == [Timing.EARLY, Timing.IN, Timing.IN, Timing.LATE]
    planned = last + timedelta(days=after)
    assert (timing(window, planned) is Timing.IN) is (window.earliest <= planned <= window.latest)


@given(DAYS)
def test_a_window_counted_from_the_dose_does_not_drift_by_clamping(last):
    window = next_window(last, Phase.MAINTENANCE, TABLE)
    assert window.latest == add_months(last, 6)
    assert add_months(window.earliest, 3) <= window.latest <= add_months(window.earliest, 3) + timedelta(days=3)


@given(DAYS, st.sampled_from(Phase))
def test_a_later_dose_never_opens_an_earlier_window(last, phase):
    one, two = (next_window(last + timedelta(days=n), phase, TABLE) for n in (0, 1))
    assert one.earliest <= two.earliest
    assert one.latest <= two.latest


@pytest.mark.parametrize(("late_by", "asked"), [(1, False), (28, False), (29, True)])
def test_a_long_lapsed_initial_series_asks_whether_to_restart(late_by, asked):
    planned = date(2026, 2, 12) + timedelta(days=late_by)
    seen = next_dose(date(2026, 1, 15), Phase.INITIAL, planned, TABLE)
    assert (seen.timing, seen.ask_restart, seen.needs_override) == (Timing.LATE, asked, False)
    assert ("Restart series?" in seen.sentence) is asked


def test_a_lapsed_maintenance_dose_asks_nothing():
    assert next_dose(date(2026, 1, 15), Phase.MAINTENANCE, date(2028, 1, 1), TABLE).ask_restart is False


def test_the_sentences():
    window = "(window opens 2026-01-29, closes 2026-02-12)"
    for planned, said in [
        (date(2026, 1, 28), f"2026-01-28 is EARLY by 1 day {window}: prescriber and reason needed"),
        (date(2026, 1, 29), f"2026-01-29 is in the window {window}"),
        (date(2026, 2, 14), f"2026-02-14 is LATE by 2 days {window}"),
    ]:
        assert next_dose(date(2026, 1, 15), Phase.INITIAL, planned, TABLE).sentence == said


def test_a_first_dose_has_no_window():
    seen = next_dose(None, Phase.INITIAL, date(2026, 1, 1), TABLE)
    assert (seen.window, seen.timing, seen.needs_override) == (None, None, False)


def test_a_dose_before_the_last_one_is_refused():
    with pytest.raises(CommandRefused, match="lies before the last dose"):
        next_dose(date(2026, 1, 15), Phase.INITIAL, date(2026, 1, 14), TABLE)


def given_on(when: str, ml: str | None = "100") -> PastSession:
    return PastSession(datetime.fromisoformat(when).replace(tzinfo=UTC), None if ml is None else Decimal(ml))


def test_the_last_dose_is_the_clinics_date_of_the_start():
    assert last_dose([given_on("2026-03-02T03:30")], ZONE) == date(2026, 3, 1)
    assert last_dose([given_on("2026-03-02T05:30")], ZONE) == date(2026, 3, 2)
    assert last_dose([], ZONE) is None


def test_an_aborted_dose_counts_and_an_empty_session_does_not():
    sessions = [
        given_on("2026-01-05T15:00"),
        given_on("2026-02-05T15:00", ml="0.1"),
        given_on("2026-03-05T15:00", ml="0"),
    ]
    assert last_dose(sessions, ZONE) == date(2026, 2, 5)
    assert last_dose([*sessions, given_on("2026-04-05T15:00", ml=None)], ZONE) == date(2026, 4, 5)


def test_a_start_without_a_zone_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="time zone"):
        last_dose([PastSession(datetime(2026, 1, 1, 12), Decimal(1))], ZONE)  # noqa: DTZ001 - the mistake itself


@pytest.mark.parametrize(
    ("history", "found"),
    [
        (History(), []),
        (History(worst_grade=1), []),
        (History(worst_grade=2), [Hold.CLEARANCE]),
        (History(worst_grade=None), [Hold.CLEARANCE]),
        (History(worst_grade=3), [Hold.REACTION]),
        (History(worst_grade=5), [Hold.REACTION]),
        (History(open_follow_up=True), [Hold.FOLLOW_UP]),
        (History(infection_positive=True), [Hold.INFECTION]),
        (History(stopped_lots=["EXO-A12"]), [Hold.LOT]),
        (History(2, True, True, {"EXO-A12"}), [Hold.CLEARANCE, Hold.FOLLOW_UP, Hold.INFECTION, Hold.LOT]),
    ],
)
def test_what_holds_the_next_dose(history, found):
    reasons = holds(history, TABLE, "EXO-A12")
    assert [reason.hold for reason in reasons] == found
    assert [reason.clearable for reason in reasons] == [hold is Hold.CLEARANCE for hold in found]
    seen = next_dose(date(2026, 1, 15), Phase.INITIAL, date(2026, 2, 1), TABLE, reasons)
    assert seen.needs_override is bool(found)


def test_another_lot_is_not_held():
    assert holds(History(stopped_lots=["EXO-A12"]), TABLE, "EXO-A13") == ()
    assert holds(History(stopped_lots=["EXO-A12"]), TABLE) == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("earliest_days = 14", "earliest_days = 29", "initial: earliest_days must not be above"),
        ("earliest_months = 3", "earliest_months = 7", "maintenance: earliest_months must not be above"),
        ("hold_from_grade = 3", "hold_from_grade = 2", "holds: clearance_from_grade must be below"),
        ("latest_days = 28", "latest_days = 0", "line 11: initial.latest_days"),
    ],
)
def test_a_wrong_table_is_refused(old, new, said):
    shipped = (files("resources") / "protocols" / FILE).read_text(encoding="utf-8")
    assert old in shipped
    with pytest.raises(EnvironmentFault, match=said):
        parse_table(CourseTable, shipped.replace(old, new, 1).encode(), "ours.toml")


def test_a_window_is_a_pair_of_days():
    assert next_window(date(2026, 1, 15), Phase.INITIAL, TABLE) == DoseWindow(date(2026, 1, 29), date(2026, 2, 12))
