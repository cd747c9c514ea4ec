"""A start on a damaged record: it watches at once, goes on with the open session, and says what is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from exomonitor.access_log import ACCESS, access_lines
from exomonitor.assembly import assemble
from exomonitor.clock import ManualClock
from exomonitor.errors import EnvironmentFault
from exomonitor.records.recover import recover
from exomonitor.records.verify import verify_database
from exomonitor.records.writer import RecorderThread
from exomonitor.registry.doubts import PEOPLE, PEOPLE_PERHAPS
from exomonitor.session.commands import AbandonSession, AddNote, OpenSession
from exomonitor.session.parts.handover import SignIn
from exomonitor.session.parts.people import AddUser, ChangeUser
from exomonitor.session.trust_events import DoubtfulProof, KeyTaken, RecordDoubted, ScreenLocked
from exomonitor.settings import Seat
from exomonitor.station import Station
from tests.exomonitor.station_bench import do, run

LOST, PERHAPS = "of the clinic's lists is lost", "of the clinic's lists may be lost"
PIN = "719350"


@contextmanager
def station_at(folder: Path, clock: ManualClock, chair: str | tuple[Seat, ...] = "1") -> Iterator[Station]:
    made = assemble(clock, folder / "clinic.sqlite3", "test", simulated=True, chair=chair, watched=False)
    try:
        made.resume()
        if made.counting is not None:
            made.counting.result(60)
        made.runtime.settle()
        yield made
    finally:
        made.close()


def seal(station: Station, pin: str = PIN) -> str:
    return station.seal_pin(pin).result(60)


@pytest.fixture
def record(tmp_path: Path, clock: ManualClock) -> Path:
    """An administrator, a nurse whose account was ended, another one, and an open session."""
    with station_at(tmp_path, clock) as station:
        admin = do(station, AddUser("1", "", "A. DEMO-ADMIN", ("administrator", "nurse"), seal(station))).answer
        proof = station.prove(admin, PIN).result(60).token
        left = do(station, AddUser("1", "", "N. DEMO-LEFT", ("nurse",), seal(station), proof=proof)).answer
        do(station, SignIn("1", "", station.prove(admin, PIN).result(60).token))
        do(station, ChangeUser("1", admin, left, retired=True))
        do(station, OpenSession("1", admin))
        do(station, AddNote("1", admin, "made-up note"))
        do(station, AddNote("1", admin, "the last one"))
        run(station, clock, 5)
    return tmp_path


def spoil(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "clinic.sqlite3", isolation_level=None)) as connection:
        for name in ("journal_no_update", "journal_no_delete"):
            connection.execute(f"DROP TRIGGER {name}").close()
        connection.execute(statement).close()


def told(station: Station) -> list[str]:
    station.runtime.engine.tick(station._clock.now())
    return [view.text for view in station.latest().alarms if view.key == "registry" and view.state.shown]


ADDED = "UPDATE journal SET body = '[' WHERE seq = (SELECT min(seq) FROM journal WHERE type = 'UserAdded')"
ENDED = "UPDATE journal SET body = '[' WHERE type = 'UserChanged'"
CUT_OFF = "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal WHERE session = '')"


@pytest.mark.expects_log(LOST)
@pytest.mark.parametrize("statement", [ADDED, ENDED])
def test_with_a_damaged_entry_of_people_the_open_session_goes_on_and_the_screen_says_it(record, clock, statement):
    spoil(record, statement)
    clock.advance(30)
    with station_at(record, clock) as station:
        assert station.latest().session
        (text,) = told(station)
        assert text.startswith("RECORD NOT INTACT - entry ")
        entries = station.archive.registry_entries((RecordDoubted,))
        assert [LOST in entry.event.why for entry in entries if isinstance(entry.event, RecordDoubted)] == [True]
    with station_at(record, clock) as station:  # it is told at each start and recorded once
        assert told(station)
        assert len(station.archive.registry_entries((RecordDoubted,))) == 1
    assert "journal" in {finding.table for finding in verify_database(record / "clinic.sqlite3")}


@pytest.mark.expects_log(LOST)
def test_an_ended_account_whose_end_is_lost_comes_in_by_no_silent_way(record, clock):
    spoil(record, ENDED)
    with station_at(record, clock) as station:
        proof = station.prove("N. DEMO-LEFT", PIN).result(60)
        station.runtime.settle()
        assert proof.note == PEOPLE
        entries = station.archive.registry_entries((DoubtfulProof,))
        assert [entry.event.user for entry in entries if isinstance(entry.event, DoubtfulProof)] == [proof.user]
        lines = list(access_lines(station.archive.registry_entries(ACCESS), station.archive.staff()))
        assert any("By a list of people that is or may be damaged" in line and "N. DEMO-LEFT" in line for line in lines)


@pytest.mark.expects_log(PERHAPS)
@pytest.mark.parametrize("statement", [ENDED, CUT_OFF])
def test_nor_after_the_record_was_recovered_without_it(record, clock, statement):
    spoil(record, statement)
    again = record / "again"
    recover(record / "clinic.sqlite3", again / "clinic.sqlite3", "test", clock)
    for _ in range(2):
        with station_at(again, clock) as station:
            assert any(PERHAPS in text for text in told(station))
            assert station.prove("N. DEMO-LEFT", PIN).result(60).note == PEOPLE_PERHAPS
            station.runtime.settle()
    assert len(station.archive.registry_entries((DoubtfulProof,))) == 2


@pytest.mark.expects_log(f"{LOST}|{PERHAPS}")
@pytest.mark.parametrize(("statement", "note"), [(ENDED, PEOPLE), (CUT_OFF, PEOPLE_PERHAPS)])
def test_an_administrators_new_pin_ends_the_doubt_about_that_person_for_good(record, clock, statement, note):
    spoil(record, statement)
    with station_at(record, clock) as station:
        admin = station.prove("A. DEMO-ADMIN", PIN).result(60)
        do(station, SignIn("1", "", admin.token))
        do(station, ChangeUser("1", admin.user, admin.user, pin_hash=seal(station, "204816")))
        assert station.prove("A. DEMO-ADMIN", "204816").result(60).note == ""
        station.runtime.settle()
        assert len(station.archive.registry_entries((DoubtfulProof,))) == 1
    for _ in range(2):
        with station_at(record, clock) as station:
            assert told(station)
            assert station.prove("A. DEMO-ADMIN", "204816").result(60).note == ""
            station.runtime.settle()
            assert len(station.archive.registry_entries((DoubtfulProof,))) == 1
    with station_at(record, clock) as station:  # of another person it stays: the account's end is what was lost
        assert station.prove("N. DEMO-LEFT", PIN).result(60).note == note


def brought_elsewhere(folder: Path, clock: ManualClock) -> None:
    """A signed record without its key and its mark: the next start takes a new key, by an entry that comes in the place
    of a lost last one."""
    with station_at(folder, clock) as station:
        station.export_now("last", folder / "out", ("csv",), "", "")
        admin = station.prove("A. DEMO-ADMIN", PIN).result(60)
        do(station, AddUser("1", admin.user, "N. DEMO-LAST", ("nurse",), seal(station), proof=admin.token))
        do(station, AddNote("1", admin.user, "after it"))
    for name in ("station.key", "station.pub", "clinic.sqlite3.signed"):
        (folder / name).unlink()


@pytest.mark.expects_log(PERHAPS)
@pytest.mark.parametrize("commits", [0, 1, 2])
def test_a_computer_that_goes_down_in_the_start_that_found_it_hides_no_lost_entry(record, clock, monkeypatch, commits):
    brought_elsewhere(record, clock)
    spoil(record, CUT_OFF)
    submit = RecorderThread.submit
    done: list[object] = []

    def until_it_goes_down(recorder, *rows):
        if len(done) == commits:
            raise EnvironmentFault("made up: the computer goes down")
        done.append(rows)
        return submit(recorder, *rows)

    with monkeypatch.context() as patch:
        patch.setattr(RecorderThread, "submit", until_it_goes_down)
        with suppress(EnvironmentFault), station_at(record, clock):
            pass
    with station_at(record, clock) as station:
        assert len(station.archive.registry_entries((KeyTaken,))) == 1
        assert told(station)
        assert station.prove("A. DEMO-ADMIN", PIN).result(60).note == PEOPLE_PERHAPS
        station.runtime.settle()


@pytest.mark.expects_log("an open session")
def test_an_open_session_with_a_damaged_entry_goes_on(record, clock):
    first = "(SELECT min(seq) FROM journal WHERE type = 'NoteAdded')"
    spoil(record, f"UPDATE journal SET body = '[' WHERE seq = {first}")
    with station_at(record, clock) as station:
        state = station.latest().session
        assert state is not None
        assert (state.lost, state.study_id != state.id) == (1, True)
        (text,) = told(station)
        assert text.startswith("RECORD NOT INTACT - chair 1: 1 entry (")
        assert text.endswith(f") of session {state.study_id} is lost.")
        assert station.archive.readable(state.id).damage.sentence.endswith("of this session is lost.")


@pytest.mark.expects_log("an open session")
def test_what_is_lost_of_a_session_is_not_told_of_the_next_patient(record, clock):
    spoil(record, "UPDATE journal SET body = '[' WHERE seq = (SELECT min(seq) FROM journal WHERE type = 'NoteAdded')")
    with station_at(record, clock) as station:
        assert told(station)
        who = station.prove("A. DEMO-ADMIN", PIN).result(60)
        do(station, SignIn("1", "", who.token))
        do(station, AbandonSession("1", who.user, "made-up reason"))
        do(station, OpenSession("1", who.user))
        run(station, clock, 5)
        state = station.latest().session
        assert state is not None
        assert (state.lost, told(station)) == (0, [])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET body = '[' WHERE type = 'SessionOpened'",
        "UPDATE journal SET type = 'SessionOpenee' WHERE type = 'SessionOpened'",
        "DELETE FROM journal WHERE type = 'SessionOpened'",
    ],
)
@pytest.mark.expects_log("an open session|of the clinic's lists")
def test_also_where_its_first_entry_is_destroyed(record, clock, statement):
    spoil(record, statement)
    with station_at(record, clock) as station:
        state = station.latest().session
        assert state is not None
        assert (state.study_id, state.chair, state.lost, state.notes) == (state.id, "1", 1, 2)
        assert any("chair 1: 1 entry" in text and f"of session {state.id} is lost" in text for text in told(station))
        (row,) = station.archive.sessions()
        assert (row.session, row.damaged) == (state.id, True)
        assert station.archive.resolve(state.id) == state.id
        who = station.prove("A. DEMO-ADMIN", PIN).result(60)
        do(station, SignIn("1", "", who.token))
        do(station, AddNote("1", who.user, "another note"))
    with station_at(record, clock) as station:
        assert station.latest().session is not None
        assert station.archive.registry_entries((ScreenLocked,)) == []
