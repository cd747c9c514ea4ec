"""UTC instants as the ward's clock showed them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_OFFSET = re.compile(r"^UTC([+-])(\d{2}):(\d{2})$")


@cache
def zone(name: str) -> tzinfo:
    """The zone of a session by its IANA name or `UTC+02:00`; UTC where this machine does not know the name."""
    if found := _OFFSET.match(name):
        sign, hours, minutes = found.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-offset if sign == "-" else offset)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def local(utc: datetime, name: str) -> datetime:
    """The local time of a UTC moment."""
    return utc.astimezone(zone(name))


def local_iso(utc: datetime, name: str) -> str:
    """Local time with its offset, to the second: `2026-03-02T10:05:00+01:00`."""
    return local(utc, name).isoformat(timespec="seconds")


def local_clock(utc: datetime, name: str) -> str:
    """Local time of day: `10:05:00`."""
    return local(utc, name).strftime("%H:%M:%S")
