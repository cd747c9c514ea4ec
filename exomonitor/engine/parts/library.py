"""Handlers of the protocols that a clinic adopts."""

from __future__ import annotations

from exomonitor.engine.situation import Decision, Handler, Situation
from exomonitor.errors import CommandRefused
from exomonitor.registry.library import ProtocolAdopted, in_force
from exomonitor.registry.users import ADMINISTRATOR
from exomonitor.session.commands import Command
from exomonitor.session.parts.protocol import AdoptProtocol


def adopt_protocol(at: Situation, c: AdoptProtocol) -> Decision:
    """An administrator's signature; what is in force, or adopted already, is not adopted again."""
    user = at.proven(c.proof, ADMINISTRATOR)
    last = in_force(at.registry.library)
    wanted = (c.sha256, c.rules_sha256)
    if last is not None and (last.sha256, last.rules_sha256) == wanted:
        raise CommandRefused(f"{c.name} {c.version} is adopted already: it is in force from the next start on")
    if last is None and (at.protocol.sha256, at.protocol.rules.sha256) == wanted:
        raise CommandRefused(f"{c.name} {c.version} is in force already")
    before = f"{at.protocol.name} {at.protocol.version}" if last is None else f"{last.name} {last.version}"
    return Decision((ProtocolAdopted(c.name, c.version, c.sha256, c.rules_sha256, before),), by=user)


HANDLERS: dict[type[Command], Handler] = {AdoptProtocol: adopt_protocol}
