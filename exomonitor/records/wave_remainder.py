"""What is left of a wave once what its neighbours foretell is taken away: three ways, each exact to the last bit.

All arithmetic is modulo 65536, the jump to and from MISSING_SAMPLE included.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
_SPLITS = 2
"""Halvings of a noisy wave: more gain nothing at 500 samples a second."""


@dataclass(frozen=True, slots=True)
class Way:
    """`leave` says what is left of samples, `restore` gives them back."""

    leave: Callable[[Samples], Samples]
    restore: Callable[[Samples], Samples]


def _differences(samples: Samples) -> Samples:
    return np.diff(samples.view(np.uint16), prepend=np.uint16(0)).view(np.int16)


def _sums(left: Samples) -> Samples:
    return np.cumsum(left.view(np.uint16), dtype=np.uint16).view(np.int16)


def _split(samples: Samples) -> Samples:
    """Means of the whole, then details: what every other sample is beside what lies around it."""
    details: list[Samples] = []
    for _ in range(_SPLITS):
        even, odd = samples[0::2], samples[1::2]
        detail = _narrow(odd - _between(even, odd.size))
        samples = _narrow(even + _share(detail, even.size))
        details.insert(0, detail)
    return np.concatenate([_differences(samples), *details])


def _joined(left: Samples) -> Samples:
    sizes = [left.size]
    for _ in range(_SPLITS):
        sizes.append(-(-sizes[-1] // 2))
    samples, start = _sums(left[: sizes[-1]]), sizes[-1]
    for size in reversed(sizes[:-1]):
        detail, start = left[start : start + size // 2], start + size // 2
        even = _narrow(samples - _share(detail, samples.size))
        samples = np.empty(size, np.int16)
        samples[0::2], samples[1::2] = even, _narrow(detail + _between(even, detail.size))
    return samples


def _between(even: Samples, count: int) -> npt.NDArray[np.int32]:
    """What is expected after each of the first `count`: the cubic through two on either side."""
    if not count:
        return np.zeros(0, np.int32)
    wide = np.pad(even.astype(np.int32), (1, 2), mode="edge")
    inner, outer = wide[1 : count + 1] + wide[2 : count + 2], wide[:count] + wide[3 : count + 3]
    return (9 * inner - outer + 8) >> 4


def _share(detail: Samples, count: int) -> npt.NDArray[np.int32]:
    """What the details on either side bring to a mean, for `count` of them."""
    if not detail.size:
        return np.zeros(count, np.int32)
    wide = np.pad(detail.astype(np.int32), 1, mode="edge")
    return (wide[:count] + wide[1 : count + 1] + 2) >> 2


def _narrow(wide: npt.NDArray[np.int32]) -> Samples:
    return wide.astype(np.int16)


STEPS = 1
WAYS: Mapping[int, Way] = MappingProxyType(
    {
        STEPS: Way(_differences, _sums),  # what hardly moves
        2: Way(lambda samples: _differences(_differences(samples)), lambda left: _sums(_sums(left))),  # what is smooth
        3: Way(_split, _joined),  # what is noisy
    }
)
"""By the number that stands before a chunk's samples."""
