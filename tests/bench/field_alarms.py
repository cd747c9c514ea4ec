"""Judges the alarms of a session of the field: against a slow reference, over all its lives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from devices.catalogue import spec_of
from exomonitor.alarms.limits import build_limits
from exomonitor.clinical.protocol import load_protocol
from exomonitor.clock import NS, Instant
from exomonitor.engine.ports import ReadingRow
from exomonitor.session.entry import Entry
from exomonitor.session.machine_events import AlarmChanged
from exomonitor.session.parts.leaving_events import PatientLeft
from tests.bench.alarm_reference import PRESENT, Reference, compared
from tests.bench.field_plan import Day
from tests.bench.field_told import LifeTold
from tests.bench.field_verdict import Verdict

LATE_NS = NS
"""So much later than the reference may an alarm stand in a record that restarts have cut in pieces."""


def judge_alarms(
    one: Day, lives: Sequence[LifeTold], entries: Sequence[Entry], readings: Sequence[ReadingRow], verdict: Verdict
) -> None:
    protocol = load_protocol(None)
    stale_s = spec_of(one.scenario.monitor).stale_s
    if len(lives) == 1:
        found = compared(protocol, entries, readings, lives[0].heard.ticks, stale_s, lives[0].heard.frames["monitor"])
        verdict.counts["alarms"] += found.agreed + len(found.lost)
        for text in found.lost:
            verdict.wrong("alarms lost", text)
        for text in found.invented:
            verdict.wrong("alarms invented", text)
        return
    offsets = {life.boot: life.boot_ns for life in lives}
    level = [_level(entry, offsets) for entry in entries]
    rows = [replace(row, at=_shifted(row.at, offsets)) for row in readings]
    left = next((e.at.mono_ns for e in level if isinstance(e.event, PatientLeft)), level[-1].at.mono_ns)
    stands = _standing(level)
    keys = {limit.key for limit in build_limits(protocol)}
    for life in lives:
        ticks = [at + life.boot_ns for at in life.heard.ticks]
        if not ticks:
            continue
        begin, end = round(life.second * NS), ticks[-1]
        mine = [row for row in rows if begin <= row.at.mono_ns <= end]
        first = max(begin, level[0].at.mono_ns + 60 * NS)
        last = _recorded_until(level, life, lives) if life.died else left
        spoke = [at + life.boot_ns for at in life.heard.frames["monitor"]]
        for presence in Reference(protocol, stale_s, spoke).run(level, mine, ticks):
            if presence.key in keys and first <= presence.since_ns <= min(left, last):
                verdict.counts["alarms"] += 1
                if not _stands(stands.get(presence.key, []), presence.since_ns):
                    verdict.wrong("alarms lost", (life.number, str(presence)))


def _recorded_until(level: Sequence[Entry], life: LifeTold, lives: Sequence[LifeTold]) -> int:
    """The last moment that a life that died has recorded (ns of the scenario)."""
    after = next((round(other.second * NS) for other in lives if other.number == life.number + 1), 1 << 62)
    return max((e.at.mono_ns for e in level if e.at.mono_ns < after), default=0)


def _level(entry: Entry, offsets: Mapping[str, int]) -> Entry:
    return replace(entry, at=_shifted(entry.at, offsets))


def _shifted(at: Instant, offsets: Mapping[str, int]) -> Instant:
    """The instant on one clock over all boots: the scenario's."""
    return Instant(at.utc, at.mono_ns + offsets.get(at.boot_id, 0), "field")


def _standing(entries: Sequence[Entry]) -> dict[str, list[tuple[int, bool]]]:
    """By condition: when it began or ceased to be there."""
    found: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for entry in entries:
        if isinstance(entry.event, AlarmChanged):
            found[entry.event.key].append((entry.at.mono_ns, entry.event.to_state in PRESENT))
    return {key: sorted(moments) for key, moments in found.items()}


def _stands(moments: Sequence[tuple[int, bool]], at_ns: int) -> bool:
    """Whether the condition was there at that moment, or came right after."""
    was = [there for when, there in moments if when <= at_ns]
    return (bool(was) and was[-1]) or any(there for when, there in moments if at_ns < when <= at_ns + LATE_NS)
