"""How an alarm condition stood when the program stopped, and what of it stands again when it is back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import ONE_EVENT_S, AlarmState, Condition, ended
from exomonitor.alarms.relayed import RELAYED
from exomonitor.clock import Instant


@dataclass(frozen=True, slots=True)
class RestoredAlarm:
    """How a condition stood when the program stopped: the last transition of its key that the record holds."""

    key: str
    state: AlarmState
    priority: Priority
    text: str
    since: Instant
    by: str = ""
    latching: bool = False
    visual_only: bool = False
    over: Instant | None = None
    """When it was over, of one that nobody had seen."""
    begun: Instant | None = None
    """When it was first signalled; None = not known, taken for when the limit was crossed."""
    raised: Instant | None = None
    """When it was last signalled, got worse or sounded again: since then nobody has answered. None = not known."""
    acked: Instant | None = None
    """When somebody acknowledged it; None = not known, taken for the moment at which it is back."""
    escalated: bool = False


class BeforeRestart:
    """What stood when the program stopped and is not judged yet: it goes on when its condition is an alarm again."""

    def __init__(self) -> None:
        self._known: dict[str, RestoredAlarm] = {}
        self._began: Instant | None = None

    def keep(self, old: RestoredAlarm) -> None:
        """This stood: acknowledged, or nobody had answered it."""
        self._known[old.key] = old

    def forget(self, key: str) -> None:
        """It was seen normal once: what was before does not cover what comes later."""
        self._known.pop(key, None)

    def is_unanswered(self, one: Condition, now: Instant, seconds: float) -> bool:
        """Whether a high alarm stood unanswered when the program stopped, is held for that, and is as long ago."""
        old = self._known.get(one.key)
        if old is None or old.state is not AlarmState.ACTIVE or old.priority is not Priority.HIGH:
            return False
        return one.state is AlarmState.LATCHED and one.raised_at is not None and now.since(one.raised_at) >= seconds

    def pass_time(self, now: Instant) -> None:
        """What a device announces is never seen normal: what it says so long after the start is something else."""
        self._began = self._began or now
        if self._known and now.since(self._began) > ONE_EVENT_S:
            self._known = {key: old for key, old in self._known.items() if not key.startswith(RELAYED)}

    def taken_up(self, raised: Condition, now: Instant) -> Condition:
        """A condition that is signalled now, after what the record says of it: acknowledged it does not sound again,
        unless it is worse; the time for which nobody has answered goes on, and without the program it went on too."""
        old = self._known.pop(raised.key, None) if raised.state is AlarmState.ACTIVE else None
        if old is None:
            return raised
        if old.state is AlarmState.ACKED:
            return acknowledged_again(raised, old, now) if raised.priority <= old.priority else raised
        return unanswered_again(raised, old)


def latched_again(new: Condition, old: RestoredAlarm) -> Condition:
    """What nobody had seen before the program stopped is held until somebody has."""
    begun = old.begun or old.since
    return replace(
        ended(new),
        state=AlarmState.LATCHED,
        priority=old.priority,
        text=old.text,
        since=old.since,
        begun_at=begun,
        raised_at=old.raised or begun,
        latched_at=old.over or old.since,
        latching=old.latching,
        visual_only=old.visual_only,
    )


def acknowledged_again(raised: Condition, old: RestoredAlarm, now: Instant) -> Condition:
    """What somebody had acknowledged before the program stopped does not sound again before its time."""
    begun, acked = old.begun or raised.begun_at, old.acked or now
    return replace(raised, state=AlarmState.ACKED, acked_at=acked, acked_by=old.by, quiet=False, begun_at=begun)


def unanswered_again(raised: Condition, old: RestoredAlarm) -> Condition:
    """What nobody had answered before the program stopped; what is worse now has its own time, and is no quieter."""
    begun = old.begun or raised.begun_at
    if raised.quiet:
        return replace(raised, begun_at=begun)
    if raised.priority > old.priority:
        return replace(raised, begun_at=begun, escalated=old.escalated)
    lasts = raised.priority is old.priority
    return replace(raised, begun_at=begun, raised_at=old.raised or raised.raised_at, escalated=old.escalated and lasts)
