"""Backups: proved, private, named by time and database, made after a session by themselves, refused in one sentence."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import threading
from collections import namedtuple
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.records import backups
from exomonitor.records.backup_keeper import BackupKeeper, make_apart, make_here
from exomonitor.records.backups import FOLDER, is_behind, make_backup
from exomonitor.records.queries import open_archive
from exomonitor.records.verify import verify_database
from exomonitor.session import events as ev
from tests.exomonitor.records.record_samples import SESSION, draft, fill, make_database, recording

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "clinic.sqlite3"


@pytest.fixture
def folder(path: Path) -> Path:
    return path.parent / FOLDER


def end_session(recorder, clock):
    return recorder.submit([draft(ev.SessionAbandoned("made up"), clock.advance(1))]).result()


def test_a_backup_of_a_database_in_use_is_named_private_and_intact(path, folder, clock):
    database = make_database(path, clock)
    with recording(database) as recorder:
        fill(recorder, clock, 3)
        made = make_backup(path, folder, clock.now().utc)
        kept = open_archive(path).entries(SESSION)
    assert made == folder / f"20260302T090003Z-{database.database_id}.sqlite3"
    assert (stat.S_IMODE(made.stat().st_mode), stat.S_IMODE(folder.stat().st_mode)) == (0o600, 0o700)
    assert verify_database(made) == []
    assert open_archive(made).entries(SESSION) == kept
    assert [file.name for file in folder.iterdir()] == [made.name]


def test_two_backups_in_one_second_do_not_overwrite_each_other(path, folder, clock):
    make_database(path, clock)
    make_backup(path, folder, clock.now().utc)
    with pytest.raises(CommandRefused, match="exists already"):
        make_backup(path, folder, clock.now().utc)


def test_no_backup_takes_the_room_that_the_record_needs(path, folder, clock, monkeypatch):
    make_database(path, clock)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 9 * 10**8, 10**8))
    with pytest.raises(EnvironmentFault, match=r"no room in .*: 209 MB needed, 100 MB free\."):
        make_backup(path, folder, clock.now().utc)
    assert list(folder.iterdir()) == []


def test_the_copy_of_a_damaged_record_is_kept_under_a_name_that_says_so(path, folder, clock):
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 1)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER readings_no_update")
        connection.execute("UPDATE readings SET value = 7 WHERE id = 1")
    with pytest.raises(EnvironmentFault, match="the record is not intact"):
        make_backup(path, folder, clock.now().utc)
    assert [file.name.endswith("-not-intact.sqlite3") for file in folder.iterdir()] == [True]


def test_a_backup_is_behind_when_a_session_has_ended_since(path, folder, clock):
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 1)
        assert not is_behind(path, folder)
        end_session(recorder, clock)
        assert is_behind(path, folder)
        made = make_backup(path, folder, clock.now().utc)
        assert not is_behind(path, folder)
        made.write_bytes(b"spoilt")
        assert is_behind(path, folder)


def test_a_process_of_its_own_makes_one_and_says_why_it_cannot(path, folder, clock):
    make_database(path, clock)
    make_apart(path, folder, clock)
    (made,) = folder.iterdir()
    assert verify_database(made) == []
    with pytest.raises(EnvironmentFault, match="exists already"):
        make_apart(path, folder, clock)


class Keeper:
    """A keeper whose news can be waited for."""

    def __init__(self, path, clock, make=make_here, **pace):
        self.news: list[str] = []
        self.heard = threading.Semaphore(0)
        self.keeper = BackupKeeper(path, clock, make, **{"settle_s": 0.0, "retry_s": 600.0, **pace})

    def told(self, why):
        self.news.append(why)
        self.heard.release()

    def wait(self):
        assert self.heard.acquire(timeout=20)
        return self.news[-1]


def test_every_session_that_ends_has_its_backup(path, folder, clock):
    database, watch = make_database(path, clock), Keeper(path, clock)
    with recording(database, watch.keeper.heed) as recorder:
        watch.keeper.start(watch.told)
        for session in ("s-1", "s-2"):
            fill(recorder, clock, 1, session)
            ended = draft(ev.SessionAbandoned("made up"), clock.advance(1), session)
            recorder.submit([ended]).result()
            assert watch.wait() == ""
        watch.keeper.close()
    assert [len(open_archive(made).sessions()) for made in sorted(folder.iterdir())] == [1, 2]


def test_a_session_that_ended_just_before_the_program_did_has_its_backup(path, folder, clock):
    database, watch = make_database(path, clock), Keeper(path, clock, settle_s=60.0)
    watch.keeper.start(watch.told)
    with recording(database, watch.keeper.heed) as recorder:
        fill(recorder, clock, 1)
        end_session(recorder, clock)
    watch.keeper.close()
    (made,) = folder.iterdir()
    assert open_archive(made).open_sessions() == []


def test_a_backup_that_a_crash_prevented_is_made_at_the_next_start(path, folder, clock):
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 1)
        end_session(recorder, clock)
    watch = Keeper(path, clock)
    watch.keeper.start(watch.told)
    assert watch.wait() == ""
    watch.keeper.close()
    assert len(list(folder.iterdir())) == 1


@pytest.mark.expects_log("BACKUP FAILED - no room")
def test_a_failed_backup_is_told_and_tried_again(path, folder, clock):
    tries = []

    def make(*where):
        tries.append(where)
        if len(tries) < 3:
            raise EnvironmentFault("no room.")
        make_here(*where)

    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 1)
        end_session(recorder, clock)
    watch = Keeper(path, clock, make, retry_s=0.01)
    watch.keeper.start(watch.told)
    assert [watch.wait() for _ in range(3)][-1] == ""
    watch.keeper.close()
    assert watch.news == ["no room.", "no room.", ""]
    assert len(list(folder.iterdir())) == 1


@pytest.mark.expects_log("a backup failed")
@pytest.mark.expects_log("BACKUP FAILED - a bug")
def test_a_bug_in_a_backup_stops_nothing(path, clock):
    def make(*_):
        raise ZeroDivisionError("a bug")

    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 1)
        end_session(recorder, clock)
    watch = Keeper(path, clock, make)
    watch.keeper.start(watch.told)
    assert watch.wait() == "a bug"
    watch.keeper.close()


def test_backups_sort_by_their_time(clock):
    moments = [clock.now().utc + timedelta(days=day) for day in (0, 1, 40, 400)]
    names = [backups.backup_name("ab", moment) for moment in moments]
    assert names == sorted(names)
