"""The states of one alarm condition and how it moves between them: pure, one step at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from exomonitor.alarms.detectors import Finding
from exomonitor.alarms.limits import Priority
from exomonitor.clock import Instant

REALARM_S = 180.0
"""An acknowledged high alarm that is still present sounds again after this time."""
AUDIO_PAUSE_S = 120.0
ESCALATE_S = {Priority.HIGH: 30.0, Priority.MEDIUM: 120.0}
"""So long an alarm may stand without anybody's answer before it is heard and seen as the most urgent there is."""
ONE_EVENT_S = 600.0
"""What joins its group so long after that was acknowledged belongs to the same event."""
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
    """One alarm condition. since: when the limit was crossed; begun_at: when it was first signalled; raised_at: when it
    was last signalled, got worse or sounded again; all None while normal.

    visual_only: a mark without sound of what was on from begun_at to latched_at, because it cleared by itself within
    30 s. escalated: nobody acknowledged it in time. pause_used: an audio pause has run out while it stood.
    quiet: part of an event that somebody has acknowledged already: one burst, then seen only.
    """

    key: str
    brief_is_visual: bool = False
    state: AlarmState = AlarmState.NORMAL
    priority: Priority = Priority.LOW
    text: str = ""
    since: Instant | None = None
    begun_at: Instant | None = None
    raised_at: Instant | None = None
    acked_at: Instant | None = None
    acked_by: str = ""
    latched_at: Instant | None = None
    visual_only: bool = False
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    latching: bool = False
    delay_s: float = 0.0
    group: str = ""
    escalated: bool = False
    quiet: bool = False
    pause_used: bool = False

    @property
    def audible_priority(self) -> Priority:
        """As what it is heard: an escalated medium alarm sounds like a high one and stays a medium one."""
        return Priority.HIGH if self.escalated else self.priority

    @property
    def realarms_at(self) -> Instant | None:
        """When an acknowledged alarm sounds again if it is still there; None = it does not."""
        if self.state is not AlarmState.ACKED or self.priority is not Priority.HIGH or self.acked_at is None:
            return None
        return self.acked_at.plus(REALARM_S)


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
    delay_s: float = 0.0
    escalated: bool = False
    visual_only: bool = False
    raised: Instant | None = None
    """Since when nobody has answered it, where that is not the moment of the change."""

    @property
    def suppressed(self) -> bool:
        """Whether the limit was crossed and left again before the delay was over: it never became an alarm."""
        return self.from_state is AlarmState.PENDING and self.to_state is AlarmState.NORMAL


def step(was: Condition, found: Finding, now: Instant, *, by_itself: bool = True) -> Condition:
    """The condition after a finding; returns `was` itself when nothing about it changed. by_itself: where it is over,
    that was seen, and not only that nothing is known any more."""
    if found.level is None:
        return _without_level(was, found, now, by_itself=by_itself)
    if was.state in {AlarmState.NORMAL, AlarmState.PENDING}:
        return _raised(was, found, now)
    if was.state is AlarmState.LATCHED:
        return _again(was, found, _raised(was, found, now))
    if found.level > was.priority:
        return _raised(was, found, now)
    if was.state is AlarmState.ACTIVE:
        return _lasting(was, found, found.level)
    if was.realarms_at is not None and now.since(was.realarms_at) >= 0:
        return _raised(was, found, now)
    return _described(was, found)


def _again(was: Condition, found: Finding, raised: Condition) -> Condition:
    """It comes back before anybody has looked: about the patient at least as urgent as it was."""
    if raised.priority >= was.priority or found.follows or not was.latching:
        return raised
    return replace(raised, priority=was.priority, latching=was.latching)


def _lasting(was: Condition, found: Finding, level: Priority) -> Condition:
    """It stands and nobody has seen it: about the patient, what latches keeps its peak; a technical one follows what
    is so now, and has its time to be answered in as that."""
    if level == was.priority or not (was.latching or found.follows):
        return _described(was, found)
    return replace(_described(was, found), escalated=False) if found.follows else was


def acknowledged(was: Condition, by: str, now: Instant, one_shot: bool) -> Condition:
    """The condition after a person has acknowledged it: what is over, or will never be reported over, ends."""
    if was.state is AlarmState.LATCHED or (was.state is AlarmState.ACTIVE and one_shot):
        return ended(was)
    if was.state is AlarmState.ACTIVE:
        return replace(
            was, state=AlarmState.ACKED, acked_at=now, acked_by=by, escalated=False, quiet=False, pause_used=False
        )
    return was


def escalated(was: Condition, now: Instant) -> Condition:
    """The condition after nobody has acknowledged it for too long; `was` itself while there is time, or no need. A
    pause of the sound is no acknowledgement."""
    limit = ESCALATE_S.get(was.priority)
    if was.state is not AlarmState.ACTIVE or was.escalated or was.quiet or limit is None or was.raised_at is None:
        return was
    return replace(was, escalated=True) if now.since(was.raised_at) >= limit else was


def is_unanswered(one: Condition, now: Instant, seconds: float) -> bool:
    """Whether a high alarm has stood for so long, and nobody has acknowledged it."""
    if one.state is not AlarmState.ACTIVE or one.priority is not Priority.HIGH or one.raised_at is None:
        return False
    return now.since(one.raised_at) >= seconds


def pause_run_out(was: Condition) -> Condition:
    """The condition after an audio pause has run its time: what stood unacknowledged has had its pause."""
    return was if was.state is not AlarmState.ACTIVE or was.quiet else replace(was, pause_used=True)


def may_not_be_paused(one: Condition, now: Instant) -> bool:
    """Whether the sound of it may not be paused again: it had a pause, and nobody has acknowledged it in time. Pauses
    one after the other would be a silence without an end."""
    return one.pause_used and escalated(one, now).escalated


def joined(was: Condition, after: Condition, others: Iterable[Condition], now: Instant) -> Condition:
    """A condition that becomes active as part of an event that was acknowledged a moment ago, and is no more urgent
    than that was, is seen and gives one burst: one cause, one sound. A high alarm is never quiet."""
    fresh = was.state in {AlarmState.NORMAL, AlarmState.PENDING} and after.state is AlarmState.ACTIVE
    if not fresh or after.priority is Priority.HIGH or not after.group:
        return after
    covered = any(
        _covers(one, after) and one.acked_at is not None and now.since(one.acked_at) <= ONE_EVENT_S for one in others
    )
    return replace(after, quiet=True) if covered else after


def uncovered(was: Condition, others: Iterable[Condition], now: Instant) -> Condition:
    """A quiet condition after what it was part of is over, sounds again or is less urgent: it is signalled by itself,
    and has its time to be answered in from now on. `was` itself while it is covered, or is not quiet."""
    if not was.quiet or any(_covers(one, was) for one in others):
        return was
    return replace(was, quiet=False, raised_at=now)


def _covers(one: Condition, part: Condition) -> bool:
    """Whether `one` is acknowledged, of the same event as `part`, and no less urgent."""
    is_other = one.key != part.key and one.state is AlarmState.ACKED
    return is_other and bool(part.group) and one.group == part.group and one.priority >= part.priority


def ended(was: Condition) -> Condition:
    """The condition at rest."""
    return Condition(was.key, was.brief_is_visual)


def is_audible(condition: Condition, now: Instant, paused_since: Instant | None) -> bool:
    """Whether the condition sounds at `now`; while audio is paused a new one gives one burst only."""
    if condition.state is AlarmState.ACTIVE and condition.raised_at is not None:
        if condition.quiet:
            return paused_since is None and now.since(condition.raised_at) < BURST_S
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
    if same and was.raised_at == now_is.raised_at and was.escalated is now_is.escalated:
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
        delay_s=told.delay_s,
        escalated=now_is.escalated,
        visual_only=now_is.visual_only,
        raised=now_is.raised_at if now_is.state is AlarmState.ACTIVE and now_is.raised_at != at else None,
    )


def calmed(was: Condition, priority: Priority) -> Condition:
    """A technical condition that is over and not yet seen is no more urgent than it would be now."""
    return replace(was, priority=priority) if was.state is AlarmState.LATCHED and priority < was.priority else was


def _without_level(was: Condition, found: Finding, now: Instant, *, by_itself: bool) -> Condition:
    if was.state is AlarmState.LATCHED:
        return was
    brief = was.begun_at is not None and now.since(was.begun_at) < SHORT_S
    mark = was.brief_is_visual and brief and by_itself
    if was.state is AlarmState.ACTIVE and (was.latching or mark):
        return replace(
            was, state=AlarmState.LATCHED, latched_at=now, visual_only=mark, escalated=False, quiet=False,
            pause_used=False,
        )  # fmt: skip
    if found.pending_since is None:
        return was if was.state is AlarmState.NORMAL else ended(was)
    waits = was.state is AlarmState.PENDING and was.since == found.pending_since
    if waits and was.priority is found.pending_priority and _described(was, found) is was:
        return was
    pending = _described(replace(ended(was), state=AlarmState.PENDING), found)
    return replace(pending, priority=found.pending_priority, since=found.pending_since)


def _described(was: Condition, found: Finding) -> Condition:
    """The condition in the words and numbers of the finding; `was` itself when they are the same, as at most ticks."""
    level = was.priority if found.level is None else found.level
    since = found.since if was.since is None else was.since
    told = (found.text, found.value, found.limit, found.unit, found.latching, found.delay_s, found.group)
    known = (was.text, was.value, was.limit, was.unit, was.latching, was.delay_s, was.group)
    if level is was.priority and since is was.since and told == known:
        return was
    return replace(
        was,
        priority=level,
        text=found.text,
        since=since,
        value=found.value,
        limit=found.limit,
        unit=found.unit,
        latching=found.latching,
        delay_s=found.delay_s,
        group=found.group,
    )


def _raised(was: Condition, found: Finding, now: Instant) -> Condition:
    """It is signalled, anew or once more. What nobody had answered is not quieter because it got worse; how long it has
    been on goes on counting, unless it had ended and left a mark only."""
    lasts = was.state in {AlarmState.ACTIVE, AlarmState.ACKED} or (
        was.state is AlarmState.LATCHED and not was.visual_only
    )
    fresh = replace(
        ended(was),
        state=AlarmState.ACTIVE,
        raised_at=now,
        begun_at=(was.begun_at if lasts else None) or now,
        since=was.since or found.since,
        escalated=was.escalated,
        pause_used=was.pause_used,
    )
    return _described(fresh, found)
