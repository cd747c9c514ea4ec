"""`devices`: the families that can be read and the ports that are there, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from devices.catalogue import CATALOGUE
from devices.discovery import FoundPort, find_ports
from devices.spec import DeviceSpec

_DEVICE_HEAD = ("DEVICE", "ROLE", "GRADE", "PORT SETTINGS", "NAME")
_PORT_HEAD = ("PORT", "USB", "SERIAL", "DESCRIPTION")


def run_devices(out: TextIO) -> int:
    """Print the catalogue and this machine's serial ports; opens none."""
    rows = [_device(spec) for spec in CATALOGUE.values()]
    out.write(_table(_DEVICE_HEAD, rows) + "\n")
    ports = [_port(port) for port in find_ports()]
    out.write(_table(_PORT_HEAD, ports) if ports else "No serial port was found.\n")
    out.flush()
    return 0


def _device(spec: DeviceSpec) -> tuple[str, ...]:
    return spec.key, spec.role.value, spec.grade.value, spec.settings.text(), spec.name


def _port(port: FoundPort) -> tuple[str, ...]:
    return port.name, port.usb_id, port.serial, port.description


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (head, *rows)]
    return "".join(line.rstrip() + "\n" for line in lines)
