"""When a cuff pressure was measured: the monitor repeats its last result for ever, so each is dated once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from devices.monitors.philips_intellivue.wire import codes
from devices.monitors.philips_intellivue.wire.fields import Attributes, Malformed, Reader, Special, decode_clock
from exomonitor.clock import Instant

OLDEST_S = 24 * 3600.0
UNSEEN_S = 60.0
_WRAP = 1 << 32

Pressures = tuple[float | Special, ...]


@dataclass(frozen=True, slots=True)
class MonitorTime:
    """The monitor's two clocks at one moment: ticks of 125 us, and date and time where known."""

    ticks: int
    clock: datetime | None = None

    def at_ticks(self, ticks: int) -> MonitorTime:
        """Both clocks when the first one shows `ticks`; it wraps after six days."""
        if self.clock is None:
            return MonitorTime(ticks)
        passed = (ticks - self.ticks) % _WRAP
        if passed > _WRAP // 2:
            passed -= _WRAP
        return MonitorTime(ticks, self.clock + passed * _TICK)


_TICK = timedelta(seconds=1) / codes.TICKS_PER_S


class CuffTimes:
    """Dates results. One is new when its stamp or its values change, or when it appears after a measurement."""

    def __init__(self) -> None:
        self._measured_at: Instant | None = None
        self._pressures: Pressures | None = None
        self._stamp: tuple[bytes, bytes] | None = None
        self._seen_at: Instant | None = None

    def measured_at(
        self, pressures: Pressures, attributes: Attributes, now: MonitorTime, at: Instant
    ) -> Instant | None:
        """The instant of this result; None when nobody can tell."""
        stamp = (attributes.get(codes.RELATIVE_TIME, b""), attributes.get(codes.TIME_STAMP, b""))
        watched = self._seen_at is not None and at.since(self._seen_at) <= UNSEEN_S
        if any(stamp):
            if stamp != self._stamp:
                told = _told(stamp, now, at)
                # What appears while we watch was measured just now, even if somebody has set the monitor's clock.
                old = told is None or at.since(told) > UNSEEN_S
                self._measured_at = at if watched and old else told
            self._stamp = stamp
        elif pressures != self._pressures:
            self._measured_at = at if watched else None
        self._pressures, self._seen_at = pressures, at
        return self._measured_at

    def nothing(self, at: Instant) -> None:
        """There is no result at the moment: whatever appears next was measured while we watched."""
        self._pressures, self._seen_at = None, at


def _told(stamp: tuple[bytes, bytes], now: MonitorTime, at: Instant) -> Instant | None:
    """The stamp moved to our clock by its age: the fine one where there is one, else the one in whole seconds."""
    relative, absolute = stamp
    try:
        age = (now.ticks - Reader(relative).u32()) % _WRAP / codes.TICKS_PER_S if relative else None
    except Malformed:
        age = None
    clock = decode_clock(absolute)
    if age is None and clock is not None and now.clock is not None:
        age = (now.clock - clock).total_seconds()
        age = 0.0 if -1.0 <= age < 0 else age
    return at.plus(-age) if age is not None and 0 <= age <= OLDEST_S else None
