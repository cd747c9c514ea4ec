"""The record has the limit alarms that a slow second evaluation of its readings finds: none lost, none made up."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.clock import NS
from exomonitor.engine.live import SourceInfo
from exomonitor.session import commands as cmd
from exomonitor.session.machine_events import AlarmChanged
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign
from tests.bench.alarm_reference import Compared, Presence, compared, recorded
from tests.exomonitor.engine.bedside_bench import CHAIR, PROTOCOL, Bench

USUAL = {Sign.SPO2: 97.0, Sign.HR: 78.0, Sign.RR: 15.0}
BEYOND = {Sign.SPO2: (79, 92), Sign.HR: (36, 150), Sign.RR: (5, 33)}
MISSING = (Validity.SENSOR_OFF, Validity.UNAVAILABLE, Validity.HELD, Validity.LOW_PERFUSION)
MINUTES = 25


class Night:
    """A restless patient: every second the signs that a seed gives, some of them missing, and somebody who answers."""

    def __init__(self, seed: int) -> None:
        self.bench, self.dice = Bench(), random.Random(seed)
        self.ticks: list[int] = []
        self.bench.bind("monitor")
        self.bench.prepare(pump="")
        for _ in range(61):
            self.bench.clock.advance(1.0)
            self._tick()

    def pass_by(self) -> None:
        swings = dict.fromkeys(USUAL, 0)
        values: dict[Sign, float | Validity] = dict(USUAL)
        for second in range(MINUTES * 60):
            self.bench.clock.advance(1.0)
            for sign, low_high in BEYOND.items():
                if swings[sign] <= second:
                    swings[sign] = second + self.dice.randint(3, 60)
                    values[sign] = self.dice.choice((USUAL[sign], float(self.dice.randint(*low_high))))
                    if self.dice.random() < 0.15:
                        values[sign] = self.dice.choice(MISSING)
                self._say(sign, values[sign])
            if self.dice.random() < 0.01:
                self.bench.do(cmd.Acknowledge(CHAIR, self.bench.by))
            self._tick()
        for _ in range(3):  # the last readings go to the disk
            self.bench.clock.advance(1.0)
            self._tick()

    def _tick(self) -> None:
        self.ticks.append(self.bench.now.mono_ns)
        self.bench.tick()

    def _say(self, sign: Sign, value: float | Validity) -> None:
        chance = self.dice.random()
        if isinstance(value, Validity):
            self.bench.vital(sign, None, validity=value)
        elif chance < 0.02:
            self.bench.vital(sign, None, validity=self.dice.choice(MISSING))
        elif chance < 0.06:
            self.bench.vital(sign, value, validity=Validity.QUESTIONABLE)
        else:
            self.bench.vital(sign, value)

    def judged(self, *, without: AlarmChanged | None = None) -> Compared:
        entries = [entry for entry in self.bench.journal() if entry.event is not without]
        stale_s = SourceInfo("", "", "", "").stale_s
        return compared(PROTOCOL, entries, self.bench.recorder.readings, self.ticks, stale_s)


@pytest.fixture(scope="module")
def night() -> Night:
    made = Night(5)
    made.pass_by()
    return made


def test_the_journal_has_every_alarm_of_the_reference_and_no_other(night: Night):
    found = night.judged()
    assert (found.lost, found.invented) == ((), ())
    assert found.agreed >= 20


def test_an_alarm_that_is_missing_from_the_journal_is_found(night: Night):
    raised = [
        e.event
        for e in night.bench.journal()
        if isinstance(e.event, AlarmChanged) and (e.event.from_state, e.event.to_state) == ("pending", "active")
    ]
    gone = next(e for e in reversed(raised) if isinstance(e, AlarmChanged) and e.key == "spo2_low")
    assert any("spo2_low" in one for one in night.judged(without=gone).lost)


def test_a_presence_is_the_recorded_one_only_when_times_and_priority_are_the_same():
    one = Presence("spo2_low", 10 * NS, 20 * NS)
    assert one.is_recorded_as(replace(one))
    assert not one.is_recorded_as(replace(one, since_ns=11 * NS))
    assert not one.is_recorded_as(replace(one, until_ns=21 * NS))
    assert one.is_recorded_as(replace(one, peak=Priority.HIGH, again=True))
    assert not one.is_recorded_as(replace(one, peak=Priority.HIGH))
    assert recorded((), ("spo2_low",)) == []


def test_a_delay_does_not_fill_by_a_value_that_has_grown_old(bench: Bench):
    """At no tick: else an alarm stood for a moment on what nobody measures any more."""
    bench.bind("monitor")
    bench.prepare(pump="")
    for _ in range(7):  # 30 s of a temperature, every 5 s
        bench.vital(Sign.TEMP, 38.4)
        bench.wait(5.0, 0.25)
    assert bench.alarm("temp_high") is not None
    bench.vital(Sign.TEMP, 36.6)
    bench.wait(5.0, 0.25)
    for until_next_s in (5.0, 5.0, 5.0, 4.75, 0.25):  # the last one is too old just when the delay would be over
        bench.vital(Sign.TEMP, 38.4)
        bench.wait(until_next_s, 0.25)
    seen = []
    for _ in range(80):
        bench.wait(0.25, 0.25)
        seen.append(bench.alarm("temp_high"))
    assert seen == [None] * 80


@pytest.mark.parametrize("wave_ends_s", [0.0, 0.25, 0.75, 4.0])
def test_a_limit_alarm_stands_until_the_silence_of_the_monitor_is_told(bench: Bench, wave_ends_s: float):
    """At no tick nothing: the link is told at the tick at which the limit ends, not when it is next looked at."""
    low_without_readings(bench, wave_ends_s)
    seen = []
    for _ in range(60):
        bench.wait(0.25, 0.25)
        seen.append({view.key for view in bench.snapshot.alarms} & {"spo2_low", "monitor.stale"})
    assert set() not in seen
    assert {"spo2_low"} in seen
    assert seen[-1] == {"monitor.stale"}
    ended, told = (
        [e.at.mono_ns for e in bench.journal() if _is_change(e.event, key, to)]
        for key, to in (("spo2_low", "normal"), ("monitor.stale", "active"))
    )
    assert ended == told[-1:]


def test_a_monitor_that_sends_only_a_wave_speaks_and_the_limit_alarm_waits_for_the_value(bench: Bench):
    ticks, spoke = low_without_readings(bench, 20.0)
    bench.vital(Sign.SPO2, 86.0)
    ticks += _ticked(bench, 4)
    bench.vital(Sign.SPO2, 97.0)
    ticks += _ticked(bench, 40)
    stale_s = SourceInfo("", "", "", "").stale_s
    found = compared(PROTOCOL, bench.journal(), bench.recorder.readings, ticks, stale_s, spoke)
    assert (found.agreed, found.lost, found.invented) == (1, (), ())
    assert compared(PROTOCOL, bench.journal(), bench.recorder.readings, ticks, stale_s).lost


def low_without_readings(bench: Bench, wave_s: float) -> tuple[list[int], list[int]]:
    """A low saturation alarms; then its monitor sends nothing but a wave for so long. The instants of all ticks, and
    of the wave."""
    bench.bind("monitor")
    bench.prepare(pump="")
    ticks = _ticked(bench, 244)
    for _ in range(30):
        bench.vital(Sign.SPO2, 86.0)
        ticks += _ticked(bench, 4)
    bench.vital(Sign.SPO2, 86.0)
    spoke = []
    for _ in range(round(wave_s * 4)):
        bench.clock.advance(0.25)
        bench.wave(25)
        spoke.append(bench.now.mono_ns)
        ticks.append(bench.now.mono_ns)
        bench.tick()
    return ticks, spoke


def _ticked(bench: Bench, times: int) -> list[int]:
    ticks = []
    for _ in range(times):
        bench.clock.advance(0.25)
        ticks.append(bench.now.mono_ns)
        bench.tick()
    return ticks


def _is_change(event: object, key: str, to_state: str) -> bool:
    return isinstance(event, AlarmChanged) and (event.key, event.to_state) == (key, to_state)
