"""Recordings that nobody reads without a key: what is flushed at once is one sealed piece, behind the key's name."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

SEALED = b"ExoMonE1"
"""So every file begins that is encrypted with a key of the record; the key's name follows, then OWN_KEY and the file's
salt, then the pieces: length, its mark, what was sealed. Of files without OWN_KEY a length has no mark."""
NAME_BYTES = 8
OWN_KEY = b"\xff\xff\xff\xff"
"""Of no piece the length: the file has a key of its own, which comes of the record's and of this file's salt."""
SALT_BYTES = 16
MARK_BYTES = 8
MAX_PIECE = 1 << 26
ONE_FLUSH = 1 << 21
"""Longer than any piece is written: a half one, in which the program was ended, leaves less behind."""
_LENGTH = struct.Struct("<I")
_NUMBER = struct.Struct("<Q")  # within the sealed part: a piece that was moved or left out is noticed
_CLEAR_PIECE = 1 << 20
SEALING = ".sealing"
"""So a file ends that is being sealed; one that was left behind is of a program that was killed."""


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

    def mark(self, content: bytes) -> bytes:
        """By this whoever has the key knows that nobody has changed the content."""
        ...

    def of_file(self, salt: bytes) -> Seal:
        """The one of a single file, whose pieces no other file's reader takes."""
        ...


class Damaged(Exception):
    """So many bytes at the end of a sealed file cannot be used."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} bytes are damaged")
        self.count = count


class SealedFile:
    """A new file, written like any other; what it holds is sealed piece by piece. Every OSError reaches the caller."""

    def __init__(self, file: BinaryIO, seal: Seal) -> None:
        salt = os.urandom(SALT_BYTES)
        self._file = file
        self._seal = seal.of_file(salt)
        self._waiting = bytearray()
        self._number = 0
        file.write(seal.beginning + OWN_KEY + salt)

    def write(self, data: bytes) -> None:
        """Kept until the next flush."""
        self._waiting += data

    def flush(self) -> None:
        """Seal what waits, and hand it to the operating system."""
        if self._waiting:
            number = _NUMBER.pack(self._number)
            piece = self._seal.close(number + bytes(self._waiting))
            length = _LENGTH.pack(len(piece))
            self._file.write(length + _mark(self._seal, number + length) + piece)
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


def unsealed(file: BinaryIO, seal: Seal) -> Iterator[bytes]:
    """What the file holds, piece by piece; Damaged where one is. A half piece at the end is no damage: the program
    was ended there. OSError reaches the caller."""
    left = os.fstat(file.fileno()).st_size - len(file.read(len(SEALED) + NAME_BYTES))
    first = file.read(_LENGTH.size)
    marked = first == OWN_KEY
    if marked:
        salt = file.read(SALT_BYTES)
        left -= len(first) + len(salt)
        seal, first = seal.of_file(salt), b""
    number, head_size = 0, _LENGTH.size + (MARK_BYTES if marked else 0)
    while len(head := first + file.read(head_size - len(first))) == head_size:
        name, size, first = _NUMBER.pack(number), head[: _LENGTH.size], b""
        (length,) = _LENGTH.unpack(size)
        if length > MAX_PIECE or (marked and _mark(seal, name + size) != head[_LENGTH.size :]):
            raise Damaged(left)
        piece = file.read(length)
        if len(piece) < length:
            if not marked and left > ONE_FLUSH:  # nobody vouches for this length, and it is too long for a half piece
                raise Damaged(left)
            return
        yield _clear(piece, name, seal, left)
        left -= head_size + length
        number += 1


def _mark(seal: Seal, content: bytes) -> bytes:
    return seal.mark(content)[:MARK_BYTES]


def _clear(piece: bytes, name: bytes, seal: Seal, left: int) -> bytes:
    try:
        clear = seal.open(piece)
    except ValueError as cause:
        raise Damaged(left) from cause
    if not clear.startswith(name):
        raise Damaged(left)
    return clear[_NUMBER.size :]


def new_file(path: Path) -> BinaryIO:
    """A new file, which must not exist, readable by its owner alone; OSError where it cannot be made."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600), "wb")


def seal_file(path: Path, seal: Seal, ending: Callable[[], bool] = lambda: False) -> None:
    """Put the same file, sealed, in the place of one in the clear; the old one stays where `ending` is true before it
    is done, and where that fails: OSError. One that is sealed by now stays as it is."""
    # A name that nobody else has: a second program must never put its half file in the place of a whole one.
    beside = path.with_name(f"{path.name}.{os.urandom(8).hex()}{SEALING}")
    try:
        with path.open("rb") as clear:
            # Asked of what is open here: another program may have put its sealed file under this name just now.
            if clear.read(len(SEALED)) == SEALED:
                return
            clear.seek(0)
            with new_file(beside) as file:
                sealed = SealedFile(file, seal)
                while piece := clear.read(_CLEAR_PIECE):
                    if ending():
                        return
                    sealed.write(piece)
                    sealed.flush()
                os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
