"""What can go wrong on a simulated wire, at which second and for how long; the same seed damages the same bytes."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from devices.simulation import damage

RELEASE_S = 0.05
"""How often a dribbling line gives bytes."""


class FaultKind(StrEnum):
    """out: silence on an open port. gone: the port itself vanishes. reboot: the device is silent, then new.

    shared: another program on the same port reads pieces and asks on its own. The others change bytes or hold them.
    """

    OUT = "out"
    GONE = "gone"
    CUT = "cut"
    DRIBBLE = "dribble"
    NOISE = "noise"
    GARBLE = "garble"
    REPEAT = "repeat"
    FREEZE = "freeze"
    FLIP = "flip"
    DROP = "drop"
    DOUBLE = "double"
    INSERT = "insert"
    HALF = "half"
    FALSE_START = "false_start"
    FALSE_LENGTH = "false_length"
    WRONG_BAUD = "wrong_baud"
    SHARED = "shared"
    REBOOT = "reboot"


USUAL_AMOUNT: dict[FaultKind, float] = {
    FaultKind.OUT: 0.0,
    FaultKind.GONE: 0.0,
    FaultKind.CUT: 0.5,  # probability that a message loses its tail
    FaultKind.DRIBBLE: 100.0,  # bytes per second
    FaultKind.NOISE: 8.0,  # bytes of noise before each message
    FaultKind.GARBLE: 0.02,  # probability that a byte changes
    FaultKind.REPEAT: 0.2,  # probability that a message comes twice
    FaultKind.FREEZE: 0.0,
    FaultKind.FLIP: 0.01,  # probability that a bit of a byte turns over
    FaultKind.DROP: 0.01,  # probability that a byte is lost
    FaultKind.DOUBLE: 0.01,  # probability that a byte comes twice
    FaultKind.INSERT: 0.01,  # probability that a byte comes before a byte
    FaultKind.HALF: 0.5,  # probability that a message loses its first half
    FaultKind.FALSE_START: 0.5,  # probability that a message's first byte comes once more
    FaultKind.FALSE_LENGTH: 0.5,  # probability that a beginning with another length comes before a message
    FaultKind.WRONG_BAUD: 1.0,  # bytes heard for one that was sent
    FaultKind.SHARED: 0.5,  # share of the bytes and of the questions that are the other program's
    FaultKind.REBOOT: 0.0,
}
_SILENT = (FaultKind.OUT, FaultKind.GONE, FaultKind.REBOOT)


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
        self._looked_at: float | None = None
        self._on: tuple[Fault, ...] = ()
        """The faults that are on at that second: nearly always none, and asked for many times about each."""

    def postpone(self, by_s: float) -> None:
        """Let every fault come `by_s` seconds later."""
        self._plan(replace(fault, at_s=fault.at_s + by_s) for fault in self._faults)

    def add(self, fault: Fault) -> None:
        """One more fault, from now on or later."""
        self._plan((*self._faults, fault))

    def heal(self, t: float) -> None:
        """Every fault that is on at second `t` is over."""
        self._plan(fault for fault in self._faults if not fault.active(t))

    def forget(self, t: float) -> None:
        """What has not begun at second `t` does not happen any more."""
        self._plan(fault for fault in self._faults if fault.at_s <= t)

    def _plan(self, faults: Iterable[Fault]) -> None:
        self._faults, self._looked_at = tuple(faults), None

    def gone(self, t: float) -> bool:
        """Whether the port itself has vanished at second `t`."""
        return self._amount(FaultKind.GONE, t) is not None

    def rebooting(self, t: float) -> bool:
        """Whether the device itself is starting anew at second `t`."""
        return self._amount(FaultKind.REBOOT, t) is not None

    def inward(self, data: bytes, t: float) -> bytes:
        """What of the client's bytes reaches the device at second `t`."""
        if not self._on_at(t) and not self._to_device:
            return data
        if self._silent(t):
            self._to_device.clear()
            return b""
        self._to_device += self._asked(data, t) if data else b""
        if self._amount(FaultKind.FREEZE, t) is not None:
            return b""
        out = bytes(self._to_device)
        self._to_device.clear()
        return out

    def outward(self, data: bytes, t: float) -> bytes:
        """What the client hears at second `t` of what the device says now or said before."""
        if not self._on_at(t) and not self._to_client:
            self._released_at = t
            return data
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
        return any(fault.kind in _SILENT for fault in self._on_at(t))

    def _on_at(self, t: float) -> tuple[Fault, ...]:
        if t != self._looked_at:
            self._on = tuple([fault for fault in self._faults if fault.active(t)])
            self._looked_at = t
        return self._on

    def _amount(self, kind: FaultKind, t: float) -> float | None:
        for fault in self._on_at(t):
            if fault.kind is kind:
                return USUAL_AMOUNT[kind] if fault.amount is None else fault.amount
        return None

    def _asked(self, data: bytes, t: float) -> bytes:
        baud = self._amount(FaultKind.WRONG_BAUD, t)
        if baud is not None:
            return damage.garble(data, baud, self._random)
        other = self._amount(FaultKind.SHARED, t)
        return data if other is None else damage.repeat(data, other, self._random)

    def _damaged(self, data: bytes, t: float) -> bytes:
        if not self._on_at(t):  # as on nearly every message of a long session
            return data
        for name, hurt in damage.KINDS.items():
            amount = self._amount(FaultKind(name), t)
            if amount is not None and data:
                data = hurt(data, amount, self._random)
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
