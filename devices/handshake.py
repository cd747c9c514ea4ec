"""Whether the device allows us to send at this moment, and what is said of it when it does not."""

from __future__ import annotations

from devices.spec import HoldsBack, Transport
from exomonitor.clock import Instant

AGAIN_S = 0.1
"""So often a device that allows nothing is looked at."""


class Handshake:
    """The handshake of one link's port; a port without one always allows."""

    def __init__(self, transport: Transport) -> None:
        self._port = transport
        self._gate = transport if isinstance(transport, HoldsBack) else None
        self._why = ""
        self._again_at: Instant | None = None

    def opened(self) -> None:
        """The port is open anew: what it allowed before says nothing of now."""
        self._why, self._again_at = "", None

    def allows(self, now: Instant) -> bool:
        """Whether a frame may go now; TransportLost when the port has gone."""
        self._why = self._gate.held_back() if self._gate is not None else ""
        self._again_at = now.plus(AGAIN_S) if self._why else None
        return not self._why

    def ask_at(self, due: Instant) -> Instant:
        """When to try what was to be sent at `due`."""
        if self._again_at is None or self._again_at.since(due) < 0:
            return due
        return self._again_at

    def silence(self, heard: str) -> str:
        """What is said of a silence: that nothing could be asked belongs to it."""
        return f"{heard}; {self._why}" if self._why else self.told(heard)

    def told(self, said: str) -> str:
        """What is said of a port that was opened, with how, where that is not as it was set."""
        without = self._gate.opened_without() if self._gate is not None else ""
        return f"{said}; {without}" if without else said

    def nothing_yet(self) -> str:
        """What is said of a port that was opened, until its device speaks."""
        return self.silence(f"{self._port.name} is open, nothing heard yet")
