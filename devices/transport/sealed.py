"""Recordings that nobody reads without a key: what is flushed at once is one sealed piece, behind the key's name."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO, Protocol

SEALED = b"ExoMonE1"
"""So every file begins that is encrypted with a key of the record; the key's name follows."""
NAME_BYTES = 8
MAX_PIECE = 1 << 26
_LENGTH = struct.Struct("<I")
_NUMBER = struct.Struct("<Q")  # within the sealed part: a piece that was moved or left out is noticed


class Seal(Protocol):
    """A key's way of closing bytes."""

    @property
    def beginning(self) -> bytes:
        """The first bytes of every file that it closes: SEALED and the key's name."""
        ...

    def close(self, content: bytes) -> bytes:
        """Encrypted."""
        ...

    def open(self, content: bytes) -> bytes:
        """In the clear; ValueError for what was changed or is of another key."""
        ...


class SealedFile:
    """A new file, written like any other; what it holds is sealed piece by piece. Every OSError reaches the caller."""

    def __init__(self, file: BinaryIO, seal: Seal) -> None:
        self._file = file
        self._seal = seal
        self._waiting = bytearray()
        self._number = 0
        file.write(seal.beginning)

    def write(self, data: bytes) -> None:
        """Kept until the next flush."""
        self._waiting += data

    def flush(self) -> None:
        """Seal what waits, and hand it to the operating system."""
        if self._waiting:
            piece = self._seal.close(_NUMBER.pack(self._number) + bytes(self._waiting))
            self._file.write(_LENGTH.pack(len(piece)) + piece)
            self._waiting.clear()
            self._number += 1
        self._file.flush()

    def close(self) -> None:
        """Flush and close; may be called twice."""
        if not self._file.closed:
            try:
                self.flush()
            finally:
                self._file.close()


def is_sealed(path: Path) -> bool:
    """Whether the file begins as sealed ones do; False where it cannot be read, which whoever reads it tells."""
    try:
        with path.open("rb") as file:
            return file.read(len(SEALED)) == SEALED
    except OSError:
        return False


def unsealed(content: bytes, seal: Seal) -> tuple[bytes, int]:
    """What the file holds, and how many bytes at its end are damaged. A half piece at the end is no damage: the program
    was ended there."""
    pos, number, clear = len(SEALED) + NAME_BYTES, 0, bytearray()
    while pos + _LENGTH.size <= len(content):
        (length,) = _LENGTH.unpack_from(content, pos)
        end = pos + _LENGTH.size + length
        if length <= MAX_PIECE and end > len(content):
            break
        try:
            piece = seal.open(content[pos + _LENGTH.size : end]) if length <= MAX_PIECE else b""
        except ValueError:
            piece = b""
        if piece[: _NUMBER.size] != _NUMBER.pack(number):
            return bytes(clear), len(content) - pos
        clear += piece[_NUMBER.size :]
        pos, number = end, number + 1
    return bytes(clear), 0


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)


def seal_file(path: Path, seal: Seal) -> None:
    """Put the same file, sealed, in the place of one in the clear; OSError, and the old one stays, where that fails."""
    beside = path.with_name(f"{path.name}.sealing")
    try:
        with path.open("rb") as clear, os.fdopen(_create(beside), "wb") as file:
            sealed = SealedFile(file, seal)
            while piece := clear.read(1 << 20):
                sealed.write(piece)
                sealed.flush()
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
