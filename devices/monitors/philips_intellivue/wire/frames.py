"""Frames of the MIB serial port: flags, transparency, the 16-bit FCS, and where frames stand in a stream."""

from __future__ import annotations

import binascii

from devices.wire.framing import PARTIAL, Broken, Buffer, Found, FrameCutter, Partial, Run

BEGIN = 0xC0
END = 0xC1
ESCAPE = 0x7D
FLIP = 0x20
MAX_PAYLOAD_BYTES = 2048
"""More than any monitor's largest message (1456 bytes)."""

HEADER_BYTES = 4
FCS_BYTES = 2
MAX_FRAME_BYTES = 2 * (HEADER_BYTES + MAX_PAYLOAD_BYTES + FCS_BYTES) + 2
PARTIAL_TIMEOUT_S = 3.0

_BEGIN, _END, _ESCAPE = bytes([BEGIN]), bytes([END]), bytes([ESCAPE])
_PROTOCOL = b"\x11\x01"
"""Data Export, message type 1."""

_FLIPPED = tuple(bytes((byte ^ FLIP,)) for byte in range(256))
_RESIDUE = 0x1D0F
"""What the mirrored CRC of a whole body, its FCS included, comes to when nothing is wrong."""

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def fcs(data: bytes) -> int:
    """CRC-16/X.25: polynomial 0x1021 reflected, start 0xFFFF, complemented; 0x906E for b"123456789"."""
    # The library's CRC takes the highest bit first: mirror each byte going in, and the result coming out.
    mirrored = binascii.crc_hqx(data.translate(_REVERSED), 0xFFFF)
    return (_REVERSED[mirrored & 0xFF] << 8 | _REVERSED[mirrored >> 8]) ^ 0xFFFF


def escape(data: bytes) -> bytes:
    """Replace the three bytes that mean something to the line by their pairs; the escape byte first."""
    for byte in (ESCAPE, BEGIN, END):
        data = data.replace(bytes([byte]), bytes([ESCAPE, byte ^ FLIP]))
    return data


def unescape(data: bytes) -> bytes | None:
    """Undo escape(); None where the last byte is an escape without its partner (the sender gave the frame up)."""
    first, *rest = data.split(_ESCAPE)
    if not rest:
        return data
    out = [first]
    pieces = iter(rest)
    for piece in pieces:
        if not piece:
            # An escape right behind an escape: the second one was the first one's partner.
            following = next(pieces, None)
            if following is None:
                return None
            out += (_FLIPPED[ESCAPE], following)
        else:
            out += (_FLIPPED[piece[0]], piece[1:])
    return b"".join(out)


def frame(payload: bytes) -> bytes:
    """The payload with its header and FCS, escaped, between the two flags."""
    body = _PROTOCOL + len(payload).to_bytes(2, "big") + payload
    return _BEGIN + escape(body + fcs(body).to_bytes(2, "little")) + _END


def find_start(buffer: Buffer, pos: int) -> int:
    """The next byte that may begin a frame."""
    return buffer.find(_BEGIN, pos)


def parse_at(buffer: Buffer, start: int) -> Found | Broken | Partial:
    """The payload of the frame whose first flag is at `start`; a new beginning inside a frame ends it unfinished."""
    end = buffer.find(_END, start + 1)
    if buffer.find(_BEGIN, start + 1, end if end >= 0 else len(buffer)) >= 0:
        return Broken("begun anew")
    if end < 0:
        return PARTIAL
    payload = _payload_in(bytes(buffer[start + 1 : end]))
    return Found(payload, end + 1) if isinstance(payload, bytes) else payload


def run_at(buffer: Buffer, start: int) -> Run:
    """The payloads of frames that stand one behind the other from `start` on."""
    payloads: list[bytes] = []
    end = start
    if buffer[start] != BEGIN:
        return payloads, end
    for piece in bytes(buffer[start + 1 : max(start + 1, buffer.rfind(_END))]).split(_END + _BEGIN):
        whole = 0 < len(piece) <= MAX_FRAME_BYTES - 2 and _BEGIN not in piece and _END not in piece
        payload = _payload_in(piece) if whole else None
        if not isinstance(payload, bytes):
            break
        payloads.append(payload)
        end += len(piece) + 2
    return payloads, end


def _payload_in(escaped: bytes) -> bytes | Broken:
    """The payload between the two flags, or what is wrong with it."""
    body = unescape(escaped)
    if body is None:
        return Broken("given up")
    if len(body) < HEADER_BYTES + FCS_BYTES:
        return Broken("too short")
    if binascii.crc_hqx(body.translate(_REVERSED), 0xFFFF) != _RESIDUE:
        return Broken("checksum")
    if not body.startswith(_PROTOCOL):
        return Broken("another protocol")
    payload = body[HEADER_BYTES:-FCS_BYTES]
    if int.from_bytes(body[2:HEADER_BYTES], "big") != len(payload):
        return Broken("length")
    return payload


def unframe(data: bytes) -> bytes | None:
    """The payload of exactly one good frame, None for anything else."""
    if not data.startswith(_BEGIN):
        return None
    result = parse_at(data, 0)
    return result.payload if isinstance(result, Found) and result.end == len(data) else None


def make_cutter() -> FrameCutter:
    """A cutter that yields payloads."""
    return FrameCutter(find_start, parse_at, MAX_FRAME_BYTES, PARTIAL_TIMEOUT_S, run_at)
