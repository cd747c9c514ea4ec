"""Who may sign in is read from a damaged record, in the clear or encrypted, with whatever of it is destroyed."""

from __future__ import annotations

from pathlib import Path

import pytest

from exomonitor.clock import ManualClock
from exomonitor.records.beside import record_beside
from exomonitor.records.people_kept import people_beside
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
