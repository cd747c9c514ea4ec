"""Handlers of the clinic's patients: registered, changed, signed settings, doses known from elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

from exomonitor.clinical.course import Phase as CoursePhase
from exomonitor.engine.handlers_prepare import MIN_REASON, random_id
from exomonitor.engine.parts.changes import changed
from exomonitor.engine.parts.timing import judged_anew, today
from exomonitor.engine.situation import Decision, Handler, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.registry.course_of import visits_of
from exomonitor.registry.holds import HoldLifted, LiftedHold, holding
from exomonitor.registry.patients import (
    FACTS,
    WEIGHT,
    CoursePhaseSet,
    PatientChanged,
    PatientRecord,
    PatientRegistered,
    Scale2Set,
    Signed,
    namesakes,
    with_mrn,
    with_wristband,
)
from exomonitor.registry.users import PRESCRIBER
from exomonitor.registry.visits import EarlierDoseKnown
from exomonitor.session.commands import Command
from exomonitor.session.entry import Event
from exomonitor.session.events import PatientFactsTaken
from exomonitor.session.parts.changes import PATIENT, ChangedAfterStart, patient_changes
from exomonitor.session.parts.course import (
    ChangePatient,
    LiftHold,
    RecordEarlierDose,
    RegisterPatient,
    SetCoursePhase,
    SetScale2,
)
from exomonitor.session.plan import NONE_KNOWN_TEXT, AllergyState
from exomonitor.units import checked

OLDEST = date(1900, 1, 1)
WORST_GRADE = 4
"""Who has died of a reaction gets no further dose."""


def register_patient(at: Situation, c: RegisterPatient) -> Decision:
    """A new patient; refused where MRN or wristband, or the same name and date of birth, are known already."""
    said = _facts(at, c, "")
    known = _double(at, said)
    if known is not None:
        raise CommandRefused(f"{known.name}, born {known.born}, is registered already")
    patient = new_id()
    return Decision((PatientRegistered(**{**said, "patient": patient}),), patient)


def change_patient(at: Situation, c: ChangePatient) -> Decision:
    """The facts as they now stand; who the patient is changes only with a reason."""
    known = find(at, c.patient, "")
    said = _facts(at, c, c.patient)
    other = _double(at, said)
    if other is not None:
        raise CommandRefused(f"{other.name}, born {other.born}, has that MRN, wristband, or name and date of birth")
    if any(said[name] != getattr(known.facts, name) for name in ("name", "born", "mrn")):
        need_text(c.reason, "The reason for the correction", MIN_REASON)
    if all(said[name] == getattr(known.facts, name) for name in FACTS):
        return Decision((), c.patient)
    facts = PatientChanged(**said, reason=c.reason.strip())
    taken = taken_over(at, replace(known, facts=facts))
    return Decision((facts, *taken, *_while_given(at, c, known, facts)), c.patient)


def _while_given(
    at: Situation, c: ChangePatient, known: PatientRecord, facts: PatientChanged
) -> tuple[ChangedAfterStart, ...]:
    """Who this patient is was changed while the same patient is in this chair, after the start."""
    state = at.state
    if state is None or state.patient is None or state.patient.id != known.id:
        return ()
    found = patient_changes(state.patient, facts.name, facts.born, facts.mrn)
    if known.facts.wristband and facts.wristband != known.facts.wristband:
        found = (*found, "wristband")
    return changed(at, state, PATIENT, found, c.by, c.proof, c.reason)


def set_scale2(at: Situation, c: SetScale2) -> Decision:
    """Scale 2 is a prescriber's decision for this patient, signed."""
    known = find(at, c.patient, c.mrn)
    reason = need_text(c.reason, "The reason", MIN_REASON)
    who = at.proven(c.proof, PRESCRIBER)
    event = Scale2Set(known.id, c.scale2, who, reason)
    after = replace(known, scale2=c.scale2, scale2_signed=Signed(who, at.now))
    return Decision((event, *taken_over(at, after)), known.id)


def set_course_phase(at: Situation, c: SetCoursePhase) -> Decision:
    """The phase of the course is a prescriber's decision; an open session of the patient is judged by it at once."""
    known = find(at, c.patient, c.mrn)
    if c.phase not in set(CoursePhase):
        raise CommandRefused(f"{c.phase!r} is no phase: initial or maintenance")
    who = at.proven(c.proof, PRESCRIBER)
    event = CoursePhaseSet(known.id, c.phase, who, c.reason.strip())
    after = replace(known, phase=c.phase, phase_signed=Signed(who, at.now))
    return Decision((event, *judged_anew(with_patient(at, after), known.id)), known.id)


def lift_hold(at: Situation, c: LiftHold) -> Decision:
    """What earlier reactions hold, a prescriber lifts for exactly these; anything else ends by its own action."""
    known = find(at, c.patient, c.mrn)
    held_by = holding(visits_of(at.registry, known.id), known.lifted, at.protocol.rules.course.content)
    if not held_by:
        raise CommandRefused("No reaction holds this patient's next dose: a call, a lot or a work-up is settled itself")
    reason = need_text(c.reason, "The reason", MIN_REASON)
    who = at.proven(c.proof, PRESCRIBER)
    event = HoldLifted(known.id, held_by, who, reason)
    after = replace(known, lifted=(*known.lifted, LiftedHold(held_by, who, at.now, reason)))
    return Decision((event, *judged_anew(with_patient(at, after), known.id)), known.id)


def record_earlier_dose(at: Situation, c: RecordEarlierDose) -> Decision:
    """A dose from before, or from elsewhere: it counts for the window and for the holds."""
    known = find(at, c.patient, c.mrn)
    text = need_text(c.text, "Where it was given, and who says so,", MIN_REASON)
    day = _day(at, c)
    if c.worst_grade is not None and not 0 <= c.worst_grade <= WORST_GRADE:
        raise CommandRefused(f"Grade {c.worst_grade} is outside 0-{WORST_GRADE}")
    if c.dose_billion is not None and c.dose_billion <= 0:
        raise CommandRefused("A dose is more than nothing")
    visit = random_id("v-", 10)
    event = EarlierDoseKnown(visit, known.id, day.isoformat(), c.worst_grade, c.dose_billion, text)
    return Decision((event,), visit)


def _day(at: Situation, c: RecordEarlierDose) -> date:
    now = today(at)
    if c.days_ago is not None:
        if c.days_ago < 1:
            raise CommandRefused("An earlier dose was at least one day ago")
        return date.fromordinal(now.toordinal() - c.days_ago)
    day = iso_date(c.day, "The day of that dose")
    if not OLDEST <= day < now:
        raise CommandRefused(f"The day of that dose: {day} is not in the past")
    return day


def find(at: Situation, patient: str, mrn: str) -> PatientRecord:
    """The patient by id, else by MRN; refused where there is none."""
    if patient:
        known = at.registry.patients.get(patient)
        if known is None:
            raise CommandRefused("There is no such patient in the record")
        return known
    known = with_mrn(at.registry.patients, need_text(mrn, "The MRN"))
    if known is None:
        raise CommandRefused(f"No patient has the MRN {mrn.strip()}")
    return known


def taken_over(at: Situation, after: PatientRecord) -> tuple[Event, ...]:
    """What an open session of this patient takes over when the record changes to `after`."""
    state = at.state
    if state is None or not state.phase.is_open or state.patient is None or state.patient.id != after.id:
        return ()
    f = after.facts
    taken = PatientFactsTaken(
        after.id, f.allergy_state, f.weight_kg, f.beta_blocker, f.ace_inhibitor, f.asthma_copd, f.anticoagulant,
        f.pregnant, after.scale2, f.name, f.born, f.mrn, f.allergies,
    )  # fmt: skip
    return (taken, *judged_anew(with_patient(at, after), after.id))


def with_patient(at: Situation, after: PatientRecord) -> Situation:
    """The situation as it will be once this record of a patient holds."""
    patients = MappingProxyType({**at.registry.patients, after.id: after})
    return replace(at, registry=replace(at.registry, patients=patients))


def new_id() -> str:
    """An opaque patient id."""
    return random_id("p-", 10)


def iso_date(text: str, what: str) -> date:
    """A date as the record writes it, or a refusal."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise CommandRefused(f"{what}: {text.strip()!r} is not a date (write 1972-03-14)") from None


def born_on(at: Situation, text: str) -> str:
    """A date of birth that can be one, as the record writes it."""
    day = iso_date(text, "Date of birth")
    if day > at.now.utc.date():
        raise CommandRefused(f"Date of birth: {day} is in the future")
    if day < OLDEST:
        raise CommandRefused(f"Date of birth: {day} is too long ago")
    return day.isoformat()


def allergies_said(state: str, text: str) -> tuple[str, str]:
    """(state, text) of the three answers: a list needs its words, none known is written so, not asked says nothing."""
    try:
        answer = AllergyState(state)
    except ValueError:
        raise CommandRefused(f"{state!r} is no answer about allergies: list, none known or not asked") from None
    if answer is AllergyState.LIST:
        return answer.value, need_text(text, "The list of allergies")
    return answer.value, NONE_KNOWN_TEXT if answer is AllergyState.NONE_KNOWN else ""


def _facts(at: Situation, c: RegisterPatient | ChangePatient, patient: str) -> dict[str, Any]:
    said: dict[str, Any] = {name: getattr(c, name) for name in FACTS}
    for name, value in said.items():
        if isinstance(value, str):
            said[name] = value.strip()
    said["patient"] = patient
    said["name"] = need_text(c.name, "The patient's name")
    said["born"] = born_on(at, c.born)
    said["allergy_state"], said["allergies"] = allergies_said(c.allergy_state, c.allergies)
    if c.weight_kg is not None:
        checked(c.weight_kg, WEIGHT)
    return said


def _double(at: Situation, said: dict[str, Any]) -> PatientRecord | None:
    """Another patient who would be mixed up with this one."""
    me = said["patient"]
    for code in (str(said["mrn"]), str(said["wristband"])):
        for one in with_wristband(at.registry.patients, code):
            if one.id != me:
                return one
    return next(
        (one for one in namesakes(at.registry.patients, str(said["name"]), str(said["born"]))
         if one.id != me and (not one.mrn or not said["mrn"])), None,
    )  # fmt: skip


HANDLERS: dict[type[Command], Handler] = {
    RegisterPatient: register_patient,
    ChangePatient: change_patient,
    SetScale2: set_scale2,
    SetCoursePhase: set_course_phase,
    LiftHold: lift_hold,
    RecordEarlierDose: record_earlier_dose,
}
