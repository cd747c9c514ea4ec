"""One station, several chairs: who sits here is looked at again before the first entry after its page came back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from exomonitor.clock import Instant
from exomonitor.session.commands import Command
from exomonitor.session.entry import Entry, Event, recorded
from exomonitor.session.parts.part import Part

SCAN, TYPED, READ = "scan", "typed", "read"
HOW_WORDS = {
    SCAN: "scanned",
    TYPED: "two identifiers typed",
    READ: "name and date of birth read on it, no scanner",
}


@recorded
@dataclass(frozen=True, slots=True)
class WristbandChecked(Event):
    """After the page came back to this chair: it is this patient, or (`same` False) another wristband was scanned."""

    how: str
    same: bool = True


@recorded
@dataclass(frozen=True, slots=True)
class EnteredBeforeWristband(Event):
    """Something that could not wait was recorded before the wristband was looked at again."""


@dataclass(frozen=True, slots=True)
class ShowChair(Command):
    """The page of this chair came to the front; no entry of the record by itself."""


@dataclass(frozen=True, slots=True)
class CheckWristband(Command):
    """It is the patient of this session: `scanned` = what the wristband says; else name and date of birth (ISO) or MRN
    as typed; else `read` = there is no scanner, name and date of birth were read on the wristband."""

    scanned: str = ""
    name: str = ""
    born: str = ""
    mrn: str = ""
    read: bool = False


@dataclass(frozen=True, slots=True)
class Wristbands:
    """This part's share of the session's state."""

    checked: tuple[tuple[Instant, str], ...] = ()
    """When, and how."""
    mismatches: int = 0
    unchecked: int = 0
    """How often something was recorded that could not wait."""


def _checked(s: Wristbands, entry: Entry, e: WristbandChecked) -> Wristbands:
    if not e.same:
        return replace(s, mismatches=s.mismatches + 1)
    return replace(s, checked=(*s.checked, (entry.at, e.how)))


def _unchecked(s: Wristbands, _: Entry, e: EnteredBeforeWristband) -> Wristbands:
    return replace(s, unchecked=s.unchecked + 1)


def _tell_checked(e: WristbandChecked) -> str:
    if not e.same:
        return "ANOTHER PATIENT'S WRISTBAND was scanned for this session"
    return f"Wristband checked after switching chairs: {HOW_WORDS.get(e.how, e.how)}"


PART = Part(
    "wristbands",
    {WristbandChecked: _checked, EnteredBeforeWristband: _unchecked},
    {
        WristbandChecked: _tell_checked,
        EnteredBeforeWristband: lambda _: "Recorded at once: wristband not scanned after switching chairs",
    },
    {CheckWristband: WristbandChecked},
)
