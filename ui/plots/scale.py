"""Which physical values fit into the lane of a wave: fixed for ECG, following the signal for the others."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

ECG_RANGE_MV = (-0.7, 1.5)
_MARGIN = 0.12
_FIRST_LOOK_S = 1.5


def is_ecg(wave: str) -> bool:
    """Whether this wave is an ECG lead, drawn in mV at a fixed scale."""
    return wave.startswith("ecg")


def _ecg_range(times: float) -> tuple[float, float]:
    return ECG_RANGE_MV[0] * times, ECG_RANGE_MV[1] * times


@dataclass(slots=True)
class LaneScale:
    """The range of values that a lane shows. It changes only at the left edge, so that a wave keeps its shape."""

    wave: str
    lo: float = 0.0
    hi: float = 1.0
    times: int = 1
    """ECG only: by how much the lane shows it smaller than usual, when it would not fit."""
    gain: float = 1.0
    """How much larger than that somebody wants it."""
    cut: bool = False
    """Whether this sweep or the last one had values outside the lane; they are drawn at its edge."""
    _seen_lo: float = np.inf
    _seen_hi: float = -np.inf
    _seen_s: float = 0.0
    _settled: bool = False

    def __post_init__(self) -> None:
        if is_ecg(self.wave):
            self.lo, self.hi = _ecg_range(1 / self.gain)
            self._settled = True

    def set_gain(self, gain: float) -> None:
        """Show it so much larger, from now on."""
        if gain != self.gain:
            middle, half = (self.lo + self.hi) / 2, (self.hi - self.lo) / 2 * self.gain / gain
            self.gain, self.times = gain, 1
            self.lo, self.hi = _ecg_range(1 / gain) if is_ecg(self.wave) else (middle - half, middle + half)
            self.cut = self._seen_lo < self.lo or self.hi < self._seen_hi

    def saw(self, values: npt.NDArray[np.floating], rate_hz: float) -> bool:
        """Note what passes; True when the first look at a signal has just fixed the range."""
        lo, hi = float(np.fmin.reduce(values)), float(np.fmax.reduce(values))  # they pass over what is missing
        if math.isnan(lo):
            return False
        self._seen_lo, self._seen_hi = min(self._seen_lo, lo), max(self._seen_hi, hi)
        self._seen_s += values.size / rate_hz
        self.cut = self.cut or self._seen_lo < self.lo or self.hi < self._seen_hi
        if self._settled or self._seen_s < _FIRST_LOOK_S:
            return False
        self.new_sweep()
        return True

    def new_sweep(self) -> bool:
        """The sweep is back at the left edge: fit the range to what the last one showed; True when it changed."""
        before = self.lo, self.hi
        if self._seen_hi >= self._seen_lo and self._seen_s >= _FIRST_LOOK_S:
            seen = self._seen_lo, self._seen_hi
            if is_ecg(self.wave):
                self._fit_ecg()
            else:
                self._fit_signal()
            self._settled = True
            self.cut = seen[0] < self.lo or self.hi < seen[1]
            self._seen_lo, self._seen_hi, self._seen_s = np.inf, -np.inf, 0.0
        return (self.lo, self.hi) != before

    def _fit_signal(self) -> None:
        middle, half = (self._seen_lo + self._seen_hi) / 2, (self._seen_hi - self._seen_lo) / 2
        # A flat signal must look flat: noise is not stretched to fill the lane.
        half = max(half, 0.05 * max(abs(middle), 0.2)) * (1 + _MARGIN) / self.gain
        if self.gain != 1:
            self.lo, self.hi = middle - half, middle + half
            return
        if not (0.6 * (self.hi - self.lo) <= 2 * half <= (self.hi - self.lo)) or not self._fits():
            self.lo, self.hi = middle - half, middle + half

    def _fits(self) -> bool:
        return self.lo <= self._seen_lo and self._seen_hi <= self.hi

    def _fit_ecg(self) -> None:
        if self.gain != 1:  # somebody has chosen: it is cut off at the edge, and says so
            return
        for times in (1, 2, 4):
            lo, hi = _ecg_range(times)
            if (lo <= self._seen_lo and self._seen_hi <= hi) or times == 4:
                self.lo, self.hi, self.times = lo, hi, times
                return
