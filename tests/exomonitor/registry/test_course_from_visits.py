"""The last dose and its window, folded from whole histories: aborted sessions, empty ones, any order of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from exomonitor.clinical.course import Timing
from exomonitor.clock import Instant
from exomonitor.registry.course_of import course_of, open_visit, visit_on
from exomonitor.registry.patients import CoursePhaseSet, PatientRegistered
from exomonitor.registry.registry import Registry, heed, load_registry
from exomonitor.session import events as ev
from exomonitor.session.entry import Entry, Event
from exomonitor.session.parts.emergency_events import DrugGiven, EmergencyEntryVoided
from exomonitor.session.phases import DeliverySource
from tests.exomonitor.clinical.shipped import RULES

ZONE = "America/New_York"
JANE, ANN = "p-JANE", "p-ANN"
TABLE = RULES.course.content
OUTCOMES = ("never started", "cut short at once", "aborted", "complete", "nobody knows")


@dataclass(frozen=True)
class Past:
    """One session: how many hours after the first, how it ended, whose it was."""

    hours: int
    outcome: str
    patient: str = JANE

    @property
    def exposes(self) -> bool:
        return self.outcome in {"aborted", "complete", "nobody knows"}

    @property
    def at(self) -> datetime:
        return datetime(2026, 1, 1, 3, 30, tzinfo=UTC) + timedelta(hours=self.hours)

    @property
    def day(self) -> date:
        return self.at.astimezone(ZoneInfo(ZONE)).date()


PASTS = st.lists(
    st.builds(Past, st.integers(0, 24 * 900), st.sampled_from(OUTCOMES), st.sampled_from((JANE, JANE, ANN))), max_size=9
)


def journal(pasts: list[Past], phase: str = "") -> list[Entry]:
    """The entries of these sessions, one after the other in time; `phase`: what a prescriber set for Jane."""
    entries: list[Entry] = []
    known = PatientRegistered(JANE, name="DEMO-EXAMPLE, Jane", born="1972-03-14")
    setting = (known, CoursePhaseSet(JANE, phase, "u-2")) if phase else (known,)
    for event in setting:
        at = Instant(datetime(2025, 12, 1, tzinfo=UTC), 0, "boot")
        entries.append(Entry(len(entries) + 1, "", 1, at, ZONE, "u-1", "st", event, "0" * 64))

    def say(number: int, past: Past, event: Event, seconds: float) -> None:
        at = Instant(past.at, 0, "boot").plus(seconds)
        entries.append(Entry(len(entries) + 1, f"s-{number}", 1, at, ZONE, "u-1", "st", event, "0" * 64))

    for number, past in enumerate(sorted(pasts, key=lambda one: one.hours)):
        say(number, past, ev.SessionOpened(f"EXO-{number}", "4", True, "p", "1", "0" * 64, "test"), -60)
        say(number, past, ev.PatientIdentified(("name", "born"), patient=past.patient), -30)
        if past.outcome == "never started":
            say(number, past, ev.SessionAbandoned("cancelled"), 0)
            continue
        when = Instant(past.at, 0, "boot")
        say(number, past, ev.SessionStarted(when, DeliverySource.TYPED), 0)
        given_ml = {"cut short at once": 0.0, "aborted": 7.5, "complete": 100.0}.get(past.outcome)
        how = "complete" if past.outcome == "complete" else "stopped"
        say(number, past, ev.ProductEnded(when.plus(600), how, given_ml, DeliverySource.TYPED), 600)
        say(number, past, ev.SessionSigned("reviewed", "0" * 64, "complete"), 1200)
    return entries


def last_by_hand(pasts: list[Past], patient: str) -> date | None:
    """A second way: the latest local day on which anything may have been given."""
    days = [past.day for past in pasts if past.patient == patient and past.exposes]
    return max(days, default=None)


@given(PASTS)
@example([Past(0, "aborted"), Past(24, "never started"), Past(48, "cut short at once")])
def test_the_last_dose_is_the_latest_day_on_which_something_was_given(pasts: list[Past]):
    registry = load_registry(journal(pasts))
    for patient in (JANE, ANN):
        course = course_of(registry, patient, date(2035, 1, 1), TABLE, ZONE)
        assert course.last == last_by_hand(pasts, patient)
        assert course.doses == sum(1 for past in pasts if past.patient == patient and past.exposes)


@given(PASTS, st.sampled_from(("initial", "maintenance")))
def test_the_window_counts_from_that_day_alone_and_both_its_ends_belong_to_it(pasts: list[Past], phase: str):
    registry = load_registry(journal(pasts, phase))
    last = last_by_hand(pasts, JANE)
    if last is None:
        assert course_of(registry, JANE, date(2035, 1, 1), TABLE, ZONE).next.window is None
        return
    alone = load_registry(journal([past for past in pasts if past.patient == JANE and past.day == last], phase))
    course = course_of(registry, JANE, last, TABLE, ZONE)
    assert (course.phase.value, course.phase_set) == (phase, True)
    window = course.next.window
    assert window == course_of(alone, JANE, last, TABLE, ZONE).next.window  # earlier doses never shift it
    assert window is not None
    day = timedelta(days=1)
    around = (window.earliest - day, window.earliest, window.latest, window.latest + day)
    judged = [course_of(registry, JANE, each, TABLE, ZONE).next.timing for each in around]
    assert judged == [Timing.EARLY, Timing.IN, Timing.IN, Timing.LATE]


@given(PASTS)
def test_one_more_entry_gives_what_the_whole_journal_gives(pasts: list[Past]):
    entries = journal(pasts)
    registry = Registry()
    for entry in entries:
        registry = heed(registry, entry)
    assert registry == load_registry(entries)


def test_a_dose_shortly_before_midnight_belongs_to_the_day_of_the_clinic():
    late = Past(24 + 1, "complete")  # 04:30 UTC on the 2nd is 23:30 on the 1st in New York
    registry = load_registry(journal([late]))
    assert course_of(registry, JANE, date(2026, 1, 15), TABLE, ZONE).last == date(2026, 1, 1)
    assert course_of(registry, JANE, date(2026, 1, 15), TABLE, ZONE).next.timing is Timing.IN
    assert visit_on(registry, JANE, date(2026, 1, 1), but="") is not None


def test_a_signed_session_is_not_open_and_a_running_one_is():
    entries = journal([Past(0, "complete")])
    assert open_visit(load_registry(entries), JANE) is None
    assert open_visit(load_registry(entries[:-1]), JANE) is not None
    assert open_visit(load_registry(entries[:-1]), JANE, but="s-0") is None


def test_epinephrine_is_remembered_and_a_wrong_tap_that_was_voided_is_not():
    entries = journal([Past(0, "complete")])[:-1]

    def say(event: Event) -> None:
        entries.append(Entry(len(entries) + 1, "s-0", 1, entries[-1].at, ZONE, "u-1", "st", event, "0" * 64))

    say(ev.ReactionAction("R1", "epinephrine", entries[-1].at))
    assert load_registry(entries).visits["s-0"].epinephrine
    say(EmergencyEntryVoided(entries[-1].seq, "wrong tap"))
    assert not load_registry(entries).visits["s-0"].epinephrine
    say(DrugGiven("epinephrine", Decimal("0.5"), "mg", "IM", entries[-1].at))
    assert load_registry(entries).visits["s-0"].epinephrine
