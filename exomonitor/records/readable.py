"""What of one session can be read where rows or pages of it are damaged, and what is lost: counted against the
journal, in one picture of the record."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Table, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from exomonitor.engine.ports import Readable, ReadingRow
from exomonitor.engine.stored import Damage
from exomonitor.integrity import batch_fits, canonical_text, sealed_digest, stored_row_fits
from exomonitor.records.batches import out_of_order, sample_bytes, second_digest, waves_sha256
from exomonitor.records.cipher import sql_errors
from exomonitor.records.holes import Holes, holes_in
from exomonitor.records.mapping import SPOILT, DamagedRow, chunk_of, entry_of, is_seal, reading_of, staged_of
from exomonitor.records.schema import JOURNAL, READINGS, SEALED, WAVE_CHUNKS, WAVE_STAGING
from exomonitor.records.wave_codec import Placed
from exomonitor.registry.doubts import lists_lost
from exomonitor.registry.registry import WATCHED
from exomonitor.session.entry import EVENTS, Entry
from exomonitor.session.machine_events import ReadingsStored, WavesStored

_KINDS = """
WITH RECURSIVE kind(name) AS (
  SELECT min(type) FROM journal
  UNION ALL SELECT (SELECT min(type) FROM journal WHERE type > name) FROM kind WHERE name IS NOT NULL
) SELECT name FROM kind WHERE name IS NOT NULL
"""
"""Every type that occurs: one look into the index for each, however many entries there are."""

LOST = "[text lost]"
"""Stands for a private text that is gone or not as it was sealed."""
_BLOCK = 2000
_ALL = select(func.count()).select_from(JOURNAL)
Row = RowMapping
Looking = Callable[[], Any]
_Lost = tuple[int, set[int], frozenset[object]]
"""How many are lost of those that the journal counts, the batches that are not as they were, and the added ones."""


def rows_of(connection: Connection, table: Table, *where: ColumnElement[bool]) -> Iterator[Row]:
    """The rows of a table by their number; those that SQLite cannot read any more are passed over."""
    (key,) = table.primary_key.columns
    numbers = connection.scalars(select(key).where(*where).order_by(key)).all()
    for at in range(0, len(numbers), _BLOCK):
        block = numbers[at : at + _BLOCK]
        try:
            yield from (
                connection.execute(select(table).where(*where, key.between(block[0], block[-1])).order_by(key))
                .mappings()
                .all()
            )
        except sql_errors(SQLAlchemyError):
            yield from _one_by_one(connection, table, key, block)


def _one_by_one(connection: Connection, table: Table, key: ColumnElement[int], block: Iterable[int]) -> Iterator[Row]:
    for number in block:
        with suppress(*sql_errors(SQLAlchemyError)):
            yield from connection.execute(select(table).where(key == number)).mappings().all()


@dataclass(slots=True)
class Journal:
    """The entries that are as they were written, each with its row; and the numbers of those that are not."""

    entries: list[Entry] = field(default_factory=list)
    rows: list[dict[str, object]] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)
    texts_lost: int = 0
    keeps_rows: bool = True
    _places: set[int] = field(default_factory=set)

    def take(self, row: Row, texts: Mapping[str, Row]) -> None:
        """One more row, with its private texts by field."""
        stored = dict(row)  # looking into a row by name is slow
        try:
            body = json.loads(stored["body"])
            if not stored_row_fits(stored) or canonical_text(body) != stored["body"]:
                raise ValueError("its hash does not fit")
            clear = {name: _clear(texts.get(name), seal["sha256"]) for name, seal in body.items() if is_seal(seal)}
            entry = entry_of(stored, clear, body)
        except (*SPOILT, DamagedRow):
            self.unreadable.append(stored["seq"])
            return
        self.texts_lost += sum(text is LOST for text in clear.values())
        self._places.add(entry.session_seq)
        self.entries.append(entry)
        if self.keeps_rows:
            self.rows.append(stored | {"body": body})

    @property
    def lost(self) -> int:
        """How many entries are lost: holes among those of a session, and what stood after the last of them."""
        holes = max(self._places, default=0) - len(self._places)
        last = self.entries[-1].seq if self.entries else 0
        return max(len(self.unreadable), holes + sum(number > last for number in self.unreadable))


def _clear(sealed: Row | None, digest: str) -> str:
    with suppress(*SPOILT):
        if sealed is not None and sealed_digest(sealed["salt"], sealed["value"]) == digest:
            return str(sealed["value"])
    return LOST


def journal_of(connection: Connection, *where: ColumnElement[bool], keeps_rows: bool = True) -> Journal:
    """What of these journal rows is as it was written."""
    texts: dict[int, dict[str, Row]] = {}
    sealed = select(SEALED).where(SEALED.c.seq.in_(select(JOURNAL.c.seq).where(*where)))
    with suppress(*sql_errors(SQLAlchemyError)):
        for text in connection.execute(sealed).mappings():
            texts.setdefault(text["seq"], {})[text["field"]] = text
    journal = Journal(keeps_rows=keeps_rows)
    for row in rows_of(connection, JOURNAL, *where):
        journal.take(row, texts.get(row["seq"], {}))
    return journal


def readable(connection: Connection, session: str, simulated: bool, looking: Looking) -> Readable:
    """All of a session that can be read. `looking` gives a connection of its own for each walk through the readings."""
    journal = journal_of(connection, JOURNAL.c.session == session)
    damage, last, added = _damage(connection, session, journal)

    def readings() -> Iterator[tuple[int, ReadingRow]]:
        with looking() as own:
            for row, reading in _good_readings(own, session, last):
                if row["batch"] not in added:
                    yield row["batch"], reading

    known = journal_of(connection, JOURNAL.c.type.in_([event.__name__ for event in WATCHED]))
    return Readable(
        session=session,
        entries=tuple(journal.entries),
        rows=tuple(journal.rows),
        sealed=tuple(_sealed(connection, journal)),
        registry=tuple(known.entries),
        simulated=simulated,
        readings=readings,
        damage=damage,
        lists_lost=_lists_lost(connection, known, damage),
    )


def _lists_lost(connection: Connection, known: Journal, damage: Damage) -> str:
    """What of the clinic's lists is lost: what stands there unreadable but for the session's own, told there,
    and what is gone: deleted, or left out of a record that was recovered."""
    lost = {*known.unreadable, *of_no_kind(connection).unreadable}
    try:
        holes = holes_in(connection)
    except sql_errors(SQLAlchemyError):
        holes = Holes(1)
    return lists_lost(sorted(lost.difference(damage.unreadable)), holes.besides(lost), holes.perhaps)


def of_no_kind(connection: Connection) -> Journal:
    """The clinic's entries of a type that nobody knows: what one was whose type is damaged."""
    try:
        strange = [name for name in connection.exec_driver_sql(_KINDS).scalars().all() if name not in EVENTS]
    except sql_errors(SQLAlchemyError):
        return Journal()  # its pages cannot be read: what stood there is missed
    return journal_of(connection, JOURNAL.c.type.in_(strange), JOURNAL.c.session == "") if strange else Journal()


def proved(connection: Connection, session: str) -> tuple[list[Entry], Damage]:
    """The entries of a session that are as they were written, and what is lost of them and of their private texts."""
    journal = journal_of(connection, JOURNAL.c.session == session, keeps_rows=False)
    return journal.entries, Damage(tuple(journal.unreadable), journal.lost, journal.texts_lost)


def damage_of(connection: Connection, session: str) -> Damage:
    """What of a session is lost; reads and proves everything that is stored of it."""
    return _damage(connection, session, journal_of(connection, JOURNAL.c.session == session))[0]


def _damage(connection: Connection, session: str, journal: Journal) -> tuple[Damage, int, frozenset[object]]:
    """The same with the number of its last reading at this moment, and the batches of readings that nobody recorded."""
    last = connection.scalar(select(func.max(READINGS.c.id)).where(READINGS.c.session == session)) or 0
    gone = _gone(connection) + len(journal.unreadable)
    lost, changed, added = _readings_lost(connection, session, last, journal, gone)
    seconds_lost, changed_waves, added_waves = _waves_lost(connection, session, journal, gone)
    strange = {number if isinstance(number, int) else 0 for number in added | added_waves}
    damage = Damage(
        unreadable=tuple(journal.unreadable),
        entries=journal.lost,
        texts=journal.texts_lost,
        readings=lost,
        wave_seconds=seconds_lost,
        changed=tuple(sorted(changed | changed_waves | strange)),
    )
    return damage, last, added


def _gone(connection: Connection) -> int:
    """How many numbers of the whole journal have no entry: a recovery leaves out what is lost, of whichever session."""
    try:
        last, there = connection.scalar(select(func.max(JOURNAL.c.seq))), connection.scalar(_ALL)
    except sql_errors(SQLAlchemyError):
        return sys.maxsize  # nobody knows: nothing is called an added one
    return max(0, (last or 0) - (there or 0))


def _sealed(connection: Connection, journal: Journal) -> Iterator[dict[str, object]]:
    """The private texts that fit the entries which are kept, as Archive.sealed gives them."""
    for row in journal.rows:
        body: Any = row["body"]
        if not any(map(is_seal, body.values())):
            continue
        with suppress(*sql_errors(SQLAlchemyError)):
            found = select(SEALED).where(SEALED.c.seq == row["seq"]).order_by(SEALED.c.field)
            for text in connection.execute(found).mappings():
                seal = body.get(text["field"])
                if is_seal(seal) and _clear(text, seal["sha256"]) is not LOST:
                    yield {**text, "digest": seal["sha256"]}


def _good_readings(connection: Connection, session: str, last: int) -> Iterator[tuple[Row, ReadingRow]]:
    """(its row, the reading) of each up to the number `last` that can be read."""
    for row in rows_of(connection, READINGS, READINGS.c.session == session, READINGS.c.id <= last):
        try:
            reading = reading_of(row)
        except DamagedRow:
            continue
        yield row, reading


def _readings_lost(connection: Connection, session: str, last: int, journal: Journal, gone: int) -> _Lost:
    """How many readings are lost of those that the journal counts, and the batches that are not as they were stored."""
    counted = {e.event.batch: (e.seq, e.event) for e in journal.entries if isinstance(e.event, ReadingsStored)}
    there: Counter[object] = Counter()
    order: list[int] = []
    changed: set[int] = set()
    walk = (row for row, _ in _good_readings(connection, session, last))
    for number, group in groupby(walk, lambda row: row["batch"]):
        rows = list(group)
        repeated = number in there
        there[number] += len(rows)
        if number not in counted:
            continue
        order.append(number)
        event = counted[number][1]
        if repeated or (len(rows) >= event.count and not batch_fits(map(dict, rows), event.sha256)):
            changed.add(number)
    changed |= {order[place] for place in out_of_order([counted[number][0] for number in order])}
    lost = sum(max(0, event.count - there[number]) for number, (_, event) in counted.items())
    return lost, changed, _added(there.keys() - counted.keys(), max(journal.lost, gone))


def _added(strange: Set[object], lost: int) -> frozenset[object]:
    """The batches that nobody recorded: those that the journal does not know, if there are more of them than entries
    are `lost` that may have been theirs."""
    return frozenset(strange) if len(strange) > lost else frozenset()


def _waves_lost(connection: Connection, session: str, journal: Journal, gone: int) -> _Lost:
    """How many wave seconds are lost of those that the journal counts, and the batches that are not as they were."""
    found: dict[int, dict[int, bytes]] = {}
    for placed in _good_waves(connection, session):
        digest = second_digest(placed.second, sample_bytes(placed.second.samples))
        found.setdefault(placed.batch, {})[placed.place] = digest
    lost, changed = 0, set()
    counted = {e.event.batch: e.event for e in journal.entries if isinstance(e.event, WavesStored)}
    for event in counted.values():
        places = found.get(event.batch, {})
        there = [places[place] for place in sorted(places) if 0 <= place < event.count]
        if len(there) < event.count:
            lost += event.count - len(there)
        elif waves_sha256(there) != event.sha256:
            changed.add(event.batch)
        if len(there) < len(places):
            changed.add(event.batch)
    return lost, changed, _added(found.keys() - counted.keys(), max(journal.lost, gone))


def _good_waves(connection: Connection, session: str) -> Iterator[Placed]:
    found: list[Placed] = []
    for row in rows_of(connection, WAVE_STAGING, WAVE_STAGING.c.session == session):
        with suppress(DamagedRow, *SPOILT):
            found.append(staged_of(row))
    yield from found
    for row in rows_of(connection, WAVE_CHUNKS, WAVE_CHUNKS.c.session == session):
        found = []
        with suppress(DamagedRow, *SPOILT):
            found = chunk_of(row)
        yield from found
