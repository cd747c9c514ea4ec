"""What the vital signs of one chair say: limits crossed, sensors off, weak signals, and what is held or not judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from exomonitor.alarms.detectors import QUIET, Finding, Report, Sample, Track, judged, observed, settled
from exomonitor.alarms.heart import HeartRates
from exomonitor.alarms.limits import Limit, Priority
from exomonitor.alarms.suppression import Suppression, of_sign
from exomonitor.alarms.tailored import NOBODY, Basis, tailored
from exomonitor.clock import Instant
from exomonitor.signals.quality import Origin, Validity
from exomonitor.signals.vitals import Sign, VitalReading

HOLD_S = 60.0
"""So long a sign may be held (a monitor says so, or a cuff inflates on the arm of the probe)."""
PER_MEASUREMENT = frozenset({Sign.NIBP_SYS, Sign.NIBP_DIA, Sign.NIBP_MAP})
COMPANION_FRESH_S = 15.0
_HOLDING = frozenset({Validity.HELD, Validity.MEASURING})
_WEAK = frozenset({Validity.LOW_PERFUSION, Validity.ARTIFACT})
_BY_HAND = frozenset({Origin.TYPED, Origin.COUNTED})
# A sensor that comes off in mid-session: low after 10 s, medium a minute later; a temperature probe stays low.
_OFF_STAGES = ((10.0, Priority.LOW), (70.0, Priority.MEDIUM))
OFF = {
    Sign.SPO2: ("SpO₂ SENSOR OFF", _OFF_STAGES),
    Sign.HR: ("ECG LEADS OFF", _OFF_STAGES),
    Sign.TEMP: ("TEMPERATURE PROBE OFF", _OFF_STAGES[:1]),
}
WEAK_KEY, WEAK_TEXT, WEAK_STAGES = "weak_signal_spo2", "SpO₂ WEAK SIGNAL - look at the probe", ((15.0, Priority.LOW),)
DIFFER_KEY, DIFFER_STAGES = "hr_sources", ((15.0, Priority.LOW),)


class Held(StrEnum):
    """Why a sign is not judged for a while."""

    CUFF = "cuff"
    DEVICE = "the monitor holds the value"


@dataclass(frozen=True, slots=True)
class Hold:
    """A sign that is not judged from `since` to `until` at the latest."""

    why: Held
    since: Instant
    until: Instant


@dataclass(frozen=True, slots=True)
class Heard:
    """What a reading changed beside the tracks. calm: conditions seen normal by it; lost: those without a value now."""

    calm: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def off_key(sign: Sign) -> str:
    """The condition of a sensor that is off."""
    return f"sensor_off_{sign}"


class SignWatch:
    """Tracks of all limits and reports of all sensors. Passive; belongs to one thread, with its manager."""

    def __init__(self, limits: Iterable[Limit]) -> None:
        self._clinic = tuple(limits)
        self.basis = NOBODY
        self.tracks: dict[str, tuple[Track, ...]] = {}
        self.reports: dict[str, Report] = {}
        self.reaction_open = False
        self.lost: dict[Sign, Instant] = {}
        self._heart = HeartRates()
        self._measured: dict[Sign, Instant] = {}
        self._newest: dict[Sign, Sample] = {}
        self._held_since: dict[Sign, Instant] = {}
        self._cuff_since: Instant | None = None
        self._had_value: set[Sign] = set()
        self._lay_out(tailored(self._clinic, NOBODY))

    # --- the patient ------------------------------------------------------------------------------------------------

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The limits that hold now."""
        return tuple(track.limit for tracks in self.tracks.values() for track in tracks)

    @property
    def clinic(self) -> tuple[Limit, ...]:
        """The clinic's limits, before any patient."""
        return self._clinic

    def tailor(self, basis: Basis) -> tuple[str, ...]:
        """Judge by this patient from now on; answers the keys of conditions that have no limit any more."""
        if basis == self.basis:
            return ()
        self.basis = basis
        before = self.tracks
        self._lay_out(tailored(self._clinic, basis))
        for key, tracks in self.tracks.items():
            old = list(before.get(key, ()))
            self.tracks[key] = tuple(self._carried(track.limit, old) for track in tracks)
        return tuple(key for key in before if key not in self.tracks)

    def _lay_out(self, limits: Iterable[Limit]) -> None:
        self.tracks = {}
        for limit in limits:
            self.tracks[limit.key] = (*self.tracks.get(limit.key, ()), Track(limit))

    def _carried(self, limit: Limit, before: list[Track]) -> Track:
        """What a moved limit keeps of its crossing: all of it while the value lies beyond the new threshold too."""
        same = next((t for t in before if t.limit == limit), None)
        if same is not None:
            return same
        kin = next((t for t in before if _bare(t.limit) == _bare(limit)), None)
        if kin is not None and kin.since is not None and limit.crossed_by(kin.value):
            return replace(kin, limit=limit)
        newest = self._newest.get(limit.sign)
        if newest is None or limit.sign not in PER_MEASUREMENT:
            return Track(limit)
        return observed(Track(limit), newest)  # the last pressure stands until there is another one

    # --- readings ---------------------------------------------------------------------------------------------------

    def take(self, reading: VitalReading, now: Instant) -> Heard:
        """One more reading."""
        if reading.origin not in _BY_HAND:
            self._note_cuff(reading, now)
        if Suppression.CUFF in of_sign(reading.sign) and self._cuff_holds(now):
            self._pend_anew(Sign.SPO2)
            self._postpone(off_key(Sign.SPO2), now)
            self._postpone(WEAK_KEY, now)
            return Heard()
        calm = self._note_sensor(reading, now) if reading.origin not in _BY_HAND else ()
        if reading.sign in {Sign.HR, Sign.PULSE}:
            self._heart.heard(reading)
            calm += self._report_if(
                DIFFER_KEY, self._heart.differ(now), Report(now, DIFFER_STAGES, self._heart.sentence())
            )
            if not self._heart.leads(reading):
                return Heard(calm)
        sign = Sign.HR if reading.sign is Sign.PULSE else reading.sign
        if reading.value is None:
            return Heard(calm, self.without_value(sign, reading.validity, now))
        self._held_since.pop(sign, None)
        if sign in PER_MEASUREMENT and self._measured.get(sign) == reading.taken_at:
            return Heard(calm)
        self._measured[sign] = reading.taken_at
        return Heard(calm + self._observe(sign, self._sample(sign, reading, now)))

    def _sample(self, sign: Sign, reading: VitalReading, now: Instant) -> Sample:
        assert reading.value is not None
        return Sample(
            reading.value,
            reading.at,
            good=reading.validity is not Validity.QUESTIONABLE,
            agrees=sign is not Sign.HR or not self._heart.differ(now),
            final=reading.origin in _BY_HAND and sign not in PER_MEASUREMENT,
        )

    def _observe(self, sign: Sign, sample: Sample) -> tuple[str, ...]:
        self._newest[sign] = sample
        self.lost.pop(sign, None)
        calm = []
        for key, tracks in self._tracks_of(sign):
            self.tracks[key] = tuple(observed(track, sample) for track in tracks)
            if not any(track.since for track in self.tracks[key]):
                calm.append(key)
        return tuple(calm)

    def silent(self, sign: Sign, now: Instant) -> tuple[str, ...]:
        """The sign's data are stale or lost; answers the conditions that have lost their value."""
        if sign in {Sign.HR, Sign.PULSE}:
            self._heart.silent(sign)
            if self._heart.speaks(now):
                return ()
            sign = Sign.HR
        return self.without_value(sign, Validity.STALE, now)

    def without_value(self, sign: Sign, validity: Validity, now: Instant) -> tuple[str, ...]:
        """There is no number: its crossings end, unless the value is only held for a moment."""
        if Suppression.NO_VALUE not in of_sign(sign):
            return ()  # the last measurement stands until there is another one; its age is the engine's to judge
        if validity in _HOLDING and Suppression.HELD in of_sign(sign):
            held_since = self._held_since.setdefault(sign, now)
            if now.since(held_since) < HOLD_S:
                self._pend_anew(sign)
                return ()
        if self._newest.pop(sign, None) is not None:
            self.lost[sign] = now
        return self._forget(key for key, _ in self._tracks_of(sign))

    def remember(self, key: str) -> None:
        """Before the program stopped this was an alarm: the sensor had worked, so that it is off says something."""
        self._had_value |= {sign for sign in OFF if key == off_key(sign)} | ({Sign.SPO2} if key == WEAK_KEY else set())

    def away(self, now: Instant) -> tuple[str, ...]:
        """Nobody sits at the sensors: all crossings and sensor reports end; answers their keys."""
        self._cuff_since = None
        self._held_since.clear()
        gone = (*self._forget(self.tracks), *self.reports)
        self.reports.clear()
        return gone

    def begin_anew(self, now: Instant) -> tuple[str, ...]:
        """The next patient: nothing that was measured of the last one counts; answers the keys of what ends."""
        self._newest.clear()
        self.lost.clear()
        self._measured.clear()
        self._had_value.clear()
        return self.away(now)

    # --- what stands ------------------------------------------------------------------------------------------------

    def knows(self, key: str) -> bool:
        """Whether this condition is about a vital sign."""
        return key in self.tracks or key in self.reports

    @property
    def newest(self) -> Mapping[Sign, Sample]:
        """The last value of each sign that counts."""
        return self._newest

    def is_idle(self, key: str) -> bool:
        """Whether there is nothing to find under that key."""
        return key not in self.reports and all(track.since is None for track in self.tracks.get(key, ()))

    def signs_of(self, key: str) -> frozenset[Sign]:
        """The signs that a condition judges."""
        return frozenset(track.limit.sign for track in self.tracks.get(key, ()))

    def finding(self, key: str, now: Instant) -> Finding:
        """What is known of one condition at `now`."""
        tracks = self.tracks.get(key)
        if tracks is None:
            report = self.reports.get(key)
            return report.finding(now) if report is not None else QUIET
        self.tracks[key] = tuple(settled(track, now) for track in tracks)
        return judged(self.tracks[key], lambda limit: self._counts(limit, now))

    def holds(self, now: Instant) -> Mapping[Sign, Hold]:
        """The signs that are not judged at this moment, and why."""
        found = {
            sign: Hold(Held.DEVICE, since, since.plus(HOLD_S))
            for sign, since in self._held_since.items()
            if now.since(since) < HOLD_S
        }
        if self._cuff_since is not None and self._cuff_holds(now):
            found[Sign.SPO2] = Hold(Held.CUFF, self._cuff_since, self._cuff_since.plus(HOLD_S))
        return found

    # --- inside -----------------------------------------------------------------------------------------------------

    def _counts(self, limit: Limit, now: Instant) -> bool:
        if limit.reaction_only and not self.reaction_open:
            return False
        return not limit.is_companion or self._is_accompanied(limit, now)

    def _is_accompanied(self, limit: Limit, now: Instant) -> bool:
        """Whether the heart is faster or the saturation lower than at baseline, by as much as the limit asks."""
        rate, saturation = self._fresh(Sign.HR, now), self._fresh(Sign.SPO2, now)
        was_rate, was_saturation = self.basis.baseline.get(Sign.HR), self.basis.baseline.get(Sign.SPO2)
        faster = limit.hr_rise is not None and None not in (rate, was_rate)
        lower = limit.spo2_fall is not None and None not in (saturation, was_saturation)
        if faster and (rate or 0.0) - (was_rate or 0.0) >= (limit.hr_rise or 0.0):
            return True
        return lower and (was_saturation or 0.0) - (saturation or 0.0) >= (limit.spo2_fall or 0.0)

    def _fresh(self, sign: Sign, now: Instant) -> float | None:
        sample = self._newest.get(sign)
        fresh = sample is not None and sample.good and now.since(sample.at) <= COMPANION_FRESH_S
        return sample.value if sample is not None and fresh else None

    def _tracks_of(self, sign: Sign) -> list[tuple[str, tuple[Track, ...]]]:
        return [(key, tracks) for key, tracks in self.tracks.items() if tracks[0].limit.sign is sign]

    def _forget(self, keys: Iterable[str]) -> tuple[str, ...]:
        gone = tuple(keys)
        for key in gone:
            self.tracks[key] = tuple(Track(track.limit) for track in self.tracks[key])
        return gone

    def _pend_anew(self, sign: Sign) -> None:
        """A held value neither begins nor ends an alarm: what was not one yet begins anew afterwards."""
        for key, tracks in self._tracks_of(sign):
            self.tracks[key] = tuple(track if track.on else Track(track.limit) for track in tracks)

    def _postpone(self, key: str, now: Instant) -> None:
        report = self.reports.get(key)
        if report is not None and now.since(report.since) < report.stages[0][0]:
            self.reports[key] = replace(report, since=now)

    def _note_cuff(self, reading: VitalReading, now: Instant) -> None:
        if reading.sign is not Sign.NIBP_SYS:
            return
        if reading.validity is not Validity.MEASURING:
            self._cuff_since = None
        elif self._cuff_since is None:
            self._cuff_since = now

    def _cuff_holds(self, now: Instant) -> bool:
        """A cuff inflates on the arm of the probe: its pulse goes, and that means nothing. Not so in a reaction."""
        since = self._cuff_since
        return self.basis.same_arm and not self.reaction_open and since is not None and now.since(since) < HOLD_S

    def _note_sensor(self, reading: VitalReading, now: Instant) -> tuple[str, ...]:
        """A sensor that has worked and is off now is a technical alarm; one that never worked is none."""
        sign, known = reading.sign, reading.sign in self._had_value
        if reading.value is not None:
            self._had_value.add(sign)
        calm: tuple[str, ...] = ()
        if sign in OFF:
            text, stages = OFF[sign]
            is_off = known and reading.validity is Validity.SENSOR_OFF
            calm += self._report_if(off_key(sign), is_off, Report(now, stages, text, source=reading.source))
        if sign is Sign.SPO2:
            is_weak = known and reading.validity in _WEAK
            calm += self._report_if(WEAK_KEY, is_weak, Report(now, WEAK_STAGES, WEAK_TEXT, source=reading.source))
        return calm

    def _report_if(self, key: str, active: bool, report: Report) -> tuple[str, ...]:
        if not active:
            self.reports.pop(key, None)
            return (key,)
        known = self.reports.get(key)
        self.reports[key] = report if known is None else replace(report, since=known.since)
        return ()


def _bare(limit: Limit) -> Limit:
    """The limit without what a patient makes of it: how the same row is known again."""
    return replace(limit, threshold=0, inclusive=False, note="")
