"""What can go wrong on a simulated wire, at which second and for how long; the same seed damages the same bytes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

RELEASE_S = 0.05
"""How often a dribbling line gives bytes."""


class FaultKind(StrEnum):
    """out: silence on an open port. gone: the port itself vanishes. The others let bytes through, changed or late."""

    OUT = "out"
    GONE = "gone"
    CUT = "cut"
    DRIBBLE = "dribble"
    NOISE = "noise"
    GARBLE = "garble"
    REPEAT = "repeat"
    FREEZE = "freeze"


USUAL_AMOUNT: dict[FaultKind, float] = {
    FaultKind.OUT: 0.0,
    FaultKind.GONE: 0.0,
    FaultKind.CUT: 0.5,  # probability that a message loses its tail
    FaultKind.DRIBBLE: 100.0,  # bytes per second
    FaultKind.NOISE: 8.0,  # bytes of noise before each message
    FaultKind.GARBLE: 0.02,  # probability that a byte changes
    FaultKind.REPEAT: 0.2,  # probability that a message comes twice
    FaultKind.FREEZE: 0.0,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault from second `at_s` for `for_s` seconds; `amount` as USUAL_AMOUNT explains, None = usual."""

    kind: FaultKind
    at_s: float
    for_s: float
    amount: float | None = None

    def active(self, t: float) -> bool:
        """Whether it is on at second `t`."""
        return self.at_s <= t < self.at_s + self.for_s


class FaultPlan:
    """All faults of one cable. Times are simulated seconds and never run backwards."""

    def __init__(self, faults: Sequence[Fault] = (), seed: int = 1) -> None:
        self._faults = tuple(faults)
        self._random = random.Random(seed)
        self._to_client = bytearray()
        self._to_device = bytearray()
        self._allowance = 0.0  # bytes that a dribbling line may give now
        self._released_at = 0.0

    def postpone(self, by_s: float) -> None:
        """Let every fault come `by_s` seconds later."""
        self._faults = tuple(replace(fault, at_s=fault.at_s + by_s) for fault in self._faults)

    def gone(self, t: float) -> bool:
        """Whether the port itself has vanished at second `t`."""
        return self._amount(FaultKind.GONE, t) is not None

    def inward(self, data: bytes, t: float) -> bytes:
        """What of the client's bytes reaches the device at second `t`."""
        if self._silent(t):
            self._to_device.clear()
            return b""
        self._to_device += data
        if self._amount(FaultKind.FREEZE, t) is not None:
            return b""
        out = bytes(self._to_device)
        self._to_device.clear()
        return out

    def outward(self, data: bytes, t: float) -> bytes:
        """What the client hears at second `t` of what the device says now or said before."""
        if self._silent(t):
            self._to_client.clear()
            return b""
        if data:
            self._to_client += self._damaged(data, t)
        return self._released(t)

    def next_due(self, t: float) -> float | None:
        """The next second at which a fault begins or ends or held bytes may go."""
        edges = [edge for f in self._faults for edge in (f.at_s, f.at_s + f.for_s) if edge > t]
        if self._to_client and self._amount(FaultKind.FREEZE, t) is None:
            edges.append(t + RELEASE_S)
        return min(edges, default=None)

    def _silent(self, t: float) -> bool:
        return self._amount(FaultKind.OUT, t) is not None or self.gone(t)

    def _amount(self, kind: FaultKind, t: float) -> float | None:
        for fault in self._faults:
            if fault.kind is kind and fault.active(t):
                return USUAL_AMOUNT[kind] if fault.amount is None else fault.amount
        return None

    def _damaged(self, data: bytes, t: float) -> bytes:
        cut = self._amount(FaultKind.CUT, t)
        if cut is not None and self._random.random() < cut:
            data = data[: self._random.randrange(len(data))]
        garble = self._amount(FaultKind.GARBLE, t)
        if garble is not None:
            data = bytes(b ^ self._random.randrange(1, 256) if self._random.random() < garble else b for b in data)
        repeat = self._amount(FaultKind.REPEAT, t)
        if repeat is not None and self._random.random() < repeat:
            data += data
        noise = self._amount(FaultKind.NOISE, t)
        if noise is not None:
            data = self._random.randbytes(int(noise)) + data
        return data

    def _released(self, t: float) -> bytes:
        count = len(self._to_client)
        rate = self._amount(FaultKind.DRIBBLE, t)
        if self._amount(FaultKind.FREEZE, t) is not None:
            count = 0
        elif rate is not None:
            self._allowance += rate * (t - self._released_at)
            count = min(count, int(self._allowance))
            # What is not used is not saved up: a line that was idle does not burst afterwards.
            self._allowance = (
                min(self._allowance - count, 1.0) if count == len(self._to_client) else self._allowance - count
            )
        self._released_at = t
        out = bytes(self._to_client[:count])
        del self._to_client[:count]
        return out
