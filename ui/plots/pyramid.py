"""One vital sign over hours: the lowest and highest value of every second, and of every 4, 16, 64 ... seconds.

Whatever span is shown, about as many numbers are looked at as there are pixels. Nothing is interpolated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BIN_MIN = 1 / 60
FACTOR, LEVELS = 4, 9
JOIN_MIN = 0.25
"""A line joins values no further apart than this; a longer silence is a gap."""

LONGEST_MIN = 7 * 24 * 60.0
"""No visit is longer. A damaged date would ask for more room than there is."""

Floats = npt.NDArray[np.float64]
Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """Columns of a line without a gap: minutes, and the lowest and highest value in each."""

    minutes: Floats
    lo: Floats
    hi: Floats


class _Level:
    """Bins of one width; they grow as time goes on. NaN = nothing was said."""

    def __init__(self) -> None:
        self.lo: Floats = np.full(256, np.nan)
        self.hi: Floats = np.full(256, np.nan)

    def make_room(self, last: int) -> None:
        if last < len(self.lo):
            return
        fresh = np.full(max(len(self.lo), last + 1 - len(self.lo)), np.nan)
        self.lo, self.hi = np.concatenate([self.lo, fresh]), np.concatenate([self.hi, fresh])

    def note(self, at: int, value: float) -> None:
        self.make_room(at)
        if not value >= self.lo[at]:  # also where there is none yet
            self.lo[at] = value
        if not value <= self.hi[at]:
            self.hi[at] = value

    def note_all(self, at: npt.NDArray[np.int64], values: Floats) -> None:
        self.make_room(int(at.max()))
        np.fmin.at(self.lo, at, values)
        np.fmax.at(self.hi, at, values)


class MinMaxPyramid:
    """Notes values by the minute since the start; times before it leave nothing, nor do those after any visit's end."""

    def __init__(self) -> None:
        self._levels = [_Level() for _ in range(LEVELS)]
        self._used = 0
        self._ends: Ends | None = None

    def add(self, minute: float, value: float | None) -> None:
        """Note a value; None (stale, lost, sensor off) leaves nothing."""
        if value is None or not 0 <= minute <= LONGEST_MIN:
            return
        at = int(minute / BIN_MIN)
        for level in self._levels:
            level.note(at, value)
            at //= FACTOR
        self._used = max(self._used, int(minute / BIN_MIN) + 1)
        lo, hi = self._ends or (value, value)
        self._ends = min(lo, value), max(hi, value)

    def add_all(self, minutes: Floats, values: Floats) -> None:
        """Note many values at once."""
        good = (minutes >= 0) & (minutes <= LONGEST_MIN) & ~np.isnan(values)
        at, known = (minutes[good] / BIN_MIN).astype(np.int64), values[good]
        if not known.size:
            return
        self._used = max(self._used, int(at.max()) + 1)
        lo, hi = self._ends or (np.inf, -np.inf)
        self._ends = min(lo, float(known.min())), max(hi, float(known.max()))
        for level in self._levels:
            level.note_all(at, known)
            at = at // FACTOR

    def ends(self) -> Ends | None:
        """The lowest and the highest value so far; None when there is none."""
        return self._ends

    def near(self, minute: float) -> Ends | None:
        """What was said last at that minute, not longer ago than a line would bridge."""
        level, at = self._levels[0], int(minute / BIN_MIN)
        first = max(0, at - int(JOIN_MIN / BIN_MIN))
        lo, hi = level.lo[first : at + 1], level.hi[first : at + 1]
        known = np.flatnonzero(~np.isnan(lo))
        return (float(lo[known[-1]]), float(hi[known[-1]])) if known.size else None

    def lines(self, from_min: float, until_min: float, columns: int) -> Iterator[Line]:
        """The lines from minute to minute, for a plot of `columns` pixels: per pixel the lowest and highest value."""
        share = (until_min - from_min) / BIN_MIN / max(1, columns)
        depth = min(LEVELS - 1, max(0, int(np.log(max(share, 1.0)) / np.log(FACTOR))))
        wide, level = FACTOR**depth, self._levels[depth]
        group = max(1, int(share / wide))
        # Groups begin where they would in any other view: a line keeps its shape while it is moved.
        first = max(0, int(from_min / BIN_MIN / wide / group) - 1) * group
        last = min(-(-self._used // wide), int(until_min / BIN_MIN / wide) + group + 1)
        if last <= first:
            return
        lo, hi = _grouped(level.lo[first:last], group, np.fmin), _grouped(level.hi[first:last], group, np.fmax)
        each_min = group * wide * BIN_MIN
        known = np.flatnonzero(~np.isnan(lo))
        minutes = first * wide * BIN_MIN + (known + 0.5) * each_min
        breaks = np.flatnonzero(np.diff(minutes) > max(JOIN_MIN, 1.5 * each_min)) + 1
        for part in np.split(np.arange(known.size), breaks):
            if part.size:
                chosen = slice(int(part[0]), int(part[-1]) + 1)
                at = known[chosen]
                yield Line(minutes[chosen], lo[at], hi[at])


def _grouped(values: Floats, group: int, pick: np.ufunc) -> Floats:
    if group == 1:
        return values
    missing = -values.size % group
    whole = np.concatenate([values, np.full(missing, np.nan)]) if missing else values
    found: Floats = pick.reduce(whole.reshape(-1, group), axis=1)
    return found
