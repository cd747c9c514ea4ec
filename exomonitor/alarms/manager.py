"""The only owner of a chair's alarm state: readings and reports in; transitions, a list and the present sound out."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from exomonitor.alarms.catalogue import Category, category_of, is_down
from exomonitor.alarms.detectors import QUIET, Finding, Report
from exomonitor.alarms.limits import Limit, Priority
from exomonitor.alarms.missing import OFF, no_value_key, off_key
from exomonitor.alarms.policy import (
    AlarmState,
    AlarmTransition,
    Condition,
    acknowledged,
    calmed,
    ended,
    escalated,
    is_unanswered,
    joined,
    may_not_be_paused,
    pause_run_out,
    step,
    transition,
    uncovered,
)
from exomonitor.alarms.relayed import RELAYED, relayed_key, relayed_report
from exomonitor.alarms.restored import BeforeRestart, RestoredAlarm, latched_again
from exomonitor.alarms.signs import SignWatch
from exomonitor.alarms.sounding import AudioPause, PauseRefused, breaks, heard, paused
from exomonitor.alarms.suppression import Suppression
from exomonitor.alarms.tailored import Basis
from exomonitor.alarms.views import AlarmView, ordered
from exomonitor.alarms.why_silent import AlarmPicture
from exomonitor.clock import Instant
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.vitals import Sign, VitalReading

__all__ = ["AlarmManager", "AlarmView", "PauseRefused", "RestoredAlarm"]

NO_VALUE = "no value"
AWAY = "patient away"
OTHER_LIMITS = "limits changed"
NEXT_PATIENT = "session over"
_BRIEF_IS_VISUAL = frozenset({Sign.SPO2, Sign.HR})


class AlarmManager:
    """All alarm conditions of one chair. Passive: it is told what happened and when; belongs to one thread."""

    def __init__(
        self,
        limits: Iterable[Limit],
        chair: str = "",
        restored: Iterable[RestoredAlarm] = (),
        *,
        measured: Iterable[Sign] = (),
        relayed_delay_s: float = 0.0,
    ) -> None:
        """restored: what stood when the program stopped; measured: the signs that a device of this session has given a
        value of already."""
        self.chair = chair
        self._signs = SignWatch(limits)
        self._relayed_delay_s = relayed_delay_s
        self._conditions: dict[str, Condition] = {}
        self._quiet: dict[str, None] = {}
        self._reports: dict[str, Report] = {}
        self._away: Instant | None = None
        self._deserted: Instant | None = None
        self._down: frozenset[Suppression] = frozenset()
        self._pause: AudioPause | None = None
        self._before = BeforeRestart()
        self._restore(restored, measured)

    # --- what happens -------------------------------------------------------------------------------------------

    def tailor(self, basis: Basis, now: Instant) -> list[AlarmTransition]:
        """Judge by this patient's baseline and limits from now on; what is beyond no limit any more ends."""
        if basis == self._signs.basis:
            return []
        gone = self._signs.tailor(basis)
        happened = self._end(gone, OTHER_LIMITS, now)
        for key in self._signs.tracks:  # what a moved limit ends did not clear by itself
            happened += self._settle(key, now, by_itself=False)
        return happened + self.tick(now)

    def on_vital(self, reading: VitalReading, now: Instant) -> list[AlarmTransition]:
        """Judge one reading; a missing value that stays missing ends its conditions without pretending that all is
        well."""
        if self._away is not None:
            return self.tick(now)
        said = self._signs.take(reading, now)
        for key in said.calm:
            self._before.forget(key)
        return self.tick(now)

    def no_value(self, sign: Sign, now: Instant, source: str = "", *, lost: bool = False) -> list[AlarmTransition]:
        """The sign's data are stale or lost: its limit conditions end as "no value"; a latched one stays. source: the
        device, where it speaks, but not of this sign: that is an alarm of its own. lost: the device is, which says it
        for all of its signs."""
        if lost:
            self._signs.reports.pop(no_value_key(Sign.HR if sign is Sign.PULSE else sign), None)
        return self._end(self._signs.silent(sign, now, source if self._away is None else ""), NO_VALUE, now)

    def on_relayed(self, alarm: RelayedAlarm, now: Instant) -> list[AlarmTransition]:
        """Pass on what a device alarms about, in its own words."""
        key = relayed_key(alarm)
        known = self._reports.get(key)
        if alarm.active:
            self._reports[key] = relayed_report(alarm, known.since if known else alarm.at)
        else:
            self._reports.pop(key, None)
            self._before.forget(key)
        return self.tick(now)

    def forget_source(self, source: str, now: Instant, *, released: bool = True) -> list[AlarmTransition]:
        """Drop what this device has reported: it was released, or its link is lost and it will report anew.

        What a device says only once would be gone for good: over a lost link it stands until somebody acknowledges it.
        """
        for reports in (self._reports, self._signs.reports):
            for key, report in list(reports.items()):
                if report.source == source and (released or not report.one_shot):
                    del reports[key]
        return self.tick(now)

    def set_technical(  # noqa: PLR0913 - a condition as it stands, with its row
        self,
        key: str,
        active: bool,
        priority: Priority,
        text: str,
        now: Instant,
        delay_s: float = 0.0,
        *,
        latching: bool = False,
        group: str = "",
        live_until: Instant | None = None,
    ) -> list[AlarmTransition]:
        """State whether a technical condition is present; may be repeated. It signals after `delay_s` of presence;
        live_until: where it is judged by what is too old to look live after that, the delay fills no further."""
        known = self._reports.get(key)
        if not active or is_down(key, self._down):
            self._before.forget(key)
            if known is None and key not in self._conditions:
                return []
            self._reports.pop(key, None)
            happened = self._settle(key, now) + (self._calm(key, priority, now) if _follows(key) else [])
            return happened + self._uncover(now)
        since = known.since if known is not None else now
        stages, follows = ((delay_s, priority),), _follows(key)
        self._reports[key] = Report(since, stages, text, latching, group=group, follows=follows, live_until=live_until)
        return self._settle(key, now) + self._uncover(now)

    def _calm(self, key: str, priority: Priority, now: Instant) -> list[AlarmTransition]:
        was = self._conditions.get(key)
        return [] if was is None else self._keep(was, calmed(was, priority), now)

    def note(self, key: str, priority: Priority, text: str, now: Instant) -> list[AlarmTransition]:
        """Something happened at one moment: it stands until somebody acknowledges it."""
        self._reports[key] = Report(now, ((0.0, priority),), text, one_shot=True)
        return self._settle(key, now)

    def set_reaction_open(self, is_open: bool, now: Instant) -> list[AlarmTransition]:
        """Say whether a reaction is open: some limits are judged more strictly then."""
        self._signs.reaction_open = is_open
        return self.tick(now)

    def set_away(self, away: bool, now: Instant) -> list[AlarmTransition]:
        """Say whether the patient has left the chair: the sensors are not judged then, and what they alarmed about
        ends; what latches stays. Pump and relayed alarms are not touched."""
        if away == (self._away is not None):
            return []
        self._away = now if away else None
        self._suppress(Suppression.AWAY, away)
        return self._end(self._signs.away(now), AWAY, now) if away else []

    def begin_anew(self, now: Instant) -> list[AlarmTransition]:
        """A session has ended: what was measured of its patient, and acknowledged, says nothing of the next one."""
        self._before = BeforeRestart()
        marks = [one for one in self._conditions.values() if one.visual_only and not one.latching]
        happened = [change for one in marks for change in self._keep(one, ended(one), now, note=NEXT_PATIENT)]
        return happened + self._end(self._signs.begin_anew(now), NEXT_PATIENT, now)

    def set_deserted(self, deserted: bool, now: Instant) -> list[AlarmTransition]:
        """Say whether the patient has left for good: sensors and devices alarm about nobody then. What a device still
        reports counts again for the next patient; what it says only once does not."""
        if deserted == (self._deserted is not None):
            return []
        self._deserted = now if deserted else None
        self._suppress(Suppression.LEFT, deserted)
        if deserted:
            self._reports = {
                k: report for k, report in self._reports.items() if not (report.one_shot and report.source)
            }
        return self.tick(now)

    def set_closed(self, closed: bool) -> None:
        """Say whether no session is open: what is about one is not there then, when it is next told."""
        self._suppress(Suppression.CLOSED, closed)

    def tick(self, now: Instant) -> list[AlarmTransition]:
        """Let time pass: delays fill, an acknowledged high alarm sounds again, an audio pause ends, what nobody has
        acknowledged escalates."""
        self._end_pause(now)
        self._before.pass_time(now)
        happened = self._end(self._signs.overdue(now), NO_VALUE, now)
        crossed = self._signs.tracks_that_matter(self._conditions)
        for key in dict.fromkeys((*crossed, *self._signs.reports, *self._conditions, *self._reports)):
            happened += self._settle(key, now)
        happened += self._uncover(now)
        if self._pause is None:  # it is seen and heard together, or neither: a pause holds it back, once
            for condition in list(self._conditions.values()):
                after = escalated(condition, now)
                if after is not condition:
                    happened += self._keep(condition, after, now)
        return happened

    def acknowledge(self, key: str | None, by: str, now: Instant) -> list[AlarmTransition]:
        """Acknowledge one condition with the others of its event, or with None all that want it (active or latched).
        Repeating it does nothing."""
        named = self._conditions.get(key) if key is not None else None
        group = named.group if named is not None else ""
        happened = []
        for condition in list(self._conditions.values()):
            if key is not None and condition.key != key and not (group and condition.group == group):
                continue
            report = self._reports.get(condition.key)
            one_shot = report is not None and report.one_shot
            after = acknowledged(condition, by, now, one_shot)
            if one_shot and after.state is AlarmState.NORMAL:
                del self._reports[condition.key]
            if after is not condition:
                self._before.forget(condition.key)
            happened += self._keep(condition, after, now, by=by)
        return happened

    def pause_audio(self, now: Instant, by: str = "") -> Instant:
        """Pause the sound for 120 s and return until when; pressed again while it is paused it adds nothing.

        Raises PauseRefused where something had its pause, escalated, and still nobody has acknowledged it.
        """
        self._end_pause(now)
        if self._pause is None:
            again = [one for one in self._conditions.values() if may_not_be_paused(one, now)]
            if again:
                first = max(again, key=lambda one: one.priority)
                raise PauseRefused(f"Audio was paused for “{first.text}” already: acknowledge it (F2)")
            self._pause = paused(self._conditions.values(), by, now)
        return self._pause.until

    # --- what stands --------------------------------------------------------------------------------------------

    @property
    def audio_paused_until(self) -> Instant | None:
        """Until when the sound is paused; None when it is not (as of the last tick)."""
        return self._pause.until if self._pause is not None else None

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The limits that hold for whoever is in the chair."""
        return self._signs.limits

    @property
    def clinic_limits(self) -> tuple[Limit, ...]:
        """The clinic's limits, before any patient."""
        return self._signs.clinic

    def views(self) -> tuple[AlarmView, ...]:
        """The alarm bar: highest priority first, then what nobody has acknowledged, then the newest."""
        return ordered(self._conditions.values())

    def sound(self, now: Instant) -> Priority | None:
        """What should be heard now: one priority at a time, the highest; None = silence."""
        return max((one.audible_priority for one in self._heard(now)), default=None)

    def is_escalated(self, now: Instant) -> bool:
        """Whether something that is heard now wants the loudest that there is."""
        return any(one.escalated for one in self._heard(now))

    def unanswered(self, now: Instant, seconds: float) -> tuple[Condition, ...]:
        """The high alarms that nobody has acknowledged for so long; a pause of the sound is no acknowledgement. With
        those that stood before a restart, while nothing says that they are over."""
        watched = self._away is None and self._deserted is None
        return tuple(
            one
            for one in self._conditions.values()
            if is_unanswered(one, now, seconds) or (watched and self._before.is_unanswered(one, now, seconds))
        )

    def picture(self, now: Instant) -> AlarmPicture:
        """Everything that stands, for those who ask why something is silent."""
        return AlarmPicture(
            conditions=tuple(self._conditions.values()),
            heard=frozenset(one.key for one in self._heard(now)),
            pause=self._pause if self._pause is not None and self._pause.holds(now) else None,
            holds=MappingProxyType(dict(self._signs.holds(now))),
            signs_of=MappingProxyType({key: self._signs.signs_of(key) for key in self._signs.tracks}),
            newest=MappingProxyType(dict(self._signs.newest)),
            lost=MappingProxyType(dict(self._signs.lost)),
            off=MappingProxyType(
                {s: self._signs.reports[off_key(s)].since for s in OFF if off_key(s) in self._signs.reports}
            ),
            away=self._away,
            deserted=self._deserted,
            relayed_delay_s=self._relayed_delay_s,
            device_sounds=self._device_sounds(),
        )

    # --- inside -------------------------------------------------------------------------------------------------

    def _heard(self, now: Instant) -> tuple[Condition, ...]:
        return heard(
            self._conditions.values(), self._pause, self._relayed_delay_s, now, device_sounds=self._device_sounds()
        )

    def _end_pause(self, now: Instant) -> None:
        if self._pause is not None and not self._pause.holds(now):
            self._pause = None
            self._conditions = {key: pause_run_out(one) for key, one in self._conditions.items()}

    def _uncover(self, now: Instant) -> list[AlarmTransition]:
        """What was quiet as part of an event is signalled by itself as soon as that no longer stands acknowledged."""
        happened = []
        for key in tuple(self._quiet):  # mostly none of the many is
            condition = self._conditions[key]
            after = uncovered(condition, self._conditions.values(), now)
            if after is not condition:
                happened += self._keep(condition, after, now)
        return happened

    def _device_sounds(self) -> bool:
        return any(key.startswith(RELAYED) for key in self._reports)

    def _settle(self, key: str, now: Instant, *, by_itself: bool = True) -> list[AlarmTransition]:
        """Let one condition be what its samples or its report say at `now`."""
        if self._signs.knows(key):
            return self._apply(key, self._signs.finding(key, now), now, by_itself=by_itself)
        report = self._reports.get(key)
        speaks = report is not None and not (report.source and is_down(key, self._down))
        return self._apply(key, report.finding(now) if report is not None and speaks else QUIET, now)

    def _suppress(self, what: Suppression, is_so: bool) -> None:
        self._down = self._down | {what} if is_so else self._down - {what}

    def _end(self, keys: Iterable[str], why: str, now: Instant) -> list[AlarmTransition]:
        happened = []
        for key in keys:
            happened += self._apply(key, QUIET, now, note=why, by_itself=False)
        return happened

    def _apply(
        self, key: str, found: Finding, now: Instant, *, note: str = "", by_itself: bool = True
    ) -> list[AlarmTransition]:
        if found is QUIET and key not in self._conditions:
            return []
        was = self._conditions.get(key) or self._new(key)
        after = step(was, found, now, by_itself=by_itself)
        if after is was:
            return []
        after = self._before.taken_up(joined(was, after, self._conditions.values(), now), now)
        return self._keep(was, after, now, note=note)

    def _keep(
        self, was: Condition, after: Condition, now: Instant, *, by: str = "", note: str = ""
    ) -> list[AlarmTransition]:
        self._quiet.pop(after.key, None)
        if after.state is AlarmState.NORMAL:
            self._conditions.pop(after.key, None)
        else:
            self._conditions[after.key] = after
        if after.quiet:
            self._quiet[after.key] = None
        change = transition(was, after, now, by=by, note=note)
        if change is None:
            return []
        if self._pause is not None and breaks(was, after, self._pause):
            self._pause = None
        return [change]

    def _new(self, key: str) -> Condition:
        return Condition(key, brief_is_visual=bool(self._signs.signs_of(key) & _BRIEF_IS_VISUAL))

    def _restore(self, restored: Iterable[RestoredAlarm], measured: Iterable[Sign]) -> None:
        self._signs.worked(measured)
        for old in restored:
            self._signs.remember(old.key)
            if old.state in {AlarmState.ACKED, AlarmState.ACTIVE}:
                self._before.keep(old)
            if old.state is AlarmState.LATCHED or (old.state is AlarmState.ACTIVE and old.latching):
                self._conditions[old.key] = latched_again(self._new(old.key), old)


def _follows(key: str) -> bool:
    """Whether its priority goes down with what is so now: of a technical condition."""
    return category_of(key) is Category.TECHNICAL
