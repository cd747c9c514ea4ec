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
        self._inner = make(name)

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
            self._name, self._inner = found.name, self._make(found.name)
        self._inner.open()

    def read(self, timeout_s: float) -> bytes:
        """As the port does."""
        return self._inner.read(timeout_s)

    def write(self, data: bytes) -> None:
        """As the port does."""
        self._inner.write(data)

    def held_back(self) -> str:
        """As the port does."""
        return self._inner.held_back() if isinstance(self._inner, HoldsBack) else ""

    def opened_without(self) -> str:
        """As the port does."""
        return self._inner.opened_without() if isinstance(self._inner, HoldsBack) else ""

    def close(self) -> None:
        """As the port does."""
        self._inner.close()
