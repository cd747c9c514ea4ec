"""How an alarm condition stood when the program stopped, and what of it stands again when it is back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import AlarmState, Condition, ended
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
        raised_at=begun,
        latched_at=old.over or old.since,
        latching=old.latching,
        visual_only=old.visual_only,
    )


def acknowledged_again(raised: Condition, old: RestoredAlarm, now: Instant) -> Condition:
    """What somebody had acknowledged before the program stopped does not sound again."""
    begun = old.begun or raised.begun_at
    return replace(raised, state=AlarmState.ACKED, acked_at=now, acked_by=old.by, quiet=False, begun_at=begun)
