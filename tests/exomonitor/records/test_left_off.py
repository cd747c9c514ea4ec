"""Up to when a record holds everything of each source: where the gap of a restart begins."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from exomonitor.records.queries import SqlArchive
from exomonitor.signals.vitals import Sign
from tests.exomonitor.records.record_samples import SESSION, make_database, opened, reading, recording, wave_second


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
