"""Driver and simulated Asena pump talk in bytes for many seconds of hand-moved time."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.pumps.alaris_asena import SPEC, wire
from devices.pumps.alaris_asena.driver.reading import remaining_ml
from exomonitor.clock import Instant, ManualClock
from exomonitor.errors import CommandRefused
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkFault
from exomonitor.signals.pump import AlarmKind, PumpReading, PumpStatus


class Bench:
    """A driver on a simulated pump, moved in steps of 50 ms; `spoil` may damage what the pump says."""

    def __init__(self, **options: Any) -> None:
        self.clock = ManualClock()
        self.began = self.clock.now()
        self.simulator = SPEC.make_simulator(None, **options)
        self.driver = SPEC.make_driver("pump")
        self.sent: list[tuple[float, bytes]] = []
        self.facts: list[DeviceFact] = []
        self.spoil: Callable[[bytes], bytes] = bytes
        self.slow_s = 0.0
        self.under_way: list[tuple[float, bytes]] = []
        self.driver.opened(self.began)

    @property
    def t(self) -> float:
        return self.clock.now().since(self.began)

    def run(self, seconds: float) -> list[DeviceFact]:
        """What the driver said during the next seconds."""
        before = len(self.facts)
        for _ in range(round(seconds / 0.05)):
            at = self.clock.advance(0.05)
            self._deliver(at)
            while (frame := self.driver.due(at)) is not None:
                assert SPEC.may_send(frame)
                self.sent.append((self.t, frame))
                answer = self.spoil(self.simulator.received(frame, self.t))
                self.under_way.append((self.t + self.slow_s, answer))
                self._deliver(at)
        return self.facts[before:]

    def _deliver(self, at: Instant) -> None:
        while self.under_way and self.under_way[0][0] <= self.t + 1e-9:
            self.facts += self.driver.received(self.under_way.pop(0)[1], at)

    def press(self, action: str, **values: Any) -> None:
        self.simulator.press(self.t, action, **values)

    def answers(self, answer: str) -> None:
        """From now on the pump answers the word of `answer` with it instead."""
        word = answer.partition("^")[0]
        self.spoil = lambda data: wire.encode(answer) if data.startswith(f"!{word}^".encode()) else data


def readings(facts: list[DeviceFact]) -> list[PumpReading]:
    return [fact for fact in facts if isinstance(fact, PumpReading)]


def alarms(facts: list[DeviceFact]) -> list[tuple[str, bool]]:
    return [(fact.code, fact.active) for fact in facts if isinstance(fact, RelayedAlarm)]


def faults(facts: list[DeviceFact]) -> list[str]:
    return [fact.reason for fact in facts if isinstance(fact, LinkFault)]


def test_an_infusion_is_read_once_a_second_as_whole_snapshots() -> None:
    bench = Bench(running=True, rate_ml_h=120.0, vtbi_ml=40.0, drug="SALINE")
    seen = readings(bench.run(60))
    assert 58 <= len(seen) <= 61
    last = seen[-1]
    assert (last.channel, last.status, last.raw_status) == ("1", PumpStatus.INFUSING, "SET")
    assert (last.rate_ml_h, last.vtbi_ml, last.drug_label) == (120.0, 40.0, "SALINE")
    assert last.volume_infused_ml == pytest.approx(2.0, abs=0.05)
    assert last.volume_remaining_ml == pytest.approx(40 - (last.volume_infused_ml or 0))
    assert last.time_remaining_s == pytest.approx(1140, abs=2)
    assert last.inferred == {"volume_remaining_ml"}
    assert (last.serial, last.model, last.rate_set_ml_h, last.pressure_pct) == (
        "8002-51740",
        "Alaris Asena",
        None,
        None,
    )
    assert bench.driver.identity == ("Alaris Asena", "8002-51740")
    assert [frame for _, frame in bench.sent].count(wire.encode("INST_SERIALNO")) == 1
    assert faults(bench.facts) == []
    assert alarms(bench.facts) == []


def test_a_pump_on_hold_is_paused_at_zero_with_nothing_inferred() -> None:
    bench = Bench(running=True)
    bench.run(3)
    bench.press("stop")
    last = readings(bench.run(3))[-1]
    assert (last.status, last.raw_status, last.rate_ml_h) == (PumpStatus.PAUSED, "HLD", 0.0)
    assert (last.volume_remaining_ml, last.inferred) == (None, frozenset())
    bench.press("start", rate_ml_h=24.0)
    assert readings(bench.run(3))[-1].rate_ml_h == 24.0


@pytest.mark.parametrize(
    ("at_vtbi", "status", "code", "rate"),
    [
        ("STOP", PumpStatus.COMPLETE, "AL_VTBIS", 0.0),
        ("KVO", PumpStatus.KVO, "AL_VTBIK", 1.0),
        ("CONT", PumpStatus.INFUSING, "AL_VTBIC", 360.0),
    ],
)
def test_the_end_of_the_volume_shows_as_what_the_pump_then_does(
    at_vtbi: str, status: PumpStatus, code: str, rate: float
) -> None:
    bench = Bench(running=True, rate_ml_h=360.0, vtbi_ml=1.0, at_vtbi=at_vtbi)
    last = readings(bench.run(20))[-1]
    assert (last.status, last.rate_ml_h) == (status, rate)
    assert ("status" in last.inferred) == (status is not PumpStatus.INFUSING)
    assert alarms(bench.facts) == [(code, True)]
    if at_vtbi == "STOP":
        assert last.volume_infused_ml == 1.0


@given(st.floats(0.05, 7.0))
def test_the_volume_ends_at_the_same_moment_whatever_the_step(step: float) -> None:
    simulator = SPEC.make_simulator(None, running=True, rate_ml_h=360.0, vtbi_ml=1.0)
    t = 0.0
    while t < 14.0:
        held = b"^HLD^" in simulator.received(wire.encode("INF"), t)
        assert held == (t >= 10.0) or abs(t - 10.0) < 1e-6
        t += step
    assert b"^1.000^ml" in simulator.received(wire.encode("INF_VI"), t)


def test_near_the_end_is_said_and_gives_way_to_the_end() -> None:
    bench = Bench(running=True, rate_ml_h=60.0, vtbi_ml=4.0)
    bench.run(245)
    assert alarms(bench.facts) == [("AL_NEOIN", True), ("AL_NEOIN", False), ("AL_VTBIS", True)]


def test_an_occlusion_begins_once_and_ends_once() -> None:
    bench = Bench(running=True)
    bench.run(3)
    bench.press("occlude")
    bench.run(30)
    (begun,) = [fact for fact in bench.facts if isinstance(fact, RelayedAlarm)]
    assert (begun.code, begun.kind, begun.priority, begun.active, begun.channel) == (
        "AL_OCCLU",
        AlarmKind.OCCLUSION_DOWNSTREAM,
        "high",
        True,
        "1",
    )
    assert readings(bench.facts)[-1].status is PumpStatus.PAUSED
    bench.press("clear_occlusion")
    bench.press("start")
    bench.run(3)
    assert alarms(bench.facts) == [("AL_OCCLU", True), ("AL_OCCLU", False)]
    assert readings(bench.facts)[-1].status is PumpStatus.INFUSING


def test_another_code_is_another_alarm_and_an_unknown_one_an_alarm_all_the_same() -> None:
    bench = Bench(running=True)
    bench.press("battery_low")
    bench.run(3)
    bench.press("alarm", code="AL_WHAT")
    bench.run(3)
    assert alarms(bench.facts) == [("AL_LWBAT", True), ("AL_LWBAT", False), ("AL_WHAT", True)]
    last = [fact for fact in bench.facts if isinstance(fact, RelayedAlarm)][-1]
    assert (last.kind, "AL_WHAT" in last.text) == (AlarmKind.OTHER, True)


def test_the_bare_flag_is_an_alarm_once_it_stays_without_a_code() -> None:
    bench = Bench(running=True)
    bench.run(2)
    bench.press("alarm", code="AL_OCCLU")
    bench.answers("ALARM^AL_NOALM^ ^ ")
    bench.run(0.9)
    assert alarms(bench.facts) == []
    bench.run(1.1)
    assert alarms(bench.facts) == [("A", True)]
    bench.press("clear_alarms")
    bench.run(2)
    assert alarms(bench.facts) == [("A", True), ("A", False)]


def test_the_real_captured_alarm_frame_is_a_pause_with_an_alarm_that_has_no_name() -> None:
    bench = Bench(serial="8002-51733")
    real = "INF^8002-51733^A^HLD^0.00^ml/h^^0.969^ml^530.15^mmHg^00:04:09^EVENT^214725"
    bench.answers(real)
    seen = readings(bench.run(5))
    last = seen[-1]
    assert (last.status, last.rate_ml_h, last.volume_infused_ml) == (PumpStatus.PAUSED, 0.0, 0.969)
    assert (last.serial, last.time_remaining_s, last.drug_label) == ("8002-51733", 249.0, "")
    assert (last.pressure_mmhg, last.pressure_pct) == (530.15, None)
    assert last.numbers()["pressure_mmhg"] == (530.15, "mm[Hg]")
    assert alarms(bench.facts) == [("A", True)]


@pytest.mark.parametrize("mode", ["TCI", "", "BOL"])
def test_a_mode_that_nobody_published_is_unknown_and_shown_raw(mode: str) -> None:
    bench = Bench()
    bench.answers(f"INF^8002-51740^-^{mode}^12.00^ml/h^^1.234^ml^17.91^mmHg^00:45:00^EVENT^1")
    last = readings(bench.run(3))[-1]
    assert (last.status, last.raw_status, last.rate_ml_h) == (PumpStatus.UNKNOWN, mode, 12.0)
    assert last.volume_remaining_ml is None


def test_a_value_in_another_unit_or_out_of_range_is_none() -> None:
    bench = Bench()
    bench.answers("INF^8002-51740^-^SET^9000.00^ml/h^^1.234^ul^17.91^mmHg^24+^EVENT^1")
    last = readings(bench.run(3))[-1]
    assert (last.rate_ml_h, last.volume_infused_ml, last.time_remaining_s) == (None, None, None)
    bench.answers("INF^8002-51740^-^SET^9.00^ml/h^^1.234^ml^-50.00^mmHg^24+^EVENT^1")
    assert readings(bench.run(3))[-1].pressure_mmhg is None


def test_no_vtbi_is_none_and_nothing_is_inferred_from_it() -> None:
    last = readings(Bench(running=True, vtbi_ml=0.0).run(3))[-1]
    assert (last.vtbi_ml, last.volume_remaining_ml, last.time_remaining_s) == (None, None, None)


@pytest.mark.parametrize(
    ("rate", "infused", "vtbi", "left_s", "expected"),
    [
        (12.0, 1.0, 10.0, 2700.0, 9.0),
        (12.0, 1.0, 10.0, 2699.0, 9.0),
        (12.0, 1.0, 10.0, 3000.0, None),  # the VTBI counts down, or its counter began elsewhere
        (12.0, 11.0, 10.0, 0.0, None),
        (12.0, 1.0, 10.0, None, None),
        (0.0, 1.0, 10.0, 2700.0, None),
        (None, 1.0, 10.0, 2700.0, None),
    ],
)
def test_volume_remaining_is_given_only_where_the_pumps_own_time_agrees(
    rate: float | None, infused: float | None, vtbi: float | None, left_s: float | None, expected: float | None
) -> None:
    assert remaining_ml(rate, infused, vtbi, left_s) == expected


def test_a_pump_that_takes_its_four_seconds_is_still_read() -> None:
    bench = Bench(running=True)
    bench.slow_s = 3.5
    seen = readings(bench.run(60))
    assert 4 <= len(seen) <= 6
    assert all(reading.vtbi_ml == 40.0 for reading in seen)
    gaps = [b.at.since(a.at) for a, b in itertools.pairwise(seen)]
    assert max(gaps) < SPEC.stale_s
    assert faults(bench.facts) == []


def test_a_question_that_the_pump_ignores_costs_its_value_and_not_the_readings() -> None:
    bench = Bench(running=True)
    bench.spoil = lambda data: b"" if data.startswith(b"!INF_VTBI") else data
    seen = readings(bench.run(60))
    assert len(seen) > 35
    assert {reading.vtbi_ml for reading in seen} == {None}
    assert max(b.at.since(a.at) for a, b in itertools.pairwise(seen)) < SPEC.stale_s
    bench.spoil = bytes
    assert readings(bench.run(60))[-1].vtbi_ml == 40.0


def test_an_answer_that_got_lost_once_costs_one_reading_and_invents_nothing() -> None:
    bench = Bench(running=True)
    bench.run(5)
    bench.press("battery_low")
    bench.run(2)
    lost = iter([b""])
    bench.spoil = lambda data: next(lost, data) if data.startswith(b"!ALARM") else data
    seen = bench.run(10)
    assert alarms(seen) == []  # not known is not over
    assert len(readings(seen)) >= 5
    assert all(reading.vtbi_ml == 40.0 for reading in readings(seen))


def test_a_damaged_answer_is_not_waited_for() -> None:
    bench = Bench(running=True)
    bench.run(5)
    damaged = iter([b"!INF_VTBI^ACTIV^48.000^ml^STOP|8794\r"])
    bench.spoil = lambda data: next(damaged, data) if data.startswith(b"!INF_VTBI") else data
    seen = bench.run(4)
    assert faults(seen) == ["checksum"]
    assert len(readings(seen)) >= 2
    assert {reading.vtbi_ml for reading in readings(seen)} == {40.0}


def test_a_silent_pump_is_asked_every_four_seconds_and_heard_when_it_is_back() -> None:
    bench = Bench(running=True)
    bench.run(5)
    bench.press("silence", on=True)
    sent = len(bench.sent)
    assert bench.run(60) == []
    assert 12 <= len(bench.sent) - sent <= 18
    bench.press("alarm", code="AL_OCCLU")
    bench.press("silence", on=False)
    seen = bench.run(8)
    assert readings(seen)
    assert alarms(seen) == [("AL_OCCLU", True)]


def test_a_late_answer_is_not_taken_for_the_next_question() -> None:
    clock = ManualClock()
    driver = SPEC.make_driver("pump")
    driver.opened(clock.now())
    assert driver.due(clock.now()) == wire.encode("INST_SERIALNO")
    late = driver.received(wire.encode("ALARM^AL_OCCLU^ ^ "), clock.now())
    assert faults(late) == ["not an answer to the question"]
    assert driver.due(clock.now()) is None


def test_a_cable_that_echoes_is_no_pump() -> None:
    clock = ManualClock()
    driver = SPEC.make_driver("pump")
    driver.opened(clock.now())
    heard: list[DeviceFact] = []
    for _ in range(200):
        at = clock.advance(0.1)
        while (frame := driver.due(at)) is not None:
            heard += driver.received(frame, at)
    assert set(faults(heard)) == {"not an answer to the question"}
    assert readings(heard) == []
    assert driver.identity == ("", "")


def test_another_pump_on_the_cable_shows_its_own_serial_and_none_of_the_old_alarms() -> None:
    bench = Bench(running=True)
    bench.press("battery_low")
    bench.run(3)
    bench.simulator = SPEC.make_simulator(None, serial="8002-51733")
    bench.driver.opened(bench.clock.now())
    seen = bench.run(3)
    assert readings(seen)[0].serial == "8002-51733"
    assert bench.driver.identity[1] == "8002-51733"
    assert alarms(seen) == []


def test_a_port_that_was_opened_anew_hears_again_of_an_alarm_that_stands_and_only_once() -> None:
    bench = Bench(running=True)
    bench.press("battery_low")
    bench.run(3)
    bench.driver.opened(bench.clock.now())
    assert alarms(bench.run(5)) == [("AL_LWBAT", True)]


def test_a_power_cycle_sets_the_counter_back_and_is_no_fault() -> None:
    bench = Bench(running=True, infused_ml=5.0)
    bench.run(3)
    bench.press("power_cycle")
    last = readings(bench.run(3))[-1]
    assert (last.status, last.volume_infused_ml) == (PumpStatus.PAUSED, 0.0)
    assert faults(bench.facts) == []


def test_the_simulated_keys_refuse_what_does_not_exist() -> None:
    with pytest.raises(CommandRefused, match="no key 'explode'"):
        Bench().press("explode")
