"""Several simulated devices on one wire: each hears every word, and what they say comes back together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from devices.spec import Simulator


class OneWire:
    """A simulator made of others; a key is pressed at the first one, or at the one that `at` counts."""

    def __init__(self, simulators: Sequence[Simulator]) -> None:
        self.simulators = tuple(simulators)

    def received(self, data: bytes, t: float) -> bytes:
        """What the devices answer, one after the other."""
        return b"".join(one.received(data, t) for one in self.simulators)

    def due(self, t: float) -> bytes:
        """What they say by themselves."""
        return b"".join(one.due(t) for one in self.simulators)

    def next_due(self, t: float) -> float | None:
        """When the first of them says something by itself."""
        return min((due for one in self.simulators if (due := one.next_due(t)) is not None), default=None)

    def press(self, t: float, action: str, *, at: int = 0, **values: Any) -> None:
        """A person at one of the devices."""
        self.simulators[at].press(t, action, **values)
