"""The record of an emergency in words: what happened, whose it was, and which earlier session it may belong to."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.visits import Visit
from exomonitor.session.not_certain import absent, at_least, counted, unsure
from exomonitor.session.parts.emergency_record import LaterEmergency
from exomonitor.session.phases import Phase
from exomonitor.session.state import SessionState
from ui.presenters.words import hm, hms, join

NOT_SAID = "not recorded"
OFFERED = 2
"""So many earlier sessions have a key of their own."""


@dataclass(frozen=True, slots=True)
class EarlierKey:
    """An earlier session whose patient it may have been."""

    session: str
    title: str
    below: str


def whose_words(state: SessionState, *, short: bool = False) -> str:
    """The patient, or who it was in words; `not recorded` while nobody has said. short: without the earlier session."""
    whose = state.emergency_record.whose
    if whose is None:
        return NOT_SAID
    e = whose.event
    after = f"after session {e.earlier_study_id}" if e.earlier_study_id and not short else ""
    return join(e.name or e.text, after)


def emergency_rows(state: SessionState) -> tuple[tuple[str, str], ...]:
    """(label, words) of what stands in the record; where entries are lost, each says so."""
    lost = state.lost
    first = state.reactions[0].when if state.reactions else state.opened
    whose = whose_words(state)
    steps = sum(not one.why_void for one in state.emergency.steps)
    return (
        ("Began", unsure(hms(first), lost)),
        ("Whose emergency", absent(whose, lost) if state.emergency_record.whose is None else whose),
        ("Reaction", at_least("; ".join(_reaction_words(state)), lost) if state.reactions else absent(NOT_SAID, lost)),
        ("Steps", f"{counted(steps, lost)} recorded" if steps else counted(0, lost, "0 recorded")),
        ("Vital signs", _sets_words(state)),
        ("Drugs", _drugs_words(state)),
        ("Entries without a name", counted(len(state.emergency.unattributed), lost)),
    )


def _drugs_words(state: SessionState) -> str:
    drugs = [one.event for one in state.emergency.drugs if not one.why_void]
    if not drugs:
        return counted(0, state.lost, "none recorded")
    words = "; ".join(f"{e.drug} {e.dose.normalize():f} {e.unit} {hm(e.when)}" for e in drugs)
    return at_least(words, state.lost)


def _sets_words(state: SessionState) -> str:
    """How many sets, and when the last was taken."""
    sets = sorted((one.event for one in state.observations.values()), key=lambda event: event.observed.utc)
    if not sets:
        return absent(NOT_SAID, state.lost)
    return f"{counted(len(sets), state.lost)} {'set' if len(sets) == 1 else 'sets'}, the last {hm(sets[-1].observed)}"


def _reaction_words(state: SessionState) -> list[str]:
    told = []
    for one in state.reactions:
        details, end = one.details, end_words(state, one.id)
        told.append(
            join(
                one.id,
                f"{details.term} grade {details.grade}"
                if details and details.term
                else absent("not graded", state.lost),
                absent(end, state.lost) if one.is_open else end,
            )
        )
    return told


def end_words(state: SessionState, reaction: str) -> str:
    """How a reaction ended: over, handed over, or still open."""
    found = state.reaction(reaction)
    if found is None or found.is_open:
        return "still open"
    return (
        f"over {hm(found.resolved)}" if found.resolved is not None else f"handed over {hm(found.handed_over)}, not over"
    )


def emergency_remarks(state: SessionState) -> tuple[str, ...]:
    """What will stand in the signed record as it is."""
    found = []
    if state.emergency_record.whose is None:
        found.append(absent("Whose emergency it was is not recorded", state.lost))
    return (*found, *unnamed_remark(state))


def lost_remark(state: SessionState) -> tuple[str, ...]:
    """Why figures above are not certain, for whoever signs them."""
    if not state.lost:
        return ()
    return (f"{state.lost} {'entry of this record is' if state.lost == 1 else 'entries of this record are'} lost",)


def unnamed_remark(state: SessionState) -> tuple[str, ...]:
    """How many entries would be signed without whoever made them."""
    unnamed = len(state.emergency.unattributed)
    return (f"{unnamed} {'entry bears' if unnamed == 1 else 'entries bear'} no name (F7)",) if unnamed else ()


def later_words(one: LaterEmergency) -> str:
    """`EXO-7K2M9P at 14:31`."""
    return f"{one.study_id} at {hm(one.when)}"


def earlier_keys(snapshot: Snapshot) -> tuple[EarlierKey, ...]:
    """The sessions whose patient it most likely was: this chair's first, then the newest; only those with a patient."""
    session = snapshot.session
    known = [
        visit
        for visit in snapshot.registry.visits.values()
        if visit.patient in snapshot.registry.patients and not visit.is_emergency and not visit.elsewhere
    ]
    if session is not None:
        known = [visit for visit in known if visit.id != session.id]
    known.sort(key=lambda visit: (visit.chair == snapshot.chair, visit.opened.utc), reverse=True)
    return tuple(_key(visit, snapshot) for visit in known[:OFFERED])


def _key(visit: Visit, snapshot: Snapshot) -> EarlierKey:
    opened = visit.opened.utc.astimezone()
    day = "today" if opened.date() == snapshot.now.utc.astimezone().date() else f"{opened:%Y-%m-%d}"
    state = {Phase.SIGNED: "signed", Phase.ABANDONED: "not started"}.get(visit.phase, "open")
    below = join(visit.study_id, f"chair {visit.chair}", f"{day} {opened:%H:%M}", state)
    return EarlierKey(visit.id, snapshot.registry.patients[visit.patient].name, below)
