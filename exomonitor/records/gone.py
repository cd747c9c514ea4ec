"""Where entries of the journal are gone: which batches that no entry knows can have had theirs there, and how many of
a session's may be among them."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from exomonitor.clock import iso_utc, parse_utc
from exomonitor.integrity import canonical_text, stored_row_fits
from exomonitor.records.cipher import sql_errors
from exomonitor.records.mapping import SPOILT
from exomonitor.records.rows import rows_at
from exomonitor.records.schema import CHAIN_HEAD, JOURNAL
from exomonitor.session.events import SessionAbandoned, SessionSigned
from exomonitor.session.machine_events import MonitoringResumed, ReadingsStored, RecordRecovered, WavesStored
from exomonitor.session.trust_events import HeadSigned, RecordDoubted

FAR = 1_000_000
"""Rows: an end of the journal that lies further off is a damaged number."""
_BATCHES = {ReadingsStored.__name__, WavesStored.__name__}
_SEEN = {RecordRecovered.__name__, RecordDoubted.__name__}
"""What says that a loss was seen: whoever goes on after it takes the number of a lost entry again."""
_AGAIN = MonitoringResumed.__name__
"""The first entry of a session after a start, and so another that may have the number of a lost one."""
_SIGNED, _SIGNATURE = SessionSigned.__name__, HeadSigned.__name__
_ENDED = {_SIGNED, SessionAbandoned.__name__}
_ADDED_DAYS = 8
"""So long after it was signed, a day longer than to the last call, a session is told of what may have been added to it
and is gone. Later it is as likely any other's, and a hole would make every session of a year doubtful."""
_STANDING = "SELECT seq, session, session_seq FROM journal INDEXED BY uq_journal_session"
_COUNT = "SELECT count(*) FROM journal INDEXED BY uq_journal_session WHERE seq BETWEEN 1 AND ?"
_NEWEST = "SELECT max(seq) FROM journal INDEXED BY uq_journal_session"
"""By an index: a page of the table may be one that cannot be read."""
_TWICE = """
SELECT batch FROM (SELECT batch, session FROM readings UNION SELECT batch, session FROM wave_staging)
GROUP BY batch HAVING count(*) > 1
"""
"""The batches that stand in more than one session. What is merged of waves is not looked through."""


class Place(NamedTuple):
    """Where an entry stands; `batch` 0 = it tells of none."""

    seq: int
    session: str
    number: int
    type: str = ""
    batch: int = 0
    utc: str = ""


class _Stretch(NamedTuple):
    """Between two entries of a session (exclusive): `most` of its own can be gone there, None = any number."""

    after: int
    before: int
    most: int | None


class Claims(NamedTuple):
    """Batches that an entry which is gone can have told of; `too_many`: of them those of which more stand there than
    entries are gone, so that nobody knows which are true."""

    possible: set[int]
    too_many: set[int]


class Gone:
    """The numbers up to `end` that have no entry among these."""

    def __init__(self, places: Iterable[Place], end: int) -> None:
        self._end = end
        self._seqs: list[int] = []
        self._batches: dict[int, int] = {}
        self._sessions: dict[str, list[Place]] = {}
        self._seen: list[int] = []
        self._times: list[tuple[int, str]] = []
        for place in sorted((one for one in places if 0 < one.seq <= end), key=lambda one: one.seq):
            self._seqs.append(place.seq)
            self._sessions.setdefault(place.session, []).append(place)
            if place.batch:
                self._batches[place.batch] = place.seq
            if place.utc:
                self._times.append((place.seq, place.utc))
            if place.type in _SEEN:
                self._seen.append(place.seq)
        self._numbers = sorted(self._batches)

    def before(self, batch: int) -> int:
        """The entry of the nearest smaller batch that is known, 0 = none."""
        at = bisect_left(self._numbers, batch)
        return self._batches[self._numbers[at - 1]] if at else 0

    def claims(self, session: str, batches: Iterable[object]) -> Claims:
        """Those of these batches that an entry of this session, now gone, can have told of: numbers rise by one over
        the whole record, so it stood between the entries of the nearest known ones, where none of the session's own
        entries rules it out."""
        claims: dict[tuple[int, int], set[int]] = {}
        for batch in batches:
            if not isinstance(batch, int) or batch < 1 or batch in self._batches:
                continue
            at = bisect_left(self._numbers, batch)
            smaller = self._numbers[at - 1] if at else 0
            gap = self.before(batch), self._batches[self._numbers[at]] if at < len(self._numbers) else self._end + 1
            if batch - smaller <= self._count(*gap):
                claims.setdefault(gap, set()).add(batch)
        found = Claims(set(), set())
        stretches = list(self._stretches(session)) if claims else []
        for (after, before), claimed in claims.items():
            first = bisect_right(stretches, after, key=lambda one: one.before)
            last = bisect_left(stretches, before, key=lambda one: one.after)
            room = sum(self._room(stretch, (after, before)) for stretch in stretches[first:last])
            if room:
                found.possible.update(claimed)
            if 0 < room < len(claimed):
                found.too_many.update(claimed)
        return found

    def may_be_of(self, session: str) -> int:
        """How many entries of a session may be gone which none of its own numbers counts: behind its last one, and
        before a start or a recovery that went on from there; without what others are known to lack."""
        left, owed = self._left
        ended, least = self._ended(session)
        found = 0
        for one in self._stretches(session):
            if one.most is None:
                before = min(one.before, ended)
                room = [max(0, min(last, before - 1) - max(first, one.after + 1) + 1) for first, last in left]
                found += sum(there for there in room if there >= least)
        return max(0, min(found, sum(last - first + 1 for first, last in left) - owed))

    def _ended(self, session: str) -> tuple[int, int]:
        """From which number on none can be the session's, and how many at least it would have lost at once: to what is
        signed, something is added for some days, and with each entry goes a signature where the record is signed."""
        places = self._sessions.get(session, ())
        ended = next((place for place in places if place.type in _ENDED), None)
        if ended is None:
            return self._end + 1, 1
        if ended.type != _SIGNED:
            return ended.seq, 1
        is_signed = any(place.type == _SIGNATURE and place.seq > ended.seq for place in places)
        late = _days_after(ended.utc)
        return next((seq for seq, utc in self._times if seq > ended.seq and utc > late), self._end + 1), 1 + is_signed

    @cached_property
    def _left(self) -> tuple[list[tuple[int, int]], int]:
        """The gaps but those that are just as long as what a session lacks there; what sessions lack besides."""
        gaps = list(self._gaps())
        firsts = [first for first, _ in gaps]
        taken: set[int] = set()
        owed = 0
        for session in self._sessions:
            for after, before, most in self._stretches(session):
                there = self._count(after, before)
                if most is not None and there == most:
                    taken.update(range(bisect_right(firsts, after), bisect_left(firsts, before)))
                elif most is not None:
                    owed += min(there, most)
        return [gap for at, gap in enumerate(gaps) if at not in taken], owed

    def _gaps(self) -> Iterator[tuple[int, int]]:
        for before, seq in pairwise([0, *self._seqs, self._end + 1]):
            if seq > before + 1:
                yield before + 1, seq - 1

    def _count(self, after: int, before: int) -> int:
        """How many numbers between these two have no entry."""
        if before <= after + 1:
            return 0
        there = bisect_left(self._seqs, before) - bisect_right(self._seqs, after)
        return before - after - 1 - there

    def _room(self, stretch: _Stretch, gap: tuple[int, int]) -> int:
        there = self._count(max(stretch.after, gap[0]), min(stretch.before, gap[1]))
        return there if stretch.most is None else min(there, stretch.most)

    def _stretches(self, session: str) -> Iterator[_Stretch]:
        """Where entries of the session can be gone."""
        before = Place(0, session, 0)
        for place in self._sessions.get(session, ()):
            after = before.seq
            at = bisect_left(self._seen, place.seq)
            if after and at and self._seen[at - 1] > after:
                yield _Stretch(after, self._seen[at - 1], None)
                after = self._seen[at - 1]
            if before.seq and place.type == _AGAIN:
                yield _Stretch(after, place.seq, None)
            elif place.number > before.number + 1:
                yield _Stretch(after, place.seq, place.number - before.number - 1)
            before = place
        if before.seq:
            yield _Stretch(before.seq, self._end + 1, None)


class Journals:
    """Looks once, for as many sessions as are asked about, in one picture of the record."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def can_be(self, session: str, batches: Collection[object]) -> set[int]:
        """Those of these batches that an entry of this session, now gone, can have told of, and nothing speaks against
        it: neither another session that has the number, nor others for which there would be no room beside it. The
        whole journal is proved where there are any."""
        try:
            possible = self._proved.claims(session, batches).possible if batches else set()
            alone = self._proved.claims(session, possible - self._twice) if possible else Claims(set(), set())
        except sql_errors(SQLAlchemyError):
            return set()
        return alone.possible - alone.too_many

    def before(self, batch: int) -> int:
        """As Gone says it of the entries that prove themselves."""
        return self._proved.before(batch)

    def may_be_of(self, session: str) -> int:
        """As Gone says it of the entries that stand there."""
        try:
            return 0 if self._whole else self._standing.may_be_of(session)
        except sql_errors(SQLAlchemyError):
            return 1  # nobody knows

    @cached_property
    def _proved(self) -> Gone:
        numbers = sorted(row[0] for row in self._connection.exec_driver_sql(_STANDING).all())
        return gone_of(rows_at(self._connection, JOURNAL, numbers), self._head)

    @cached_property
    def _twice(self) -> set[int]:
        with suppress(*sql_errors(SQLAlchemyError)):
            return {row[0] for row in self._connection.exec_driver_sql(_TWICE).all()}
        return set()

    @cached_property
    def _head(self) -> tuple[int, str] | None:
        with suppress(*sql_errors(SQLAlchemyError)):
            found = self._connection.execute(select(CHAIN_HEAD.c.seq, CHAIN_HEAD.c.hash)).first()
            return None if found is None else (found.seq, found.hash)
        return None

    @cached_property
    def _end(self) -> int:
        newest = self._connection.exec_driver_sql(_NEWEST).scalar() or 0
        if self._head is None or self._head[0] == newest:
            return newest
        there = select(JOURNAL.c.hash).where(JOURNAL.c.seq == self._head[0])
        named = None
        with suppress(*sql_errors(SQLAlchemyError)):
            named = self._connection.scalar(there)
        return _end_of(newest, self._head, named=named == self._head[1])

    @cached_property
    def _whole(self) -> bool:
        """Whether every number has its entry."""
        there = self._connection.exec_driver_sql(_COUNT, (self._end,)).scalar()
        return bool(there == self._end)

    @cached_property
    def _standing(self) -> Gone:
        kinds = [*_SEEN, _AGAIN, *_ENDED, _SIGNATURE]
        marks = select(JOURNAL.c.seq, JOURNAL.c.type, JOURNAL.c.utc).where(JOURNAL.c.type.in_(kinds))
        found = {row.seq: (row.type, 0, row.utc) for row in self._connection.execute(marks).all()}
        rows = self._connection.exec_driver_sql(_STANDING).all()
        return Gone((Place(seq, session, number, *found.get(seq, ())) for seq, session, number in rows), self._end)


def gone_of(rows: Iterable[Any], head: tuple[int, str] | None) -> Gone:
    """By the journal's rows as they are stored: of those that have their hash. `head`: the recorded end."""
    places, named = [], False
    for row in rows:
        stored = dict(row)
        named = named or head == (stored["seq"], stored["hash"])
        if (place := place_of(stored)) is not None:
            places.append(place)
    seqs = sorted(place.seq for place in places)
    newest = next((before for before, seq in pairwise([0, *seqs]) if seq - before > FAR), seqs[-1] if seqs else 0)
    return Gone(places, _end_of(newest, head, named=named))


def _end_of(newest: int, head: tuple[int, str] | None, *, named: bool) -> int:
    """The number of the last entry that was recorded: what was put behind it is none of ours."""
    believed = head is not None and (named or newest < head[0] <= newest + FAR)
    return head[0] if head is not None and believed else newest


def _days_after(utc: str) -> str:
    """The moment some days later; the end of time where that is none."""
    with suppress(ValueError, OverflowError):
        return iso_utc(parse_utc(utc) + timedelta(days=_ADDED_DAYS))
    return "~"


def place_of(stored: Mapping[str, Any]) -> Place | None:
    """Where a row of the journal stands; None = it is not as it was written."""
    try:
        if not stored_row_fits(stored):
            return None
        seq, session, number, kind = (stored[name] for name in ("seq", "session", "session_seq", "type"))
        body = json.loads(stored["body"])
        if canonical_text(body) != stored["body"]:
            return None
        batch = body["batch"] if kind in _BATCHES else 0
        return Place(seq, session, number, kind, batch if isinstance(batch, int) else 0)
    except SPOILT:
        return None
