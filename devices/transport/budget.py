"""How many frames may go down a line in a second: a device that is asked too often stops doing its own work."""

from __future__ import annotations

from collections import deque

from exomonitor.clock import NS, Instant

_SECOND = 1.0


class Budget:
    """At most `per_s` frames in any second, or one in any 1/per_s seconds where that is longer; 0 = none at all.

    It is kept across reconnects: who begins anew again and again asks no more often than who does not.
    """

    def __init__(self, per_s: float) -> None:
        """per_s: frames per second, 0 or more; ValueError for less."""
        if per_s < 0:
            raise ValueError("a budget of less than nothing")
        self.per_s = per_s
        self.held_back = 0
        """So often a frame had to wait."""
        self._most = max(1, int(per_s)) if per_s else 0
        self._window_ns = round(max(_SECOND, self._most / per_s) * NS) if per_s else 0
        self._sent: deque[int] = deque()
        self._waits = False

    def may_send(self, at: Instant) -> bool:
        """Whether one more frame may go now."""
        if len(self._sent) < self._most:
            return True
        return bool(self._sent) and self._sent[0] + self._window_ns <= at.mono_ns

    def hold_back(self) -> None:
        """A frame is due that may not go yet; counted once until the next one goes."""
        if not self._waits:
            self.held_back += 1
        self._waits = True

    def spend(self, at: Instant) -> None:
        """One frame goes now, whether it may or not: the last word to a device never waits."""
        self._waits = False
        if not self._most:
            return
        if len(self._sent) == self._most:
            self._sent.popleft()
        self._sent.append(at.mono_ns)

    def free_at(self, at: Instant) -> Instant | None:
        """From when on one more frame may go, seen from `at`; None = never."""
        if not self._most:
            return None
        if len(self._sent) < self._most:
            return at
        return at.plus((self._sent[0] + self._window_ns - at.mono_ns) / NS)
