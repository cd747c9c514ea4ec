"""The numbers of a session as columns: the same as reading for reading, also over a cuff, a gap and a restart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from exomonitor.records.queries import SqlArchive
from tests.exomonitor.records.record_samples import SESSION, make_database, reading, recording
from tests.exomonitor.records.tampering import FORGED, forge, spoil_page, tampering, two_sessions
from tests.exomonitor.slow_series import slow_series
from ui.presenters.past import past_vitals

NAMES = ("hr", "spo2", "nibp_sys", "rr")


def test_the_columns_are_what_the_readings_are(tmp_path, clock):
    path, began = tmp_path / "clinic.sqlite3", clock.now()
    with recording(make_database(path, clock)) as recorder:
        for number in range(30):
            now = clock.advance(1.25)
            rows = [reading(now, "hr", 70.0 + number), reading(now, "spo2", None if number % 5 else 97.0)]
            rows.append(reading(now, "temp", 36.6))
            rows.append(reading(now, "hr", 1.0, session="another"))
            if number % 7 == 0:
                rows.append(replace(reading(now, "nibp_sys", 120.0 + number), measured_at=now.plus(-3.0)))
            if number > 20:
                rows = [replace(row, at=replace(row.at, boot_id="restarted", mono_ns=5)) for row in rows]
            recorder.submit([], rows).result()
    archive = SqlArchive(path)
    found, slow = archive.series(SESSION, began, NAMES), slow_series(archive.readings(SESSION), began, NAMES)
    assert found.keys() == slow.keys() == set(NAMES)
    for name in NAMES:
        for columns, expected in zip(found[name], slow[name], strict=True):
            assert columns.dtype == np.float64
            assert np.allclose(columns, expected, rtol=0, atol=1e-9)
    assert [found[name][0].size for name in NAMES] == [30, 6, 5, 0]
    assert found["hr"][0][0] == 1.25 / 60


@pytest.mark.parametrize("batch", [999, 2], ids=["of no entry", "of another session's entry"])
def test_what_nobody_recorded_is_in_no_column(tmp_path, clock, batch):
    path = two_sessions(tmp_path / "clinic.sqlite3", clock)
    began = SqlArchive(path).entries("s-1")[0].at
    with tampering(path) as connection:
        forge(connection, batch, 5)
    archive = SqlArchive(path)
    _, values = archive.series("s-1", began, NAMES)["hr"]
    assert values.tolist() == [70.0 + number for number in range(12)]
    assert values.tolist() == [row.value for _, row in archive.readable("s-1").readings()]
    assert {value for _, _, value in past_vitals(archive, "s-1", began).lines} == {*values}


def test_a_cuff_or_a_restart_that_nobody_recorded_is_in_no_column(tmp_path, clock):
    path = two_sessions(tmp_path / "clinic.sqlite3", clock)
    began = SqlArchive(path).entries("s-1")[0].at
    with tampering(path) as connection:
        forge(connection, 999, 5)
        connection.execute("UPDATE readings SET boot_id = 'restarted' WHERE batch = 999")
    _, values = SqlArchive(path).series("s-1", began, NAMES)["hr"]
    assert FORGED not in values.tolist()


def test_readings_whose_entry_is_lost_stay_in_the_columns(tmp_path, clock):
    path = two_sessions(tmp_path / "clinic.sqlite3", clock)
    began = SqlArchive(path).entries("s-1")[0].at
    with tampering(path) as connection:
        connection.execute("DELETE FROM journal WHERE session = 's-1' AND session_seq IN (5, 6)")
    _, values = SqlArchive(path).series("s-1", began, NAMES)["hr"]
    assert values.tolist() == [70.0 + number for number in range(12)]


@pytest.mark.parametrize("where", [0.2, 0.5, 1.0])
@pytest.mark.parametrize("table", ["journal", "ix_journal_type", "uq_journal_session"])
def test_a_page_of_the_journal_that_cannot_be_read_costs_the_columns_nothing(tmp_path, clock, table, where):
    path = two_sessions(tmp_path / "clinic.sqlite3", clock, 60)
    began = SqlArchive(path).entries("s-1")[0].at
    spoil_page(path, table, where)
    _, values = SqlArchive(path).series("s-1", began, NAMES)["hr"]
    assert values.tolist() == [70.0 + number for number in range(60)]


def test_behind_a_page_of_the_journal_that_cannot_be_read_nothing_forged_is_in_a_column(tmp_path, clock):
    path = two_sessions(tmp_path / "clinic.sqlite3", clock, 60)
    began = SqlArchive(path).entries("s-1")[0].at
    with tampering(path) as connection:
        forge(connection, 2, 5)
    spoil_page(path, "journal", 0.5)
    _, values = SqlArchive(path).series("s-1", began, NAMES)["hr"]
    assert values.tolist() == [70.0 + number for number in range(60)]


@pytest.mark.expects_log("the trend begins with what is left")
@pytest.mark.parametrize("where", [0.0, 0.5, 1.0])
def test_the_past_of_a_trend_has_what_is_left_beside_a_page_of_readings_that_cannot_be_read(tmp_path, clock, where):
    path = two_sessions(tmp_path / "clinic.sqlite3", clock, 60, 5)
    archive = SqlArchive(path)
    began = archive.entries("s-1")[0].at
    with tampering(path) as connection:
        forge(connection, 999, 5)
    spoil_page(path, "readings", where)
    drawn = [value for _, _, value in past_vitals(archive, "s-1", began).lines]
    assert drawn == [row.value for _, row in archive.readable("s-1").readings()]
    assert 150 < len(drawn) < 300
    assert FORGED not in drawn
