"""The only place that asks the time: instants, the system clock, and a clock that tests and simulations move
by hand."""

from __future__ import annotations

import errno
import logging
import re
import threading
import time
import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache
from pathlib import Path
from typing import Protocol

NS = 1_000_000_000
LONGEST_NS = 2**62
"""No clock of ours counts further, nor back: a moment beyond it leaves no room to go on, and none is written so."""
_log = logging.getLogger(__name__)
_unread: set[str] = set()
"""Zones of which it was logged that they cannot be read."""
_OFFSET = re.compile(r"^UTC([+-])(\d{2}):(\d{2})$")
_BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")
_NO_FILE = {errno.EISDIR, errno.EACCES, errno.ENAMETOOLONG, errno.EINVAL}
"""What Linux and Windows say of a folder of zones, and of a name that no file can have."""
# Linux: time goes on during suspend. Elsewhere the ordinary monotonic clock has to do.
_SUSPEND_PROOF: int | None = getattr(time, "CLOCK_BOOTTIME", None)


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment: UTC for the record, monotonic nanoseconds for durations, and the boot that the latter belong to."""

    utc: datetime
    mono_ns: int
    boot_id: str

    def since(self, earlier: Instant) -> float:
        """Seconds from `earlier` to here: monotonic within one boot, UTC difference across boots."""
        if self.boot_id == earlier.boot_id:
            return (self.mono_ns - earlier.mono_ns) / NS
        return (self.utc - earlier.utc).total_seconds()

    def plus(self, seconds: float) -> Instant:
        """The instant `seconds` later on the same boot."""
        return Instant(self.utc + timedelta(seconds=seconds), self.mono_ns + round(seconds * NS), self.boot_id)

    def iso(self) -> str:
        """UTC as ISO 8601 with milliseconds and Z."""
        return iso_utc(self.utc)


def iso_utc(utc: datetime) -> str:
    """UTC as ISO 8601 with milliseconds and Z, as every record and export writes it."""
    at = utc if utc.tzinfo is UTC else utc.astimezone(UTC)
    return at.isoformat("T", "milliseconds")[:-6] + "Z"  # milliseconds are cut off, not rounded; -6: "+00:00"


def parse_utc(text: str) -> datetime:
    """Read what iso_utc wrote; raises ValueError for anything without a zone."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment.astimezone(UTC)


class Clock(Protocol):
    """Whoever needs the time is given one of these."""

    def now(self) -> Instant:
        """The present instant."""
        ...

    def go_on_from(self, base: Instant) -> None:
        """Count durations from here as if it were `base` now: the wall clock cannot tell how long ago that was."""
        ...


class SystemClock:
    """The machine's clocks: UTC wall clock and a monotonic clock that counts through suspend where the system
    has one."""

    def __init__(self) -> None:
        self._line = (_read_boot_id(), 0)
        """The boot whose time line this counts on, and how far that one is ahead of the machine's own (ns)."""

    def now(self) -> Instant:
        """The present instant of this machine."""
        boot_id, ahead_ns = self._line
        mono = time.monotonic_ns() if _SUSPEND_PROOF is None else time.clock_gettime_ns(_SUSPEND_PROOF)
        return Instant(datetime.now(UTC), mono + ahead_ns, boot_id)

    def go_on_from(self, base: Instant) -> None:
        """From now on instants lie on the time line of `base`, which is this moment; UTC stays what it is."""
        self._line = (base.boot_id, self._line[1] + base.mono_ns - self.now().mono_ns)


class ManualClock:
    """Simulated time: stands still until it is advanced. Safe to read from any thread."""

    def __init__(self, start: datetime | None = None, boot_id: str = "simulated", mono_ns: int = 0) -> None:
        self._lock = threading.Lock()
        self._now = Instant(start or datetime(2026, 3, 2, 9, 0, tzinfo=UTC), mono_ns, boot_id)

    def now(self) -> Instant:
        """The present simulated instant."""
        with self._lock:
            return self._now

    def advance(self, seconds: float) -> Instant:
        """Move both clocks forward by `seconds` (>= 0) and return the new instant."""
        if seconds < 0:
            raise ValueError("simulated time does not run backwards")
        with self._lock:
            self._now = self._now.plus(seconds)
            return self._now

    def go_on_from(self, base: Instant) -> None:
        """From now on instants lie on the time line of `base`, which is this moment; UTC stays what it is."""
        with self._lock:
            self._now = Instant(self._now.utc, base.mono_ns, base.boot_id)

    def step_wall(self, seconds: float) -> Instant:
        """Step the wall clock alone, as NTP or a person would; durations must not notice."""
        with self._lock:
            self._now = Instant(self._now.utc + timedelta(seconds=seconds), self._now.mono_ns, self._now.boot_id)
            return self._now


def pause(seconds: float) -> None:
    """Let real time pass: only for pacing a simulation and for waiting on hardware, never for logic."""
    if seconds > 0:
        time.sleep(seconds)


def stopwatch() -> float:
    """Seconds of a real monotonic clock, for pacing and measuring; unrelated to any Instant."""
    return time.monotonic()


def cpu_stopwatch() -> float:
    """Seconds that a processor has worked for this thread; what others do on a shared machine does not count."""
    return time.thread_time()


def zone_name() -> str:
    """The IANA name of the local time zone, or its UTC offset when the system does not say."""
    import tzlocal  # when it is first wanted: something must be painted before that

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a machine without any zone configured: the offset below says it
        try:
            name = tzlocal.get_localzone_name()
        except (LookupError, OSError, ValueError):
            name = ""
    if name:
        return name
    offset = datetime.now(UTC).astimezone().strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:]}"


def zone(name: str) -> tzinfo:
    """The zone of a session by its IANA name or `UTC+02:00`; UTC where this machine does not know the name, or it is no
    offset. UTC also while its file cannot be read, which is logged once and asked for again each time: neither a start
    nor a session waits for a zone."""
    try:
        found = zone_or_fail(name)
    except OSError as why:
        if name not in _unread:
            _unread.add(name)
            _log.warning("The time zone %r cannot be read: times of it are in UTC until it can (%s)", name[:64], why)
        return UTC
    if _unread:
        _unread.discard(name)
    return found


@cache
def zone_or_fail(name: str) -> tzinfo:
    """The same for what is kept or sent, where a time in UTC would be taken for the ward's. Raises OSError while the
    zone's file cannot be read; that is asked again each time."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # as above

    try:
        if found := _OFFSET.match(name):
            sign, hours, minutes = found.groups()
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            return timezone(-offset if sign == "-" else offset)
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
    except OSError as why:
        if why.errno in _NO_FILE:
            return UTC
        raise


def in_zone(utc: datetime, zone_name: str) -> datetime:
    """A UTC moment in the zone of that name; at either end of the calendar, where a zone leads beyond it, in UTC."""
    try:
        return utc.astimezone(zone(zone_name))
    except OverflowError:
        return utc


def local_day(at: Instant, zone_name: str) -> date:
    """The calendar day of an instant in the zone of that name."""
    return in_zone(at.utc, zone_name).date()


def _read_boot_id() -> str:
    try:
        return _BOOT_ID_FILE.read_text(encoding="ascii").strip()
    except OSError:
        import uuid

        # Without a system boot id a restart of the program must count as a new boot: never mix monotonic clocks.
        return str(uuid.uuid4())
