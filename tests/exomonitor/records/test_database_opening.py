"""Opening a database: made private and whole, or refused with one sentence."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.records.database import backup, open_database
from exomonitor.records.queries import SqlArchive, open_archive
from exomonitor.records.schema import APPLICATION_ID, SCHEMA_VERSION
from exomonitor.records.verify import verify_database
from tests.exomonitor.records.record_samples import SESSION, ask, fill, make_database, recording


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "deep" / "clinic.sqlite3"


def write(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)


def sentence(refusal: pytest.ExceptionInfo[Exception]) -> str:
    text = str(refusal.value)
    assert text.endswith(".")
    assert "\n" not in text
    return text


def test_a_new_database_is_private_to_the_user(path, clock):
    make_database(path, clock)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (path.parent, path.parent.parent)} == {0o700}
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_log_and_shared_memory_are_private_too(path, clock):
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 1)
        assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


def test_the_first_row_says_which_database_this_is(path, clock):
    database = make_database(path, clock, simulated=True)
    ((seq, session, kind),) = ask(path, "SELECT seq, session, type FROM journal")
    assert (seq, session, kind) == (1, "", "DatabaseCreated")
    assert database.simulated
    assert SqlArchive(path).database_id() == database.database_id
    assert ask(path, "PRAGMA application_id") == [(APPLICATION_ID,)]
    assert ask(path, "PRAGMA user_version") == [(SCHEMA_VERSION,)]


def test_opening_again_changes_nothing(path, clock):
    first = make_database(path, clock)
    assert make_database(path, clock) == first
    assert ask(path, "SELECT count(*) FROM journal") == [(1,)]


def test_the_writer_waits_for_the_disk(path, clock):
    with make_database(path, clock).writer().connect() as connection:
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
        }
        assert asked == {"journal_mode": "wal", "synchronous": 2}
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA journal_size_limit").scalar_one() > 0


def test_a_database_of_a_newer_program_is_refused(path, clock):
    make_database(path, clock)
    write(path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(CommandRefused) as refusal:
        make_database(path, clock)
    assert "newer version" in sentence(refusal)
    with pytest.raises(CommandRefused):
        open_archive(path)


def test_an_emptied_file_is_a_loss_and_not_a_fresh_start(path, clock):
    make_database(path, clock)
    path.write_bytes(b"")
    with pytest.raises(EnvironmentFault) as refusal:
        make_database(path, clock)
    assert "lost" in sentence(refusal)
    assert path.read_bytes() == b""


def test_a_missing_file_whose_log_is_left_is_a_loss(path, clock):
    make_database(path, clock)
    path.rename(path.with_name(path.name + "-wal"))
    with pytest.raises(EnvironmentFault) as refusal:
        make_database(path, clock)
    assert "lost" in sentence(refusal)


@pytest.mark.parametrize("content", [b"this is a letter, not a database " * 40, b"SQLite format 3\0" + b"\xff" * 4000])
def test_what_is_no_database_is_refused_and_kept(path, clock, content):
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(EnvironmentFault) as refusal:
        make_database(path, clock)
    sentence(refusal)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_refused(path, clock):
    path.parent.mkdir(parents=True)
    write(path, "CREATE TABLE recipes (cake TEXT)")
    with pytest.raises(EnvironmentFault) as refusal:
        make_database(path, clock)
    assert "not a database of this program" in sentence(refusal)


@pytest.mark.parametrize("simulated", [True, False])
def test_simulated_and_real_sessions_never_share_a_database(path, clock, simulated):
    make_database(path, clock, simulated=simulated)
    with pytest.raises(CommandRefused) as refusal:
        make_database(path, clock, simulated=not simulated)
    assert "simulated" in sentence(refusal)


def test_a_folder_that_cannot_be_made_is_said(tmp_path, clock):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EnvironmentFault) as refusal:
        make_database(tmp_path / "file" / "clinic.sqlite3", clock)
    assert "not a folder" in sentence(refusal)
    with pytest.raises(EnvironmentFault) as refusal:
        make_database(tmp_path / "file" / "data" / "clinic.sqlite3", clock)
    sentence(refusal)


def test_a_folder_in_the_place_of_the_file_is_said(path, clock):
    path.mkdir(parents=True)
    with pytest.raises(EnvironmentFault) as refusal:
        make_database(path, clock)
    sentence(refusal)


def test_a_journal_whose_end_was_cut_off_is_not_continued(path, clock):
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 1)
    write(path, "DROP TRIGGER journal_no_delete")
    write(path, "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)")
    with pytest.raises(EnvironmentFault) as refusal:
        make_database(path, clock)
    assert "end of the record" in sentence(refusal)


def test_an_interrupted_beginning_is_begun_again(path, clock):
    path.parent.mkdir(parents=True)
    path.with_name(f".{path.name}.new").write_bytes(b"half")
    make_database(path, clock)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_station_and_a_zone_stand_in_every_row(path, clock):
    database = open_database(path, "ExoMonitor test", False, clock, station="bay-3")
    with recording(database) as recorder:
        fill(recorder, clock, 1)
    assert ask(path, "SELECT DISTINCT station, tz FROM journal") == [("bay-3", database.tz)]


def test_a_backup_of_a_database_in_use_is_whole_and_opens_by_itself(path, tmp_path, clock):
    copy = tmp_path / "backups" / "clinic.sqlite3"
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 3)
        backup(path, copy)
        assert open_archive(copy).entries(SESSION) == open_archive(path).entries(SESSION)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert ask(copy, "PRAGMA journal_mode") == [("delete",)]
    with pytest.raises(CommandRefused):
        backup(path, copy)
    assert make_database(copy, clock).database_id == make_database(path, clock).database_id


def test_a_lone_copy_can_be_read_where_nothing_can_be_written(path, tmp_path, clock, monkeypatch):
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 2)
    lone = tmp_path / "media"
    lone.mkdir()
    shutil.copy(path, lone / "clinic.sqlite3")
    # Root may write anywhere, so the refusal that a read-only medium would give is played.
    real = sqlite3.connect

    def connect(place: str, **options: Any) -> Any:
        if place.endswith("mode=ro"):
            raise sqlite3.OperationalError("unable to open database file")
        return real(place, **options)

    monkeypatch.setattr(sqlite3, "connect", connect)
    assert len(open_archive(lone / "clinic.sqlite3").entries(SESSION)) == 4 + 2 * 2
    assert [file.name for file in lone.iterdir()] == ["clinic.sqlite3"]


@pytest.mark.parametrize("how", [lambda path: open_archive(path).sessions(), verify_database])
def test_a_table_of_contents_that_is_no_text_any_more_is_one_sentence(path, clock, how):
    """SQLite repeats the words that it cannot understand, and Python cannot read them."""
    make_database(path, clock)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"CREATE TABLE journal (", b"CREATE \x84ABLE journal (", 1))
    assert path.read_bytes() != data
    with pytest.raises(EnvironmentFault) as refusal:
        how(path)
    assert "damaged" in sentence(refusal)
    with pytest.raises(EnvironmentFault) as refusal:
        make_database(path, clock)
    assert "the database file is damaged" in sentence(refusal)


def test_there_is_no_archive_where_there_is_no_record(tmp_path):
    with pytest.raises(CommandRefused):
        open_archive(tmp_path / "clinic.sqlite3")
