"""A lock on the database file itself that tells a second program, also where the lease's file was removed.

Linux alone, on its own disks: there a lock of `flock` and SQLite's byte ranges do not meet. Over a network, on macOS
and BSD they do. Windows needs none of it: it removes no file that somebody has open.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

_OWN_DISKS = {
    0xEF53: "ext2, ext3, ext4",
    0x58465342: "xfs",
    0x9123683E: "btrfs",
    0xF2F52010: "f2fs",
    0x2FC12FC1: "zfs",
    0x01021994: "tmpfs",
    0x794C7630: "overlay",
}


class DatabaseLock:
    """Held from `take` to `give_up`, or until the process ends, on the file and not on its name."""

    def __init__(self) -> None:
        self._handle: int | None = None

    def take(self, database: Path) -> bool:
        """Whether nobody else has the file that stands there; True too where it cannot be locked or is not there."""
        if self._handle is not None and _is_at(self._handle, database):
            return True
        self.give_up()
        if not _has_own_locks(database):
            return True
        try:
            handle = os.open(database, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return True
        if not _locked(handle):
            os.close(handle)
            return False
        self._handle = handle
        return True

    def give_up(self) -> None:
        """May be called twice."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)


def _is_at(handle: int, database: Path) -> bool:
    with suppress(OSError):
        return os.path.samestat(os.fstat(handle), database.stat())
    return False


def _has_own_locks(database: Path) -> bool:
    """Whether the file lies on a disk of this computer where the two kinds of locks are known to be apart."""
    return sys.platform == "linux" and _kind_of_disk(database.resolve().parent) in _OWN_DISKS


def _kind_of_disk(folder: Path) -> int:
    """What statfs(2) says of the file system there, in a chroot and a container too; 0 = it says nothing."""
    told = (ctypes.c_long * 32)()  # struct statfs: its first field is the kind, and the whole is shorter than this
    try:
        failed = ctypes.CDLL(None).statfs(os.fsencode(folder), told)
    except (OSError, AttributeError):
        return 0
    return 0 if failed else told[0] & 0xFFFFFFFF


if sys.platform == "win32":

    def _locked(handle: int) -> bool:
        return True
else:
    import fcntl

    def _locked(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
