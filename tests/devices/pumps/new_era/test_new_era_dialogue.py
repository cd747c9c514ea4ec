"""Driver and simulated syringe pump talk in bytes for many seconds of hand-moved time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.pumps.new_era import SPEC, wire
from devices.pumps.new_era.driver import NewEraDriver
from exomonitor.clock import ManualClock
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
        self.driver = NewEraDriver("pump", options.get("address", 0))
        self.sent: list[bytes] = []
        self.facts: list[DeviceFact] = []
        self.spoil: Callable[[bytes], bytes] = bytes
        self.driver.opened(self.began)

    @property
    def t(self) -> float:
        return self.clock.now().since(self.began)

    def run(self, seconds: float) -> list[DeviceFact]:
        """What the driver said during the next seconds."""
        before = len(self.facts)
        for _ in range(round(seconds / 0.05)):
            at = self.clock.advance(0.05)
            while (frame := self.driver.due(at)) is not None:
                assert SPEC.may_send(frame)
                self.sent.append(frame)
                self.facts += self.driver.received(self.spoil(self.simulator.received(frame, self.t)), at)
        return self.facts[before:]

    def press(self, action: str, **values: Any) -> None:
        self.simulator.press(self.t, action, **values)


def readings(facts: list[DeviceFact]) -> list[PumpReading]:
    return [fact for fact in facts if isinstance(fact, PumpReading)]


def alarms(facts: list[DeviceFact]) -> list[tuple[AlarmKind, bool]]:
    return [(fact.kind, fact.active) for fact in facts if isinstance(fact, RelayedAlarm)]


def ask(simulator: Any, text: str, t: float) -> str:
    """The text of the answer to a basic-mode command."""
    reply: bytes = simulator.received(text.encode() + b"\r", t)
    return reply[1:-1].decode()


def test_an_infusion_is_read_once_a_second_as_whole_snapshots() -> None:
    bench = Bench(running=True, rate_ml_h=120.0, vtbi_ml=10.0)
    seen = readings(bench.run(60))
    assert 58 <= len(seen) <= 61
    last = seen[-1]
    assert (last.channel, last.status, last.raw_status) == ("0", PumpStatus.INFUSING, "I")
    assert (last.rate_ml_h, last.rate_set_ml_h, last.vtbi_ml) == (120.0, 120.0, 10.0)
    assert last.volume_infused_ml == pytest.approx(2.0, abs=0.05)
    assert last.volume_remaining_ml == pytest.approx(10 - (last.volume_infused_ml or 0))
    assert last.time_remaining_s == pytest.approx(240, abs=3)
    assert last.inferred == {"volume_remaining_ml", "time_remaining_s"}
    assert (last.model, last.serial, last.on_mains, last.pressure_pct) == ("NE-1000 V3.923", "", None, None)
    assert bench.driver.identity == ("NE-1000 V3.923", "")
    assert bench.sent.count(wire.request("VER")) == 1
    assert not alarms(bench.facts)


def test_at_the_target_the_pump_stops_and_the_driver_infers_complete() -> None:
    bench = Bench(running=True, rate_ml_h=360.0, vtbi_ml=1.0)
    seen = readings(bench.run(20))
    assert [reading.status for reading in seen[:8]] == [PumpStatus.INFUSING] * 8
    last = seen[-1]
    assert (last.status, last.raw_status, last.rate_ml_h) == (PumpStatus.COMPLETE, "S", 0.0)
    assert (last.volume_infused_ml, last.volume_remaining_ml, last.time_remaining_s) == (1.0, 0.0, None)
    assert last.inferred == {"status", "rate_ml_h", "volume_remaining_ml"}
    assert last.rate_set_ml_h == 360.0


@given(st.floats(0.05, 7.0))
def test_the_target_is_reached_at_the_same_moment_whatever_the_step(step: float) -> None:
    simulator = SPEC.make_simulator(None, running=True, rate_ml_h=360.0, vtbi_ml=1.0)
    t, states = 0.0, []
    while t < 14.0:
        states.append((t, ask(simulator, "0", t)))
        t += step
    assert all(state == ("00I" if t < 10.0 else "00S") for t, state in states if abs(t - 10.0) > 1e-6)
    assert ask(simulator, "0DIS", t) == "00SI1.000W0.000ML"


def test_no_target_is_none_and_nothing_is_inferred_from_it() -> None:
    last = readings(Bench(infused_ml=5.0).run(3))[-1]
    assert (last.status, last.vtbi_ml, last.volume_remaining_ml) == (PumpStatus.STOPPED, None, None)
    assert (last.rate_ml_h, last.rate_set_ml_h) == (0.0, 12.0)


@pytest.mark.parametrize(
    ("keys", "status", "rate"),
    [
        (["start"], PumpStatus.INFUSING, 12.0),
        (["start", "stop"], PumpStatus.PAUSED, 0.0),
        (["start", "stop", "stop"], PumpStatus.STOPPED, 0.0),
        (["start", "stop", "start"], PumpStatus.INFUSING, 12.0),
        (["purge"], PumpStatus.PURGING, None),
    ],
)
def test_each_key_shows_as_its_status(keys: list[str], status: PumpStatus, rate: float | None) -> None:
    bench = Bench()
    for key in keys:
        bench.press(key)
    last = readings(bench.run(2))[-1]
    assert (last.status, last.rate_ml_h) == (status, rate)


def test_a_stall_is_said_once_and_told_as_one_that_latches() -> None:
    bench = Bench(running=True, rate_ml_h=60.0, vtbi_ml=10.0)
    bench.run(3)
    bench.press("occlude")
    seen = bench.run(15)
    (alarm,) = [fact for fact in seen if isinstance(fact, RelayedAlarm)]
    assert (alarm.code, alarm.kind, alarm.active, alarm.latched, alarm.priority) == (
        "A?S",
        AlarmKind.STALL,
        True,
        True,
        "high",
    )
    assert readings(seen)[-1].status is PumpStatus.STOPPED
    bench.press("clear_occlusion")
    bench.press("start")
    assert readings(bench.run(3))[-1].status is PumpStatus.INFUSING


def test_a_second_stall_is_news_although_the_first_is_still_held() -> None:
    bench = Bench(running=True)
    bench.press("occlude")
    bench.run(8)
    bench.press("start")
    bench.run(8)
    assert alarms(bench.facts) == [(AlarmKind.STALL, True), (AlarmKind.STALL, True)]


def test_a_pump_that_says_nothing_but_its_alarm_is_unknown_and_is_not_asked_faster() -> None:
    bench = Bench(running=True)
    bench.run(3)
    bench.spoil = lambda data: bytes.fromhex("02303041 3F5303".replace(" ", ""))
    sent = len(bench.sent)
    seen = bench.run(10)
    assert alarms(seen) == [(AlarmKind.STALL, True)]
    assert {reading.status for reading in readings(seen)} == {PumpStatus.UNKNOWN}
    assert readings(seen)[-1].rate_ml_h is None
    assert readings(seen)[-1].raw_status == "A?S"
    assert len(bench.sent) - sent <= 22


def test_after_a_power_cut_the_first_question_is_ignored_and_put_once_more() -> None:
    bench = Bench(running=True)
    bench.run(3)
    bench.press("power_cycle")
    seen = bench.run(4)
    assert alarms(seen) == [(AlarmKind.POWER_RESET, True)]
    last = readings(seen)[-1]
    assert (last.status, last.volume_infused_ml) == (PumpStatus.STOPPED, 0.0)
    assert bench.sent.count(wire.request("VER")) == 2


def test_a_silent_pump_is_asked_twice_a_cycle_and_heard_when_it_is_back() -> None:
    bench = Bench(running=True)
    bench.run(3)
    bench.spoil = lambda data: b""
    sent = len(bench.sent)
    assert bench.run(20) == []
    assert 15 <= len(bench.sent) - sent <= 24
    bench.spoil = bytes
    assert readings(bench.run(3))[-1].status is PumpStatus.INFUSING


def test_an_answer_in_the_wrong_form_is_no_value() -> None:
    bench = Bench(running=True)
    bench.run(3)
    bench.spoil = lambda data: data.replace(b"12.00MH", b"12.00M!")
    seen = bench.run(5)
    assert {fact.reason for fact in seen if isinstance(fact, LinkFault)} == {"not an answer to the question"}
    assert readings(seen) == []


def test_a_refused_question_leaves_its_value_none() -> None:
    bench = Bench(running=True)
    bench.run(3)
    bench.spoil = lambda data: data.replace(b"12.00MH", b"?NA")
    last = readings(bench.run(5))[-1]
    assert (last.status, last.rate_ml_h, last.rate_set_ml_h) == (PumpStatus.INFUSING, None, None)
    assert last.volume_infused_ml is not None


def test_a_late_answer_is_not_taken_for_the_next_question() -> None:
    clock = ManualClock()
    driver = NewEraDriver("pump")
    driver.opened(clock.now())
    driver.due(clock.now())
    driver.received(wire.encode_reply(wire.Reply(0, "I", "NE1000V3.923")), clock.now())
    assert driver.due(clock.now()) == wire.request("")
    late = driver.received(wire.encode_reply(wire.Reply(0, "I", "99.00MH")), clock.now())
    assert [type(fact) for fact in late] == [LinkFault]
    assert driver.received(wire.encode_reply(wire.Reply(1, "I", "")), clock.now()) != []
    assert driver.due(clock.now()) is None


def test_another_address_is_another_pump() -> None:
    bench = Bench(address=7, running=True)
    last = readings(bench.run(3))[-1]
    assert (last.channel, last.status) == ("7", PumpStatus.INFUSING)
    assert bench.simulator.received(b"0RAT\r", bench.t) == b""


def test_a_pump_in_safe_mode_is_understood_where_it_speaks() -> None:
    clock = ManualClock()
    driver = NewEraDriver("pump")
    driver.opened(clock.now())
    facts = driver.received(bytes.fromhex("0209303041 3F53 75A703".replace(" ", "")), clock.now())
    assert alarms(facts) == [(AlarmKind.STALL, True)]


def test_units_of_small_syringes_are_microlitres() -> None:
    bench = Bench(diameter_mm=8.66, running=True, rate_ml_h=3.0, vtbi_ml=0.5)
    last = readings(bench.run(10))[-1]
    assert last.vtbi_ml == 0.5
    assert last.volume_infused_ml == pytest.approx(10 * 3 / 3600, abs=0.0015)


def test_the_simulator_obeys_a_client_and_refuses_what_a_pump_refuses() -> None:
    simulator = SPEC.make_simulator(None)
    assert ask(simulator, "0 rat 30 mh", 0.0) == "00S"
    assert ask(simulator, "0RAT", 0.1) == "00S30.00MH"
    assert ask(simulator, "0RAT9999MM", 0.2) == "00S?OOR"
    assert ask(simulator, "0RATxx", 0.3) == "00S?OOR"
    assert ask(simulator, "0VOLUL", 0.4) == "00S"
    assert ask(simulator, "0VOL500", 0.5) == "00S"
    assert ask(simulator, "0VOL", 0.6) == "00S500.0UL"
    assert ask(simulator, "0RUN", 0.7) == "00I"
    assert ask(simulator, "0RUN", 0.8) == "00I?NA"
    assert ask(simulator, "0CLDINF", 0.9) == "00I?NA"
    assert ask(simulator, "0XYZ", 1.0) == "00I?"
    assert ask(simulator, "0STP", 1.1) == "00P"
    assert ask(simulator, "0DIRWDR", 1.2) == "00P"
    assert ask(simulator, "0DIR", 1.3) == "00PWDR"
    assert ask(simulator, "0RUN", 1.4) == "00W"
    assert ask(simulator, "0STP", 121.4) == "00S"  # the 500 uL were full after a minute
    assert ask(simulator, "0DIS", 121.5) == "00SI3.333W500.0UL"


def test_safe_mode_stops_the_pump_when_its_client_is_silent_and_says_so_unasked() -> None:
    simulator = SPEC.make_simulator(None, running=True)
    assert simulator.received(wire.safe_packet("0SAF3"), 0.0) == wire.safe_packet("00I")
    assert simulator.received(wire.safe_packet("0"), 2.0) == wire.safe_packet("00I")
    assert simulator.next_due(2.0) == 5.0
    assert simulator.due(4.9) == b""
    assert simulator.due(5.0) == wire.safe_packet("00A?T")
    assert simulator.due(6.0) == b""
    assert simulator.received(wire.safe_packet("0"), 7.0) == wire.safe_packet("00A?T")
    assert simulator.received(wire.safe_packet("0"), 7.1) == wire.safe_packet("00S")
    assert simulator.received(wire.safe_packet("0SAF0"), 7.2) == wire.encode_reply(wire.Reply(0, "S"))


def test_a_damaged_safe_packet_is_refused_and_half_a_line_is_forgotten() -> None:
    simulator = SPEC.make_simulator(None)
    damaged = bytearray(wire.safe_packet("0SAF3"))
    damaged[3] ^= 1
    assert simulator.received(bytes(damaged), 0.0) == wire.encode_reply(wire.Reply(0, "S", "?COM"))
    assert simulator.received(b"0RA", 1.0) == b""
    assert ask(simulator, "0", 3.0) == "00S"


def test_the_simulated_keys_refuse_what_does_not_exist() -> None:
    with pytest.raises(CommandRefused, match="no key 'explode'"):
        Bench().press("explode")
