"""Reading the record: sessions, names, what is open, and a plain sentence where the record is damaged."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from exomonitor.engine.ports import Archive, Recorder
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.records.queries import SqlArchive, open_archive
from exomonitor.session import events as ev
from exomonitor.session import machine_events as mv
from exomonitor.session.fold import fold
from exomonitor.session.phases import DeliverySource, Fluid
from tests.exomonitor.records.record_samples import (
    SESSION,
    ask,
    draft,
    fill,
    make_database,
    opened,
    recording,
    staff_named,
    wave_second,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "clinic.sqlite3"


def test_writer_and_archive_are_what_the_core_asks_for(path, clock):
    with recording(make_database(path, clock)) as thread:
        recorder: Recorder = thread
        archive: Archive = open_archive(path)
        assert recorder.submit([]).result() == ()
        assert archive.sessions() == []
        assert archive.open_sessions() == []


def test_a_session_is_one_line_of_the_history(path, clock):
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 2)
        now = clock.advance(60)
        running = ev.DeliveryChanged(now, Fluid.PRODUCT, 120.0, DeliverySource.PUMP, "infusing", 2.0, 1.5)
        reaction = ev.ReactionOpened("r-1", now, now, 1.0, 120.0, 1.5, "infusing", {})
        recorder.submit([draft(running, now), draft(reaction, now)]).result()
        (row,) = SqlArchive(path).sessions()
        assert (row.session, row.study_id, row.name) == (SESSION, "EX-0001", "Testperson, Ada")
        assert (row.phase, row.simulated, row.dose_billion) == ("prepare", False, "5.0")
        assert (row.delivered_ml, row.reactions) == (None, 1)  # only the live page knows how much is in by now
        ended = ev.ProductEnded(clock.advance(60), "complete", 100.0, DeliverySource.PUMP)
        recorder.submit([draft(ended, now)]).result()
    assert SqlArchive(path).sessions()[0].delivered_ml == 100.0


def test_sessions_are_found_by_id_study_id_and_as_the_last_one(path, clock):
    archive = SqlArchive(path)
    with recording(make_database(path, clock)) as recorder:
        with pytest.raises(CommandRefused, match=r"no session yet\."):
            archive.resolve("last")
        recorder.submit([opened(clock.now(), "s-1", "EX-0001"), opened(clock.advance(1), "s-2", "EX-0002")]).result()
    assert [archive.resolve(name) for name in ("s-1", "EX-0001", "EX-0002", "last")] == ["s-1", "s-1", "s-2", "s-2"]
    assert [row.session for row in archive.sessions()] == ["s-2", "s-1"]
    with pytest.raises(CommandRefused, match=r"no session EX-0003\."):
        archive.resolve("EX-0003")


def test_signed_and_abandoned_sessions_are_no_longer_open(path, clock):
    now = clock.now()
    sessions = ("s-1", "s-2", "s-3")
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([opened(now, session) for session in sessions]).result()
        recorder.submit([draft(ev.SessionAbandoned("no show"), now, "s-1")]).result()
        recorder.submit([draft(ev.SessionSigned("performed", "00", "complete", "N"), now, "s-3")]).result()
    assert SqlArchive(path).open_sessions() == ["s-2"]


def test_the_newest_entry_about_a_person_holds(path, clock):
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([staff_named(clock.now(), "Old Name"), staff_named(clock.now(), "New Name")]).result()
        recorder.submit([draft(mv.StaffNamed("staff-2", "physician", "Dr Example"), clock.now(), "")]).result()
    assert SqlArchive(path).staff() == {"staff-1": ("New Name", "nurse"), "staff-2": ("Dr Example", "physician")}


def test_the_state_folded_live_is_the_state_folded_from_the_record(path, clock):
    with recording(make_database(path, clock)) as recorder:
        live = list(recorder.submit([opened(clock.now())]).result())
        for _ in range(3):
            when = clock.advance(0.123456)
            values = {"hr": ev.ObservedValue(Decimal("72.50"), "/min", "monitor", 0.25)}
            seen = ev.ObservationRecorded("baseline", when, values, text="resting")
            live += recorder.submit([draft(seen, clock.advance(0.0004))]).result()
    assert fold(SqlArchive(path).entries(SESSION)) == fold(live)


def test_any_thread_may_read(path, clock):
    found: list[int] = []
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 3)
        archive = SqlArchive(path)
        threads = [
            threading.Thread(target=lambda: found.append(len(list(archive.readings(SESSION))))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [6, 6, 6, 6]


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_missing_private_text_is_said(path, clock):
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 1)
    change(path, "DROP TRIGGER sealed_no_delete", "DELETE FROM sealed WHERE field = 'name'")
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        SqlArchive(path).entries(SESSION)


def test_a_damaged_chunk_is_said(path, clock):
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 10)
    change(path, "DROP TRIGGER wave_chunks_no_update", "UPDATE wave_chunks SET crc32 = crc32 + 1 WHERE id = 1")
    with pytest.raises(EnvironmentFault, match="damaged"):
        list(SqlArchive(path).waves(SESSION))


@pytest.mark.expects_log("staged seconds of wave ecg_ii are damaged")
def test_damaged_staged_seconds_are_left_where_they_are(path, clock):
    with recording(make_database(path, clock)) as recorder:
        for _ in range(4):
            recorder.submit([], [], [wave_second(clock.advance(1)), wave_second(clock.now(), "pleth")]).result()
        change(path, "UPDATE wave_staging SET crc32 = 1 WHERE id = 3")
    assert ask(path, "SELECT DISTINCT wave FROM wave_staging") == [("ecg_ii",)]
    assert ask(path, "SELECT wave FROM wave_chunks") == [("pleth",)]
