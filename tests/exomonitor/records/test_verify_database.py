"""verify: an intact database is intact, and one changed, deleted or added row in any table is found and named."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from exomonitor.clock import ManualClock
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.integrity import GENESIS, JOURNAL_COLUMNS, canonical_json, row_hash
from exomonitor.records.findings import Finding, rows_text
from exomonitor.records.queries import open_archive
from exomonitor.records.schema import METADATA
from exomonitor.records.verify import verify_database
from exomonitor.records.wave_codec import chunk_crc
from exomonitor.session.events import NoteAdded
from tests.exomonitor.records.record_samples import (
    SESSION,
    ask,
    draft,
    fill,
    make_database,
    reading,
    recording,
    staff_named,
    wave_second,
)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with rows in every table, two sessions, merged and still staged waves, as a crash would leave it."""
    clock = ManualClock()
    folder = tmp_path_factory.mktemp("original")
    path, crashed = folder / "clinic.sqlite3", folder / "crashed.sqlite3"
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([staff_named(clock.now())]).result()
        fill(recorder, clock, 42, SESSION)
        fill(recorder, clock, 21, "s-2")
        recorder.submit([draft(NoteAdded("the last word"), clock.now())]).result()
        recorder.submit([]).result()
        for end in ("", "-wal"):
            shutil.copy(path.with_name(path.name + end), crashed.with_name(crashed.name + end))
    ask(crashed, "PRAGMA wal_checkpoint(TRUNCATE)")
    return crashed


@pytest.fixture
def path(original: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copy(original, tmp_path / "clinic.sqlite3"))


@contextmanager
def tampering(path: Path) -> Iterator[sqlite3.Connection]:
    """Somebody with plain sqlite3, who takes the triggers away and puts them back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        yield connection
        for _, sql in triggers:
            connection.execute(sql)


def tamper(path: Path, statement: str) -> list[Finding]:
    with tampering(path) as connection:
        assert connection.execute(statement).rowcount == 1
    return verify_database(path)


def tables(findings: list[Finding]) -> set[str]:
    return {finding.table for finding in findings}


def copied(table: str, key: str, new_key: str) -> str:
    """A statement that adds a copy of one row under another key."""
    names = ", ".join(column.name for column in METADATA.tables[table].columns)
    return f"INSERT INTO {table} SELECT {names.replace(key, new_key, 1)} FROM {table} ORDER BY {key} DESC LIMIT 1"


ALTERED = {
    "journal": "UPDATE journal SET actor = 'staff-2' WHERE seq = 9",
    "sealed": "UPDATE sealed SET value = 'Testperson, Eve' WHERE field = 'name' AND seq = 4",
    "readings": "UPDATE readings SET value = 71.0 WHERE id = 5",
    "wave_staging": "UPDATE wave_staging SET gain = 0.002 WHERE id = (SELECT min(id) FROM wave_staging)",
    "wave_chunks": "UPDATE wave_chunks SET gain = 0.002 WHERE id = 2",
    "chain_head": f"UPDATE chain_head SET hash = '{'0' * 64}'",
    "alembic_version": "UPDATE alembic_version SET version_num = 'r9999'",
}
REMOVED = {
    "journal": "DELETE FROM journal WHERE seq = 9",
    "sealed": "DELETE FROM sealed WHERE field = 'name' AND seq = 4",
    "readings": "DELETE FROM readings WHERE id = 5",
    "wave_staging": "DELETE FROM wave_staging WHERE id = (SELECT min(id) FROM wave_staging)",
    "wave_chunks": "DELETE FROM wave_chunks WHERE id = 2",
    "chain_head": "DELETE FROM chain_head",
    "alembic_version": "DELETE FROM alembic_version",
}
ADDED = {
    "journal": copied("journal", "seq", "seq + 1").replace("session_seq", "session_seq + 1", 1),
    "sealed": "INSERT INTO sealed VALUES (4, 'nickname', '00', 'Ada')",
    "readings": copied("readings", "id", "id + 1"),
    "wave_staging": copied("wave_staging", "id", "id + 1").replace("place", "place + 2", 1),
    "wave_chunks": copied("wave_chunks", "id", "id + 1"),
    "chain_head": copied("chain_head", "id", "2"),
    "alembic_version": "INSERT INTO alembic_version VALUES ('r9999')",
}
LAST_REMOVED = {
    "journal": "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)",
    "sealed": "DELETE FROM sealed WHERE seq = (SELECT max(seq) FROM sealed)",
    "readings": "DELETE FROM readings WHERE id = (SELECT max(id) FROM readings)",
    "wave_staging": "DELETE FROM wave_staging WHERE id = (SELECT max(id) FROM wave_staging)",
    "wave_chunks": "DELETE FROM wave_chunks WHERE id = (SELECT max(id) FROM wave_chunks)",
}


def test_an_untouched_database_is_intact(original):
    assert verify_database(original) == []
    counts = {table: ask(original, f"SELECT count(*) FROM {table}")[0][0] for table in METADATA.tables}
    assert min(int(str(count)) for count in counts.values()) > 0


def test_the_cases_cover_every_table(original):
    everything = {str(name) for (name,) in ask(original, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert everything == ALTERED.keys() == REMOVED.keys() == ADDED.keys()


@pytest.mark.parametrize(("table", "statement"), ALTERED.items())
def test_one_changed_row_is_found_and_named(path, table, statement):
    findings = tamper(path, statement)
    assert tables(findings) == {table}


@pytest.mark.parametrize("salt", ["salt || lower(hex(substr(value, 1, 6)))", "upper(salt)", "salt || ' '"])
def test_the_beginning_of_a_private_text_cannot_be_hidden_in_its_salt(path, salt):
    moved = ", value = substr(value, 7)" if "hex" in salt else ""
    findings = tamper(path, f"UPDATE sealed SET salt = {salt}{moved} WHERE field = 'name' AND seq = 4")
    assert [str(one) for one in findings] == ["sealed: row 4 name was changed (its digest does not fit)"]
    assert open_archive(path).proved(SESSION)[1].texts == 1


@pytest.mark.parametrize(("table", "statement"), REMOVED.items())
def test_one_deleted_row_is_found_and_named(path, table, statement):
    assert table in tables(tamper(path, statement))


@pytest.mark.parametrize(("table", "statement"), LAST_REMOVED.items())
def test_the_last_row_of_a_table_cannot_be_cut_off_unseen(path, table, statement):
    assert table in tables(tamper(path, statement))


@pytest.mark.parametrize(("table", "statement"), ADDED.items())
def test_one_added_row_is_found_and_named(path, table, statement):
    assert table in tables(tamper(path, statement))


@pytest.mark.parametrize("table", ["journal", "sealed", "readings", "wave_staging", "wave_chunks"])
def test_no_column_can_be_changed_unseen(original, tmp_path, table):
    key = METADATA.tables[table].primary_key.columns.keys()[0]
    unseen = []
    for column in [one.name for one in METADATA.tables[table].columns]:
        path = shutil.copy(original, tmp_path / f"{column}.sqlite3")
        ((kind,),) = ask(path, f"SELECT typeof({column}) FROM {table} ORDER BY {key} DESC LIMIT 1")
        other = {"integer": f"{column} + 900", "real": f"{column} + 1", "null": "1"}.get(
            str(kind), f"CAST({column} || 'x' AS {kind})"
        )
        where = f"{key} = (SELECT max({key}) FROM {table})"
        if table == "sealed":
            where = "seq = 4 AND field = 'name'"
        if not tables(tamper(Path(path), f"UPDATE {table} SET {column} = {other} WHERE {where}")):
            unseen.append(column)
    # The number of a staged row is only its order of arrival; batch and place say where it belongs.
    assert unseen == (["id"] if table == "wave_staging" else [])


def test_the_sentences_name_row_and_reason(path):
    said = [str(finding) for finding in tamper(path, "UPDATE journal SET body = '{}' WHERE seq = 9")]
    assert said[0] == "journal: row 9 was changed (its hash does not fit)"


def rewritten(connection: sqlite3.Connection, seq: int, **changes: object) -> str:
    """Change a journal row and give it the hash that fits it."""
    connection.row_factory = sqlite3.Row
    row = dict(connection.execute("SELECT * FROM journal WHERE seq = ?", (seq,)).fetchone()) | changes
    row["hash"] = row_hash({name: row[name] for name in JOURNAL_COLUMNS} | {"body": json.loads(str(row["body"]))})
    for name in ("hash", *changes):
        connection.execute(f"UPDATE journal SET {name} = ? WHERE seq = ?", (row[name], seq))
    return str(row["hash"])


def test_a_row_whose_hash_was_made_to_fit_breaks_the_chain_behind_it(path):
    with tampering(path) as connection:
        rewritten(connection, 9, actor="staff-2")
    found = verify_database(path)
    assert [finding for finding in found if finding.where == "row 10"]
    assert tables(found) == {"journal"}


def test_a_last_row_whose_hash_was_made_to_fit_is_not_the_recorded_end(path):
    with tampering(path) as connection:
        (last,) = connection.execute("SELECT max(seq) FROM journal").fetchone()
        rewritten(connection, last, actor="staff-2")
    assert verify_database(path) != []


def test_the_same_body_in_other_words_is_a_change(path):
    ((body,),) = ask(path, "SELECT body FROM journal WHERE seq = 9")
    with tampering(path) as connection:
        connection.execute("UPDATE journal SET body = ? WHERE seq = 9", (json.dumps(json.loads(str(body)), indent=1),))
    assert tables(verify_database(path)) == {"journal"}


def test_samples_with_a_checksum_made_to_fit_do_not_fit_their_batch(path):
    with tampering(path) as connection:
        seconds, samples = connection.execute("SELECT seconds, samples FROM wave_chunks WHERE id = 1").fetchone()
        (other,) = connection.execute("SELECT samples FROM wave_chunks WHERE id = 3").fetchone()
        assert other != samples
        values = (other, chunk_crc(seconds, other))
        connection.execute("UPDATE wave_chunks SET samples = ?, crc32 = ? WHERE id = 1", values)
    assert tables(verify_database(path)) == {"wave_chunks"}


def test_readings_moved_to_another_session_are_found(path):
    with tampering(path) as connection:
        connection.execute("UPDATE readings SET session = 's-2' WHERE session = ?", (SESSION,))
    assert tables(verify_database(path)) == {"readings"}


def test_two_readings_that_changed_places_are_found(path):
    with tampering(path) as connection:
        for old, new in ((5, -1), (6, 5), (-1, 6)):
            connection.execute("UPDATE readings SET id = ? WHERE id = ?", (new, old))
    assert tables(verify_database(path)) == {"readings"}


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("DROP TRIGGER journal_no_delete", "trigger journal_no_delete"),
        ("DROP INDEX ix_readings_session", "index ix_readings_session"),
        ("CREATE TABLE extra (a TEXT)", "table extra"),
        ("CREATE VIEW seen AS SELECT * FROM journal", "view seen"),
        ("PRAGMA user_version = 0", "user_version"),
    ],
)
def test_a_schema_that_is_not_the_records_own_is_found(path, statement, where):
    ask(path, statement)
    assert [finding.where for finding in verify_database(path)] == [where]


@pytest.mark.parametrize("name", ["sqlitexdrops", "sqlite_drops"])
def test_a_trigger_that_drops_entries_is_found_under_the_name_of_sqlite_too(path, name):
    made = (
        f"CREATE TRIGGER {name} BEFORE INSERT ON journal WHEN NEW.type = 'AlarmChanged' BEGIN SELECT RAISE(IGNORE); END"
    )
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("INSERT INTO sqlite_master VALUES ('trigger', ?, 'journal', 0, ?)", (name, made))
    found = [str(finding) for finding in verify_database(path)]
    assert found == [f"journal: trigger {name} does not belong to the record"]


def test_a_finding_moves_no_cursor(path):
    with tampering(path) as connection:
        connection.execute("INSERT INTO sealed VALUES (3, ?, 'aa', 'invented')", ("\r\x1b[2KIntact.",))
    (found,) = verify_database(path)
    assert str(found) == r"sealed: row 3 \r\x1b[2KIntact. was added or changed (no journal row refers to it)"


def test_what_sqlite_notes_for_its_searches_is_no_finding(path):
    ask(path, "ANALYZE")
    assert verify_database(path) == []


def test_a_trigger_that_lets_everything_pass_is_found(path):
    ask(path, "DROP TRIGGER journal_no_delete")
    ask(path, "CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT 1; END")
    assert [str(finding) for finding in verify_database(path)] == ["journal: trigger journal_no_delete was changed"]


def test_chunks_that_chain_head_does_not_count_are_found(path):
    assert tables(tamper(path, "UPDATE chain_head SET chunks = chunks + 1")) == {"chain_head"}
    assert tables(tamper(path, "UPDATE chain_head SET chunks = chunks - 2")) == {"chain_head"}


def test_a_page_of_garbage_is_not_intact(path):
    content = bytearray(path.read_bytes())
    content[3 * 4096 : 4 * 4096] = b"\xa5" * 4096
    path.write_bytes(content)
    assert verify_database(path) != []


def test_a_database_in_use_is_verified_with_its_log_and_without_a_trace(tmp_path):
    clock = ManualClock()
    path = tmp_path / "data" / "clinic.sqlite3"
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 12)
        assert verify_database(path) == []
        now = clock.advance(1)
        recorder.submit([], [reading(now)], [wave_second(now)]).result()
        assert verify_database(path) == []
    assert verify_database(path) == []
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_crashed_copy_is_verified_with_its_log(tmp_path):
    clock = ManualClock()
    path, copy = tmp_path / "clinic.sqlite3", tmp_path / "copy" / "clinic.sqlite3"
    copy.parent.mkdir()
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 3)
        for end in ("", "-wal"):
            shutil.copy(path.with_name(path.name + end), copy.with_name(copy.name + end))
    assert ask(copy.with_name(copy.name), "SELECT 1") == [(1,)]
    before = sorted(file.name for file in copy.parent.iterdir())
    assert verify_database(copy) == []
    assert sorted(file.name for file in copy.parent.iterdir()) == before


def test_what_cannot_be_judged_is_said_and_not_called_damaged(path, tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_text("no database")
    for unusable in (letter, tmp_path / "nothing.sqlite3", tmp_path):
        with pytest.raises(EnvironmentFault):
            verify_database(unusable)
    ask(path, "PRAGMA user_version = 99")
    with pytest.raises(CommandRefused):
        verify_database(path)


def test_row_numbers_are_told_shortly():
    assert [rows_text(numbers) for numbers in ([4], range(4, 7), [1, 3], [*range(1, 30), 90])] == [
        "row 4", "rows 4-6", "rows 1, 3", "rows 1, 2, 3 ... 90",
    ]  # fmt: skip


def test_the_hash_of_a_row_is_computable_from_what_stands_in_it(original):
    with closing(sqlite3.connect(original)) as connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("SELECT * FROM journal WHERE seq = 1").fetchone())
    assert row["prev_in_database"] == row["prev_in_session"] == GENESIS
    assert canonical_json(json.loads(row["body"])).decode() == row["body"]
    assert row_hash(row | {"body": json.loads(row["body"])}) == row["hash"]
