"""Driver and simulated Fresenius base talk in bytes for many seconds of hand-moved time."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.link import Link
from devices.pumps.fresenius_base import SPEC, wire
from devices.pumps.fresenius_base.driver.flow import Flow
from devices.transport.memory import pair
from exomonitor.clock import ManualClock
from exomonitor.errors import CommandRefused
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkFault
from exomonitor.signals.pump import AlarmKind, PumpReading, PumpStatus


class Bench:
    """A driver on a simulated base, moved in steps of 50 ms; `spoil` may damage what the base says."""

    def __init__(self, **options: Any) -> None:
        self.clock = ManualClock()
        self.began = self.clock.now()
        self.simulator = SPEC.make_simulator(None, **options)
        self.driver = SPEC.make_driver("pump")
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
            self.facts += self.driver.received(self.spoil(self.simulator.due(self.t)), at)
            while (frame := self.driver.due(at)) is not None:
                assert SPEC.may_send(frame)
                self.sent.append(frame)
                self.facts += self.driver.received(self.spoil(self.simulator.received(frame, self.t)), at)
        return self.facts[before:]

    def press(self, action: str, **values: Any) -> None:
        self.simulator.press(self.t, action, **values)


def frame(text: str) -> bytes:
    return wire.STX + text.encode() + wire.checksum(text.encode()) + wire.ETX


def readings(facts: list[DeviceFact], channel: str | None = None) -> list[PumpReading]:
    return [fact for fact in facts if isinstance(fact, PumpReading) and channel in (None, fact.channel)]


def alarms(facts: list[DeviceFact]) -> list[tuple[str, str, bool]]:
    return [(fact.channel, fact.code, fact.active) for fact in facts if isinstance(fact, RelayedAlarm)]


def faults(facts: list[DeviceFact]) -> list[str]:
    return [fact.reason for fact in facts if isinstance(fact, LinkFault)]


def test_an_infusion_is_read_once_a_second_and_delivering_is_marked_as_inferred() -> None:
    bench = Bench(running=True, rate_ml_h=120.0, drug="PROPOFOL")
    seen = readings(bench.run(60))
    assert 54 <= len(seen) <= 60
    last = seen[-1]
    assert (last.channel, last.status, last.rate_ml_h) == ("1", PumpStatus.INFUSING, 120.0)
    assert last.inferred == {"status"}
    assert last.raw_status == "m=02 a=0000 e=0000"
    assert last.volume_infused_ml == pytest.approx(2.0, abs=0.06)
    assert (last.model, last.serial, last.drug_label) == ("Module DPS", "", "PROPOFOL")
    assert (last.vtbi_ml, last.volume_remaining_ml, last.time_remaining_s, last.on_mains) == (None, None, None, None)
    assert bench.driver.identity == ("Base", "")
    assert faults(bench.facts) == []
    assert alarms(bench.facts) == []


def test_every_frame_of_the_base_is_acknowledged_and_every_enq_answered() -> None:
    bench = Bench(running=True)
    bench.run(20)
    questions = [data for data in bench.sent if data[:1] == wire.STX]
    assert bench.sent.count(wire.ACK) == len(questions)
    assert bench.sent.count(wire.DC4) == 9
    assert all(bench.sent[i + 1] == wire.ACK for i, data in enumerate(bench.sent[:-1]) if data[:1] == wire.STX)


def test_the_modules_of_the_stack_are_channels_with_their_own_values() -> None:
    bench = Bench(
        running=True, rate_ml_h=60.0, modules=[{"address": 3, "running": True, "rate_ml_h": 20.0, "drug": "NACL"}]
    )
    seen = bench.run(30)
    assert {reading.channel for reading in readings(seen)} == {"1", "3"}
    assert readings(seen, "1")[-1].rate_ml_h == 60.0
    assert (readings(seen, "3")[-1].rate_ml_h, readings(seen, "3")[-1].drug_label) == (20.0, "NACL")
    assert abs(len(readings(seen, "1")) - len(readings(seen, "3"))) <= 1


def test_modules_appear_and_vanish_and_a_vanished_one_is_said_once_with_no_value() -> None:
    bench = Bench(running=True)
    bench.run(3)
    bench.press("attach", address=4, running=True, rate_ml_h=5.0)
    assert readings(bench.run(8), "4")[-1].rate_ml_h == 5.0
    bench.press("battery_low", address=4)
    bench.run(3)
    bench.press("remove", address=4)
    seen = bench.run(12)
    gone = readings(seen, "4")
    assert [reading.status for reading in gone] == [PumpStatus.REMOVED]
    assert (gone[0].rate_ml_h, gone[0].volume_infused_ml) == (None, None)
    assert alarms(seen) == [("4", "a=0004", False)]
    assert readings(seen, "1")[-1].status is PumpStatus.INFUSING


def test_alarms_and_errors_are_shown_as_the_codes_they_are() -> None:
    bench = Bench(running=True)
    bench.run(3)
    bench.press("occlude")
    bench.run(30)
    (alarm,) = [fact for fact in bench.facts if isinstance(fact, RelayedAlarm)]
    assert (alarm.code, alarm.kind, alarm.priority, alarm.active) == ("a=0002", AlarmKind.OTHER, "unknown", True)
    assert "0x0002" in alarm.text
    assert (readings(bench.facts)[-1].status, readings(bench.facts)[-1].rate_ml_h) == (PumpStatus.STOPPED, 0.0)
    assert readings(bench.facts)[-1].raw_status == "m=01 a=0002 e=0000"
    bench.press("error", code=0x1F)
    bench.press("alarm", code=0x0006)
    bench.run(2)
    bench.press("clear_alarms")
    bench.run(2)
    assert alarms(bench.facts)[1:] == [
        ("1", "a=0002", False),
        ("1", "a=0006", True),
        ("1", "e=001F", True),
        ("1", "a=0006", False),
    ]


def test_the_end_of_the_volume_is_a_stop_with_a_code() -> None:
    bench = Bench(running=True, rate_ml_h=360.0, vtbi_ml=1.0)
    last = readings(bench.run(20))[-1]
    assert (last.status, last.volume_infused_ml) == (PumpStatus.STOPPED, 1.0)
    assert alarms(bench.facts) == [("1", "a=0001", True)]


@given(st.floats(0.05, 7.0))
def test_the_volume_ends_at_the_same_moment_whatever_the_step(step: float) -> None:
    simulator = SPEC.make_simulator(None, running=True, rate_ml_h=360.0, vtbi_ml=1.0)
    simulator.received(frame("0DC") + frame("1DC"), 0.0)
    t = 0.0
    while t < 14.0:
        simulator.received(wire.DC4, t)
        still = b"d0000" in simulator.received(frame("1LE;d"), t)
        assert still == (t >= 10.0) or abs(t - 10.0) < 1e-6
        t += step
    assert b"r0003E8" in simulator.received(frame("1LE;r"), t)


def test_a_rate_whose_volume_stands_still_is_not_believed() -> None:
    at = ManualClock().now()
    flow = Flow()
    assert flow.judge(12.0, 1.0, at) is PumpStatus.UNKNOWN  # nobody has seen it deliver
    assert flow.judge(12.0, 1.001, at.plus(1.0)) is PumpStatus.INFUSING
    assert flow.judge(12.0, 1.001, at.plus(10.0)) is PumpStatus.INFUSING
    assert flow.judge(12.0, 1.001, at.plus(12.0)) is PumpStatus.UNKNOWN
    assert flow.judge(12.0, 1.002, at.plus(13.0)) is PumpStatus.INFUSING
    assert flow.judge(12.0, 0.0, at.plus(14.0)) is PumpStatus.INFUSING  # the counter was cleared
    assert flow.judge(12.0, 0.0, at.plus(24.0)) is PumpStatus.UNKNOWN
    assert flow.judge(0.0, 0.0, at.plus(31.0)) is PumpStatus.STOPPED
    assert flow.judge(12.0, 0.0, at.plus(90.0)) is PumpStatus.UNKNOWN  # it has just begun
    assert flow.judge(12.0, 0.001, at.plus(91.0)) is PumpStatus.INFUSING


def test_a_slow_rate_is_given_the_time_that_its_smallest_step_takes() -> None:
    at = ManualClock().now()
    flow = Flow()
    flow.judge(0.1, 0.999, at)
    assert flow.judge(0.1, 1.0, at) is PumpStatus.INFUSING
    assert flow.judge(0.1, 1.0, at.plus(100.0)) is PumpStatus.INFUSING
    assert flow.judge(0.1, 1.0, at.plus(110.0)) is PumpStatus.UNKNOWN


def test_a_volume_that_rises_at_rate_zero_is_unknown_and_missing_numbers_too() -> None:
    at = ManualClock().now()
    flow = Flow()
    assert flow.judge(12.0, 1.0, at) is PumpStatus.UNKNOWN
    assert flow.judge(0.0, 1.003, at.plus(1.0)) is PumpStatus.STOPPED  # it moved before it stopped
    assert flow.judge(0.0, 1.1, at.plus(2.0)) is PumpStatus.UNKNOWN
    assert flow.judge(0.0, 1.1, at.plus(3.0)) is PumpStatus.STOPPED
    assert flow.judge(None, 1.1, at.plus(4.0)) is PumpStatus.UNKNOWN


def test_values_out_of_range_are_none() -> None:
    bench = Bench(running=True)
    bench.run(2)
    text = "1C;a0000;e0000;m02;dFFFF;rFFFFFF"
    bench.spoil = lambda data: wire.ACK + frame(text) if b"1C;a" in data else data
    last = readings(bench.run(3))[-1]
    assert (last.status, last.rate_ml_h, last.volume_infused_ml) == (PumpStatus.UNKNOWN, None, None)


def test_a_module_that_does_not_know_its_codes_is_read_without_them() -> None:
    bench = Bench(running=True, refuses="ae")
    seen = readings(bench.run(5))
    assert (seen[-1].status, seen[-1].raw_status, seen[-1].rate_ml_h) == (PumpStatus.INFUSING, "", 12.0)
    assert bench.sent.count(frame("1LE;aemdr")) == 1
    unwilling = Bench(running=True, refuses="d")
    assert "module 1 refuses to tell rate and volume (code 04)" in faults(unwilling.run(5))
    assert readings(unwilling.facts) == []


def test_an_answer_without_everything_that_was_asked_is_no_reading() -> None:
    bench = Bench(running=True)
    bench.run(2)
    bench.spoil = lambda data: wire.ACK + frame("1C;d007D") if b"1C;a" in data else data
    seen = bench.run(5)
    assert readings(seen) == []
    assert "not an answer to the question" in faults(seen)


def test_a_damaged_answer_is_refused_and_comes_again() -> None:
    bench = Bench(running=True)
    bench.run(3)
    damaged = iter([1])
    bench.spoil = lambda data: data.replace(b"d0078", b"d0079") if b"1C;a" in data and next(damaged, None) else data
    seen = bench.run(3)
    assert faults(seen) == ["checksum"]
    assert wire.BAD_CHECKSUM in bench.sent
    assert {reading.rate_ml_h for reading in readings(seen)} == {12.0}
    assert len(readings(seen)) >= 3


def test_a_base_that_is_not_ready_is_asked_again_after_a_moment() -> None:
    bench = Bench(running=True)
    bench.run(3)
    busy = iter([1])
    bench.spoil = lambda data: wire.NAK + b"6" if b"1C;a" in data and next(busy, None) else data
    sent = len(bench.sent)
    assert len(readings(bench.run(3))) >= 2
    assert bench.sent[sent : sent + 2] == [frame("1LE;aemdr")] * 2


def test_a_silent_base_is_greeted_now_and_then_and_heard_when_it_is_back() -> None:
    bench = Bench(running=True)
    bench.run(3)
    bench.press("silence", on=True)
    sent = len(bench.sent)
    assert bench.run(30) == []
    assert 10 <= len(bench.sent) - sent <= 30
    assert set(bench.sent[sent + 12 :]) == {frame("0DC")}
    bench.press("silence", on=False)
    assert readings(bench.run(5))[-1].status is PumpStatus.INFUSING


def test_a_base_that_was_restarted_is_connected_anew_and_repeats_no_alarm() -> None:
    bench = Bench(running=True)
    bench.press("battery_low")
    bench.run(3)
    bench.press("restart_base")
    seen = bench.run(6)
    assert readings(seen)[-1].status is PumpStatus.INFUSING
    assert alarms(seen) == []
    assert bench.sent.count(frame("0DC")) == 2


def test_a_module_that_lost_its_connection_is_connected_anew() -> None:
    bench = Bench(running=True, modules=[{"address": 2, "running": True}])
    bench.run(3)
    bench.press("power_cycle", address=2)
    seen = bench.run(12)
    assert readings(seen, "2")[-1].volume_infused_ml == 0.0
    assert len(readings(seen, "1")) >= 10


def test_a_module_that_never_answers_does_not_stop_the_others() -> None:
    bench = Bench(running=True, modules=[{"address": 2, "running": True}])
    bench.spoil = lambda data: b"" if b"\x022" in data else data
    seen = bench.run(40)
    assert readings(seen, "2") == []
    own = readings(seen, "1")
    assert max(b.at.since(a.at) for a, b in itertools.pairwise(own)) < SPEC.stale_s


def test_spontaneous_frames_get_their_receipts_and_are_no_readings() -> None:
    clock = ManualClock()
    driver = SPEC.make_driver("pump")
    driver.opened(clock.now())
    driver.due(clock.now())
    assert driver.received(b"\x021E;d0064;r00303944\x03", clock.now()) == []
    assert [driver.due(clock.now()) for _ in range(3)] == [b"\x06", b"\x021E89\x03", None]
    assert driver.received(frame("1M;d0064"), clock.now()) == []
    assert [driver.due(clock.now()) for _ in range(3)] == [b"\x06", frame("1M"), None]


def test_a_flood_of_frames_and_enqs_makes_no_flood_of_receipts() -> None:
    clock = ManualClock()
    driver = SPEC.make_driver("pump")
    driver.opened(clock.now())
    driver.received(wire.ENQ * 500, clock.now())
    driver.received(b"\x021E;d0064;r00303944\x03" * 500, clock.now())
    owed = []
    while (word := driver.due(clock.now())) is not None:
        owed.append(word)
    assert owed.count(wire.DC4) == 1
    assert len(owed) <= 45


def test_link_words_alone_are_no_sign_of_a_pump() -> None:
    bench = Bench()
    bench.spoil = lambda data: b"\x05\x06\x06\x156"
    bench.run(20)
    assert bench.driver.counters().frames_ok == 0
    assert bench.driver.identity == ("", "")


def test_a_cable_that_echoes_is_no_base() -> None:
    clock = ManualClock()
    driver = SPEC.make_driver("pump")
    driver.opened(clock.now())
    heard: list[DeviceFact] = []
    for _ in range(200):
        at = clock.advance(0.1)
        for _ in range(10):
            data = driver.due(at)
            if data is None:
                break
            heard += driver.received(data, at)
    assert driver.counters().frames_ok == 0
    assert {fact.reason for fact in heard if isinstance(fact, LinkFault)} >= {"not an answer to the question"}
    assert readings(heard) == []


def test_the_base_is_told_when_the_link_is_closed_and_only_if_it_was_greeted() -> None:
    assert SPEC.make_driver("pump").closing() is None  # type: ignore[attr-defined]
    clock = ManualClock()
    client, device = pair("cable")
    device.open()
    simulator = SPEC.make_simulator(None, running=True)
    facts: list[DeviceFact] = []
    link = Link(SPEC, client, "pump", clock, facts.append)
    for _ in range(60):
        clock.advance(0.1)
        t = clock.now().mono_ns / 1e9
        device.write(simulator.due(t) + simulator.received(device.read(0), t))
        link.step()
    assert readings(facts)
    device.read(0)
    link.close()
    assert device.read(0) == frame("0FC")


def test_a_client_that_leaves_without_a_word_is_given_up_by_the_simulated_base() -> None:
    simulator = SPEC.make_simulator(None, running=True)
    simulator.received(frame("0DC") + frame("1DC"), 0.0)
    assert simulator.next_due(0.0) == 2.0
    assert simulator.due(2.0) == wire.ENQ
    assert simulator.received(frame("1LE;d"), 11.0).endswith(frame("1I;0D"))
    assert simulator.next_due(11.0) is None


def test_the_simulated_base_refuses_what_a_base_refuses() -> None:
    simulator = SPEC.make_simulator(None)
    assert simulator.received(frame("1LE;d"), 0.0) == wire.ACK + frame("1I;0D")
    assert simulator.received(b"\x020DC49\x03", 0.0) == wire.BAD_CHECKSUM
    assert simulator.received(frame("0DC"), 0.0) == wire.ACK + frame("0C")
    assert simulator.received(wire.NAK + b"2", 0.0) == frame("0C")
    assert simulator.received(frame("1LE;d"), 0.0) == wire.ACK + frame("1I;1E")
    simulator.received(frame("1DC"), 0.0)
    assert simulator.received(frame("1LE;x"), 0.0) == wire.ACK + frame("1I;04")
    assert simulator.received(frame("1XX"), 0.0) == wire.ACK + frame("1I;01")
    assert simulator.received(frame("0MO;2"), 0.0) == wire.ACK + frame("0I;02")
    assert simulator.received(frame("DC"), 0.0) == wire.ACK


def test_the_simulated_keys_refuse_what_does_not_exist() -> None:
    with pytest.raises(CommandRefused, match="no key 'explode'"):
        Bench().press("explode")
    with pytest.raises(CommandRefused, match="no simulated module at 7"):
        Bench().press("stop", address=7)
