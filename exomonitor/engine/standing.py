"""What the record says of the alarms that stood when the program stopped, and of whom on call was told."""

from __future__ import annotations

from collections.abc import Iterable

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.manager import RestoredAlarm
from exomonitor.alarms.policy import AlarmState
from exomonitor.clock import Instant
from exomonitor.session.entry import Entry
from exomonitor.session.machine_events import AlarmChanged
from exomonitor.session.parts.alarm_limits import OnCallTold

_FRESH = frozenset({"normal", "pending"})


def standing_alarms(entries: Iterable[Entry]) -> tuple[RestoredAlarm, ...]:
    """How each alarm condition stood at the end of the record."""
    last: dict[str, RestoredAlarm] = {}
    for entry in entries:
        if isinstance(entry.event, AlarmChanged):
            last[entry.event.key] = _after(last.get(entry.event.key), entry.event, entry.at)
    return tuple(alarm for alarm in last.values() if alarm.state is not AlarmState.NORMAL)


def told_on_call(entries: Iterable[Entry]) -> set[str]:
    """The alarms that whoever is on call was told of already: one that stands is not told a second time."""
    last: dict[str, RestoredAlarm] = {}
    told: set[str] = set()
    for entry in entries:
        event = entry.event
        if isinstance(event, AlarmChanged):
            last[event.key] = _after(last.get(event.key), event, entry.at)
        elif isinstance(event, OnCallTold) and event.told and event.key in last:
            told.add(told_key(event.key, event.raised or last[event.key].raised))
    return told


def told_key(key: str, raised: Instant | None) -> str:
    """One signal of one condition."""
    return f"{key} {raised.mono_ns if raised is not None else 0}"


def _after(was: RestoredAlarm | None, event: AlarmChanged, at: Instant) -> RestoredAlarm:
    state = AlarmState(event.to_state)
    acked_still = state is AlarmState.ACKED and was is not None and was.state is AlarmState.ACKED and not event.by
    return RestoredAlarm(
        event.key,
        state,
        Priority[event.priority.upper()],
        event.text,
        event.since,
        was.by if acked_still and was is not None else event.by,
        event.latching,
        event.visual_only,
        at,
        _begun(was, event, at),
        raised=(event.raised or at) if state is AlarmState.ACTIVE else was.raised if was is not None else None,
        acked=was.acked if acked_still and was is not None else at if state is AlarmState.ACKED else None,
        escalated=event.escalated,
    )


def _begun(was: RestoredAlarm | None, event: AlarmChanged, at: Instant) -> Instant | None:
    if event.from_state in _FRESH:
        return at if event.to_state == AlarmState.ACTIVE else event.since
    if event.from_state == AlarmState.LATCHED and (was is None or was.visual_only):
        return at
    return was.begun if was is not None else None
