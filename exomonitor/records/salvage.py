"""What the pages of a damaged database still hold, row by row, and which of it proves itself."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from sqlalchemy import REAL, Column, Integer, LargeBinary, Table

from exomonitor.integrity import batch_fits, canonical_text, row_hash, sealed_digest
from exomonitor.records.batches import sample_bytes, second_digest, waves_sha256
from exomonitor.records.mapping import DamagedRow, is_seal, staged_of, wave_key
from exomonitor.records.raw_pages import PAGE_SIZES, RawFile, RawRow, Value
from exomonitor.records.schema import CHAIN_HEAD, JOURNAL, READINGS, SEALED, WAVE_CHUNKS, WAVE_STAGING
from exomonitor.records.verify_chain import Batch
from exomonitor.records.wave_codec import DamagedChunk, Placed, unpack
from exomonitor.session.machine_events import ReadingsStored, WavesStored

Row = dict[str, Any]

_TABLES = (JOURNAL, SEALED, READINGS, WAVE_STAGING, WAVE_CHUNKS, CHAIN_HEAD)
_SAMPLE = 200  # pages that are tried with each page size
_FAR = 1_000_000  # rows: an end of the journal that lies further off is a damaged number
_NEAR = 10_000  # rows: what has no entry of ours and lies further off was put there
_READINGS, _WAVES = ReadingsStored.__name__, WavesStored.__name__


@dataclass(slots=True)
class Salvage:
    """Rows by table; `journal` holds only rows whose hash fits."""

    journal: dict[int, Row] = field(default_factory=dict)
    damaged: dict[int, str] = field(default_factory=dict)
    """Journal rows that were found and are not as they were written: number and why."""
    sealed: dict[tuple[int, str], Row] = field(default_factory=dict)
    readings: dict[int, Row] = field(default_factory=dict)
    chunks: dict[int, Row] = field(default_factory=dict)
    staging: dict[tuple[int, int], Row] = field(default_factory=dict)
    heads: list[Row] = field(default_factory=list)
    spoilt_waves: int = 0
    """Chunks and staged seconds that were found and cannot be decoded as they were written."""
    seconds: dict[int, dict[int, bytes]] = field(default_factory=dict)
    """Digests of the wave seconds that are there, by batch and place."""

    @property
    def last(self) -> int:
        """The highest number among the journal rows that are there."""
        return max(self.journal, default=0)

    @property
    def head(self) -> Row | None:
        """The recorded end of the journal, if it can be believed."""
        last = self.journal[self.last] if self.journal else None
        for row in sorted(self.heads, key=lambda one: -int(one["seq"])):
            if last is not None and row["hash"] == last["hash"]:
                return {**row, "seq": last["seq"]}  # the number alone may be damaged
            if self.last < row["seq"] < self.last + _FAR and len(row["hash"]) == 64:
                return row
        return None

    @property
    def reached(self) -> int:
        """The highest number that an entry had. Without the recorded end at least one more may have followed, and what
        is left tells how many: batches, of which each had an entry, texts, and entries that are not as they were."""
        if self.head is not None:
            return int(self.head["seq"])
        told = self.batches(_READINGS).keys() | self.batches(_WAVES).keys()
        newest = max(told, default=0)
        beyond = sorted(number for number in self.unknown if newest < number)
        most = [number - newest for at, number in enumerate(beyond, 1) if number - newest <= 2 * at]
        end = self.last + max(most, default=1)
        for seq in sorted({*self.damaged, *(seq for seq, _ in self.sealed)}):
            if seq > end + _NEAR:
                break
            end = max(end, seq)
        return end

    @property
    def unknown(self) -> set[int]:
        """The batches of readings or waves that no entry which is left tells of."""
        of_readings = {int(row["batch"]) for row in self.readings.values()} - self.batches(_READINGS).keys()
        return of_readings | (self.seconds.keys() - self.batches(_WAVES).keys())

    def batches(self, kind: str) -> dict[int, Batch]:
        """The stored batches of a kind that the journal tells of."""
        found = {}
        for seq, row in self.journal.items():
            if row["type"] == kind:
                match json.loads(row["body"]):  # one with a hash that fits can say anything
                    case {"batch": int(number), "count": int(count), "sha256": str(sha256)}:
                        found[number] = Batch(seq, row["session"], kind, count, sha256)
        return found


def salvage(raw: RawFile, marks: Sequence[bytes] = ()) -> Salvage:
    """Gather what is there, with `marks` only from pages that hold one of them. The page size is found out by what
    yields most."""
    _choose_page_size(raw)
    found = Salvage()
    for row in raw.rows(raw.holding(marks) if marks else None):
        if row.rowid > 0 and (named := _named(row)) is not None:
            _take(found, *named)
    for seq in found.damaged.keys() & found.journal.keys():
        del found.damaged[seq]
    if not marks:  # else most of the journal is not looked at
        _settle_journal(found)
    _settle_sealed(found)
    _settle_waves(found)
    return found


def _choose_page_size(raw: RawFile) -> None:
    if raw.newer or raw.key is not None:
        return  # the log has said it, or there is but one
    best = 0.0
    for size in sorted(PAGE_SIZES, key=lambda one: one != 4096):
        trial = RawFile(raw.data, size)
        if trial.page_count == 0:
            return
        pages = range(1, trial.page_count + 1, max(1, trial.page_count // _SAMPLE))
        score = sum(_named(row) is not None for row in trial.rows(pages)) / (len(pages) * size)
        if score > best:
            best, raw.page_size = score, size


def _named(row: RawRow) -> tuple[Table, Row] | None:
    """The table that a row fits, and its columns by name."""
    for table in _TABLES:
        columns = list(table.columns)
        if len(columns) != len(row.values):
            continue
        values = list(row.values)
        if _is_rowid(table, columns[0]):
            if values[0] is not None:
                continue
            values[0] = row.rowid
        if all(_fits(column, value) for column, value in zip(columns, values, strict=True)):
            return table, {column.name: value for column, value in zip(columns, values, strict=True)}
    return None


def _is_rowid(table: Table, column: Column[Any]) -> bool:
    return list(table.primary_key.columns) == [column]


def _fits(column: Column[Any], value: Value) -> bool:
    if value is None:
        return bool(column.nullable)
    match column.type:
        case Integer():
            return isinstance(value, int)
        case REAL():
            return isinstance(value, int | float)
        case LargeBinary():
            return isinstance(value, bytes)
    return isinstance(value, str)


def _take(found: Salvage, table: Table, row: Row) -> None:
    match table.name:
        case "journal":
            if why := _journal_fault(row):
                found.damaged[row["seq"]] = why
            else:
                found.journal[row["seq"]] = row
        case "sealed":
            found.sealed.setdefault((row["seq"], row["field"]), row)
        case "readings":
            found.readings.setdefault(row["id"], row)
        case "wave_chunks":
            found.chunks.setdefault(row["id"], row)
        case "wave_staging":
            found.staging.setdefault((row["batch"], row["place"]), row)
        case "chain_head":
            found.heads.append(row)


def _journal_fault(row: Mapping[str, Any]) -> str:
    try:
        body = json.loads(row["body"])
        whole = isinstance(body, dict) and canonical_text(body) == row["body"]
    except (ValueError, RecursionError):
        whole = False
    if not whole:
        return "its body is not as it was written"
    return "" if row_hash({**row, "body": body}) == row["hash"] else "its hash does not fit"


def _settle_journal(found: Salvage) -> None:
    """Rows that lie further off than a journal can have lost were put there, though the hash of each may fit."""
    seqs = sorted(found.journal)
    far = next((n for n, (before, seq) in enumerate(pairwise([0, *seqs])) if seq - before > _FAR), len(seqs))
    for seq in seqs[far:]:
        found.damaged[seq] = "its number is far beyond the end"
        del found.journal[seq]


def _settle_sealed(found: Salvage) -> None:
    """A text stays when its digest fits, and when nothing is left that could judge it."""
    for (seq, name), row in tuple(found.sealed.items()):
        entry = found.journal.get(seq)
        if entry is None:
            continue
        seal = json.loads(entry["body"]).get(name)
        try:
            fits = is_seal(seal) and sealed_digest(row["salt"], row["value"]) == seal["sha256"]
        except ValueError:
            fits = False
        if not fits:
            del found.sealed[seq, name]


def _settle_waves(found: Salvage) -> None:
    """Only what decodes as it was written stays; a second that is in a chunk is no longer staged."""
    for number, row in tuple(found.chunks.items()):
        try:
            _note_seconds(found, unpack(wave_key(row), row["seconds"], row["samples"], row["crc32"]))
        except DamagedChunk:
            found.spoilt_waves += 1
            del found.chunks[number]
    for (batch, place), row in tuple(found.staging.items()):
        if place in found.seconds.get(batch, {}):
            del found.staging[batch, place]
            continue
        try:
            if zlib.crc32(row["samples"]) != row["crc32"]:
                raise DamagedRow("its checksum does not fit")
            _note_seconds(found, [staged_of(row)])
        except (DamagedRow, TypeError):
            found.spoilt_waves += 1
            del found.staging[batch, place]


def _note_seconds(found: Salvage, placed: Iterable[Placed]) -> None:
    for one in placed:
        digest = second_digest(one.second, sample_bytes(one.second.samples))
        found.seconds.setdefault(one.batch, {})[one.place] = digest


# --- what is lost -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loss:
    """What a damaged database no longer holds. Batches are named by number: `lost` rows are gone, `changed` ones there
    but not as written."""

    entries: tuple[int, ...]
    end_known: bool
    texts: int
    readings: int
    wave_seconds: int
    changed_batches: tuple[int, ...]


def loss_of(found: Salvage) -> Loss:
    """Count it, from what the journal and the numbers of the rows that are there tell."""
    head = found.head
    end = max(found.last, 0 if head is None else int(head["seq"]))
    entries = tuple(seq for seq in range(1, end + 1) if seq not in found.journal)
    seals = [
        (seq, name)
        for seq, row in found.journal.items()
        for name, value in json.loads(row["body"]).items()
        if is_seal(value)
    ]
    lost_readings, changed_readings = _lost_readings(found)
    lost_seconds, changed_seconds = _lost_seconds(found)
    return Loss(
        entries=entries,
        end_known=head is not None,
        texts=sum(key not in found.sealed for key in seals),
        readings=lost_readings,
        wave_seconds=lost_seconds,
        changed_batches=tuple(sorted(changed_readings + changed_seconds)),
    )


def _lost_readings(found: Salvage) -> tuple[int, list[int]]:
    rows: dict[int, list[Row]] = {}
    for _, row in sorted(found.readings.items()):
        rows.setdefault(row["batch"], []).append(row)
    lost, changed, highest = 0, [], 0
    for number, batch in found.batches(_READINGS).items():
        there = rows.get(number, [])
        lost += max(0, batch.count - len(there))
        if len(there) < batch.count:
            continue
        # A reading's line does not say whose it is: its batch does.
        if batch_fits(there, batch.sha256) and all(row["session"] == batch.session for row in there):
            if there[-1]["id"] - there[0]["id"] == batch.count - 1:  # else a number itself was damaged
                highest = max(highest, there[-1]["id"])
        else:
            changed.append(number)
    # Batches whose journal row is lost too are known only by the numbers that are missing.
    return max(lost, highest - len(found.readings)), changed


def _lost_seconds(found: Salvage) -> tuple[int, list[int]]:
    lost, changed = 0, []
    for number, batch in found.batches(_WAVES).items():
        there = found.seconds.get(number, {})
        places = [there[place] for place in sorted(there) if 0 <= place < batch.count]
        lost += batch.count - len(places)
        if len(places) == batch.count and waves_sha256(places) != batch.sha256:
            changed.append(number)
    return lost, changed
