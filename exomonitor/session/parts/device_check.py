"""Another pump or monitor on the cable: a person has looked at patient and device, and it may be heard again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from exomonitor.clock import Instant
from exomonitor.session.commands import Command
from exomonitor.session.entry import Entry, Event, recorded
from exomonitor.session.parts.part import Part
from exomonitor.session.parts.wristband import HOW_WORDS


@recorded
@dataclass(frozen=True, slots=True)
class DeviceConfirmed(Event):
    """The device with serial number `serial` ("" = it tells none) is at this patient, in place of `expected`. how: by
    what the patient was known (scan, typed, read), "" where nobody is identified yet."""

    role: str
    serial: str
    expected: str
    model: str
    how: str


@dataclass(frozen=True, slots=True)
class ConfirmDevice(Command):
    """The device that is on the cable now belongs to this patient. `scanned` = the wristband; else `read` = name and
    date of birth were read on it. `looked` = the number on the device itself was compared. `untold` = it tells no
    number over the cable: somebody looked that it is the one at this patient."""

    role: str
    serial: str
    expected: str = ""
    model: str = ""
    scanned: str = ""
    read: bool = False
    looked: bool = False
    untold: bool = False


@dataclass(frozen=True, slots=True)
class Confirmed:
    """One device that was confirmed during the session."""

    role: str
    serial: str
    at: Instant
    by: str


@dataclass(frozen=True, slots=True)
class DeviceChecks:
    """This part's share of the session's state."""

    confirmed: tuple[Confirmed, ...] = ()


def _confirmed(s: DeviceChecks, entry: Entry, e: DeviceConfirmed) -> DeviceChecks:
    return replace(s, confirmed=(*s.confirmed, Confirmed(e.role, e.serial, entry.at, entry.actor)))


def _tell(e: DeviceConfirmed) -> str:
    before = f" in place of {e.expected}" if e.expected else ""
    how = f"wristband {HOW_WORDS.get(e.how, e.how)}" if e.how else "nobody is identified yet"
    told = f"number {e.serial}" if e.serial else "it does not tell its number,"
    return f"{e.role.upper()} CHANGED, confirmed at this patient: {told}{before} ({how})"


PART = Part("device_checks", {DeviceConfirmed: _confirmed}, {DeviceConfirmed: _tell}, {ConfirmDevice: DeviceConfirmed})
