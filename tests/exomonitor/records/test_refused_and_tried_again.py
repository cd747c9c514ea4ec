"""What a failing sync kept although it was refused does not stand there twice, whoever writes before the next try."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from exomonitor.clock import ManualClock
from exomonitor.records.doubt import Submit
from exomonitor.records.signed_mark import mark_beside, read_mark
from exomonitor.records.store import Store
from exomonitor.records.verify import verify_database
from exomonitor.session.entry import Entry
from exomonitor.session.events import NoteAdded
from exomonitor.signing import open_key
from tests.exomonitor.records.disk import Disk, error_of
from tests.exomonitor.records.record_samples import ask, draft, make_database, opened, reading, wave_second

pytestmark = pytest.mark.expects_log("in the record all the same")


@dataclass
class Writer:
    """A store on a disk whose sync can fail."""

    store: Store
    disk: Disk
    clock: ManualClock
    path: Path

    def note(self, text: str) -> Submit:
        return Submit((draft(NoteAdded(text), self.clock.advance(1)),))

    def rows(self) -> Submit:
        now = self.clock.advance(1)
        return Submit((draft(NoteAdded("alarm"), now),), (reading(now),), (wave_second(now),))

    def refused(self, *submits: Submit) -> None:
        self.disk.refuse = lambda _, call: error_of(call) if call.what == "sync" else 0
        with pytest.raises(SQLAlchemyError):
            self.store.save(submits)
        self.disk.refuse = None

    def saved(self, *submits: Submit) -> tuple[Entry, ...]:
        return tuple(entry for entries in self.store.save(submits) for entry in entries)

    def kinds(self) -> list[str]:
        """What stands in the journal after the opening, notes by their text."""
        texts: dict[object, object] = {row[0]: row[1] for row in ask(self.path, "SELECT seq, value FROM sealed")}
        rows = ask(self.path, "SELECT seq, type FROM journal WHERE seq > 2 AND type <> 'HeadSigned' ORDER BY seq")
        return [str(texts.get(seq, kind)) for seq, kind in rows]


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    folder, clock = tmp_path.resolve(), ManualClock()
    path = folder / "clinic.sqlite3"
    with Disk(folder) as disk:
        database = make_database(path, clock)
        store = Store(database, open_key(folder))
        store.save([Submit((opened(clock.now()),))])
        yield Writer(store, disk, clock, path)
        store.finish()
    assert verify_database(path) == []


def test_a_group_that_was_refused_and_is_there_is_claimed_one_by_one(writer: Writer):
    a, b = writer.note("A"), writer.note("B")
    writer.refused(a, b)
    first, second = writer.saved(a), writer.saved(b)
    assert [entry.event for entry in (*first, *second)] == [a.drafts[0].event, b.drafts[0].event]
    assert writer.kinds() == ["A", "B", "RefusedKept"]


def test_it_is_claimed_after_somebody_else_wrote(writer: Writer):
    a, c = writer.note("A"), writer.note("C")
    writer.refused(a)
    newer, older = writer.saved(c), writer.saved(a)
    assert older[0].seq < newer[0].seq
    assert writer.kinds() == ["A", "RefusedKept", "C"]


def test_readings_and_waves_are_claimed_as_well(writer: Writer):
    a = writer.rows()
    writer.refused(a)
    writer.saved(writer.note("C"))
    assert len(writer.saved(a)) == 3
    assert writer.kinds() == ["alarm", "ReadingsStored", "WavesStored", "RefusedKept", "C"]
    assert ask(writer.path, "SELECT count(*) FROM readings") == [(1,)]


def test_what_two_refusals_left_is_claimed_in_either_order(writer: Writer):
    a, b = writer.note("A"), writer.note("B")
    writer.refused(a)
    writer.refused(b)
    writer.saved(b)
    writer.saved(a)
    assert writer.kinds().count("A") == writer.kinds().count("B") == 1


def test_what_was_claimed_once_is_new_the_next_time(writer: Writer):
    a = writer.note("A")
    writer.refused(a)
    writer.saved(a)
    writer.saved(a)
    assert writer.kinds() == ["A", "RefusedKept", "A"]


def test_the_mark_does_not_go_back_to_what_is_claimed_late(writer: Writer):
    a, c = writer.note("A"), writer.note("C")
    writer.refused(a)
    (newer,) = writer.saved(c)
    writer.saved(a)
    writer.store.finish()
    mark = read_mark(mark_beside(writer.path))
    assert mark is not None
    assert mark.seq == newer.seq
