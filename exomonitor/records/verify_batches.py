"""Readings and wave seconds against the counts and hashes that the journal holds of their batches."""

from __future__ import annotations

import sqlite3
import zlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from exomonitor.integrity import batch_fits
from exomonitor.records.batches import out_of_order, sample_bytes, second_digest, waves_sha256
from exomonitor.records.cipher import sql_errors
from exomonitor.records.findings import Finding, rows_text
from exomonitor.records.gone import Claims, Gone, gone_of
from exomonitor.records.mapping import DamagedRow, staged_of, wave_key
from exomonitor.records.verify_chain import Batch, Ledger
from exomonitor.records.wave_codec import DamagedChunk, Placed, unpack
from exomonitor.session.machine_events import ReadingsStored, WavesStored

CHUNKS, STAGING = "wave_chunks", "wave_staging"
OF_NONE_LEFT = "of no entry that is left: one that is gone may have told of it"
TOO_MANY = "of no entry that is left: more stands there than can have been, and nothing proves which of it is true"
_ADDED = "added or changed (not recorded as part of batch {})"
_READINGS, _WAVES = ReadingsStored.__name__, WavesStored.__name__


def check_readings(connection: sqlite3.Connection, ledger: Ledger) -> Iterator[Finding]:
    """Every batch complete, unchanged, in its session and behind those before it, and nothing besides."""
    expected = {number: batch for number, batch in ledger.batches.items() if batch.type == _READINGS}
    unknown: list[tuple[int, list[int], set[str]]] = []
    seen: set[int] = set()
    stored: list[tuple[int, int, range]] = []
    last_id = 0
    for number, group in groupby(connection.execute("SELECT * FROM readings ORDER BY id"), lambda row: row["batch"]):
        rows = list(group)
        ids = [row["id"] for row in rows]
        yield from _missing_between("readings", last_id, ids)
        last_id = ids[-1]
        batch = expected.get(number)
        if batch is None:
            unknown.append((number, ids, {row["session"] for row in rows}))
        elif number in seen:
            yield Finding("readings", rows_text(ids), _ADDED.format(number))
        elif why := _readings_fault(rows, batch):
            yield Finding("readings", f"{rows_text(ids)} (batch {number})", why)
        else:
            stored.append((batch.seq, number, range(ids[0], ids[-1] + 1)))
        seen.add(number)
    yield from _of_no_entry(connection, unknown)
    for place in sorted(out_of_order([seq for seq, _, _ in stored])):
        _, number, rows_there = stored[place]
        stand = "stands" if len(rows_there) == 1 else "stand"
        why = f"{stand} in another place (batch {number} was stored elsewhere)"
        yield Finding("readings", rows_text(rows_there), why)
    for number in sorted(expected.keys() - seen):
        batch = expected[number]
        yield Finding("readings", f"batch {number}", f"is missing ({batch.count} rows, journal row {batch.seq})")


def _of_no_entry(
    connection: sqlite3.Connection, unknown: Sequence[tuple[int, list[int], set[str]]]
) -> Iterator[Finding]:
    """Of each batch that no entry knows, wherever it stands, whether one that is gone may have told of it."""
    sessions: dict[int, set[str]] = {}
    for number, _, told in unknown:
        sessions.setdefault(number, set()).update(told)
    places = Counter(number for number, _, _ in unknown)
    judge = _Unknown(connection)
    claims = [
        judge.claims(session, {n for n, told in sessions.items() if session in told})
        for session in sorted(set().union(*sessions.values()))
    ]
    possible = {number for one in claims for number in one.possible}
    too_many = {number for one in claims for number in one.too_many}
    for number, ids, _ in unknown:
        if number not in possible:
            what = _ADDED.format(number)
        elif number in too_many or places[number] > 1 or len(sessions[number]) > 1:
            what = f"{TOO_MANY} (batch {number})"
        else:
            what = f"{OF_NONE_LEFT} (batch {number})"
        yield Finding("readings", rows_text(ids), what)


class _Unknown:
    """Judges batches that no entry knows, and proves the journal for it only where there is one."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def claims(self, session: str, batches: Collection[int]) -> Claims:
        """Those of them that an entry of the session may have told of, and is gone."""
        return self._gone.claims(session, batches) if batches else Claims(set(), set())

    @cached_property
    def _gone(self) -> Gone:
        head = None
        with suppress(*sql_errors()):
            head = self._connection.execute("SELECT seq, hash FROM chain_head WHERE id = 1").fetchone()
        return gone_of(self._walk(), None if head is None else tuple(head))

    def _walk(self) -> Iterator[sqlite3.Row]:
        """What the check of the journal came by as well: what stands behind a page that cannot be read is as gone."""
        with suppress(*sql_errors()):
            yield from self._connection.execute("SELECT * FROM journal ORDER BY seq")


def _readings_fault(rows: Sequence[sqlite3.Row], batch: Batch) -> str:
    if len(rows) != batch.count:
        return f"do not fit: {len(rows)} instead of {batch.count} (journal row {batch.seq})"
    if batch.whole and any(row["session"] != batch.session for row in rows):
        return "were changed (they stand in another session)"
    if not batch_fits(map(dict, rows), batch.sha256):
        return f"were changed (the hash in journal row {batch.seq} does not fit)"
    return ""


def _missing_between(table: str, last: int, ids: Sequence[int]) -> Iterator[Finding]:
    for number in ids:
        if number > last + 1:
            yield Finding(table, rows_text(range(last + 1, number)), "missing from the sequence of numbers")
        last = number


@dataclass(slots=True)
class _Session:
    """The wave seconds of one session: digest and origin by batch and place."""

    found: dict[int, dict[int, tuple[bytes, str, int]]] = field(default_factory=dict)
    surplus: list[Finding] = field(default_factory=list)

    def take(self, placed: Placed, table: str, row: int) -> None:
        """Keep what a second proves; a place that is taken already makes it surplus."""
        places = self.found.setdefault(placed.batch, {})
        if placed.place in places:
            self.surplus.append(
                Finding(table, f"row {row}", f"was added or changed (it repeats a second of batch {placed.batch})")
            )
            return
        digest = second_digest(placed.second, sample_bytes(placed.second.samples))
        places[placed.place] = (digest, table, row)


def check_waves(connection: sqlite3.Connection, ledger: Ledger) -> Iterator[Finding]:
    """Every second of every batch once, staged or merged, unchanged; session by session, to stay small in memory."""
    by_session: dict[str, dict[int, Batch]] = {}
    for number, batch in ledger.batches.items():
        if batch.type == _WAVES:
            by_session.setdefault(batch.session, {})[number] = batch
    gaps = list(_missing_chunks(connection, ledger))
    lacking: list[tuple[str, int]] = []
    told: list[Finding] = []
    unknown = _Unknown(connection)
    for session in sorted(by_session.keys() | _stored_sessions(connection)):
        batches = by_session.get(session, {})
        seconds = _Session()
        told.extend(_read_chunks(connection, session, seconds))
        told.extend(_read_staged(connection, session, seconds))
        told.extend(seconds.surplus)
        claims = unknown.claims(session, seconds.found.keys() - batches.keys())
        for number in sorted(claims.possible):
            what = f"{TOO_MANY if number in claims.too_many else OF_NONE_LEFT} (batch {number})"
            rows = {(table, row) for _, table, row in seconds.found.pop(number).values()}
            told.extend(Finding(table, f"row {row}", what) for table, row in sorted(rows))
        told.extend(_changed(seconds, batches))
        lacking.extend((session, number) for number in _lacking(seconds, batches))
    yield from told
    yield from _judge_counts(ledger, gaps, lacking, told)


def _stored_sessions(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute("SELECT session FROM wave_chunks UNION SELECT session FROM wave_staging")
    return {row["session"] for row in rows}


def _read_chunks(connection: sqlite3.Connection, session: str, seconds: _Session) -> Iterator[Finding]:
    for row in connection.execute("SELECT * FROM wave_chunks WHERE session = ? ORDER BY id", (session,)):
        try:
            placed = unpack(wave_key(row), row["seconds"], row["samples"], row["crc32"])
        except DamagedChunk as cause:
            yield Finding(CHUNKS, f"row {row['id']}", f"was changed ({cause})")
            continue
        for item in placed:
            seconds.take(item, CHUNKS, row["id"])


def _read_staged(connection: sqlite3.Connection, session: str, seconds: _Session) -> Iterator[Finding]:
    for row in connection.execute("SELECT * FROM wave_staging WHERE session = ? ORDER BY id", (session,)):
        try:
            if zlib.crc32(row["samples"]) != row["crc32"]:
                yield Finding(STAGING, f"row {row['id']}", "was changed (its checksum does not fit)")
            seconds.take(staged_of(row), STAGING, row["id"])
        except (DamagedRow, TypeError) as cause:
            yield Finding(STAGING, f"row {row['id']}", f"was changed ({cause})")


def _changed(seconds: _Session, batches: dict[int, Batch]) -> Iterator[Finding]:
    """Seconds that no journal row counts, and rows among which one does not fit its batch's hash."""
    suspects: dict[str, set[int]] = {}
    wrong: list[int] = []
    for number, places in seconds.found.items():
        batch = batches.get(number)
        count = 0 if batch is None else batch.count
        for place in sorted(one for one in places if not 0 <= one < count):
            _, table, row = places.pop(place)
            yield Finding(table, f"row {row}", f"was added or changed (no journal row counts it in batch {number})")
        if batch is None or len(places) != count:
            continue
        if waves_sha256(places[place][0] for place in range(count)) != batch.sha256:
            wrong.append(number)
            for _, table, row in places.values():
                suspects.setdefault(table, set()).add(row)
    for table, rows in suspects.items():
        shown = rows_text(sorted(rows))
        which = "was changed" if len(rows) == 1 else "hold at least one change"
        yield Finding(table, shown, f"{which} (the hash of batch {wrong[0]} does not fit)")


def _lacking(seconds: _Session, batches: dict[int, Batch]) -> list[int]:
    return [number for number, batch in batches.items() if len(seconds.found.get(number, ())) < batch.count]


def _missing_chunks(connection: sqlite3.Connection, ledger: Ledger) -> Iterator[Finding]:
    ids = [row["id"] for row in connection.execute("SELECT id FROM wave_chunks ORDER BY id")]
    yield from _missing_between(CHUNKS, 0, ids)
    last = ids[-1] if ids else 0
    if ledger.chunks is not None and ledger.chunks > last:
        yield Finding(CHUNKS, rows_text(range(last + 1, ledger.chunks + 1)), "missing at the end")
    if ledger.chunks is not None and ledger.chunks < last:
        yield Finding(CHUNKS, rows_text(range(ledger.chunks + 1, last + 1)), "added after the recorded end")


def _judge_counts(
    ledger: Ledger, gaps: Sequence[Finding], lacking: Sequence[tuple[str, int]], told: Sequence[Finding]
) -> Iterator[Finding]:
    """Where chunk numbers and chain_head disagree, the seconds themselves tell which of the two was changed."""
    if gaps and not lacking and not any(finding.table == CHUNKS for finding in told):
        yield Finding("chain_head", "row 1", f"was changed (it counts {ledger.chunks} chunks; every second is there)")
        return
    yield from gaps
    if not lacking:
        return
    table = CHUNKS if gaps or any(finding.table == CHUNKS for finding in told) else STAGING
    session, first = lacking[0]
    some = f"batch {first}" if len(lacking) == 1 else f"{len(lacking)} batches, the first being {first},"
    yield Finding(table, f"session {session}", f"lacks recorded seconds of {some}")
