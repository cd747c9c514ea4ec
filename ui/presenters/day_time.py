"""Times of day as people type them (13:20, 1320): today's, or yesterday's when they lie ahead. No widget."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from exomonitor.clock import iso_utc, parse_utc

_TYPED = re.compile(r"^([01]?\d|2[0-3])[:.h]?([0-5]\d)$")
_AHEAD = timedelta(minutes=5)
"""A clock on the wall may be so far ahead of ours."""


def read_time(text: str, now: datetime) -> datetime | None:
    """The latest moment at which the wall clock showed this; None when it is no time of day. `now` is aware."""
    match = _TYPED.match(text.strip())
    if match is None:
        return None
    local = now.astimezone()
    found = local.replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)
    if found > local + _AHEAD:
        found -= timedelta(days=1)
    return min(found, local)


def minutes_ago(text: str, now: datetime) -> float | None:
    """How many minutes ago that was, never below 0; None when it is no time of day."""
    found = read_time(text, now)
    return None if found is None else max(0.0, (now - found).total_seconds() / 60)


def time_answer(text: str, now: datetime) -> str:
    """The answer of a checklist's item: ISO 8601 in UTC; "" when it is no time of day."""
    found = read_time(text, now)
    return "" if found is None else iso_utc(found)


def shown_answer(answer: str) -> str:
    """`13:20` of such an answer, on the clock of the wall; other texts as they are."""
    try:
        return f"{parse_utc(answer).astimezone():%H:%M}"
    except ValueError:
        return answer
