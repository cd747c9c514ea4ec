"""A lock on the database file itself that tells a second program, also where the lease's file was removed.

Linux alone, on its own disks: there a lock of `flock` and SQLite's byte ranges do not meet. Over a network, on macOS
and BSD they do. Windows needs none of it: it removes no file that somebody has open.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
_OWN_DISKS = {"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "zfs", "tmpfs", "overlay"}


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
    if sys.platform != "linux":
        return False
    kinds = dict(_mounts())
    folder = database.resolve().parent
    nearest = max((place for place in kinds if folder.is_relative_to(place)), key=lambda p: len(p.parts), default=None)
    return nearest is not None and kinds[nearest] in _OWN_DISKS


def _mounts() -> Iterator[tuple[Path, str]]:
    """Where something is mounted, and of what kind; a line that reads otherwise hides none of the others."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        with suppress(IndexError):
            yield Path(line.split(" ")[4].replace("\\040", " ")), line.partition(" - ")[2].split(" ")[0]


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
