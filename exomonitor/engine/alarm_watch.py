"""Conditions beside limits: the score of a completed set, an old or failed pressure, damaged data, this computer."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from exomonitor.alarms.catalogue import CIRCULATION
from exomonitor.alarms.limits import Priority
from exomonitor.clinical.alarm_rows import AlarmSettings
from exomonitor.clinical.news2 import RED_LINE, Band
from exomonitor.clinical.observations import ObservationSchedule
from exomonitor.clock import Instant
from exomonitor.computer import Computer
from exomonitor.engine.health import Condition
from exomonitor.engine.live import LiveState
from exomonitor.engine.reaction_watch import ReactionWatch
from exomonitor.session.phases import Phase
from exomonitor.session.recent import Recent
from exomonitor.session.scoring import INPUTS, score_of
from exomonitor.session.state import ObservationDone, SessionState
from exomonitor.signals.links import LinkChange, LinkCounters
from exomonitor.signals.vitals import Sign, VitalReading

WINDOW_S = 60.0
URGENT_TOTAL, EMERGENCY_TOTAL = 5, 7
_NAMES = {"rr": "RR", "spo2": "SpO₂", "sbp": "SBP", "hr": "HR", "temp": "Temp", "acvpu": "consciousness"}
_SBP_SCORES = 2
_TAKEN: Recent[tuple[tuple[Instant, str], ...]] = Recent()


@dataclass(slots=True)
class FrameCount:
    """Good and bad frames of one device lately, from the counters that its link reports."""

    seen: deque[tuple[Instant, int, int]] = field(default_factory=deque)

    def take(self, counters: LinkCounters, at: Instant) -> None:
        """One more report; a link that counts from the beginning again begins anew."""
        bad = sum(counters.frames_bad.values())
        if self.seen and (bad < self.seen[-1][2] or counters.frames_ok < self.seen[-1][1]):
            self.seen.clear()
        self.seen.append((at, counters.frames_ok, bad))
        while len(self.seen) > 1 and at.since(self.seen[1][0]) >= WINDOW_S:
            self.seen.popleft()

    def bad_lately(self, now: Instant) -> tuple[int, int]:
        """(bad, all) frames within the last minute."""
        if len(self.seen) < 2 or now.since(self.seen[-1][0]) > WINDOW_S:
            return 0, 0
        first, last = self.seen[0], self.seen[-1]
        bad = last[2] - first[2]
        return bad, bad + last[1] - first[1]


@dataclass(slots=True)
class FrameWatch:
    """The frames of all devices of a chair. Owned by the engine's thread."""

    devices: dict[str, FrameCount] = field(default_factory=dict)

    def take(self, change: LinkChange) -> None:
        """One more report of a link."""
        self.devices.setdefault(change.source, FrameCount()).take(change.counters, change.at)

    def forget(self, source: str) -> None:
        """Nothing is read from there any more."""
        self.devices.pop(source, None)


def frame_conditions(
    state: SessionState | None, frames: FrameWatch, settings: AlarmSettings, now: Instant
) -> Iterator[Condition]:
    """Bad frames are dropped and counted; many of them are an alarm."""
    watched = state is not None and state.phase.is_open
    for role, look in (("pump", "look at the pump"), ("monitor", "look at the patient")):
        bad, every = frames.devices.get(role, FrameCount()).bad_lately(now)
        many = bad >= settings.damaged_frames and bad * 10 >= every
        text = f"{role.upper()} DATA DAMAGED - {bad} of {every} messages in a minute - {look}"
        yield Condition(f"{role}.errors", watched and many, Priority.MEDIUM, text)


def score_condition(state: SessionState | None) -> Condition:
    """The newest complete set scores high: until the next complete one."""
    open_state = state if state is not None and state.phase.is_open else None
    done = _newest_complete(open_state) if open_state is not None else None
    if done is None or open_state is None:
        return Condition("news2", active=False, priority=Priority.MEDIUM, text="NEWS2")
    found = score_of(done.event, open_state.patient)
    total = found.total or 0
    words = f"NEWS2 {total} (limit {EMERGENCY_TOTAL if total >= EMERGENCY_TOTAL else URGENT_TOTAL})"
    if total < URGENT_TOTAL:
        words = f"NEWS2 {total}"
    if found.red:
        worst = ", ".join(_part_words(name, done) for name, points in found.parts.items() if points == 3)
        words = f"{RED_LINE.replace('parameter', f'parameter ({worst})')} · {words}"
    return Condition(
        "news2",
        active=total >= URGENT_TOTAL or found.red,
        priority=Priority.HIGH if found.band is Band.HIGH else Priority.MEDIUM,
        text=words,
        group=CIRCULATION if (found.parts.get("sbp") or 0) >= _SBP_SCORES else "",
    )


def _newest_complete(state: SessionState) -> ObservationDone | None:
    complete = (done for done in state.observations.values() if done.event.news2 is not None)
    return max(complete, key=lambda done: done.event.observed.utc, default=None)


def _part_words(name: str, done: ObservationDone) -> str:
    value = done.event.values.get(INPUTS.get(name, ""))
    return f"{_NAMES.get(name, name)} {value.value}" if value is not None else _NAMES.get(name, name)


def pressure_conditions(
    state: SessionState | None,
    live: LiveState,
    watch: ReactionWatch,
    schedule: ObservationSchedule,
    settings: AlarmSettings,
    now: Instant,
) -> Iterator[Condition]:
    """A pressure that is too old for this phase, and a cuff that gave none; in a reaction the latter is an alarm of its
    own (reaction_health)."""
    watched = state is not None and state.phase in {Phase.INFUSE, Phase.OBSERVE}
    last, age_s, interval_s = None, 0.0, 0.0
    if watched and state is not None:
        last = _last_pressure(state, live.pressures)
        since = last[0] if last is not None else state.started or state.opened
        age_s, interval_s = max(0.0, now.since(since)), _interval_s(state, schedule, now)
    old = interval_s > 0 and age_s > settings.nibp_old_after * interval_s
    very_old = interval_s > 0 and age_s > settings.nibp_very_old_after * interval_s
    minutes = int(age_s // 60)
    text = f"NO BP for {minutes} min - measure one"
    if last is not None:
        text = f"BP {last[1]}, {minutes} min old - measure again"
    yield Condition("nibp.old", old, Priority.MEDIUM if very_old else Priority.LOW, text)
    failed = watched and state is not None and state.open_reaction is None and watch.cuff_failed
    yield Condition("nibp.failed", failed, Priority.LOW, "NIBP FAILED - repeat at the monitor")


def _last_pressure(state: SessionState, measured: Mapping[Sign, VitalReading]) -> tuple[Instant, str] | None:
    """When the newest pressure was measured, and in words: read by the monitor or recorded in a set. One from before
    the session is somebody else's, but in an emergency."""
    found = list(_TAKEN.answer(state, None, lambda: _taken_in_sets(state)))
    upper, lower = measured.get(Sign.NIBP_SYS), measured.get(Sign.NIBP_DIA)
    own = upper is not None and (state.is_emergency or upper.taken_at.since(state.opened) >= 0)
    if own and upper is not None and upper.value is not None:
        found.append((upper.taken_at, _pressure_words(upper.value, lower.value if lower is not None else None)))
    return max(found, key=lambda one: one[0].utc, default=None)


def _taken_in_sets(state: SessionState) -> tuple[tuple[Instant, str], ...]:
    found = []
    for done in state.observations.values():
        upper, lower = done.event.values.get("nibp_sys"), done.event.values.get("nibp_dia")
        if upper is not None:
            words = _pressure_words(float(upper.value), float(lower.value) if lower is not None else None)
            found.append((done.event.observed.plus(-upper.age_s), words))
    return tuple(found)


def _interval_s(state: SessionState, schedule: ObservationSchedule, now: Instant) -> float:
    """How often a pressure is wanted now: as often as the sets of this phase, more often in a reaction."""
    reaction = state.open_reaction
    if reaction is not None and now.since(reaction.when) >= schedule.reaction_every_min * 60:
        return schedule.reaction_every_min * 60.0
    if state.phase is Phase.OBSERVE and schedule.post_min:
        return schedule.post_min[0] * 60.0
    return schedule.every_min * 60.0


def _pressure_words(upper: float, lower: float | None) -> str:
    return f"{upper:.0f}" if lower is None else f"{upper:.0f}/{lower:.0f}"


def computer_conditions(state: SessionState | None, computer: Computer, settings: AlarmSettings) -> Iterator[Condition]:
    """Room on the disk, mains and battery of this computer; what it does not tell is no alarm."""
    watched = state is not None and state.phase.is_open
    free, percent = computer.free_mb, computer.battery_percent
    full = free is not None and free < settings.disk_low_mb
    yield Condition("disk", full, Priority.MEDIUM, f"DISK NEARLY FULL {free} MB left (limit {settings.disk_low_mb})")
    lost = watched and computer.on_mains is False
    priority = Priority.LOW
    if percent is not None and percent < settings.battery_low_percent:
        priority = Priority.HIGH if percent < settings.battery_empty_percent else Priority.MEDIUM
    battery = "" if percent is None else f", battery {percent} %"
    yield Condition("computer.mains", lost, priority, f"COMPUTER ON BATTERY{battery} - plug it in")
