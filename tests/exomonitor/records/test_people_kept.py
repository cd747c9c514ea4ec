"""Who may sign in is read from a damaged record, in the clear or encrypted, with whatever of it is destroyed."""

from __future__ import annotations

from pathlib import Path

import pytest

from exomonitor.assembly import assemble
from exomonitor.clock import ManualClock
from exomonitor.records import keys
from exomonitor.records.beside import record_beside
from exomonitor.records.people_kept import people_beside
from exomonitor.records.writer import RecorderThread
from exomonitor.registry.users import UserAdded, UserChanged
from exomonitor.session.trust_events import PeopleTakenOver
from tests.exomonitor.records.record_samples import draft, fill, make_database, recording


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


def test_those_who_are_there_come_with_their_newest_pin_and_without_badge(data):
    *people, told = people_beside(record_beside(data))
    assert people == [
        UserAdded("u-1", ("nurse",), "N. DEMO-ONE", "newer hash of 1"),
        UserAdded("u-2", ("prescriber",), "P. DEMO-TWO", "hash of 2", "", "made-up number"),
    ]
    assert isinstance(told, PeopleTakenOver)
    assert (told.source, told.people) == ("clinic.sqlite3", 2)


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
