"""The lock as Windows has it, with a stand-in for its library: a byte beyond the text, which others can still read."""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import exomonitor.lease

SINCE = "2026-03-02T09:00:00.000Z"


class Locks(ModuleType):
    """msvcrt, as far as the lease needs it: a byte of a file is locked until its descriptor is closed."""

    LK_NBLCK = 2

    def __init__(self) -> None:
        super().__init__("msvcrt")
        self.held: dict[tuple[int, int], tuple[int, int]] = {}

    def locking(self, file: int, how: int, count: int) -> None:
        """Lock `count` bytes from where the file stands; OSError where another one has them."""
        assert (how, count) == (self.LK_NBLCK, 1)
        byte = (os.fstat(file).st_ino, os.lseek(file, 0, os.SEEK_CUR))
        if byte in self.held:
            raise PermissionError(13, "Permission denied")
        self.held[byte] = (file, os.fstat(file).st_size)

    def let_go(self) -> None:
        """What the system does when the program ends."""
        self.held.clear()


@pytest.fixture
def locks() -> Locks:
    return Locks()


@pytest.fixture
def lease(locks: Locks, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The module as it is on Windows."""
    monkeypatch.setitem(sys.modules, "msvcrt", locks)
    monkeypatch.setattr(sys, "platform", "win32")
    module = runpy.run_path(str(Path(exomonitor.lease.__file__)))
    monkeypatch.undo()
    return module


def test_the_second_one_is_told_who_was_first_until_that_one_is_gone(tmp_path, lease, locks):
    database = tmp_path / "clinic.sqlite3"
    first = lease["take_lease"](database, "bay-1", SINCE)
    with pytest.raises(lease["LeaseTaken"], match=rf"bay-1 records here since {SINCE} \(process {os.getpid()}\)"):
        lease["take_lease"](database, "bay-2", SINCE)
    first.close()
    locks.let_go()
    lease["take_lease"](database, "bay-2", SINCE).close()


def test_the_byte_lies_beyond_the_text_so_that_it_can_be_read(tmp_path, lease, locks):
    database = tmp_path / "clinic.sqlite3"
    held = lease["take_lease"](database, "bay-1", SINCE)
    ((_, byte),) = locks.held
    text = database.with_name(database.name + lease["ENDING"]).read_text(encoding="utf-8")
    assert byte > len(text)
    assert '"station": "bay-1"' in text
    held.close()
