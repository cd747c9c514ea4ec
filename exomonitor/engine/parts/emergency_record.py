"""Handlers of an emergency without an infusion: whose it was, and void where it was opened by mistake."""

from __future__ import annotations

from exomonitor.engine.handlers_prepare import MIN_REASON, abandon_session
from exomonitor.engine.situation import NO_INFUSION, Decision, Handler, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.registry.patients import with_wristband
from exomonitor.registry.visits import Visit
from exomonitor.session import commands as cmd
from exomonitor.session.entry import Event
from exomonitor.session.events import SessionAbandoned
from exomonitor.session.parts import checks, course, supply
from exomonitor.session.parts.emergency_events import SetOwnSbpLimit
from exomonitor.session.parts.emergency_record import (
    VOID_WHYS,
    EmergencyFollowed,
    EmergencyWasOf,
    SayWhoseEmergency,
)
from exomonitor.session.phases import Phase

OTHER = "other"
OF_AN_INFUSION: frozenset[type[cmd.Command]] = frozenset(
    {
        cmd.IdentifyPatient,
        cmd.EnterProduct,
        cmd.EnterOrder,
        cmd.EnterLine,
        SetOwnSbpLimit,
        checks.RecordChecklist,
        checks.GivePremedication,
        checks.GiveHydration,
        supply.AcceptPreparedDose,
        course.JudgeTiming,
        course.AcceptTiming,
    }
)
"""What is done before or in an infusion: the record of an emergency has no place for it."""


def check_kind(at: Situation, command: cmd.Command) -> None:
    """Raises CommandRefused for what an emergency record has no place for."""
    state = at.state
    if state is not None and state.phase.is_open and state.is_emergency and type(command) in OF_AN_INFUSION:
        raise CommandRefused(NO_INFUSION)


def say_whose(at: Situation, c: SayWhoseEmergency) -> Decision:
    """A patient of the clinic's list, the patient of an earlier session, or somebody else in words; the earlier
    session's own record is told of it. Once the record is signed, whoever says it signs for it."""
    record = _record(at, c.record)
    by = at.proven(c.proof) if c.proof or record.phase is Phase.SIGNED else ""
    before = record.whose
    reason = c.reason.strip()
    if before is not None:
        need_text(reason, "The reason why it was somebody else", MIN_REASON)
    earlier = _earlier(at, c.earlier) if c.earlier else None
    patient = _patient(at, c, earlier)
    if not patient:
        text = need_text(c.text, "Whose emergency it was", MIN_REASON)
        said = EmergencyWasOf(text=text, reason=reason, supersedes=before)
        return _told(record, said, "", by)
    known = at.registry.patients[patient]
    facts = known.facts
    said = EmergencyWasOf(
        patient, earlier.id if earlier is not None else "", earlier.study_id if earlier is not None else "",
        known.name, known.born, known.mrn, facts.allergies, facts.allergy_state, facts.weight_kg, facts.beta_blocker,
        c.text.strip(), reason, before,
    )  # fmt: skip
    return _told(record, said, said.earlier, by)


def _told(record: Visit, said: EmergencyWasOf, earlier: str, by: str) -> Decision:
    """The emergency record says whose it was; the session it followed is told, and one that it did not follow too."""
    beside: list[tuple[str, Event]] = []
    if record.after and record.after != earlier:
        beside.append((record.after, EmergencyFollowed(record.id, record.study_id, record.opened, stands=False)))
    if earlier and record.after != earlier:
        beside.append((earlier, EmergencyFollowed(record.id, record.study_id, record.opened)))
    return Decision((said,), said.name or said.text, record.id, by, tuple(beside))


def _record(at: Situation, wanted: str) -> Visit:
    state = at.state
    if not wanted and (state is None or not state.is_emergency):
        raise CommandRefused("No emergency record is open in this chair")
    record = at.registry.visits.get(wanted or (state.id if state is not None else ""))
    if record is None or not record.is_emergency:
        raise CommandRefused("There is no such emergency record")
    if record.phase is Phase.ABANDONED:
        raise CommandRefused("This emergency record is void")
    return record


def _earlier(at: Situation, session: str) -> Visit:
    visit = at.registry.visits.get(session)
    if visit is None or visit.is_emergency or visit.elsewhere:
        raise CommandRefused("There is no such session")
    if not visit.patient:
        raise CommandRefused(f"Session {visit.study_id} has no patient")
    return visit


def _patient(at: Situation, c: SayWhoseEmergency, earlier: Visit | None) -> str:
    """The patient's id, "" where it was nobody of the clinic's list."""
    named = {earlier.patient} if earlier is not None else set()
    if c.wristband.strip():
        worn = with_wristband(at.registry.patients, c.wristband)
        if len(worn) != 1:
            raise CommandRefused("No single patient has this wristband: choose by name")
        named.add(worn[0].id)
    if c.patient:
        named.add(c.patient)
    if len(named) > 1:
        raise CommandRefused("That is another patient than the one of the earlier session")
    patient = next(iter(named), "")
    if patient and patient not in at.registry.patients:
        raise CommandRefused("There is no such patient in the record")
    return patient


def abandon(at: Situation, c: cmd.AbandonSession) -> Decision:
    """A session that has not started is closed; an emergency record that was opened by mistake is void: it stays, and
    counts for nothing. Where a drug was given it was no mistake."""
    state = at.session()
    if not state.is_emergency:
        return abandon_session(at, c)
    if c.why not in VOID_WHYS:
        raise CommandRefused("Choose why the record is void: pressed by mistake, a drill, or other")
    text = need_text(c.text, "The reason", MIN_REASON) if c.why == OTHER else c.text.strip()
    if any(not drug.why_void for drug in state.emergency.drugs):
        raise CommandRefused("A drug is recorded: take it back first, or sign the record")
    return Decision((SessionAbandoned(c.why, text),))


HANDLERS: dict[type[cmd.Command], Handler] = {SayWhoseEmergency: say_whose, cmd.AbandonSession: abandon}
