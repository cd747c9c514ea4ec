"""The protocol of a session: the command that adopts another one, and what is said when a pinned copy is gone."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.session.commands import Command
from exomonitor.session.entry import Event, recorded
from exomonitor.session.parts.part import Part


@recorded
@dataclass(frozen=True, slots=True)
class PinnedProtocolGone(Event):
    """After a restart the copy that the session had pinned was not there any more: another one is used instead."""

    pinned: str
    pinned_sha256: str
    used: str
    used_sha256: str
    used_rules_sha256: str


@dataclass(frozen=True, slots=True)
class AdoptProtocol(Command):
    """Put a protocol in force from the next start on. `proof`: an administrator's, given just now."""

    name: str
    version: str
    sha256: str
    rules_sha256: str
    proof: str


def _gone(e: PinnedProtocolGone) -> str:
    return f"The protocol of this session, {e.pinned}, is not on this computer any more: {e.used} is used instead"


PART = Part("protocol", tellers={PinnedProtocolGone: _gone})
