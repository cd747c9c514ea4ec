"""Who saw what: looks at names, exports, overrides, sign-ins and failed ones, locks, as lines of plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from exomonitor.registry.users import UserAdded, UserChanged
from exomonitor.session.entry import Entry, Event
from exomonitor.session.events import GateOverridden
from exomonitor.session.machine_events import ExportMade
from exomonitor.session.narrative import sentence
from exomonitor.session.parts.handover import SignedIn, SignedOut, TakenOver
from exomonitor.session.trust_events import KeyTaken, RecordViewed, ScreenLocked, SignInFailed

ACCESS: tuple[type[Event], ...] = (
    RecordViewed,
    ExportMade,
    SignInFailed,
    ScreenLocked,
    SignedIn,
    SignedOut,
    TakenOver,
    GateOverridden,
    UserAdded,
    UserChanged,
    KeyTaken,
)
"""The types of entries that say who came in, who looked, who took something along, and who went another way."""


def access_lines(entries: Iterable[Entry], staff: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """One line an entry, oldest first: when, where, who, what, of which session."""
    for entry in entries:
        who = staff.get(entry.actor, (entry.actor, ""))[0]
        about = entry.session or str(
            getattr(entry.event, "of_session", "") or getattr(entry.event, "export_session", "")
        )
        patient = str(getattr(entry.event, "of_patient", ""))
        whom = staff.get(str(getattr(entry.event, "user", "")), ("", ""))[0]
        words = sentence(entry.event) or type(entry.event).__name__
        parts = (words, whom if whom != who else "", f"session {about}" if about else "", patient)
        yield f"{entry.at.iso()}  {entry.station}  {who}: {', '.join(part for part in parts if part)}"
