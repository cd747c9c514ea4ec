"""The states of one alarm condition and how it moves between them: pure, one step at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from exomonitor.alarms.detectors import Finding
from exomonitor.alarms.limits import Priority
from exomonitor.clock import Instant

REALARM_S = 180.0
"""An acknowledged high alarm that is still present sounds again after this time."""
AUDIO_PAUSE_S = 120.0
SHORT_S = 30.0
LATCHED_REPEAT_S = 30.0
BURST_S = 2.0
"""How long a single burst is asked for: longer than the polling of the sounder, shorter than burst and silence."""


class AlarmState(StrEnum):
    """Where one condition stands."""

    NORMAL = "normal"
    PENDING = "pending"
    ACTIVE = "active"
    ACKED = "acked"
    LATCHED = "latched"

    @property
    def shown(self) -> bool:
        """Whether the alarm bar lists the condition."""
        return self in {AlarmState.ACTIVE, AlarmState.ACKED, AlarmState.LATCHED}


@dataclass(frozen=True, slots=True)
class Condition:
    """One alarm condition. since: when the limit was crossed; raised_at: when it was signalled; both None while normal.

    visual_only: latched without sound, because it cleared by itself within 30 s.
    """

    key: str
    brief_is_visual: bool = False
    state: AlarmState = AlarmState.NORMAL
    priority: Priority = Priority.LOW
    text: str = ""
    since: Instant | None = None
    raised_at: Instant | None = None
    acked_at: Instant | None = None
    acked_by: str = ""
    latched_at: Instant | None = None
    visual_only: bool = False
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    latching: bool = False


@dataclass(frozen=True, slots=True)
class AlarmTransition:
    """One change of state or priority of one condition, for the record; the limit was crossed at `since`."""

    key: str
    text: str
    priority: Priority
    from_state: AlarmState
    to_state: AlarmState
    at: Instant
    since: Instant
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    by: str = ""
    latching: bool = False


def step(was: Condition, found: Finding, now: Instant) -> Condition:
    """The condition after a finding; returns `was` itself when nothing about it changed."""
    if found.level is None:
        return _without_level(was, found, now)
    if was.state in {AlarmState.NORMAL, AlarmState.PENDING}:
        return _raised(was, found, now)
    if was.state is AlarmState.LATCHED:
        # It comes back before anybody has looked: at least as urgent as it was.
        again = _raised(was, found, now)
        return again if found.level >= was.priority else replace(again, priority=was.priority, latching=was.latching)
    if found.level > was.priority:
        return _raised(was, found, now)
    if was.state is AlarmState.ACTIVE:
        # What latches keeps its peak until somebody has seen it.
        return was if was.latching and found.level < was.priority else _described(was, found)
    if was.priority is Priority.HIGH and was.acked_at is not None and now.since(was.acked_at) >= REALARM_S:
        return _raised(was, found, now)
    return _described(was, found)


def acknowledged(was: Condition, by: str, now: Instant, one_shot: bool) -> Condition:
    """The condition after a person has acknowledged it: what is over, or will never be reported over, ends."""
    if was.state is AlarmState.LATCHED or (was.state is AlarmState.ACTIVE and one_shot):
        return ended(was)
    if was.state is AlarmState.ACTIVE:
        return replace(was, state=AlarmState.ACKED, acked_at=now, acked_by=by)
    return was


def ended(was: Condition) -> Condition:
    """The condition at rest."""
    return Condition(was.key, was.brief_is_visual)


def is_audible(condition: Condition, now: Instant, paused_since: Instant | None) -> bool:
    """Whether the condition sounds at `now`; while audio is paused a new one gives one burst only."""
    if condition.state is AlarmState.ACTIVE and condition.raised_at is not None:
        if paused_since is None:
            return True
        return condition.raised_at.since(paused_since) > 0 and now.since(condition.raised_at) < BURST_S
    if condition.state is AlarmState.LATCHED and condition.latched_at is not None:
        if paused_since is not None or condition.visual_only:
            return False
        return now.since(condition.latched_at) % LATCHED_REPEAT_S < BURST_S
    return False


def transition(
    was: Condition, now_is: Condition, at: Instant, *, by: str = "", note: str = ""
) -> AlarmTransition | None:
    """What the record keeps of a change; None when neither state nor priority changed and nothing was raised again."""
    unranked = was.state in {AlarmState.NORMAL, AlarmState.PENDING}
    same = was.state is now_is.state and (unranked or was.priority is now_is.priority)
    if same and was.raised_at == now_is.raised_at:
        return None
    told = was if now_is.state is AlarmState.NORMAL else now_is
    return AlarmTransition(
        key=now_is.key,
        text=f"{told.text}: {note}" if note else told.text,
        priority=told.priority,
        from_state=was.state,
        to_state=now_is.state,
        at=at,
        since=told.since or at,
        value=told.value,
        limit=told.limit,
        unit=told.unit,
        by=by,
        latching=told.latching,
    )


def _without_level(was: Condition, found: Finding, now: Instant) -> Condition:
    if was.state is AlarmState.LATCHED:
        return was
    if was.state is AlarmState.ACTIVE and was.latching:
        brief = was.raised_at is not None and now.since(was.raised_at) < SHORT_S
        quiet = was.brief_is_visual and brief
        return replace(was, state=AlarmState.LATCHED, latched_at=now, visual_only=quiet)
    if found.pending_since is None:
        return was if was.state is AlarmState.NORMAL else ended(was)
    pending = _described(replace(ended(was), state=AlarmState.PENDING), found)
    return replace(pending, priority=found.pending_priority, since=found.pending_since)


def _described(was: Condition, found: Finding) -> Condition:
    return replace(
        was,
        priority=was.priority if found.level is None else found.level,
        text=found.text,
        since=found.since if was.since is None else was.since,
        value=found.value,
        limit=found.limit,
        unit=found.unit,
        latching=found.latching,
    )


def _raised(was: Condition, found: Finding, now: Instant) -> Condition:
    fresh = replace(ended(was), state=AlarmState.ACTIVE, raised_at=now, since=was.since or found.since)
    return _described(fresh, found)
