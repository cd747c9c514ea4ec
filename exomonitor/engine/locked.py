"""A chair whose screen was left alone: nobody is at work there; after a long time it is asked again who sits there."""

from __future__ import annotations

from exomonitor.clock import Instant
from exomonitor.engine.chair import Chair
from exomonitor.session.commands import Command
from exomonitor.session.parts.handover import SignIn, TakeOver
from exomonitor.session.parts.trust import LockScreen

ASK_AGAIN_S = 600.0
"""After a longer lock the question who sits here is asked as after a restart."""


def adopt_lock(chair: Chair, command: Command, now: Instant) -> None:
    """What locking and the first sign-in after it change outside the record."""
    if isinstance(command, LockScreen):
        chair.staff_id, chair.locked_at = "", chair.locked_at or now
    elif isinstance(command, SignIn | TakeOver) and chair.locked_at is not None:
        long_ago, chair.locked_at = now.since(chair.locked_at) > ASK_AGAIN_S, None
        patient = chair.state.patient if chair.session and chair.state is not None else None
        if patient is not None and long_ago:
            chair.resume_offer = f"Still {patient.name} in chair {chair.name}?"
