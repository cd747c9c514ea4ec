"""Records: a header of 40 bytes that says what stands in the subrecords behind it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from devices.monitors.ge_dri.wire.frames import HEADER_BYTES, MAX_DATA_BYTES

PHDB = 0
WAVE = 1
ALARM = 4

_HEADER = struct.Struct("<hBBHIBBHh")
_DESCRIPTOR = struct.Struct("<hB")
_MOST_SUBRECORDS = 8
_END_OF_LIST = 0xFF


@dataclass(frozen=True, slots=True)
class Record:
    """One record. subrecords: (type, bytes) in order; time: Unix seconds of the monitor's clock; number: 0-255."""

    maintype: int
    subrecords: tuple[tuple[int, bytes], ...]
    number: int = 0
    level: int = 0
    plug_id: int = 0
    time: int = 0


def encode_record(record: Record) -> bytes:
    """The record's bytes, without stuffing and sum; ValueError when it is larger than a record may be."""
    data = b"".join(body for _, body in record.subrecords)
    if len(record.subrecords) > _MOST_SUBRECORDS or len(data) > MAX_DATA_BYTES:
        raise ValueError("a record has at most 8 subrecords and 1450 bytes of data")
    length = HEADER_BYTES + len(data)
    parts = [_HEADER.pack(length, record.number, record.level, record.plug_id, record.time, 0, 0, 0, record.maintype)]
    offset = 0
    for kind, body in record.subrecords:
        parts.append(_DESCRIPTOR.pack(offset, kind))
        offset += len(body)
    if len(record.subrecords) < _MOST_SUBRECORDS:
        parts.append(_DESCRIPTOR.pack(0, _END_OF_LIST))
    return b"".join(parts).ljust(HEADER_BYTES, b"\0") + data


def decode_record(data: bytes) -> Record | None:
    """Read a record's bytes; None where its list of subrecords does not fit its data."""
    if len(data) < HEADER_BYTES:
        return None
    _, number, level, plug_id, time, _, _, _, maintype = _HEADER.unpack_from(data)
    starts: list[tuple[int, int]] = []
    for at in range(_HEADER.size, HEADER_BYTES, _DESCRIPTOR.size):
        offset, kind = _DESCRIPTOR.unpack_from(data, at)
        if kind == _END_OF_LIST:
            break
        starts.append((HEADER_BYTES + offset, kind))
    ends = [start for start, _ in starts[1:]] + [len(data)]
    if any(not HEADER_BYTES <= start <= end for (start, _), end in zip(starts, ends, strict=False)):
        return None
    subrecords = tuple((kind, data[start:end]) for (start, kind), end in zip(starts, ends, strict=False))
    return Record(maintype, subrecords, number, level, plug_id, time)
