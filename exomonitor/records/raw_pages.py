"""Reading rows straight from the pages of a database file, for when SQLite itself refuses: every page is looked at by
itself, so that a damaged one takes no other with it.

Formats: sqlite.org/fileformat2.html, "B-tree Pages", "Record Format" and "The Write-Ahead Log".
"""

from __future__ import annotations

import mmap
import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from exomonitor.records.cipher import PAGE, RESERVED, decrypted, is_genuine
from exomonitor.records.keys import RecordKey, key_of, keys_near

Value: TypeAlias = int | float | str | bytes | None

_MAGIC, _TRIED = b"SQLite format 3\0", 200
PAGE_SIZES = tuple(512 << n for n in range(8))
_LEAF = 0x0D
_OTHER_TREES = (0x02, 0x05, 0x0A)
_WAL_HEADER, _FRAME_HEADER = 32, 24
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


class NoRow(Exception):
    """These bytes are no row."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as it lies on a page: its rowid, its columns as stored, and where it was."""

    page: int
    rowid: int
    values: tuple[Value, ...]


@dataclass(slots=True)
class RawFile:
    """The pages of one database: those of the file, those of its log where the log has them newer."""

    data: bytes | mmap.mmap
    page_size: int = 4096
    newer: dict[int, bytes] = field(default_factory=dict)
    log_damaged: int = 0
    """Pages of the log that are not as they were written."""
    key: RecordKey | None = None
    """What decrypts the pages."""

    @property
    def page_count(self) -> int:
        """How many pages there are, the last perhaps cut off."""
        whole = -(-len(self.data) // self.page_size)
        return max([whole, *self.newer])

    def page(self, number: int) -> bytes:
        """The bytes of a page, counted from 1; fewer than a page where the file ends in it."""
        if number in self.newer:
            return self._clear(number, self.newer[number])
        start = (number - 1) * self.page_size
        return self._clear(number, bytes(self.data[start : start + self.page_size])) if number > 0 else b""

    def _clear(self, number: int, page: bytes) -> bytes:
        return page if self.key is None else decrypted(self.key, number, page)

    @property
    def _usable(self) -> int:
        """Bytes of a page that hold rows; the others are its proof."""
        return self.page_size if self.key is None else self.page_size - RESERVED

    def holding(self, marks: Sequence[bytes]) -> list[int]:
        """The pages on which one of these stands."""
        looked_at = self.newer if self.key is None else range(1, self.page_count + 1)
        found = {number for number in looked_at if any(mark in self.page(number) for mark in marks)}
        for mark in marks if self.key is None else ():
            at = self.data.find(mark)
            while at >= 0:
                number = at // self.page_size + 1
                found.add(number)
                at = self.data.find(mark, number * self.page_size)
        return sorted(found)

    def rows(self, numbers: Sequence[int] | None = None) -> Iterator[RawRow]:
        """Every row that can be read from any table's leaf page, wherever the page lies."""
        for number in range(1, self.page_count + 1) if numbers is None else numbers:
            page = self.page(number)
            for at in _cells(page):
                try:
                    yield self._row(number, page, at)
                except (NoRow, IndexError, struct.error, UnicodeDecodeError):
                    continue

    def _row(self, number: int, page: bytes, at: int) -> RawRow:
        size, at = _varint(page, at)
        rowid, at = _varint(page, at)
        usable = self._usable
        most = usable - 35
        if size < 2 or size > len(self.data) + len(self.newer) * self.page_size:
            raise NoRow
        local = size
        if size > most:
            least = (usable - 12) * 32 // 255 - 23
            local = least + (size - least) % (usable - 4)
            local = local if local <= most else least
        payload = page[at : at + local]
        if len(payload) < local:
            raise NoRow
        if size > most:
            (follower,) = struct.unpack_from(">I", page, at + local)
            payload += self._overflow(follower, size - local)
        return RawRow(number, _signed(rowid), decoded(payload))

    def _overflow(self, number: int, wanted: int) -> bytes:
        parts, seen = [], set()
        while wanted > 0:
            page = self.page(number)
            part = page[4 : 4 + min(wanted, self._usable - 4)]
            if number in seen or len(part) < min(wanted, self._usable - 4):
                raise NoRow
            seen.add(number)
            parts.append(part)
            wanted -= len(part)
            (number,) = struct.unpack_from(">I", page)
        return b"".join(parts)


@contextmanager
def opened(path: Path) -> Iterator[RawFile]:
    """The pages of a database file and of the log beside it; the page size is to be found out. Raises OSError."""
    log = path.with_name(path.name + "-wal")
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            yield RawFile(b"")
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            raw = RawFile(data, key=_key_of(path, data))
            if log.exists():
                raw.newer, raw.log_damaged, raw.page_size = read_log(log.read_bytes())
            yield raw


def _key_of(path: Path, data: mmap.mmap) -> RecordKey | None:
    """The key of an encrypted file, also where its beginning is destroyed: a page that proves itself shows it."""
    key = key_of(path)
    if key is not None or data[: len(_MAGIC)] == _MAGIC:
        return key
    pages = range(1, min(_TRIED, len(data) // PAGE) + 1)
    for near in keys_near(path):
        if any(is_genuine(near, number, data[(number - 1) * PAGE : number * PAGE]) for number in pages):
            return near
    return None


def _cells(page: bytes) -> list[int]:
    """Where the rows of a page begin, if it can be a table's leaf: a page whose kind was damaged is tried too."""
    if len(page) < 8 or page[0] in _OTHER_TREES:
        return []
    (count,) = struct.unpack_from(">H", page, 3)
    first = 8 + 2 * count
    if count == 0 or first > len(page) or (page[0] != _LEAF and count > 500):
        return []
    return [at for at in struct.unpack_from(f">{count}H", page, 8) if first <= at < len(page)]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(8):
        byte = data[at + place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + place + 1
    return value << 8 | data[at + 8], at + 9


def _signed(number: int) -> int:
    return number - (1 << 64) if number >= 1 << 63 else number


def decoded(payload: bytes) -> tuple[Value, ...]:
    """The columns of a record. Raises NoRow, UnicodeDecodeError or IndexError for what is none."""
    end, at = _varint(payload, 0)
    kinds = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    if at != end or not kinds:
        raise NoRow
    values: list[Value] = []
    for kind in kinds:
        size = _size(kind)
        part = payload[at : at + size]
        if len(part) != size:
            raise NoRow
        at += size
        values.append(_value(kind, part))
    if at != len(payload):
        raise NoRow
    return tuple(values)


def _size(kind: int) -> int:
    if kind >= 12:
        return (kind - 12) // 2
    if kind in {10, 11}:
        raise NoRow
    return 8 if kind == 7 else _INTEGERS.get(kind, 0)


def _value(kind: int, part: bytes) -> Value:
    if kind >= 12:
        return part.decode("utf-8") if kind % 2 else part
    match kind:
        case 0:
            return None
        case 7:
            return float(struct.unpack(">d", part)[0])
        case 8 | 9:
            return kind - 8
    return int.from_bytes(part, "big", signed=True)


# --- the log ----------------------------------------------------------------------------------------------------------


def read_log(log: bytes) -> tuple[dict[int, bytes], int, int]:
    """The newest committed version of each page in a write-ahead log, how many of its pages are damaged, and the page
    size. Each frame is judged by itself: its checksum continues the one that the frame before it carries."""
    size = int.from_bytes(log[8:12], "big")
    size = size if size in PAGE_SIZES else 4096
    frames = range(_WAL_HEADER, len(log) - _FRAME_HEADER - size + 1, _FRAME_HEADER + size)
    salts = Counter(log[at + 8 : at + 16] for at in frames)
    header_salt = log[16:24]
    salt = header_salt if header_salt in salts else max(salts, key=lambda one: salts[one], default=b"")
    order = ">" if log[:4] == b"\x37\x7f\x06\x83" else "<"
    seed, waiting, committed, damaged = log[24:32], {}, {}, 0
    for at in frames:
        head, page = log[at : at + _FRAME_HEADER], log[at + _FRAME_HEADER : at + _FRAME_HEADER + size]
        of_now = head[8:16] == salt
        if of_now and _checksum(head[:8] + page, seed, order) == head[16:24]:
            number, commit = struct.unpack(">II", head[:8])
            waiting[number] = page
            if commit:
                committed.update(waiting)
                waiting = {}
        else:
            damaged += of_now
        seed = head[16:24]
    return committed, damaged, size


def _checksum(data: bytes, seed: bytes, order: str) -> bytes:
    one, two = struct.unpack(">II", seed)
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + second + one) & 0xFFFFFFFF
    return struct.pack(">II", one, two)
