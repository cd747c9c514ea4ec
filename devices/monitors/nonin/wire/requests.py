"""What a host may say to a Nonin oximeter: choose a data format, set the clock, ask for it."""

from __future__ import annotations

from dataclasses import dataclass

STX, ETX = 0x02, 0x03
ACK, NAK = 0x06, 0x15
ANSWERS = frozenset({ACK, NAK})

DF2, DF7, DF8, DF13, ASCII = "df2", "df7", "df8", "df13", "ascii"
NUMBER_OF = {DF2: 2, DF7: 7, DF8: 8, DF13: 13}
"""The formats that a host can choose; ASCII is chosen on the device."""

_SELECT, _CLOCK, _CLOCK_TOLD = 0x70, 0x72, 0xF2
_MARK = 0x02  # the first data byte of a selection


@dataclass(frozen=True, slots=True)
class Select:
    """Choose format `number` from now on; `options` as the longer request of the 3150 carries them."""

    number: int
    options: int | None = None


@dataclass(frozen=True, slots=True)
class SetClock:
    """year since 2000, month, day, hour, minute, second as the bytes stand."""

    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GetClock:
    """Ask for the clock."""


Request = Select | SetClock | GetClock


def encode_select(number: int) -> bytes:
    """The request for one format."""
    return bytes((STX, _SELECT, 2, _MARK, number, ETX))


def encode_clock(parts: tuple[int, ...]) -> bytes:
    """The oximeter's answer to GetClock."""
    return bytes((STX, _CLOCK_TOLD, 6, *parts, ETX))


def decode_request(data: bytes) -> Request | None:
    """The one request that `data` is, whole, or None."""
    if len(data) < 4 or data[0] != STX or data[-1] != ETX or data[2] != len(data) - 4:
        return None
    operation, body = data[1], data[3:-1]
    if operation == _SELECT and len(body) in (2, 4) and body[0] == _MARK:
        return Select(body[1], body[2] if len(body) == 4 else None)
    if operation == _CLOCK and len(body) == 6:
        return SetClock(tuple(body))
    return GetClock() if operation == _CLOCK and not body else None


def cut_requests(buffer: bytearray) -> list[Request]:
    """Take every whole request out of the front of `buffer`; what begins none is dropped (for the simulator)."""
    found: list[Request] = []
    while buffer:
        if buffer[0] != STX:
            del buffer[0]
            continue
        if len(buffer) < 4 or len(buffer) < 4 + buffer[2] <= 12:
            break
        request = decode_request(bytes(buffer[: 4 + buffer[2]]))
        if request is not None:
            found.append(request)
        del buffer[: 4 + buffer[2] if request is not None else 1]
    return found
