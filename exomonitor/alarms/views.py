"""What is shown of a chair's alarm conditions: one view each, and lines of one cause with the parts below."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import AlarmState, Condition
from exomonitor.clock import Instant


@dataclass(frozen=True, slots=True)
class AlarmView:
    """One condition that stands. since: when the limit was crossed; raised_at: when it was signalled; visual_only: a
    mark without sound; escalated: nobody has answered in time, seen and heard as the most urgent there is; quiet: part
    of an event that was acknowledged; group: conditions of one group are one line."""

    key: str
    text: str
    priority: Priority
    state: AlarmState
    since: Instant
    acked_by: str = ""
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    visual_only: bool = False
    escalated: bool = False
    quiet: bool = False
    group: str = ""
    raised_at: Instant | None = None
    acked_at: Instant | None = None
    latched_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class CauseLine:
    """One line of the alarm bar: the head, and the parts of the same cause below it."""

    head: AlarmView
    parts: tuple[AlarmView, ...] = ()

    @property
    def state(self) -> AlarmState:
        """Active while any of it is; acknowledged when all of it is."""
        states = {self.head.state, *(part.state for part in self.parts)}
        return next(s for s in (AlarmState.ACTIVE, AlarmState.LATCHED, AlarmState.ACKED) if s in states)


def ordered(conditions: Iterable[Condition]) -> tuple[AlarmView, ...]:
    """Everything that is shown: the most urgent first, then what nobody has acknowledged, then the newest."""
    shown = [one for one in conditions if one.state.shown and one.since is not None]
    shown.sort(
        key=lambda one: (
            -one.priority,
            one.state is not AlarmState.ACTIVE,
            -(one.since.utc.timestamp() if one.since else 0.0),
        )
    )
    return tuple(_view(one) for one in shown)


def cause_lines(views: Iterable[AlarmView]) -> tuple[CauseLine, ...]:
    """The views in their order, those of one group gathered where the first of them stands: the most urgent is the
    head, of equals a measured value before what is reckoned from it."""
    found: dict[str, list[AlarmView]] = {}
    for view in views:
        found.setdefault(f"group {view.group}" if view.group else view.key, []).append(view)
    return tuple(_line(members) for members in found.values())


def gathered(views: Iterable[AlarmView]) -> tuple[AlarmView, ...]:
    """One view for each cause, for a bar with one line each: the head's, with what its parts say after it. It is active
    while any part of it is; acknowledging its key acknowledges the whole event."""
    return tuple(
        line.head
        if not line.parts
        else replace(
            line.head, text=" + ".join([line.head.text, *(part.text for part in line.parts)]), state=line.state
        )
        for line in cause_lines(views)
    )


def _line(members: list[AlarmView]) -> CauseLine:
    head = max(members, key=lambda view: (view.priority, view.limit is not None))
    return CauseLine(head, tuple(view for view in members if view is not head))


def _view(c: Condition) -> AlarmView:
    assert c.since is not None
    return AlarmView(
        c.key, _text(c), c.priority, c.state, c.since, c.acked_by, c.value, c.limit, c.unit, c.visual_only, c.escalated,
        c.quiet, c.group, c.raised_at, c.acked_at, c.latched_at,
    )  # fmt: skip


def _text(c: Condition) -> str:
    """A mark says from when to when it was there: nobody may have looked."""
    if not c.visual_only or c.begun_at is None or c.latched_at is None:
        return c.text
    return f"{c.text} · was on {hms(c.begun_at)}-{hms(c.latched_at)}"


def hms(at: Instant) -> str:
    """`14:03:10`, by the ward's clock."""
    return f"{at.utc.astimezone():%H:%M:%S}"
