"""How far a device's own clock stands from ours: shown on the Devices page, never used to date anything."""

from __future__ import annotations

from datetime import UTC, datetime

from devices.spec import Driver, TellsTime
from exomonitor.clock import Instant


def told_offset_s(driver: Driver) -> float | None:
    """By how much the clock of this driver's device is ahead of ours; None where it has not told its time."""
    if not hasattr(driver, "clock_told"):  # most have none, and to ask by the protocol is slow
        return None
    told = driver.clock_told if isinstance(driver, TellsTime) else None
    return None if told is None else offset_s(*told)


def offset_s(told: datetime, at: Instant) -> float:
    """Seconds by which the device's clock, which showed `told` at `at`, is ahead of ours (negative: behind).

    A time without a zone may be local time or UTC, nobody says which: the nearer of the two is taken.
    """
    if told.tzinfo is not None:
        return (told - at.utc).total_seconds()
    shown = told.replace(tzinfo=UTC)
    local = at.utc.astimezone().replace(tzinfo=UTC)
    return min(((shown - at.utc).total_seconds(), (shown - local).total_seconds()), key=abs)
