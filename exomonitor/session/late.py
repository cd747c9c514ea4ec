"""Late entries: what was written down more than five minutes after it happened says so wherever it is read."""

from __future__ import annotations

from collections.abc import Container

from exomonitor.clock import Instant
from exomonitor.session.entry import Entry
from exomonitor.session.narrative import sentence

LATE_ENTRY_S = 300.0
"""An entry about something further back than this is a late entry."""
LATE_ENTRY = "LATE ENTRY"
VOID = "VOID"
# What an entry calls the time at which it happened, where that is not the time of the entry.
_HAPPENED = ("observed", "when")
_STATION = "station"


def late_by_s(entry: Entry) -> float:
    """Seconds between what a person wrote and when it happened; 0 for what machines reported."""
    if entry.actor == _STATION:
        return 0.0
    for name in _HAPPENED:
        told = getattr(entry.event, name, None)
        if isinstance(told, Instant):
            return max(0.0, entry.at.since(told))
    return 0.0


def is_late(entry: Entry) -> bool:
    """Whether it is labelled a late entry."""
    return late_by_s(entry) > LATE_ENTRY_S


def entry_line(entry: Entry, voided: Container[int] = ()) -> str:
    """The sentence of an entry with its label, if it is late or void; "" where it says nothing to a person."""
    text = sentence(entry.event)
    if not text:
        return ""
    marks = [VOID] if entry.seq in voided else []
    if is_late(entry):
        marks.append(LATE_ENTRY)
    return f"{', '.join(marks)}: {text}" if marks else text
