"""A recovery that could not know where the record ended says so of what may have stood there, and leaves room."""

from __future__ import annotations

from pathlib import Path

import pytest

from exomonitor.clock import ManualClock
from exomonitor.records.database import open_database
from exomonitor.records.queries import open_archive
from exomonitor.records.verify import verify_database
from exomonitor.session import events as ev
from exomonitor.session.entry import event_from
from exomonitor.session.machine_events import RecordRecovered
from exomonitor.session.narrative import sentence
from tests.exomonitor.records.record_samples import draft, make_database, opened, recording
from tests.exomonitor.records.tampering import FORGED, forge, recovered, tampering, two_sessions


@pytest.fixture
def path(tmp_path: Path, clock: ManualClock) -> Path:
    return two_sessions(tmp_path / "clinic.sqlite3", clock)


def recovery_in(path: Path) -> RecordRecovered:
    event = open_archive(path).entries("")[-1].event
    assert isinstance(event, RecordRecovered)
    return event


def test_a_last_entry_that_nothing_knows_any_more_may_be_lost_of_each_open_session(path, clock):
    last = open_archive(path).entries("s-2")[-1]
    with tampering(path) as connection:
        connection.execute(f"DELETE FROM sealed WHERE seq = {last.seq}")
        connection.execute(f"DELETE FROM journal WHERE seq = {last.seq}")
        connection.execute("DELETE FROM chain_head")
    again = recovered(path, clock)
    archive = open_archive(again)
    for session in ("s-1", "s-2"):
        assert archive.readable(session).damage.sentence == "DAMAGED: 1 entry of this session may be lost."
        assert archive.proved(session)[1].perhaps == 1
    assert archive.damaged() == ["s-1", "s-2"]
    assert archive.registry_kept().doubts.perhaps == 1
    assert [str(one) for one in verify_database(again)] == [f"journal: row {last.seq} is missing"]
    assert recovery_in(again) == RecordRecovered(0, 0, 0, "test", end_known=False)
    assert sentence(recovery_in(again)).endswith("0 s of waves are lost; whether more followed is not known")


def test_true_readings_of_entries_that_were_left_out_are_given_out_and_forged_ones_are_not(path, clock):
    with tampering(path) as connection:
        connection.execute("UPDATE journal SET actor = 'x' WHERE seq > (SELECT max(seq) FROM journal) - 9")
        connection.execute("DELETE FROM chain_head")
        forge(connection, 999, 5)
    again = recovered(path, clock)
    for session in ("s-1", "s-2"):
        found = open_archive(again).readable(session)
        values = [row.value for _, row in found.readings()]
        assert (len(values), values.count(FORGED), found.damage.unproved_readings) == (12, 0, 3)
    assert recovery_in(again).unknown_batches == 7
    assert any("are missing" in str(one) for one in verify_database(again))


def test_texts_that_are_left_of_lost_entries_are_in_nobodys_way(path, clock):
    with tampering(path) as connection:
        connection.execute("DELETE FROM journal WHERE seq > (SELECT max(seq) FROM journal) - 9")
        connection.execute("DELETE FROM chain_head")
        connection.execute("INSERT INTO sealed SELECT seq + 90000000, field, salt, value FROM sealed")
    again = recovered(path, clock)
    with recording(open_database(again, "test", False, clock)) as recorder:
        for number in range(20):
            recorder.submit([draft(ev.NoteAdded(f"after {number}"), clock.now(), "s-2")]).result(10)
    assert open_archive(again).entries("s-2")[-1].event == ev.NoteAdded("after 19")


def test_entries_that_stand_there_damaged_leave_as_much_room(path, clock):
    last = open_archive(path).entries("s-2")[-1].seq
    with tampering(path) as connection:
        connection.execute("DELETE FROM readings WHERE id > 20")
        connection.execute("DELETE FROM sealed WHERE seq > 20")
        connection.execute(f"UPDATE journal SET actor = 'x' WHERE seq > {last} - 9")
        connection.execute("DELETE FROM chain_head")
    again = recovered(path, clock)
    assert open_archive(again).entries("")[-1].seq == last + 1
    assert f"journal: rows {last - 8}-{last} are missing" in map(str, verify_database(again))


def test_a_recovery_that_knew_the_end_takes_the_number_behind_it(path, clock):
    again = recovered(path, clock)
    assert recovery_in(again) == RecordRecovered(0, 0, 0, "test")
    assert verify_database(again) == []
    assert open_archive(again).damaged() == []


def test_a_recovery_recorded_before_reads_as_one_that_knew_the_end():
    old = {"entries_lost": 1, "readings_lost": 0, "wave_seconds_lost": 0, "program": "1.0"}
    assert event_from("RecordRecovered", old) == RecordRecovered(1, 0, 0, "1.0", end_known=True, unknown_batches=0)


def test_a_session_that_ended_before_loses_nothing_there(tmp_path, clock):
    path = tmp_path / "ended.sqlite3"
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([opened(clock.now()), draft(ev.SessionAbandoned("no", "x"), clock.now())]).result(10)
    with tampering(path) as connection:
        connection.execute("DELETE FROM chain_head")
    assert open_archive(recovered(path, clock)).damaged() == []
