"""The workstation's signatures in a journal: do they fit, are they where they must be, whose are they."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exomonitor.records.cipher import sql_errors
from exomonitor.records.connections import by_name, connect_reader
from exomonitor.records.database import FIRST_TYPE
from exomonitor.records.faults import fault
from exomonitor.records.findings import Finding
from exomonitor.records.signed_mark import mark_beside, read_mark
from exomonitor.records.store import SIGNED_AFTER
from exomonitor.session.events import SessionSigned
from exomonitor.session.parts.corrections import AddendumAdded
from exomonitor.session.parts.handover import SessionReviewed
from exomonitor.session.trust_events import HeadSigned
from exomonitor.signing import fingerprint, fits, head_statement, is_that_key

_SIGNATURE = HeadSigned.__name__
_WANTS = tuple(event.__name__ for event in SIGNED_AFTER)
_BOUND = {SessionSigned.__name__: "signed_hash", AddendumAdded.__name__: "signed_hash",
          SessionReviewed.__name__: "reviewed_hash"}  # fmt: skip
"""A person's signature -> the field that holds the hash of what was signed."""
_NEWEST = "SELECT body FROM journal WHERE type = ? ORDER BY seq DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Signed:
    """How far a journal is signed: `seq` of the newest entry that is (0 = none), by which key, entries after it."""

    seq: int = 0
    key: str = ""
    later: int = 0
    marked: bool = True
    """Whether the mark of a newest signature lies beside it."""

    @property
    def sentence(self) -> str:
        """What is proved by it."""
        damage = "no damage is proved, forgery is not excluded"
        if not self.seq:
            return f"Not signed by any workstation yet: {damage}.{self._unmarked}"
        after = f" {self.later} later entries wait for the next signature: for them {damage}." if self.later else ""
        signed = f"Signed up to entry {self.seq} with the workstation's key {fingerprint(self.key)}"
        return f"{signed}.{after}{self._unmarked}"

    @property
    def _unmarked(self) -> str:
        return "" if self.marked else " No mark of how far it was signed lies beside it: a cut off end may not show."


def check_signatures(connection: sqlite3.Connection, trusted: str) -> Iterator[Finding]:
    """Every signature, and every place that wants one. `trusted`: the key or fingerprint that must have made the
    newest one, "" = whichever it is."""
    signatures = list(_rows(connection, (_SIGNATURE,)))
    wanting = list(_rows(connection, _WANTS))
    for row in signatures:
        if not _fits(row):
            yield Finding("journal", f"row {row['seq']}", "is a signature of the workstation that does not fit")
    since = 1 if _declared(connection) else min((row["seq"] for row in signatures), default=None)
    have = {(row["seq"], row["session"]) for row in signatures}
    for row in wanting:
        if since is not None and row["seq"] >= since and (row["seq"] + 1, row["session"]) not in have:
            yield Finding("journal", f"row {row['seq']}", "is not signed by the workstation: the signature is gone")
    if trusted and signatures and not is_that_key(_key_of(signatures[-1]), trusted):
        yield Finding("journal", f"row {signatures[-1]['seq']}", "was signed with another key than this workstation's")
    if trusted and wanting and not signatures:
        yield Finding("journal", "all rows", "are without any signature of this workstation")
    yield from _bound(connection)


def signed_so_far(path: Path) -> Signed:
    """How far a database that was found intact is signed, in it or by the mark beside it. Raises EnvironmentFault."""
    try:
        with closing(by_name(connect_reader(path))) as connection:
            (last,) = connection.execute("SELECT max(seq) FROM journal").fetchone()
            newest = max((row for row in _rows(connection, (_SIGNATURE,)) if _fits(row)), key=_seq, default=None)
            mark = read_mark(mark_beside(path))
            row = connection.execute("SELECT hash FROM journal WHERE seq = ?", (mark.seq if mark else 0,)).fetchone()
    except sql_errors() as cause:
        raise fault(cause, f"{path.name} cannot be read") from cause
    held = mark if mark is not None and mark.fits and row is not None and row[0] == mark.hash else None
    marked = mark_beside(path).is_file()
    if held is not None and (newest is None or held.seq > newest["seq"]):
        return Signed(held.seq, held.public_key, last - held.seq, marked)
    if newest is None:
        return Signed(marked=marked)
    return Signed(newest["seq"], _key_of(newest), last - newest["seq"], marked)


def wants_signature(path: Path, public: str) -> bool:
    """Whether there is something to sign, and the newest signature is not of this key. Raises EnvironmentFault."""
    try:
        with closing(connect_reader(path)) as connection:
            row = connection.execute(_NEWEST, (_SIGNATURE,)).fetchone()
            if row is not None:
                return f'"{public}"' not in row[0]
            return any(connection.execute(_NEWEST, (name,)).fetchone() for name in _WANTS)
    except sql_errors() as cause:
        raise fault(cause, f"{path.name} cannot be read") from cause


def _rows(connection: sqlite3.Connection, types: Sequence[str]) -> Iterator[sqlite3.Row]:
    marks = ", ".join("?" * len(types))
    yield from connection.execute(f"SELECT * FROM journal WHERE type IN ({marks}) ORDER BY seq", types)  # noqa: S608


def _seq(row: sqlite3.Row) -> int:
    return int(row["seq"])


def _body(row: sqlite3.Row) -> dict[str, Any]:
    try:
        body = json.loads(row["body"])
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _key_of(row: sqlite3.Row) -> str:
    return str(_body(row).get("public_key", ""))


def _fits(row: sqlite3.Row) -> bool:
    body = _body(row)
    columns = {name: row[name] for name in row.keys()}  # noqa: SIM118 - a sqlite3.Row iterates over its values
    return fits(str(body.get("public_key", "")), str(body.get("signature", "")), head_statement(columns))


def _declared(connection: sqlite3.Connection) -> bool:
    """Whether this journal was begun by a workstation with a key: then everything that wants a signature has one."""
    first = connection.execute("SELECT type, body FROM journal WHERE seq = 1").fetchone()
    return first is not None and first["type"] == FIRST_TYPE and bool(_body(first).get("public_key"))


def _bound(connection: sqlite3.Connection) -> Iterator[Finding]:
    """What a person signed is an earlier entry of the same session."""
    for row in _rows(connection, tuple(_BOUND)):
        signed = _body(row).get(_BOUND[row["type"]])
        held = "SELECT 1 FROM journal WHERE session = ? AND hash = ? AND seq < ?"
        if signed and connection.execute(held, (row["session"], signed, row["seq"])).fetchone() is None:
            yield Finding("journal", f"row {row['seq']}", "is a person's signature over something that is not there")
