"""The alarm bar and the state of the sound: what stands first, how many there are, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.manager import AlarmView
from exomonitor.alarms.policy import AlarmState
from exomonitor.engine.snapshot import Snapshot
from exomonitor.units import clock_text
from ui.presenters.words import hms, join


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


def alarm_bar(snapshot: Snapshot) -> AlarmBarView:
    """The highest alarm of the chair, and the texts of those below it."""
    alarms = snapshot.alarms
    paused = pause_left_s(snapshot)
    pause_text = f"Audio paused {clock_text(paused)}" if paused > 0 else "Pause audio 2:00"
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
        mark=f"\N{BLACK UP-POINTING TRIANGLE} {first.priority.marks}",
        text=first.text,
        detail=join(_since(first), f"1 of {len(alarms)}", _how(first), below),
        can_acknowledge=any(a.state in {AlarmState.ACTIVE, AlarmState.LATCHED} for a in alarms),
        can_pause=paused <= 0,
        pause_text=pause_text,
        others=others,
    )


def _since(alarm: AlarmView) -> str:
    return f"since {hms(alarm.since)}"


def _how(alarm: AlarmView) -> str:
    if alarm.state is AlarmState.ACKED:
        return f"acknowledged{f' by {alarm.acked_by}' if alarm.acked_by else ''}"
    if alarm.state is AlarmState.LATCHED:
        return "over, not yet seen: acknowledge"
    return ""


def pause_left_s(snapshot: Snapshot) -> float:
    """Seconds of audio pause that are left, 0 when it is not paused."""
    until = snapshot.audio.paused_until
    return 0.0 if until is None else max(0.0, until.since(snapshot.now))


def count_words(snapshot: Snapshot) -> str:
    """`2 alarms` for the header, where more than the bar's one line is to be known."""
    number = len(snapshot.alarms)
    return "" if number == 0 else f"{number} alarm{'s' if number > 1 else ''}"
