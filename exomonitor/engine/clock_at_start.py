"""Whether the computer's clock can be believed after a restart: if not, a session's time goes on from its last moment.

Across two boots nothing but the wall clock tells how long the program was away. A dead clock battery sets it back, a
wrong date far ahead, and a step before the restart leaves two answers. Then no duration is made of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from exomonitor.clock import LONGEST_NS, Instant, parse_utc
from exomonitor.engine.clock_watch import CLOCK_JUMP_S, ClockNews
from exomonitor.session.entry import Entry
from exomonitor.session.machine_events import ClockJumped

LEAST_AWAY_S = 0.001
CLOCK_DOUBT_S = 60.0
"""A clock that is behind the record by no more than this is left to the time server."""
_ROOM_NS = LONGEST_NS // 2
"""No time line goes on from further off: what is recorded then must be readable at the next start."""
READ_THE_PUMP = "set it, read the pump"


@dataclass(frozen=True, slots=True)
class LeftOff:
    """Where the record of a session ends. `jumped_s`: by how much its wall clock was moved against its time line;
    `wrong_before`: it was found wrong at an earlier start, so that what is left over may be the time away of then."""

    last: Instant
    jumped_s: float
    wrong_before: bool = False


@dataclass(frozen=True, slots=True)
class ClockAtStart:
    """From where the durations go on, the seconds away that this counts as, and what is alarmed about (None: the wall
    clock is a moment behind, as a time server may leave it, or was moved before and told then)."""

    last: Instant
    away_s: float
    news: ClockNews | None

    @property
    def base(self) -> Instant:
        """The present moment on the time line of the record, where no two moments are the same."""
        return self.last.plus(max(self.away_s, LEAST_AWAY_S))


def left_off_at(entries: Iterable[Entry]) -> LeftOff | None:
    """The last moment that the entries of a session tell; None = there are none. Each batch of readings and waves has
    its entry: a row that no entry proves moves no clock."""
    entries = tuple(entry for entry in entries if entry.at.mono_ns <= _ROOM_NS)
    if not entries:
        return None
    boot = entries[-1].at.boot_id
    known = [entry.at for entry in entries if entry.at.boot_id == boot]
    jumps = [e.event for e in entries if isinstance(e.event, ClockJumped) and e.at.boot_id == boot]
    last = max(known, key=lambda at: at.mono_ns)
    return LeftOff(last, sum(one.seconds for one in jumps), any(one.at_start for one in jumps))


def clock_at_start(left: LeftOff, now: Instant, longest_s: float) -> ClockAtStart | None:
    """What to make of the clock; None = it can be believed. `longest_s`: a session is not left for longer than that.

    What is counted is the least that fits the clock, with or without the steps that the record knows.
    """
    if now.boot_id == left.last.boot_id:
        return None
    ahead_s = now.since(left.last)
    mended = left.wrong_before and 0 <= left.jumped_s <= longest_s
    moved = abs(left.jumped_s) > CLOCK_JUMP_S and not mended
    fitting = [max(0.0, s) for s in {ahead_s, ahead_s + left.jumped_s * moved} if -CLOCK_JUMP_S <= s <= longest_s]
    if not moved and fitting:
        return None if ahead_s >= 0 else ClockAtStart(left.last, 0.0, None)
    away_s = min(fitting, default=0.0)
    jumped_s = round(ahead_s - away_s, 3)
    event = ClockJumped(jumped_s, at_start=True) if abs(jumped_s) > CLOCK_JUMP_S else None
    if event is None and len(fitting) == 1:
        return ClockAtStart(left.last, away_s, None)  # the steps were told when they came: nothing is new
    return ClockAtStart(left.last, away_s, ClockNews(f"CLOCK CHANGED{_by(event)} - {READ_THE_PUMP}", event))


def clock_doubt(now: datetime, record_ends: str, known: date) -> str:
    """Why the computer's clock, or that with which the record was dated, cannot be right, where no session is open, in
    a sentence that stays the same for the day; "" = both can be. `record_ends`: UTC of the newest entries, "" = there
    are none; `known`: a day that has surely begun. A clock that is ahead by less than a session may be away cannot be
    told from a computer that was off for so long."""
    try:
        ends = parse_utc(record_ends) if record_ends else None
    except ValueError:
        ends = None
    if ends is not None and (ends - now).total_seconds() > CLOCK_DOUBT_S:
        one_is = "one of the two is wrong, compare the clock with a watch"
        return (
            f"on {_day(now)} it is behind the record, which goes on to {_day(ends)} {ends.astimezone():%H:%M}: {one_is}"
        )
    if now.date() < known - timedelta(days=1):
        return f"it says {_day(now)}, and this program knows of {known:%Y-%m-%d}: set the computer's clock"
    return ""


def _day(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d}"


def _by(event: ClockJumped | None) -> str:
    if event is None:
        return " before the restart"
    return f": {_long(abs(event.seconds))} {'behind' if event.seconds < 0 else 'ahead of'} the record"


def _long(seconds: float) -> str:
    for unit, size, least in (("days", 86_400, 3), ("h", 3_600, 2), ("min", 60, 2)):
        if seconds >= least * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
