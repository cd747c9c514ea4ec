"""Late entries: what was written down long after it happened says so wherever it is read."""

from __future__ import annotations

import re
from collections.abc import Container

from exomonitor.clinical.observations import DEFAULT_SCHEDULE
from exomonitor.clock import Instant, in_zone, local_day, parse_utc
from exomonitor.session.entry import Entry
from exomonitor.session.narrative import sentence

LATE_ENTRY = "LATE ENTRY"
VOID = "VOID"
# What an entry calls the time at which it happened, where that is not the time of the entry.
_HAPPENED = ("observed", "when")
_STATION = "station"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")


def late_by_s(entry: Entry) -> float:
    """Seconds between what a person wrote and when it happened; 0 for what machines reported."""
    if entry.actor == _STATION:
        return 0.0
    for name in _HAPPENED:
        told = getattr(entry.event, name, None)
        if isinstance(told, Instant):
            return max(0.0, entry.at.since(told))
    return 0.0


def is_late(entry: Entry, after_s: float = DEFAULT_SCHEDULE.late_entry_s) -> bool:
    """Whether it is labelled a late entry. after_s: the clinic's rule in this session (`SessionState.late_entry_s`)."""
    return late_by_s(entry) > after_s


def entry_line(entry: Entry, voided: Container[int] = (), after_s: float = DEFAULT_SCHEDULE.late_entry_s) -> str:
    """The sentence of an entry with its label, if it is void or late (see `is_late`); "" where it says nothing to a
    person."""
    text = wall_clock(sentence(entry.event), entry)
    if not text:
        return ""
    marks = [VOID] if entry.seq in voided else []
    if is_late(entry, after_s):
        marks.append(LATE_ENTRY)
    return f"{', '.join(marks)}: {text}" if marks else text


def wall_clock(text: str, entry: Entry) -> str:
    """The same words with each UTC moment in them as the ward's clock shows it: `10:00`, or with its date where that is
    not the day of the entry."""
    today = local_day(entry.at, entry.tz)

    def shown(found: re.Match[str]) -> str:
        moment = in_zone(parse_utc(found[0]), entry.tz)
        return f"{moment:%H:%M}" if moment.date() == today else f"{moment:%Y-%m-%d %H:%M}"

    return _MOMENT.sub(shown, text)
