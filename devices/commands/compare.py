"""Reads a session's raw bytes again and says where the record differs from what is understood now; changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import TextIO

from devices.commands.against import Against
from devices.commands.ending import until_ended
from devices.commands.heard_again import expected_in, heard_again
from devices.commands.lines import Line, write_line
from devices.spec import DeviceSpec
from devices.transport.capture import Record
from exomonitor.clock import NS, Instant, iso_utc
from exomonitor.engine.outbox import Outbox
from exomonitor.engine.ports import Draft, ReadingRow, WaveSecond
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.records.queries import open_archive
from exomonitor.session.entry import Entry
from exomonitor.session.events import DeviceBound
from exomonitor.signals.pump import PumpReading
from exomonitor.signals.quality import Origin
from exomonitor.signals.vitals import VitalReading
from exomonitor.signals.waves import WaveChunk

EDGE = timedelta(seconds=1)
"""The wall clock may be set while a session runs; the monotonic one is that of the recording's boot only within it."""

Reading = VitalReading | PumpReading | WaveChunk
Key = tuple[int, str, str, int]
"""When (monotonic ns), channel, name, and the how many-th of these."""
Said = tuple[object, ...]


def compare_with(against: Against, spec: DeviceSpec, records: Iterable[Record], out: TextIO) -> int:
    """Print one line for each difference and one that counts; 0 where there is none, 1 otherwise. What the session read
    from another device in the same role is not looked at, nor what another one than the right one said.

    Raises CommandRefused where the session has nothing of the recording's time, EnvironmentFault for a damaged file.
    """
    archive = open_archive(against.database)
    session = archive.resolve(against.session)
    entries, source, raw = archive.entries(session), spec.role.value, list(records)
    rows = [row for _, row in archive.readings(session) if row.source == source and _by_device(row.origin)]
    waves = [second for _, second in archive.waves(session) if second.source == source and _by_device(second.origin)]
    when = _Span.of([record.at for record in raw]) if raw else None
    rows = [row for row in rows if when is not None and when.holds(row.at)]
    waves = [second for second in waves if when is not None and when.holds(second.began)]
    nothing = f"The session {session} has no readings of a {source} from the time of this recording"
    if not rows and not waves:
        raise CommandRefused(nothing)
    boot_id = rows[0].at.boot_id if rows else waves[0].began.boot_id
    raw = [replace(record, at=replace(record.at, boot_id=boot_id)) for record in raw]
    expected = expected_in(entries, source, raw[0].at, (row.at for row in rows))
    heard = [fact for fact in heard_again(spec, raw, expected) if isinstance(fact, Reading)]
    if not heard:
        raise CommandRefused("Nothing in the recording is understood")
    serials = {fact.serial for fact in heard if isinstance(fact, PumpReading) and fact.serial}
    theirs = device_of(entries, source, spec.choice, serials)
    rows = [row for row in rows if theirs(row.at)]
    waves = [second for second in waves if theirs(second.began)]
    if not rows and not waves:
        raise CommandRefused(nothing)
    same, differences = compare(rows, waves, [fact for fact in heard if theirs(fact.at)])
    with until_ended(out):
        for line in differences:
            write_line(out, line)
        total = len(rows) + len(waves)
        counted: Line = {"kind": "comparison", "session": session, "stored": total, "same": same}
        write_line(out, counted | {"differences": len(differences)})
    return 1 if differences else 0


def device_of(entries: Iterable[Entry], role: str, device: str, serials: Set[str]) -> Callable[[Instant], bool]:
    """Whether at a moment this device was the role's in the session, and not another family, address or number.

    serials: the numbers that were told in the recording, where any were. Before anything was pinned counts as pinned
    first: a device is read before it is pinned.
    """
    pinned = [(one.at, one.event) for one in entries if isinstance(one.event, DeviceBound) and one.event.role == role]

    def holds(at: Instant) -> bool:
        before = [event for since, event in pinned if at.since(since) >= 0] or [event for _, event in pinned[:1]]
        if not before or not before[-1].key:
            return True
        same = _unformatted(before[-1].key) == _unformatted(device)
        return same and (not before[-1].serial or not serials or before[-1].serial in serials)

    return holds


def _unformatted(key: str) -> str:
    family, at, address = key.partition("@")
    return family.partition("/")[0] + at + address


def compare(
    rows: Sequence[ReadingRow], waves: Sequence[WaveSecond], heard: Sequence[Reading]
) -> tuple[int, list[Line]]:
    """How many stored rows and wave seconds are the same again, and a line for each that is not, in order of time."""
    stored = _numbered(rows, waves)
    again = _numbered(*_stored_again(rows, waves, heard))
    same = sum(stored[key] == said for key, said in again.items() if key in stored)
    different = sorted(key for key in stored.keys() | again.keys() if stored.get(key) != again.get(key))
    return same, [_line(key, stored.get(key), again.get(key)) for key in different]


def _stored_again(
    rows: Sequence[ReadingRow], waves: Sequence[WaveSecond], heard: Sequence[Reading]
) -> tuple[list[ReadingRow], list[WaveSecond]]:
    """What the engine would store of these readings, between the first and the last that it did store."""
    outbox = Outbox(_NoRecorder(), 0.0, _nothing)
    span = _Span.of([row.at for row in rows]) if rows else None
    began: dict[str, Instant] = {}
    last: dict[str, WaveSecond] = {}
    boot_id = heard[-1].at.boot_id if heard else ""
    for stored in waves:
        second = replace(stored, began=replace(stored.began, boot_id=boot_id))  # by the clock that nobody sets
        began.setdefault(second.wave, second.began)
        last[second.wave] = second
    for fact in heard:
        if isinstance(fact, WaveChunk):
            if fact.wave.value in began and _starts(fact).since(began[fact.wave.value]) > -_half_sample(fact):
                outbox.add_wave("", fact)
        elif span is not None and span.holds(fact.at):
            outbox.add_vital("", fact) if isinstance(fact, VitalReading) else outbox.add_pump("", fact)
    if heard:
        outbox.close_session(heard[-1].at)
    return outbox.readings, [_until(one, last[one.wave]) for one in outbox.waves if _not_after(one, last[one.wave])]


def _not_after(second: WaveSecond, last: WaveSecond) -> bool:
    return second.began.since(last.began) <= 0


def _until(second: WaveSecond, last: WaveSecond) -> WaveSecond:
    """The session may have ended in the middle of its last second."""
    whole = second.began.since(last.began) < 0 or len(second.samples) <= len(last.samples)
    return second if whole else replace(second, samples=second.samples[: len(last.samples)])


def _numbered(rows: Iterable[ReadingRow], waves: Iterable[WaveSecond]) -> dict[Key, Said]:
    seen: Counter[tuple[int, str, str]] = Counter()
    numbered: dict[Key, Said] = {}
    for place, said in chain((_row(row) for row in rows), (_second(second) for second in waves)):
        numbered[*place, seen[place]] = said
        seen[place] += 1
    return numbered


def _starts(chunk: WaveChunk) -> Instant:
    return chunk.at.plus(-len(chunk.samples) / chunk.rate_hz)


def _half_sample(chunk: WaveChunk) -> float:
    return 0.5 / chunk.rate_hz


def _row(row: ReadingRow) -> tuple[tuple[int, str, str], Said]:
    measured = None if row.measured_at is None else iso_utc(row.measured_at.utc)
    return (row.at.mono_ns, row.channel, row.name), (row.value, row.unit, row.validity, measured)


def _second(second: WaveSecond) -> tuple[tuple[int, str, str], Said]:
    said = (second.samples.tobytes(), second.unit, second.rate_hz, second.gain)
    return (second.began.mono_ns, "", second.wave), said


def _line(key: Key, stored: Said | None, again: Said | None) -> Line:
    mono_ns, channel, name, _ = key
    return {
        "kind": "difference",
        "mono_s": mono_ns / NS,
        "channel": channel,
        "name": name,
        "stored": _shown(stored),
        "decoded": _shown(again),
    }


def _shown(said: Said | None) -> object:
    """None where one of the two says nothing; of a wave only how many samples it has."""
    if said is None:
        return None
    return [f"{len(part) // 2} samples" if isinstance(part, bytes) else part for part in said]


def _by_device(origin: str) -> bool:
    return origin in {Origin.DEVICE.value, Origin.SIMULATOR.value}


@dataclass(frozen=True, slots=True)
class _Span:
    """From the first to the last of some moments, by both clocks."""

    mono_ns: tuple[int, int]
    utc: tuple[datetime, datetime]

    @staticmethod
    def of(moments: Sequence[Instant]) -> _Span:
        mono, utc = [at.mono_ns for at in moments], [at.utc for at in moments]
        return _Span((min(mono), max(mono)), (min(utc) - EDGE, max(utc) + EDGE))

    def holds(self, at: Instant) -> bool:
        return self.mono_ns[0] <= at.mono_ns <= self.mono_ns[1] and self.utc[0] <= at.utc <= self.utc[1]


class _NoRecorder:
    """Nothing of a comparison is ever recorded."""

    def submit(
        self, drafts: Sequence[Draft], readings: Sequence[ReadingRow] = (), waves: Sequence[WaveSecond] = ()
    ) -> Future[tuple[Entry, ...]]:
        raise EnvironmentFault("a comparison changes no record")

    def close(self) -> None:
        """Nothing waits."""


def _nothing(done: Future[tuple[Entry, ...]]) -> None:
    """Nothing arrives."""
