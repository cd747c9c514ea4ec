"""The schema: what migrations make is what the program believes it has, and the triggers survive every step."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

import exomonitor.records.migrations
from exomonitor.records.connections import memory_engine
from exomonitor.records.database import migrate
from exomonitor.records.fresh_form import make_schema
from exomonitor.records.schema import APPEND_ONLY, APPLICATION_ID, HEAD_REVISION, METADATA, SCHEMA_VERSION, TRIGGERS
from tests.exomonitor.records.record_samples import ask, fill, make_database, recording

SCRIPTS = Path(next(iter(exomonitor.records.migrations.__path__)))


def revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def test_the_steps_form_one_line_and_are_counted():
    names = revisions()
    assert names == [f"r{number:04d}" for number in range(1, SCHEMA_VERSION + 1)]
    assert names[-1] == HEAD_REVISION


def test_the_program_and_the_migrations_mean_the_same_tables():
    with memory_engine().begin() as connection:
        migrate(connection)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_tables_made_either_way_are_equal_to_the_letter():
    ours = "type IN ('table', 'index') AND sql NOT NULL AND name != 'alembic_version'"
    schema = f"SELECT name, sql FROM sqlite_master WHERE {ours}"
    with memory_engine().begin() as connection:
        migrate(connection)
        migrated = {tuple(row) for row in connection.exec_driver_sql(schema)}
    with memory_engine().begin() as connection:
        METADATA.create_all(connection)
        assert {tuple(row) for row in connection.exec_driver_sql(schema)} == migrated


def test_a_new_database_is_in_every_letter_as_the_migrations_make_it():
    def made(connection):
        rows = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master")
        marks = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("application_id", "user_version")]
        return {tuple(row) for row in rows}, marks, connection.exec_driver_sql("SELECT * FROM alembic_version").all()

    with memory_engine().begin() as stepwise, memory_engine().begin() as at_once:
        migrate(stepwise)
        make_schema(at_once)
        expected = made(stepwise)
        assert made(at_once) == expected
        assert expected[1:] == ([APPLICATION_ID, SCHEMA_VERSION], [(HEAD_REVISION,)])
        migrate(at_once)  # and a later program goes on from there
        assert made(at_once) == expected


@pytest.mark.parametrize("revision", revisions())
def test_after_each_step_every_trigger_is_there(revision):
    with memory_engine().begin() as connection:
        migrate(connection, revision)
        found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = {row.name: row.sql for row in found}
        tables = set(inspect(connection).get_table_names())
    for table in set(APPEND_ONLY) & tables:
        assert {f"{table}_no_update", f"{table}_no_delete", f"{table}_no_replace"} <= triggers.keys()
    if revision == HEAD_REVISION:
        assert triggers == TRIGGERS


def test_every_constraint_has_a_name():
    unnamed = [
        f"{table.name}: {constraint}"
        for table in METADATA.tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert unnamed == []


def test_migrating_twice_changes_nothing():
    with memory_engine().begin() as connection:
        migrate(connection)
        before = connection.exec_driver_sql("SELECT * FROM sqlite_master").all()
        migrate(connection)
        assert connection.exec_driver_sql("SELECT * FROM sqlite_master").all() == before


@pytest.mark.parametrize("table", [*APPEND_ONLY, "chain_head"])
@pytest.mark.parametrize(
    "how", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "INSERT OR REPLACE INTO {0} SELECT * FROM {0}"]
)
def test_what_was_written_is_neither_changed_nor_deleted_nor_replaced(tmp_path, clock, table, how):
    path = tmp_path / "clinic.sqlite3"
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 10)
    (first,) = ask(path, f"SELECT name FROM pragma_table_info('{table}') LIMIT 1")
    if table == "chain_head" and how.startswith("UPDATE"):
        how = "UPDATE {0} SET seq = seq - 1"
    before = ask(path, f"SELECT * FROM {table}")
    assert before
    with pytest.raises(sqlite3.IntegrityError):
        ask(path, how.format(table, first[0]))
    assert ask(path, f"SELECT * FROM {table}") == before
