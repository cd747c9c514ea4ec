"""Entries, readings and waves deleted, damaged, changed and added by chance: nothing forged is given out as true,
nothing true is left out in silence, and all who look say the same. The judge knows what was done."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from exomonitor.clinical.protocol import load_protocol
from exomonitor.clock import ManualClock
from exomonitor.engine.stored import Damage
from exomonitor.exports.bundle import export_session
from exomonitor.exports.verify import verify_export
from exomonitor.records.queries import SqlArchive, open_archive
from exomonitor.records.verify import verify_database
from tests.exomonitor.records.tampering import FORGED, forge, forge_wave, junk, recovered, tampering, two_sessions

ROUNDS, ROWS = 4, 2
ENTRIES, READINGS, BATCHES = 3 + 3 * ROUNDS, 2 * ROUNDS * ROWS, 2 * ROUNDS
SESSIONS = st.sampled_from(["s-1", "s-2"])
NUMBERS = st.integers(1, BATCHES + 4) | st.just(999)
HARM = st.one_of(
    st.tuples(st.sampled_from(["delete entry", "damage entry"]), st.integers(2, ENTRIES)),
    st.tuples(st.just("delete six entries"), st.integers(4, ENTRIES)),
    st.tuples(st.just("junk entry"), st.sampled_from([0, -1]), st.sampled_from(["", "zz"])),
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
        case "delete six entries":
            connection.execute("DELETE FROM journal WHERE seq BETWEEN ? AND ?", (number, number + 5)).close()
        case "junk entry":
            junk(connection, number, session)
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


def lost_by(kind: str, number: int) -> set[int]:
    match kind:
        case "delete six entries":
            return set(range(number, min(number + 5, ENTRIES) + 1))
        case "delete entry" | "damage entry":
            return {number}
    return set()


class Judge:
    """Knows the whole record and what was done to it; looks at everything, one by one."""

    def __init__(self, whole: Path, harm: list[tuple[object, ...]]) -> None:
        self.lost = set().union(*(lost_by(str(one[0]), int(str(one[1]))) for one in harm))
        self.given_out: dict[str, set[int]] = {}
        self.forged = {int(str(one[1])) for one in harm if str(one[0]).startswith("forge")}
        with closing(sqlite3.connect(whole)) as connection:
            self.session: dict[int, str] = dict(connection.execute("SELECT seq, session FROM journal").fetchall())
            told = "SELECT seq, json_extract(body, '$.batch') FROM journal WHERE type = 'ReadingsStored'"
            self.batch: dict[int, int] = dict(connection.execute(told).fetchall())
            self.readings = connection.execute("SELECT session, batch, value FROM readings ORDER BY id").fetchall()
        done = {(one[0], one[1]) for one in harm}
        changed = {number for number in range(1, READINGS + 1) if ("change reading", number) in done}
        self.left = [
            (session, batch, FORGED if number in changed else value)
            for number, (session, batch, value) in enumerate(self.readings, 1)
            if ("delete reading", number) not in done
        ]
        """What of them stands there still, and what of it was changed."""

    @property
    def rivals(self) -> set[int]:
        """What was forged under numbers that an entry which is gone can have told, and that nothing else has."""
        return {n for n in self.forged if self.can_have_been(n)} - {batch for _, batch, _ in self.left}

    def due(self, session: str) -> Counter[tuple[int, float | None]]:
        """What must be given out whatever else stands there: what belongs to an entry that is left; and where no more
        claims the place of those that are gone than had it, all that stands under a number of its own."""
        told = {number for seq, number in self.batch.items() if seq not in self.lost}
        alone = set() if self.rivals else {batch for _, batch, _ in self.left} - self.forged
        return Counter((batch, value) for of, batch, value in self.left if of == session and batch in told | alone)

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
        assert not self.due(session) - Counter(given_out)
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
        assert all(any(f"batch {batch})" in one for one in verified) for batch in damage.added + damage.added_waves)
        self.given_out[session] = {batch for batch, _ in given_out}
        return damage


@settings(max_examples=30)
@given(harm=st.lists(HARM, max_size=5), recovers=st.booleans())
@example(harm=[("forge wave", 1, "s-1"), ("forge wave", 3, "s-1")], recovers=False)
@example(harm=[("delete six entries", 4), ("forge reading", 2, "s-1", 1)], recovers=False)
@example(harm=[("delete entry", ENTRIES - 1), ("forge reading", BATCHES, "s-1", 1)], recovers=True)
@example(harm=[("delete entry", ENTRIES), ("junk entry", 0, "zz")], recovers=False)
def test_whatever_was_done_it_is_told(whole, tmp_path_factory, harm, recovers):
    judge = Judge(whole, harm)
    assume(all(judge.lost_of(session) < own for session, own in Counter(judge.session.values()).items()))
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
    archive = open_archive(path)
    verified = [str(finding) for finding in verify_database(path)]
    looked = {row.session: judge.looks(archive, row.session, verified) for row in archive.sessions()}
    damaged = sorted(session for session, damage in looked.items() if damage.sentence)
    assert sorted(archive.damaged()) == damaged
    assert {*looked} == {"s-1", "s-2"}
    assert judge.given_out["s-1"].isdisjoint(judge.given_out["s-2"])
    lists = archive.readable("s-1").lists_lost
    real = [one for one in harm if one[0] != "junk entry"]  # a recovery leaves junk out, and nothing is lost by it
    assert bool(damaged or lists) == bool(real)
    assert bool(verified) == bool(real if recovers else harm)
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
