"""Frames between two flags: byte stuffing, the 8-bit sum, and where frames stand in a stream."""

from __future__ import annotations

from devices.wire.checksums import sum8
from devices.wire.framing import PARTIAL, Broken, Buffer, Found, FrameCutter, Partial, Run

FLAG = 0x7E
ESCAPE = 0x7D
HEADER_BYTES = 40
MAX_DATA_BYTES = 1450
MAX_FRAME_BYTES = 2 * (HEADER_BYTES + MAX_DATA_BYTES + 1) + 2
PARTIAL_TIMEOUT_S = 3.0
"""The longest frame lasts 1.7 s at 19200 baud."""

_FLAG = bytes([FLAG])
_ESCAPE = bytes([ESCAPE])
_FLAG_STUFFED = b"\x7d\x5e"
_ESCAPE_STUFFED = b"\x7d\x5d"
_UNSTUFFED = {0x5E: _FLAG, 0x5D: _ESCAPE}


def stuff(data: bytes) -> bytes:
    """Replace flag and escape bytes by their pairs; escapes first, so that a new escape is not escaped again."""
    return data.replace(_ESCAPE, _ESCAPE_STUFFED).replace(_FLAG, _FLAG_STUFFED)


def unstuff(data: bytes) -> bytes | None:
    """Undo stuff(); None where an escape is not followed by one of its two partners."""
    first, *rest = data.split(_ESCAPE)
    if not rest:
        return data
    out = [first]
    for piece in rest:
        original = _UNSTUFFED.get(piece[0]) if piece else None
        if original is None:
            return None
        out += (original, piece[1:])
    return b"".join(out)


def frame(record: bytes) -> bytes:
    """The record with its sum, stuffed, between flags."""
    return _FLAG + stuff(record + bytes([sum8(record)])) + _FLAG


def find_start(buffer: Buffer, pos: int) -> int:
    """The next flag that may begin a frame; of two flags in a row only the second does."""
    at = buffer.find(_FLAG, pos)
    while at >= 0 and buffer[at + 1 : at + 2] == _FLAG:
        at += 1
    return at


def parse_at(buffer: Buffer, start: int) -> Found | Broken | Partial:
    """The record whose first flag is at `start`, without flags, stuffing and sum."""
    end = buffer.find(_FLAG, start + 1)
    if end < 0:
        return PARTIAL
    record = _record_in(bytes(buffer[start + 1 : end]))
    return Found(record, end + 1) if isinstance(record, bytes) else record


def run_at(buffer: Buffer, start: int) -> Run:
    """The records of frames that stand one behind the other from `start` on; each has flags of its own."""
    records: list[bytes] = []
    end = start
    pieces = bytes(buffer[start : buffer.rfind(_FLAG) + 1]).split(_FLAG)
    for gap, piece in zip(pieces[::2], pieces[1::2], strict=False):
        record = _record_in(piece) if not gap and 0 < len(piece) <= MAX_FRAME_BYTES - 2 else None
        if not isinstance(record, bytes):
            break
        records.append(record)
        end += len(piece) + 2
    return records, end


def _record_in(stuffed: bytes) -> bytes | Broken:
    """The record between two flags, or what is wrong with it."""
    body = unstuff(stuffed)
    if body is None:
        return Broken("stuffing")
    if len(body) <= HEADER_BYTES:
        return Broken("too short")
    record = body[:-1]
    if sum8(record) != body[-1]:
        return Broken("checksum")
    if int.from_bytes(record[:2], "little") != len(record):
        return Broken("length")
    return record


def unframe(data: bytes) -> bytes | None:
    """The record of exactly one good frame, None for anything else."""
    if not data.startswith(_FLAG):
        return None
    result = parse_at(data, 0)
    return result.payload if isinstance(result, Found) and result.end == len(data) else None


def make_cutter() -> FrameCutter:
    """A cutter that yields records."""
    return FrameCutter(find_start, parse_at, MAX_FRAME_BYTES, PARTIAL_TIMEOUT_S, run_at)
