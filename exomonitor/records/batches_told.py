"""Which batches of readings a session's journal tells of, and which of them stand as they were stored."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

from sqlalchemy import RowMapping, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from exomonitor.integrity import batch_fits, canonical_text, stored_row_fits
from exomonitor.records.batch_numbers import BATCH_TYPES
from exomonitor.records.cipher import sql_errors
from exomonitor.records.mapping import SPOILT
from exomonitor.records.rows import rows_of
from exomonitor.records.schema import CHAIN_HEAD, JOURNAL, READINGS

_BATCH = re.compile(r'\{"batch":(\d{1,19}),')
_TOLD = (JOURNAL.c.seq, JOURNAL.c.type, func.substr(JOURNAL.c.body, 1, 40).label("body"))


class BatchesTold:
    """Looks through the numbers once, and proves a batch when it is asked about."""

    def __init__(self, connection: Connection, session: str) -> None:
        self._connection = connection
        self._session = session
        self._entries: dict[int, list[int]] = {}
        self._damaged = False
        for seq, kind, body in self._rows():
            if begins := _BATCH.match(body):
                self._entries.setdefault(int(begins[1]), []).append(seq)
            elif kind in BATCH_TYPES:
                self._damaged = True

    def __contains__(self, batch: object) -> bool:
        """Whether an entry tells of this batch, proved or not."""
        return batch in self._entries

    def may_be(self, batch: int) -> bool:
        """Whether it can be one of the session's: an entry tells of it, or one that did may be lost."""
        return batch in self or self._lacks

    def proves(self, row: RowMapping) -> bool:
        """Whether a stored reading, and those that stand with it, are the batch that an entry tells of."""
        with suppress(*sql_errors(SQLAlchemyError)):
            rows = self._standing_with(row)
            if all(one["session"] == self._session for one in rows):
                return any(self._fits(seq, rows) for seq in self._entries.get(row["batch"], ()))
        return False

    def _standing_with(self, row: RowMapping) -> list[dict[str, Any]]:
        number, other = READINGS.c.id, select(READINGS.c.id).where(READINGS.c.batch != row["batch"]).limit(1)
        before = self._connection.scalar(other.where(number < row["id"]).order_by(number.desc()))
        behind = self._connection.scalar(other.where(number > row["id"]).order_by(number))
        here = [] if before is None else [number > before]
        here += [] if behind is None else [number < behind]
        found = self._connection.execute(select(READINGS).where(*here).order_by(number)).mappings()
        return [dict(one) for one in found]

    def _fits(self, seq: int, rows: list[dict[str, Any]]) -> bool:
        entry = dict(self._connection.execute(select(JOURNAL).where(JOURNAL.c.seq == seq)).mappings().one())
        with suppress(*SPOILT):
            body = json.loads(entry["body"])
            if stored_row_fits(entry) and canonical_text(body) == entry["body"]:
                return bool(body["count"] == len(rows) and batch_fits(rows, body["sha256"]))
        return False

    def _rows(self) -> Iterable[Sequence[Any]]:
        here = JOURNAL.c.session == self._session
        try:
            return self._connection.execute(select(*_TOLD).where(here)).all()
        except sql_errors(SQLAlchemyError):
            self._damaged = True
            return [(row["seq"], row["type"], row["body"]) for row in rows_of(self._connection, JOURNAL, here)]

    @cached_property
    def _lacks(self) -> bool:
        """Whether an entry of the session that told of a batch may be lost."""
        if self._damaged:
            return True
        with suppress(*sql_errors(SQLAlchemyError)):
            there = self._connection.scalar(select(func.count()).select_from(JOURNAL))
            return there != self._connection.scalar(select(CHAIN_HEAD.c.seq))
        return True
