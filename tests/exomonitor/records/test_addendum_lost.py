"""An addendum or a review that is gone from a signed session is told of it, and not of every session of a year."""

from __future__ import annotations

from pathlib import Path

import pytest

from exomonitor.clock import ManualClock
from exomonitor.records.database import open_database
from exomonitor.records.queries import open_archive
from exomonitor.records.writer import RecorderThread
from exomonitor.session import events as ev
from exomonitor.session.parts.corrections import AddendumAdded
from exomonitor.session.parts.handover import SessionReviewed
from exomonitor.signing import new_key
from tests.exomonitor.records.record_samples import draft, opened
from tests.exomonitor.records.tampering import recovered, tampering

DAY = 24 * 3600.0
ADDED = AddendumAdded("u", "h", "late reaction", "N", "haemolysis")
REVIEWED = SessionReviewed("u", "PRESCRIBER", "h")


def recorded(path: Path, clock: ManualClock, added: AddendumAdded | SessionReviewed, *, signs: bool) -> Path:
    """A session a month ago and one today, both signed, to which this is added."""
    key = new_key() if signs else None
    database = open_database(path, "test", False, clock, public_key=key.public if key else "")
    recorder = RecorderThread(database, key=key)
    for session in ("old", "new"):
        recorder.submit([opened(clock.now(), session, session)]).result(10)
        recorder.submit([draft(ev.SessionSigned("m", "h", "v", "N"), clock.now(), session)]).result(10)
        clock.advance(30 * DAY if session == "old" else 3600)
    recorder.submit([draft(added, clock.now(), "new")]).result(10)
    recorder.close()
    return path


def end_gone(path: Path, entries: int) -> None:
    with tampering(path) as connection:
        last = connection.execute("SELECT max(seq) FROM journal").fetchone()[0]
        connection.execute(f"DELETE FROM sealed WHERE seq > {last - entries}")
        connection.execute(f"DELETE FROM journal WHERE seq > {last - entries}")


@pytest.mark.parametrize("recovers", [False, True])
@pytest.mark.parametrize("signs", [False, True])
@pytest.mark.parametrize("added", [ADDED, REVIEWED], ids=["addendum", "review"])
def test_what_was_added_to_the_session_of_the_day_and_is_gone_may_be_lost(tmp_path, clock, added, signs, recovers):
    path = recorded(tmp_path / "clinic.sqlite3", clock, added, signs=signs)
    end_gone(path, 1 + signs)
    archive = open_archive(recovered(path, clock) if recovers else path)
    assert archive.damaged() == ["new"]
    assert archive.readable("new").damage.perhaps == 1 + signs
    assert archive.proved("new")[1].sentence.endswith("of this session may be lost.")
    assert not archive.readable("old").damage.sentence


def test_one_entry_alone_is_no_addendum_where_the_record_is_signed(tmp_path, clock):
    path = recorded(tmp_path / "clinic.sqlite3", clock, ADDED, signs=True)
    recorder = RecorderThread(open_database(path, "test", False, clock))
    recorder.submit([opened(clock.now(), "s-3", "third"), draft(ev.NoteAdded("x"), clock.now(), "s-3")]).result(10)
    recorder.close()
    end_gone(path, 1)
    assert open_archive(path).damaged() == ["s-3"]


def test_an_abandoned_session_has_nothing_added(tmp_path, clock):
    path = recorded(tmp_path / "clinic.sqlite3", clock, ADDED, signs=False)
    with tampering(path) as connection:
        connection.execute("UPDATE journal SET type = 'SessionAbandoned' WHERE type = 'SessionSigned'")
    end_gone(path, 1)
    assert open_archive(path).proved("old")[1].perhaps == 0
    assert open_archive(path).proved("new")[1].perhaps == 0


def test_a_moment_that_is_none_ends_nothing(tmp_path, clock):
    path = recorded(tmp_path / "clinic.sqlite3", clock, ADDED, signs=False)
    with tampering(path) as connection:
        connection.execute("UPDATE journal SET utc = 'never' WHERE type = 'SessionSigned' AND session = 'new'")
    end_gone(path, 1)
    assert open_archive(path).proved("new")[1].perhaps == 1
