"""Which of a chair's conditions is heard: one sound at a time, an audio pause, what breaks through it, what waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import AUDIO_PAUSE_S, AlarmState, Condition, is_audible
from exomonitor.clock import Instant


class PauseRefused(Exception):
    """The sound may not be paused again; says why in one sentence."""


@dataclass(frozen=True, slots=True)
class AudioPause:
    """An audio pause: from when, until when, by whom ("" = nobody signed in), and the highest priority that it
    silenced when it began (0 = silence): what is more urgent ends it."""

    at: Instant
    until: Instant
    by: str = ""
    level: int = 0

    def holds(self, now: Instant) -> bool:
        """Whether it has not run out."""
        return now.since(self.until) < 0


def paused(conditions: Iterable[Condition], by: str, now: Instant) -> AudioPause:
    """A pause that begins now."""
    silenced = (one.audible_priority for one in conditions if _wants_sound(one))
    return AudioPause(now, now.plus(AUDIO_PAUSE_S), by, max(silenced, default=0))


def _wants_sound(one: Condition) -> bool:
    """Whether it sounds, if not at this instant: what has latched gives a burst now and then."""
    if one.state is AlarmState.ACTIVE:
        return not one.quiet
    return one.state is AlarmState.LATCHED and not one.visual_only


def breaks(was: Condition, after: Condition, pause: AudioPause) -> bool:
    """Whether a change ends the pause: a new high alarm, or a new one that is more urgent than what was paused."""
    if after.state is not AlarmState.ACTIVE or after.quiet:
        return False
    is_new = was.state is not AlarmState.ACKED or after.priority > was.priority
    if was.state is AlarmState.ACTIVE and not was.quiet and after.priority <= was.priority:
        return False  # the same alarm, told once more
    return is_new and (after.priority is Priority.HIGH or after.priority > pause.level)


def waits(condition: Condition, relayed_delay_s: float, now: Instant, *, device_sounds: bool) -> bool:
    """Whether our own sound still waits because the device beside us sounds for itself; a high alarm never waits."""
    if not device_sounds or relayed_delay_s <= 0 or condition.audible_priority is Priority.HIGH:
        return False
    return condition.raised_at is not None and now.since(condition.raised_at) < relayed_delay_s


def heard(
    conditions: Iterable[Condition],
    pause: AudioPause | None,
    relayed_delay_s: float,
    now: Instant,
    *,
    device_sounds: bool,
) -> tuple[Condition, ...]:
    """The conditions that sound at `now`; the most urgent of them is what is played."""
    since = pause.at if pause is not None and pause.holds(now) else None
    return tuple(
        one
        for one in conditions
        if is_audible(one, now, since) and not waits(one, relayed_delay_s, now, device_sounds=device_sounds)
    )
