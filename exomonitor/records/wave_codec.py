"""Twenty wave seconds as one small chunk, and back: what is left of them, zigzag, byte shuffle, zlib, and a CRC-32.

The first byte of a chunk's samples says what was taken away (`wave_remainder.WAYS`). A chunk of the time before it had
this byte begins with zlib's own first one, whose low half is always 8: there it was the sample before.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from exomonitor.bounded import inflate
from exomonitor.clock import Instant
from exomonitor.engine.ports import WaveSecond
from exomonitor.integrity import canonical_json
from exomonitor.records.wave_remainder import STEPS, WAYS, Samples

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_LEVEL, _SAMPLES_LEVEL = 6, 9
MOST_BYTES = 4_000_000
"""A chunk unpacked, its table or its samples: the longest of ours has a hundredth."""


class WaveKey(NamedTuple):
    """What all seconds of one chunk have in common."""

    session: str
    source: str
    wave: str
    rate_hz: float
    gain: float
    unit: str
    origin: str


class DamagedChunk(Exception):
    """Stored wave bytes that are not what was stored."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A wave second with its place in the chain: the batch that counts it, and its position there."""

    batch: int
    place: int
    second: WaveSecond


def key_of(second: WaveSecond) -> WaveKey:
    """The chunk that a second belongs into."""
    return WaveKey(
        second.session,
        second.source,
        str(second.wave),
        float(second.rate_hz),
        float(second.gain),
        second.unit,
        str(second.origin),
    )


def pack(placed: Sequence[Placed]) -> tuple[bytes, bytes, int]:
    """(seconds, samples, crc32) of a chunk; all seconds share one key."""
    seconds = zlib.compress(_pack_seconds(placed), _LEVEL)
    samples = _squeeze(np.concatenate([item.second.samples for item in placed]))
    return seconds, samples, chunk_crc(seconds, samples)


def chunk_crc(seconds: bytes, samples: bytes) -> int:
    """CRC-32 over both parts of a chunk."""
    return zlib.crc32(samples, zlib.crc32(seconds))


def unpack(key: WaveKey, seconds: bytes, samples: bytes, crc32: int) -> list[Placed]:
    """The seconds of a chunk in the order they were stored. Raises DamagedChunk when a bit is wrong."""
    try:
        if chunk_crc(seconds, samples) != crc32:
            raise DamagedChunk("its checksum does not fit")
        return list(_unpacked(key, json.loads(inflate(seconds, MOST_BYTES)), samples))
    except (zlib.error, ValueError, LookupError, TypeError, OverflowError, RecursionError) as cause:
        raise DamagedChunk(f"it cannot be read: {cause}") from cause


def _unpacked(key: WaveKey, table: Mapping[str, Any], samples: bytes) -> Iterator[Placed]:
    _refuse_others(table)
    columns = [accumulate(table[name]) for name in ("batch", "place", "ms", "mono_ns")]
    boots = (table["boots"][number] for number in table["boot"])
    values = _expand(samples, sum(table["count"]))
    start = 0
    for batch, place, ms, mono_ns, count, boot in zip(*columns, table["count"], boots, strict=True):
        began = Instant(_EPOCH + ms * _MS, mono_ns, boot)
        yield Placed(batch, place, second_of(key, began, values[start : start + count]))
        start += count


def _refuse_others(table: Mapping[str, Any]) -> None:
    """A checksum can be made to fit to anything. Raises ValueError for what no table of ours holds."""
    for name in ("batch", "place", "ms", "mono_ns", "count", "boot"):
        if not all(type(number) is int for number in table[name]):
            raise ValueError(f"its {name} holds what is no whole number")
    if not all(isinstance(boot, str) and boot.isprintable() for boot in table["boots"]):
        raise ValueError("its boots are no names")


def second_of(key: WaveKey, began: Instant, samples: npt.NDArray[np.int16]) -> WaveSecond:
    """A wave second from its chunk's key; the samples become read-only. Raises ValueError for a key that is none."""
    if not (math.isfinite(key.rate_hz) and math.isfinite(key.gain)):
        raise ValueError("its rate or gain is no number")
    samples.flags.writeable = False
    return WaveSecond(
        session=key.session,
        source=key.source,
        wave=key.wave,
        began=began,
        rate_hz=key.rate_hz,
        gain=key.gain,
        unit=key.unit,
        origin=key.origin,
        samples=samples,
    )


def _pack_seconds(placed: Sequence[Placed]) -> bytes:
    boots = sorted({item.second.began.boot_id for item in placed})
    table: dict[str, Any] = {
        "batch": _differences([item.batch for item in placed]),
        "place": _differences([item.place for item in placed]),
        "ms": _differences([(item.second.began.utc - _EPOCH) // _MS for item in placed]),
        "mono_ns": _differences([item.second.began.mono_ns for item in placed]),
        "count": [len(item.second.samples) for item in placed],
        "boots": boots,
        "boot": [boots.index(item.second.began.boot_id) for item in placed],
    }
    return canonical_json(table)


def _differences(values: list[int]) -> list[int]:
    return [values[0], *(later - earlier for earlier, later in pairwise(values))]


def _squeeze(samples: Samples) -> bytes:
    left = {way: one.leave(samples) for way, one in WAYS.items()}
    best = min(left, key=lambda way: _bits(left[way]))
    shuffled = _shuffled(left[best])
    # A noisy line has nothing that repeats, a smooth one has: whichever of zlib's ways is shorter; it reads all alike.
    return bytes([best]) + min((_deflated(shuffled, way) for way in (zlib.Z_RLE, zlib.Z_FILTERED)), key=len)


def _bits(left: Samples) -> float:
    """About what it will take: a few large ones cost less than their sum."""
    return float(np.log2(np.abs(left.astype(np.float32)) + 1).sum())


def _shuffled(left: Samples) -> bytes:
    zigzag = ((left << 1) ^ (left >> 15)).view(np.uint16).astype("<u2")
    return zigzag.view(np.uint8).reshape(-1, 2).T.tobytes()


def _deflated(plain: bytes, way: int) -> bytes:
    squeezer = zlib.compressobj(_SAMPLES_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, way)
    return squeezer.compress(plain) + squeezer.flush()


def _expand(packed: bytes, count: int) -> Samples:
    older = packed[0] & 0x0F == zlib.DEFLATED
    way, stream = (STEPS, packed) if older else (packed[0], packed[1:])
    shuffled = np.frombuffer(inflate(stream, min(2 * count, MOST_BYTES)), np.uint8)
    if len(shuffled) != 2 * count:
        raise ValueError(f"{len(shuffled) // 2} samples instead of {count}")
    zigzag = np.ascontiguousarray(shuffled.reshape(2, -1).T).view("<u2").reshape(-1).astype(np.uint16)
    return WAYS[way].restore(((zigzag >> 1) ^ (np.uint16(0) - (zigzag & 1))).view(np.int16))
