"""`devices`: the families that can be read and the ports that are there; `devices identify`: what is on one port."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TextIO

from devices.catalogue import CATALOGUE, spec_of
from devices.commands.ending import until_ended
from devices.discovery import FoundPort, find_ports
from devices.identify import Identified, has_no_speed, identify, on
from devices.spec import DeviceSpec, PortSettings, Transport
from devices.transport.base import open_transport
from exomonitor.clock import Clock, SystemClock

_DEVICE_HEAD = ("DEVICE", "ROLE", "GRADE", "PORT SETTINGS", "NAME")
_PORT_HEAD = ("PORT", "USB", "SERIAL", "LOCATION", "VENDOR", "PRODUCT", "DESCRIPTION")
NOTHING_FOUND = 1


def run_devices(out: TextIO) -> int:
    """Print the catalogue and this machine's serial ports; opens none."""
    rows = [_device(spec) for spec in CATALOGUE.values()]
    out.write(_table(_DEVICE_HEAD, rows) + "\n")
    ports = [_port(port) for port in find_ports()]
    out.write(_table(_PORT_HEAD, ports) if ports else "No serial port was found.\n")
    out.flush()
    return 0


def run_identify(
    where: tuple[str, str],
    out: TextIO,
    *,
    transport: Callable[[str, PortSettings], Transport] = open_transport,
    clock: Clock | None = None,
) -> int:
    """Say what is on (port, device): any device with "", or this one at all its usual speeds. 1: nothing answered.

    Raises CommandRefused for an unknown device or port text, EnvironmentFault when the port cannot be opened.
    """
    port, device = where
    specs = on(port, (spec_of(device),) if device else CATALOGUE.values())

    def tell(words: str) -> None:
        out.write(f"{words} ...\n")
        out.flush()

    found: tuple[Identified, ...] = ()
    with until_ended(out):
        found = identify(
            specs,
            lambda settings: transport(port, settings),
            clock or SystemClock(),
            one_speed=has_no_speed(port),
            tell=tell,
        )
        for one in found:
            out.write(f"{one.key}: {one.words()}\n")
        if not found:
            out.write("Nothing answered: check cable, adapter and whether the device is set to send.\n")
            if "nonin" in {spec.key for spec in specs}:
                out.write("An oximeter for spot checks speaks only when one is taken: name it (nonin), and take one.\n")
        out.flush()
    return 0 if found else NOTHING_FOUND


def _device(spec: DeviceSpec) -> tuple[str, ...]:
    return spec.key, spec.role.value, spec.grade.value, spec.line, spec.name


def _port(port: FoundPort) -> tuple[str, ...]:
    return port.name, port.usb_id, port.serial, port.location, port.vendor, port.product, port.description


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (head, *rows)]
    return "".join(line.rstrip() + "\n" for line in lines)
