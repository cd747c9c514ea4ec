"""The alarm bar and the state of the sound: what stands first, how many there are, and what can be done about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
_IN_TURN = (AlarmState.ACTIVE, AlarmState.LATCHED)
_LIMIT_WORDS = re.compile(r" \((?:limit|baseline)[^)]*\)")
"""What the second line can do without: it must reach what is to be done."""


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
    acknowledge_text: str = "Acknowledge"
    """With the mark of what the key answers, where that is not the first one."""


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
        for place, alarm in alarms_told(snapshot)
    )


def alarms_told(snapshot: Snapshot) -> list[tuple[str, AlarmView]]:
    """(other place, alarm), one for each cause. With several chairs each text begins with its chair, and a higher alarm
    of another chair stands above those of this one."""
    if not snapshot.chairs:
        return [("", alarm) for alarm in in_turn(gathered(snapshot.alarms))]
    found = [("", _named(snapshot.chair, alarm)) for alarm in in_turn(gathered(snapshot.alarms))]
    for other in snapshot.others:
        found += [(other.name, _named(other.name, alarm)) for alarm in other.alarms if alarm.state in _UNSEEN]
    return sorted(found, key=lambda one: (-one[1].priority, _state_rank(one[1]), bool(one[0]), *_waited(one[1])))


def in_turn(alarms: Sequence[AlarmView]) -> list[AlarmView]:
    """The most urgent first; of equals what nobody has seen, and of that what has waited longest for an answer. Bar,
    list, key and the sheet of an escalated alarm all name the same one first."""
    return sorted(alarms, key=lambda one: (-one.priority, _state_rank(one), *_waited(one)))


def _state_rank(alarm: AlarmView) -> int:
    return _IN_TURN.index(alarm.state) if alarm.state in _IN_TURN else len(_IN_TURN)


def _waited(alarm: AlarmView) -> tuple[bool, float]:
    """An escalated one before others, the oldest first; others stay as they stand."""
    since = (alarm.raised_at or alarm.since).utc.timestamp() if alarm.escalated else 0.0
    return not alarm.escalated, since


def answered(snapshot: Snapshot) -> tuple[str, ...]:
    """What one press of Acknowledge answers: the first of the bar, and what else is on the screen of its category.

    Data that is lost is not silenced by acknowledging a heart rate, nor is anything that nobody has seen yet."""
    waiting = [alarm for alarm in in_turn(gathered(snapshot.alarms)) if alarm.state in _UNSEEN]
    return tuple(alarm.key for alarm in waiting if category_of(alarm.key) is category_of(waiting[0].key))


def _named(place: str, alarm: AlarmView) -> AlarmView:
    return replace(alarm, text=f"{place_words(place)} · {alarm.text}")


def alarm_bar(snapshot: Snapshot) -> AlarmBarView:
    """The highest alarm, and the texts of those below it."""
    told = alarms_told(snapshot)
    alarms = [alarm for _, alarm in told]
    paused = pause_left_s(snapshot)
    what = f"chair {snapshot.chair}" if snapshot.chairs and not is_lounge(snapshot.chair) else "audio"
    pause_text = f"Paused {clock_text(paused)}" if paused > 0 else f"Pause {what} 2:00"
    if not alarms:
        calm = "No active alarms" + ("; NO SOUND: one could not be heard" if snapshot.audio.known_silent else "")
        return AlarmBarView(None, False, "", calm, "", False, False, pause_text)
    first = alarms[0]
    others = tuple(f"{alarm.priority.marks} {alarm.text}" for alarm in alarms[1:])
    unseen = [alarm for place, alarm in told if alarm.state in _UNSEEN and not place]
    hidden = unseen[0] if unseen and first.state not in _UNSEEN else None
    answers = f"F2 answers {hidden.priority.marks} {brief(hidden)}" if hidden is not None else ""
    below = ", ".join(brief(alarm) for alarm in alarms[1:] if alarm is not hidden)
    return AlarmBarView(
        priority=first.priority,
        filled=first.state is AlarmState.ACTIVE,
        mark=_mark(first),
        text=first.text,
        detail=join(
            answers, _since(first), "" if others else "1 of 1", _how(first, snapshot), f"also {below}" if below else ""
        ),
        can_acknowledge=any(a.state in _UNSEEN for a in snapshot.alarms),
        can_pause=paused <= 0,
        pause_text=pause_text,
        others=others,
        count_text=f"1 of {len(alarms)}" if others else "",
        place=told[0][0],
        pauses=bool(snapshot.alarms) or paused > 0,
        acknowledge_text=f"Acknowledge {hidden.priority.marks}" if hidden is not None else "Acknowledge",
    )


def brief(alarm: AlarmView) -> str:
    """Its words without limits and baselines."""
    return _LIMIT_WORDS.sub("", alarm.text)


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
