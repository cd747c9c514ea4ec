"""A device side without devices: the real catalogue, two made-up ports, and answers that a test sets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from devices.telling import choices
from exomonitor.engine.ports import Binding, DeviceChoice, FoundDevice, PortInfo, WireRow
from exomonitor.errors import CommandRefused, EnvironmentFault

PORTS = (
    PortInfo("/dev/ttyUSB0", "FT232R USB UART", "A50285BI", "1-1.2"),
    PortInfo("/dev/ttyUSB1", "USB-Serial Controller", "", "1-1.3"),
)


class FakeDevices:
    """Satisfies engine.ports.DeviceService; keeps what was bound and tried."""

    def __init__(self) -> None:
        self.bound: dict[tuple[str, str], Binding] = {}
        self.tried: list[tuple[str, str, int]] = []
        self.lines: list[str] = []
        self.heard: tuple[str, ...] = ("/dev/ttyUSB0 opened with 19200 8N1", "214 bytes, 12 good frames, 0 bad")
        self.fault = ""
        self.rows: tuple[WireRow, ...] = ()
        self.found: tuple[FoundDevice, ...] = ()
        self.accepted: list[tuple[str, str, str]] = []

    def catalogue(self) -> tuple[DeviceChoice, ...]:
        return choices()

    def ports(self) -> tuple[PortInfo, ...]:
        return PORTS

    def bindings(self) -> tuple[Binding, ...]:
        return tuple(self.bound.values())

    def bind(self, binding: Binding) -> None:
        if self.fault:
            raise CommandRefused(self.fault)
        self.bound[binding.chair, binding.role] = binding

    def release(self, chair: str, role: str) -> None:
        self.bound.pop((chair, role), None)

    def accept(self, chair: str, role: str, serial: str) -> None:
        self.accepted.append((chair, role, serial))

    def wire(self, chair: str, role: str) -> tuple[WireRow, ...]:
        return self.rows

    def save_wire(self, chair: str, role: str, folder: Path) -> Path:
        if self.fault:
            raise EnvironmentFault(self.fault)
        return folder / f"{role}.excap"

    def identify(
        self, port: str, key: str, tell: Callable[[str], None], stopped: Callable[[], bool]
    ) -> tuple[FoundDevice, ...]:
        self.tried.append((key, port, 0))
        if self.fault:
            raise EnvironmentFault(self.fault)
        tell("9600 8N1: listening")
        return () if stopped() else self.found

    def test_reading(self, key: str, port: str, baud: int, seconds: float, line: str = "") -> tuple[str, ...]:
        self.tried.append((key, port, baud))
        self.lines.append(line)
        if self.fault:
            raise EnvironmentFault(self.fault)
        return self.heard
