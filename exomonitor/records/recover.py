"""Recovering: a new database from what the undamaged pages of a damaged one hold, and a count of what they do not.

The new database gets only journal rows whose hash fits, sealed texts whose digest fits and waves that decode; it ends
with an entry that says it was recovered, so that every later verification names what is missing before that entry.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from exomonitor.clock import Clock, zone_name
from exomonitor.engine.ports import STATION_ACTOR, Draft
from exomonitor.errors import CommandRefused
from exomonitor.integrity import JOURNAL_COLUMNS
from exomonitor.records.cipher import sql_errors
from exomonitor.records.connections import writer_engine
from exomonitor.records.database import FIRST_TYPE, make_private_folder, sync_folder
from exomonitor.records.faults import fault
from exomonitor.records.findings import rows_text
from exomonitor.records.fresh_form import make_schema
from exomonitor.records.journal import Chain, Tip
from exomonitor.records.keys import RecordKey
from exomonitor.records.raw_pages import opened
from exomonitor.records.salvage import Loss, Salvage, loss_of, salvage
from exomonitor.records.schema import CHAIN_HEAD, JOURNAL, READINGS, SEALED, WAVE_CHUNKS, WAVE_STAGING
from exomonitor.session.machine_events import RecordRecovered

_STATION = "recovery"


@dataclass(frozen=True, slots=True)
class Recovered:
    """What came of it. `intact`: journal rows whose hash fits; `damaged`: rows that were found and left out, by number
    and why; `has_beginning`: the program can go on with the new database, not only read it."""

    intact: int
    damaged: dict[int, str]
    loss: Loss
    readings: int
    wave_seconds: int
    log_damaged: int
    has_beginning: bool
    unknown_batches: int = 0
    """Batches of readings or waves that no entry that is left tells of: recovered, and nothing proves them."""

    @property
    def sentence(self) -> str:
        """What was lost, in one sentence."""
        return _sentence(self)

    @property
    def complete(self) -> bool:
        """Whether nothing is known to be lost."""
        loss = self.loss
        lost = loss.entries or loss.texts or loss.readings or loss.wave_seconds or loss.changed_batches
        return loss.end_known and not lost and not self.log_damaged and not self.unknown_batches


def recover(source: Path, destination: Path, program: str, clock: Clock) -> Recovered:
    """Write a new database at `destination` and, beside it, `NAME.recovery.json` with every loss; the source is only
    read. Without the journal's first row also `NAME.journal.jsonl`: plain rows, since no program will go on with it.

    Raises CommandRefused (nothing there, nothing of ours in it, the destination exists) or EnvironmentFault.
    """
    report, plain = (destination.with_name(destination.name + end) for end in (".recovery.json", ".journal.jsonl"))
    for file in (destination, report, plain):
        if file.exists():
            raise CommandRefused(f"{file.name} exists already.")
    if not source.is_file():
        raise CommandRefused(f"There is no file at {source}.")
    make_private_folder(destination.parent)
    try:
        with opened(source) as raw:
            found = salvage(raw)
            log_damaged, key = raw.log_damaged, raw.key
        if not found.journal:
            raise CommandRefused(f"{source.name} holds no entry of this program that proves itself.")
        loss = loss_of(found)
        _write(destination, found, _last_row(found, loss, program, clock), loss, key)
        done = _told(found, loss, log_damaged)
        _keep(report, json.dumps(_report(source, done, found), indent=2) + "\n")
        if not done.has_beginning:
            rows = (found.journal[seq] for seq in sorted(found.journal))
            _keep(plain, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    except sql_errors(SQLAlchemyError, OSError) as cause:
        raise fault(cause, "The record could not be recovered") from cause
    return done


def _write(destination: Path, found: Salvage, last: dict[str, Any], loss: Loss, key: RecordKey | None) -> None:
    """`key`: what was encrypted stays so."""
    fresh = destination.with_name(f".{destination.name}.new")
    for leftover in (fresh, fresh.with_name(fresh.name + "-journal")):
        leftover.unlink(missing_ok=True)
    os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with writer_engine(fresh, wal=False, key=key).connect() as connection:
            # A text outlives the entry that it belongs to.
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF").close()
            with connection.begin():
                make_schema(connection)
                _fill(connection, found, last, loss)
        fresh.rename(destination)
        sync_folder(destination.parent)
    except sql_errors(SQLAlchemyError, OSError):
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise


def _fill(connection: Connection, found: Salvage, row: dict[str, Any], loss: Loss) -> None:
    for table, rows in (
        (JOURNAL, found.journal),
        (SEALED, {key: text for key, text in found.sealed.items() if key[0] < row["seq"]}),
        (READINGS, found.readings),
        (WAVE_CHUNKS, found.chunks),
        (WAVE_STAGING, {row["id"]: row for row in found.staging.values()}),
    ):
        ordered: list[dict[str, Any]] = [row for _, row in sorted(rows.items())]
        if ordered:
            connection.execute(insert(table), ordered)
    connection.execute(insert(JOURNAL), [row])
    head = found.head
    counted = int(head["chunks"]) if head is not None and loss.wave_seconds else 0
    chunks = max(max(found.chunks, default=0), counted)
    connection.execute(insert(CHAIN_HEAD), [{"id": 1, "seq": row["seq"], "hash": row["hash"], "chunks": chunks}])


def _last_row(found: Salvage, loss: Loss, program: str, clock: Clock) -> dict[str, Any]:
    """The entry that says what was lost; it follows the end of the old journal, as far as that is known."""
    tip = Tip(found.reached, str((found.head or found.journal[found.last])["hash"]))
    own = max((row for row in found.journal.values() if not row["session"]), key=lambda row: row["seq"], default=None)
    own_tip = Tip() if own is None else Tip(own["session_seq"], own["hash"])
    chain = Chain(zone_name(), _STATION, tip, lambda _: own_tip)
    lost = len(loss.entries), loss.readings, loss.wave_seconds
    event = RecordRecovered(*lost, program, end_known=loss.end_known, unknown_batches=len(found.unknown))
    written = chain.append(Draft("", clock.now(), STATION_ACTOR, event))
    return {name: written.row[name] for name in JOURNAL_COLUMNS}


# --- telling ----------------------------------------------------------------------------------------------------------


def _told(found: Salvage, loss: Loss, log_damaged: int) -> Recovered:
    first = found.journal.get(1)
    return Recovered(
        intact=len(found.journal),
        damaged=dict(sorted(found.damaged.items())),
        loss=loss,
        readings=len(found.readings),
        wave_seconds=sum(map(len, found.seconds.values())),
        log_damaged=log_damaged,
        has_beginning=first is not None and first["type"] == FIRST_TYPE,
        unknown_batches=len(found.unknown),
    )


def _sentence(done: Recovered) -> str:
    loss = done.loss
    kept = f"{_count(done.intact, 'entry', 'entries')}, {_count(done.readings, 'reading')} and "
    kept += f"{_count(done.wave_seconds, 'wave second')} are recovered"
    lost = []
    if loss.entries:
        lost.append(f"{_count(len(loss.entries), 'entry', 'entries')} ({rows_text(loss.entries)})")
    for number, what in ((loss.texts, "private text"), (loss.readings, "reading"), (loss.wave_seconds, "wave second")):
        if number:
            lost.append(_count(number, what))
    parts = [f"lost: {', '.join(lost)}" if lost else "nothing that was counted is lost"]
    if loss.changed_batches:
        parts.append(
            f"{_count(len(loss.changed_batches), 'batch', 'batches')} of readings or waves hold a changed value"
        )
    if done.unknown_batches:
        batches = _count(done.unknown_batches, "batch", "batches")
        parts.append(f"{batches} of readings or waves {'is' if done.unknown_batches == 1 else 'are'} known to no entry")
    if done.log_damaged:
        parts.append(f"{_count(done.log_damaged, 'page')} of the log cannot be read, what stood there is not known")
    if not loss.end_known:
        parts.append("whether more followed is not known")
    if not done.has_beginning:
        parts.append("the beginning is lost, so the new database can be read but not continued")
    return f"{kept}; {'; '.join(parts)}."


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _report(source: Path, done: Recovered, found: Salvage) -> dict[str, Any]:
    return {
        "source": source.name,
        "sentence": done.sentence,
        "intact_entries": _spans(sorted(found.journal)),
        "damaged_entries": {str(seq): why for seq, why in done.damaged.items()},
        "lost": asdict(done.loss),
        "damaged_log_pages": done.log_damaged,
        "waves_left_out": found.spoilt_waves,
    }


def _spans(numbers: Sequence[int]) -> list[list[int]]:
    """Rising numbers as [first, last] pairs."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return spans


def _keep(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as stream:
        stream.write(text)
