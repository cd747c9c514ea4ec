"""What of one session can be read where rows or pages of it are damaged, and what is lost: counted against the
journal, in one picture of the record."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from exomonitor.engine.ports import Readable, ReadingRow
from exomonitor.engine.stored import Damage
from exomonitor.integrity import batch_fits, canonical_text, sealed_digest, stored_row_fits
from exomonitor.records.batches import out_of_order, sample_bytes, second_digest, waves_sha256
from exomonitor.records.cipher import sql_errors
from exomonitor.records.gone import Journals
from exomonitor.records.holes import Holes, holes_in
from exomonitor.records.mapping import SPOILT, DamagedRow, chunk_of, entry_of, is_seal, reading_of, staged_of
from exomonitor.records.rows import Row, rows_of
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
Looking = Callable[[], Any]


@dataclass(slots=True)
class _Found:
    """The stored readings or wave seconds of a session against the batches that its journal counts."""

    lost: int = 0
    changed: set[int] = field(default_factory=set)
    """Batches that are not as they were stored."""
    rest: dict[int, int] = field(default_factory=dict)
    """Batches that are not all there, and how much is: nothing proves that it is as it was stored."""
    strange: dict[object, int] = field(default_factory=dict)
    """Batches that the journal does not know, and how much of each is there."""
    order: list[object] = field(default_factory=list)
    """The batches as they stand, once each."""
    broken: set[object] = field(default_factory=set)
    """Those that stand in more than one place."""


@dataclass(slots=True)
class Journal:
    """The entries that are as they were written, each with its row; and the numbers of those that are not."""

    entries: list[Entry] = field(default_factory=list)
    rows: list[dict[str, object]] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)
    texts_lost: int = 0
    keeps_rows: bool = True
    missed: list[int] = field(default_factory=list)
    """The numbers of those that stand on pages which cannot be read."""
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
    def last(self) -> int:
        """The number of the last entry that is as it was written, 0 = none."""
        return self.entries[-1].seq if self.entries else 0

    @property
    def lost(self) -> int:
        """How many entries are lost: holes among those of a session, and what stood after the last of them."""
        return self.lost_with(0)

    def lost_with(self, behind: int) -> int:
        """The same where at least so many are known to have stood `behind` the last of them."""
        holes = max(self._places, default=0) - len(self._places)
        after = sum(number > self.last for number in self.unreadable)
        return max(len(self.unreadable), holes + max(after, behind))


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
    for row in rows_of(connection, JOURNAL, *where, missed=journal.missed):
        journal.take(row, texts.get(row["seq"], {}))
    return journal


def _journal_of_session(connection: Connection, session: str, *, keeps_rows: bool = True) -> Journal:
    """The same of a session, of which those on pages that cannot be read are lost as well."""
    journal = journal_of(connection, JOURNAL.c.session == session, keeps_rows=keeps_rows)
    journal.unreadable = sorted({*journal.unreadable, *journal.missed})
    return journal


def readable(connection: Connection, session: str, simulated: bool, looking: Looking) -> Readable:
    """All of a session that can be read. `looking` gives a connection of its own for each walk through the readings."""
    journal = _journal_of_session(connection, session)
    damage, last = _damage(connection, session, journal, Journals(connection))
    left_out = {*damage.added}

    def readings() -> Iterator[tuple[int, ReadingRow]]:
        with looking() as own:
            for row, reading in _good_readings(own, session, last):
                if row["batch"] not in left_out:
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
    journal = _journal_of_session(connection, session, keeps_rows=False)
    perhaps = Journals(connection).may_be_of(session)
    damage = Damage(tuple(journal.unreadable), journal.lost + perhaps, journal.texts_lost, perhaps=perhaps)
    return journal.entries, damage


def damage_of(connection: Connection, session: str, journals: Journals) -> Damage:
    """What of a session is lost; reads and proves everything that is stored of it."""
    return _damage(connection, session, _journal_of_session(connection, session), journals)[0]


def _damage(connection: Connection, session: str, journal: Journal, journals: Journals) -> tuple[Damage, int]:
    """The same with the number of its last reading at this moment."""
    last = connection.scalar(select(func.max(READINGS.c.id)).where(READINGS.c.session == session)) or 0
    readings, waves = _readings_found(connection, session, last, journal), _waves_found(connection, session, journal)
    both = readings.strange.keys() & waves.strange.keys()  # a number is of readings or of waves
    strange = readings.strange.keys() | waves.strange.keys()
    possible = journals.can_be(session, strange - both - readings.broken - waves.broken)
    moved = _moved(readings.order, journal, possible, journals)
    possible -= moved
    behind = sum(journals.before(number) >= journal.last for number in possible)
    lost = max(journal.lost_with(behind), len(possible))
    perhaps = max(0, journals.may_be_of(session) - (lost - journal.lost))
    damage = Damage(
        unreadable=tuple(journal.unreadable),
        entries=lost + perhaps,
        texts=journal.texts_lost,
        readings=readings.lost,
        wave_seconds=waves.lost,
        changed=tuple(sorted(readings.changed | waves.changed | (moved - readings.strange.keys()))),
        perhaps=perhaps,
        added=_left_out(readings, possible),
        added_waves=_left_out(waves, possible),
        unproved=tuple(sorted(possible | readings.rest.keys() | waves.rest.keys())),
        unproved_readings=_unproved(readings, possible),
        unproved_seconds=_unproved(waves, possible),
    )
    return damage, last


def _moved(order: list[object], journal: Journal, possible: set[int], journals: Journals) -> set[int]:
    """The batches that stand in another place than their numbers or entries say."""
    place = {e.event.batch: (e.seq, 0) for e in journal.entries if isinstance(e.event, ReadingsStored)}
    place |= {number: (journals.before(number), number) for number in possible}
    known = [number for number in order if isinstance(number, int) and number in place]
    return {known[at] for at in out_of_order([place[number] for number in known])}


def _left_out(found: _Found, possible: set[int]) -> tuple[int, ...]:
    return tuple(sorted({number if isinstance(number, int) else 0 for number in found.strange.keys() - possible}))


def _unproved(found: _Found, possible: set[int]) -> int:
    return sum(found.rest.values()) + sum(found.strange.get(number, 0) for number in possible)


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


def _readings_found(connection: Connection, session: str, last: int, journal: Journal) -> _Found:
    counted = {e.event.batch: e.event for e in journal.entries if isinstance(e.event, ReadingsStored)}
    found, there = _Found(), Counter[object]()
    walk = (row for row, _ in _good_readings(connection, session, last))
    for number, group in groupby(walk, lambda row: row["batch"]):
        rows = list(group)
        if number in there:
            found.broken.add(number)
        else:
            found.order.append(number)
        there[number] += len(rows)
        event = counted.get(number)
        if event is not None and len(rows) >= event.count and not batch_fits(map(dict, rows), event.sha256):
            found.changed.add(number)
    found.changed |= {number for number in counted if number in found.broken}
    for number, event in counted.items():
        _missed(found, number, event.count - there[number], there[number])
    found.strange = {number: rows_there for number, rows_there in there.items() if number not in counted}
    return found


def _missed(found: _Found, number: int, missing: int, there: int) -> None:
    """So much of a batch is not there, and so much is."""
    if missing > 0:
        found.lost += missing
        if there and number not in found.changed:
            found.rest[number] = there


def _waves_found(connection: Connection, session: str, journal: Journal) -> _Found:
    places: dict[int, dict[int, bytes]] = {}
    found = _Found()
    for placed in _good_waves(connection, session):
        digest = second_digest(placed.second, sample_bytes(placed.second.samples))
        stored = places.setdefault(placed.batch, {})
        if placed.place in stored:
            found.broken.add(placed.batch)
        stored[placed.place] = digest
    counted = {e.event.batch: e.event for e in journal.entries if isinstance(e.event, WavesStored)}
    for number, event in counted.items():
        stored = places.get(number, {})
        there = [stored[place] for place in sorted(stored) if 0 <= place < event.count]
        whole = len(there) == event.count
        if number in found.broken or len(there) < len(stored) or (whole and waves_sha256(there) != event.sha256):
            found.changed.add(number)
        _missed(found, number, event.count - len(there), len(there))
    found.strange = {number: len(stored) for number, stored in places.items() if number not in counted}
    return found


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
