"""Handlers of voids and addenda."""

from __future__ import annotations

from exomonitor.engine.situation import Decision, Handler, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.registry.users import PRESCRIBER
from exomonitor.session.commands import Command
from exomonitor.session.parts.corrections import (
    ADDENDUM_WHYS,
    MIN_REASON,
    VOID_WHYS,
    WRONG_PATIENT,
    AddAddendum,
    AddendumAdded,
    EntryVoided,
    VoidEntry,
)
from exomonitor.session.phases import Phase
from exomonitor.session.voiding import why_not_voidable


def void_entry(at: Situation, c: VoidEntry) -> Decision:
    """A coded reason and one in words; for a wrong patient a second person beside."""
    state = at.session()
    entry = next((one for one in state.history if one.seq == c.seq), None)
    if entry is None:
        raise CommandRefused(f"Entry {c.seq} is not an entry of this session that can be voided")
    if c.seq in state.corrections.voided:
        raise CommandRefused(f"Entry {c.seq} is void already")
    if why_not := why_not_voidable(entry.event):
        raise CommandRefused(why_not)
    if c.why not in VOID_WHYS:
        raise CommandRefused("Choose why the entry is void")
    reason = need_text(c.reason, "The reason", MIN_REASON)
    second = ""
    if c.why == WRONG_PATIENT:
        second = at.proven(c.proof)
        if second == c.by:
            raise CommandRefused("The second person must be somebody else")
    return Decision((EntryVoided(c.seq, c.why, second, reason, bool(second) and at.signed_by(c.proof, PRESCRIBER)),))


def add_addendum(at: Situation, c: AddAddendum) -> Decision:
    """Whoever adds to a signed record signs for it; the record itself stays as it was signed."""
    user = at.proven(c.proof)
    visit = at.registry.visits.get(c.session)
    if visit is None:
        raise CommandRefused("There is no such session")
    if visit.phase is not Phase.SIGNED:
        raise CommandRefused("This session is not signed: correct the entry itself")
    if c.why not in ADDENDUM_WHYS:
        raise CommandRefused("Choose why something is added")
    text = need_text(c.text, "The addendum", MIN_REASON)
    person = at.registry.users.get(user)
    added = AddendumAdded(user, visit.signed_hash, c.why, person.name if person is not None else "", text)
    return Decision((added,), session=c.session, by=user)


HANDLERS: dict[type[Command], Handler] = {VoidEntry: void_entry, AddAddendum: add_addendum}
