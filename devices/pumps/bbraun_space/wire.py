"""B. Braun BCC frames, both ways: stuffing, length, check digits, and the quadruples inside.

    SOH LLLLL STX <bed id>/1/1> information ETX|ETB CCCCC EOT        ACK and NAK stand alone, unframed

LLLLL is the unstuffed length from SOH to EOT, CCCCC the sum of the bytes SOH..ETX modulo 256, both as five digits.
Stuffing (D -> EX, E -> EE, d -> ex, e -> ee) is applied last; a station can have it switched off.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from devices.wire.checksums import sum8
from devices.wire.framing import PARTIAL, Broken, Found, Partial, Run

SOH, STX, ETX, EOT, ACK, NAK, ETB, RS = b"\x01", b"\x02", b"\x03", b"\x04", b"\x06", b"\x15", b"\x17", b"\x1e"
HELLO_BED = "1"
"""The bed id that every station answers to, until it has told its own."""
ALIVE, VERSION, MEM_GET = "ADMIN:ALIVE", "ADMIN:VERSION", "MEM:GET"
READ_ONLY_REQUESTS = frozenset({ALIVE, VERSION, MEM_GET})

MAX_LENGTH = 4096
"""No unstuffed frame is longer: 24 pumps come as 24 frames of one or two kilobytes at most."""
MAX_RAW = 2 * MAX_LENGTH
PARTIAL_TIMEOUT_S = 5.0
"""The longest frame takes 4.3 s at 9600 baud."""

_MIN_LENGTH = 20  # bed id of one letter, empty information field
_TAIL = 7  # ETX, five digits, EOT
_BED_ID = re.compile(r"[/-9A-z]{1,15}")
_ADDRESSING = re.compile(r"(?P<bed>.{1,15})/[0-9]/[0-9]", re.DOTALL)
_USUAL_ADDRESSING = re.compile(rb"[ -=?-~]{1,15}/[0-9]/[0-9]>")
_STUFF = {b"D": b"EX", b"E": b"EE", b"d": b"ex", b"e": b"ee"}
_STUFFABLE = re.compile(rb"[DEde]")
_NO_VALUE = frozenset({"_NV", "_NA"})
_VERSION_NAME = "VERSION"


@dataclass(frozen=True, slots=True)
class Block:
    """One good frame. `stuffed` is None when the frame holds no letter that stuffing would change."""

    bed_id: str
    information: str
    last: bool
    stuffed: bool | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One quadruple: seconds since the station was switched on, address, parameter, value (None = `_NV`, `_NA`)."""

    time_s: int
    address: str
    name: str
    value: str | None


def stuff(data: bytes) -> bytes:
    """`data` with the four letters doubled up as the wire wants them."""
    return _STUFFABLE.sub(lambda match: _STUFF[match[0]], data)


def unstuff(data: bytes) -> bytes | None:
    """`data` without stuffing, read from left to right; None when an escape is not one."""
    for big, small, alone in ((b"E", b"D", b"X"), (b"e", b"d", b"x")):
        if small in data:
            return None
        first, *pieces = data.split(big)
        out = [first]
        rest = iter(pieces)
        for piece in rest:
            if piece[:1] == alone:
                out += (small, piece[1:])
                continue
            following = None if piece else next(rest, None)  # nothing between two of them: they are a pair
            if following is None:
                return None
            out += (big, following)
        data = b"".join(out)
    return data


def encode(bed_id: str, information: str, *, last: bool = True, stuffed: bool = True) -> bytes:
    """The frame on the wire for this information field."""
    body = f"{bed_id}/1/1>{information}".encode()
    length = 1 + 5 + 1 + len(body) + _TAIL
    head = SOH + b"%05d" % length + STX + body + (ETX if last else ETB)
    frame = head + b"%05d" % sum8(head) + EOT
    return stuff(frame) if stuffed else frame


def decode(raw: bytes) -> Block | Broken:
    """The block in one frame from SOH to EOT as it came over the wire."""
    if len(raw) < _MIN_LENGTH or raw[:1] != SOH or raw[-1:] != EOT or not raw[1:6].isdigit() or raw[6:7] != STX:
        return Broken("header")
    length = int(raw[1:6])
    clear = raw if len(raw) == length else unstuff(raw)
    if clear is None:
        return Broken("stuffing")
    if len(clear) != length or length < _MIN_LENGTH:
        return Broken("length")
    end = clear[-_TAIL : -_TAIL + 1]
    digits = clear[-_TAIL + 1 : -1]
    if end not in (ETX, ETB) or not digits.isdigit() or int(digits) != sum8(clear[: -_TAIL + 1]):
        return Broken("checksum")
    addressing, found, information = clear[7:-_TAIL].decode("utf-8", errors="replace").partition(">")
    match = _ADDRESSING.fullmatch(addressing)
    if not found or match is None:
        return Broken("address")
    return Block(match["bed"], information, end == ETX, _was_stuffed(raw, clear))


def find_start(buffer: bytes | bytearray, pos: int) -> int:
    """The next SOH at or after `pos`, or -1."""
    return buffer.find(SOH, pos)


def parse_at(buffer: bytes | bytearray, start: int) -> Found | Broken | Partial:
    """The frame that begins at `start`; the payload is the frame as it came."""
    head = bytes(buffer[start + 1 : start + 7])
    if not (head[:5].isdigit() or not head) or (len(head) == 6 and head[5:] != STX):
        return Broken("header")
    if len(head) < 6:
        return PARTIAL
    length = int(head[:5])
    if not _MIN_LENGTH <= length <= MAX_LENGTH:
        return Broken("length")
    # Neither SOH nor EOT occurs in text, so that a lost tail is seen at once and not only when the length is used up.
    limit = start + 2 * length
    end = buffer.find(EOT, start + 7, limit)
    following = buffer.find(SOH, start + 1, limit if end < 0 else end)
    if following >= 0:
        return Broken("incomplete")
    if end < 0:
        return Broken("length") if len(buffer) >= limit else PARTIAL
    raw = bytes(buffer[start : end + 1])
    block = decode(raw)
    return block if isinstance(block, Broken) else Found(raw, end + 1)


def run_at(buffer: bytes | bytearray, start: int) -> Run:
    """The frames that stand one behind the other from `start` on, without their stuffing all at once."""
    raws: list[bytes] = []
    end = start
    chunk = bytes(buffer[start : max(start, buffer.rfind(EOT))])
    clear = unstuff(chunk) if chunk.startswith(SOH) else None
    if clear is None:
        return raws, end
    for raw, one in zip(chunk.split(EOT), clear.split(EOT), strict=True):
        if not _is_good(raw, one):
            break
        raws.append(raw + EOT)
        end += len(raw) + 1
    return raws, end


def _is_good(raw: bytes, clear: bytes) -> bool:
    """Whether this is certainly a good frame, here without its EOT; `raw` with the stuffing that `clear` has lost."""
    length = len(clear) + 1
    return (
        _MIN_LENGTH <= length <= MAX_LENGTH
        and clear.startswith(b"\x01%05d\x02" % length)
        and clear[-6:-5] in (ETX, ETB)
        and clear.endswith(b"%05d" % sum8(clear[:-5]))
        and _USUAL_ADDRESSING.match(clear, 7) is not None
        and raw.find(SOH, 1) < 0
    )


def entries(information: str) -> tuple[Entry, ...]:
    """The quadruples of an information field; what is not one is skipped.

    The answer to VERSION has three fields only: its text becomes the value of a parameter named VERSION.
    """
    return tuple(entry for part in information.split(RS.decode()) if (entry := _entry(part)) is not None)


def entry_text(entry: Entry) -> str:
    """A quadruple as the station writes it."""
    value = "_NV" if entry.value is None else entry.value
    if entry.name == _VERSION_NAME:
        return f"{entry.time_s},{entry.address},{value}"
    return f"{entry.time_s},{entry.address},{entry.name},{value}"


def information_of(rows: tuple[Entry, ...]) -> str:
    """The information field that holds these quadruples."""
    return RS.decode().join(entry_text(row) for row in rows)


def is_bed_id(text: str) -> bool:
    """Whether a station can have this bed id."""
    return _BED_ID.fullmatch(text) is not None


def is_read_only(frame: bytes) -> bool:
    """Whether `frame` is ACK, NAK or exactly one of the three requests that only read."""
    if frame in (ACK, NAK):
        return True
    block = decode(frame)
    if isinstance(block, Broken) or block.information not in READ_ONLY_REQUESTS or not is_bed_id(block.bed_id):
        return False
    return frame in (
        encode(block.bed_id, block.information),
        encode(block.bed_id, block.information, stuffed=False),
    )


def _entry(part: str) -> Entry | None:
    fields = part.split(",", 3)
    if len(fields) < 3 or not (fields[0].isascii() and fields[0].isdigit()):
        return None
    if len(fields) == 3:
        return Entry(int(fields[0]), fields[1], _VERSION_NAME, fields[2])
    value = fields[3]
    return Entry(int(fields[0]), fields[1], fields[2], None if value in _NO_VALUE else value)


def _was_stuffed(raw: bytes, clear: bytes) -> bool | None:
    return len(raw) != len(clear) if _STUFFABLE.search(clear) else None
