"""The Devices page in words: ports, chairs, the bytes of a line, and how far a device's clock is off. No widget."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exomonitor.engine.ports import Binding, DeviceChoice, FoundDevice, PortInfo, WireRow
from exomonitor.engine.snapshot import LivePump
from exomonitor.signals.links import LinkChange, LinkState
from exomonitor.signals.pump import PumpReading, PumpStatus

BYTES_IN_LINE = 16
WORDS_IN_LINE = 92
"""So many letters of meaning have room beside the bytes."""
_FIRST, _LAST = 4, 1
"""So many lines of a long message are shown of its beginning and of its end."""
NOT_TOLD = "--"
PORT_COLUMNS = (("Port", 2), ("Adapter", 3), ("USB serial number", 2), ("Socket", 1), ("Read as", 2))
CHAIR_COLUMNS = (("Chair", 1), ("Role", 1), ("Device", 3), ("Port", 2), ("Own number", 2), ("Known again by", 3))
NO_PORTS = "No serial port is there: plug the adapter in and look again"
NO_BINDINGS = "No device is read in any chair"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@dataclass(frozen=True, slots=True)
class WireLine:
    """One line of the view: clock time and `>` sent or `<` received ("" where the piece goes on), up to 16 bytes, and
    what was understood of the whole piece. `sent`: also where the piece goes on. `left_out`: so many bytes stand here
    that are not shown."""

    time: str
    way: str
    data: bytes
    said: str
    sent: bool
    left_out: int = 0


def wire_lines(rows: Sequence[WireRow], most: int) -> tuple[WireLine, ...]:
    """The newest lines, as many as there is room for, oldest first; no message without its first line."""
    lines: list[WireLine] = []
    for row in reversed(rows):
        more = _lines_of(row)
        if lines and len(lines) + len(more) > most:
            break
        lines[:0] = more
    return tuple(lines[:most]) if most > 0 else ()


def _lines_of(row: WireRow) -> list[WireLine]:
    pieces = [(row.data[i : i + BYTES_IN_LINE], 0) for i in range(0, len(row.data), BYTES_IN_LINE)] or [(b"", 0)]
    if len(pieces) > _FIRST + _LAST + 1:
        left_out = sum(len(data) for data, _ in pieces[_FIRST:-_LAST])
        pieces = [*pieces[:_FIRST], (b"", left_out), *pieces[-_LAST:]]
    said = [part for one in row.said for part in textwrap.wrap(one, WORDS_IN_LINE, subsequent_indent="   ")]
    way = "" if not row.data else ">" if row.sent else "<"
    stamp = f"{row.at.utc.astimezone():%H:%M:%S}.{row.at.utc.microsecond // 1000:03d}"
    while len(said) > len(pieces):  # more meaning than bytes: the rest stands below without bytes
        pieces.append((b"", 0))
    lines = []
    for place, (piece, left_out) in enumerate(pieces):
        words = said[place] if place < len(said) else ""
        lines.append(WireLine("" if place else stamp, "" if place else way, piece, words, row.sent, left_out))
    return lines


def port_rows(ports: Iterable[PortInfo], bindings: Iterable[Binding]) -> tuple[tuple[str, ...], ...]:
    """A line for each port that is there now."""
    read: dict[str, list[str]] = {}  # pumps of several chairs may share one line
    for one in sorted(bindings, key=lambda one: (one.chair, one.role != "pump")):
        read.setdefault(one.port, []).append(f"{one.role} of chair {one.chair}")
    return tuple(
        (
            port.name,
            adapter_words(port),
            port.serial or NOT_TOLD,
            port.location or NOT_TOLD,
            ", ".join(read.get(port.name, ["free"])),
        )
        for port in ports
    )


def adapter_words(port: PortInfo) -> str:
    """Maker and product as the adapter says them, else what the system calls it."""
    return " · ".join(part for part in (port.vendor, port.product) if part) or port.description or NOT_TOLD


def choice_of(catalogue: Iterable[DeviceChoice], key: str) -> DeviceChoice | None:
    """The catalogue's row for what is read, with or without the network address that its key may carry."""
    family = key.partition("@")[0]
    return next((one for one in catalogue if one.key == family), None)


def device_name(catalogue: Iterable[DeviceChoice], key: str) -> str:
    """What is read in words, with its address where it has one; the key itself where no row is known."""
    choice, address = choice_of(catalogue, key), key.partition("@")[2]
    if choice is None:
        return key
    return choice.name.partition(" (")[0] + (f", address {address}" if address else "")


def chair_rows(bindings: Iterable[Binding], catalogue: Sequence[DeviceChoice]) -> tuple[tuple[str, ...], ...]:
    """A line for each device that is read."""
    ordered = sorted(bindings, key=lambda one: (one.chair, one.role != "pump"))
    return tuple(
        (
            one.chair,
            one.role,
            device_name(catalogue, one.key),
            one.port,
            one.serial or "not told",
            known_by(one),
        )
        for one in ordered
    )


def known_by(binding: Binding) -> str:
    """By what port and device are found again after they were unplugged."""
    if binding.adapter:
        how = f"adapter {binding.adapter}"
    else:
        how = f"USB socket {binding.location}" if binding.location else "the port's name alone"
    return f"{how}, own number" if binding.serial else how


def clock_words(offset_s: float | None) -> str:
    """How far the device's clock is ahead of ours or behind it."""
    if offset_s is None:
        return "it tells no time"
    seconds = abs(offset_s)
    if seconds < 1:
        return "as ours"
    return f"{_span(seconds)} {'ahead of' if offset_s > 0 else 'behind'} ours; never used to date a value"


def _span(seconds: float) -> str:
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.0f} h" if seconds < 2 * _DAY else f"{seconds / _DAY:.0f} days"


def request_words(change: LinkChange, choice: DeviceChoice | None) -> str:
    """What was asked, and what may be asked at most."""
    counted = change.counters
    held = f", {counted.held_back} held back" if counted.held_back else ""
    most = f"; at most {choice.request_budget_per_s:g} a second" if choice is not None else ""
    return f"{counted.requests} sent{held}{most}"


def is_wrong(change: LinkChange | None) -> bool:
    """Whether another device than the bound one is on the cable."""
    return change is not None and change.state is LinkState.WRONG_DEVICE


def confirm_question(role: str, change: LinkChange, expected: str) -> str:
    """What the nurse compares."""
    before = f" It was number {expected} before." if expected else ""
    if not change.serial:
        return f"The {role} on the cable does not tell its number.{before}"
    return f"The {role} on the cable says it is {change.model} number {change.serial}.".replace("  ", " ") + before


def device_tick(role: str, change: LinkChange) -> str:
    """What the nurse says that she has looked at."""
    if not change.serial:
        return f"The {role} at this patient is the one on this cable"
    return f"Number {change.serial} stands on the {role} at this patient"


def present(pumps: Iterable[LivePump]) -> tuple[PumpReading, ...]:
    """What the pumps told last that were not taken out."""
    return tuple(one.reading for one in pumps if one.reading.status is not PumpStatus.REMOVED)


def channel_options(pumps: Iterable[LivePump]) -> tuple[tuple[str, str], ...]:
    """(channel, words) of every pump that is behind the link now, in order."""
    readings = sorted((one for one in present(pumps) if one.channel), key=lambda reading: reading.channel)
    return tuple((one.channel, f"{one.channel} · {one.serial}" if one.serial else one.channel) for one in readings)


def channel_question(pinned: str, pumps: Iterable[LivePump]) -> str:
    """Through which of them the product runs, and what is wrong with that."""
    if not pinned:
        return "Several pumps are on this link: through which one does the product run?"
    pumps = tuple(pumps)
    there = {one.channel for one in present(pumps)}
    if pinned in there:
        return "The product runs through"
    if not there and all(one.reading.channel != pinned for one in pumps):
        return f"Nothing is heard of the product's pump {pinned}, and no other pump is on this link"
    if not there:
        return f"The product's pump {pinned} is not on this link, and no other pump is"
    return f"The product's pump {pinned} is not on this link: through which one does it run now?"


def found_words(found: Sequence[FoundDevice]) -> str:
    """What answered."""
    if not found:
        return "Nothing answered: check cable and adapter, and whether the device is set to send"
    return "\n".join(one.words for one in found)


def elsewhere(told: str, searched: str, chosen: str) -> str:
    """What was found on a port, with its name where another one is chosen by now."""
    return told if searched == chosen else f"On {searched}: {told}"


def read_words(found: FoundDevice) -> str:
    """The key that reads it from now on; of several on one line each with its address."""
    address = found.key.partition("@")[2]
    return f"Read {found.name.partition(' (')[0]}{f' (address {address})' if address else ''} as the {found.role}"


def catalogue_line(choice: DeviceChoice) -> str:
    """What must be known of a device before a session relies on it, in one line."""
    never = ", ".join(one.partition(" (")[0].partition(":")[0] for one in choice.never_reports[:3])
    return f"{choice.grade.capitalize()} grade · never reports {never} · {choice.tried}"
