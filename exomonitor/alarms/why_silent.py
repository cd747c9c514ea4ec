"""Why is this silent? One sentence with times for each condition, and "" for one that is heard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import LATCHED_REPEAT_S, AlarmState, Condition
from exomonitor.alarms.signs import Hold
from exomonitor.alarms.sounding import AudioPause, waits
from exomonitor.clock import Instant
from exomonitor.signals.vitals import Sign

INSIDE = "Inside its limits"
_NO_HOLDS: Mapping[Sign, Hold] = MappingProxyType({})
_NO_SIGNS: Mapping[str, frozenset[Sign]] = MappingProxyType({})
_NAMES = {Sign.SPO2: "SpO₂", Sign.HR: "heart rate", Sign.TEMP: "temperature"}


@dataclass(frozen=True, slots=True)
class AlarmPicture:
    """All that the alarms of a chair know at one moment: every condition that is not normal, what sounds, what is held.

    signs_of: the signs that each limit judges; off: sensors that are off; away, deserted: nobody sits at the sensors,
    or the patient has left for good; relayed_delay_s: how long our sound waits for a device that sounds for itself.
    """

    conditions: tuple[Condition, ...] = ()
    heard: frozenset[str] = frozenset()
    pause: AudioPause | None = None
    holds: Mapping[Sign, Hold] = field(default_factory=lambda: _NO_HOLDS)
    signs_of: Mapping[str, frozenset[Sign]] = field(default_factory=lambda: _NO_SIGNS)
    off: frozenset[Sign] = frozenset()
    away: bool = False
    deserted: bool = False
    relayed_delay_s: float = 0.0
    device_sounds: bool = False

    def condition(self, key: str) -> Condition | None:
        """The condition under that key; None while it is normal."""
        return next((one for one in self.conditions if one.key == key), None)


def _same(user: str) -> str:
    return user


def why_silent(
    key: str, picture: AlarmPicture, now: Instant, *, who: Callable[[str], str] = _same, no_sound: str = ""
) -> str:
    """The sentence for one condition; "" = it is heard, or would be but for a more urgent one in its place.

    who: a person's name by id; no_sound: why nothing can be heard at all, "" = it can.
    """
    found = picture.condition(key)
    if found is None or found.state is AlarmState.NORMAL:
        return _unjudged(key, picture) or INSIDE
    if found.state is AlarmState.PENDING:
        return _unjudged(key, picture) or _waiting(found)
    if found.state is AlarmState.ACKED:
        return _acknowledged(found, who)
    return f"No sound: {no_sound}" if no_sound else _unanswered(found, picture, now, who)


def why_all_silent(
    picture: AlarmPicture, now: Instant, *, who: Callable[[str], str] = _same, no_sound: str = ""
) -> Mapping[str, str]:
    """The sentence for every condition that is not normal; "" = heard."""
    return MappingProxyType(
        {one.key: why_silent(one.key, picture, now, who=who, no_sound=no_sound) for one in picture.conditions}
    )


def _unjudged(key: str, picture: AlarmPicture) -> str:
    """Why a condition that is normal might only look so."""
    signs = picture.signs_of.get(key, frozenset())
    if not signs:
        return ""
    if picture.deserted:
        return "The patient has left: nobody is judged"
    if picture.away:
        return "Patient away: the sensors are not judged"
    for sign in sorted(signs):
        held = picture.holds.get(sign)
        if held is not None:
            return f"Held: {held.why}, since {_hms(held.since)}, until {_hms(held.until)} at the latest"
        if sign in picture.off:
            return f"Sensor off: the {_NAMES.get(sign, sign.value)} is not judged"
    return ""


def _unanswered(found: Condition, picture: AlarmPicture, now: Instant, who: Callable[[str], str]) -> str:
    """Why something that wants an answer is not heard."""
    if found.state is AlarmState.LATCHED and found.visual_only:
        return "Cleared by itself in less than 30 s: a mark only, until it is acknowledged"
    if found.key in picture.heard:
        return ""
    pause = picture.pause
    if pause is not None and pause.holds(now):
        by = f" by {who(pause.by)}" if pause.by else ""
        return f"Audio paused{by} at {_hms(pause.at)}, until {_hms(pause.until)}"
    if found.quiet:
        return "Part of an event that was acknowledged: one burst, then seen only"
    if found.raised_at is not None and waits(found, picture.relayed_delay_s, now, device_sounds=picture.device_sounds):
        return f"The device sounds for itself: ours follows at {_hms(found.raised_at.plus(picture.relayed_delay_s))}"
    if found.state is AlarmState.LATCHED and found.latched_at is not None:
        return f"Over since {_hms(found.latched_at)}: one burst every {LATCHED_REPEAT_S:.0f} s until it is acknowledged"
    return ""


def _waiting(found: Condition) -> str:
    told = f"Waiting {found.delay_s:.0f} s delay"
    if found.since is None:
        return told
    return f"{told} since {_hms(found.since)}, sounds at {_hms(found.since.plus(found.delay_s))} if it lasts"


def _acknowledged(found: Condition, who: Callable[[str], str]) -> str:
    by = f" by {who(found.acked_by)}" if found.acked_by else ""
    at = f" at {_hms(found.acked_at)}" if found.acked_at is not None else ""
    if found.priority is Priority.HIGH and found.realarms_at is not None:
        return f"Acknowledged{by}{at}, sounds again at {_hms(found.realarms_at)} if it is still there"
    return f"Acknowledged{by}{at}, silent while it lasts and does not get worse"


def _hms(at: Instant) -> str:
    return f"{at.utc.astimezone():%H:%M:%S}"
