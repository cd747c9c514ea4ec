"""One flipped bit in any text or blob of the record: it is read, or refused in a sentence of ours."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from exomonitor.clock import ManualClock
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.integrity import JOURNAL_COLUMNS
from exomonitor.records.mapping import entry_of
from exomonitor.records.queries import SqlArchive, open_archive
from exomonitor.records.recover import recover
from exomonitor.records.verify import verify_database
from exomonitor.registry.registry import load_registry
from exomonitor.session.fold import fold
from tests.exomonitor.records.record_samples import (
    SESSION,
    ask,
    fill,
    make_database,
    opened,
    reading,
    recording,
    staff_named,
    wave_second,
)

OURS = (CommandRefused, EnvironmentFault)
TABLES = ("journal", "sealed", "readings", "wave_staging", "wave_chunks", "chain_head")
PROGRAM = "ExoMonitor test"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record with something in every table: a session whose program was killed, so that waves are staged as well."""
    folder = tmp_path_factory.mktemp("whole")
    path, clock = folder / "clinic.sqlite3", ManualClock()
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([staff_named(clock.now())]).result()
        fill(recorder, clock, 21)
        recorder.submit([], [reading(clock.now())], [wave_second(clock.now())]).result()
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(folder / "killed.sqlite3")) as target:
            source.backup(target)
    with closing(sqlite3.connect(folder / "killed.sqlite3", isolation_level=None)) as target:
        target.execute("PRAGMA journal_mode = DELETE").close()
        for (name,) in target.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            target.execute(f"DROP TRIGGER {name}")
    return folder / "killed.sqlite3"


def spots(path: Path) -> Iterator[tuple[str, str, int, bytes]]:
    """(table, column, rowid, bytes) of each text and blob in the last row; of every kind of entry the body."""
    for table in TABLES:
        for (column,) in ask(path, f"SELECT name FROM pragma_table_info('{table}') WHERE type IN ('TEXT', 'BLOB')"):
            rows = f"SELECT max(rowid) FROM {table}" + (" GROUP BY type" if column == "body" else "")
            values: list[Any] = ask(path, f"SELECT rowid, CAST({column} AS BLOB) FROM {table} WHERE rowid IN ({rows})")
            yield from ((table, str(column), number, value) for number, value in values if value)


def flip(path: Path, table: str, column: str, number: int, value: bytes, at: int, bit: int) -> None:
    spoilt = bytearray(value)
    spoilt[at] ^= 1 << bit
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON").close()
        cast = "BLOB" if column in {"samples", "seconds"} else "TEXT"
        statement = f"UPDATE {table} SET {column} = CAST(? AS {cast}) WHERE rowid = ?"
        connection.execute(statement, (bytes(spoilt), number)).close()


def read_all(path: Path) -> None:
    """Everything that a start, the history and an export read; each by itself, refused in a sentence or not."""
    archive, since = SqlArchive(path), ManualClock().now()
    for look in (
        lambda: open_archive(path).database_id(),
        archive.sessions,
        archive.open_sessions,
        archive.staff,
        lambda: load_registry(archive.registry_entries()),
        lambda: archive.resolve("EX-0001"),
        lambda: fold(archive.entries(SESSION)),
        lambda: archive.journal_rows(SESSION),
        lambda: archive.sealed(SESSION),
        lambda: list(archive.readings(SESSION)),
        lambda: list(archive.waves(SESSION)),
        lambda: archive.series(SESSION, since, ("hr", "spo2")),
    ):
        with contextlib.suppress(*OURS):
            look()
    archive.left_off(SESSION)  # of a record that opens, this never refuses: a gap only becomes longer


@pytest.mark.expects_log("of the record cannot be read|of a batch that the journal does not know")
def test_each_text_and_blob_with_one_flipped_bit(whole, tmp_path):
    path = tmp_path / "flipped.sqlite3"
    tried = 0
    for table, column, number, value in spots(whole):
        at, bit = (7 * number + len(value) // 2) % len(value), (number + len(column)) % 8
        shutil.copyfile(whole, path)
        flip(path, table, column, number, value, at, bit)
        try:
            if table in {"journal", "chain_head"}:
                with contextlib.suppress(*OURS):
                    make_database(path, ManualClock())
            read_all(path)
        except Exception as cause:
            cause.add_note(f"{table}.{column} of row {number}, byte {at}, bit {bit}")
            raise
        tried += 1
    assert tried > 40


def test_every_bit_of_every_kind_of_entry(whole):
    """What a flipped bit leaves readable folds as well, or the entry is refused by its number."""
    with closing(sqlite3.connect(whole)) as connection:
        connection.row_factory = sqlite3.Row
        rows = [dict(row) for row in connection.execute("SELECT * FROM journal GROUP BY type ORDER BY seq")]
    texts = {"name": "N", "born": "", "mrn": "", "allergies": ""}
    told: list[str] = []
    for row in rows:
        for column in ("utc", "body"):
            plain = row[column].encode()
            for spot in range(len(plain) * 8):
                spoilt = bytearray(plain)
                spoilt[spot // 8] ^= 1 << spot % 8
                try:
                    entry_of({**row, column: spoilt.decode("utf-8", "replace")}, texts)
                except EnvironmentFault as why:
                    told.append(str(why))
    assert len(told) > 1000
    assert all(sentence.startswith("Entry ") and " of the record cannot be read" in sentence for sentence in told)
    assert set(JOURNAL_COLUMNS) == set(rows[0])


@pytest.mark.expects_log("Reading 43 of the record cannot be read")
def test_a_damaged_last_reading_only_makes_the_gap_longer(whole, tmp_path):
    path = tmp_path / "flipped.sqlite3"
    shutil.copyfile(whole, path)
    before = SqlArchive(whole).left_off(SESSION)["monitor"]
    flip(path, "readings", "utc", 43, str(ask(path, "SELECT utc FROM readings WHERE id = 43")[0][0]).encode(), 14, 3)
    after = SqlArchive(path).left_off(SESSION)["monitor"]
    assert after.mono_ns <= before.mono_ns
    with pytest.raises(EnvironmentFault, match="Reading 43 of the record"):
        list(SqlArchive(path).readings(SESSION))


@pytest.mark.expects_log("Staged wave")
def test_a_staged_wave_of_odd_length_stays_staged_and_the_record_goes_on(whole, tmp_path):
    path, clock = tmp_path / "flipped.sqlite3", ManualClock()
    shutil.copyfile(whole, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE wave_staging SET samples = x'01' WHERE id = (SELECT max(id) FROM wave_staging)")
    assert SqlArchive(path).left_off(SESSION)
    assert any(finding.table == "wave_staging" for finding in verify_database(path))
    assert recover(path, tmp_path / "new" / "clinic.sqlite3", PROGRAM, clock) is not None


@pytest.mark.expects_log("Entry .* of the record cannot be read|staged seconds of wave")
def test_the_recorder_goes_on_after_a_damaged_batch_entry(whole, tmp_path):
    path, clock = tmp_path / "flipped.sqlite3", ManualClock()
    shutil.copyfile(whole, path)
    seq = ask(path, "SELECT max(seq) FROM journal WHERE type = 'ReadingsStored'")[0][0]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE journal SET body = ')' || substr(body, 2) WHERE seq = ?", (seq,))
        connection.execute("UPDATE wave_staging SET utc = 'x'")
    with recording(make_database(path, clock)) as recorder:
        now = clock.advance(100)
        told = recorder.submit([opened(now, "s-2")], [reading(now, session="s-2")]).result(5)
        assert recorder.submit([], [reading(clock.advance(1), session="s-2")]).result(5)
    numbers = [number for (number,) in ask(path, "SELECT DISTINCT batch FROM readings ORDER BY batch")]
    assert len(told) == 2
    assert len(numbers) == len(set(numbers)) == 24
