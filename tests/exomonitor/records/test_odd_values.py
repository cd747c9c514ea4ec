"""Rows that somebody changed into what no row of ours can be: verify names them, recover and readers go on."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import zlib
from contextlib import closing
from typing import Any

import pytest

from exomonitor.clock import ManualClock
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.integrity import JOURNAL_COLUMNS, row_hash
from exomonitor.records.findings import rows_text
from exomonitor.records.queries import open_archive
from exomonitor.records.recover import recover
from exomonitor.records.verify import verify_database
from exomonitor.records.verify_signatures import signed_so_far
from exomonitor.records.wave_codec import chunk_crc
from tests.exomonitor.records.record_samples import SESSION, fill, make_database, recording

FAR = 2**63
DEEP = '{"a":' * 100_000 + "1" + "}" * 100_000
SIGNED_DEEP = f"UPDATE journal SET type = 'HeadSigned', body = '{DEEP}' WHERE seq = 4"
SPOILT = {
    "an infinite reading": ("UPDATE readings SET value = 9e999 WHERE id = 4", "readings: rows "),
    "a reading below all": ("UPDATE readings SET value = -9e999 WHERE id = 4", "readings: rows "),
    "nothing as an empty text": ("UPDATE readings SET measured_utc = '' WHERE id = 4", "readings: rows "),
    "an infinite rate": ("UPDATE wave_chunks SET rate_hz = 9e999 WHERE id = 1", "wave_chunks: row 1 was changed"),
    "an infinite gain": ("UPDATE wave_chunks SET gain = 9e999 WHERE id = 1", "wave_chunks: row 1 was changed"),
    "half a character": ("""UPDATE journal SET body = '{"a":"\\ud800"}' WHERE seq = 4""", "journal: row 4 was changed"),
    "no number": ("""UPDATE journal SET body = '{"a":NaN}' WHERE seq = 4""", "journal: row 4 was changed"),
    "too large a number": ("""UPDATE journal SET body = '{"a":1e999}' WHERE seq = 4""", "journal: row 4 was changed"),
    "no end of brackets": (f"UPDATE journal SET body = '{DEEP}' WHERE seq = 4", "journal: row 4 was changed"),
    "no end in a signature": (SIGNED_DEEP, "journal: row 4"),
    "far below": (f"UPDATE journal SET seq = -{FAR} WHERE seq = 4", f"journal: row -{FAR} was added"),
    "a reading far below": (f"UPDATE readings SET id = -{FAR} WHERE id = 4", "readings: "),
    "a chunk far below": (f"UPDATE wave_chunks SET id = -{FAR} WHERE id = 1", "chain_head: row 1"),
    "chunks that are less than none": (f"UPDATE chain_head SET chunks = -{FAR}", "chain_head: row 1"),
    "an end without end": (f"UPDATE chain_head SET seq = {FAR - 1}", "chain_head: row 1 was changed"),
}  # fmt: skip
TABLES: dict[str, dict[str, Any]] = {
    "no number": {"mono_ns": float("nan")},
    "a text": {"place": "x"},
    "a list": {"batch": [1]},
    "nothing": {"batch": None},
    "half a character": {"boots": "\ud800"},
    "not even a number": {"ms": "x"},
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A database with readings and merged waves."""
    path, clock = tmp_path_factory.mktemp("whole") / "clinic.sqlite3", ManualClock()
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 24, SESSION)
    return path


@pytest.fixture
def path(whole, tmp_path):
    """A copy to spoil."""
    return shutil.copy(whole, tmp_path / "clinic.sqlite3")


def spoil(path, statement, *values):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        assert connection.execute(statement, values).rowcount == 1
        for _, sql in guards:
            connection.execute(sql)


def all_goes_on(path, clock):
    """What else looks at every row says a sentence of ours or does without; what is saved is whole."""
    saved = path.parent / "new" / "clinic.sqlite3"
    with contextlib.suppress(EnvironmentFault, CommandRefused):
        signed_so_far(path)
    recover(path, saved, "test", clock)
    assert [str(found) for found in verify_database(saved) if found.table == "database"] == []
    archive = open_archive(path)
    for row in archive.sessions():
        for read in (archive.entries, lambda of: list(archive.readings(of)), lambda of: list(archive.waves(of))):
            with contextlib.suppress(EnvironmentFault, CommandRefused):
                read(row.session)


@pytest.mark.parametrize("what", SPOILT)
def test_it_is_named_and_nothing_breaks_on_it(path, clock, what):
    statement, told = SPOILT[what]
    spoil(path, statement)
    found = [str(one) for one in verify_database(path)]
    assert any(line.startswith(told) for line in found), found
    all_goes_on(path, clock)


@pytest.mark.parametrize("what", TABLES)
def test_a_chunk_whose_checksum_was_made_to_fit_is_named(path, clock, what):
    with closing(sqlite3.connect(path)) as connection:
        seconds, samples = connection.execute("SELECT seconds, samples FROM wave_chunks WHERE id = 1").fetchone()
    table = json.loads(zlib.decompress(seconds))
    table |= {name: [value] * len(table[name]) for name, value in TABLES[what].items()}
    seconds = zlib.compress(json.dumps(table).encode())
    spoil(path, "UPDATE wave_chunks SET seconds = ?, crc32 = ? WHERE id = 1", seconds, chunk_crc(seconds, samples))
    assert any(str(one).startswith("wave_chunks: row 1 was changed") for one in verify_database(path))
    all_goes_on(path, clock)


@pytest.mark.parametrize("kind", ["ReadingsStored", "WavesStored"])
def test_a_batch_that_counts_without_end_is_named_at_once(path, clock, kind):
    """Also where its own hash was made to fit."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("SELECT * FROM journal WHERE type = ? LIMIT 1", (kind,)).fetchone())
    row["body"] = json.loads(row["body"]) | {"count": 10**15}
    digest = row_hash({name: row[name] for name in JOURNAL_COLUMNS} | {"body": row["body"]})
    body = json.dumps(row["body"], sort_keys=True, separators=(",", ":"))
    spoil(path, "UPDATE journal SET body = ?, hash = ? WHERE seq = ?", body, digest, row["seq"])
    found = [str(one) for one in verify_database(path)]
    assert any(f"journal: row {row['seq'] + 1} does not follow row {row['seq']}" in line for line in found)
    assert any("instead of 1000000000000000" in line or "lacks recorded seconds" in line for line in found)
    all_goes_on(path, clock)


def test_an_entry_that_was_put_far_beyond_the_end_is_left_out_of_what_is_saved(path, clock):
    """Its own hash fits; counting all that would be missing before it would never end."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("SELECT * FROM journal ORDER BY seq DESC LIMIT 1").fetchone())
    row |= {"seq": FAR // 2, "session_seq": row["session_seq"] + 1, "body": json.loads(row["body"])}
    row["hash"] = row_hash(row)
    row["body"] = json.dumps(row["body"], sort_keys=True, separators=(",", ":"))
    names = ", ".join(JOURNAL_COLUMNS)
    marks = ", ".join("?" * len(JOURNAL_COLUMNS))
    spoil(path, f"INSERT INTO journal ({names}) VALUES ({marks})", *(row[name] for name in JOURNAL_COLUMNS))
    assert any(f"row {FAR // 2} was added after the recorded end" in str(one) for one in verify_database(path))
    saved = path.parent / "new" / "clinic.sqlite3"
    assert recover(path, saved, "test", clock).complete
    assert verify_database(saved) == []


def test_a_trend_is_drawn_without_what_is_no_number(path):
    since = open_archive(path).entries(SESSION)[0].at
    with closing(sqlite3.connect(path)) as connection:
        statement = "SELECT id, name FROM readings WHERE value IS NOT NULL AND measured_utc IS NULL LIMIT 1"
        number, name = connection.execute(statement).fetchone()
    before = open_archive(path).series(SESSION, since, (name,))[name][1]
    spoil(path, "UPDATE readings SET value = 9e999 WHERE id = ?", number)
    after = open_archive(path).series(SESSION, since, (name,))[name][1]
    assert len(before) > 1
    assert list(after) == list(before)[1:]


def test_a_range_of_rows_may_be_longer_than_a_list_can_be():
    assert rows_text(range(-FAR, 5)) == f"rows -{FAR}-4"
    assert rows_text(range(7, 8)) == "row 7"
