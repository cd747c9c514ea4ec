"""A number that moves in straight lines through simulated time and breathes a little, with its exact integral."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ripple:
    """One slow sine: `share` of the value (0.01 = one per cent), period in s, phase in rad."""

    share: float
    period_s: float
    phase: float

    @property
    def omega(self) -> float:
        """Angular frequency in rad/s."""
        return 2 * np.pi / self.period_s


class Track:
    """value(t) = straight lines through the targets, times (1 + ripples); integral(t) is exact: phases never drift."""

    def __init__(
        self, start: float, moves: Sequence[tuple[float, float, float]], ripples: Sequence[Ripple] = ()
    ) -> None:
        """`moves`: (at_s, over_s, target), each going from the value at `at_s` to the target, then staying."""
        self._ripples = tuple(ripples)
        starts, values, slopes = [0.0], [start], [0.0]
        for at_s, over_s, target in sorted(moves, key=lambda move: move[0]):
            begin = max(at_s, 0.0)
            while starts[-1] > begin:
                # A newer move takes over from one that has not ended yet.
                del starts[-1], values[-1], slopes[-1]
            now = values[-1] + slopes[-1] * (begin - starts[-1])
            if over_s > 0:
                starts += [begin, begin + over_s]
                values += [now, target]
                slopes += [(target - now) / over_s, 0.0]
            else:
                starts.append(begin)
                values.append(target)
                slopes.append(0.0)
        self._starts = np.array(starts)
        self._values = np.array(values)
        self._slopes = np.array(slopes)
        self._offsets = self._continuity()

    def value(self, t: Floats) -> Floats:
        """The value at each second of `t`; shape as `t`."""
        piece = self._piece(t)
        line = self._values[piece] + self._slopes[piece] * (t - self._starts[piece])
        ripple = np.ones_like(t)
        for wave in self._ripples:
            ripple += wave.share * np.sin(wave.omega * t + wave.phase)
        return np.asarray(line * ripple)

    def integral(self, t: Floats) -> Floats:
        """The integral of value from 0 to each second of `t`; shape as `t`."""
        piece = self._piece(t)
        return np.asarray(self._offsets[piece] + self._primitive(piece, t))

    def value_and_integral(self, t: Floats) -> tuple[Floats, Floats]:
        """Both at once, for little more than the price of one."""
        piece = self._piece(t)
        tau, slope = t - self._starts[piece], self._slopes[piece]
        line = self._values[piece] + slope * tau
        ripple, total = np.ones_like(t), tau * (self._values[piece] + slope * tau / 2)
        for wave in self._ripples:
            angle = wave.omega * t + wave.phase
            sine = np.sin(angle)
            ripple += wave.share * sine
            total += wave.share * (slope * sine / wave.omega - line * np.cos(angle)) / wave.omega
        return line * ripple, self._offsets[piece] + total

    def _piece(self, t: Floats) -> npt.NDArray[np.intp]:
        return np.maximum(np.searchsorted(self._starts, t, side="right") - 1, 0)

    def _primitive(self, piece: npt.NDArray[np.intp], t: Floats) -> Floats:
        """An antiderivative that holds within one piece."""
        tau = t - self._starts[piece]
        slope = self._slopes[piece]
        line = self._values[piece] + slope * tau
        total = tau * (self._values[piece] + slope * tau / 2)
        for wave in self._ripples:
            angle = wave.omega * t + wave.phase
            total = total + wave.share * (slope * np.sin(angle) / wave.omega - line * np.cos(angle)) / wave.omega
        return np.asarray(total)

    def _continuity(self) -> Floats:
        """What to add to each piece's antiderivative so that the integral is 0 at 0 and has no steps."""
        offsets = np.zeros_like(self._starts)
        zero = np.array([0])
        offsets[0] = -self._primitive(zero, self._starts[:1])[0]
        for i in range(1, len(self._starts)):
            here = self._starts[i : i + 1]
            before = offsets[i - 1] + self._primitive(np.array([i - 1]), here)[0]
            offsets[i] = before - self._primitive(np.array([i]), here)[0]
        return offsets
