"""A port that is looked for each time it is opened: the system may have given it another number meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from devices.discovery import Adapter, FoundPort, where_now
from devices.spec import HoldsBack, Transport, TransportLost


class MovingPort:
    """A transport whose name is found by its adapter. For one thread, except `name`."""

    def __init__(
        self,
        name: str,
        adapter: Adapter,
        find: Callable[[], tuple[FoundPort, ...]],
        make: Callable[[str], Transport],
    ) -> None:
        """`make` gives the transport for a port's name, not yet opened."""
        self._name = name
        self._adapter = adapter
        self._find = find
        self._make = make
        self._use(make(name))

    def _use(self, inner: Transport) -> None:
        self._inner = inner
        self._gate = inner if isinstance(inner, HoldsBack) else None  # once: it is asked with every frame

    @property
    def name(self) -> str:
        """What the port is called now, or was when it was last seen."""
        return self._name

    def open(self) -> None:
        """Find the adapter's port and open it; TransportLost when the adapter is nowhere."""
        found = where_now(self._name, self._adapter, self._find())
        if not found.name:
            raise TransportLost(found.why)
        if found.name != self._name:
            self._inner.close()
            self._name = found.name
            self._use(self._make(found.name))
        self._inner.open()

    def read(self, timeout_s: float) -> bytes:
        """As the port does."""
        return self._inner.read(timeout_s)

    def write(self, data: bytes) -> None:
        """As the port does."""
        self._inner.write(data)

    def held_back(self) -> str:
        """As the port does."""
        return self._gate.held_back() if self._gate is not None else ""

    def opened_without(self) -> str:
        """As the port does."""
        return self._gate.opened_without() if self._gate is not None else ""

    def close(self) -> None:
        """As the port does."""
        self._inner.close()
