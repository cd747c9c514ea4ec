"""Up to when a record holds everything of each source: where the gap of a restart begins."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event

from exomonitor.clock import ManualClock
from exomonitor.errors import RecordDamaged
from exomonitor.records.queries import SqlArchive
from exomonitor.signals.vitals import Sign
from tests.exomonitor.records.record_samples import (
    SESSION,
    ask,
    make_database,
    opened,
    reading,
    recording,
    wave_second,
)

COLUMNS = "session, utc, mono_ns, boot_id, source, channel, name, value, unit, validity, origin, measured_utc"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "clinic.sqlite3"


def test_it_is_the_last_reading_that_is_stored(path, clock):
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([opened(clock.now())], [reading(clock.advance(1)), reading(clock.advance(1))]).result()
    assert SqlArchive(path).left_off(SESSION) == {"monitor": clock.now()}
    assert SqlArchive(path).left_off("another") == {}


def test_what_a_device_has_measured_is_known_and_what_a_person_typed_or_what_had_no_value_is_not(path, clock):
    with recording(make_database(path, clock)) as recorder:
        readings = [
            replace(reading(clock.now()), name="spo2"),
            replace(reading(clock.now()), name="rr", value=None, validity="sensor_off"),
            replace(reading(clock.now()), name="temp", origin="typed"),
            replace(reading(clock.now()), name="pulse", origin="simulator"),
        ]
        recorder.submit([opened(clock.now())], readings).result()
    assert SqlArchive(path).measured(SESSION) == {Sign.SPO2, Sign.PULSE}
    assert SqlArchive(path).measured("another") == frozenset()


@pytest.mark.parametrize("seconds", [1, 30], ids=["staged", "merged"])
def test_a_wave_that_was_cut_off_before_the_last_reading_counts(path, clock, seconds):
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([opened(clock.now())]).result()
        for _ in range(seconds):
            began = clock.now()
            recorder.submit([], [reading(clock.advance(1))], [wave_second(began, "pleth", 50)]).result()
        ended = clock.now()
        recorder.submit([], [reading(clock.advance(0.6))]).result()
        assert SqlArchive(path).left_off(SESSION)["monitor"].mono_ns == ended.mono_ns


def test_a_wave_that_ended_long_before_does_not(path, clock):
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([opened(clock.now())], [], [wave_second(clock.now(), "pleth", 50)]).result()
        recorder.submit([], [reading(clock.advance(30))]).result()
    assert SqlArchive(path).left_off(SESSION)["monitor"] == clock.now()


def test_a_wave_of_which_nothing_is_stored_since_its_device_was_heard_again_was_cut_off_there(path, clock):
    """The program died again before a whole second of it had come."""
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([opened(clock.now())], [], [wave_second(clock.now(), "pleth", 50)]).result()
        recorder.submit([], [reading(clock.advance(1))]).result()
        again = {"monitor": clock.advance(30)}
        recorder.submit([], [reading(clock.advance(0.6))]).result()
        assert SqlArchive(path).left_off(SESSION, again) == again
        recorder.submit([], [reading(clock.advance(5))]).result()
        assert SqlArchive(path).left_off(SESSION, again) == {"monitor": clock.now()}


@pytest.mark.expects_log("What came before it tells where the gap begins")
def test_where_the_entries_of_all_newest_readings_are_lost_a_gap_begins_all_the_same(path, clock):
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([opened(clock.now())]).result()
        for _ in range(30):
            recorder.submit([], [reading(clock.advance(1))]).result()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER journal_no_update").close()
        connection.execute("UPDATE journal SET body = '[' WHERE type = 'ReadingsStored'").close()
    left = SqlArchive(path).left_off(SESSION)
    assert 0 <= clock.now().since(left["monitor"]) < 30


@contextmanager
def tampering(path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}").close()
        yield connection


def filled(path, clock: ManualClock, seconds: int = 30) -> None:
    """A session with one reading of the monitor in each batch, one batch a second."""
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([opened(clock.now())]).result()
        for _ in range(seconds):
            stored = recorder.submit([], [reading(clock.advance(1))])
        stored.result()


def put(connection: sqlite3.Connection, number: int, batch: int, source: str = "monitor", **other: str) -> None:
    """A reading three hours ahead that nobody recorded, like the first one."""
    changed = {"mono_ns": "mono_ns + 10800000000000", "utc": "'2026-03-02T12:00:40.000Z'", "source": repr(source)}
    columns = ", ".join((changed | other).get(name, name) for name in COLUMNS.split(", "))
    insert = f"INSERT INTO readings (id, batch, {COLUMNS}) SELECT {number}, {batch}, {columns}"
    connection.execute(f"{insert} FROM readings WHERE id = 1").close()


@pytest.mark.expects_log("What came before it tells where the gap begins")
@pytest.mark.parametrize("batch", [999, 7, 30])
def test_a_reading_that_proves_nothing_does_not_tell_it_whatever_the_number_of_its_batch(path, clock, batch):
    filled(path, clock)
    with tampering(path) as connection:
        put(connection, 100, batch)
    assert 0 <= clock.now().since(SqlArchive(path).left_off(SESSION)["monitor"]) <= 1


@pytest.mark.expects_log("What came before it tells where the gap begins")
def test_nor_does_a_value_that_was_changed(path, clock):
    filled(path, clock)
    with tampering(path) as connection:
        connection.execute("UPDATE readings SET mono_ns = mono_ns + 10800000000000 WHERE id = 30").close()
    assert clock.now().since(SqlArchive(path).left_off(SESSION)["monitor"]) == 1


@pytest.mark.expects_log("What came before it tells where the gap begins")
def test_where_more_batches_are_lost_than_are_looked_at_the_newest_that_proves_itself_tells_it(path, clock):
    filled(path, clock, 60)
    with tampering(path) as connection:
        connection.execute("DELETE FROM journal WHERE type = 'ReadingsStored' AND seq > 30").close()
    (newest,) = ask(path, "SELECT count(*) FROM journal WHERE type = 'ReadingsStored'")[0]
    assert clock.now().since(SqlArchive(path).left_off(SESSION)["monitor"]) == 60 - int(str(newest))


@pytest.mark.expects_log("What came before it tells where the gap begins")
@pytest.mark.parametrize("lost", [False, True])
def test_of_a_source_without_a_known_batch_a_gap_begins_only_where_entries_are_lost(path, clock, lost):
    filled(path, clock)
    with tampering(path) as connection:
        put(connection, 100, 999, "pump:1")
        if lost:
            connection.execute("UPDATE journal SET body = '[' WHERE seq = 20").close()
    assert set(SqlArchive(path).left_off(SESSION)) == ({"monitor", "pump:1"} if lost else {"monitor"})


@pytest.mark.expects_log("its time is none that a clock tells")
@pytest.mark.parametrize("change", [{"mono_ns": str(2**63 - 1)}, {"utc": "'9999-12-31T23:59:59.999Z'"}])
def test_a_time_that_leaves_no_room_is_none(path, clock, change):
    filled(path, clock)
    with tampering(path) as connection:
        put(connection, 100, 999, **change)
    assert SqlArchive(path).left_off(SESSION) == {"monitor": clock.now()}


def test_however_many_batches_are_strange_the_entries_are_looked_through_once(path, clock, caplog):
    filled(path, clock)
    with tampering(path) as connection:
        for number in range(200):
            put(connection, 100 + number, 1000 + number, f"pump:{number % 4}")
    archive, asked = SqlArchive(path), []
    event.listen(archive._engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    archive.left_off(SESSION)
    caplog.clear()
    assert sum("FROM journal" in statement for statement in asked) <= 4
    assert len(asked) < 40


def spoil_page(path, number: int) -> None:
    """Overwrite the page of the readings that holds the row of this number."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (utc,) = connection.execute("SELECT utc FROM readings WHERE id = ?", (number,)).fetchone()
    content = bytearray(path.read_bytes())
    for begin in range(0, len(content), size):
        page = bytes(content[begin : begin + size])
        if page[0] == 13 and utc.encode() in page and b"sensor_off" not in page and b"ReadingsStored" not in page:
            content[begin : begin + size] = b"\xff" * size
    path.write_bytes(content)


@pytest.mark.expects_log("Not all readings can be read")
@pytest.mark.parametrize("number", [20, 300, 450])
def test_a_damaged_page_in_the_middle_keeps_nobody_from_taking_the_session_up(path, clock, number):
    filled(path, clock, 600)
    spoil_page(path, number)
    with pytest.raises(RecordDamaged):
        list(SqlArchive(path).readings(SESSION))
    assert SqlArchive(path).left_off(SESSION) == {"monitor": clock.now()}
    assert SqlArchive(path).measured(SESSION) == {Sign.HR}


def test_where_the_end_itself_is_damaged_nothing_can_be_stored_behind_it_and_that_is_told(path, clock):
    filled(path, clock, 600)
    spoil_page(path, 600)
    with pytest.raises(RecordDamaged, match="damaged"):
        SqlArchive(path).left_off(SESSION)
