"""The journal's chains, their recorded end, and the sealed texts that its digests stand for."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from exomonitor.integrity import GENESIS, JOURNAL_COLUMNS, canonical_text, row_hash, sealed_digest
from exomonitor.records.batch_numbers import BATCH_TYPES
from exomonitor.records.database import FIRST_TYPE
from exomonitor.records.findings import Finding, rows_text
from exomonitor.records.mapping import is_seal


@dataclass(frozen=True, slots=True)
class Batch:
    """What one journal row says about one stored batch."""

    seq: int
    session: str
    type: str
    count: int
    sha256: str
    whole: bool = True
    """False: the row is not as it was written, so that what it says of another row proves nothing."""


@dataclass(frozen=True, slots=True)
class Link:
    """The last row seen of a chain; not `whole` when it was at fault itself, so that its successor is not blamed."""

    seq: int = 0
    number: int = 0
    hash: str = GENESIS
    whole: bool = True


@dataclass(slots=True)
class Ledger:
    """What the journal vouches for, gathered while it is checked."""

    last: Link = field(default_factory=Link)
    seals: dict[tuple[int, str], str] = field(default_factory=dict)
    batches: dict[int, Batch] = field(default_factory=dict)
    chunks: int | None = None
    """How many wave chunks chain_head counts."""


def check_journal(connection: sqlite3.Connection, ledger: Ledger) -> Iterator[Finding]:
    """Every row's hash, and that each follows its predecessor in the database and in its session."""
    head = connection.execute("SELECT seq, hash, chunks FROM chain_head WHERE id = 1").fetchone()
    end = None if head is None else _recorded_end(connection, head)
    sessions: dict[str, Link] = {}
    hole_at = 0
    for row in connection.execute("SELECT * FROM journal ORDER BY seq"):
        seq, last = row["seq"], ledger.last
        if seq > last.seq + 1:
            hole_at = seq
            yield Finding("journal", rows_text(range(last.seq + 1, seq)), _be(seq - last.seq - 1, "missing"))
        if end is not None and seq > end:
            yield Finding("journal", f"row {seq}", "was added after the recorded end")
            continue
        body = _body(row["body"])
        before = sessions.get(row["session"], Link())
        why = _fault_of(row, body, last, before, hole_at)
        if why:
            yield Finding("journal", f"row {seq}", why)
        ledger.last = Link(seq, seq, row["hash"], not why)
        sessions[row["session"]] = Link(seq, row["session_seq"], row["hash"], not why)
        _note(ledger, row, body or {}, whole=not why)


def _recorded_end(connection: sqlite3.Connection, head: sqlite3.Row) -> int | None:
    """The seq that chain_head names, if it does name a row; otherwise chain_head is judged by check_head."""
    row = connection.execute("SELECT hash FROM journal WHERE seq = ?", (head["seq"],)).fetchone()
    return head["seq"] if row is not None and row["hash"] == head["hash"] else None


def _fault_of(row: sqlite3.Row, body: dict[str, Any] | None, last: Link, before: Link, hole_at: int) -> str:
    """What is wrong with a row, or "". Where a row is missing before it, its links cannot fit and prove nothing."""
    if row["seq"] < 1:
        return "was added before the beginning"
    if body is None or canonical_text(body) != row["body"]:
        return "was changed (its body is not as it was written)"
    columns: dict[str, Any] = {name: row[name] for name in JOURNAL_COLUMNS}
    if row_hash(columns | {"body": body}) != row["hash"]:
        return "was changed (its hash does not fit)"
    if row["seq"] == 1 and row["type"] != FIRST_TYPE:
        return f"is not a {FIRST_TYPE}"
    if last.whole and row["seq"] != hole_at and row["prev_in_database"] != last.hash:
        return f"does not follow row {last.seq} (another hash stands there)"
    if before.whole and hole_at <= before.seq:
        if row["session_seq"] != before.number + 1:
            return f"is number {row['session_seq']} of its session instead of {before.number + 1}"
        if row["prev_in_session"] != before.hash:
            return "does not follow the row before it in its session"
    return ""


def _body(text: str) -> dict[str, Any] | None:
    try:
        body = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _note(ledger: Ledger, row: sqlite3.Row, body: dict[str, Any], *, whole: bool) -> None:
    for name, value in body.items():
        if is_seal(value):
            ledger.seals[row["seq"], name] = value["sha256"]
    if row["type"] not in BATCH_TYPES:
        return
    match body:
        case {"batch": int(number), "count": int(count), "sha256": str(sha256)}:
            ledger.batches[number] = Batch(row["seq"], row["session"], row["type"], count, sha256, whole)


def check_head(connection: sqlite3.Connection, ledger: Ledger) -> Iterator[Finding]:
    """Exactly one recorded end, and the journal reaches it."""
    rows = connection.execute("SELECT id, seq, hash, chunks FROM chain_head ORDER BY id").fetchall()
    head = next((row for row in rows if row["id"] == 1), None)
    for row in rows:
        if row["id"] != 1:
            yield Finding("chain_head", f"row {row['id']}", "was added or changed")
    if head is None:
        yield Finding("chain_head", "row 1", "is missing")
        return
    ledger.chunks = head["chunks"]
    last = ledger.last
    if (head["seq"], head["hash"]) == (last.seq, last.hash) or not last.whole:
        return
    if head["seq"] > last.seq and head["hash"] != last.hash:
        missing = range(last.seq + 1, head["seq"] + 1)
        yield Finding("journal", rows_text(missing), f"{_be(head['seq'] - last.seq, 'missing')} at the end")
        return
    yield Finding("chain_head", "row 1", f"was changed (the journal ends with row {last.seq} and another hash)")


def check_sealed(connection: sqlite3.Connection, ledger: Ledger) -> Iterator[Finding]:
    """Every digest in the journal has its text, and every text its digest."""
    seen = set()
    for row in connection.execute("SELECT seq, field, salt, value FROM sealed ORDER BY seq, field"):
        key = (row["seq"], row["field"])
        seen.add(key)
        where = f"row {row['seq']} {row['field']}"
        if key not in ledger.seals:
            yield Finding("sealed", where, "was added or changed (no journal row refers to it)")
        elif _digest(row["salt"], row["value"]) != ledger.seals[key]:
            yield Finding("sealed", where, "was changed (its digest does not fit)")
    for seq, name in sorted(ledger.seals.keys() - seen):
        yield Finding("sealed", f"row {seq} {name}", "is missing")


def _digest(salt: str, value: str) -> str:
    try:
        return sealed_digest(salt, value)
    except ValueError:
        return ""


def _be(count: int, what: str) -> str:
    return f"is {what}" if count == 1 else f"are {what}"
