"""Judges a session of the field: what the record holds against what was acknowledged, what the devices said and what a
slow reference makes of it. Nothing of the engine is used but the reading of entries."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from devices.catalogue import spec_of
from exomonitor.clock import NS, Instant
from exomonitor.engine.live import NOT_RUNNING
from exomonitor.engine.ports import ReadingRow
from exomonitor.records.left_off import TOGETHER_S
from exomonitor.records.queries import SqlArchive, open_archive
from exomonitor.records.verify import verify_database
from exomonitor.session.entry import Entry
from exomonitor.session.events import SessionSigned
from exomonitor.session.machine_events import GapClosed
from tests.bench.field_alarms import judge_alarms
from tests.bench.field_plan import Day
from tests.bench.field_told import LifeTold
from tests.bench.field_verdict import Verdict
from tests.exomonitor.records.record_samples import ask

NIBP = frozenset({"nibp_sys", "nibp_dia", "nibp_map"})
LOST_S = 2.0
"""So much before the death of a life may be missing: a batch is written after a second, and the answer comes later."""
HELD_S = {"pump": 5.0, "monitor": TOGETHER_S}
"""So much earlier may a gap begin: what a pump says again is not stored again for so long, and a wave that ended a
little before the last reading was cut off."""
WAVE_S = 1.0
"""A wave is stored by whole seconds."""
AFTER_FULL_S = 10.0
ASLEEP_NS = NS
ROUNDED_S = 0.01
Number = tuple[int, float]


def judge(one: Day, lives: Sequence[LifeTold], database: Path) -> dict[str, object]:
    """Everything that is to be said of it, as plain values."""
    verdict = Verdict()
    archive = open_archive(database)
    sessions = archive.sessions()
    entries = archive.entries(sessions[0].session) if sessions else []
    signed = bool(entries) and any(isinstance(entry.event, SessionSigned) for entry in entries)
    if not signed:
        verdict.wrong("not captured", f"seed {one.seed}: life {len(lives)} ended with {lives[-1].status}")
    for life in lives:
        if life.status and not life.died:
            verdict.wrong("failed", (life.number, life.status))
    _acknowledged(lives, database, archive, verdict)
    if entries:
        pieces = [Piece(life, entries) for life in lives if life.heard.ticks]
        readings = [row for _, row in archive.readings(sessions[0].session)]
        known: set[str] = set()
        for piece in pieces:
            piece.know(pieces)
            piece.excuse(one)
            piece.begin(readings, known)
            _numbers(piece, readings, verdict)
            _pump_numbers(piece, readings, verdict)
            _strangers(piece, readings, verdict)
            _gaps(piece, entries, one, verdict)
        _restarts(pieces, entries, readings, verdict)
        _waves(pieces, archive, sessions[0].session, verdict)
        judge_alarms(one, lives, entries, readings, verdict)
    verdict.counts["lives"] = len(lives)
    return {"captured": signed, "counts": dict(verdict.counts), "first": verdict.first}


def _acknowledged(lives: Sequence[LifeTold], database: Path, archive: SqlArchive, verdict: Verdict) -> None:
    kept = {int(str(row[0])): row[1] for row in ask(database, "SELECT seq, hash FROM journal")}
    for life in lives:
        for seq, row_hash in life.acknowledged:
            verdict.counts["acknowledged"] += 1
            if kept.get(seq) != row_hash:
                verdict.wrong("acknowledged lost", seq)
    for finding in verify_database(database):
        verdict.wrong("not intact", finding)


@dataclass(slots=True)
class Piece:
    """The part of a session that one life recorded. Times in ns of that boot."""

    life: LifeTold
    entries: Sequence[Entry]
    from_ns: int = 0
    to_ns: int = 0
    signed_ns: int = -1
    """Where it was signed, if that was in this life."""
    away: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    """By source: from when to when the record says that nothing of it is known, because the program was away."""
    closed: set[tuple[str, int]] = field(default_factory=set)
    """By source: where a stated gap ends. A piece of a wave that comes then was measured before, in that gap."""
    excused_ns: int = 0
    """What was heard before this moment must be stored, whatever gap is stated."""
    until_ns: int = 1 << 62
    """Where the next life goes on, if that is on the same time line."""

    def __post_init__(self) -> None:
        opened = self.entries[0].at
        mine = self._mine(opened)
        self.from_ns = max(opened.mono_ns if mine else 0, self.life.began_ns - 1)
        last = next((e.at for e in self.entries if isinstance(e.event, SessionSigned)), self.entries[-1].at)
        ours = self._mine(last) and last.mono_ns >= self.from_ns
        self.to_ns = last.mono_ns if ours else self.life.heard.ticks[-1]
        self.signed_ns = last.mono_ns if ours else -1

    def _mine(self, at: Instant) -> bool:
        return at.boot_id == self.life.boot

    def know(self, pieces: Sequence[Piece]) -> None:
        """What the record says of the restarts, whichever lives they lie between."""
        offsets = {piece.life.boot: piece.life.boot_ns - self.life.boot_ns for piece in pieces}
        for entry in self.entries:
            gap = entry.event
            if isinstance(gap, GapClosed) and gap.cause == NOT_RUNNING:
                began, ended = (at.mono_ns + offsets[at.boot_id] for at in (gap.began, gap.ended))
                self.away[gap.source].append((began, ended))
            if isinstance(gap, GapClosed) and self._mine(gap.ended):
                self.closed.add((gap.source, gap.ended.mono_ns))
        later = (p.life.began_ns for p in pieces if p.life.boot == self.life.boot and p.life.number > self.life.number)
        self.until_ns = min(later, default=self.until_ns)
        self.to_ns = min(self.to_ns, self.until_ns - 1)

    def excuse(self, one: Day) -> None:
        """The last seconds of a life that died may be missing, and what it heard since the disk was full."""
        died_s = self.life.last_s + self.life.true_ns / NS
        full = [
            h.at_s
            for h in one.happenings
            if h.what == "disk full" and h.at_s <= died_s <= h.at_s + h.amount + AFTER_FULL_S
        ]
        lost_s = LOST_S + max((died_s - at_s for at_s in full), default=0.0)
        self.excused_ns = self.awake_before_end(lost_s) if self.life.died else 1 << 62

    def begin(self, readings: Sequence[ReadingRow], known: set[str]) -> None:
        """A source of which a life that died stored nothing, and none before it (`known`), is on record from a later
        life on."""
        known.update(row.source for row in readings if self.has(row.at))
        if self.life.died:
            for source in {source for source, *_ in self.life.heard.vitals} - known:
                self.away[source].append((0, 1 << 62))

    def awake_before_end(self, seconds: float) -> int:
        """The moment so long before its end; when the computer slept, and could not write, does not count."""
        moment, left_ns = self.life.heard.ticks[-1], round(seconds * NS)
        for before, after in pairwise(reversed(self.life.heard.ticks)):
            passed = min(before - after, left_ns)
            if before - after > ASLEEP_NS:
                moment = after
                continue
            moment, left_ns = moment - passed, left_ns - passed
            if not left_ns:
                break
        return moment - left_ns

    def has(self, at: Instant) -> bool:
        """Whether this instant lies in it."""
        ends = min(self.life.heard.ticks[-1] + NS, self.until_ns - 1)
        return self._mine(at) and self.life.began_ns <= at.mono_ns <= ends

    def scenario_ns(self, at: Instant) -> int:
        """When that was in truth."""
        return at.mono_ns + self.life.boot_ns + self.life.true_ns

    def inside(self, at_ns: int, source: str, held_s: float = 0.0) -> bool:
        """Whether a moment of its clock lies in the session, and not where this source is said to be unknown."""
        ended = at_ns == self.signed_ns  # what came in the moment of the signature may have come after it
        return self.from_ns < at_ns <= self.to_ns and not ended and not self.unknown(at_ns, source, held_s)

    def in_the_gap_before(self, at_ns: int, source: str) -> bool:
        """Whether the samples that came at this moment, the last before a death, lie in a stated gap that it ended."""
        return at_ns >= self.excused_ns - round(WAVE_S * NS) and (source, at_ns) in self.closed

    def unknown(self, at_ns: int, source: str, held_s: float = 0.0) -> bool:
        """Whether a moment of its clock lies in a stated gap of a restart, and so late that it may be missing."""
        return at_ns >= self.excused_ns - round(held_s * NS) and any(
            began < at_ns < ended for began, ended in self.away[source]
        )


def _numbers(piece: Piece, readings: Sequence[ReadingRow], verdict: Verdict) -> None:
    """Every vital sign that came is stored, none that did not."""
    rows = [row for row in readings if piece.has(row.at) and not row.channel]
    stored = {_key(row.name, row.at.mono_ns, row.measured_at.iso() if row.measured_at else "-") for row in rows}
    came = {_key(sign, at, taken): (at, source) for source, sign, at, taken, _ in piece.life.heard.vitals}
    values = {(sign, at): value for _, sign, at, _, value in piece.life.heard.vitals}
    for key, (at, source) in came.items():
        if piece.inside(at, source):
            verdict.counts["values"] += 1
            if key not in stored:
                verdict.wrong("values lost", (piece.life.number, key))
        elif piece.unknown(at, source) and key not in stored:
            verdict.counts["values in a stated gap"] += 1
    for row in rows:
        if values.get((row.name, row.at.mono_ns)) != str(row.value):
            verdict.wrong("values invented", (piece.life.number, row.name, row.at.mono_ns, row.value))


def _key(sign: str, at: int, taken: str) -> tuple[str, object]:
    return (sign, taken if taken != "-" and sign in NIBP else at)


def _pump_numbers(piece: Piece, readings: Sequence[ReadingRow], verdict: Verdict) -> None:
    """A pump's numbers are stored when they change: at each report the record shows what the pump said."""
    stored: dict[tuple[str, str], list[Number]] = defaultdict(list)
    for row in readings:
        if piece.has(row.at) and row.channel and row.value is not None:
            stored[row.channel, row.name].append((row.at.mono_ns, row.value))
    for channel, at, source, numbers in piece.life.heard.pumps:
        if not piece.inside(at, source) or numbers == "-":
            continue
        for name, _, value in (pair.partition("=") for pair in numbers.split(",")):
            known = stored[channel, name]
            place = bisect_right(known, (at, float("inf")))
            verdict.counts["values"] += 1
            if not place or str(known[place - 1][1]) != str(float(value)):
                verdict.wrong("values lost", (piece.life.number, channel, name, at, value))


def _strangers(piece: Piece, readings: Sequence[ReadingRow], verdict: Verdict) -> None:
    """Nothing of a device that was not the right one is in the record."""
    since: dict[str, int] = {}
    for role, who, at in [*piece.life.heard.strangers, *((r, "right", piece.to_ns) for r in ("pump", "monitor"))]:
        if who == "wrong":
            since[role] = at
        elif role in since:
            began = since.pop(role)
            for row in readings:
                if row.source == role and piece.has(row.at) and began < row.at.mono_ns <= at:
                    verdict.wrong("values of a stranger", (row.name, row.at.mono_ns))


def _gaps(piece: Piece, entries: Sequence[Entry], one: Day, verdict: Verdict) -> None:
    """Where a source was silent beyond its stale limit the record says so, from frame to frame, and nowhere else."""
    must, true = set[tuple[str, int, int]](), set[tuple[str, int, int]]()
    for source, frames in piece.life.heard.frames.items():
        stale_ns = spec_of(one.scenario.pump if source == "pump" else one.scenario.monitor).stale_s * NS
        moments = sorted(set(frames))
        for before, after in pairwise(moments):
            began = max(before, piece.from_ns)
            if after - began > stale_ns and piece.from_ns < after <= piece.to_ns:
                true.add((source, began, after))
                must.update(() if piece.unknown(after, source) else [(source, began, after)])
    said = {
        (e.event.source, e.event.began.mono_ns, e.event.ended.mono_ns)
        for e in entries
        if isinstance(e.event, GapClosed)
        and e.event.cause != NOT_RUNNING
        and piece.has(e.event.ended)
        and piece.has(e.event.began)
    }
    verdict.counts["gaps"] += len(must)
    for gap in must - said:
        verdict.wrong("gaps not stated", (piece.life.number, gap))
    for gap in said - true:
        verdict.wrong("gaps stated that were none", (piece.life.number, gap))


def _restarts(
    pieces: Sequence[Piece], entries: Sequence[Entry], readings: Sequence[ReadingRow], verdict: Verdict
) -> None:
    """From the last frame of a life that is stored to the first of a later one the record has a gap, to the sample."""
    said = [e.event for e in entries if isinstance(e.event, GapClosed) and e.event.cause == NOT_RUNNING]
    verdict.counts["gaps of restarts"] += len(said)
    for gap in said:
        for found in wrong_in(gap, pieces, readings):
            verdict.wrong("gaps of restarts wrong", (gap.source, gap.began.iso(), gap.ended.iso(), gap.seconds, found))
    ended = {(gap.source, gap.ended.boot_id, gap.ended.mono_ns) for gap in said}
    for source in ("pump", "monitor"):
        was = False
        for piece in pieces:
            heard = [at for at in piece.life.heard.frames[source] if piece.from_ns < at <= piece.to_ns]
            if was and heard and (source, piece.life.boot, heard[0]) not in ended and piece.inside(heard[0], source):
                verdict.wrong("gaps not stated", (piece.life.number, source, heard[0], "after a restart"))
            # A first frame that a death took away is no beginning of a gap: nothing of this source was known before.
            was = was or any(at <= piece.excused_ns for at in heard)


def wrong_in(gap: GapClosed, pieces: Sequence[Piece], readings: Sequence[ReadingRow]) -> Iterator[str]:
    """What is wrong with where the gap of a restart begins, and with how long it is said to be."""
    before = next((piece for piece in reversed(pieces) if piece.has(gap.began)), None)
    after = next((piece for piece in pieces if piece.has(gap.ended)), None)
    if before is None or after is None or before is after:
        yield "it is not between two lives"
        return
    true_s = (after.scenario_ns(gap.ended) - before.scenario_ns(gap.began)) / NS
    if gap.seconds < 0 or gap.seconds > true_s + ROUNDED_S or (not gap.at_least and gap.seconds < true_s - ROUNDED_S):
        yield f"it was {true_s:.3f} s"
    stored = [row.at.mono_ns for row in readings if row.source == gap.source and before.has(row.at)]
    if stored and gap.began.mono_ns < max(stored) - round(TOGETHER_S * NS):
        yield "it begins before the last stored sample"
    life = before.life.heard
    moments = [(one[0], one[2]) for one in life.vitals] + [(one[2], one[1]) for one in life.pumps]
    heard = [at for source, at in moments if source == gap.source and at <= before.excused_ns]
    if heard and gap.began.mono_ns < max(heard) - round(HELD_S[gap.source] * NS):
        yield "it begins long before the last sample that came"


def _waves(pieces: Sequence[Piece], archive: SqlArchive, session: str, verdict: Verdict) -> None:
    """Of each wave as many samples are stored as came; those of a life that was cut off up to a second or two before
    its end, which are counted."""
    kept: dict[tuple[int, str, str], int] = defaultdict(int)
    for _, second in archive.waves(session):
        ended = second.began.plus(len(second.samples) / second.rate_hz)
        piece = next((piece for piece in pieces if piece.has(ended)), None)
        if piece is None:
            verdict.wrong("wave seconds invented", second.began.iso())
        else:
            kept[piece.life.number, second.source, second.wave] += len(second.samples)
    for piece in pieces:
        for (source, wave), came in piece.life.heard.waves.items():
            mine = [(at, count) for at, count in came if piece.from_ns < at <= piece.to_ns]
            there = kept[piece.life.number, source, wave]
            verdict.counts["wave samples"] += sum(count for _, count in mine)
            _wave(piece, (source, wave), mine, there, verdict)


def _wave(piece: Piece, name: tuple[str, str], came: Sequence[tuple[int, int]], there: int, verdict: Verdict) -> None:
    whole = 0
    for at, count in came:
        whole += count
        if whole > there and not piece.in_the_gap_before(at, name[0]) and piece.inside(at, name[0], WAVE_S):
            verdict.wrong("wave samples lost", (piece.life.number, *name, at, whole, there))
            return
    if whole < there:
        verdict.wrong("wave samples invented", (piece.life.number, *name, whole, there))
    verdict.counts["wave samples in a stated gap"] += max(0, whole - there)
