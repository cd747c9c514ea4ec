"""The entries of the clinic's lists (people, patients, lots ...) as far as they can be read, and which are lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from exomonitor.records.cipher import sql_errors
from exomonitor.records.holes import holes_in
from exomonitor.records.mapping import DamagedRow, entry_of
from exomonitor.records.readable import LOST, Journal, journal_of, of_no_kind
from exomonitor.records.schema import JOURNAL, SEALED
from exomonitor.registry.doubts import Doubts
from exomonitor.registry.users import UserAdded, UserChanged
from exomonitor.session.entry import Entry, Event
from exomonitor.session.trust_events import PeopleTakenOver

_PEOPLE = (UserAdded, UserChanged)


@dataclass(frozen=True, slots=True)
class Kept:
    """The entries that can be read, in order, and what of them cannot."""

    entries: tuple[Entry, ...]
    doubts: Doubts


def whole_or_kept(connection: Connection, kinds: Iterable[type[Event]]) -> tuple[list[Entry], list[int]]:
    """The entries of some `kinds`, whatever session they belong to, and the numbers of those that cannot be read."""
    of_them = JOURNAL.c.type.in_([event.__name__ for event in kinds])
    try:
        return _whole(connection, of_them), []
    except sql_errors(DamagedRow, SQLAlchemyError):
        journal = journal_of(connection, of_them)
        return [_without_lost(entry) for entry in journal.entries], journal.unreadable


def registry_kept(connection: Connection, kinds: Iterable[type[Event]]) -> Kept:
    """The same with what is to be doubted. Entries about people are proved one by one, for people sign in by them; the
    others when the record is verified as a whole."""
    entries, unreadable = whole_or_kept(connection, kinds)
    people = journal_of(connection, JOURNAL.c.type.in_([event.__name__ for event in _PEOPLE]))
    good = {entry.seq: _without_lost(entry) for entry in people.entries}
    kept = [good.get(e.seq, e) for e in entries if e.seq in good or not isinstance(e.event, _PEOPLE)]
    strange = of_no_kind(connection).unreadable
    holes = holes_in(connection)
    about_people = {*people.unreadable, *strange, *_spoilt(people), *holes.up_to}
    lost = {*unreadable, *people.unreadable, *strange, *_spoilt(people)}
    came = connection.scalar(select(func.max(JOURNAL.c.seq)).where(JOURNAL.c.type == PeopleTakenOver.__name__)) or 0
    certain = max(came, *about_people, 0)
    doubts = Doubts(
        unreadable=tuple(sorted(lost)),
        missing=holes.besides(lost),
        perhaps=holes.perhaps,
        people=max(certain, holes.perhaps_up_to),
        people_certain=certain,
        taken_over=came > 0,
    )
    return Kept(tuple(kept), doubts)


def _whole(connection: Connection, of_them: ColumnElement[bool]) -> list[Entry]:
    sealed = select(SEALED.c.seq, SEALED.c.field, SEALED.c.value).join(JOURNAL, JOURNAL.c.seq == SEALED.c.seq)
    texts: dict[int, dict[str, str]] = {}
    for seq, field, value in connection.execute(sealed.where(of_them)).all():
        texts.setdefault(seq, {})[field] = value
    rows = connection.execute(select(JOURNAL).where(of_them).order_by(JOURNAL.c.seq)).mappings().all()
    return [entry_of(row, texts.get(row["seq"], {})) for row in rows]


def _spoilt(journal: Journal) -> set[int]:
    """The entries of which a private text is lost."""
    return {entry.seq for entry in journal.entries if _lost_fields(entry.event)}


def _without_lost(entry: Entry) -> Entry:
    """What a person proves to be by is no text that says it is lost: without it nobody signs in."""
    if not isinstance(entry.event, _PEOPLE) or not (names := _lost_fields(entry.event)):
        return entry
    empty: dict[str, Any] = {name: "" for name in names if name != "name"}
    return replace(entry, event=replace(entry.event, **empty))


def _lost_fields(event: Event) -> list[str]:
    return [f.name for f in fields(event) if getattr(event, f.name) == LOST]
