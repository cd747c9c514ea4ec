"""What somebody wrote into an open session behind the program's back is not taken up as a person's word."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from exomonitor.assembly import assemble
from exomonitor.engine.ports import Readable
from exomonitor.engine.stored import Damage
from exomonitor.errors import EnvironmentFault
from exomonitor.integrity import JOURNAL_COLUMNS, sha256_hex
from exomonitor.records.queries import SqlArchive
from exomonitor.session.commands import AddNote, OpenSession
from exomonitor.session.events import NoteAdded
from exomonitor.session.machine_events import MonitoringResumed
from exomonitor.session.parts.handover import SignIn
from exomonitor.session.parts.people import AddUser
from exomonitor.session.state import SessionState
from exomonitor.station import Station
from tests.exomonitor.records.record_samples import reading
from tests.exomonitor.station_bench import do
from tests.exomonitor.test_damaged_start import PIN, seal, station_at, told

LAST = "seq = (SELECT max(seq) FROM journal WHERE type = 'NoteAdded')"

FIRST = "seq = (SELECT min(seq) FROM journal WHERE type = 'NoteAdded')"


@pytest.fixture
def folder(tmp_path, clock):
    """A record with an open session of two notes."""
    with station_at(tmp_path, clock) as station:
        who = do(station, AddUser("1", "", "A. DEMO-ADMIN", ("administrator", "nurse"), seal(station))).answer
        do(station, SignIn("1", "", station.prove(who, PIN).result(60).token))
        do(station, OpenSession("1", who))
        for text in ("made-up note", "the last one"):
            do(station, AddNote("1", who, text))
    return tmp_path


def forge(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "clinic.sqlite3", isolation_level=None)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}").close()
        connection.execute(statement).close()


def forge_with_hash(folder: Path, kind: str, body: str, which: str = FIRST) -> None:
    """Make the first note another entry and give it the hash of its new text as it stands there."""
    forge(folder, f"UPDATE journal SET type = '{kind}', body = '{body}' WHERE {which}")
    names = sorted(name for name in JOURNAL_COLUMNS if name != "hash")
    with closing(sqlite3.connect(folder / "clinic.sqlite3", isolation_level=None)) as connection:
        where = f"body = '{body}'"
        (row,) = connection.execute(f"SELECT {', '.join(names)} FROM journal WHERE {where}").fetchall()
        parts = [
            f'"{name}":{value if name == "body" else json.dumps(value, ensure_ascii=False)}'
            for name, value in zip(names, row, strict=True)
        ]
        digest = sha256_hex(("{" + ",".join(parts) + "}").encode())
        connection.execute(f"UPDATE journal SET hash = '{digest}' WHERE {where}").close()


def open_in(station: Station) -> SessionState:
    state = station.latest().session
    assert state is not None
    return state


def notes(state: SessionState) -> list[str]:
    return [entry.event.text for entry in state.history if isinstance(entry.event, NoteAdded)]


def test_of_one_that_nobody_touched_nothing_is_said(folder, clock):
    with station_at(folder, clock) as station:
        state = open_in(station)
        assert notes(state) == ["made-up note", "the last one"]
        assert (state.lost, told(station)) == (0, [])
        assert station.archive.proved(state.id)[1] == Damage()


@pytest.mark.parametrize(
    "change", [f"UPDATE sealed SET value = 'forged' WHERE {LAST}", f"DELETE FROM sealed WHERE {LAST}"]
)
@pytest.mark.expects_log("an open session")
def test_a_changed_text_is_shown_as_lost(folder, clock, change):
    forge(folder, change)
    with station_at(folder, clock) as station:
        state = open_in(station)
        assert notes(state) == ["made-up note", "[text lost]"]
        assert state.lost == 0
        assert told(station) == [f"RECORD NOT INTACT - chair 1: 1 private text of session {state.study_id} is lost."]


@pytest.mark.parametrize("change", ["actor = 'somebody else'", "utc = '2020-03-02T09:00:00.000Z'", "station = 'bay-9'"])
@pytest.mark.expects_log("an open session")
def test_an_entry_that_its_hash_does_not_fit_is_not_taken_up(folder, clock, change):
    forge(folder, f"UPDATE journal SET {change} WHERE {LAST}")
    with station_at(folder, clock) as station:
        state = open_in(station)
        assert notes(state) == ["made-up note"]
        assert state.lost == 1
        assert "1 entry (" in told(station)[0]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("ClockJumped", '{"at_start":true,"seconds":NaN}'),
        ("ClockJumped", '{"at_start":true,"seconds":1e999}'),
        ("ClockJumped", '{"at_start":true, "seconds":1.0}'),
        ("MonitoringResumed", '{"gap_s":Infinity,"known":true,"same_boot":false}'),
        ("SessionOpened", r'{"chair":"\ud800"}'),
    ],
)
@pytest.mark.expects_log("an open session|of the clinic's lists")
def test_nor_one_with_a_hash_of_a_text_that_we_do_not_write(folder, clock, kind, body):
    forge_with_hash(folder, kind, body)
    with station_at(folder, clock) as station:
        state = open_in(station)
        assert (notes(state), state.lost) == (["the last one"], 1)
        assert "1 entry (" in told(station)[0]
        assert station.archive.readable(state.id).damage.entries == 1


@pytest.mark.parametrize("gap_s", ["1e+300", "1.7976931348623157e+308"])
def test_a_gap_without_end_keeps_nobody_from_watching(folder, clock, gap_s):
    forge_with_hash(folder, "MonitoringResumed", f'{{"gap_s":{gap_s},"known":true,"same_boot":false}}')
    for _ in range(2):
        with station_at(folder, clock) as station:
            assert notes(open_in(station)) == ["the last one"]


@pytest.mark.expects_log("an open session|What came before it tells where the gap begins")
def test_where_entries_are_lost_lost_readings_are_told_at_the_start_too(folder, clock):
    with station_at(folder, clock) as station:
        heard = [reading(clock.now(), "hr", 70.0 + number, open_in(station).id) for number in range(3)]
        station._recorder.submit([], heard).result(60)
    forge(folder, f"UPDATE journal SET actor = 'x' WHERE {LAST}")
    forge(folder, "DELETE FROM readings WHERE value = 71.0")
    with station_at(folder, clock) as station:
        (text,) = told(station)
        lost, left = text.split("; ")
        assert lost.endswith(f"1 reading of session {open_in(station).study_id} are lost")
        assert left == "nothing proves 2 of the readings that are left."


@pytest.mark.expects_log("an open session|the readings of an open session could not be counted: made up")
@pytest.mark.parametrize("fails", [False, True])
def test_watching_waits_for_no_reading_to_be_counted(folder, clock, monkeypatch, fails):
    with station_at(folder, clock) as station:
        station._recorder.submit([], [reading(clock.now(), "hr", 70.0, open_in(station).id)]).result(60)
    forge(folder, f"UPDATE journal SET actor = 'x' WHERE {LAST}")
    forge(folder, "DELETE FROM readings WHERE value = 70.0")
    go_on, readable = threading.Event(), SqlArchive.readable

    def slow(archive: SqlArchive, session: str) -> Readable:
        go_on.wait(60)
        if fails:
            raise EnvironmentFault("made up: the disk is gone")
        return readable(archive, session)

    monkeypatch.setattr(SqlArchive, "readable", slow)
    made = assemble(clock, folder / "clinic.sqlite3", "test", simulated=True, chair="1", watched=False)
    try:
        made.resume()
        made.runtime.settle()
        (early,) = told(made)
        assert "1 entry (" in early
        assert "reading" not in early
        go_on.set()
        assert made.counting is not None
        made.counting.result(60)
        clock.advance(2)
        made.runtime.settle()
        (late,) = told(made)
        assert ("1 reading of session" in late) != fails
        assert late.endswith("lost; its readings and waves could not be counted.") == fails
    finally:
        go_on.set()
        made.close()


@pytest.mark.parametrize("change", ["station = 'bay-9'", "body = '['"])
@pytest.mark.expects_log("an open session|of the clinic's lists")
def test_one_of_which_no_entry_is_as_it_was_written_is_watched_and_told_all_the_same(folder, clock, change):
    (own,) = SqlArchive(folder / "clinic.sqlite3").open_sessions()
    forge(folder, f"UPDATE journal SET {change} WHERE session <> ''")
    clock.advance(30)
    with station_at(folder, clock) as station:
        state = open_in(station)
        assert (state.id, state.study_id, state.chair, notes(state)) == (own, own, "1", [])
        assert state.lost >= 3
        (text,) = told(station)
        assert text.startswith(f"RECORD NOT INTACT - chair 1: {state.lost} entries (")
        assert f"of session {own} are lost" in text
        (gap,) = [entry.event for entry in state.history if isinstance(entry.event, MonitoringResumed)]
        assert not gap.known
        who = station.prove("A. DEMO-ADMIN", PIN).result(60)
        do(station, SignIn("1", "", who.token))
        do(station, AddNote("1", who.user, "it goes on"))
    with station_at(folder, clock) as station:
        assert notes(open_in(station)) == ["it goes on"]
