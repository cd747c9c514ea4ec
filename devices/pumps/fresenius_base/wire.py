"""Fresenius bases and their pump modules, both ways: frames, link characters, variables in hex.

    `STX [address] COMMAND [;arguments] CK ETX`    CK = 0xFF - (sum of the bytes between STX and CK, modulo 256), in hex

Address 0 is the base, 1 to 9 are modules. Every good frame is answered by ACK, a bad one by NAK and a digit; ENQ asks
whether we are there and DC4 says so. Seven bits with parity: no byte is above 0x7F.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from zlib import adler32

from devices.wire.checksums import sum8
from devices.wire.framing import PARTIAL, Broken, Found, Partial, Run

STX, ETX, ENQ, ACK, DC4, NAK = b"\x02", b"\x03", b"\x05", b"\x06", b"\x14", b"\x15"
BAD_CHECKSUM = NAK + b"2"
BASE = 0
MODULES = range(1, 10)

CONNECT, DISCONNECT = "DC", "FC"
READ, READ_FIXED, READ_DRUG = "LE", "LF", "LP"
CORRECT, REFUSED, SPONTANEOUS, SPONTANEOUS_SETTING = "C", "I", "E", "M"
WATCH, UNWATCH = "DE", "AE"
ALARM, ERROR, MODE, RATE, VOLUME, STACK, TYPE = "a", "e", "m", "d", "r", "b", "b"
EVERYTHING = ALARM + ERROR + MODE + RATE + VOLUME
NEEDED = RATE + VOLUME
"""Asked of a module that refuses the longer question."""

COMMUNICATION_WITH_BASE_CLOSED, MODULE_UNREACHABLE, MODULE_CLOSED = "0D", "0E", "1E"

MAX_TEXT = 80
MAX_RAW = MAX_TEXT + 4
PARTIAL_TIMEOUT_S = 1.0
"""The longest frame takes 44 ms at 19200 baud; USB adapters and networks may hold back a part of it."""

ML_H_PER_COUNT = 0.1
ML_PER_COUNT = 0.001

_START = re.compile(rb"[\x02\x05\x06\x15]")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f-\xff]")
_FRAME = re.compile(r"(?P<address>[0-9])?(?P<command>[A-Z]{1,2})(?:;(?P<arguments>[ -~]*))?")
_TOKEN = re.compile(
    rb"([\x05\x06]?)\x02([0-9]?[A-Z]{1,2}(?:;[ -~]{0,%d})?)([0-9A-F]{2})\x03|([\x05\x06])" % (MAX_TEXT - 4)
)
"""A frame with the sign before it, or a sign alone."""
_RUN = re.compile(rb"(?:%s)+" % re.sub(rb"\((?!\?)", rb"(?:", _TOKEN.pattern))
_COMPLEMENT = {b"%02X" % (0xFF - total): total for total in range(256)}
"""Each checksum, and the sum that it stands for."""
_VARIABLE = re.compile(r"([a-z])([0-9A-F]{1,8})")
_LINK_ERROR = re.compile(rb"[1-8]")
# What this program may ask; base and modules differ. Whole frames: with other words or arguments they are orders.
_BASE_QUESTIONS = frozenset({(CONNECT, None), (DISCONNECT, None), (READ, STACK), (READ_FIXED, TYPE)})
_MODULE_QUESTIONS = frozenset(
    {(CONNECT, None), (READ, EVERYTHING), (READ, NEEDED), (READ_FIXED, TYPE), (READ_DRUG, None)}
)
_RECEIPTS = frozenset({(SPONTANEOUS, None), (SPONTANEOUS_SETTING, None)})
_LINK_WORDS = frozenset({ACK, DC4, BAD_CHECKSUM})


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of either direction. address None: a pump that stands alone. arguments None: no `;` at all."""

    address: int | None
    command: str
    arguments: str | None = None

    @property
    def text(self) -> str:
        """What the checksum covers."""
        address = "" if self.address is None else str(self.address)
        return address + self.command + ("" if self.arguments is None else f";{self.arguments}")


def encode(frame: Frame) -> bytes:
    """The frame as it stands on the wire."""
    text = frame.text.encode("ascii")
    return STX + text + checksum(text) + ETX


def checksum(text: bytes) -> bytes:
    """Two upper-case hex digits."""
    return b"%02X" % (0xFF - sum8(text))


def find_start(buffer: bytes | bytearray, pos: int) -> int:
    """The next STX, ENQ, ACK or NAK at or after `pos`, or -1."""
    match = _START.search(buffer, pos)
    return -1 if match is None else match.start()


def parse_at(buffer: bytes | bytearray, start: int) -> Found | Broken | Partial:
    """A frame, whose payload is its text, or a link character, whose payload is itself (NAK with its digit)."""
    first = bytes(buffer[start : start + 1])
    if first in (ENQ, ACK):
        return Found(first, start + 1)
    if first == NAK:
        return _nak_at(buffer, start)
    limit = start + MAX_RAW
    control = _CONTROL.search(buffer, start + 1, limit)
    if control is None:
        return Broken("too long") if len(buffer) >= limit else PARTIAL
    if control[0] != ETX:
        return Broken("syntax")
    end = control.start()
    text, told = bytes(buffer[start + 1 : end - 2]), bytes(buffer[end - 2 : end])
    if end - 2 <= start + 1:
        return Broken("syntax")
    if told != checksum(text):
        return Broken("checksum")
    return Broken("syntax") if parse(text) is None else Found(text, end + 1)


def run_at(buffer: bytes | bytearray, start: int) -> Run:
    """The texts of frames, with ENQ and ACK between them, that stand one behind the other from `start` on."""
    texts: list[bytes] = []
    end = start
    found = _RUN.match(buffer, start)
    for sign, text, told, alone in _TOKEN.findall(found[0]) if found is not None else ():
        if alone:
            texts.append(alone)
            end += 1
            continue
        if adler32(text, 0) & 0xFF != _COMPLEMENT[told]:  # its lower half is the plain sum
            break
        if sign:
            texts.append(sign)
            end += 1
        texts.append(text)
        end += len(text) + 4
    return texts, end


def parse(text: bytes) -> Frame | None:
    """The frame with this text, None when it has not the form of one."""
    match = _FRAME.fullmatch(text.decode("ascii", errors="replace"))
    if match is None:
        return None
    return Frame(int(match["address"]) if match["address"] else None, match["command"], match["arguments"])


def sent_frame(data: bytes) -> Frame | None:
    """The question of ours that was sent in these bytes; None for receipts, link characters and the last word."""
    frame = parse(data[1:-3]) if data[:1] == STX and is_read_only(data) else None
    if frame is None or (frame.command, frame.arguments) in _RECEIPTS or frame.command == DISCONNECT:
        return None
    return frame


def is_read_only(data: bytes) -> bool:
    """Whether `data` is exactly one link word, one question of ours, or one receipt for a spontaneous frame."""
    if data in _LINK_WORDS:
        return True
    found = parse_at(data, 0) if data[:1] == STX else PARTIAL
    frame = parse(found.payload) if isinstance(found, Found) else None
    if frame is None or frame.address is None or data != encode(frame):
        return False
    questions = _BASE_QUESTIONS if frame.address == BASE else _MODULE_QUESTIONS
    return (frame.command, frame.arguments) in questions | _RECEIPTS


def variables(arguments: str | None) -> Mapping[str, int] | None:
    """`d0064;r003039` as numbers; None when any part of it is no variable, or one comes twice."""
    matches = [_VARIABLE.fullmatch(part) for part in (arguments or "").split(";")]
    found = {match[1]: int(match[2], 16) for match in matches if match is not None}
    return found if len(found) == len(matches) else None


def digits(arguments: str | None) -> Mapping[str, str]:
    """The same variables as the hex digits that were sent, for codes whose meaning nobody has published."""
    matches = (_VARIABLE.fullmatch(part) for part in (arguments or "").split(";"))
    return {match[1]: match[2] for match in matches if match is not None}


def device_type(arguments: str | None) -> str | None:
    """`bModule DPS` as `Module DPS`, None when it is no such answer."""
    return arguments[1:].strip() if arguments is not None and arguments[:1] == TYPE and len(arguments) > 1 else None


def modules_in(mask: int) -> tuple[int, ...]:
    """The addresses in a bitmask of modules: bit 0 is module 1."""
    return tuple(address for address in MODULES if mask >> (address - 1) & 1)


def _nak_at(buffer: bytes | bytearray, start: int) -> Found | Broken | Partial:
    if len(buffer) < start + 2:
        return PARTIAL
    error = bytes(buffer[start + 1 : start + 2])
    return Found(NAK + error, start + 2) if _LINK_ERROR.fullmatch(error) else Broken("syntax")
