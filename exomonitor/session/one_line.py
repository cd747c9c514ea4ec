"""One time line for a session of which a computer's clock could not be believed at a restart: else the wall clock, by
which durations are counted across boots, would say how long ago everything before was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

from exomonitor.clock import NS, Instant
from exomonitor.session.entry import Entry
from exomonitor.session.machine_events import ClockJumped, MonitoringResumed

_LONGEST_S = 31 * 86400.0
"""No gap counts for longer: a start doubts the clock by which it was away for more than a week at most
(`schedule.longest_away_h`), and only a session that was forgotten beside newer ones lies further back. A forged one of
any size keeps nobody from going on with the session."""
T = TypeVar("T")


def on_one_line(entries: Sequence[Entry]) -> Sequence[Entry]:
    """The entries with every moment on the time line of the last boot, where a start found the clock wrong, by the
    gaps as they were recorded; else as they are. UTC stays what it was."""
    if any(isinstance(entry.event, ClockJumped) and entry.event.at_start for entry in entries):
        ahead = _ahead(entries)
        return [moved(entry, ahead, entries[-1].at.boot_id) for entry in entries]
    return entries


def onto(
    entries: Sequence[Entry], sources: Mapping[str, Instant], base: Instant
) -> tuple[list[Entry], dict[str, Instant]]:
    """Entries and moments of a session on the time line of `base`, a moment of another boot or of its last one, which
    was dated by a clock that was right."""
    ahead = _ahead(entries)
    if entries and entries[-1].at.boot_id != base.boot_id:
        last = max((e.at for e in entries if e.at.boot_id == entries[-1].at.boot_id), key=lambda at: at.mono_ns)
        more = base.mono_ns - round((base.utc - last.utc).total_seconds() * NS) - last.mono_ns
        ahead = {boot: ns + more for boot, ns in ahead.items()}
    return [moved(entry, ahead, base.boot_id) for entry in entries], moved(dict(sources), ahead, base.boot_id)


def _ahead(entries: Sequence[Entry]) -> dict[str, int]:
    """Boot -> what is added to its monotonic clock (ns) on the time line of the last entry's boot."""
    ahead: dict[str, int] = {}
    for n, entry in enumerate(entries):
        boot = entry.at.boot_id
        if boot in ahead:
            continue
        if n:
            before = max((e.at for e in entries[:n]), key=lambda at: at.mono_ns + ahead[at.boot_id])
            found = (
                (e.at, e.event.gap_s)
                for e in entries[n:]
                if isinstance(e.event, MonitoringResumed) and e.at.boot_id == boot
            )
            at, gap_s = next(found, (entry.at, entry.at.since(before)))
            counted_s = max(0.0, min(gap_s, _LONGEST_S))
            more = at.mono_ns - round(counted_s * NS) - before.mono_ns - ahead[before.boot_id]
            ahead = {known: ns + more for known, ns in ahead.items()}
        ahead[boot] = 0
    return ahead


def moved(value: T, ahead: Mapping[str, int], boot: str) -> T:
    """The value with every moment of a boot that is known put on the time line of `boot`."""
    changed: Any = value
    match value:
        case Instant():
            if value.boot_id in ahead:
                changed = Instant(value.utc, value.mono_ns + ahead[value.boot_id], boot)
        case tuple():
            parts = [moved(one, ahead, boot) for one in value]
            changed = type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
        case Mapping():
            known = {key: moved(one, ahead, boot) for key, one in value.items()}
            changed = MappingProxyType(known) if isinstance(value, MappingProxyType) else known
        case _ if is_dataclass(value) and not isinstance(value, type):
            news = {f.name: moved(getattr(value, f.name), ahead, boot) for f in fields(value)}
            if any(one is not getattr(value, name) for name, one in news.items()):
                changed = replace(value, **news)
    return changed  # type: ignore[no-any-return]
