"""Handlers for one bag on the shelf: put into quarantine at once, given back to stock by two people."""

from __future__ import annotations

from exomonitor.engine.parts.lots import MIN_REASON, second_person
from exomonitor.engine.situation import Decision, Handler, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.registry.lot_events import BagQuarantined, BagReturned
from exomonitor.registry.lots import Bag
from exomonitor.registry.shelf import QuarantineBag, ReturnBag
from exomonitor.session.commands import Command


def quarantine_bag(at: Situation, c: QuarantineBag) -> Decision:
    """At once and by anybody who is signed in, also while it hangs: whoever is given it is alarmed about."""
    bag = _bag(at, c.bag)
    reason = need_text(c.reason, "The reason", MIN_REASON)
    if bag.quarantine:
        raise CommandRefused(f"Bag {bag.id} is in quarantine already: {bag.quarantine}")
    return Decision((BagQuarantined(bag.id, reason),))


def return_bag(at: Situation, c: ReturnBag) -> Decision:
    """Two people and why; its release is asked for anew. A bag that hung is not given back to stock."""
    bag = _bag(at, c.bag)
    if not bag.quarantine:
        raise CommandRefused(f"Bag {bag.id} is not in quarantine")
    if bag.used_in:
        raise CommandRefused(f"Bag {bag.id} was hung in a session: it does not go back to stock")
    reason = need_text(c.reason, "The reason", MIN_REASON)
    return Decision((BagReturned(bag.id, second_person(at, c.proof, c.by), reason),))


def _bag(at: Situation, said: str) -> Bag:
    known = at.registry.bags.get(said.strip().upper())
    if known is None:
        raise CommandRefused(f"There is no bag {said.strip()}")
    return known


HANDLERS: dict[type[Command], Handler] = {QuarantineBag: quarantine_bag, ReturnBag: return_bag}
