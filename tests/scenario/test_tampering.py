"""`main.py verify` on a real run: whatever one byte or one row is changed, it says so, and says where."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest

import main
from tests.commands.program import NOT_INTACT, REFUSED, run

FILES = [
    "HOW_TO_VERIFY.txt",
    "data_dictionary.csv",
    "events.csv",
    "manifest.json",
    "manifest.sha256",
    "manifest.sig",
    "readings.csv",
    "report.pdf",
    "session.json",
    "verify_export.py",
    "vitals_wide.csv",
]
TABLES = ["journal", "sealed", "readings", "wave_chunks", "chain_head", "alembic_version"]
CHANGED = {
    "journal": "UPDATE journal SET utc = '2026-01-01T00:00:00.000Z' WHERE type = 'SessionStarted'",
    "sealed": "UPDATE sealed SET value = 'DEMO, Joan' WHERE field = 'name' AND seq ="
    " (SELECT max(seq) FROM sealed WHERE field = 'name' AND value LIKE 'DEMO, J%')",
    "readings": "UPDATE readings SET value = value + 1 WHERE id = (SELECT max(id) FROM readings WHERE name = 'spo2')",
    "wave_chunks": "UPDATE wave_chunks SET samples = zeroblob(length(samples)) WHERE id = 2",
    "chain_head": "UPDATE chain_head SET seq = seq - 1",
    "alembic_version": "UPDATE alembic_version SET version_num = 'r0000'",
}
ADDED = {
    "journal": "INSERT INTO journal SELECT seq + 1, session, session_seq + 1, utc, tz, mono_ns, boot_id, actor,"
    " station, type, body, hash, hash, hash FROM journal ORDER BY seq DESC LIMIT 1",
    "sealed": "INSERT INTO sealed VALUES (5, 'text', 'aa', 'invented')",
    "readings": "INSERT INTO readings SELECT max(id) + 1, batch, session, utc, mono_ns, boot_id, source, channel, name,"
    " value, unit, validity, origin, measured_utc FROM readings",
    "wave_chunks": "INSERT INTO wave_chunks SELECT max(id) + 1, session, source, wave, rate_hz, gain, unit, origin,"
    " seconds, samples, crc32 FROM wave_chunks",
    "alembic_version": "INSERT INTO alembic_version VALUES ('r0002')",
}


@pytest.fixture(scope="module")
def short(played):
    return played("short")


@pytest.fixture
def export(short, tmp_path):
    """A copy of the export, to spoil."""
    return shutil.copytree(short.export, tmp_path / short.export.name)


@pytest.fixture
def database(short, tmp_path):
    """A copy of the database, to spoil."""
    return shutil.copy(short.database, tmp_path / "demo.sqlite3")


def verify(path, capsys):
    """Exit code and what was printed, as `main.py verify PATH`; in this process, because it runs often."""
    code = main.main(["verify", str(path)])
    told = capsys.readouterr()
    assert told.err == ""
    return code, told.out


def spoil(database, statement):
    """Plain SQL by somebody who knows how to drop a trigger, and puts it back."""
    with closing(sqlite3.connect(database)) as connection, connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        count = connection.execute(statement).rowcount
        for _, sql in guards:
            connection.execute(sql)
    assert count == 1, statement


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("where", [0.0, 0.27, 0.5, 0.81, 1.0])
def test_one_changed_byte_of_any_exported_file_is_named(export, capsys, name, where):
    data = bytearray((export / name).read_bytes())
    data[round(where * (len(data) - 1))] ^= 0x01
    (export / name).write_bytes(data)
    code, said = verify(export, capsys)
    assert code == NOT_INTACT
    assert any(line.startswith(name) for line in said.splitlines()), said
    assert said.splitlines()[-1].startswith("Not intact: ")


def test_the_cases_cover_every_file(short):
    assert sorted(path.name for path in short.export.iterdir()) == FILES


def test_a_file_that_is_missing_or_was_added_is_named(export, capsys):
    (export / "readings.csv").unlink()
    (export / "more.csv").write_text("a\n")
    code, said = verify(export, capsys)
    assert code == NOT_INTACT
    assert "readings.csv: is missing" in said
    assert "more.csv: was not exported: it was added" in said


@pytest.mark.parametrize("table", TABLES)
def test_one_changed_row_of_any_table_is_named(database, capsys, table):
    spoil(database, CHANGED[table])
    code, said = verify(database, capsys)
    assert (code, table in said) == (NOT_INTACT, True), said


@pytest.mark.parametrize("table", TABLES)
def test_one_deleted_row_of_any_table_is_named(database, capsys, table):
    spoil(database, f"DELETE FROM {table} WHERE rowid = (SELECT max(rowid) FROM {table})")
    code, said = verify(database, capsys)
    assert (code, table in said) == (NOT_INTACT, True), said


@pytest.mark.parametrize("table", ADDED)
def test_one_added_row_in_any_table_is_named(database, capsys, table):
    spoil(database, ADDED[table])
    code, said = verify(database, capsys)
    assert (code, table in said) == (NOT_INTACT, True), said


def test_the_cases_cover_every_table_that_holds_rows_after_a_session(short):
    names = {name for (name,) in short.ask("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert names - {"wave_staging"} == set(TABLES)  # staging is empty then


def test_verify_as_a_command_names_a_changed_row_and_says_when_it_cannot_judge(database, tmp_path):
    spoil(database, CHANGED["readings"])
    said = run("verify", database)
    assert (said.code, said.err) == (NOT_INTACT, "")
    assert said.out.startswith("readings: rows ")
    assert run("verify", tmp_path / "nowhere").sentence.startswith("There is nothing at ")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA user_version = 9")
    newer = run("verify", database)
    assert newer.code == REFUSED
    assert "newer" in newer.sentence
    (tmp_path / "empty").mkdir()
    assert "holds no manifest.json" in run("verify", tmp_path / "empty").sentence
