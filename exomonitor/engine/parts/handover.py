"""Handlers of take-over, signature and review: each bears the name of a person who has just proved who they are."""

from __future__ import annotations

from exomonitor.engine.handlers_infuse import refuse_while_infusing
from exomonitor.engine.situation import Decision, Handler, Situation
from exomonitor.errors import CommandRefused
from exomonitor.registry.users import NURSE, PRESCRIBER
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.parts.handover import (
    BREAK_COVER,
    KINDS,
    RETURN,
    ReviewSession,
    SessionReviewed,
    SignedIn,
    TakenOver,
    TakeOver,
)
from exomonitor.session.review import review_reasons
from exomonitor.session.verdict import verdict_when_signed


def take_over(at: Situation, c: TakeOver) -> Decision:
    """The patient has another nurse from now on."""
    state = at.session()
    user = at.proven(c.proof, NURSE, PRESCRIBER)
    if c.kind not in KINDS:
        raise CommandRefused(f"{c.kind!r} is not a take-over: handover, break cover or return")
    name = at.registry.users[user].name
    if user == at.signed_in and user == state.handover.nurse:
        raise CommandRefused(f"{name} has this patient already")
    if c.kind == RETURN and user != state.handover.relieved:
        raise CommandRefused("Only the nurse who was relieved comes back: choose handover")
    until = None
    if c.kind == BREAK_COVER:
        longest = max(at.protocol.rules.care.content.break_cover_min)
        if c.minutes is None or not 0 < c.minutes <= longest:
            raise CommandRefused(f"Break cover lasts 1 to {longest} minutes")
        until = at.now.plus(float(c.minutes) * 60)
    before = state.handover.nurse or at.signed_in
    signed = SignedIn(user, at.chair, at.proofs[c.proof].method, name)
    return Decision((signed, TakenOver(user, before, c.kind, until, name, c.card)), user, by=user)


def sign_off(at: Situation, c: cmd.SignOff) -> Decision:
    """Sign what stands at this moment: its chain head, and whether the record is complete."""
    state = at.session() if at.session().is_emergency else at.started()
    if not state.is_emergency:
        if state.product_end is None:
            raise CommandRefused("The end of the product is not recorded")
        if state.flush is None:
            raise CommandRefused("The flush is not recorded (or that none is done)")
        refuse_while_infusing(at)
    if state.open_reaction is not None:
        raise CommandRefused("A reaction is still open")
    user = at.registry.users[at.proven(c.proof, NURSE, PRESCRIBER)]
    verdict = verdict_when_signed(state, at.now, at.protocol.schedule)
    signed = ev.SessionSigned(c.meaning, state.head, verdict, user.name, user.id, user.role_words)
    return Decision((signed,), user.id, by=user.id)


def review_session(at: Situation, c: ReviewSession) -> Decision:
    """A prescriber has looked at the record, now or after it was signed."""
    user = at.registry.users[at.proven(c.proof, PRESCRIBER)]
    state = at.state
    if state is not None and c.session in {"", state.id}:
        event = SessionReviewed(user.id, PRESCRIBER, state.head, review_reasons(state), user.name, c.text.strip())
        return Decision((event,), user.id, state.id, by=user.id)
    visit = at.registry.visits.get(c.session)
    if visit is None or not visit.head:
        known = visit is not None and visit.is_open
        raise CommandRefused("This session is open elsewhere: review it there" if known else "There is no such session")
    seen = SessionReviewed(user.id, PRESCRIBER, visit.head, (), user.name, c.text.strip(), whole=True)
    return Decision((seen,), user.id, c.session, by=user.id)


HANDLERS: dict[type[cmd.Command], Handler] = {
    TakeOver: take_over,
    cmd.SignOff: sign_off,
    ReviewSession: review_session,
}
