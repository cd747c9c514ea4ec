"""What a handler adds when patient, bag or order becomes another one after the start: recorded at once."""

from __future__ import annotations

from exomonitor.engine.handlers_prepare import enter_order
from exomonitor.engine.parts.lots import second_person
from exomonitor.engine.situation import Decision, Handler, Situation
from exomonitor.registry.users import PRESCRIBER
from exomonitor.session.commands import Command, EnterOrder
from exomonitor.session.events import OrderEntered
from exomonitor.session.parts.changes import ORDER, ChangedAfterStart, order_changes
from exomonitor.session.phases import Phase
from exomonitor.session.state import SessionState


def changed(
    at: Situation, state: SessionState, what: str, fields: tuple[str, ...], by: str, proof: str, reason: str
) -> tuple[ChangedAfterStart, ...]:
    """The entry about a change after the start; without a `proof` it says that a single nurse made it.

    Nothing before the start, nor where nothing that was checked is another one. Raises CommandRefused where the proof
    is nobody's who may stand by."""
    if not fields or state.phase not in {Phase.INFUSE, Phase.OBSERVE}:
        return ()
    second = second_person(at, proof, by) if proof else ""
    runs = state.delivery is not None and state.delivery.runs
    return (
        ChangedAfterStart(what, fields, second, bool(proof) and at.signed_by(proof, PRESCRIBER), runs, reason.strip()),
    )


def order_entered(at: Situation, c: EnterOrder) -> Decision:
    """The order, and after the start in what it is another one; whoever signed it or its range stands by as well."""
    decision = enter_order(at, c)
    state = at.session()
    after = next(event for event in decision.events if isinstance(event, OrderEntered))
    proof = c.proof or c.prescriber_proof or c.override_proof
    news = changed(at, state, ORDER, order_changes(state.order, after), c.by, proof, c.reason)
    return Decision((*decision.events, *news), decision.answer, decision.session, decision.by)


HANDLERS: dict[type[Command], Handler] = {EnterOrder: order_entered}
