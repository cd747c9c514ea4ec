"""What was printed as recorded is there, whatever happened to process or disk; what could not be saved is said."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection

from exomonitor.clock import ManualClock
from exomonitor.errors import EnvironmentFault
from exomonitor.records import connections
from exomonitor.records.connections import writer_engine
from exomonitor.records.database import Database
from exomonitor.records.queries import SqlArchive
from exomonitor.records.verify import verify_database
from exomonitor.records.writer import RecorderThread
from exomonitor.session.events import NoteAdded
from tests.exomonitor.records.at_rest import key_for_others
from tests.exomonitor.records.record_samples import SESSION, ask, draft, fill, make_database, opened, recording

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "clinic.sqlite3"


def child(how: str, path: Path) -> subprocess.Popen[str]:
    key_for_others(path.parent)
    command = [sys.executable, "-m", "tests.exomonitor.records.recording_child", how, str(path)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def recorded(lines: list[str]) -> list[tuple[int, str]]:
    """The printed commits; the last line of a killed process may be cut off."""
    whole = [json.loads(line) for line in lines if line.endswith("}\n")]
    return [(line["seq"], line["hash"]) for line in whole if line["kind"] == "recorded"]


@pytest.mark.parametrize("after", [23, 120])
def test_every_commit_printed_before_a_kill_is_there(path, after):
    with child("for-ever", path) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(after)]
        process.kill()
        lines += process.stdout.readlines()
    printed = recorded(lines)
    assert len(printed) >= after
    stored = {row[0]: row[1] for row in ask(path, "SELECT seq, hash FROM journal")}
    assert [seq for seq, row_hash in printed if stored.get(seq) != row_hash] == []
    assert verify_database(path) == []
    _goes_on(path)


def _goes_on(path: Path) -> None:
    database = make_database(path, ManualClock())
    before = len(SqlArchive(path).entries(SESSION))
    with recording(database) as recorder:
        recorder.submit([draft(NoteAdded("resumed"), ManualClock().now())]).result()
    assert len(SqlArchive(path).entries(SESSION)) == before + 1
    assert verify_database(path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file sizes there")
def test_a_disk_without_room_refuses_and_later_goes_on(path):
    with child("full", path) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    refusals = [json.loads(line)["why"] for line in out.splitlines() if "refused" in line]
    assert len(refusals) == 1
    assert refusals[0].startswith("The record could not be saved: ")
    stored = {row[0]: row[1] for row in ask(path, "SELECT seq, hash FROM journal")}
    printed = recorded(out.splitlines(keepends=True))
    assert dict(printed).items() <= stored.items()
    assert len(stored) == len(printed) + 1  # the DatabaseCreated of the beginning
    assert SqlArchive(path).entries(SESSION)[-1].event == NoteAdded("room again")
    assert verify_database(path) == []


def with_pragma(monkeypatch: pytest.MonkeyPatch, pragma: str) -> None:
    """From now on the writing connection begins with this PRAGMA."""

    def writer(database: Database) -> Engine:
        engine = writer_engine(database.path, wal=True)

        @event.listens_for(engine, "engine_connect")
        def _apply(connection: Connection) -> None:
            connection.connection.cursor().execute(pragma)

        return engine

    monkeypatch.setattr(Database, "writer", writer)


def refusal(recorder: RecorderThread, clock: ManualClock, text: str = "x") -> str:
    """What the recorder says of a note that it cannot keep."""
    told = recorder.submit([draft(NoteAdded(text), clock.advance(1))]).exception(30)
    assert isinstance(told, EnvironmentFault)
    return str(told)


@pytest.mark.expects_log("the disk is full")
def test_a_full_disk_is_one_sentence_and_nothing_half_written(path, clock, monkeypatch):
    database = make_database(path, clock)
    with recording(database) as recorder:
        fill(recorder, clock, 2)
    before = ask(path, "SELECT * FROM journal")
    with_pragma(monkeypatch, f"PRAGMA max_page_count = {ask(path, 'PRAGMA page_count')[0][0]}")
    with recording(database) as recorder:
        for _ in range(2):
            assert refusal(recorder, clock, "long " * 20_000) == "The record could not be saved: the disk is full."
    assert ask(path, "SELECT * FROM journal") == before
    assert verify_database(path) == []


@pytest.mark.expects_log("may not be written")
@pytest.mark.expects_log("without tidying up")
def test_a_record_that_may_not_be_written_is_said(path, clock, monkeypatch):
    database = make_database(path, clock)
    with_pragma(monkeypatch, "PRAGMA query_only = ON")
    with recording(database) as recorder:
        assert refusal(recorder, clock) == "The record could not be saved: the database may not be written."


@pytest.mark.expects_log("keeps the database locked")
@pytest.mark.expects_log("saved again")
def test_a_database_that_another_program_locks_is_said_and_tried_again(path, clock, monkeypatch):
    monkeypatch.setattr(connections, "BUSY_S", 0.01)
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([opened(clock.now())]).result()
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for _ in range(2):
                assert "another program keeps the database locked" in refusal(recorder, clock)
        assert recorder.submit([draft(NoteAdded("free again"), clock.now())]).result()
    assert len(SqlArchive(path).entries(SESSION)) == 2
    assert verify_database(path) == []


@pytest.mark.expects_log("clinic.sqlite3 was deleted or replaced")
@pytest.mark.expects_log("without tidying up")
def test_a_deleted_database_is_noticed_at_the_next_commit(path, clock):
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([opened(clock.now())]).result()
        path.unlink()
        for _ in range(2):
            assert "deleted or replaced" in refusal(recorder, clock)
    assert not path.exists()


@pytest.mark.expects_log("clinic.sqlite3-wal was deleted or replaced")
@pytest.mark.expects_log("saved again")
def test_a_deleted_log_is_noticed_and_what_it_held_is_kept(path, clock):
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([opened(clock.now())]).result()
        path.with_name(path.name + "-wal").unlink()
        assert "deleted or replaced" in refusal(recorder, clock)
        recorder.submit([draft(NoteAdded("good again"), clock.now())]).result()
    kept = [entry.event for entry in SqlArchive(path).entries(SESSION)]
    assert kept[-1] == NoteAdded("good again")
    assert verify_database(path) == []


@pytest.mark.expects_log("deleted or replaced")
@pytest.mark.expects_log("without tidying up")
def test_another_database_in_its_place_is_not_written_to(path, clock):
    other = path.with_name("other.sqlite3")
    make_database(other, clock)
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([opened(clock.now())]).result()
        path.unlink()
        other.rename(path)
        for _ in range(2):
            assert "deleted or replaced" in refusal(recorder, clock)
    path.with_name(path.name + "-wal").unlink()
    assert ask(path, "SELECT count(*) FROM journal") == [(1,)]


@pytest.mark.expects_log("another database")
@pytest.mark.expects_log("without tidying up")
def test_a_database_exchanged_before_the_first_entry_is_not_written_to(path, clock):
    database, other = make_database(path, clock), path.with_name("other.sqlite3")
    make_database(other, clock)
    other.replace(path)
    with recording(database) as recorder:
        assert "another database" in refusal(recorder, clock)
        path.unlink()
    assert not path.exists()


def test_two_programs_on_one_database_keep_one_chain(path, clock):
    database = make_database(path, clock)
    with recording(database) as one, recording(database) as two:
        for _ in range(6):
            fill(one, clock, 3, "s-1")
            fill(two, clock, 3, "s-2")
    assert verify_database(path) == []
