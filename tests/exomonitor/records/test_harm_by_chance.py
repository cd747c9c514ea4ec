"""Entries, readings and waves deleted, damaged, changed and added by chance: nothing forged is given out as true,
nothing true is left out in silence, and all who look say the same. The judge knows what was done."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exomonitor.clinical.protocol import load_protocol
from exomonitor.clock import ManualClock
from exomonitor.engine.stored import Damage
from exomonitor.exports.bundle import export_session
from exomonitor.exports.verify import verify_export
from exomonitor.records.queries import SqlArchive, open_archive
from exomonitor.records.verify import verify_database
from tests.exomonitor.records.tampering import FORGED, forge, forge_wave, recovered, tampering, two_sessions

ROUNDS, ROWS = 4, 2
ENTRIES, READINGS, BATCHES = 3 + 3 * ROUNDS, 2 * ROUNDS * ROWS, 2 * ROUNDS
SESSIONS = st.sampled_from(["s-1", "s-2"])
NUMBERS = st.integers(1, BATCHES + 4) | st.just(999)
HARM = st.one_of(
    st.tuples(st.sampled_from(["delete entry", "damage entry"]), st.integers(2, ENTRIES)),
    st.tuples(st.sampled_from(["delete reading", "change reading"]), st.integers(1, READINGS)),
    st.tuples(st.just("forge reading"), NUMBERS, SESSIONS, st.integers(1, ROWS)),
    st.tuples(st.just("forge wave"), NUMBERS, SESSIONS),
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record to which it is done."""
    return two_sessions(tmp_path_factory.mktemp("whole") / "clinic.sqlite3", ManualClock(), ROUNDS, ROWS)


def do(connection: sqlite3.Connection, kind: str, number: int, session: str = "", rows: int = 0) -> None:
    match kind:
        case "delete entry":
            connection.execute("DELETE FROM journal WHERE seq = ?", (number,)).close()
        case "damage entry":
            connection.execute("UPDATE journal SET actor = 'x' WHERE seq = ?", (number,)).close()
        case "delete reading":
            connection.execute("DELETE FROM readings WHERE id = ?", (number,)).close()
        case "change reading":
            connection.execute("UPDATE readings SET value = ? WHERE id = ?", (FORGED, number)).close()
        case "forge reading":
            forge(connection, number, rows, session)
        case "forge wave":
            forge_wave(connection, number, session)


class Judge:
    """Knows the whole record and what was done to it; looks at everything, one by one."""

    def __init__(self, whole: Path, harm: list[tuple[object, ...]]) -> None:
        self.lost = {int(str(one[1])) for one in harm if one[0] in {"delete entry", "damage entry"}}
        with closing(sqlite3.connect(whole)) as connection:
            self.session: dict[int, str] = dict(connection.execute("SELECT seq, session FROM journal").fetchall())
            told = "SELECT seq, json_extract(body, '$.batch') FROM journal WHERE type = 'ReadingsStored'"
            self.batch: dict[int, int] = dict(connection.execute(told).fetchall())
            self.readings = connection.execute("SELECT session, batch, value FROM readings ORDER BY id").fetchall()

    def lost_of(self, session: str) -> int:
        return sum(self.session[seq] == session for seq in self.lost)

    def can_have_been(self, batch: int) -> bool:
        """Whether an entry that is gone can have told of this batch, counted on from the nearest smaller one."""
        left = {number: seq for seq, number in self.batch.items() if seq not in self.lost}
        smaller = max((number for number in left if number < batch), default=0)
        after, before = left.get(smaller, 0), min((seq for n, seq in left.items() if n > batch), default=ENTRIES + 1)
        return batch not in left and batch - smaller <= sum(after < seq < before for seq in self.lost)

    def whole(self, batch: int, values: list[float | None]) -> bool:
        """Whether these are the readings that were stored, and their entry is there."""
        told = any(number == batch for seq, number in self.batch.items() if seq not in self.lost)
        return told and values == [value for _, number, value in self.readings if number == batch]

    def looks(self, archive: SqlArchive, session: str, verified: list[str]) -> Damage:
        found = archive.readable(session)
        damage, given_out = found.damage, [(batch, row.value) for batch, row in found.readings()]
        named = {*damage.changed, *damage.unproved}
        forged = Counter(batch for batch, value in given_out if value == FORGED)
        true = Counter((b, v) for s, b, v in self.readings if s == session)
        gone = true - Counter(given_out)
        assert forged.keys() <= named - {*damage.added}
        for batch in {batch for batch, _ in given_out}:
            assert batch in named or self.whole(batch, [value for number, value in given_out if number == batch])
        assert all(self.can_have_been(b) for b in {b for b, _ in given_out} - {b for b, _ in true})
        unproved = sum(batch in damage.unproved for batch, _ in given_out)
        assert damage.unproved_readings >= unproved - sum(b in damage.changed for b, _ in given_out)
        assert damage.entries >= self.lost_of(session)
        assert all(batch in named or damage.readings or damage.entries for batch, _ in gone)
        assert not gone or damage.sentence
        assert {*damage.added}.isdisjoint(batch for batch, _ in given_out)
        assert all(any(f"batch {batch})" in one for one in verified) for batch in damage.added)
        return damage


@settings(max_examples=30)
@given(harm=st.lists(HARM, max_size=5), recovers=st.booleans())
def test_whatever_was_done_it_is_told(whole, tmp_path_factory, harm, recovers):
    path = tmp_path_factory.mktemp("harmed") / "clinic.sqlite3"
    shutil.copyfile(whole, path)
    with tampering(path) as connection:
        for one in dict.fromkeys(harm):
            try:
                do(connection, *one)
            except sqlite3.IntegrityError:
                continue  # such a wave stands there already
    clock = ManualClock()
    path = recovered(path, clock) if recovers else path
    archive, judge = open_archive(path), Judge(whole, harm)
    verified = [str(finding) for finding in verify_database(path)]
    looked = {row.session: judge.looks(archive, row.session, verified) for row in archive.sessions()}
    damaged = sorted(session for session, damage in looked.items() if damage.sentence)
    assert sorted(archive.damaged()) == damaged
    assert len(looked) == 2, "no session loses all of its entries here"
    lists = archive.readable("s-1").lists_lost
    assert bool(verified) == bool(damaged or lists) == bool(harm)
    for session in looked:
        folder = export_session(
            archive,
            session,
            path.parent / session,
            ("csv", "json"),
            protocol=load_protocol(),
            program="t",
            now=clock.now(),
        )
        found = [finding.what for finding in verify_export(folder)]
        assert not any("were added" in what for what in found)
        assert any("says what was lost" in what for what in found) == (session in damaged)
    archive.know_damaged(damaged)
    assert sorted(row.session for row in archive.sessions() if row.damaged) == damaged
