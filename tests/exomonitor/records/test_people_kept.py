"""Who may sign in is read from a damaged record, in the clear or encrypted, with whatever of it is destroyed."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from exomonitor.assembly import assemble
from exomonitor.clock import ManualClock
from exomonitor.records import keys
from exomonitor.records.beside import record_beside
from exomonitor.records.people_kept import people_beside
from exomonitor.records.queries import SqlArchive
from exomonitor.records.signed_mark import EndMark
from exomonitor.records.writer import RecorderThread
from exomonitor.registry.doubts import PEOPLE
from exomonitor.registry.users import UserAdded, UserChanged
from exomonitor.session.parts.people import AddUser
from exomonitor.session.trust_events import DoubtfulProof, PeopleTakenOver
from exomonitor.signing import open_key
from exomonitor.station import Station
from tests.exomonitor.records.record_samples import draft, fill, make_database, recording
from tests.exomonitor.station_bench import do


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A record with a session between what is known of three people; one of them has left."""
    path, clock = tmp_path / "clinic.sqlite3", ManualClock()
    events = [
        UserAdded("u-1", ("nurse",), "N. DEMO-ONE", "hash of 1", "a badge"),
        UserAdded("u-2", ("prescriber",), "P. DEMO-TWO", "hash of 2", "", "made-up number"),
        UserAdded("u-3", ("nurse",), "N. DEMO-THREE", "hash of 3"),
    ]
    changes = [UserChanged("u-3", retired=True), UserChanged("u-1", pin_hash="newer hash of 1")]
    with recording(make_database(path, clock)) as recorder:
        for event in events:
            recorder.submit([draft(event, clock.now(), "")]).result()
        fill(recorder, clock, 3)
        for change in changes:
            recorder.submit([draft(change, clock.now(), "")]).result()
    return tmp_path


def test_those_who_are_there_come_with_their_newest_pin_and_their_badge(data):
    *people, told = people_beside(record_beside(data))
    assert people == [
        UserAdded("u-1", ("nurse",), "N. DEMO-ONE", "newer hash of 1", "a badge"),
        UserAdded("u-2", ("prescriber",), "P. DEMO-TWO", "hash of 2", "", "made-up number"),
    ]
    assert isinstance(told, PeopleTakenOver)
    assert (told.source, told.people) == ("clinic.sqlite3", 2)
    assert told.badges_of == SqlArchive(data / "clinic.sqlite3").database_id()


def lose(data: Path, statement: str) -> None:
    with closing(sqlite3.connect(data / "clinic.sqlite3", isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER journal_no_update").close()
        connection.execute(statement).close()


def test_where_the_beginning_is_lost_the_signed_mark_says_by_what_badges_are_kept(data):
    known = SqlArchive(data / "clinic.sqlite3").database_id()
    lose(data, "UPDATE journal SET body = '[' WHERE seq = 1")
    *people, told = people_beside(record_beside(data))
    assert isinstance(told, PeopleTakenOver)
    assert (told.badges_of, [one.badge_digest for one in people if isinstance(one, UserAdded)]) == ("", ["", ""])
    key = open_key(data)
    mark = EndMark(data / "clinic.sqlite3", known, key)
    mark.committed(SqlArchive(data / "clinic.sqlite3").registry_entries())
    mark.keep()
    *people, told = people_beside(record_beside(data))
    assert isinstance(told, PeopleTakenOver)
    assert told.badges_of == known
    assert any(isinstance(one, UserAdded) and one.badge_digest == "a badge" for one in people)


def test_a_badge_of_the_damaged_record_counts_in_the_one_beside_it_and_is_told(tmp_path):
    clock, path = ManualClock(), tmp_path / "clinic.sqlite3"
    with closing(assemble(clock, path, "test", simulated=True, chair="1", watched=False)) as station:
        sealed, badge = station.seal_pin("719350").result(5), station.badge_digest("BADGE-77")
        do(station, AddUser("1", "", "N. DEMO-ONE", ("administrator",), sealed, badge))
    with path.open("r+b") as file:
        file.write(b"\0" * 100)
    with closing(assemble(clock, record_beside(tmp_path), "test", simulated=True, chair="1", watched=False)) as station:
        proof = station.prove("BADGE-77", "719350").result(5)
        station.runtime.settle()
        assert (proof.method, proof.note) == ("badge", PEOPLE)
        assert "come from a damaged record" in station.runtime.engine.registry.doubts.sentence
        assert len(station.archive.registry_entries((DoubtfulProof,))) == 1


def test_badges_count_also_where_the_damaged_record_had_itself_taken_them_over(tmp_path):
    clock, first, second = ManualClock(), tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()

    def station_at(path: Path) -> closing[Station]:
        return closing(assemble(clock, path, "test", simulated=True, chair="1", watched=False))

    with station_at(first / "clinic.sqlite3") as station:
        sealed, badge = station.seal_pin("719350").result(5), station.badge_digest("BADGE-77")
        do(station, AddUser("1", "", "N. DEMO-ONE", ("administrator",), sealed, badge))
    ruin(first)
    with station_at(record_beside(first)):
        pass
    shutil.copy(record_beside(first), second / "clinic.sqlite3")
    ruin(second)
    with station_at(record_beside(second)) as station:
        assert station.prove("BADGE-77", "719350").result(5).method == "badge"


def ruin(folder: Path) -> None:
    with (folder / "clinic.sqlite3").open("r+b") as file:
        file.write(b"\0" * 100)


def test_they_are_found_where_the_first_page_is_destroyed(data):
    with (data / "clinic.sqlite3").open("r+b") as file:
        file.write(b"\0" * 100)
    assert len(people_beside(record_beside(data))) == 3


def test_a_record_that_stands_beside_none_takes_nobody(data, tmp_path):
    assert people_beside(data / "clinic.sqlite3") == []
    (data / "clinic.sqlite3").unlink()
    assert people_beside(record_beside(data)) == []


def test_where_nothing_can_be_read_nobody_comes(data):
    (data / "clinic.sqlite3").write_bytes(b"\0" * 8192)
    assert people_beside(record_beside(data)) == []


@pytest.mark.expects_log("nobody can be taken over from clinic.sqlite3: clinic.sqlite3 is encrypted")
def test_where_its_key_is_lost_nobody_comes_and_the_new_record_starts(tmp_path):
    path, clock = tmp_path / "clinic.sqlite3", ManualClock()
    keys.keep_in_file(tmp_path, keys.new_key())
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([draft(UserAdded("u-1", ("nurse",), "N. DEMO-ONE", "hash of 1"), clock.now(), "")]).result()
    keys.forget_keys()
    (tmp_path / keys.FILE).unlink()
    station = assemble(clock, record_beside(tmp_path), "test", simulated=False, chair="1", watched=False)
    try:
        assert not station.archive.registry_entries((UserAdded, PeopleTakenOver))
    finally:
        station.close()


def test_they_are_taken_over_in_one_commit_for_a_second_start_takes_nobody(data, monkeypatch):
    submits, submit = [], RecorderThread.submit

    def watched(self, drafts, *more, **named):
        submits.append([type(one.event) for one in drafts])
        return submit(self, drafts, *more, **named)

    monkeypatch.setattr(RecorderThread, "submit", watched)
    assemble(ManualClock(), record_beside(data), "test", simulated=False, chair="1", watched=False).close()
    assert [kinds for kinds in submits if UserAdded in kinds] == [[UserAdded, UserAdded, PeopleTakenOver]]
