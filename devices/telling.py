"""What devices, ports and links say, as the Devices page and the command line tell it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from devices.catalogue import CATALOGUE, spec_of
from devices.discovery import FoundPort
from devices.identify import Identified
from devices.link import Link
from devices.spec import DeviceSpec
from devices.tap import Tap
from devices.transport.capture import ENDING, Kind, copy_in_the_clear
from exomonitor.clock import Instant
from exomonitor.engine.ports import Binding, DeviceChoice, FoundDevice, PortInfo, WireRow
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.folders import make_private
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange, LinkFault, LinkState
from exomonitor.signals.pump import PumpReading
from exomonitor.signals.vitals import VitalReading
from exomonitor.signals.waves import WaveChunk

NO_CHECKSUM = "no checksum: a damaged byte can go unnoticed where the value stays plausible"
_MARKS = {Kind.OPEN: "the port was opened", Kind.CLOSE: "the port was closed"}


_UNITS = {"mm[Hg]": "mmHg", "Cel": "°C"}
_NAMES = {
    "rate_set": "set rate",
    "vtbi": "volume to be infused",
    "pressure_pct": "pressure",
    "pressure_mmhg": "pressure",
    "battery_pct": "battery",
}
_AFTER = {"pressure_pct": " of its limit"}


def fact_words(fact: DeviceFact) -> str:
    """One fact in a line of words."""
    match fact:
        case VitalReading():
            unit = _UNITS.get(fact.unit, fact.unit)
            value = fact.validity.value.replace("_", " ") if fact.value is None else f"{fact.value:g} {unit}"
            return f"{fact.sign.value.replace('_', ' ')}: {value}"
        case PumpReading():
            return _pump_text(fact)
        case WaveChunk():
            return f"wave {fact.wave.value}: {fact.rate_hz:g} samples per second"
        case RelayedAlarm():
            return f"alarm of the device: {fact.text}{'' if fact.active else ' (over)'}"
        case LinkChange():
            return f"{fact.state.value.replace('_', ' ')}: {fact.reason}"
        case LinkFault():
            return f"BAD FRAME: {fact.reason}"


def wire_rows(tap: Tap) -> tuple[WireRow, ...]:
    """What a line carried last, each piece with what was understood of it."""
    return tuple(
        WireRow(
            row.at,
            row.kind is Kind.TX,
            row.data,
            (_MARKS[row.kind],) if row.kind in _MARKS else tuple(dict.fromkeys(fact_words(one) for one in row.facts)),
        )
        for row in tap.rows()
    )


def save_wire(link: Link, folder: Path, now: Instant) -> Path:
    """Write all that is recorded of a link into a new capture in `folder`, in the clear; where nothing is, what is
    still kept of the line. EnvironmentFault where the disk refuses."""
    name = f"{link.spec.choice.replace('/', '-')}-{link.source}-{now.utc.strftime('%Y%m%dT%H%M%S%f')}{ENDING}"
    try:
        make_private(folder)
        if not _copied(link, folder / name):
            link.tap.save(folder / name, link.spec.choice)
    except OSError as cause:
        raise EnvironmentFault(f"{folder / name} cannot be written: {cause.strerror or cause}") from cause
    return folder / name


def _copied(link: Link, to: Path) -> bool:
    """The link's recording from its beginning: a dialogue is understood by who has heard how it began."""
    path, seal = link.recorder.path, link.recorder.seal
    try:
        return path is not None and copy_in_the_clear(path, seal, to)
    except (CommandRefused, EnvironmentFault):  # just finished and put away
        return False


def port_infos(ports: Iterable[FoundPort]) -> tuple[PortInfo, ...]:
    """Ports as the Devices page shows them."""
    return tuple(PortInfo(p.name, p.description, p.serial, p.location, p.vendor, p.product) for p in ports)


def found_device(one: Identified) -> FoundDevice:
    """What answered, as the Devices page binds it."""
    spec = spec_of(one.key)
    baud = 0 if one.settings.baud == spec.settings.baud else one.settings.baud
    line = "" if one.settings.line == spec.settings.line else one.settings.line
    if not one.has_speed:
        baud, line = 0, ""
    return FoundDevice(one.key, one.name, spec.role.value, baud, one.model, one.serial, one.words(), line)


class Heard:
    """What a test reading heard: the last of each thing."""

    def __init__(self) -> None:
        self.reason = "the port cannot be opened"
        self.readings = 0
        self._told: dict[str, str] = {}

    def take(self, fact: DeviceFact) -> None:
        match fact:
            case VitalReading():
                self.readings += 1
                self._told[fact.sign.value] = fact_words(fact)
            case PumpReading():
                self.readings += 1
                self._told[f"pump {fact.channel}"] = fact_words(fact)
            case WaveChunk():
                self._told[f"wave {fact.wave}"] = fact_words(fact)
            case RelayedAlarm():
                self._told[f"alarm {fact.channel} {fact.code}"] = fact_words(fact)
            case LinkChange():
                if fact.state is LinkState.LOST:
                    self.reason = fact.reason[:1].upper() + fact.reason[1:]
                if fact.model or fact.serial:
                    self._told["device"] = f"device: {fact.model} {fact.serial}".rstrip()

    def lines(self) -> tuple[str, ...]:
        if not self._told:
            return ("nothing was understood: check cable, device type, baud rate and parity",)
        return tuple(self._told.values())


def _pump_text(reading: PumpReading) -> str:
    numbers = [
        f"{_NAMES.get(name, name.replace('_', ' '))} {value:g} {_UNITS.get(unit, unit)}{_AFTER.get(name, '')}"
        for name, (value, unit) in reading.numbers().items()
        if value is not None and name != "on_mains"
    ]
    power = [] if reading.on_mains is None else ["on mains" if reading.on_mains else "on battery"]
    return ", ".join([f"pump {reading.channel}: {reading.status.value}", *numbers, *power])


def choices() -> tuple[DeviceChoice, ...]:
    """The catalogue as the Devices page shows it."""
    return tuple(_choice(one) for spec in CATALOGUE.values() for one in (spec.formats.values() or (spec,)))


def _choice(spec: DeviceSpec) -> DeviceChoice:
    return DeviceChoice(
        key=spec.choice,
        name=spec.name,
        vendor=spec.vendor,
        role=spec.role.value,
        grade=spec.grade.value,
        settings=spec.line,
        bauds=() if spec.dials_us else spec.usual_bauds,
        reports=spec.reports,
        never_reports=spec.never_reports,
        evidence=spec.evidence,
        side_effects=spec.side_effects if spec.has_checksum else (*spec.side_effects, NO_CHECKSUM),
        tried=spec.tried_on_hardware,
        stale_s=spec.stale_s,
        lost_s=spec.lost_s,
        interval_s=spec.interval_s,
        request_budget_per_s=spec.request_budget_per_s,
        averaging=spec.averaging,
        connect_note=spec.flow_note,
        addresses=spec.addresses,
        other_lines=() if spec.dials_us else spec.other_lines,
    )


def reader(binding: Binding) -> str:
    """Who reads it: `the pump of chair 4`."""
    chair = binding.chair if binding.chair.casefold().startswith("chair") else f"chair {binding.chair}"
    return f"the {binding.role} of {chair}"
