"""Which dose of the course this is, whether its time has come, and what was decided where it has not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from exomonitor.session.codec import private
from exomonitor.session.commands import Command
from exomonitor.session.entry import Entry, Event, recorded
from exomonitor.session.parts.part import Part
from exomonitor.session.plan import Patient

FIRST, EARLY, IN, LATE = "first", "early", "in", "late"
SERIES_GOES_ON, SERIES_BEGINS_ANEW = "continue", "restart"

# --- what is recorded


@dataclass(frozen=True, slots=True)
class DoseHold:
    """One thing that holds the dose; clearable = a prescriber's clearance is enough."""

    hold: str
    text: str
    clearable: bool


@recorded
@dataclass(frozen=True, slots=True)
class DoseTimed(Event):
    """This dose against the course: `first`, `early`, `in` or `late`; days are the clinic's, in ISO form. `doses` and
    `worst_grade` are those of earlier sessions; `judged_by_phase_set` False: nobody has set the phase yet."""

    patient: str
    verdict: str
    planned: str
    phase: str
    phase_set: bool
    sentence: str
    doses: int = 0
    worst_grade: int = 0
    last: str = ""
    earliest: str = ""
    latest: str = ""
    holds: tuple[DoseHold, ...] = ()
    ask_restart: bool = False

    @property
    def needs_prescriber(self) -> bool:
        """Whether a prescriber must decide before this dose is given."""
        return self.verdict == EARLY or bool(self.holds) or self.ask_restart

    @property
    def blocked_by(self) -> tuple[DoseHold, ...]:
        """The holds that no signature lifts: something has to be settled first."""
        return tuple(hold for hold in self.holds if not hold.clearable)


@recorded
@dataclass(frozen=True, slots=True)
class DoseTimingAccepted(Event):
    """A prescriber accepted this dose as it is timed, or cleared what held it. `series`: "" where nobody asked, else
    `continue` or `restart`."""

    prescriber: str
    series: str = ""
    reason: str = private()


# --- what people ask


@dataclass(frozen=True, slots=True)
class RegisterPatient(Command):
    """A patient the clinic does not know yet; answers with the patient's id. Two identifiers at least; `born` is an
    ISO date, weight in kg, None = nobody asked."""

    name: str
    born: str
    mrn: str = ""
    phone: str = ""
    wristband: str = ""
    allergy_state: str = "not_asked"
    allergies: str = ""
    weight_kg: Decimal | None = None
    beta_blocker: bool | None = None
    ace_inhibitor: bool | None = None
    asthma_copd: bool | None = None
    anticoagulant: bool | None = None
    pregnant: bool | None = None
    infection_positive: bool | None = None
    reactions_elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class ChangePatient(Command):
    """The patient's facts as they now stand, all of them. Correcting name, date of birth or MRN needs a reason."""

    patient: str
    name: str
    born: str
    mrn: str = ""
    phone: str = ""
    wristband: str = ""
    allergy_state: str = "not_asked"
    allergies: str = ""
    weight_kg: Decimal | None = None
    beta_blocker: bool | None = None
    ace_inhibitor: bool | None = None
    asthma_copd: bool | None = None
    anticoagulant: bool | None = None
    pregnant: bool | None = None
    infection_positive: bool | None = None
    reactions_elsewhere: str = ""
    reason: str = ""
    proof: str = ""
    """A second person stands by, where this patient is being given an infusion."""


@dataclass(frozen=True, slots=True)
class SetScale2(Command):
    """A prescriber says whether SpO2 is scored on NEWS2 scale 2; the patient by id or MRN."""

    proof: str
    scale2: bool
    reason: str
    patient: str = ""
    mrn: str = ""


@dataclass(frozen=True, slots=True)
class SetCoursePhase(Command):
    """A prescriber says in which phase of the course the patient is: `initial` or `maintenance`."""

    proof: str
    phase: str
    reason: str = ""
    patient: str = ""
    mrn: str = ""


@dataclass(frozen=True, slots=True)
class LiftHold(Command):
    """A prescriber lifts the hold after a reaction, or gives clearance, for the reactions that are known now; the
    patient by id or MRN."""

    proof: str
    reason: str
    patient: str = ""
    mrn: str = ""


@dataclass(frozen=True, slots=True)
class RecordEarlierDose(Command):
    """A dose that this program did not see: `day` (ISO) or so many days ago, where it was given as text."""

    text: str
    patient: str = ""
    mrn: str = ""
    day: str = ""
    days_ago: int | None = None
    worst_grade: int | None = None
    dose_billion: Decimal | None = None


@dataclass(frozen=True, slots=True)
class JudgeTiming(Command):
    """Look again whether this dose's time has come: the phase was set, a follow-up was closed, the lot is known."""


@dataclass(frozen=True, slots=True)
class AcceptTiming(Command):
    """A prescriber accepts the dose as it is timed, or clears what holds it; `series` answers "restart series?"."""

    proof: str
    reason: str
    series: str = ""


# --- its share of the state


@dataclass(frozen=True, slots=True)
class Course:
    """How this dose is timed, and what a prescriber decided about exactly that; None = not judged."""

    timed: DoseTimed | None = None
    accepted: DoseTimingAccepted | None = None

    @property
    def first_dose(self) -> bool | None:
        """Whether no earlier dose is known; None before the patient is."""
        return None if self.timed is None else self.timed.verdict == FIRST

    @property
    def settled(self) -> bool:
        """Whether nothing about the timing stands in the way."""
        return self.timed is None or not self.timed.needs_prescriber or self.accepted is not None


def patient_why(patient: Patient | None) -> str:
    """What keeps the gate of the patient open, "" where nothing does."""
    if patient is None:
        return "check name and date of birth or MRN"
    return "" if patient.allergies_asked else "ask for allergies: a list, or none known"


def course_why(course: Course) -> str:
    """What keeps the gate of the course open, "" where nothing does: the clinic's checklist lists it."""
    timed = course.timed
    if timed is None or course.settled:
        return ""
    if timed.blocked_by:
        return timed.blocked_by[0].text
    if timed.verdict == EARLY:
        return "early: the prescriber signs, with a reason"
    if timed.ask_restart:
        return "late: restart series? The prescriber answers"
    return timed.holds[0].text


def _timed(course: Course, _: Entry, e: DoseTimed) -> Course:
    before = course.timed
    same = before is not None and _grounds(before) == _grounds(e)
    return Course(e, course.accepted if same else None)


def _grounds(e: DoseTimed) -> tuple[object, ...]:
    """What a prescriber's acceptance was about: anything else needs a new one."""
    return e.patient, e.verdict, e.planned, e.phase, e.last, e.holds, e.ask_restart


def _accepted(course: Course, _: Entry, e: DoseTimingAccepted) -> Course:
    return replace(course, accepted=e)


def _tell_timed(e: DoseTimed) -> str:
    held = "".join(f"; {hold.text}" for hold in e.holds)
    return f"Course: {e.sentence}{held}"


def _tell_accepted(e: DoseTimingAccepted) -> str:
    series = {SERIES_GOES_ON: ", the series goes on", SERIES_BEGINS_ANEW: ", the series begins anew"}.get(e.series, "")
    return f"The prescriber accepted this dose{series}: {e.reason}"


PART = Part(
    "course",
    steps={DoseTimed: _timed, DoseTimingAccepted: _accepted},
    tellers={DoseTimed: _tell_timed, DoseTimingAccepted: _tell_accepted},
    records={AcceptTiming: DoseTimingAccepted},
)
