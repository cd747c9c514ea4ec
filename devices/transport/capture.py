"""Our recording of a line: every byte in both directions with both clocks, each record with its own CRC-32."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path
from typing import BinaryIO

from devices.transport.sealed import Damaged, Seal, SealedFile, new_file, unsealed
from exomonitor.clock import NS, Instant
from exomonitor.errors import CommandRefused, EnvironmentFault

MAGIC = b"EXOCAPTURE\r\n"  # a transfer that bends line ends is noticed at once
VERSION = 1
ENDING = ".excap"
"""So every name of a capture ends that the program itself makes."""
BOOT_ID = "capture"
MAX_BYTES = 1 << 24
_HEAD = struct.Struct("<HH")  # version, length of the driver key
_RECORD = struct.Struct("<qqBI")  # mono_ns, utc_ns, kind, number of bytes
_CRC = struct.Struct("<I")
_PIECE = 1 << 18
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Kind(IntEnum):
    """What a record tells. TX without bytes: the driver was asked and had nothing to send, for it gave up an answer."""

    RX = 1
    TX = 2
    OPEN = 3
    CLOSE = 4


_KINDS = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class Record:
    """One event on the line."""

    kind: Kind
    data: bytes
    at: Instant


class CaptureWriter:
    """Writes a new capture file, readable by its owner alone; every OSError reaches the caller."""

    def __init__(self, path: Path, key: str, seal: Seal | None = None) -> None:
        """Create `path`, which must not exist, for the driver `key`; `seal`: nobody reads it without that key."""
        file = new_file(path)
        self._file: BinaryIO | SealedFile = file if seal is None else SealedFile(file, seal)
        name = key.encode("utf-8")
        head = MAGIC + _HEAD.pack(VERSION, len(name)) + name
        self._file.write(head + _CRC.pack(zlib.crc32(head)))
        self._file.flush()

    def add(self, kind: Kind, data: bytes, at: Instant) -> None:
        """Append one record; it is in the file when flush() has returned."""
        utc_ns = ((at.utc - _EPOCH) // timedelta(microseconds=1)) * 1000
        body = _RECORD.pack(at.mono_ns, utc_ns, kind, len(data)) + data
        self._file.write(body + _CRC.pack(zlib.crc32(body)))

    def flush(self) -> None:
        """Hand what was added to the operating system."""
        self._file.flush()

    def close(self) -> None:
        """Flush and close; may be called twice."""
        self._file.close()


def is_capture(path: Path, seal: Seal | None = None) -> bool:
    """Whether the file begins as ours do; raises EnvironmentFault when it cannot be read."""
    try:
        return next(_content(path, seal), b"").startswith(MAGIC)
    except EnvironmentFault as told:
        if isinstance(told.__cause__, Damaged):
            return False
        raise


def capture_key(path: Path, seal: Seal | None = None) -> str:
    """The driver key that the capture was made with; raises CommandRefused when this is no capture of ours."""
    return _head(next(_content(path, seal), b""), path)[0]


def read_capture(path: Path, seal: Seal | None = None) -> Iterator[Record]:
    """All records in order; raises EnvironmentFault at the first damaged one. A half record at the end is no damage."""
    return _records(_content(path, seal), path)


def copy_in_the_clear(path: Path, seal: Seal | None, to: Path) -> bool:
    """Make the new file `to` of what the recording holds, without a look at its records; False, and there is none,
    where that is nothing. CommandRefused or EnvironmentFault, and there is none, where it is not to be read or
    damaged; OSError where the disk refuses."""
    content = _content(path, seal)
    first = next(content, b"")
    head = _head(first, path)[1]
    if len(first) == head:  # of a sealed one the head is a piece by itself
        first += next(content, b"")
    if len(first) == head:
        return False
    file = new_file(to)
    try:
        with file:
            file.write(first)
            file.writelines(content)
    except (EnvironmentFault, OSError):
        to.unlink()
        raise
    return True


def _content(path: Path, seal: Seal | None) -> Iterator[bytes]:
    """What the file holds, a piece at a time: the first one has the whole head of a capture."""
    try:
        with path.open("rb") as file:
            yield from iter(lambda: file.read(_PIECE), b"") if seal is None else unsealed(file, seal)
    except FileNotFoundError as cause:
        raise CommandRefused(f"{path} does not exist") from cause
    except OSError as cause:
        raise EnvironmentFault(f"{path} cannot be read: {cause.strerror or cause}") from cause
    except Damaged as cause:
        raise EnvironmentFault(f"{path} is damaged: its last {cause.count} bytes were not used") from cause


def _records(pieces: Iterator[bytes], path: Path) -> Iterator[Record]:
    content = next(pieces, b"")
    pos, number = _head(content, path)[1], 0
    while True:
        length = _RECORD.unpack_from(content, pos)[3] if pos + _RECORD.size <= len(content) else 0
        if length > MAX_BYTES:
            raise _damaged(path, number, len(content) - pos + sum(map(len, pieces)))
        end = pos + _RECORD.size + length
        if end + _CRC.size > len(content):
            more = next(pieces, b"")
            if not more:
                return
            content, pos = content[pos:] + more, 0
            continue
        number += 1
        mono_ns, utc_ns, kind, _ = _RECORD.unpack_from(content, pos)
        if _CRC.unpack_from(content, end)[0] != zlib.crc32(content[pos:end]) or kind not in _KINDS:
            raise _damaged(path, number, len(content) - pos + sum(map(len, pieces)))
        utc = _EPOCH + timedelta(seconds=utc_ns // NS, microseconds=utc_ns % NS // 1000)
        yield Record(Kind(kind), content[pos + _RECORD.size : end], Instant(utc, mono_ns, BOOT_ID))
        pos = end + _CRC.size


def _head(content: bytes, path: Path) -> tuple[str, int]:
    pos = len(MAGIC) + _HEAD.size
    if not content.startswith(MAGIC) or len(content) < pos:
        raise CommandRefused(f"{path} is no capture of this program")
    version, length = _HEAD.unpack_from(content, len(MAGIC))
    if version != VERSION:
        raise CommandRefused(f"{path} was written by a newer version of this program (format {version})")
    end = pos + length
    if len(content) < end + _CRC.size or _CRC.unpack_from(content, end)[0] != zlib.crc32(content[:end]):
        raise EnvironmentFault(f"{path} is damaged at its beginning")
    return content[pos:end].decode("utf-8"), end + _CRC.size


def _damaged(path: Path, number: int, left: int) -> EnvironmentFault:
    return EnvironmentFault(f"{path} is damaged at record {number}: its last {left} bytes were not used")
