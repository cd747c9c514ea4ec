"""Recovering from damage: whatever lies on an undamaged page comes back as it was, and the loss is counted right."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import stat
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from exomonitor.clock import ManualClock
from exomonitor.errors import CommandRefused
from exomonitor.integrity import canonical_json, row_hash
from exomonitor.records.queries import SqlArchive, open_archive
from exomonitor.records.raw_pages import opened
from exomonitor.records.recover import recover
from exomonitor.records.salvage import Loss, Salvage, loss_of, salvage
from exomonitor.records.verify import verify_database
from exomonitor.session.events import NoteAdded
from exomonitor.session.machine_events import RecordRecovered
from tests.exomonitor.records.record_samples import SESSION, draft, fill, make_database, recording
from tests.exomonitor.records.tampering import tampering, two_sessions

PROGRAM = "ExoMonitor test"
PAGE = 4096
FLIPS = 100


@dataclass(frozen=True)
class Sample:
    """A whole database and what plain SQL finds in it."""

    path: Path
    tables: dict[str, list[tuple[Any, ...]]]

    @property
    def journal(self) -> dict[int, tuple[Any, ...]]:
        return {row[0]: row for row in self.tables["journal"]}


def read(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    names = ("journal", "sealed", "readings", "wave_chunks", "wave_staging", "chain_head")
    with closing(sqlite3.connect(path)) as connection:
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}


def record(path: Path, clock: ManualClock, *, wanted: Path | None = None) -> None:
    """Three sessions, long texts that need pages of their own; `wanted`: copied there while the log is still full."""
    with recording(make_database(path, clock)) as recorder:
        for number in range(3):
            fill(recorder, clock, 14, f"s-{number}")
            long = draft(NoteAdded("a long made-up note " * 700), clock.advance(1), f"s-{number}")
            recorder.submit([long]).result()
        if wanted is not None:
            wanted.parent.mkdir()
            for end in ("", "-wal"):
                shutil.copy(path.with_name(path.name + end), wanted.with_name(wanted.name + end))


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Sample:
    path = tmp_path_factory.mktemp("whole") / "clinic.sqlite3"
    record(path, ManualClock())
    return Sample(path, read(path))


def gather(path: Path) -> tuple[Salvage, Loss]:
    with opened(path) as raw:
        found = salvage(raw)
    return found, loss_of(found)


def judge(found: Salvage, loss: Loss, whole: Sample) -> None:
    """Nothing is there that was not written, and what is not there is counted."""
    journal = {seq: tuple(row.values()) for seq, row in found.journal.items()}
    assert journal.items() <= whole.journal.items()
    end = len(whole.journal) if loss.end_known else found.last
    assert set(loss.entries) == set(range(1, end + 1)) - journal.keys()
    known = {batch.seq for kind in ("ReadingsStored", "WavesStored") for batch in found.batches(kind).values()}
    rows = Counter(row[1:] for row in whole.tables["readings"])
    there = Counter(tuple(row.values())[1:] for row in found.readings.values())
    strange = {row[0] for row in there - rows}
    assert strange <= set(loss.changed_batches) | _batches_of(whole, journal.keys() - known)
    if len(journal) == len(whole.journal):
        assert loss.readings == max(0, rows.total() - there.total())
        assert loss.texts == len(whole.tables["sealed"]) - len(found.sealed)
        seconds = sum(json.loads(row[10])["count"] for row in whole.journal.values() if row[9] == "WavesStored")
        assert loss.wave_seconds == seconds - sum(map(len, found.seconds.values()))


def _batches_of(whole: Sample, seqs: set[int]) -> set[int]:
    return {json.loads(whole.journal[seq][10]).get("batch") for seq in seqs if seq in whole.journal}


def damaged(whole: Sample, folder: Path, content: bytes) -> Path:
    path = folder / "damaged.sqlite3"
    path.write_bytes(content)
    return path


def test_from_an_undamaged_database_everything_comes_back(whole, tmp_path, clock):
    new = tmp_path / "new" / "clinic.sqlite3"
    done = recover(whole.path, new, PROGRAM, clock)
    assert done.complete
    assert done.sentence.endswith("are recovered; nothing that was counted is lost.")
    back = read(new)
    assert back["journal"][:-1] == whole.tables["journal"]
    for name in ("sealed", "readings", "wave_chunks", "wave_staging"):
        assert sorted(back[name]) == sorted(whole.tables[name])
    assert verify_database(new) == []
    assert stat.S_IMODE(new.stat().st_mode) == 0o600
    assert isinstance(SqlArchive(new).entries("")[-1].event, RecordRecovered)
    with recording(make_database(new, clock)) as recorder:
        recorder.submit([draft(NoteAdded("goes on"), clock.now())]).result()
    assert verify_database(new) == []


@pytest.mark.parametrize("size", [100, PAGE])
def test_a_destroyed_header_loses_nothing(whole, tmp_path, clock, size):
    path = damaged(whole, tmp_path, bytes(size) + whole.path.read_bytes()[size:])
    with pytest.raises(Exception, match="not a database"):
        open_archive(path)
    done = recover(path, tmp_path / "new.sqlite3", PROGRAM, clock)
    assert done.complete
    assert verify_database(tmp_path / "new.sqlite3") == []
    assert read(tmp_path / "new.sqlite3")["journal"][:-1] == whole.tables["journal"]


def test_swapped_pages_lose_no_row_that_lies_on_one_page(whole, tmp_path, clock):
    content, chance = whole.path.read_bytes(), random.Random(6)
    count = len(content) // PAGE
    whole_rows = {seq for seq, row in whole.journal.items() if len(row[10]) < PAGE}
    for _ in range(40):
        one, two = sorted(chance.sample(range(count), 2))
        pages = [content[at * PAGE : (at + 1) * PAGE] for at in range(count)]
        pages[one], pages[two] = pages[two], pages[one]
        found, loss = gather(damaged(whole, tmp_path, b"".join(pages)))
        judge(found, loss, whole)
        assert whole_rows <= found.journal.keys()
        assert loss.readings == 0


def test_a_reading_that_became_another_sessions_is_told(whole):
    with opened(whole.path) as raw:
        found = salvage(raw)
    row = next(iter(found.readings.values()))
    row["session"] = row["session"].upper()
    assert loss_of(found).changed_batches == (row["batch"],)


def test_one_flipped_bit_anywhere_is_noticed_or_touches_no_record(whole, tmp_path):
    content, chance = whole.path.read_bytes(), random.Random(7)
    lost = 0
    for _ in range(FLIPS):
        changed = bytearray(content)
        bit = chance.randrange(len(content) * 8)
        changed[bit // 8] ^= 1 << bit % 8
        found, loss = gather(damaged(whole, tmp_path, bytes(changed)))
        judge(found, loss, whole)
        lost += len(loss.entries)
    assert 0 < lost < FLIPS * 5


def test_a_truncated_file_gives_what_is_left(whole, tmp_path, clock):
    content, chance = whole.path.read_bytes(), random.Random(8)
    for length in [chance.randrange(PAGE, len(content)) for _ in range(25)]:
        found, loss = gather(damaged(whole, tmp_path, content[:length]))
        judge(found, loss, whole)
    path = damaged(whole, tmp_path, content[: len(content) * 2 // 3])
    done = recover(path, tmp_path / "new.sqlite3", PROGRAM, clock)
    kept = {row[0] for row in read(tmp_path / "new.sqlite3")["journal"]}
    assert set(done.loss.entries) == set(range(1, max(done.loss.entries) + 1)) - kept
    assert f"{len(done.loss.entries)} entries" in done.sentence
    missing = verify_database(tmp_path / "new.sqlite3")
    assert any(finding.table == "journal" and "missing" in finding.what for finding in missing)


def test_what_waits_in_the_log_comes_back_too(tmp_path, clock):
    path = tmp_path / "copy" / "clinic.sqlite3"
    record(tmp_path / "clinic.sqlite3", clock, wanted=path)
    sample = Sample(path, read(tmp_path / "clinic.sqlite3"))
    found, loss = gather(path)
    assert {seq: tuple(row.values()) for seq, row in found.journal.items()} == sample.journal
    assert (loss.entries, loss.readings, loss.wave_seconds) == ((), 0, 0)
    log = path.with_name(path.name + "-wal")
    content, chance = log.read_bytes(), random.Random(9)
    for _ in range(12):
        changed = bytearray(content)
        bit = chance.randrange(len(content) * 8)
        changed[bit // 8] ^= 1 << bit % 8
        log.write_bytes(changed)
        found, _ = gather(path)
        assert {seq: tuple(row.values()) for seq, row in found.journal.items()}.items() <= sample.journal.items()


def test_a_damaged_log_is_said(tmp_path, clock):
    path = tmp_path / "copy" / "clinic.sqlite3"
    record(tmp_path / "clinic.sqlite3", clock, wanted=path)
    log = path.with_name(path.name + "-wal")
    content = bytearray(log.read_bytes())
    content[len(content) // 2] ^= 1
    log.write_bytes(content)
    done = recover(path, tmp_path / "new.sqlite3", PROGRAM, clock)
    assert (done.complete, done.log_damaged) == (False, 1)
    assert "1 page of the log cannot be read" in done.sentence


def test_a_lost_beginning_leaves_plain_rows_and_a_database_to_read(whole, tmp_path, clock):
    content = bytearray(whole.path.read_bytes())
    at = content.index(b'"database_id"') + 3
    content[at] ^= 1
    new = tmp_path / "new.sqlite3"
    done = recover(damaged(whole, tmp_path, bytes(content)), new, PROGRAM, clock)
    assert (done.has_beginning, done.loss.entries, list(done.damaged)) == (False, (1,), [1])
    assert done.sentence.endswith("the beginning is lost, so the new database can be read but not continued.")
    assert len(SqlArchive(new).sessions()) == 3
    plain = new.with_name(new.name + ".journal.jsonl").read_text().splitlines()
    assert [json.loads(line)["seq"] for line in plain] == list(range(2, len(whole.journal) + 1))


def test_a_changed_entry_is_left_out_and_listed(whole, tmp_path, clock):
    content = bytearray(whole.path.read_bytes())
    content[content.index(b'"dose_billion":"5.0"') + 16] = ord("7")
    new = tmp_path / "new.sqlite3"
    done = recover(damaged(whole, tmp_path, bytes(content)), new, PROGRAM, clock)
    assert list(done.damaged.values()) == ["its hash does not fit"]
    assert done.loss.entries == tuple(done.damaged)
    report = json.loads(new.with_name(new.name + ".recovery.json").read_text())
    assert report["damaged_entries"] == {str(seq): why for seq, why in done.damaged.items()}
    (gone,) = done.damaged
    assert report["intact_entries"] == [[1, gone - 1], [gone + 1, len(whole.journal)]]
    assert report["sentence"] == done.sentence
    assert len(SqlArchive(new).entries(SESSION)) == len(SqlArchive(whole.path).entries(SESSION))


@pytest.mark.parametrize("content", [b"", b"a letter " * 900, bytes(3 * PAGE), b"\xff" * 3 * PAGE])
def test_where_nothing_of_ours_is_nothing_is_made(tmp_path, clock, content):
    path = tmp_path / "letter"
    path.write_bytes(content)
    with pytest.raises(CommandRefused, match="holds no entry of this program"):
        recover(path, tmp_path / "new.sqlite3", PROGRAM, clock)
    assert [file.name for file in tmp_path.iterdir()] == ["letter"]


def test_nothing_is_overwritten(whole, tmp_path, clock):
    (tmp_path / "new.sqlite3").write_text("precious")
    with pytest.raises(CommandRefused, match="exists already"):
        recover(whole.path, tmp_path / "new.sqlite3", PROGRAM, clock)
    with pytest.raises(CommandRefused, match="no file"):
        recover(tmp_path / "none", tmp_path / "other.sqlite3", PROGRAM, clock)


def test_noise_is_read_without_an_error(tmp_path):
    chance = random.Random(10)
    for _ in range(20):
        (tmp_path / "noise").write_bytes(chance.randbytes(8 * PAGE))
        found, loss = gather(tmp_path / "noise")
        assert (found.journal, loss.entries) == ({}, ())


@pytest.mark.parametrize(
    "body", [{}, {"batch": "x", "count": 1, "sha256": "0"}, {"batch": 3, "count": [], "sha256": 1}]
)
def test_an_entry_that_tells_of_no_batch_is_recovered_with_the_rest(tmp_path, clock, body):
    path = two_sessions(tmp_path / "clinic.sqlite3", clock, rounds=3)
    with tampering(path) as connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("SELECT * FROM journal WHERE type = 'ReadingsStored' LIMIT 1").fetchone())
        fits = row_hash({**row, "body": body})
        text = canonical_json(body).decode()
        connection.execute("UPDATE journal SET body = ?, hash = ? WHERE seq = ?", (text, fits, row["seq"])).close()
    done = recover(path, tmp_path / "again.sqlite3", "test", clock)
    assert not done.damaged
    assert (done.readings, done.unknown_batches) == (6, 1)
