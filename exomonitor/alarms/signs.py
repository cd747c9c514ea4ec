"""What the vital signs of one chair say: limits crossed, sensors off, weak signals, and what is held or not judged."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace

from exomonitor.alarms.detectors import (
    QUIET,
    Finding,
    Report,
    Sample,
    Track,
    carried,
    is_crossed,
    judged,
    observed,
    settled,
    stopped,
)
from exomonitor.alarms.heart import HeartRates
from exomonitor.alarms.limits import Limit, Priority
from exomonitor.alarms.missing import (
    HOLD_S,
    NO_VALUE,
    PATIENCE_S,
    SPOT,
    WEAK_KEY,
    Held,
    Hold,
    Missing,
    about_sensor,
    is_said,
    no_value_key,
    off_key,
    patience_s,
    sensor_rows,
    with_last,
)
from exomonitor.alarms.suppression import Suppression, of_sign
from exomonitor.alarms.tailored import NOBODY, Basis, tailored
from exomonitor.clock import Instant
from exomonitor.signals.quality import Origin, Validity
from exomonitor.signals.vitals import Sign, VitalReading

PER_MEASUREMENT = frozenset({Sign.NIBP_SYS, Sign.NIBP_DIA, Sign.NIBP_MAP})
COMPANION_FRESH_S = 15.0
_HOLDING = frozenset({Validity.HELD, Validity.MEASURING})
_BY_HAND = frozenset({Origin.TYPED, Origin.COUNTED})
DIFFER_KEY, DIFFER_STAGES = "hr_sources", ((15.0, Priority.LOW),)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a reading changed beside the tracks. calm: conditions seen normal by it."""

    calm: tuple[str, ...] = ()


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
        self._missing: dict[Sign, Missing] = {}
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
            self.tracks[key] = tuple(carried(track.limit, old, self._standing(track.limit.sign)) for track in tracks)
        return tuple(key for key in before if key not in self.tracks)

    def _lay_out(self, limits: Iterable[Limit]) -> None:
        self.tracks = {}
        for limit in limits:
            self.tracks[limit.key] = (*self.tracks.get(limit.key, ()), Track(limit))

    def _standing(self, sign: Sign) -> Sample | None:
        return self._newest.get(sign) if sign in PER_MEASUREMENT else None  # a pressure stands until there is another

    # --- readings ---------------------------------------------------------------------------------------------------

    def take(self, reading: VitalReading, now: Instant) -> Heard:
        """One more reading."""
        if reading.origin not in _BY_HAND:
            self._note_cuff(reading, now)
        if Suppression.CUFF in of_sign(reading.sign) and self._cuff_holds(now):
            self._hold_for_cuff(now)
            return Heard()
        if reading.sign in {Sign.HR, Sign.PULSE}:
            self._heart.heard(reading)
        calm = self._note_sensor(reading, now) if reading.origin not in _BY_HAND else ()
        if reading.sign in {Sign.HR, Sign.PULSE}:
            calm += self._report_if(
                DIFFER_KEY, self._heart.differ(now), Report(now, DIFFER_STAGES, self._heart.sentence())
            )
            if not self._heart.leads(reading):
                return Heard(calm)
        sign = Sign.HR if reading.sign is Sign.PULSE else reading.sign
        if reading.value is None:
            self._without_value(sign, reading.validity, now, reading.source)
            return Heard(calm)
        self._held_since.pop(sign, None)
        if reading.origin not in _BY_HAND:
            calm += self._back(sign)
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

    def silent(self, sign: Sign, now: Instant, source: str = "") -> tuple[str, ...]:
        """The sign's data are stale or lost; answers the conditions that have lost their value. source: the device, if
        it speaks, but no longer of this sign."""
        if sign in {Sign.HR, Sign.PULSE}:
            self._heart.silent(sign)
            if self._heart.speaks(now):
                return ()
            sign = Sign.HR
        if Suppression.NO_VALUE not in of_sign(sign):
            return ()
        if source and sign not in SPOT:
            self._without_value(sign, Validity.STALE, now, source)
            return ()
        self._held_since.pop(sign, None)
        self._missing.pop(sign, None)
        if self._is_by_hand(sign):
            return ()
        self._lose(sign, now)
        return self._forget(key for key, _ in self._tracks_of(sign))

    def overdue(self, now: Instant) -> tuple[str, ...]:
        """The conditions that have waited long enough for a value of their sign; their crossings end here."""
        over = [sign for sign, one in self._missing.items() if one.is_over(now) and not self._is_by_hand(sign)]
        return self._forget(
            key for sign in over for key, tracks in self._tracks_of(sign) if any(t.since for t in tracks)
        )

    def _without_value(self, sign: Sign, validity: Validity, now: Instant, source: str) -> None:
        """There is no number. While it is held for a moment, or may come back, alarms stand and delays stop."""
        if Suppression.NO_VALUE not in of_sign(sign):
            return  # the last measurement stands until there is another one; its age is the engine's to judge
        since = now
        if validity in _HOLDING and sign not in self._missing:
            held_since = self._held_since.setdefault(sign, now)
            if now.since(held_since) < HOLD_S:
                self._stop(sign, now)
                return
            since = held_since.plus(HOLD_S - PATIENCE_S)
        self._held_since.pop(sign, None)
        known = self._missing.get(sign)
        self._missing[sign] = Missing(known.since if known is not None else since, patience_s(sign, validity))
        if not self._is_by_hand(sign):
            self._stop(sign, now)
            self._lose(sign, now)
        if sign in NO_VALUE and (sign in self._had_value or (sign is Sign.HR and Sign.PULSE in self._had_value)):
            text, stages = NO_VALUE[sign]
            report = Report(self._missing[sign].since, stages, with_last(text, self._last_words(sign)), source=source)
            self.reports.setdefault(no_value_key(sign), report)

    def _lose(self, sign: Sign, now: Instant) -> None:
        if self._newest.pop(sign, None) is not None:
            self.lost[sign] = now

    def _back(self, sign: Sign) -> tuple[str, ...]:
        """The monitor gives a value."""
        self._missing.pop(sign, None)
        return (no_value_key(sign),) if self.reports.pop(no_value_key(sign), None) is not None else ()

    def _is_by_hand(self, sign: Sign) -> bool:
        """Whether a person measured the last value: a monitor that has none says nothing against it."""
        newest = self._newest.get(sign)
        return newest is not None and newest.final

    def _last_words(self, sign: Sign) -> str:
        """What a limit of the sign alarms about; "" = nothing."""
        on = [track for _, tracks in self._tracks_of(sign) for track in tracks if track.on]
        return judged(on, lambda _: True).text

    def remember(self, key: str) -> None:
        """Before the program stopped this was an alarm: the sensor had worked, so that it is off says something."""
        self.worked(about_sensor(key) | (self.signs_of(key) & {Sign.SPO2, Sign.HR}))

    def worked(self, signs: Iterable[Sign]) -> None:
        """A device of this session has given a value of these before the program was started."""
        self._had_value.update(signs)

    def away(self, now: Instant) -> tuple[str, ...]:
        """Nobody sits at the sensors: all crossings and sensor reports end; answers their keys."""
        self._cuff_since = None
        self._held_since.clear()
        self._missing.clear()
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

    def tracks_that_matter(self, known: Container[str]) -> list[str]:
        """The conditions of limits, in their order, that are crossed or `known`: the others have nothing to tell."""
        return [key for key, tracks in self.tracks.items() if key in known or is_crossed(tracks)]

    def signs_of(self, key: str) -> frozenset[Sign]:
        """The signs that a condition judges."""
        return frozenset(track.limit.sign for track in self.tracks.get(key, ()))

    def finding(self, key: str, now: Instant) -> Finding:
        """What is known of one condition at `now`."""
        tracks = self.tracks.get(key)
        if tracks is None:
            report = self.reports.get(key)
            return report.finding(now) if report is not None and not self._is_said(key, now) else QUIET
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

    def _stop(self, sign: Sign, now: Instant) -> None:
        """A held or missing value neither begins nor ends an alarm: a delay goes on with the next one."""
        for key, tracks in self._tracks_of(sign):
            self.tracks[key] = tuple(stopped(track, now) for track in tracks)

    def _hold_for_cuff(self, now: Instant) -> None:
        self._stop(Sign.SPO2, now)
        missing = self._missing.get(Sign.SPO2)
        if missing is not None and not missing.is_over(now):
            self._missing[Sign.SPO2] = replace(missing, since=now)
        for key in (off_key(Sign.SPO2), WEAK_KEY, no_value_key(Sign.SPO2)):
            self._postpone(key, now)

    def _is_said(self, key: str, now: Instant) -> bool:
        """Whether another report says already why there is no value."""
        return is_said(key, self.reports, now, rate_by_probe=Sign.HR not in self._had_value, cuff=self._cuff_holds(now))

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
        for key, is_so, text, stages in sensor_rows(sign, reading.validity):
            if known and is_so:
                self._report_sensor(key, Report(now, stages, text, source=reading.source), sign, now)
            else:
                self.reports.pop(key, None)
                calm += (key,)
        return calm

    def _report_sensor(self, key: str, report: Report, sign: Sign, now: Instant) -> None:
        """A sensor's report says what alarmed when the value went, unless another source still gives that sign."""
        before, last = self.reports.get(key), self._last_words(sign)
        if before is not None:
            report = replace(report, text=before.text, since=before.since)
        elif last and not (sign is Sign.HR and self._heart.speaks(now)):
            report = replace(report, text=with_last(report.text, last))
        self.reports[key] = report

    def _report_if(self, key: str, active: bool, report: Report) -> tuple[str, ...]:
        if not active:
            self.reports.pop(key, None)
            return (key,)
        known = self.reports.get(key)
        self.reports[key] = report if known is None else replace(report, since=known.since)
        return ()
