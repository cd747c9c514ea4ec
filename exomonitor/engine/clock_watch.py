"""Whether the clock of this computer was moved between two ticks, or its time zone."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.clock import Instant
from exomonitor.session.machine_events import ClockJumped

CLOCK_JUMP_S = 2.0


@dataclass(frozen=True, slots=True)
class ClockNews:
    """What is alarmed about, and what the record keeps of it (None: durations and order are not affected)."""

    text: str
    event: ClockJumped | None = None


def clock_news(before: Instant | None, now: Instant) -> ClockNews | None:
    """What happened to the clock since the last tick; None = nothing, or the computer was started anew."""
    if before is None or before.boot_id != now.boot_id:
        return None
    jumped = (now.utc - before.utc).total_seconds() - now.since(before)
    if abs(jumped) > CLOCK_JUMP_S:
        text = f"CLOCK CHANGED by {_span(jumped)} - look at the times in the record"
        return ClockNews(text, ClockJumped(round(jumped, 3)))
    zone = now.utc.astimezone().utcoffset()
    if zone != before.utc.astimezone().utcoffset():
        return ClockNews(f"TIME ZONE CHANGED to UTC{zone} - look at the times in the record")
    return None


def _span(seconds: float) -> str:
    """`+75 s`, `+20 min 5 s`, `-1 h 2 min`: as somebody reads it off a clock."""
    sign, whole = "-" if seconds < 0 else "+", round(abs(seconds))
    if whole < 100:
        return f"{sign}{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{sign}{minutes} min {rest} s" if rest else f"{sign}{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours} h {minutes} min" if minutes else f"{sign}{hours} h"
