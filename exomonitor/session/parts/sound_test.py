"""The sound test: the command that records what a person heard."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.session.commands import Command


@dataclass(frozen=True, slots=True)
class RecordSoundTest(Command):
    """The three alarm sounds (`full`), or one short burst, were played: `heard` is what a person says."""

    full: bool
    heard: bool
