"""Handler of confirming another device: it is this patient's, and the record goes on with its number."""

from __future__ import annotations

from exomonitor.engine.handlers_prepare import other_counter
from exomonitor.engine.parts.wristband import ANOTHER, OTHER_WRISTBAND, check_wristband
from exomonitor.engine.situation import Decision, Handler, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.session import events as ev
from exomonitor.session.commands import Command
from exomonitor.session.entry import Event
from exomonitor.session.parts.device_check import ConfirmDevice, DeviceConfirmed
from exomonitor.session.parts.wristband import CheckWristband, WristbandChecked

ROLES = ("pump", "monitor")


def confirm_device(at: Situation, c: ConfirmDevice) -> Decision:
    """Patient and device were both looked at; another pump counts from elsewhere, so its number is pinned anew."""
    state = at.session()
    if c.role not in ROLES:
        raise CommandRefused(f"{c.role!r} is no role: pump or monitor")
    serial = "" if c.untold else need_text(c.serial, f"The number of the {c.role}")
    if not c.looked:
        says = f"Compare the number on the {c.role} first: the cable says {serial}"
        raise CommandRefused(says if serial else f"Look at the {c.role} first: it does not tell its number")
    how = _who(at, c) if state.patient is not None else ""
    events: list[Event] = [DeviceConfirmed(c.role, serial, c.expected, c.model, how)]
    pinned = state.devices.get(c.role)
    if pinned is not None and pinned.key:
        bound = ev.DeviceBound(c.role, pinned.key, pinned.source, pinned.channel, c.model, serial, pinned.grade)
        events += [bound, *other_counter(at, state, bound, another=serial != c.expected)]
    return Decision(tuple(events))


def _who(at: Situation, c: ConfirmDevice) -> str:
    """By what the patient was known; refused where nobody looked, or the wristband is somebody else's."""
    if not (c.scanned.strip() or c.read):
        raise CommandRefused("Look at the wristband first: scan it, or read name and date of birth on it")
    looked = check_wristband(at, CheckWristband(c.chair, c.by, scanned=c.scanned, read=c.read))
    if looked.answer == ANOTHER:
        raise CommandRefused(OTHER_WRISTBAND)
    return next(event.how for event in looked.events if isinstance(event, WristbandChecked))


HANDLERS: dict[type[Command], Handler] = {ConfirmDevice: confirm_device}
