"""An alarm that nobody has answered in time, as the whole room may read it."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.alarms.catalogue import OF_THE_STATION
from exomonitor.alarms.limits import Priority
from exomonitor.alarms.manager import AlarmView
from exomonitor.alarms.policy import AlarmState
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.places import place_words
from ui.presenters.alarms import alarms_told, in_turn
from ui.presenters.words import age, hms


@dataclass(frozen=True, slots=True)
class EscalationView:
    """keys: the conditions that are escalated, so that another one is news."""

    keys: tuple[str, ...]
    priority: Priority
    mark: str
    text: str
    below: str


def _on_call(snapshot: Snapshot, alarm: AlarmView) -> str:
    """When whoever is on call was told of it, where that is set up."""
    told = snapshot.session.alarm_limits.on_call if snapshot.session is not None else ()
    found = [at for at, e in told if e.key == alarm.key and e.told and at.since(alarm.raised_at or alarm.since) >= 0]
    return f"On call told {hms(found[-1])}. " if found else ""


def _first(snapshot: Snapshot, found: list[tuple[str, AlarmView]]) -> tuple[str, AlarmView]:
    """Of (other place, alarm) the one whose line stands first in bar and list."""
    lines = alarms_told(snapshot)

    def line_of(place: str, alarm: AlarmView) -> int:
        there = [(at, line) for at, (where, line) in enumerate(lines) if where == place]
        own = [at for at, line in there if line.key == alarm.key]
        return (own or [at for at, line in there if alarm.group and line.group == alarm.group])[0]

    turn = in_turn([alarm for _, alarm in found])
    return min(found, key=lambda one: (line_of(*one), next(at for at, alarm in enumerate(turn) if alarm is one[1])))


def escalation(snapshot: Snapshot) -> EscalationView | None:
    """None while nothing is escalated, or nothing of it sounds as escalated: seen and heard together, or neither."""
    every = [("", alarm) for alarm in snapshot.alarms]
    if snapshot.chairs:
        every += [(other.name, alarm) for other in snapshot.others for alarm in other.alarms]
    found = [(place, alarm) for place, alarm in every if alarm.escalated and alarm.state is AlarmState.ACTIVE]
    if not found or not snapshot.audio.escalated:
        return None
    place, first = _first(snapshot, found)
    chair = f"{place_words(place or snapshot.chair)} · " if snapshot.chairs else ""
    since = first.raised_at or first.since
    more = f" · and {len(found) - 1} more" if len(found) > 1 else ""
    go = "" if first.key in OF_THE_STATION else "Go to the patient; "
    how = f"in {place_words(place, inside=True)}" if place else "with Acknowledge (F2)"
    answer = f"{go}answer {how}"
    return EscalationView(
        tuple(sorted(f"{where} {alarm.key}" for where, alarm in found)),
        first.priority,
        f"\N{BLACK UP-POINTING TRIANGLE} {first.priority.marks}",
        f"{chair}{first.text}",
        f"Nobody has answered since {hms(since)}, {age(snapshot.now.since(since))}{more}. "
        f"{'' if place else _on_call(snapshot, first)}"
        f"{answer[0].upper()}{answer[1:]}",
    )
