"""What a stored batch proves: the hashes over wave seconds and readings, in the forms that verify recomputes."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from exomonitor.engine.ports import ReadingRow, WaveSecond
from exomonitor.integrity import canonical_json, sha256_hex

Order = TypeVar("Order", int, tuple[int, int])


def sample_bytes(samples: npt.NDArray[np.int16]) -> bytes:
    """The samples as little-endian 16-bit integers, the form that is staged and hashed."""
    return samples.astype("<i2", copy=False).tobytes()


def reading_columns(row: ReadingRow) -> dict[str, Any]:
    """A reading as its table columns (without id, batch and session): exactly the keys of integrity.reading_line."""
    return {
        "utc": row.at.iso(),
        "mono_ns": row.at.mono_ns,
        "boot_id": row.at.boot_id,
        "source": row.source,
        "channel": row.channel,
        "name": row.name,
        "value": None if row.value is None else float(row.value),
        "unit": row.unit,
        "validity": str(row.validity),
        "origin": str(row.origin),
        "measured_utc": None if row.measured_at is None else row.measured_at.iso(),
    }


def second_digest(second: WaveSecond, samples: bytes) -> bytes:
    """SHA-256 over what one wave second says of itself and its samples (of sample_bytes)."""
    about = [
        second.session,
        second.source,
        str(second.wave),
        second.began.iso(),
        second.began.mono_ns,
        second.began.boot_id,
        float(second.rate_hz),
        float(second.gain),
        second.unit,
        str(second.origin),
        len(samples) // 2,
    ]
    return hashlib.sha256(canonical_json(about) + b"\n" + samples).digest()


def waves_sha256(digests: Iterable[bytes]) -> str:
    """The hash of one batch of wave seconds, from their digests in order: what WavesStored carries."""
    return sha256_hex(b"".join(digests))


def out_of_order(numbers: Sequence[Order]) -> set[int]:
    """The places of the fewest numbers without which the others rise: what was moved, and not what it passed."""
    ends: list[int] = []
    """Of the rising rows of each length, the place of the last number of the one that ends lowest."""
    before: list[int] = []
    for place, number in enumerate(numbers):
        length = bisect_left(ends, number, key=numbers.__getitem__)
        before.append(ends[length - 1] if length else -1)
        ends[length : length + 1] = [place]
    moved, place = set(range(len(numbers))), ends[-1] if ends else -1
    while place >= 0:
        moved.discard(place)
        place = before[place]
    return moved
