"""Stands between SQLite and the files of this process: writes down what is asked of the disk, or refuses it.

A shim over SQLite's own VFS, made with ctypes on the library that Python's sqlite3 uses, so that it needs no compiler.
Only open, write, truncate, sync, close and delete pass through Python; everything else stays SQLite's own code.
Encrypted records have a SQLite of their own, SQLCipher's: below it the bytes are as they reach the disk.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import importlib
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

_CLOSE = CFUNCTYPE(c_int, c_void_p)
_WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)
_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_DELETE = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)


class _Methods(Structure):
    """sqlite3_io_methods; what is not touched is only passed on."""

    _fields_ = [
        ("version", c_int),
        ("close", _CLOSE),
        ("read", c_void_p),
        ("write", _WRITE),
        ("truncate", _TRUNCATE),
        ("sync", _SYNC),
        ("rest", c_void_p * 13),
    ]


class _File(Structure):
    """The head of every sqlite3_file."""

    _fields_ = [("methods", POINTER(_Methods))]


class _Vfs(Structure):
    """sqlite3_vfs, to its third version."""

    _fields_ = [
        ("version", c_int),
        ("file_size", c_int),
        ("longest_path", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("app_data", c_void_p),
        ("open", _OPEN),
        ("delete", _DELETE),
        ("rest", c_void_p * 14),
    ]


IO_ERROR, FULL = 10, 13  # SQLite's result codes
_WRITE_ERROR, _SYNC_ERROR, _TRUNCATE_ERROR = (IO_ERROR | 3 << 8, IO_ERROR | 4 << 8, IO_ERROR | 6 << 8)
_ERRORS = {"write": _WRITE_ERROR, "sync": _SYNC_ERROR, "truncate": _TRUNCATE_ERROR, "delete": IO_ERROR | 10 << 8}
_OPEN_ERROR = 14

_KEPT: list[Any] = []  # what C may still call must never be collected
ENCRYPTED = {"too": False}
"""Whether encrypted records are watched too; their library is loaded only then."""


@dataclass(frozen=True, slots=True)
class Call:
    """One thing that was asked of the disk. `at`: offset of a write, size of a truncate, 1 for a delete that is to be
    durable. `what` "said" = a record was acknowledged: `data` is the line; "rename": it is the new name."""

    what: str
    path: str = ""
    at: int = 0
    data: bytes = b""


class Disk:
    """While it is entered, every connection that this process opens goes through it; files elsewhere than in `folder`
    are not looked at. `refuse(number, call)`: an SQLite result code for the call of that number, 0 = let it pass."""

    def __init__(self, folder: Path, refuse: Callable[[int, Call], int] | None = None) -> None:
        self.calls: list[Call] = []
        self.refuse = refuse
        self._folder = str(folder.resolve())
        self._files: dict[int, str] = {}
        self._known: set[str] = set()
        self._methods: dict[int, tuple[_Methods, _Methods]] = {}
        self._below = [self._layer(library) for library in _libraries()]
        _KEPT.append(self)

    def __enter__(self) -> Disk:
        for library, _, own in self._below:
            library.sqlite3_vfs_register(ctypes.byref(own), 1)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for library, real, own in self._below:
            library.sqlite3_vfs_unregister(ctypes.byref(own))
            library.sqlite3_vfs_register(real, 1)

    def _layer(self, library: Any) -> tuple[Any, Any, _Vfs]:
        """A library, its own way to the files, and the one that asks here first."""
        library.sqlite3_vfs_find.restype = POINTER(_Vfs)
        real: Any = library.sqlite3_vfs_find(None)
        own = _Vfs.from_buffer_copy(real.contents)
        own.next, own.name = None, b"watched disk"
        own.open, own.delete = _OPEN(partial(self._open, real)), _DELETE(partial(self._delete, real))
        return library, real, own

    def say(self, line: str) -> None:
        """Note an acknowledgement among the calls."""
        self.calls.append(Call("said", data=line.encode()))

    def watches(self, path: str) -> bool:
        """Whether a file is looked at."""
        return path.startswith(self._folder)

    def find(self, path: str, content: bytes) -> None:
        """A file that was there before anything was asked of it."""
        if path not in self._known:
            self.note(Call("found", path, data=content))

    def note(self, call: Call) -> None:
        """Write a call down that cannot be refused."""
        self.calls.append(call)
        self._known.add(call.data.decode() if call.what == "rename" else call.path)

    def _asked(self, call: Call) -> int:
        """Write the call down; the code with which it is refused, or 0."""
        number = len(self.calls)
        self.note(call)
        return self.refuse(number, call) if self.refuse is not None else 0

    # --- what SQLite calls --------------------------------------------------------------------------------------------

    def _open(self, real: Any, _: int, name: int | None, file: int, flags: int, out_flags: int | None) -> int:
        path = ctypes.string_at(name).decode() if name else ""
        watched = path.startswith(self._folder)
        before = Path(path).read_bytes() if watched and Path(path).exists() else None
        if watched and before is None and self._asked(Call("create", path)):
            return _OPEN_ERROR
        code: int = real.contents.open(ctypes.addressof(real.contents), name, file, flags, out_flags)
        head = ctypes.cast(file, POINTER(_File)).contents
        if code == 0 and watched and head.methods:
            if before is not None:
                self.find(path, before)
            self._files[file] = path
            head.methods = ctypes.pointer(self._wrapped(head.methods))
        return code

    def _wrapped(self, methods: Any) -> _Methods:
        address = ctypes.addressof(methods.contents)
        if address not in self._methods:
            real = methods.contents
            own = _Methods.from_buffer_copy(real)
            own.close = _CLOSE(lambda file: self._close(real, file))
            own.write = _WRITE(lambda file, data, size, at: self._write(real, file, data, size, at))
            own.truncate = _TRUNCATE(lambda file, size: self._truncate(real, file, size))
            own.sync = _SYNC(lambda file, flags: self._sync(real, file, flags))
            self._methods[address] = (real, own)
        return self._methods[address][1]

    def _close(self, real: Any, file: int) -> int:
        self._files.pop(file, None)
        return int(real.close(file))

    def _write(self, real: Any, file: int, data: int, size: int, at: int) -> int:
        code = self._asked(Call("write", self._files[file], at, ctypes.string_at(data, size)))
        return code or int(real.write(file, data, size, at))

    def _truncate(self, real: Any, file: int, size: int) -> int:
        return self._asked(Call("truncate", self._files[file], size)) or int(real.truncate(file, size))

    def _sync(self, real: Any, file: int, flags: int) -> int:
        return self._asked(Call("sync", self._files[file])) or int(real.sync(file, flags))

    def _delete(self, real: Any, _: int, name: bytes, durable: int) -> int:
        path = name.decode()
        if path.startswith(self._folder) and Path(path).exists():
            code = self._asked(Call("delete", path, durable))
            if code:
                return code
        return int(real.contents.delete(ctypes.addressof(real.contents), name, durable))


def _libraries() -> list[ctypes.CDLL]:
    """The SQLite that Python's sqlite3 uses (None: it is part of Python itself), and SQLCipher's where it is wanted."""
    places = [getattr(_sqlite3, "__file__", None)]
    if ENCRYPTED["too"]:
        places.append(importlib.import_module("sqlcipher3._sqlite3").__file__)
    return [ctypes.CDLL(place) for place in places]


def error_of(call: Call) -> int:
    """The code with which SQLite itself would report that this call failed."""
    return _ERRORS.get(call.what, _OPEN_ERROR)
