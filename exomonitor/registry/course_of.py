"""One patient's course, from the registry: earlier doses, the window of the next one, and what holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from exomonitor.clinical.course import (
    CourseTable,
    History,
    HoldReason,
    NextDose,
    PastSession,
    Phase,
    holds,
    last_dose,
    next_dose,
)
from exomonitor.clinical.followup import FollowUpTable
from exomonitor.clock import local_day, zone
from exomonitor.registry.holds import LiftedHold, holding, standing
from exomonitor.registry.registry import Registry
from exomonitor.registry.visits import Visit


@dataclass(frozen=True, slots=True)
class CourseOf:
    """What the next dose must know. `visits` are the earlier ones, newest first; `phase_set` False: nobody has said
    which phase it is, and a course begins with the initial one."""

    patient: str
    phase: Phase
    phase_set: bool
    visits: tuple[Visit, ...]
    last: date | None
    next: NextDose
    lifted: tuple[LiftedHold, ...] = ()
    """The holds after a reaction that a prescriber lifted, oldest first."""
    can_lift: bool = False
    """Whether a reaction holds the next dose, or asks for clearance, which a prescriber may lift."""

    @property
    def doses(self) -> int:
        """How many earlier doses are exposures."""
        return sum(1 for visit in self.visits if visit.exposed)

    @property
    def worst_grade(self) -> int:
        """The worst graded reaction of all earlier doses; 0 = none."""
        return max((visit.worst_grade for visit in self.visits), default=0)


def visits_of(registry: Registry, patient: str, *, but: str = "") -> tuple[Visit, ...]:
    """The patient's sessions, newest first; `but` one of them, by id."""
    found = [v for v in registry.visits.values() if patient and v.patient == patient and v.id != but]
    return tuple(sorted(found, key=_newness, reverse=True))


def _newness(visit: Visit) -> tuple[date, datetime]:
    return visit.day or local_day(visit.opened, visit.tz), visit.opened.utc


def open_visit(registry: Registry, patient: str, *, but: str = "") -> Visit | None:
    """Another session of this patient that is neither signed nor given up, or None."""
    return next((visit for visit in visits_of(registry, patient, but=but) if visit.is_open), None)


def visit_on(registry: Registry, patient: str, day: date, *, but: str = "") -> Visit | None:
    """Another session of this patient that began on that day, or None."""
    return next((visit for visit in visits_of(registry, patient, but=but) if visit.day == day), None)


def course_of(
    registry: Registry,
    patient: str,
    planned: date,
    table: CourseTable,
    tz: str,
    *,
    lot: str | None = None,
    but: str = "",
    follow_up: tuple[datetime, FollowUpTable] | None = None,
) -> CourseOf:
    """The course as it stands before a dose on `planned`; `tz` is the clinic's zone, `but` the session that is to
    give that dose. `follow_up` (now, table): calls that are overdue or not settled hold it too; without it they are not
    looked at, as when the next dose is booked at the end of a visit. Raises CommandRefused where the day lies before
    the last dose."""
    record = registry.patients.get(patient)
    phase = Phase(record.phase) if record is not None and record.phase else Phase.INITIAL
    earlier = visits_of(registry, patient, but=but)
    last = last_dose(_past(earlier, tz), zone(tz))
    open_calls = follow_up is not None and _open_calls(registry, earlier, *follow_up)
    held_by = _holds(registry, patient, earlier, table, lot, open_follow_up=open_calls)
    found = next_dose(last, phase, planned, table, held_by)
    lifted = record.lifted if record is not None else ()
    can_lift = bool(holding(earlier, lifted, table))
    return CourseOf(patient, phase, bool(record is not None and record.phase), earlier, last, found, lifted, can_lift)


def _past(visits: tuple[Visit, ...], tz: str) -> list[PastSession]:
    """Noon of the clinic's day stands for the start: no zone moves it to another day."""
    noon = time(12, tzinfo=zone(tz))
    return [PastSession(datetime.combine(v.day, noon), v.delivered_ml) for v in visits if v.day is not None]


def _open_calls(registry: Registry, earlier: tuple[Visit, ...], now: datetime, table: FollowUpTable) -> bool:
    records = (registry.aftercare.get(visit.id) for visit in earlier)
    return any(record is not None and record.holds(now, table) for record in records)


def _holds(
    registry: Registry,
    patient: str,
    earlier: tuple[Visit, ...],
    table: CourseTable,
    lot: str | None,
    *,
    open_follow_up: bool,
) -> tuple[HoldReason, ...]:
    record = registry.patients.get(patient)
    stopped = tuple(one.id for one in registry.lots.values() if one.quarantine)
    counted = standing(earlier, record.lifted if record is not None else ())
    known = History(
        worst_grade=max((visit.worst_grade for visit in counted), default=0),
        open_follow_up=open_follow_up,
        infection_positive=record is not None and bool(record.facts.infection_positive),
        stopped_lots=stopped,
    )
    found = holds(known, table, lot)
    if any(visit.ungraded for visit in counted):
        # A reaction without a grade takes nothing away from what the graded ones ask for.
        found = (*found, *holds(History(worst_grade=None), table))
    return found
