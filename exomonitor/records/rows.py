"""The rows of a table, also of one of which SQLite cannot read every page any more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, RowMapping, Table, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from exomonitor.records.cipher import sql_errors

Row = RowMapping
_BLOCK = 2000


def rows_of(
    connection: Connection, table: Table, *where: ColumnElement[bool], missed: list[int] | None = None
) -> Iterator[Row]:
    """The rows of a table by their number; those that SQLite cannot read any more are passed over, and `missed`."""
    (key,) = table.primary_key.columns
    numbers = connection.scalars(select(key).where(*where).order_by(key)).all()
    return rows_at(connection, table, numbers, *where, missed=missed)


def rows_at(
    connection: Connection,
    table: Table,
    numbers: Iterable[int],
    *where: ColumnElement[bool],
    missed: list[int] | None = None,
) -> Iterator[Row]:
    """The same of rows that have these rising numbers."""
    (key,) = table.primary_key.columns
    wanted = list(numbers)
    for at in range(0, len(wanted), _BLOCK):
        block = wanted[at : at + _BLOCK]
        try:
            yield from (
                connection.execute(select(table).where(*where, key.between(block[0], block[-1])).order_by(key))
                .mappings()
                .all()
            )
        except sql_errors(SQLAlchemyError):
            yield from _one_by_one(connection, table, key, block, [] if missed is None else missed)


def _one_by_one(
    connection: Connection, table: Table, key: ColumnElement[int], block: Iterable[int], missed: list[int]
) -> Iterator[Row]:
    for number in block:
        try:
            yield from connection.execute(select(table).where(key == number)).mappings().all()
        except sql_errors(SQLAlchemyError):
            missed.append(number)
