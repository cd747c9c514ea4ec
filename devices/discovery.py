"""Lists the serial ports that this machine has now, and finds one again that was renumbered; opens none of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os.path import realpath

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
    vendor: str = ""
    product: str = ""

    @property
    def usb_id(self) -> str:
        """`0403:6001`, or nothing for a port that is no USB device."""
        return "" if self.vid is None or self.pid is None else f"{self.vid:04x}:{self.pid:04x}"


@dataclass(frozen=True, slots=True)
class Adapter:
    """By what an adapter is known again, whatever its port is called: its own USB serial number, or else the socket
    that it sits in. Both empty: nothing is known, the port's name must do."""

    serial: str = ""
    location: str = ""

    def __bool__(self) -> bool:
        return bool(self.serial or self.location)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The port's name now, or "" and one sentence why it is nowhere."""

    name: str
    why: str = ""


def find_ports() -> tuple[FoundPort, ...]:
    """All serial ports, by name."""
    return tuple(sorted((_found(port) for port in list_ports.comports()), key=lambda port: port.name))


def is_same(port: str, other: str) -> bool:
    """Whether both name one port, be it by another of its names (`/dev/serial/by-id/...`)."""
    return port == other or (all("://" not in name for name in (port, other)) and realpath(port) == realpath(other))


def adapter_at(name: str, ports: Sequence[FoundPort]) -> Adapter:
    """By what the adapter of this port can be known again; nothing where the system lists no such port."""
    found = next((port for port in ports if port.name == name), None)
    return Adapter() if found is None else Adapter(found.serial, found.location)


def where_now(name: str, adapter: Adapter, ports: Sequence[FoundPort]) -> Whereabouts:
    """What the port of this adapter is called now.

    A name alone proves nothing: after a restart ttyUSB0 may be the other adapter. An adapter with several sockets has
    one serial number for all of them; there the place decides. Without a serial number the place is all there is.
    """
    if not adapter:
        return Whereabouts(name)
    if adapter.serial:
        same = [port for port in ports if port.serial == adapter.serial]
        if len(same) > 1:
            same = _in_its_place(same, adapter.location) or same
        told = f"the adapter {adapter.serial}"
    else:
        same = [port for port in ports if port.location == adapter.location and not port.serial]
        told = f"the adapter in USB socket {adapter.location}"
    if len(same) == 1:
        return Whereabouts(same[0].name)
    if same:
        return Whereabouts("", f"there are several ports of {told}: bind the device anew")
    other = "; another one has its name now" if any(port.name == name for port in ports) else ""
    return Whereabouts("", f"{told}, last called {name}, is not plugged in{other}")


def _in_its_place(ports: Sequence[FoundPort], location: str) -> list[FoundPort]:
    """Of one adapter's ports the one in the same place; where the adapter has moved, the one with the same number."""
    exactly = [port for port in ports if port.location == location]
    number = _socket(location)
    return exactly or [port for port in ports if number and _socket(port.location) == number]


def _socket(location: str) -> str:
    """Which of an adapter's own sockets: `1-1.2:1.3` is its `1.3`."""
    return location.partition(":")[2]


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
        vendor=text("manufacturer"),
        product=text("product"),
    )
