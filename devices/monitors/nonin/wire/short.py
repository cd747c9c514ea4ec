"""Format 8, four bytes once a second without a checksum, and format 13, one packet for each spot check."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from struct import Struct
from zlib import adler32

from devices.monitors.nonin.wire.packets import LOW_BATTERY, NO_HR, NO_SPO2, SMARTPOINT, nine_bits
from devices.monitors.nonin.wire.requests import ANSWERS, ETX
from devices.wire.checksums import sum8
from devices.wire.framing import PARTIAL, Broken, Buffer, Found, FrameCutter, Partial, Run

PARTIAL_TIMEOUT_S = 0.5
SHORT = 4
MAX_SPOT_DATA = 64
_OUT_OF_TRACK, _LOW, _MARGINAL, _ARTIFACT, _SENSOR_ALARM = 0x20, 0x10, 0x08, 0x04, 0x08
_FASTEST, _FULL = 321, 100

_SPOT_HEAD = bytes((0x00, 0x02, 0x00, 0x0D))
_SPOT_DATA = 14
_SPOT_BODY, _SPOT_END = len(_SPOT_HEAD) + 2, 2
_SPOT_LENGTH = _SPOT_BODY + _SPOT_DATA + _SPOT_END
_CENTURIES_BCD = (0x19, 0x20)
_NO_MEASUREMENT, _SMARTPOINT, _FROM_MEMORY = 0x01, 0x02, 0x10


def _class(bytes_of: Iterable[int]) -> bytes:
    return b"[" + b"".join(b"\\x%02x" % byte for byte in bytes_of) + b"]"


_SECONDS = re.compile(
    b"(?:(?:%s[\\x00-\\x7f]|%s[\\x00-\\x41]|%s\\x7f)[\\x00-\\x64\\x7f][\\x00-\\x7f])+"
    % tuple(_class(byte for byte in range(0x80, 0xC0) if byte & 3 in high) for high in ({0, 1}, {2}, {3}))
)
"""Packets of format 8 with numbers in range: rates to 321 or 511, saturations to 100 or 127."""
_SPOT = Struct(f"{_SPOT_BODY + _SPOT_DATA}sBB")
_LESS_HEAD = -sum(_SPOT_HEAD + _SPOT_DATA.to_bytes(2, "big")) & 0xFF
"""What the sum of a whole packet begins with, so that its head does not count."""
_SPOTS = re.compile(
    b"(?:%s%s.{%d}\\x03)+" % (re.escape(_SPOT_HEAD), _SPOT_DATA.to_bytes(2, "big"), _SPOT_DATA + 1), re.DOTALL
)
"""Packets of format 13 as long as they usually are; their sums are not looked at."""


@dataclass(frozen=True, slots=True)
class Second:
    """One packet of format 8: what the display shows. hr in /min, spo2 in %, None = missing."""

    hr: int | None
    spo2: int | None
    sensor_alarm: bool = False
    out_of_track: bool = False
    artifact: bool = False
    low_perfusion: bool = False
    marginal_perfusion: bool = False
    low_battery: bool = False
    smartpoint: bool = False


@dataclass(frozen=True, slots=True)
class Spot:
    """One spot check. `taken`: the eight bytes of the device's own date and time, as they stand."""

    hr: int | None
    spo2: int | None
    taken: bytes
    measured: bool = True
    smartpoint: bool = False
    from_memory: bool = False
    low_battery: bool = False


def encode_second(second: Second) -> bytes:
    """Four bytes."""
    hr = NO_HR if second.hr is None else second.hr
    first = 0x80 | hr >> 7
    for bit, is_set in (
        (_OUT_OF_TRACK, second.out_of_track),
        (_LOW, second.low_perfusion),
        (_MARGINAL, second.marginal_perfusion),
        (_ARTIFACT, second.artifact),
    ):
        first |= bit if is_set else 0
    last = SMARTPOINT * second.smartpoint | _SENSOR_ALARM * second.sensor_alarm | LOW_BATTERY * second.low_battery
    return bytes((first, hr & 0x7F, NO_SPO2 if second.spo2 is None else second.spo2, last))


def decode_second(data: bytes) -> Second | None:
    """The packet, None when these four bytes are none or a number is out of range."""
    if len(data) != SHORT or data[0] & 0xC0 != 0x80 or any(byte & 0x80 for byte in data[1:]):
        return None
    hr, spo2 = nine_bits(data[0], data[1]), data[2]
    if (hr > _FASTEST and hr != NO_HR) or (spo2 > _FULL and spo2 != NO_SPO2):
        return None
    return Second(
        hr=None if hr == NO_HR else hr,
        spo2=None if spo2 == NO_SPO2 else spo2,
        sensor_alarm=bool(data[3] & _SENSOR_ALARM),
        out_of_track=bool(data[0] & _OUT_OF_TRACK),
        artifact=bool(data[0] & _ARTIFACT),
        low_perfusion=bool(data[0] & _LOW),
        marginal_perfusion=bool(data[0] & _MARGINAL),
        low_battery=bool(data[3] & LOW_BATTERY),
        smartpoint=bool(data[3] & SMARTPOINT),
    )


def encode_spot(spot: Spot) -> bytes:
    """The packet with head, sum and end."""
    hr = NO_HR if spot.hr is None else spot.hr
    status = _SMARTPOINT * spot.smartpoint | _NO_MEASUREMENT * (not spot.measured)
    second = _FROM_MEMORY * spot.from_memory | LOW_BATTERY * spot.low_battery
    body = spot.taken + bytes((status, second, hr >> 8, hr & 0xFF, 0, NO_SPO2 if spot.spo2 is None else spot.spo2))
    return _SPOT_HEAD + len(body).to_bytes(2, "big") + body + bytes((sum8(body), ETX))


def decode_spot(payload: bytes) -> Spot:
    """The spot check in a whole packet; later versions may append what is not read here."""
    body = payload[len(_SPOT_HEAD) + 2 :]
    hr, spo2 = body[10] << 8 | body[11], body[13]
    return Spot(
        hr=None if hr == NO_HR else hr,
        spo2=None if spo2 == NO_SPO2 else spo2,
        taken=bytes(body[:8]),
        measured=not body[8] & _NO_MEASUREMENT,
        smartpoint=bool(body[8] & _SMARTPOINT),
        from_memory=bool(body[9] & _FROM_MEMORY),
        low_battery=bool(body[9] & LOW_BATTERY),
    )


def clock_of(spot: Spot) -> datetime | None:
    """When the oximeter measured, by its own clock and in its own zone; None where its bytes are no date.

    The bytes are century, year, month, day, hour, minute, second, hundredths. The century says how they are written:
    0x20 is 20 in BCD, 0x14 is 20 in binary; both are read.
    """
    parts = [int(f"{byte:x}") if f"{byte:x}".isdigit() else -1 for byte in spot.taken]
    if spot.taken[0] not in _CENTURIES_BCD:
        parts = list(spot.taken)
    century, year, month, day, hour, minute, second, hundredths = parts
    try:
        return datetime(century * 100 + year, month, day, hour, minute, second, hundredths * 10_000)  # noqa: DTZ001
    except ValueError:
        return None


class SecondReader:
    """Finds packets of format 8; `awaiting`: an answer to our request may stand before them."""

    _START = re.compile(b"[\x80-\xbf]")
    _START_OR_ANSWER = re.compile(b"[\x06\x15\x80-\xbf]")

    def __init__(self) -> None:
        self.awaiting = False

    def reset(self) -> None:
        """Nothing is remembered between packets."""

    def find_start(self, buffer: Buffer, pos: int) -> int:
        """The next byte that may begin a packet."""
        found = (self._START_OR_ANSWER if self.awaiting else self._START).search(buffer, pos)
        return found.start() if found is not None else -1

    def parse_at(self, buffer: Buffer, start: int) -> Found | Broken | Partial:
        """The packet at `start`."""
        if self.awaiting and buffer[start] in ANSWERS:
            return Found(bytes(buffer[start : start + 1]), start + 1)
        piece = bytes(buffer[start : start + SHORT])
        if any(byte & 0x80 for byte in piece[1:]):
            return Broken("cut short")
        if len(piece) < SHORT:
            return PARTIAL
        if decode_second(piece) is None:
            return Broken("out of range")
        self.awaiting = False
        return Found(piece, start + SHORT)

    def run_at(self, buffer: Buffer, start: int) -> Run:
        """Packets one behind the other."""
        found = _SECONDS.match(buffer, start)
        if found is None:
            return [], start
        self.awaiting = False
        data = found[0]
        return [data[at : at + SHORT] for at in range(0, len(data), SHORT)], found.end()

    def cutter(self) -> FrameCutter:
        """A cutter over this reader."""
        return FrameCutter(self.find_start, self.parse_at, SHORT, PARTIAL_TIMEOUT_S, self.run_at)


class SpotReader:
    """Finds packets of format 13; `awaiting`: an answer to our request may stand before them."""

    def __init__(self) -> None:
        self.awaiting = False

    def reset(self) -> None:
        """Nothing is remembered between packets."""

    def find_start(self, buffer: Buffer, pos: int) -> int:
        """The next head, also one that the buffer cuts off."""
        places = [buffer.find(_SPOT_HEAD, pos)]
        if self.awaiting:
            places += [buffer.find(bytes((answer,)), pos) for answer in ANSWERS]
        for length in range(len(_SPOT_HEAD) - 1, 0, -1):
            if len(buffer) - pos >= length and buffer.endswith(_SPOT_HEAD[:length]):
                places.append(len(buffer) - length)
                break
        return min((place for place in places if place >= 0), default=-1)

    def parse_at(self, buffer: Buffer, start: int) -> Found | Broken | Partial:
        """The packet at `start`."""
        if self.awaiting and buffer[start] in ANSWERS:
            return Found(bytes(buffer[start : start + 1]), start + 1)
        head = len(_SPOT_HEAD) + 2
        if len(buffer) - start < head:
            return PARTIAL
        length = buffer[start + head - 2] << 8 | buffer[start + head - 1]
        if not _SPOT_DATA <= length <= MAX_SPOT_DATA:
            return Broken("false length")
        end = start + head + length + 2
        if len(buffer) < end:
            return PARTIAL
        if sum8(buffer[start + head : end - 2]) != buffer[end - 2] or buffer[end - 1] != ETX:
            return Broken("checksum")
        self.awaiting = False
        return Found(bytes(buffer[start : end - 2]), end)

    def run_at(self, buffer: Buffer, start: int) -> Run:
        """Packets of the usual length one behind the other."""
        found = _SPOTS.match(buffer, start)
        if found is None:
            return [], start
        spots: list[bytes] = []
        for spot, told, _ in _SPOT.iter_unpack(found[0]):
            if adler32(spot, _LESS_HEAD) & 0xFF != told:  # its lower half is the plain sum
                break
            spots.append(spot)
        if spots:
            self.awaiting = False
        return spots, start + len(spots) * _SPOT_LENGTH

    def cutter(self) -> FrameCutter:
        """A cutter over this reader."""
        longest = MAX_SPOT_DATA + len(_SPOT_HEAD) + 4
        return FrameCutter(self.find_start, self.parse_at, longest, PARTIAL_TIMEOUT_S, self.run_at)
