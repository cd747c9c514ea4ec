"""UTC instants as the ward's clock showed them."""

from __future__ import annotations

from datetime import datetime

from exomonitor.clock import in_zone, zone_or_fail


def local(utc: datetime, name: str) -> datetime:
    """The local time of a UTC moment. Raises OSError while the zone's file cannot be read."""
    zone_or_fail(name)
    return in_zone(utc, name)


def local_iso(utc: datetime, name: str) -> str:
    """Local time with its offset, to the second: `2026-03-02T10:05:00+01:00`."""
    return local(utc, name).isoformat(timespec="seconds")


def local_clock(utc: datetime, name: str) -> str:
    """Local time of day: `10:05:00`."""
    return local(utc, name).strftime("%H:%M:%S")
