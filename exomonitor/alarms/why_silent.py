"""Why is this silent? One sentence with times for each condition, and "" for one that is heard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from exomonitor.alarms.detectors import Sample
from exomonitor.alarms.limits import Priority, plain
from exomonitor.alarms.missing import Hold
from exomonitor.alarms.policy import LATCHED_REPEAT_S, AlarmState, Condition
from exomonitor.alarms.sounding import AudioPause, waits
from exomonitor.alarms.views import hms
from exomonitor.clock import Instant
from exomonitor.signals.vitals import Sign

INSIDE = "Inside its limits"
NO_VALUE_YET = "No value yet"
_NO_SAMPLES: Mapping[Sign, Sample] = MappingProxyType({})
_NOTHING_OFF: Mapping[Sign, Instant] = MappingProxyType({})
_NO_HOLDS: Mapping[Sign, Hold] = MappingProxyType({})
_NO_SIGNS: Mapping[str, frozenset[Sign]] = MappingProxyType({})
_NAMES = {Sign.SPO2: "SpO₂", Sign.HR: "heart rate", Sign.TEMP: "temperature"}


@dataclass(frozen=True, slots=True)
class AlarmPicture:
    """All that the alarms of a chair know at one moment: every condition that is not normal, what sounds, what is held.

    signs_of: the signs that each limit judges; newest: the last value of each that counts; lost: since when a sign has
    none; off: sensors that are off, since when; away, deserted: since when nobody sits at the sensors, or the patient
    has left for good; relayed_delay_s: how long our sound waits for a device that sounds for itself.
    """

    conditions: tuple[Condition, ...] = ()
    heard: frozenset[str] = frozenset()
    pause: AudioPause | None = None
    holds: Mapping[Sign, Hold] = field(default_factory=lambda: _NO_HOLDS)
    signs_of: Mapping[str, frozenset[Sign]] = field(default_factory=lambda: _NO_SIGNS)
    newest: Mapping[Sign, Sample] = field(default_factory=lambda: _NO_SAMPLES)
    lost: Mapping[Sign, Instant] = field(default_factory=lambda: _NOTHING_OFF)
    off: Mapping[Sign, Instant] = field(default_factory=lambda: _NOTHING_OFF)
    away: Instant | None = None
    deserted: Instant | None = None
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
        return _unjudged(key, picture) or _calm(key, picture, now)
    if found.state is AlarmState.PENDING:
        return _unjudged(key, picture) or _waiting(found, now)
    if found.state is AlarmState.ACKED:
        return _acknowledged(found, who)
    return f"No sound at {hms(now)}: {no_sound}" if no_sound else _unanswered(found, picture, now, who)


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
    if picture.deserted is not None:
        return f"The patient has left, noted at {hms(picture.deserted)}: nobody is judged"
    if picture.away is not None:
        return f"Patient away since {hms(picture.away)}: the sensors are not judged"
    for sign in sorted(signs):
        held = picture.holds.get(sign)
        if held is not None:
            return f"Held: {held.why}, since {hms(held.since)}, until {hms(held.until)} at the latest"
        if sign in picture.off:
            return f"Sensor off since {hms(picture.off[sign])}: the {_NAMES.get(sign, sign.value)} is not judged"
        if sign in picture.lost:
            return f"No value since {hms(picture.lost[sign])}: the {_NAMES.get(sign, sign.value)} is not judged"
    return ""


def _calm(key: str, picture: AlarmPicture, now: Instant) -> str:
    """Nothing is wrong, as far as is known: by which value, of when."""
    signs = picture.signs_of.get(key, frozenset())
    if not signs:
        return f"{INSIDE} at {hms(now)}"
    known = [picture.newest[sign] for sign in sorted(signs) if sign in picture.newest]
    if not known:
        return f"{NO_VALUE_YET} at {hms(now)}"
    return f"{INSIDE}: {plain(known[0].value)} at {hms(known[0].at)}"


def is_calm(why: str) -> bool:
    """Whether the sentence says no more than that nothing is wrong, or that nothing has been measured yet."""
    return why.startswith((INSIDE, NO_VALUE_YET))


def _between(found: Condition) -> str:
    if found.begun_at is None or found.latched_at is None:
        return ""
    return f" (on {hms(found.begun_at)}-{hms(found.latched_at)})"


def _unanswered(found: Condition, picture: AlarmPicture, now: Instant, who: Callable[[str], str]) -> str:
    """Why something that wants an answer is not heard."""
    if found.state is AlarmState.LATCHED and found.visual_only:
        return f"Cleared by itself{_between(found)} in less than 30 s: a mark only, until it is acknowledged"
    if found.key in picture.heard:
        return ""
    pause = picture.pause
    if pause is not None and pause.holds(now):
        by = f" by {who(pause.by)}" if pause.by else ""
        return f"Audio paused{by} at {hms(pause.at)}, until {hms(pause.until)}"
    if found.quiet:
        burst = f" at {hms(found.raised_at)}" if found.raised_at is not None else ""
        return f"Part of an event that was acknowledged: one burst{burst}, then seen only"
    if found.raised_at is not None and waits(found, picture.relayed_delay_s, now, device_sounds=picture.device_sounds):
        return f"The device sounds for itself: ours follows at {hms(found.raised_at.plus(picture.relayed_delay_s))}"
    if found.state is AlarmState.LATCHED and found.latched_at is not None:
        return f"Over since {hms(found.latched_at)}: one burst every {LATCHED_REPEAT_S:.0f} s until it is acknowledged"
    return ""


def _waiting(found: Condition, now: Instant) -> str:
    told = f"Waiting {found.delay_s:.0f} s delay"
    if found.since is None:
        return told
    sounds = found.since.plus(found.delay_s)
    if now.since(sounds) > 0:
        return f"{told} since {hms(found.since)}, sounds as soon as its device says that it lasts"
    return f"{told} since {hms(found.since)}, sounds at {hms(sounds)} if it lasts"


def _acknowledged(found: Condition, who: Callable[[str], str]) -> str:
    by = f" by {who(found.acked_by)}" if found.acked_by else ""
    at = f" at {hms(found.acked_at)}" if found.acked_at is not None else ""
    if found.priority is Priority.HIGH and found.realarms_at is not None:
        return f"Acknowledged{by}{at}, sounds again at {hms(found.realarms_at)} if it is still there"
    return f"Acknowledged{by}{at}, silent while it lasts and does not get worse"
