"""Makes the tables of a new database in the newest form at once, as the migrations would have made them."""

from __future__ import annotations

from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, String, Table, insert
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateIndex, CreateTable

from exomonitor.records.schema import APPLICATION_ID, HEAD_REVISION, METADATA, SCHEMA_VERSION, TRIGGERS

_REVISIONS = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Where Alembic keeps which step was the last."""


def make_schema(connection: Connection) -> None:
    """Make all tables, indexes, triggers and marks in an empty database, inside the caller's transaction.

    Alembic itself costs more to import than all this: it is needed for an older database alone.
    """
    for table in (_REVISIONS, *METADATA.sorted_tables):
        connection.execute(CreateTable(table))
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            connection.execute(CreateIndex(index))
    for trigger in TRIGGERS.values():
        connection.exec_driver_sql(trigger)
    connection.execute(insert(_REVISIONS), [{"version_num": HEAD_REVISION}])
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
