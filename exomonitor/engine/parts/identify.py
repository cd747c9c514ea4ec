"""Handler of identifying the patient in the chair: found in the record or registered, and judged against the course."""

from __future__ import annotations

from dataclasses import replace

from exomonitor.clock import local_day
from exomonitor.engine.handlers_prepare import LATEST, MIN_REASON
from exomonitor.engine.parts.changes import changed
from exomonitor.engine.parts.patients import born_on, find, new_id, with_patient
from exomonitor.engine.parts.timing import timed
from exomonitor.engine.situation import Decision, Handler, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.registry.course_of import open_visit, visit_on
from exomonitor.registry.patients import (
    PatientChanged,
    PatientRecord,
    PatientRegistered,
    change_of,
    namesakes,
    plain_name,
    with_mrn,
    with_wristband,
)
from exomonitor.session.commands import Command, IdentifyPatient
from exomonitor.session.entry import Event
from exomonitor.session.events import PatientIdentified
from exomonitor.session.parts.changes import PATIENT, identified_changes
from exomonitor.session.phases import Phase
from exomonitor.session.plan import allergy_state_of
from exomonitor.session.state import SessionState

MIN_IDENTIFIERS = 2
IDENTIFIERS = ("name", "born", "mrn")
HOW = ("", "spoken", "wristband", "photo")


def identify_patient(at: Situation, c: IdentifyPatient) -> Decision:
    """Two identifiers at least; a room or chair is none. Who is not known yet is registered in the same breath."""
    state = at.session()
    checked = _checked(c)
    known, news = _who(at, state, c, checked)
    _has_what_was_checked(known, checked)
    if c.how not in HOW:
        raise CommandRefused(f"{c.how!r} is no way to identify: spoken, wristband or photo")
    again = _alone(at, state, known, c)
    known, news = _with_allergies(known, news, c.allergies)
    event = PatientIdentified(
        checked,
        known.name,
        known.born,
        known.mrn,
        known.facts.allergies,
        _amendment(state, c.reason),
        c.reason.strip(),
        known.id,
        c.how or ("wristband" if c.wristband.strip() else ""),
        known.facts.allergy_state,
        known.facts.weight_kg,
        known.facts.beta_blocker,
        known.facts.ace_inhibitor,
        known.facts.asthma_copd,
        known.facts.anticoagulant,
        known.facts.pregnant,
        c.infection_today,
        known.scale2,
        again,
    )
    judged = timed(with_patient(at, known), state, known.id)
    course: tuple[Event, ...] = () if judged == state.course.timed else (judged,)
    other = changed(at, state, PATIENT, identified_changes(state.patient, event), c.by, c.proof, c.reason)
    return Decision((*news, event, *other, *course), known.id)


def _checked(c: IdentifyPatient) -> tuple[str, ...]:
    if not (c.patient or c.wristband.strip() or c.mrn.strip()):
        need_text(c.name, "The patient's name")
    checked = tuple(dict.fromkeys(c.identifiers))
    if unknown := set(checked) - set(IDENTIFIERS):
        raise CommandRefused(f"{sorted(unknown)[0]!r} is not an identifier: use name, date of birth, MRN")
    if len(checked) < MIN_IDENTIFIERS:
        raise CommandRefused("Check two identifiers: name, and date of birth or MRN")
    return checked


def _who(
    at: Situation, state: SessionState, c: IdentifyPatient, checked: tuple[str, ...]
) -> tuple[PatientRecord, tuple[Event, ...]]:
    """The patient's record, and what becomes known of the patient by this command."""
    if c.wristband.strip():
        return _wearer(at, c), ()
    if c.patient or not c.name.strip():
        return find(at, c.patient, c.mrn), ()
    return _typed(at, state, c, checked)


def _wearer(at: Situation, c: IdentifyPatient) -> PatientRecord:
    found = with_wristband(at.registry.patients, c.wristband)
    if not found:
        raise CommandRefused("No patient has this wristband: choose by name, or register first")
    if len(found) > 1:
        raise CommandRefused("More than one patient has this wristband: choose by name, and have the record put right")
    if c.patient and c.patient != found[0].id:
        raise CommandRefused("The wristband belongs to another patient than the one chosen")
    return found[0]


def _typed(
    at: Situation, state: SessionState, c: IdentifyPatient, checked: tuple[str, ...]
) -> tuple[PatientRecord, tuple[Event, ...]]:
    """Somebody by name, date of birth and MRN as they were typed."""
    name, mrn = need_text(c.name, "The patient's name"), c.mrn.strip()
    born = born_on(at, c.born) if c.born.strip() or "born" in checked else ""
    if "mrn" in checked:
        need_text(mrn, "The MRN")
    known = with_mrn(at.registry.patients, mrn)
    if known is not None:
        return _same_mrn(state, c, known, name, born)
    found = namesakes(at.registry.patients, name, born) if born else ()
    if mrn:
        found = tuple(one for one in found if not one.mrn)
    if len(found) > 1:
        raise CommandRefused("Several patients have that name and date of birth: give the MRN")
    if found:
        return (found[0], ()) if not mrn else _changed(found[0], change_of(found[0], mrn=mrn))
    current = state.patient
    if current is not None and current.id and c.reason.strip() and current.mrn == mrn:
        # A correction of who is written down, not another person: the record is put right.
        record = at.registry.patients[current.id]
        return _changed(record, change_of(record, c.reason.strip(), name=name, born=born))
    registered = PatientRegistered(new_id(), name=name, born=born, mrn=mrn)
    return PatientRecord(registered.patient, registered, at.now), (registered,)


def _same_mrn(
    state: SessionState, c: IdentifyPatient, known: PatientRecord, name: str, born: str
) -> tuple[PatientRecord, tuple[Event, ...]]:
    """The MRN is known. Another name or date of birth is a wrong patient, or one who was written down wrongly."""
    if plain_name(name) == plain_name(known.name) and (not born or born == known.born):
        return known, ()
    is_correction = state.patient is not None and state.patient.id == known.id and bool(c.reason.strip())
    fills_in = plain_name(name) == plain_name(known.name) and not known.born
    if not (is_correction or fills_in):
        raise CommandRefused(f"MRN {known.mrn} is another patient's in the record: check name, date of birth and MRN")
    return _changed(known, change_of(known, c.reason.strip(), name=name, born=born or known.born))


def _changed(known: PatientRecord, change: PatientChanged) -> tuple[PatientRecord, tuple[Event, ...]]:
    return replace(known, facts=change), (change,)


def _with_allergies(
    known: PatientRecord, news: tuple[Event, ...], said: str
) -> tuple[PatientRecord, tuple[Event, ...]]:
    """What the patient says of allergies goes into the record, where it is more than stands there."""
    text = said.strip()
    if not text or text == known.facts.allergies:
        return known, news
    state = allergy_state_of(text).value
    if news:  # it is said in the same breath
        told = replace(known.facts, allergies=text, allergy_state=state)
        return replace(known, facts=told), (told,)
    return _changed(known, change_of(known, "asked at the chair", allergies=text, allergy_state=state))


def _has_what_was_checked(known: PatientRecord, checked: tuple[str, ...]) -> None:
    if "born" in checked and not known.born:
        raise CommandRefused("Date of birth: none stands in the record")
    if "mrn" in checked:
        need_text(known.mrn, "The MRN")


def _alone(at: Situation, state: SessionState, known: PatientRecord, c: IdentifyPatient) -> str:
    """Nobody is in two sessions at once; a second one on the same day needs its reason, which is answered."""
    other = open_visit(at.registry, known.id, but=state.id)
    if other is not None:
        raise CommandRefused(f"{known.name} has an open session in chair {other.chair} ({other.study_id})")
    before = visit_on(at.registry, known.id, local_day(at.now, state.tz), but=state.id)
    if before is None:
        return ""
    again = c.same_day_reason.strip()
    if len(again) < MIN_REASON:
        raise CommandRefused(f"{known.name} had a session today ({before.study_id}): give the reason for a second one")
    return again


def _amendment(state: SessionState, reason: str) -> int | None:
    """A correction after the start supersedes the entry before and needs a reason."""
    if state.patient is None or state.phase is Phase.PREPARE:
        return None
    need_text(reason, "The reason for the correction", MIN_REASON)
    return LATEST


HANDLERS: dict[type[Command], Handler] = {IdentifyPatient: identify_patient}
