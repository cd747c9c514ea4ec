"""Why each alarm is on, and why what is silent is silent: the rows of the sheet Now."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.alarms.catalogue import declared
from exomonitor.alarms.limits import Limit, Priority
from exomonitor.alarms.manager import AlarmView
from exomonitor.alarms.policy import AlarmState
from exomonitor.alarms.why_silent import is_calm, why_silent
from exomonitor.engine.snapshot import Snapshot
from ui.presenters.words import hms, join

HEARD = "sounding now"
BEHIND = "a more urgent alarm sounds in its place"
NO_ALARM = "No alarm: everything that is watched is inside its limits."
_UNSEEN = {AlarmState.ACTIVE, AlarmState.LATCHED}


@dataclass(frozen=True, slots=True)
class AlarmCase:
    """One row. priority None = no alarm, only told why it is silent. filled: active, not acknowledged."""

    key: str
    priority: Priority | None
    filled: bool
    mark: str
    text: str
    why_on: str
    why_silent: str
    can_acknowledge: bool = False


def alarm_cases(snapshot: Snapshot, limits: tuple[Limit, ...]) -> tuple[AlarmCase, ...]:
    """Every condition that stands, then what waits for its delay, then what is not judged at all."""
    standing = tuple(_standing(alarm, snapshot) for alarm in snapshot.alarms)
    return (*standing, *_waiting(snapshot), *_unjudged(snapshot, limits))


def _standing(alarm: AlarmView, snapshot: Snapshot) -> AlarmCase:
    return AlarmCase(
        alarm.key,
        alarm.priority,
        alarm.state is AlarmState.ACTIVE,
        f"\N{BLACK UP-POINTING TRIANGLE} {alarm.priority.marks}",
        alarm.text,
        why_on(alarm),
        snapshot.why_silent.get(alarm.key, "") or _sound_of(alarm, snapshot),
        alarm.state in _UNSEEN,
    )


def _sound_of(alarm: AlarmView, snapshot: Snapshot) -> str:
    """Of all that may sound the most urgent is played, here or for another place of the station."""
    audible = [one.priority for one in snapshot.alarms if not snapshot.why_silent.get(one.key)]
    elsewhere = snapshot.audio.owner not in {"", snapshot.chair}
    return BEHIND if elsewhere or alarm.priority < max(audible) else HEARD


def why_on(alarm: AlarmView) -> str:
    """`Limit crossed 14:21:05, signalled 14:21:20, medium`: what began it, and when."""
    row = declared(alarm.key)
    began = "Limit crossed" if alarm.limit is not None else "Since"
    found = row.detector[:1].upper() + row.detector[1:] if row is not None and alarm.limit is None else ""
    signalled = f"signalled {hms(alarm.raised_at)}" if alarm.raised_at is not None else ""
    over = "over, not yet seen" if alarm.state is AlarmState.LATCHED else ""
    nobody = "nobody has answered: ESCALATED" if alarm.escalated else ""
    return join(found, ", ".join(p for p in (f"{began} {hms(alarm.since)}", signalled) if p), alarm.priority.word,
                over, nobody)  # fmt: skip


def _waiting(snapshot: Snapshot) -> list[AlarmCase]:
    return [
        AlarmCase(
            one.key, None, False, "\N{HORIZONTAL ELLIPSIS}", one.text,
            f"Its limit is crossed since {hms(one.since)}" if one.since is not None else "",
            snapshot.why_silent.get(one.key, ""),
        )
        for one in snapshot.alarm_picture.conditions
        if one.state is AlarmState.PENDING
    ]  # fmt: skip


def _unjudged(snapshot: Snapshot, limits: tuple[Limit, ...]) -> list[AlarmCase]:
    """One row for each reason, with the limits that it keeps down."""
    picture = snapshot.alarm_picture
    told: dict[str, list[str]] = {}
    for key in picture.signs_of:
        condition = picture.condition(key)
        if condition is not None and condition.state is not AlarmState.NORMAL:
            continue
        why = why_silent(key, picture, snapshot.now)
        if not is_calm(why):
            told.setdefault(why, []).append(limit_name(key, limits))
    return [
        AlarmCase(why, None, False, "\N{EM DASH}", ", ".join(dict.fromkeys(names)), "Not judged now", why)
        for why, names in told.items()
    ]


def limit_name(key: str, limits: tuple[Limit, ...]) -> str:
    """`SpO₂ low` of the limit's own text; the key where nothing is known of it."""
    found = next((one.text for one in limits if one.key == key), "")
    return found.partition("{")[0].strip() or key.replace("_", " ")
