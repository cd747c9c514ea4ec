"""The sound test in words: when it was done and what was heard, what is due, and what this computer does not tell."""

from __future__ import annotations

from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.sound_tests import burst_due, full_due, last_full, refuted
from ui.presenters.words import hm

FULL_DUE = "Sound test due: once a shift, the three alarm sounds"
BURST_DUE = "Sound test: one short burst in each session"
TOLD = "This computer tells when it is muted, at volume 0 or without a sound device."
NOT_TOLD = "This computer does not tell mute and volume: the sound test is the only proof that alarms are heard."
NOTHING_PLAYS = "Nothing can be played: there is no sound on this computer."
HEARD = "Good: alarms can be heard here."
NOT_HEARD = "The program now says NO SOUND. Turn up the volume and test again."


def is_due(snapshot: Snapshot, every_h: float, *, full: bool) -> bool:
    """Whether this test is still to be done."""
    tests, session = snapshot.registry.sound_tests, snapshot.session
    if full:
        return full_due(tests, snapshot.now, every_h)
    return session is not None and session.phase.is_open and (burst_due(tests, session.id) or refuted(tests))


def last_words(snapshot: Snapshot, every_h: float) -> str:
    """`Sound test 07:12, heard, R. Okafor`, or that it is due."""
    last = last_full(snapshot.registry.sound_tests)
    if last is None:
        return f"{FULL_DUE}."
    user = snapshot.registry.users.get(last.by)
    who = f", {user.name}" if user is not None else ""
    said = f"Last sound test {hm(last.at)}, {'heard' if last.heard else 'NOT HEARD'}{who}"
    return f"{said}. Due again: once a shift" if is_due(snapshot, every_h, full=True) else said
