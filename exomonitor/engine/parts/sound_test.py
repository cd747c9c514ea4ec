"""The handler of the sound test: it is recorded for the station, and for the session that is open in the chair."""

from __future__ import annotations

from exomonitor.engine.situation import Decision, Handler, Situation
from exomonitor.registry.sound_tests import SoundTested
from exomonitor.session.commands import Command
from exomonitor.session.parts.sound_test import RecordSoundTest


def record_sound_test(at: Situation, c: RecordSoundTest) -> Decision:
    """What was heard, whatever it was."""
    during = at.state.id if at.state is not None and at.state.phase.is_open else ""
    return Decision((SoundTested(at.chair, c.full, c.heard, during),))


HANDLERS: dict[type[Command], Handler] = {RecordSoundTest: record_sound_test}
