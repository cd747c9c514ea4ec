"""How old a cuff pressure is: the monitor repeats the last result for ever, so each is dated when it appears."""

from __future__ import annotations

from dataclasses import dataclass

from devices.monitors.ge_dri.wire import numerics
from devices.monitors.ge_dri.wire.numerics import Group
from exomonitor.clock import Instant

UNSEEN_S = 60.0
"""A result that appears after a silence shorter than this was measured during it, whatever its age bit says."""
OLDEST_S = 24 * 3600.0
_SAME_RESULT_S = 60.0

Triple = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class NibpResult:
    """The three raw pressures and when they were measured; `measured_at` None when nobody can tell."""

    raw: Triple
    measured_at: Instant | None


class NibpAges:
    """Dates cuff results. A result is new when its values change, when a measurement has just ended, when its age bit
    falls, or when the auxiliary time moves; until the next one it keeps the instant that it was given.
    """

    def __init__(self) -> None:
        self._raw: Triple | None = None
        self._measured_at: Instant | None = None
        self._told_time: int | None = None
        self._seen_at: Instant | None = None
        self._was_measuring = False
        self._was_old = False

    def result(self, group: Group, at: Instant, told_time: int | None, monitor_time: int) -> NibpResult | None:
        """The dated result in this group, None while measuring or when there is none.

        told_time: Unix seconds of the measurement by the monitor's clock, if an auxiliary subrecord says;
        monitor_time: the same clock now.
        """
        measuring = bool(group.label & numerics.NIBP_MEASURING)
        old = bool(group.label & numerics.NIBP_OLDER_THAN_60_S)
        raw = (group.values["sys"], group.values["dia"], group.values["mean"])
        told_at = _told_instant(told_time, monitor_time, at)
        valid = group.active and all(value > numerics.LAST_SPECIAL for value in raw)
        if valid and not measuring and self._is_new(raw, old, told_at, told_time):
            self._measured_at = told_at or self._appeared(at, old)
            self._raw = raw
            self._told_time = told_time
        elif valid and not measuring and self._measured_at is None:
            self._measured_at = told_at
        elif not valid and not measuring:
            self._raw = self._measured_at = None
        self._remember(at, measuring, old)
        return NibpResult(raw, self._measured_at) if valid and not measuring else None

    def _is_new(self, raw: Triple, old: bool, told_at: Instant | None, told_time: int | None) -> bool:
        if raw != self._raw or self._was_measuring or (self._was_old and not old):
            return True
        if told_at is None or told_time == self._told_time or self._measured_at is None:
            return False
        return told_at.since(self._measured_at) > _SAME_RESULT_S

    def _appeared(self, at: Instant, old: bool) -> Instant | None:
        """A result that nobody dates was measured now, unless it says that it is older and we were not watching."""
        watched = self._seen_at is not None and at.since(self._seen_at) <= UNSEEN_S
        return at if watched or not old else None

    def _remember(self, at: Instant, measuring: bool, old: bool) -> None:
        self._seen_at = at
        self._was_measuring = measuring
        self._was_old = old


def _told_instant(told_time: int | None, monitor_time: int, at: Instant) -> Instant | None:
    """The monitor's own time of measurement, moved to our clock by its age."""
    if told_time is None or not 0 <= monitor_time - told_time <= OLDEST_S:
        return None
    return at.plus(told_time - monitor_time)
