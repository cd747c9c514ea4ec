"""What the program itself asks of the files beside its databases, by Python and not by SQLite: names at the moment they
change, content when it is synced. What is never synced is never more than an empty file after a power cut.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from tests.exomonitor.records.disk import Call, Disk

_WATCHING: list[Disk] = []
_HOOKED: list[bool] = []


@contextmanager
def own_files(disk: Disk) -> Iterator[None]:
    """While it is entered the disk is told of them as well. Linux alone: the name of a handle stands in /proc."""
    if not _HOOKED:  # such a hook stays for as long as the process lives
        _HOOKED.append(True)
        sys.addaudithook(_heard)
    _WATCHING.append(disk)
    with mock.patch.object(os, "fsync", _synced(os.fsync)):
        try:
            yield
        finally:
            _WATCHING.remove(disk)


def _heard(event: str, words: tuple[Any, ...]) -> None:
    if not _WATCHING or event not in {"open", "os.rename", "os.remove"} or not isinstance(words[0], (str, Path)):
        return
    for disk in _WATCHING:
        path = str(words[0])
        if not disk.watches(path):
            continue
        there = os.path.isfile(path)  # noqa: PTH113 - a Path would ask the hook again
        if event == "open":
            _opened(disk, path, int(words[2] or 0), there=there)
        elif there:
            disk.find(path, Path(path).read_bytes())
            renamed = event == "os.rename"
            if renamed and os.path.isfile(words[1]):  # noqa: PTH113
                disk.find(str(words[1]), Path(words[1]).read_bytes())
            disk.note(Call("rename", path, data=str(words[1]).encode()) if renamed else Call("delete", path))


def _opened(disk: Disk, path: str, flags: int, *, there: bool) -> None:
    if flags & os.O_CREAT and not there:
        disk.note(Call("create", path))
    elif flags & os.O_TRUNC and there:
        disk.find(path, Path(path).read_bytes())
        disk.note(Call("truncate", path, 0))


def _synced(real: Callable[[int], None]) -> Callable[[int], None]:
    def fsync(handle: int) -> None:
        path = str(Path(f"/proc/self/fd/{handle}").readlink())
        for disk in _WATCHING:
            if not disk.watches(path):
                continue
            if os.path.isfile(path):  # noqa: PTH113
                disk.find(path, b"")
                content = _content(handle)
                disk.note(Call("truncate", path, len(content)))
                disk.note(Call("write", path, 0, content))
            disk.note(Call("sync", path))
        real(handle)

    return fsync


def _content(handle: int) -> bytes:
    with open(f"/proc/self/fd/{handle}", "rb") as file:  # noqa: PTH123 - by its handle: the name may be gone
        return file.read()
