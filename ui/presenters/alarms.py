"""The alarm bar and the state of the sound: what stands first, how many there are, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from exomonitor.alarms.catalogue import category_of
from exomonitor.alarms.limits import Priority
from exomonitor.alarms.manager import AlarmView
from exomonitor.alarms.policy import AlarmState
from exomonitor.alarms.views import gathered
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.places import is_lounge, place_words
from exomonitor.units import clock_text
from ui.presenters.words import hms, join

_UNSEEN = {AlarmState.ACTIVE, AlarmState.LATCHED}


@dataclass(frozen=True, slots=True)
class AlarmBarView:
    """priority None = calm. filled: the colour fills the bar (active); else only its edge shows the priority."""

    priority: Priority | None
    filled: bool
    mark: str
    text: str
    detail: str
    can_acknowledge: bool
    can_pause: bool
    pause_text: str
    others: tuple[str, ...] = ()
    count_text: str = ""
    """`1 of 4`, where there is more than one: the key that opens the list."""
    place: str = ""
    """The other chair whose alarm stands first; it is acknowledged there."""
    pauses: bool = True
    """Whether there is anything in this chair that a pause would silence."""


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """One line of the list of alarms. filled: active, not acknowledged."""

    key: str
    priority: Priority
    filled: bool
    mark: str
    text: str
    detail: str
    can_acknowledge: bool
    place: str = ""
    """The other chair that it is an alarm of; it is acknowledged there."""


def alarm_lines(snapshot: Snapshot) -> tuple[AlarmLine, ...]:
    """Every alarm of the chair, and what nobody has seen yet in other chairs; the most urgent first."""
    return tuple(
        AlarmLine(
            key=alarm.key,
            priority=alarm.priority,
            filled=alarm.state is AlarmState.ACTIVE,
            mark=_mark(alarm),
            text=alarm.text,
            detail=join(_since(alarm), alarm.priority.word, _how(alarm, snapshot)),
            can_acknowledge=alarm.state in _UNSEEN and not place,
            place=place,
        )
        for place, alarm in _told(snapshot)
    )


def _told(snapshot: Snapshot) -> list[tuple[str, AlarmView]]:
    """(other place, alarm). With several chairs each text begins with its chair, and a higher alarm of another chair
    stands above those of this one."""
    if not snapshot.chairs:
        return [("", alarm) for alarm in gathered(snapshot.alarms)]
    found = [("", _named(snapshot.chair, alarm)) for alarm in gathered(snapshot.alarms)]
    for other in snapshot.others:
        found += [(other.name, _named(other.name, alarm)) for alarm in other.alarms if alarm.state in _UNSEEN]
    return sorted(found, key=lambda one: (-one[1].priority, one[1].state is not AlarmState.ACTIVE, bool(one[0])))


def answered(snapshot: Snapshot) -> tuple[str, ...]:
    """What one press of Acknowledge answers: the first of the bar, and what else is on the screen of its category.

    Data that is lost is not silenced by acknowledging a heart rate, nor is anything that nobody has seen yet."""
    waiting = [alarm for alarm in gathered(snapshot.alarms) if alarm.state in _UNSEEN]
    return tuple(alarm.key for alarm in waiting if category_of(alarm.key) is category_of(waiting[0].key))


def _named(place: str, alarm: AlarmView) -> AlarmView:
    return replace(alarm, text=f"{place_words(place)} · {alarm.text}")


def alarm_bar(snapshot: Snapshot) -> AlarmBarView:
    """The highest alarm, and the texts of those below it."""
    told = _told(snapshot)
    alarms = [alarm for _, alarm in told]
    paused = pause_left_s(snapshot)
    what = f"chair {snapshot.chair}" if snapshot.chairs and not is_lounge(snapshot.chair) else "audio"
    pause_text = f"Audio paused {clock_text(paused)}" if paused > 0 else f"Pause {what} 2:00"
    if not alarms:
        return AlarmBarView(None, False, "", "No active alarms", "", False, False, pause_text)
    first = alarms[0]
    others = tuple(f"{alarm.priority.marks} {alarm.text}" for alarm in alarms[1:])
    below = ""
    if others:
        below = f"+{len(others)}: {', '.join(alarm.text for alarm in alarms[1:])}"
    return AlarmBarView(
        priority=first.priority,
        filled=first.state is AlarmState.ACTIVE,
        mark=_mark(first),
        text=first.text,
        detail=join(_since(first), "" if others else "1 of 1", _how(first, snapshot), below),
        can_acknowledge=any(a.state in _UNSEEN for a in snapshot.alarms),
        can_pause=paused <= 0,
        pause_text=pause_text,
        others=others,
        count_text=f"1 of {len(alarms)}" if others else "",
        place=told[0][0],
        pauses=bool(snapshot.alarms) or paused > 0,
    )


def _mark(alarm: AlarmView) -> str:
    return f"\N{BLACK UP-POINTING TRIANGLE} {alarm.priority.marks}"


def _since(alarm: AlarmView) -> str:
    return f"since {hms(alarm.since)}"


def _how(alarm: AlarmView, snapshot: Snapshot) -> str:
    if alarm.state is AlarmState.ACKED:
        # Who it was is known by an id; only the one who is at work now has a name here.
        mine = bool(alarm.acked_by) and alarm.acked_by == snapshot.staff_id and bool(snapshot.staff)
        return f"acknowledged by {snapshot.staff}" if mine else "acknowledged"
    if alarm.state is AlarmState.LATCHED:
        return "over, not yet seen: acknowledge"
    return ""


def pause_left_s(snapshot: Snapshot) -> float:
    """Seconds of audio pause that are left, 0 when it is not paused."""
    until = snapshot.audio.paused_until
    return 0.0 if until is None else max(0.0, until.since(snapshot.now))
