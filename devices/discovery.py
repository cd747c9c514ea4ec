"""Lists the serial ports that this machine has now; opens none of them."""

from __future__ import annotations

from dataclasses import dataclass

from serial.tools import list_ports


@dataclass(frozen=True, slots=True)
class FoundPort:
    """One port: its name, what the system says about it, and where it sits. vid and pid: USB numbers or None."""

    name: str
    description: str
    serial: str
    location: str
    vid: int | None
    pid: int | None

    @property
    def usb_id(self) -> str:
        """`0403:6001`, or nothing for a port that is no USB device."""
        return "" if self.vid is None or self.pid is None else f"{self.vid:04x}:{self.pid:04x}"


def find_ports() -> tuple[FoundPort, ...]:
    """All serial ports, by name."""
    return tuple(sorted((_found(port) for port in list_ports.comports()), key=lambda port: port.name))


def _found(port: object) -> FoundPort:
    def text(field: str) -> str:
        value = getattr(port, field, None)
        return "" if value in (None, "n/a") else str(value)

    return FoundPort(
        name=text("device"),
        description=text("description"),
        serial=text("serial_number"),
        location=text("location"),
        vid=getattr(port, "vid", None),
        pid=getattr(port, "pid", None),
    )
