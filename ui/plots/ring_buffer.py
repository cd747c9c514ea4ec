"""Samples of one wave between arrival and drawing: time follows from counts, and what was missing stays missing."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

RESYNC_S = 0.5
"""Arrival may jitter by this much; beyond it the count no longer tells the time and the difference becomes a gap."""


class SampleRing:
    """A queue of samples at one rate; sample k was true at `began_s + k / rate_hz`. NaN = no sample.

    Holds `seconds` at most: what nobody took by then is forgotten, oldest first.
    """

    def __init__(self, rate_hz: float, seconds: float = 12.0) -> None:
        """rate_hz: samples per second, above 0."""
        if rate_hz <= 0:
            raise ValueError("a wave needs a rate above 0")
        self.rate_hz = rate_hz
        self._room = max(1, round(rate_hz * seconds))
        self._kept: Samples = np.full(self._room, np.nan, dtype=np.float32)
        self._began_s: float | None = None
        self._pushed = 0
        self._taken = 0

    @property
    def end_s(self) -> float | None:
        """The second up to which samples have arrived; None before the first."""
        return None if self._began_s is None else self._began_s + self._pushed / self.rate_hz

    @property
    def waiting(self) -> int:
        """How many samples nobody has taken yet."""
        return self._pushed - self._taken

    def push(self, samples: npt.NDArray[np.floating], ends_s: float, *, gap_before: bool = False) -> None:
        """Append samples of which the last was true about `ends_s`; a gap before them becomes missing samples."""
        if self._began_s is None:
            self._restart(ends_s - len(samples) / self.rate_hz)
        expected = self._end() + len(samples) / self.rate_hz
        late = ends_s - expected
        if late < -RESYNC_S or late > self._room / self.rate_hz:
            self._restart(ends_s - len(samples) / self.rate_hz)
        elif late > RESYNC_S or (gap_before and late > 0):
            self._append(np.full(round(late * self.rate_hz), np.nan, dtype=np.float32))
        self._append(samples.astype(np.float32, copy=False))

    def take_until(self, until_s: float) -> tuple[float, Samples]:
        """The samples from the last one taken up to (not including) `until_s`, with the second of the first of them."""
        if self._began_s is None:
            return until_s, np.empty(0, dtype=np.float32)
        start_s = self._began_s + self._taken / self.rate_hz
        count = math.ceil(min((until_s - start_s) * self.rate_hz, self._room) - 1e-6)
        count = max(0, min(count, self.waiting))
        first = self._taken % self._room
        self._taken += count
        if first + count <= self._room:
            return start_s, self._kept[first : first + count].copy()
        return start_s, np.concatenate([self._kept[first:], self._kept[: first + count - self._room]])

    def _end(self) -> float:
        assert self._began_s is not None
        return self._began_s + self._pushed / self.rate_hz

    def _restart(self, began_s: float) -> None:
        self._began_s = began_s
        self._pushed = self._taken = 0

    def _append(self, samples: Samples) -> None:
        kept = samples[-self._room :]
        skipped = len(samples) - len(kept)
        first = (self._pushed + skipped) % self._room
        before_end = min(len(kept), self._room - first)
        self._kept[first : first + before_end] = kept[:before_end]
        self._kept[: len(kept) - before_end] = kept[before_end:]
        self._pushed += len(samples)
        self._taken = max(self._taken, self._pushed - self._room)
