"""Building journal rows: private texts sealed, rows chained in the database and in their session.

A row's hash is integrity.row_hash over the columns of integrity.JOURNAL_COLUMNS without `hash`, with `body` as a JSON
object (not as text) in which every non-empty private text is replaced by {"sha256": salted digest}. In the table the
body is canonical JSON text of the same object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from exomonitor.clock import Instant
from exomonitor.engine.ports import Draft
from exomonitor.integrity import GENESIS, canonical_json, new_salt, row_hash, sealed_digest
from exomonitor.records.mapping import whole_ms
from exomonitor.session.codec import private_fields
from exomonitor.session.entry import Entry, event_body, event_from


@dataclass(frozen=True, slots=True)
class Tip:
    """Where one chain ends: the number and the hash of its last row."""

    seq: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Written:
    """One event ready to be stored: its journal row, its sealed rows, and the entry as everybody else will see it."""

    row: dict[str, Any]
    sealed: list[dict[str, Any]]
    entry: Entry


@dataclass(slots=True)
class Chain:
    """The ends of all chains of one database; `look_up` finds a session's end that is not known yet."""

    tz: str
    station: str
    tip: Tip
    look_up: Callable[[str], Tip]
    sessions: dict[str, Tip] = field(default_factory=dict)

    def append(self, draft: Draft) -> Written:
        """Chain one more event. Raises TypeError or ValueError for what has no plain form (NaN, naive time)."""
        event_type: type = type(draft.event)
        plain = event_body(draft.event)
        body, sealed = _seal(self.tip.seq + 1, plain, private_fields(event_type))
        at = whole_ms(draft.at)
        row = {
            **self.place(draft.session, at),
            "actor": draft.actor,
            "type": event_type.__name__,
            "body": body,
        }
        row["hash"] = row_hash(row)
        # The entry is built from the plain form, so that live and replayed entries are equal to the last digit.
        entry = _entry(row, at, plain)
        self.tip = Tip(row["seq"], row["hash"])
        self.sessions[draft.session] = Tip(row["session_seq"], row["hash"])
        row["body"] = canonical_json(body).decode()
        return Written(row, sealed, entry)

    def place(self, session: str, when: Instant) -> dict[str, Any]:
        """Where the next entry of this session will stand in both chains."""
        before = self.sessions.get(session) or self.look_up(session)
        at = whole_ms(when)
        return {
            "seq": self.tip.seq + 1,
            "session": session,
            "session_seq": before.seq + 1,
            "utc": at.iso(),
            "tz": self.tz,
            "mono_ns": at.mono_ns,
            "boot_id": at.boot_id,
            "station": self.station,
            "prev_in_database": self.tip.hash,
            "prev_in_session": before.hash,
        }


def _seal(seq: int, plain: Mapping[str, Any], private: tuple[str, ...]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    body, sealed = dict(plain), []
    for name in private:
        if text := plain[name]:
            salt = new_salt()
            body[name] = {"sha256": sealed_digest(salt, text)}
            sealed.append({"seq": seq, "field": name, "salt": salt, "value": text})
    return body, sealed


def _entry(row: Mapping[str, Any], at: Instant, plain: Mapping[str, Any]) -> Entry:
    return Entry(
        seq=row["seq"],
        session=row["session"],
        session_seq=row["session_seq"],
        at=at,
        tz=row["tz"],
        actor=row["actor"],
        station=row["station"],
        event=event_from(row["type"], plain),
        hash=row["hash"],
    )
