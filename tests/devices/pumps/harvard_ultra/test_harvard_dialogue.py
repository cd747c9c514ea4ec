"""Driver and simulated ULTRA pump talk in bytes for many seconds of hand-moved time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.pumps.harvard_ultra import SPEC, wire
from devices.pumps.harvard_ultra.driver import HarvardUltraDriver
from devices.simulation.faults import Fault, FaultKind, FaultPlan
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
        self.driver = HarvardUltraDriver("pump", options.get("address", 0))
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
            self.facts += self.driver.received(b"", at)
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


def faults(facts: list[DeviceFact]) -> list[str]:
    return [fact.reason for fact in facts if isinstance(fact, LinkFault)]


def ask(simulator: Any, text: str, t: float = 0.0) -> str:
    reply: bytes = simulator.received(text.encode() + b"\r\n", t)
    return reply.decode()


def test_an_infusion_is_read_once_a_second_as_whole_snapshots() -> None:
    bench = Bench(running=True, rate_ml_h=120.0, vtbi_ml=10.0)
    seen = readings(bench.run(60))
    assert 58 <= len(seen) <= 61
    last = seen[-1]
    assert (last.channel, last.status, last.raw_status) == ("0", PumpStatus.INFUSING, "> I...I.")
    assert (last.rate_ml_h, last.rate_set_ml_h, last.vtbi_ml) == (120.0, 120.0, 10.0)
    assert last.volume_infused_ml == pytest.approx(2.0, abs=0.05)
    assert last.volume_remaining_ml == pytest.approx(10 - (last.volume_infused_ml or 0))
    assert last.time_remaining_s == pytest.approx(240, abs=3)
    assert last.inferred == {"volume_remaining_ml", "time_remaining_s"}
    assert (last.model, last.serial) == ("ULTRA v3.0.4", "D400123")
    assert (last.on_mains, last.pressure_pct, last.battery_pct) == (None, None, None)
    assert bench.driver.identity == ("ULTRA v3.0.4", "D400123")
    assert bench.sent.count(wire.request("version")) == 1
    assert bench.sent[0] == b"00status\r\n"
    assert alarms(bench.facts) == []
    assert faults(bench.facts) == []


@given(st.floats(0.01, 9000.0), st.floats(0.0, 900.0))
def test_no_rate_and_no_volume_is_taken_for_a_disagreement(rate: float, infused: float) -> None:
    bench = Bench(running=True, rate_ml_h=rate, infused_ml=infused, diameter_mm=40.0)
    seen = bench.run(3)
    assert faults(seen) == []
    assert readings(seen)[-1].volume_infused_ml is not None
    assert readings(seen)[-1].rate_ml_h == pytest.approx(rate, rel=2e-3, abs=6e-4)


def test_at_the_target_the_pump_stops_completes_and_says_so_once() -> None:
    bench = Bench(running=True, rate_ml_h=360.0, vtbi_ml=1.0)
    seen = bench.run(20)
    last = readings(seen)[-1]
    assert (last.status, last.raw_status, last.rate_ml_h) == (PumpStatus.COMPLETE, "T* i...IT", 0.0)
    assert (last.volume_infused_ml, last.volume_remaining_ml, last.time_remaining_s) == (1.0, 0.0, None)
    assert last.inferred == {"rate_ml_h", "volume_remaining_ml"}
    assert alarms(seen) == [(AlarmKind.END_OF_INFUSION, True)]
    bench.press("set_vtbi", vtbi_ml=2.0)
    bench.press("start")
    seen = bench.run(3)
    assert alarms(seen) == [(AlarmKind.END_OF_INFUSION, False)]
    assert readings(seen)[-1].status is PumpStatus.INFUSING


def test_a_stall_begins_once_and_ends_when_the_pump_shows_it_no_more() -> None:
    bench = Bench(running=True, rate_ml_h=60.0)
    bench.run(3)
    bench.press("occlude")
    seen = bench.run(12)
    assert alarms(seen) == [(AlarmKind.STALL, True)]
    assert readings(seen)[-1].status is PumpStatus.STOPPED
    assert readings(seen)[-1].rate_ml_h == 0.0
    bench.press("acknowledge")
    assert alarms(bench.run(3)) == [(AlarmKind.STALL, False)]


def test_a_limit_switch_is_an_alarm() -> None:
    bench = Bench(running=True)
    bench.spoil = lambda data: data.replace(b"I...I.", b"II..I.")
    assert alarms(bench.run(3)) == [(AlarmKind.ATTENTION, True)]


def test_no_target_is_none_and_nothing_is_inferred_from_it() -> None:
    last = readings(Bench(infused_ml=5.0).run(3))[-1]
    assert (last.status, last.vtbi_ml, last.volume_remaining_ml) == (PumpStatus.STOPPED, None, None)
    assert (last.rate_ml_h, last.rate_set_ml_h) == (0.0, 12.0)
    assert last.inferred == {"rate_ml_h"}


def test_withdrawing_is_no_infusion() -> None:
    bench = Bench(infused_ml=5.0)
    bench.press("withdraw")
    last = readings(bench.run(5))[-1]
    assert (last.status, last.rate_ml_h, last.volume_infused_ml) == (PumpStatus.WITHDRAWING, 0.0, 5.0)
    assert faults(bench.facts) == []


def test_a_rate_said_in_two_ways_that_do_not_fit_is_no_value_and_one_fault() -> None:
    bench = Bench(running=True, rate_ml_h=12.0)
    bench.run(3)
    bench.spoil = lambda data: data.replace(b"12.000 ml/hr", b"12.100 ml/hr")
    seen = bench.run(5)
    last = readings(seen)[-1]
    assert (last.rate_ml_h, last.rate_set_ml_h, last.status) == (None, None, PumpStatus.INFUSING)
    assert last.volume_infused_ml is not None
    assert faults(seen) == ["status and irate disagree"]
    bench.spoil = bytes
    assert readings(bench.run(3))[-1].rate_ml_h == 12.0


def test_a_status_in_other_units_than_the_manuals_gives_neither_rate_nor_volume() -> None:
    bench = Bench(running=True, rate_ml_h=12.0, infused_ml=3.0)

    def picolitres(data: bytes) -> bytes:
        reply = wire.parse_reply(data)
        status = None if reply is None else wire.parse_status(reply.text)
        if status is None or reply is None:
            return data
        small = wire.Status(
            status.rate_fl_s // 1000, status.time_ms, status.volume_fl // 1000, status.motor, port=status.port
        )
        return wire.encode_reply((wire.status_text(small),), reply.prompt, reply.address)

    bench.spoil = picolitres
    seen = bench.run(5)
    last = readings(seen)[-1]
    assert (last.rate_ml_h, last.rate_set_ml_h, last.volume_infused_ml) == (None, None, None)
    assert sorted(faults(seen)) == ["status and irate disagree", "status and ivolume disagree"]


def test_a_prompt_that_denies_the_motors_flag_is_an_unknown_status() -> None:
    bench = Bench(running=True)
    bench.spoil = lambda data: data.replace(b"\n00>", b"\n00:")
    last = readings(bench.run(3))[-1]
    assert (last.status, last.rate_ml_h) == (PumpStatus.UNKNOWN, None)


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
    bench.spoil = lambda data: data.replace(b"12.000 ml/hr", b"12.000 ml/xx")
    seen = bench.run(5)
    assert set(faults(seen)) == {"not an answer to the question"}
    assert readings(seen) == []


def test_a_refused_question_leaves_its_value_none() -> None:
    bench = Bench(running=True)
    bench.run(3)
    bench.spoil = lambda data: data.replace(b"12.000 ml/hr", b"Unknown command")
    last = readings(bench.run(5))[-1]
    assert (last.status, last.rate_ml_h, last.rate_set_ml_h) == (PumpStatus.INFUSING, None, None)
    assert last.volume_infused_ml is not None


def test_another_address_is_another_pump() -> None:
    bench = Bench(address=7, running=True)
    assert readings(bench.run(3))[-1].channel == "7"
    assert bench.simulator.received(b"00irate\r\n", bench.t) == b""
    bench.spoil = lambda data: data.replace(b"\n07", b"\n08")
    seen = bench.run(3)
    assert (readings(seen), set(faults(seen))) == ([], {"another pump's address"})


@pytest.mark.parametrize("options", [{"shows_address": False}, {"polls": True}])
def test_answers_without_address_and_with_xon_are_understood(options: dict[str, Any]) -> None:
    polls = options.pop("polls", False)
    bench = Bench(running=True, **options)
    if polls:
        assert bench.simulator.received(b"poll on\r\n", 0.0).endswith(b"\x11")
    seen = bench.run(5)
    assert readings(seen)[-1].status is PumpStatus.INFUSING
    assert faults(seen) == []


def test_a_power_cut_and_a_reopened_port_begin_anew() -> None:
    bench = Bench(running=True, rate_ml_h=360.0)
    bench.run(10)
    bench.press("power_cycle")
    bench.driver.received(b"\n00:12.0", bench.clock.now())
    bench.driver.opened(bench.clock.now())
    assert bench.driver.identity == ("", "")
    last = readings(bench.run(3))[-1]
    assert (last.status, last.volume_infused_ml) == (PumpStatus.STOPPED, 0.0)
    assert bench.driver.identity == ("ULTRA v3.0.4", "D400123")


@pytest.mark.parametrize(
    "kind", [FaultKind.GARBLE, FaultKind.CUT, FaultKind.NOISE, FaultKind.REPEAT, FaultKind.DRIBBLE, FaultKind.OUT]
)
def test_minutes_on_a_bad_cable_give_no_value_that_was_never_true(kind: FaultKind) -> None:
    bench = Bench(running=True, rate_ml_h=120.0, vtbi_ml=50.0)
    plan = FaultPlan([Fault(kind, 10.0, 90.0)], seed=3)
    bench.spoil = lambda data: plan.outward(data, bench.t)
    seen = bench.run(120)
    for reading in readings(seen):
        passed = reading.at.since(bench.began)
        assert reading.rate_ml_h in (None, 120.0)
        volume = reading.volume_infused_ml
        assert volume is None or passed / 30 - 0.1 <= volume <= passed / 30 + 0.1
    last = readings(seen)[-1]
    assert (last.rate_ml_h, last.vtbi_ml) == (120.0, 50.0)
    assert bench.clock.now().since(last.at) < 2.0


def test_the_simulator_obeys_a_client_and_refuses_what_a_pump_refuses() -> None:
    simulator = SPEC.make_simulator(None)
    assert ask(simulator, "irate 0.5 ml/min") == "\n00:"
    assert ask(simulator, "0irate") == "\n00:30.000 ml/hr\r\n00:"
    assert ask(simulator, "irate 5 m/m") == "\n00:"
    assert ask(simulator, "irate") == "\n00:300.00 ml/hr\r\n00:"
    assert "Out of range" in ask(simulator, "irate 90000 ml/min")
    assert "Argument error" in ask(simulator, "irate fast")
    assert ask(simulator, "tvolume 500 ul") == "\n00:"
    assert ask(simulator, "tvolume") == "\n00:500.00 ul\r\n00:"
    assert ask(simulator, "irun") == "\n00>"
    assert "Argument error" in ask(simulator, "diameter 10", 0.5)
    assert ask(simulator, "crate", 1.0) == "\n00:Infusing at 300.00 ml/hr\r\n00>"
    assert ask(simulator, "status", 6.0) == "\n00:0 6000 500000000000 i...IT\r\n00T*"
    assert ask(simulator, "ctvolume", 6.5) == "\n00:"
    assert ask(simulator, "tvolume", 6.6) == "\n00:Target volume not set\r\n00:"
    assert ask(simulator, "civolume", 6.7) == "\n00:"
    assert ask(simulator, "ivolume", 6.8) == "\n00:0.0000 ml\r\n00:"
    assert ask(simulator, "wrun", 7.0) == "\n00<"
    assert ask(simulator, "rrun", 8.0) == "\n00>"
    assert ask(simulator, "stp", 9.0) == "\n00:"
    assert ask(simulator, "diameter 10.5 mm", 9.0) == "\n00:"
    assert ask(simulator, "diameter", 9.0) == "\n00:10.5000 mm\r\n00:"
    assert "unknown command" in ask(simulator, "explode", 9.0)
    assert ask(simulator, "ver", 9.0) == "\n00:11 ELITE I/W Single 3.0.4\r\n00:"


def test_the_simulated_keys_refuse_what_does_not_exist() -> None:
    with pytest.raises(CommandRefused, match="no key 'explode'"):
        Bench().press("explode")
