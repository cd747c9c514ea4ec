"""What a stored batch proves: the hashes over wave seconds and readings, in the forms that verify recomputes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from exomonitor.engine.ports import ReadingRow, WaveSecond
from exomonitor.integrity import canonical_json, sha256_hex


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
