"""Two ends of a cable in memory: what simulators and links use where no operating system should be in between."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from devices.spec import TransportLost


@dataclass(slots=True)
class _Side:
    """What one end is doing and what waits there to be read."""

    inbox: bytearray = field(default_factory=bytearray)
    open: bool = False
    lost: bool = False

    @property
    def usable(self) -> bool:
        return self.open and not self.lost


@dataclass(slots=True)
class _Cable:
    """What both ends share; one condition guards it all."""

    name: str
    sides: tuple[_Side, _Side] = field(default_factory=lambda: (_Side(), _Side()))
    changed: threading.Condition = field(default_factory=threading.Condition)
    plugged: bool = True


class MemoryEnd:
    """One end, for one thread at a time. Bytes for an end that is not open are lost, as on a wire."""

    def __init__(self, cable: _Cable, index: int) -> None:
        self._cable = cable
        self._mine = cable.sides[index]
        self._other = cable.sides[1 - index]
        self.delivered = 0
        """Bytes that this end's writes really brought to the other end."""

    @property
    def name(self) -> str:
        """The cable's name."""
        return self._cable.name

    def has_client(self) -> bool:
        """Whether the other end is open."""
        with self._cable.changed:
            return self._other.usable

    def open(self) -> None:
        """Open this end; TransportLost when it is open already or unplugged."""
        with self._cable.changed:
            if not self._cable.plugged:
                raise TransportLost(f"{self.name} does not exist")
            if self._mine.usable:
                raise TransportLost(f"another program uses {self.name}")
            self._mine.open, self._mine.lost = True, False
            self._mine.inbox.clear()

    def read(self, timeout_s: float) -> bytes:
        """Bytes from the other end, waiting at most `timeout_s` real seconds for the first."""
        mine = self._mine
        with self._cable.changed:
            if timeout_s > 0 and mine.usable:
                self._cable.changed.wait_for(lambda: bool(mine.inbox) or not mine.usable, timeout_s)
            self._check()
            data = bytes(mine.inbox)
            mine.inbox.clear()
            return data

    def write(self, data: bytes) -> None:
        """Bring `data` to the other end if it is open."""
        with self._cable.changed:
            self._check()
            if self._other.usable:
                self._other.inbox += data
                self.delivered += len(data)
                self._cable.changed.notify_all()

    def close(self) -> None:
        """Close this end; may be called twice."""
        with self._cable.changed:
            self._mine.open = False
            self._mine.inbox.clear()
            self._cable.changed.notify_all()

    def unplug(self) -> None:
        """Make the port disappear for both ends, as when a USB adapter is pulled."""
        with self._cable.changed:
            self._cable.plugged = False
            for side in self._cable.sides:
                side.lost = True
                side.inbox.clear()
            self._cable.changed.notify_all()

    def replug(self) -> None:
        """Bring the port back; this end is open at once if it was, the other must be opened again."""
        with self._cable.changed:
            self._cable.plugged = True
            self._mine.lost = False

    def _check(self) -> None:
        if self._mine.lost:
            raise TransportLost(f"{self.name} has gone")
        if not self._mine.open:
            raise TransportLost(f"{self.name} is closed")


def pair(name: str = "memory") -> tuple[MemoryEnd, MemoryEnd]:
    """Both ends of one cable (client first by custom), closed."""
    cable = _Cable(name)
    return MemoryEnd(cable, 0), MemoryEnd(cable, 1)
