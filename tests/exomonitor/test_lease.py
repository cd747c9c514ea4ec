"""One program records into a database; a second one says who does, and only reads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from exomonitor import database_lock, lease
from exomonitor.assembly import assemble
from exomonitor.clock import ManualClock
from exomonitor.errors import CommandRefused
from exomonitor.lease import LeaseTaken, take_lease
from exomonitor.session.commands import AddNote

SINCE = "2026-03-02T09:00:00.000Z"
HOLD = (
    "import sys, pathlib; sys.path.insert(0, sys.argv[2]); from exomonitor.lease import take_lease;"
    "held = take_lease(pathlib.Path(sys.argv[1]), 'bay-1', '2026-03-02T09:00:00.000Z'); print('held', flush=True);"
    "sys.stdin.read()"
)


def station(path, *, simulated=False, chair="4"):
    return assemble(ManualClock(), path, "test", simulated=simulated, chair=chair, watched=False)


def test_the_second_one_is_told_who_was_first_until_that_one_lets_go(tmp_path):
    database = tmp_path / "clinic.sqlite3"
    first = take_lease(database, "bay-1", SINCE)
    with pytest.raises(LeaseTaken, match=rf"bay-1 records here since {SINCE} \(process {os.getpid()}\)"):
        take_lease(database, "bay-2", SINCE)
    first.close()
    take_lease(database, "bay-2", SINCE).close()


def test_a_program_that_was_killed_holds_nothing_back(tmp_path):
    database = tmp_path / "clinic.sqlite3"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(database), Path.cwd()], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(LeaseTaken, match=f"process {other.pid}"):
            take_lease(database, "bay-2", SINCE)
        other.kill()
        other.wait()
    take_lease(database, "bay-2", SINCE).close()


def test_a_second_station_reads_takes_no_session_up_and_refuses_every_entry(tmp_path):
    first = station(tmp_path / "clinic.sqlite3")
    second = station(tmp_path / "clinic.sqlite3")
    try:
        assert first.read_only == ""
        assert "records here since" in second.read_only
        assert second.archive.sessions() == []
        assert second.resume() == ""
        with pytest.raises(CommandRefused, match="records here since"):
            second.submit(AddNote("4", "", "hello")).result(1)
    finally:
        second.close()
        first.close()
    third = station(tmp_path / "clinic.sqlite3")
    assert third.read_only == ""
    third.close()


def test_a_demo_is_not_opened_twice_and_an_export_beside_a_running_one_is(tmp_path):
    first = station(tmp_path / "demo.sqlite3", simulated=True)
    with pytest.raises(CommandRefused, match="The demo runs already: "):
        station(tmp_path / "demo.sqlite3", simulated=True)
    station(tmp_path / "demo.sqlite3", simulated=True, chair="").close()
    first.close()


def test_a_second_program_is_told_also_right_after_the_lease_was_removed(tmp_path):
    database = tmp_path / "clinic.sqlite3"
    first = station(database)
    try:
        assert first.lease is not None
        (tmp_path / "clinic.sqlite3.lease").unlink()
        second = station(database)
        assert second.read_only.startswith(
            "Another program records here, although its clinic.sqlite3.lease was removed"
        )
        second.close()
        station(database, chair="").close()  # an export beside it still works
    finally:
        first.close()
    third = station(database)
    assert third.read_only == ""
    third.close()


def test_a_database_on_a_disk_of_the_network_is_not_locked(tmp_path, monkeypatch):
    nfs, ext4 = 0x6969, 0xEF53
    monkeypatch.setattr(database_lock, "_kind_of_disk", lambda folder: nfs)
    (tmp_path / "clinic.sqlite3").write_bytes(b"made up")
    one, other = database_lock.DatabaseLock(), database_lock.DatabaseLock()
    assert one.take(tmp_path / "clinic.sqlite3")
    assert other.take(tmp_path / "clinic.sqlite3")
    assert one._handle is None
    monkeypatch.setattr(database_lock, "_kind_of_disk", lambda folder: ext4)
    assert one.take(tmp_path / "clinic.sqlite3")
    assert not other.take(tmp_path / "clinic.sqlite3")
    one.give_up()
    assert other.take(tmp_path / "clinic.sqlite3")
    other.give_up()


@pytest.mark.expects_log("had been removed or exchanged: it is ours again")
def test_a_lease_that_was_removed_is_made_anew_at_the_next_look(tmp_path):
    database = tmp_path / "clinic.sqlite3"
    first = take_lease(database, "bay-1", SINCE)
    assert first.look() == ""
    (tmp_path / "clinic.sqlite3.lease").unlink()
    assert first.look() == ""
    with pytest.raises(LeaseTaken, match="bay-1 records here since"):
        take_lease(database, "bay-2", SINCE)
    first.close()
    assert first.look() == ""


def test_a_lease_that_another_program_took_meanwhile_is_told_until_that_one_ends(tmp_path):
    database = tmp_path / "clinic.sqlite3"
    first = take_lease(database, "bay-1", SINCE)
    (tmp_path / "clinic.sqlite3.lease").unlink()
    second = take_lease(database, "bay-2", SINCE)
    assert first.look().startswith("bay-2 records here since")
    assert second.look() == ""
    second.close()
    first.close()


def test_a_file_that_was_removed_before_its_lock_came_proves_nothing(tmp_path, monkeypatch):
    database, path = tmp_path / "clinic.sqlite3", tmp_path / "clinic.sqlite3.lease"
    removed: list[bool] = []

    def removing(file):
        lock(file)
        if not removed:
            path.unlink()
            removed.append(True)

    lock = lease._lock
    monkeypatch.setattr(lease, "_lock", removing)
    held = take_lease(database, "bay-1", SINCE)
    monkeypatch.undo()
    with pytest.raises(LeaseTaken, match="bay-1"):
        take_lease(database, "bay-2", SINCE)
    held.close()
