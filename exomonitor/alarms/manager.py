"""The only owner of a chair's alarm state: readings and reports in; transitions, a list and the present sound out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from exomonitor.alarms.detectors import QUIET, Finding, Report, Sample, Track, judged, observed, settled
from exomonitor.alarms.heart import HeartRates
from exomonitor.alarms.limits import Limit, Priority
from exomonitor.alarms.policy import (
    AUDIO_PAUSE_S,
    AlarmState,
    AlarmTransition,
    Condition,
    acknowledged,
    ended,
    is_audible,
    step,
    transition,
)
from exomonitor.alarms.relayed import relayed_key, relayed_report
from exomonitor.clock import Instant
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.quality import Origin, Validity
from exomonitor.signals.vitals import Sign, VitalReading

HOLD_S = 60.0
NO_VALUE = "no value"
AWAY = "patient away"
_HOLDING = frozenset({Validity.HELD, Validity.MEASURING})
_PER_MEASUREMENT = frozenset({Sign.NIBP_SYS, Sign.NIBP_DIA, Sign.NIBP_MAP})
_BRIEF_IS_VISUAL = frozenset({Sign.SPO2, Sign.HR})
_BY_HAND = frozenset({Origin.TYPED, Origin.COUNTED})
# A sensor that comes off in mid-session: low after 10 s, medium a minute later.
_OFF_STAGES = ((10.0, Priority.LOW), (70.0, Priority.MEDIUM))
_OFF_TEXT = {Sign.SPO2: "SpO₂ SENSOR OFF", Sign.HR: "ECG LEADS OFF"}
_DIFFER_STAGES = ((15.0, Priority.LOW),)


@dataclass(frozen=True, slots=True)
class AlarmView:
    """One line of the alarm bar. since: when the limit was crossed; visual_only: a mark without sound."""

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


@dataclass(frozen=True, slots=True)
class RestoredAlarm:
    """How a condition stood when the program stopped: the last transition of its key that the record holds."""

    key: str
    state: AlarmState
    priority: Priority
    text: str
    since: Instant
    by: str = ""
    latching: bool = False


class AlarmManager:
    """All alarm conditions of one chair. Passive: it is told what happened and when; belongs to one thread."""

    def __init__(self, limits: Iterable[Limit], chair: str = "", restored: Iterable[RestoredAlarm] = ()) -> None:
        self.chair = chair
        self._tracks: dict[str, tuple[Track, ...]] = {}
        for limit in limits:
            self._tracks[limit.key] = (*self._tracks.get(limit.key, ()), Track(limit))
        self._conditions: dict[str, Condition] = {}
        self._reports: dict[str, Report] = {}
        self._heart = HeartRates()
        self._measured: dict[Sign, Instant] = {}
        self._held_since: dict[Sign, Instant] = {}
        self._had_value: set[Sign] = set()
        self._reaction_open = False
        self._away = False
        self._deserted = False
        self._paused_at: Instant | None = None
        self._paused_until: Instant | None = None
        self._pause_level = 0
        self._acks: dict[str, RestoredAlarm] = {}
        self._restore(restored)

    # --- what happens -------------------------------------------------------------------------------------------

    def on_vital(self, reading: VitalReading, now: Instant) -> list[AlarmTransition]:
        """Judge one reading; a missing value ends its conditions without pretending that all is well."""
        if self._away:
            return self.tick(now)
        self._note_sensor(reading, now)
        if reading.sign in {Sign.HR, Sign.PULSE}:
            self._heart.heard(reading)
            self._report_if(
                "hr_sources", self._heart.differ(now), Report(now, _DIFFER_STAGES, self._heart.sentence()), now
            )
            if not self._heart.leads(reading):
                return self.tick(now)
        sign = Sign.HR if reading.sign is Sign.PULSE else reading.sign
        if reading.value is None:
            return self._without_value(sign, reading.validity, now) + self.tick(now)
        self._held_since.pop(sign, None)
        if sign in _PER_MEASUREMENT and self._measured.get(sign) == reading.taken_at:
            return self.tick(now)
        self._measured[sign] = reading.taken_at
        sample = Sample(
            reading.value,
            reading.at,
            good=reading.validity is not Validity.QUESTIONABLE,
            agrees=sign is not Sign.HR or not self._heart.differ(now),
            final=reading.origin in _BY_HAND and sign not in _PER_MEASUREMENT,
        )
        for key, tracks in self._tracks_of(sign):
            self._tracks[key] = tuple(observed(track, sample) for track in tracks)
            if not any(track.since for track in self._tracks[key]):
                self._acks.pop(key, None)  # seen normal once: an old acknowledgement does not cover what comes later
        return self.tick(now)

    def no_value(self, sign: Sign, now: Instant) -> list[AlarmTransition]:
        """The sign's data are stale or lost: its limit conditions end as "no value"; a latched one stays."""
        if sign in {Sign.HR, Sign.PULSE}:
            self._heart.silent(sign)
            if self._heart.speaks(now):
                return []
            sign = Sign.HR
        return self._without_value(sign, Validity.STALE, now)

    def on_relayed(self, alarm: RelayedAlarm, now: Instant) -> list[AlarmTransition]:
        """Pass on what a device alarms about, in its own words."""
        key = relayed_key(alarm)
        known = self._reports.get(key)
        if alarm.active:
            self._reports[key] = relayed_report(alarm, known.since if known else alarm.at)
        else:
            self._reports.pop(key, None)
        return self.tick(now)

    def forget_source(self, source: str, now: Instant, *, released: bool = True) -> list[AlarmTransition]:
        """Drop what this device has reported: it was released, or its link is lost and it will report anew.

        What a device says only once would be gone for good: over a lost link it stands until somebody acknowledges it.
        """
        for key, report in list(self._reports.items()):
            if report.source == source and (released or not report.one_shot):
                del self._reports[key]
        return self.tick(now)

    def set_technical(
        self,
        key: str,
        active: bool,
        priority: Priority,
        text: str,
        now: Instant,
        delay_s: float = 0.0,
        *,
        latching: bool = False,
    ) -> list[AlarmTransition]:
        """State whether a technical condition is present; may be repeated. It signals after `delay_s` of presence."""
        known = self._reports.get(key)
        if not active and known is None and key not in self._conditions:
            self._acks.pop(key, None)
            return []
        report = Report(known.since if known else now, ((delay_s, priority),), text, latching)
        self._report_if(key, active, report, now)
        return self._settle(key, now)

    def set_reaction_open(self, is_open: bool, now: Instant) -> list[AlarmTransition]:
        """Say whether a reaction is open: some limits are judged more strictly then."""
        self._reaction_open = is_open
        return self.tick(now)

    def set_away(self, away: bool, now: Instant) -> list[AlarmTransition]:
        """Say whether the patient has left the chair: the sensors are not judged then, and what they alarmed about
        ends; what latches stays. Pump and relayed alarms are not touched."""
        if away == self._away:
            return []
        self._away = away
        if not away:
            return []
        happened = []
        for key, tracks in self._tracks.items():
            self._tracks[key] = tuple(Track(track.limit) for track in tracks)
            happened += self._apply(key, QUIET, now, note=AWAY)
        for key in [*(f"sensor_off_{sign}" for sign in _OFF_TEXT), "hr_sources"]:
            self._report_if(key, False, Report(now, (), ""), now)
            happened += self._apply(key, QUIET, now, note=AWAY)
        return happened

    def set_deserted(self, deserted: bool, now: Instant) -> list[AlarmTransition]:
        """Say whether the patient has left for good: sensors and devices alarm about nobody then. What a device still
        reports counts again for the next patient; what it says only once does not."""
        if deserted == self._deserted:
            return []
        self._deserted = deserted
        if deserted:
            self._reports = {key: report for key, report in self._reports.items() if not report.one_shot}
        return self.tick(now)

    def tick(self, now: Instant) -> list[AlarmTransition]:
        """Let time pass: delays fill, an acknowledged high alarm sounds again, an audio pause ends."""
        if self._paused_until is not None and now.since(self._paused_until) >= 0:
            self._end_pause()
        happened = []
        for key in dict.fromkeys((*self._tracks, *self._conditions, *self._reports)):
            happened += self._settle(key, now)
        return happened

    def acknowledge(self, key: str | None, by: str, now: Instant) -> list[AlarmTransition]:
        """Acknowledge one condition, or with None all that want it (active or latched). Repeating it does nothing."""
        happened = []
        for condition in list(self._conditions.values()):
            if key is not None and condition.key != key:
                continue
            report = self._reports.get(condition.key)
            one_shot = report is not None and report.one_shot
            after = acknowledged(condition, by, now, one_shot)
            if one_shot and after.state is AlarmState.NORMAL:
                del self._reports[condition.key]
            happened += self._keep(condition, after, now, by=by)
        return happened

    def pause_audio(self, now: Instant) -> Instant:
        """Pause the sound for 120 s and return until when; pressed again while it is paused it adds nothing."""
        if self._paused_until is not None and now.since(self._paused_until) < 0:
            return self._paused_until
        self._pause_level = max((c.priority for c in self._conditions.values() if is_audible(c, now, None)), default=0)
        self._paused_at, self._paused_until = now, now.plus(AUDIO_PAUSE_S)
        return self._paused_until

    # --- what stands --------------------------------------------------------------------------------------------

    @property
    def audio_paused_until(self) -> Instant | None:
        """Until when the sound is paused; None when it is not (as of the last tick)."""
        return self._paused_until

    def views(self) -> tuple[AlarmView, ...]:
        """The alarm bar: highest priority first, then what nobody has acknowledged, then the newest."""
        shown = [c for c in self._conditions.values() if c.state.shown and c.since is not None]
        shown.sort(
            key=lambda c: (
                -c.priority,
                c.state is not AlarmState.ACTIVE,
                -(c.since.utc.timestamp() if c.since else 0.0),
            )
        )
        return tuple(_view(condition) for condition in shown)

    def sound(self, now: Instant) -> Priority | None:
        """What should be heard now: one priority at a time, the highest; None = silence."""
        paused_since = self._paused_at
        if self._paused_until is not None and now.since(self._paused_until) >= 0:
            paused_since = None
        return max((c.priority for c in self._conditions.values() if is_audible(c, now, paused_since)), default=None)

    # --- inside -------------------------------------------------------------------------------------------------

    def _settle(self, key: str, now: Instant) -> list[AlarmTransition]:
        """Let one condition be what its samples or its report say at `now`."""
        tracks = self._tracks.get(key)
        if tracks is None:
            report = self._reports.get(key)
            speaks = report is not None and not (self._deserted and report.source)
            return self._apply(key, report.finding(now) if report is not None and speaks else QUIET, now)
        if key not in self._conditions and all(track.since is None for track in tracks):
            return []
        self._tracks[key] = tuple(settled(track, now) for track in tracks)
        return self._apply(key, judged(self._tracks[key], self._reaction_open), now)

    def _tracks_of(self, sign: Sign) -> list[tuple[str, tuple[Track, ...]]]:
        return [(key, tracks) for key, tracks in self._tracks.items() if tracks[0].limit.sign is sign]

    def _note_sensor(self, reading: VitalReading, now: Instant) -> None:
        """A sensor that has worked and is off now is a technical alarm; one that never worked is none."""
        if reading.value is not None:
            self._had_value.add(reading.sign)
        if reading.sign in _OFF_TEXT:
            is_off = reading.validity is Validity.SENSOR_OFF and reading.sign in self._had_value
            report = Report(now, _OFF_STAGES, _OFF_TEXT[reading.sign], source=reading.source)
            self._report_if(f"sensor_off_{reading.sign}", is_off, report, now)

    def _report_if(self, key: str, active: bool, report: Report, now: Instant) -> None:
        if not active:
            self._reports.pop(key, None)
            self._acks.pop(key, None)
            return
        known = self._reports.get(key)
        self._reports[key] = report if known is None else replace(report, since=known.since)

    def _without_value(self, sign: Sign, validity: Validity, now: Instant) -> list[AlarmTransition]:
        if sign in _PER_MEASUREMENT:
            return []  # the last measurement stands until there is another one; its age is the engine's to judge
        if validity in _HOLDING:
            held_since = self._held_since.setdefault(sign, now)
            if now.since(held_since) < HOLD_S:
                for key, tracks in self._tracks_of(sign):
                    self._tracks[key] = tuple(track if track.on else Track(track.limit) for track in tracks)
                return []
        happened = []
        for key, tracks in self._tracks_of(sign):
            self._tracks[key] = tuple(Track(track.limit) for track in tracks)
            happened += self._apply(key, QUIET, now, note=NO_VALUE)
        return happened

    def _apply(self, key: str, found: Finding, now: Instant, note: str = "") -> list[AlarmTransition]:
        if found is QUIET and key not in self._conditions:
            return []
        was = self._conditions.get(key) or self._new(key)
        after = step(was, found, now)
        if after is was:
            return []
        ack = self._acks.get(key)
        if ack is not None and after.state is AlarmState.ACTIVE:
            del self._acks[key]
            if after.priority <= ack.priority:  # acknowledged before the restart: it does not sound again
                after = replace(after, state=AlarmState.ACKED, acked_at=now, acked_by=ack.by)
        return self._keep(was, after, now, note=note)

    def _keep(
        self, was: Condition, after: Condition, now: Instant, *, by: str = "", note: str = ""
    ) -> list[AlarmTransition]:
        if after.state is AlarmState.NORMAL:
            self._conditions.pop(after.key, None)
        else:
            self._conditions[after.key] = after
        change = transition(was, after, now, by=by, note=note)
        if change is None:
            return []
        is_new = was.state is not AlarmState.ACKED or after.priority > was.priority
        breaks = after.priority is Priority.HIGH or after.priority > self._pause_level
        if after.state is AlarmState.ACTIVE and is_new and breaks:
            self._end_pause()
        return [change]

    def _new(self, key: str) -> Condition:
        is_brief = any(track.limit.sign in _BRIEF_IS_VISUAL for track in self._tracks.get(key, ()))
        return Condition(key, brief_is_visual=is_brief)

    def _end_pause(self) -> None:
        self._paused_at = self._paused_until = None
        self._pause_level = 0

    def _restore(self, restored: Iterable[RestoredAlarm]) -> None:
        for old in restored:
            if old.state is AlarmState.ACKED:
                self._acks[old.key] = old
            elif old.state is AlarmState.LATCHED or (old.state is AlarmState.ACTIVE and old.latching):
                self._conditions[old.key] = replace(
                    ended(self._new(old.key)),
                    state=AlarmState.LATCHED,
                    priority=old.priority,
                    text=old.text,
                    since=old.since,
                    latched_at=old.since,
                    latching=old.latching,
                )


def _view(c: Condition) -> AlarmView:
    assert c.since is not None
    return AlarmView(c.key, c.text, c.priority, c.state, c.since, c.acked_by, c.value, c.limit, c.unit, c.visual_only)
