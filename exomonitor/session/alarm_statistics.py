"""What a session's alarms were like: how many an hour of which kind, how soon answered, how many suppressed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from exomonitor.clock import Instant
from exomonitor.session.entry import Entry
from exomonitor.session.events import SessionOpened
from exomonitor.session.machine_events import AlarmChanged, AudioPaused
from exomonitor.session.parts.alarm_limits import AlarmLimitsSet, AlarmsSuppressed
from exomonitor.session.places import ELSEWHERE

SOON_S = 30.0
_BEGINS = frozenset({"normal", "pending", "latched"})
_ANSWERED = "acked"
_ENDS = frozenset({"acked", "normal"})
_NONE: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class KindOfAlarm:
    """One condition in a session: how often it became active, by priority, with its newest text."""

    key: str
    text: str
    raised: int = 0
    by_priority: Mapping[str, int] = field(default_factory=lambda: _NONE)
    acked: int = 0
    acked_soon: int = 0
    escalated: int = 0
    suppressed: int = 0
    longest_s: float = 0.0
    """The longest time from its signal to its acknowledgement or its end; an audio pause is no acknowledgement."""

    def per_hour(self, hours: float) -> float | None:
        """How often an hour; None for no time at all."""
        return self.raised / hours if hours > 0 else None


@dataclass(frozen=True, slots=True)
class AlarmStatistics:
    """Of one session, or of several together. hours: how long they were watched."""

    hours: float = 0.0
    kinds: tuple[KindOfAlarm, ...] = ()
    pauses: int = 0
    paused_s: float = 0.0
    limit_changes: int = 0

    @property
    def raised(self) -> int:
        """Alarms in all."""
        return sum(kind.raised for kind in self.kinds)

    @property
    def suppressed(self) -> int:
        """Crossings that were over before their delay was."""
        return sum(kind.suppressed for kind in self.kinds)

    @property
    def per_hour(self) -> float | None:
        """Alarms an hour; None for no time at all."""
        return self.raised / self.hours if self.hours > 0 else None

    @property
    def acked_soon_percent(self) -> float | None:
        """Of all alarms the part that somebody acknowledged within 30 s (an audio pause does not count); None where
        there was none."""
        return 100 * sum(kind.acked_soon for kind in self.kinds) / self.raised if self.raised else None


def alarm_statistics(entries: Iterable[Entry], until: Instant | None = None) -> AlarmStatistics:
    """The statistics of one session's journal, in order; `until` = now for one that is open, else its last entry."""
    count = _Count()
    for entry in entries:
        count.take(entry)
    return count.done(until)


class _Count:
    """The fold itself."""

    def __init__(self) -> None:
        self._kinds: dict[str, dict[str, float]] = {}
        self._texts: dict[str, str] = {}
        self._priorities: dict[str, dict[str, int]] = {}
        self._raised_at: dict[str, Instant] = {}
        self._escalated: set[str] = set()
        self._opened: Instant | None = None
        self._last: Instant | None = None
        self._pauses = self._limit_changes = 0
        self._paused_s = 0.0
        self._paused_until: Instant | None = None

    def take(self, entry: Entry) -> None:
        if self._last is None or entry.at.since(self._last) > 0:
            self._last = entry.at
        match entry.event:
            case SessionOpened():
                self._opened = entry.at
            case AlarmChanged() as change if not change.key.startswith(ELSEWHERE):
                self._change(change, entry.at)
            case AlarmsSuppressed() as told:
                for key, number in told.counts.items():
                    self._add(key, "suppressed", number)
            case AlarmLimitsSet():
                self._limit_changes += 1
            case AudioPaused() as pause:
                self._pause(pause, entry.at)

    def _change(self, e: AlarmChanged, at: Instant) -> None:
        if e.to_state == "active":
            self._texts[e.key] = e.text
        if e.escalated:  # one that got worse after that is told as escalated once more
            if e.key not in self._escalated:
                self._add(e.key, "escalated")
            self._escalated.add(e.key)
        else:
            self._escalated.discard(e.key)
        if not e.escalated and e.to_state == "active" and e.from_state in _BEGINS:
            self._add(e.key, "raised")
            by = self._priorities.setdefault(e.key, {})
            by[e.priority] = by.get(e.priority, 0) + 1
            self._raised_at[e.key] = at
        if e.to_state in _ENDS and (since := self._raised_at.pop(e.key, None)) is not None:
            waited = at.since(since)
            self._longest(e.key, waited)
            if e.to_state == _ANSWERED or e.by:
                self._add(e.key, "acked")
                self._add(e.key, "acked_soon", 1 if waited <= SOON_S else 0)

    def _pause(self, e: AudioPaused, at: Instant) -> None:
        began = at if self._paused_until is None or at.since(self._paused_until) > 0 else self._paused_until
        self._pauses += 1
        self._paused_s += max(0.0, e.until.since(began))
        self._paused_until = e.until

    def _add(self, key: str, what: str, number: float = 1) -> None:
        kind = self._kinds.setdefault(key, {})
        kind[what] = kind.get(what, 0) + number

    def _longest(self, key: str, seconds: float) -> None:
        kind = self._kinds.setdefault(key, {})
        kind["longest_s"] = max(kind.get("longest_s", 0.0), seconds)

    def done(self, until: Instant | None) -> AlarmStatistics:
        end = until or self._last
        if end is not None:
            for key, since in self._raised_at.items():
                self._longest(key, end.since(since))
        hours = end.since(self._opened) / 3600 if end is not None and self._opened is not None else 0.0
        kinds = [self._kind(key) for key in self._kinds]
        kinds.sort(key=lambda kind: (-kind.raised, -kind.suppressed, kind.key))
        return AlarmStatistics(max(0.0, hours), tuple(kinds), self._pauses, self._paused_s, self._limit_changes)

    def _kind(self, key: str) -> KindOfAlarm:
        found = self._kinds[key]
        numbers = {
            name: int(found.get(name, 0)) for name in ("raised", "acked", "acked_soon", "escalated", "suppressed")
        }
        return KindOfAlarm(
            key,
            self._texts.get(key, key.replace("_", " ")),
            by_priority=MappingProxyType(self._priorities.get(key, {})),
            longest_s=found.get("longest_s", 0.0),
            **numbers,
        )


def together(several: Iterable[AlarmStatistics]) -> AlarmStatistics:
    """The statistics of many sessions as one."""
    every = tuple(several)
    kinds: dict[str, KindOfAlarm] = {}
    for kind in (kind for one in every for kind in one.kinds):
        kinds[kind.key] = _both(kinds[kind.key], kind) if kind.key in kinds else kind
    return AlarmStatistics(
        sum(one.hours for one in every),
        tuple(sorted(kinds.values(), key=lambda kind: (-kind.raised, -kind.suppressed, kind.key))),
        sum(one.pauses for one in every),
        sum(one.paused_s for one in every),
        sum(one.limit_changes for one in every),
    )


def _both(a: KindOfAlarm, b: KindOfAlarm) -> KindOfAlarm:
    names = dict.fromkeys((*a.by_priority, *b.by_priority))
    return KindOfAlarm(
        a.key,
        b.text,
        a.raised + b.raised,
        MappingProxyType({name: a.by_priority.get(name, 0) + b.by_priority.get(name, 0) for name in names}),
        a.acked + b.acked,
        a.acked_soon + b.acked_soon,
        a.escalated + b.escalated,
        a.suppressed + b.suppressed,
        max(a.longest_s, b.longest_s),
    )
