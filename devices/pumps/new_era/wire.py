"""New Era syringe pumps, both ways: requests and replies of basic and safe mode, and the numbers in them.

    basic: host `[address]COMMAND CR`            pump `STX AA status [data] ETX`
    safe : both ways `STX length text CRC-hi CRC-lo ETX`, length = len(text) + 4, CRC-16/XMODEM over the text

The text is the same in both modes: `0RAT` asks, `00I12.00MH` answers. Basic mode has no checksum.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from devices.wire.checksums import crc16_xmodem
from devices.wire.framing import PARTIAL, Broken, Found, Partial, Run

STX, ETX, CR = b"\x02", b"\x03", b"\r"
STATUS, RATE, DISPENSED, VOLUME, FIRMWARE = "", "RAT", "DIS", "VOL", "VER"
READ_ONLY_COMMANDS = frozenset({STATUS, RATE, DISPENSED, VOLUME, FIRMWARE})
"""Whole commands: with an argument most of them would set something."""

MAX_TEXT = 40
MAX_RAW = MAX_TEXT + 5
PARTIAL_TIMEOUT_S = 1.0
"""A reply has at most 25 bytes, 0.8 s at 300 baud, the slowest; between two bytes the pump itself waits 0.5 s."""

_TEXT = re.compile(rb"[ -~]*")

RATE_UNITS = {"UM": 0.06, "MM": 60.0, "UH": 0.001, "MH": 1.0}
"""Factor to mL/h."""
VOLUME_UNITS = {"ML": 1.0, "UL": 0.001}
"""Factor to mL."""

_SAFE_OVERHEAD = 4  # length, two bytes of CRC, ETX
_SHORTEST_TEXT = 3  # two digits of address and the status
_REQUEST = re.compile(r"(0|[1-9][0-9]?)([A-Z]*)")
_REPLY = re.compile(r"(?P<address>[0-9]{2})(?:A\?(?P<alarm>[RSTEO])|(?P<status>[IWSPTUX])(?P<data>[ -~]*))")
_NUMBER = r"(?=[0-9.]*[0-9])([0-9]{0,4}\.?[0-9]{0,3})"
_RATE = re.compile(_NUMBER + "(UM|MM|UH|MH)")
_VOLUME = re.compile(_NUMBER + "(ML|UL)")
_DISPENSED = re.compile("I" + _NUMBER + "W" + _NUMBER + "(ML|UL)")
_FIRMWARE = re.compile(r"([A-Z]+)([0-9]+)([A-Z]+[0-9]*)?V([0-9]+\.[0-9]+)")
_MAX_DIGITS = 4
_RUN = re.compile(rb"(?:\x02[0-9]{2}(?:A\?[RSTEO]|[IWSPTUX][ -~]{0,37})\x03)+")
_DIGITS_KEPT = 6  # all that the smallest unit can say


@dataclass(frozen=True, slots=True)
class Reply:
    """What the pump says: its status letter, or an alarm letter in place of status and data."""

    address: int
    status: str
    data: str = ""
    alarm: str = ""

    @property
    def is_error(self) -> bool:
        """Whether the pump refused the command (`?`, `?NA`, `?OOR`, `?COM`, `?IGN`)."""
        return self.data.startswith("?")


def request(command: str, address: int = 0) -> bytes:
    """The basic-mode request. The address always stands there: other makes of pump take a bare CR for STOP."""
    return f"{address}{command}".encode("ascii") + CR


def safe_packet(text: str) -> bytes:
    """A safe-mode packet, for either direction."""
    data = text.encode("ascii")
    return STX + bytes((len(data) + _SAFE_OVERHEAD,)) + data + crc16_xmodem(data).to_bytes(2, "big") + ETX


def reply_text(reply: Reply) -> str:
    """The text of a reply, the same in both modes."""
    return f"{reply.address:02d}" + (f"A?{reply.alarm}" if reply.alarm else f"{reply.status}{reply.data}")


def encode_reply(reply: Reply, *, safe: bool = False) -> bytes:
    """A reply as the pump sends it."""
    text = reply_text(reply)
    return safe_packet(text) if safe else STX + text.encode("ascii") + ETX


def parse_reply(text: bytes) -> Reply | None:
    """The reply in a frame's text, None when it is none."""
    match = _REPLY.fullmatch(text.decode("ascii", errors="replace"))
    if match is None:
        return None
    return Reply(int(match["address"]), match["status"] or "", match["data"] or "", match["alarm"] or "")


def find_start(buffer: bytes | bytearray, pos: int) -> int:
    """The next STX at or after `pos`, or -1."""
    return buffer.find(STX, pos)


def parse_at(buffer: bytes | bytearray, start: int) -> Found | Broken | Partial:
    """The reply of either mode that begins at `start`; the payload is its text.

    A basic reply goes on with a digit of the address, a safe one with its length, which is always smaller.
    """
    if len(buffer) < start + 2:
        return PARTIAL
    second = buffer[start + 1]
    if _SHORTEST_TEXT + _SAFE_OVERHEAD <= second < ord("0"):
        return _judge(safe_text_at(buffer, start), start + 1 + second)
    return _basic_at(buffer, start)


def run_at(buffer: bytes | bytearray, start: int) -> Run:
    """The texts of basic replies that stand one behind the other from `start` on."""
    found = _RUN.match(buffer, start)
    if found is None:
        return [], start
    return found[0][1:-1].split(ETX + STX), found.end()


def safe_text_at(buffer: bytes | bytearray, start: int) -> bytes | Broken | Partial:
    """The text of the safe-mode packet, a request or a reply, whose STX is at `start`; CRC bytes may be any value."""
    if len(buffer) < start + 2:
        return PARTIAL
    end = start + 1 + buffer[start + 1]
    if not _SAFE_OVERHEAD < buffer[start + 1] <= MAX_TEXT + _SAFE_OVERHEAD:
        return Broken("length")
    if len(buffer) < end:
        return PARTIAL
    text = bytes(buffer[start + 2 : end - 3])
    if buffer[end - 1 : end] != ETX:
        return Broken("length")
    return text if crc16_xmodem(text) == int.from_bytes(buffer[end - 3 : end - 1], "big") else Broken("checksum")


def parse_request(frame: bytes) -> tuple[int, str] | None:
    """Address and command of a basic-mode request; None unless `frame` is one whole well-formed request."""
    if frame[-1:] != CR:
        return None
    match = _REQUEST.fullmatch(frame[:-1].decode("ascii", errors="replace"))
    return None if match is None else (int(match[1]), match[2])


def is_read_only(frame: bytes) -> bool:
    """Whether `frame` is exactly one of the five questions in basic mode."""
    parsed = parse_request(frame)
    return parsed is not None and parsed[1] in READ_ONLY_COMMANDS and frame == request(parsed[1], parsed[0])


def rate_ml_h(data: str) -> float | None:
    """`12.00MH` in mL/h, None when it is no rate."""
    match = _RATE.fullmatch(data)
    value = None if match is None else _number(match[1])
    return None if match is None or value is None else round(value * RATE_UNITS[match[2]], _DIGITS_KEPT)


def volume_ml(data: str) -> float | None:
    """`50.00ML` in mL, None when it is no volume."""
    match = _VOLUME.fullmatch(data)
    value = None if match is None else _number(match[1])
    return None if match is None or value is None else round(value * VOLUME_UNITS[match[2]], _DIGITS_KEPT)


def dispensed_ml(data: str) -> tuple[float, float] | None:
    """`I1.234W0.000ML` as (infused, withdrawn) in mL, None when it is not that."""
    match = _DISPENSED.fullmatch(data)
    if match is None:
        return None
    infused, withdrawn = _number(match[1]), _number(match[2])
    if infused is None or withdrawn is None:
        return None
    unit = VOLUME_UNITS[match[3]]
    return round(infused * unit, _DIGITS_KEPT), round(withdrawn * unit, _DIGITS_KEPT)


def firmware(data: str) -> str | None:
    """`NE1000V3.923` as `NE-1000 V3.923`, upgrades such as `NE1000X2V3.9` included; None when it is none."""
    match = _FIRMWARE.fullmatch(data)
    return None if match is None else f"{match[1]}-{match[2]}{match[3] or ''} V{match[4]}"


def number_text(value: float) -> str:
    """A number as the pump writes it: four digits and a point, at most three of them behind it."""
    for decimals in (3, 2, 1):
        text = f"{value:.{decimals}f}"
        if len(text) <= _MAX_DIGITS + 1:
            return text
    return f"{value:.0f}."


def _number(text: str) -> float | None:
    return float(text) if len(text.replace(".", "")) <= _MAX_DIGITS else None


def _basic_at(buffer: bytes | bytearray, start: int) -> Found | Broken | Partial:
    """The first byte that is no text decides, however many have come behind it."""
    limit = start + MAX_TEXT + 2
    text = _TEXT.match(buffer, start + 1, limit)
    end = start + 1 if text is None else text.end()
    if end == limit:
        return Broken("syntax")
    match bytes(buffer[end : end + 1]):
        case b"":
            return PARTIAL
        case b"\x03":
            return _judge(bytes(buffer[start + 1 : end]), end + 1)
        case b"\x02":
            return Broken("incomplete")
    return Broken("syntax")


def _judge(text: bytes | Broken | Partial, end: int) -> Found | Broken | Partial:
    if not isinstance(text, bytes):
        return text
    return Broken("syntax") if parse_reply(text) is None else Found(text, end)
