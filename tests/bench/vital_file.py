"""A .vital file of waves as VitalDB publishes its format: gzip level 9 over packets, each track packed into one record.

The same layout as `to_vital` of the package vitaldb 1.7 writes by default, and it reads back what is written here; the
package itself is not needed, for it brings thirty others along.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

DEVICE, TRACK, RECORD = 9, 0, 1
WAVE, SHORTS = 1, 5
_PACKED = 1


@dataclass(frozen=True, slots=True)
class Track:
    """One wave from the beginning on: physical = raw * gain."""

    name: str
    unit: str
    rate_hz: float
    gain: float
    samples: npt.NDArray[np.int16]


def write_vital(path: Path, began_s: float, tracks: Sequence[Track]) -> None:
    """Write the waves of one device; `began_s`: seconds since 1970."""
    ends_s = max(began_s + track.samples.size / track.rate_hz for track in tracks)
    header = struct.pack("<hIIdd", 0, 0, 0, began_s, ends_s) + bytes([_PACKED])
    with gzip.GzipFile(path, "wb", compresslevel=9, mtime=0) as file:
        file.write(b"VITA" + struct.pack("<IH", 3, len(header)) + header)
        file.write(_packet(DEVICE, struct.pack("<I", 1) + _text("monitor") * 2 + _text("")))
        for number, track in enumerate(tracks, 1):
            file.write(_packet(TRACK, _about(number, track, began_s)))
        for number, track in enumerate(tracks, 1):
            head = struct.pack("<HdHI", 10, began_s, number, track.samples.size)
            file.write(_packet(RECORD, head + track.samples.astype("<i2").tobytes()))


def _about(number: int, track: Track, began_s: float) -> bytes:
    lasts_s, size = track.samples.size / track.rate_hz, 21 + 2 * track.samples.size
    return (
        struct.pack("<HBB", number, WAVE, SHORTS)
        + _text(track.name)
        + _text(track.unit)
        + struct.pack("<ffIfdd", 0.0, 0.0, 0xFFFFFF, track.rate_hz, track.gain, 0.0)
        + struct.pack("<BIIdd", 0, 1, size, began_s, began_s + lasts_s)
    )


def _text(words: str) -> bytes:
    plain = words.encode()
    return struct.pack("<I", len(plain)) + plain


def _packet(kind: int, body: bytes) -> bytes:
    return struct.pack("<BI", kind, len(body)) + body
