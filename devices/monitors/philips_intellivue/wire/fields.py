"""The building stones of every message: big-endian numbers, FLOAT, texts, times, and lists of attributes."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum


class Malformed(ValueError):
    """Bytes that end too early or whose lengths contradict each other."""


class Special(Enum):
    """What a FLOAT says when it is no number."""

    NAN = 0x7FFFFF
    NOT_AT_THIS_RESOLUTION = 0x800000
    PLUS_INFINITY = 0x7FFFFE
    MINUS_INFINITY = 0x800002


_SPECIALS = {special.value: special for special in Special}
_SIGN = 0x800000
_MANTISSA_BITS = 24


class Reader:
    """Reads big-endian fields one after the other; raises Malformed when there are not enough bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        """Bytes not yet read."""
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        begin, end = self._at, self._at + count
        if end > len(self._data):
            raise Malformed("ends too early")
        self._at = end
        return self._data[begin:end]

    def u8(self) -> int:
        """One byte."""
        return self.take(1)[0]

    def u16(self) -> int:
        """Two bytes."""
        begin, end = self._at, self._at + 2
        if end > len(self._data):
            raise Malformed("ends too early")
        self._at = end
        return self._data[begin] << 8 | self._data[begin + 1]

    def u32(self) -> int:
        """Four bytes."""
        return int.from_bytes(self.take(4), "big")

    def sized(self) -> bytes:
        """As many bytes as the 16-bit length in front of them says."""
        return self.take(self.u16())

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(self.left)

    def ended(self) -> None:
        """Raise Malformed unless everything was read."""
        if self.left:
            raise Malformed("has bytes left over")


def u16(*values: int) -> bytes:
    """Each value as two bytes."""
    return struct.pack(f">{len(values)}H", *values)


def u32(*values: int) -> bytes:
    """Each value as four bytes."""
    return struct.pack(f">{len(values)}I", *values)


def sized(data: bytes) -> bytes:
    """The bytes behind their 16-bit length."""
    return len(data).to_bytes(2, "big") + data


def counted(items: Iterable[bytes]) -> bytes:
    """A list: how many, how many bytes, and the items."""
    items = list(items)
    return len(items).to_bytes(2, "big") + sized(b"".join(items))


def counted_reader(reader: Reader) -> tuple[int, Reader]:
    """(how many items, a reader of them) of a list."""
    count = reader.u16()
    return count, Reader(reader.sized())


# --- FLOAT ----------------------------------------------------------------------------------------------------------


def decode_float(word: int) -> float | Special:
    """A FLOAT: signed 8-bit exponent of ten, signed 24-bit mantissa; specials have their own mantissas."""
    mantissa = word & 0xFFFFFF
    special = _SPECIALS.get(mantissa)
    if special is not None:
        return special
    exponent = word >> _MANTISSA_BITS
    if exponent >= 0x80:
        exponent -= 0x100
    if mantissa & _SIGN:
        mantissa -= 1 << _MANTISSA_BITS
    # Dividing gives the nearest decimal; multiplying by 0.1 would leave dust such as 36.800000000000004.
    return mantissa / 10**-exponent if exponent < 0 else float(mantissa * 10**exponent)


def encode_float(value: float | Special, decimals: int = 0) -> int:
    """The FLOAT with this many decimals; ValueError when the mantissa has no room for it."""
    if isinstance(value, Special):
        return value.value
    mantissa = round(value * 10**decimals)
    if not -_SIGN < mantissa < _SIGN or mantissa & 0xFFFFFF in _SPECIALS:
        raise ValueError(f"{value} with {decimals} decimals does not fit a FLOAT")
    return (-decimals & 0xFF) << _MANTISSA_BITS | int(mantissa) & 0xFFFFFF


# --- texts and times ------------------------------------------------------------------------------------------------


def decode_text(data: bytes) -> str:
    """A string of 16-bit characters, ended by a NUL."""
    text = data[: len(data) & ~1].decode("utf-16-be", errors="replace")
    return text.partition("\0")[0].strip()


def encode_text(text: str) -> bytes:
    """The string with its NUL behind its length."""
    return sized((text + "\0").encode("utf-16-be"))


def decode_label(data: bytes) -> str:
    """A string of 8-bit characters, filled with NULs to an even length."""
    return data.partition(b"\0")[0].decode("latin-1").strip()


def encode_label(text: str) -> bytes:
    """The string behind its length, NUL at the end, of even length."""
    raw = text.encode("latin-1") + b"\0"
    return sized(raw + b"\0" * (len(raw) & 1))


def decode_clock(data: bytes) -> datetime | None:
    """The monitor's own date and time from eight BCD bytes; None where it does not say or says nonsense.

    Its zone is unknown: UTC stands for "the monitor's clock", and only differences mean anything.
    """
    digits = data[:7].hex()
    if len(data) != 8 or not digits.isdecimal():
        return None
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def encode_clock(when: datetime | None) -> bytes:
    """Eight BCD bytes; None: all FF, not said."""
    return b"\xff" * 8 if when is None else bytes.fromhex(when.strftime("%Y%m%d%H%M%S") + "00")


# --- attributes -----------------------------------------------------------------------------------------------------

Attributes = Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class ManagedObject:
    """Which object a message is about: its class, the context that numbers it, and its handle."""

    kind: int
    context: int = 0
    handle: int = 0


def decode_object(reader: Reader) -> ManagedObject:
    """The next six bytes as an object's name."""
    return ManagedObject(reader.u16(), reader.u16(), reader.u16())


def encode_object(one: ManagedObject) -> bytes:
    """The object's name in six bytes."""
    return u16(one.kind, one.context, one.handle)


def decode_attributes(reader: Reader) -> dict[int, bytes]:
    """The attribute list that comes next; of two with one number the later counts."""
    count, items = counted_reader(reader)
    attributes = {}
    for _ in range(count):
        number = items.u16()
        attributes[number] = items.sized()
    items.ended()
    return attributes


def encode_attributes(attributes: Attributes) -> bytes:
    """The attribute list."""
    return counted(number.to_bytes(2, "big") + sized(value) for number, value in attributes.items())
