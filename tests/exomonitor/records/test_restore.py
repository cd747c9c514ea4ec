"""Restoring: a proved backup replaces a damaged, missing or older record, and never one that is used or knows more."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.records import restore as restore_module
from exomonitor.records.backups import make_backup
from exomonitor.records.database import restoring
from exomonitor.records.queries import open_archive
from exomonitor.records.restore import held_in, restore
from exomonitor.records.verify import verify_database
from exomonitor.session.events import NoteAdded
from exomonitor.signing import open_key
from tests.exomonitor.records.record_samples import SESSION, draft, fill, make_database, recording
from tests.scenario.forger import rewrite_database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "clinic.sqlite3"


@pytest.fixture
def backup(path, tmp_path, clock) -> Path:
    """Of the database at `path`, with three seconds of a session."""
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 3)
    return make_backup(path, tmp_path / "elsewhere", clock.now().utc)


def put(backup, path, clock):
    return restore(backup, held_in(backup), path, clock.advance(60).utc)


def damage(path):
    with path.open("r+b") as file:
        file.write(b"\0" * 4096)


def kept_at(path):
    """The files of its folder, but for what a reader leaves: shared memory and an empty log."""
    files = [file for file in path.parent.iterdir() if file.suffix != ".sqlite3-shm" and file.stat().st_size]
    return sorted(file.name for file in files)


def test_a_damaged_record_is_replaced_and_kept(path, backup, clock):
    damage(path)
    spoilt = path.read_bytes()
    done = put(backup, path, clock)
    assert done.entries == len(open_archive(path).entries(SESSION)) + 1
    assert done.aside is not None
    assert done.aside.read_bytes() == spoilt
    assert kept_at(path) == ["clinic-replaced-20260302T090103Z.sqlite3", "clinic.sqlite3"]
    assert verify_database(path) == []
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([draft(NoteAdded("goes on"), clock.now())]).result()
    assert verify_database(path) == []


def test_a_missing_record_is_replaced_and_its_left_log_is_kept(path, backup, clock):
    path.rename(path.with_name(path.name + "-wal"))
    done = put(backup, path, clock)
    assert done.aside is not None
    assert done.aside.name.endswith(".sqlite3-wal")
    assert verify_database(path) == []


def test_into_an_empty_folder(path, backup, clock, tmp_path):
    other = tmp_path / "new" / "clinic.sqlite3"
    assert put(backup, other, clock).aside is None
    assert verify_database(other) == []


def test_an_equal_record_may_be_replaced(path, backup, clock):
    assert put(backup, path, clock).aside is not None


def test_a_newer_record_is_not_replaced(path, backup, clock):
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([draft(NoteAdded("later"), clock.now())]).result()
    before = path.read_bytes()
    with pytest.raises(CommandRefused, match="intact and newer"):
        put(backup, path, clock)
    assert (kept_at(path), path.read_bytes()) == ([path.name], before)


def test_a_damaged_record_is_replaced_also_when_it_is_newer(path, backup, clock):
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([draft(NoteAdded("later"), clock.now())]).result()
    damage(path)
    put(backup, path, clock)
    assert len(kept_at(path)) == 2


def test_another_record_is_not_replaced(path, backup, clock):
    shutil.rmtree(path.parent)
    make_database(path, clock)
    with pytest.raises(CommandRefused, match="holds another record"):
        put(backup, path, clock)


def test_of_two_branches_neither_is_replaced_and_it_is_said_how_that_comes(path, backup, clock):
    for one, note in ((path, "after the restore"), (backup, "before it")):
        with recording(make_database(one, clock)) as recorder:
            recorder.submit([draft(NoteAdded(note), clock.now())]).result()
    with pytest.raises(CommandRefused, match="as where an older backup was restored and went on: neither holds all"):
        put(backup, path, clock)


@pytest.mark.parametrize("more", [0, 1])
def test_a_forged_copy_of_the_record_does_not_take_its_place(path, backup, clock, tmp_path, more):
    """Each hash of it was made to fit again, and it may hold more entries than the record."""
    if more:
        with recording(make_database(backup, clock)) as recorder:
            recorder.submit([draft(NoteAdded("later"), clock.now())]).result()
    (tmp_path / "stranger").mkdir()

    def forge(rows):
        next(row for row in rows if row["type"] == "NoteAdded" or row["seq"] == 2)["utc"] = "2026-01-01T00:00:00.000Z"

    rewrite_database(backup, forge, key=open_key(tmp_path / "stranger"))
    before = path.read_bytes()
    with pytest.raises(CommandRefused, match="is intact, and the backup holds other entries"):
        put(backup, path, clock)
    assert (kept_at(path), path.read_bytes()) == ([path.name], before)


def test_a_record_in_use_is_not_replaced(path, backup, clock):
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([draft(NoteAdded("in use"), clock.now())]).result()
        with pytest.raises(CommandRefused, match="is in use: close the program first"):
            put(backup, path, clock)
        recorder.submit([draft(NoteAdded("goes on"), clock.now())]).result()
    assert verify_database(path) == []


def test_a_backup_that_is_not_intact_is_not_restored(path, backup, clock):
    with backup.open("r+b") as file:
        file.seek(-3000, 2)
        file.write(b"\xff" * 2000)
    with pytest.raises(CommandRefused, match="not intact"):
        put(backup, path, clock)


@pytest.mark.parametrize("content", [None, b"", b"a letter " * 400])
def test_what_is_no_backup_is_not_restored(tmp_path, content):
    file = tmp_path / "letter.sqlite3"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CommandRefused, match="no backup"):
        held_in(file)


def test_a_database_in_use_is_no_backup(path, clock):
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([draft(NoteAdded("in use"), clock.now())]).result()
        with pytest.raises(CommandRefused, match="a database in use"):
            held_in(path)


def test_the_record_is_not_restored_from_itself(path, backup, clock):
    with pytest.raises(CommandRefused, match="the database itself"):
        restore(path, held_in(path), path, clock.now().utc)


@pytest.mark.parametrize("step", ["_set_aside", "replace"])
def test_a_restore_that_was_cut_off_keeps_the_program_from_beginning_anew(path, backup, clock, monkeypatch, step):
    damage(path)

    def cut(*_):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        if step == "replace":
            real = os.replace
            patch.setattr(os, "replace", lambda a, b: cut() if Path(b) == path else real(a, b))
        else:
            patch.setattr(restore_module, step, cut)
        with pytest.raises(EnvironmentFault, match="could not be restored"):
            put(backup, path, clock)
    with pytest.raises(EnvironmentFault, match="was interrupted: restore it again"):
        make_database(path, clock)
    put(backup, path, clock)
    assert not restoring(path).exists()
    assert verify_database(path) == []


def test_a_disk_without_room_changes_nothing(path, backup, clock, monkeypatch):
    damage(path)
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(EnvironmentFault, match="no space left"):
        put(backup, path, clock)
    assert (kept_at(path), path.read_bytes()) == ([path.name], before)
