"""Driver and simulated station talk in bytes for many seconds of hand-moved time."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.pumps.bbraun_space import SPEC, wire
from devices.spec import TellsSeveral
from exomonitor.clock import Instant, ManualClock
from exomonitor.errors import CommandRefused
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkFault
from exomonitor.signals.pump import AlarmKind, PumpReading, PumpStatus


class Bench:
    """A driver on a simulated station, moved in steps of 50 ms; `spoil` may damage what the station says."""

    def __init__(self, **options: Any) -> None:
        self.clock = ManualClock()
        self.began = self.clock.now()
        self.simulator = SPEC.make_simulator(None, **options)
        self.driver = SPEC.make_driver("pump")
        self.sent: list[tuple[float, bytes]] = []
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
                self.sent.append((self.t, frame))
                self.facts += self.driver.received(self.spoil(self.simulator.received(frame, self.t)), at)
        return self.facts[before:]

    def press(self, action: str, **values: Any) -> None:
        self.simulator.press(self.t, action, **values)


def readings(facts: list[DeviceFact], channel: str | None = None) -> list[PumpReading]:
    return [fact for fact in facts if isinstance(fact, PumpReading) and channel in (None, fact.channel)]


def alarms(facts: list[DeviceFact]) -> list[tuple[str, AlarmKind, bool]]:
    return [(fact.channel, fact.kind, fact.active) for fact in facts if isinstance(fact, RelayedAlarm)]


def faults(facts: list[DeviceFact]) -> list[str]:
    return [fact.reason for fact in facts if isinstance(fact, LinkFault)]


def test_an_infusion_is_read_about_once_a_second_as_whole_snapshots() -> None:
    bench = Bench(running=True, rate_ml_h=120.0, vtbi_ml=100.0, serial="100113", drug="Saline")
    seen = readings(bench.run(60))
    assert 50 <= len(seen) <= 60
    last = seen[-1]
    assert (last.channel, last.status, last.rate_ml_h, last.vtbi_ml) == ("1/3", PumpStatus.INFUSING, 120.0, 100.0)
    assert last.volume_infused_ml == pytest.approx(120 / 60, abs=0.1)
    assert last.volume_remaining_ml == pytest.approx(100 - (last.volume_infused_ml or 0))
    assert last.inferred == {"volume_remaining_ml"}
    assert last.on_mains is True
    assert last.battery_min == 240
    assert last.drug_label == "Saline"
    assert (last.model, last.serial) == ("Infusomat Space", "100113")
    assert bench.driver.identity == ("Infusomat Space", "100113")
    assert not faults(bench.facts)
    assert bench.driver.counters().frames_bad == {}


def test_the_station_gets_its_time_before_each_ack_and_each_new_question() -> None:
    bench = Bench(running=True, pumps=[{"address": "50112"}])
    bench.run(20)
    gets = [t for t, frame in bench.sent if b"M" in frame and frame == wire.encode("ComSystem", wire.MEM_GET)]
    acks = [t for t, frame in bench.sent if frame == wire.ACK]
    assert all(later - earlier >= 0.95 for earlier, later in itertools.pairwise(gets))
    last_ack_before = [max(t for t in acks if t < get) for get in gets[1:]]
    assert all(get - ack >= 0.35 for get, ack in zip(gets[1:], last_ack_before, strict=True))
    assert all(any(ack - before >= 0.1 - 1e-6 for before in gets if before < ack) for ack in acks)
    assert len(acks) == pytest.approx(2 * len(gets), abs=2)


def test_two_pumps_are_two_channels_with_their_own_values() -> None:
    bench = Bench(running=True, rate_ml_h=60, pumps=[{"address": "5011A", "running": True, "rate_ml_h": 20.0}])
    seen = bench.run(30)
    assert {reading.channel for reading in readings(seen)} == {"1/3", "1/A"}
    assert readings(seen, "1/3")[-1].rate_ml_h == 60
    assert readings(seen, "1/A")[-1].rate_ml_h == 20
    assert abs(len(readings(seen, "1/3")) - len(readings(seen, "1/A"))) <= 1
    assert bench.driver.identity == ("SpaceCom V3.30", "")


def test_the_numbers_of_all_pumps_are_told_and_one_that_is_gone_is_no_part_of_who_is_there() -> None:
    bench = Bench(running=True, serial="100113", pumps=[{"address": "5011A", "serial": "100114"}])
    bench.run(6)
    assert isinstance(bench.driver, TellsSeveral)
    assert set(bench.driver.numbers) == {"100113", "100114"}
    assert bench.driver.identity[1] == ""
    bench.simulator = SPEC.make_simulator(None, running=True, serial="100999")
    bench.run(20)
    assert bench.driver.identity == ("Infusomat Space", "100999")
    assert set(bench.driver.numbers) == {"100999"}


def test_a_removed_pump_is_said_once_and_never_shown_with_old_values() -> None:
    bench = Bench(running=True, pumps=[{"address": "50114", "running": True, "serial": "100114"}])
    bench.run(5)
    bench.press("remove", address="50114")
    seen = readings(bench.run(10), "1/4")
    assert [reading.status for reading in seen] == [PumpStatus.REMOVED]
    assert seen[0].rate_ml_h is None
    assert seen[0].volume_infused_ml is None
    assert seen[0].serial == "100114"
    bench.press("attach", address="50114", serial="100999")
    again = readings(bench.run(5), "1/4")
    assert again[0].serial == "100999"
    assert readings(bench.facts, "1/3")[-1].status is PumpStatus.INFUSING


def test_the_alarms_of_a_removed_pump_end_with_it() -> None:
    bench = Bench(running=True)
    bench.run(3)
    bench.press("air")
    bench.run(3)
    bench.press("remove")
    bench.run(5)
    assert alarms(bench.facts) == [("1/3", AlarmKind.AIR_IN_LINE, True), ("1/3", AlarmKind.AIR_IN_LINE, False)]


@pytest.mark.parametrize("family", ["inm", "status"])
def test_an_occlusion_begins_once_and_ends_once(family: str) -> None:
    bench = Bench(running=True, family=family)
    bench.run(5)
    bench.press("occlude")
    bench.run(30)
    assert alarms(bench.facts) == [("1/3", AlarmKind.OCCLUSION_DOWNSTREAM, True)]
    blocked = readings(bench.facts)[-1]
    assert (blocked.status, blocked.rate_ml_h, blocked.pressure_pct) == (PumpStatus.STOPPED, 0.0, 100.0)
    bench.press("clear_occlusion")
    bench.press("start")
    bench.run(5)
    assert alarms(bench.facts)[1:] == [("1/3", AlarmKind.OCCLUSION_DOWNSTREAM, False)]
    assert readings(bench.facts)[-1].status is PumpStatus.INFUSING


@pytest.mark.parametrize("family", ["inm", "status"])
def test_at_the_end_of_the_volume_kvo_begins_with_an_end_alarm(family: str) -> None:
    bench = Bench(running=True, rate_ml_h=360.0, vtbi_ml=2.0, family=family, kvo_ml_h=3.0)
    seen = bench.run(40)
    states = [reading.status for reading in readings(seen)]
    assert states[0] is PumpStatus.INFUSING
    assert states[-1] is PumpStatus.KVO
    assert sorted(set(states)) == [PumpStatus.INFUSING, PumpStatus.KVO]
    last = readings(seen)[-1]
    assert (last.rate_ml_h, last.volume_remaining_ml, last.time_remaining_s) == (3.0, 0.0, None)
    ends = [alarm for alarm in alarms(seen) if alarm[1] is AlarmKind.END_OF_INFUSION]
    assert ends == [("1/3", AlarmKind.END_OF_INFUSION, True)]
    begun = [fact for fact in seen if isinstance(fact, RelayedAlarm) and fact.active]
    assert {fact.priority for fact in begun if fact.kind is not AlarmKind.NEAR_END} == {"medium"}


@given(st.floats(0.05, 10.0))
def test_the_volume_is_reached_at_the_same_moment_whatever_the_step(step: float) -> None:
    simulator = SPEC.make_simulator(None, running=True, rate_ml_h=360.0, vtbi_ml=2.0, kvo_ml_h=3.6)
    hello = wire.encode("ComSystem", wire.MEM_GET)
    t = 0.0
    while t < 30.0:
        simulator.received(hello, t)
        t += step
    block = wire.decode(simulator.received(hello, 120.0))
    assert isinstance(block, wire.Block)
    infused = next(row.value for row in wire.entries(block.information) if row.name == "INVI")
    assert infused == "2.10"  # 20 s at 360 mL/h, then 100 s at 3.6 mL/h


def test_purging_is_not_infusing_although_the_drive_turns() -> None:
    bench = Bench(rate_ml_h=50)
    bench.press("purge")
    last = readings(bench.run(4))[-1]
    assert "INM3=1" in last.raw_status
    assert last.status is PumpStatus.PURGING


@pytest.mark.parametrize(
    ("action", "status"),
    [("standby", PumpStatus.STANDBY), ("off", PumpStatus.OFF), ("stop", PumpStatus.STOPPED), ("kvo", PumpStatus.KVO)],
)
@pytest.mark.parametrize("family", ["inm", "status"])
def test_each_key_shows_as_its_status(action: str, status: PumpStatus, family: str) -> None:
    bench = Bench(running=True, family=family)
    bench.run(2)
    bench.press(action)
    assert readings(bench.run(4))[-1].status is status


def test_parameters_that_the_station_does_not_send_are_none_not_zero() -> None:
    bench = Bench(running=True, hidden=("INVTB", "INRMT", "INVI", "INP2", "INAKKU", "INM8", "INRT", "DSSTATUS"))
    last = readings(bench.run(4))[-1]
    assert last.status is PumpStatus.INFUSING
    assert {value for value, _ in last.numbers().values()} == {None}
    assert last.inferred == frozenset()


def test_mains_lost_is_an_alarm_from_the_change_on_until_mains_are_back() -> None:
    bench = Bench(running=True)
    bench.run(3)
    bench.press("mains", on=False)
    bench.run(3)
    bench.press("mains", on=True)
    bench.run(3)
    assert alarms(bench.facts) == [("1/3", AlarmKind.MAINS_LOST, True), ("1/3", AlarmKind.MAINS_LOST, False)]


def test_a_pump_first_met_on_its_battery_has_lost_nothing() -> None:
    bench = Bench(running=True)
    bench.press("mains", on=False)
    assert alarms(bench.run(5)) == []
    assert readings(bench.facts)[-1].on_mains is False


def test_a_restarted_station_is_greeted_anew_and_begun_alarms_are_not_repeated() -> None:
    bench = Bench(running=True)
    bench.run(3)
    bench.press("air")
    bench.run(10)
    bench.press("restart_station")
    hellos = len([1 for _, frame in bench.sent if b"AEXMIN:ALIVEE" in frame])
    seen = bench.run(10)
    assert faults(seen) == ["the station was restarted: beginning anew"]
    assert len([1 for _, frame in bench.sent if b"AEXMIN:ALIVEE" in frame]) == hellos + 1
    assert readings(seen)[-1].device_time_s is not None
    assert alarms(bench.facts) == [("1/3", AlarmKind.AIR_IN_LINE, True)]


@pytest.mark.parametrize("stuffed", [True, False])
def test_stuffing_is_found_out_by_itself(stuffed: bool) -> None:
    bench = Bench(running=True, stuffed=stuffed)
    assert readings(bench.run(10))[-1].status is PumpStatus.INFUSING


def test_a_damaged_block_is_asked_for_once_more_and_nothing_of_it_is_believed() -> None:
    bench = Bench(running=True)
    bench.run(5)
    damage = iter([True])

    def spoil(data: bytes) -> bytes:
        return data.replace(b"INRT,100", b"INRT,900") if next(damage, False) else data

    bench.spoil = spoil
    seen = bench.run(3)
    assert faults(seen) == ["checksum"]
    assert [frame for _, frame in bench.sent if frame == wire.NAK] == [wire.NAK]
    assert {reading.rate_ml_h for reading in readings(seen)} == {100.0}
    assert len(readings(seen)) >= 2


def test_an_answer_damaged_twice_begins_the_cycle_anew() -> None:
    bench = Bench(running=True)
    bench.run(5)
    bench.spoil = lambda data: data.replace(b"INRT", b"INRX")
    seen = bench.run(6)
    assert readings(seen) == []
    sent = [frame for t, frame in bench.sent if t > 5 and frame != wire.ACK]
    naks = [place for place, frame in enumerate(sent) if frame == wire.NAK]
    assert len(naks) >= 2
    assert all(sent[place + 1] != wire.NAK for place in naks if place + 1 < len(sent))
    bench.spoil = bytes
    assert readings(bench.run(3))


def test_a_silent_station_is_asked_for_ever_and_heard_when_it_is_back() -> None:
    bench = Bench(running=True)
    bench.run(3)
    bench.spoil = lambda data: b""
    assert readings(bench.run(30)) == []
    assert 8 <= len([1 for t, _ in bench.sent if t > 3]) <= 31
    bench.spoil = bytes
    assert readings(bench.run(7))[-1].status is PumpStatus.INFUSING


def test_bytes_that_dribble_in_are_not_a_time_out() -> None:
    clock = ManualClock()
    simulator = SPEC.make_simulator(None, running=True)
    driver = SPEC.make_driver("pump")
    driver.opened(clock.now())
    seen: list[DeviceFact] = []
    sent = 0
    answer = b""
    for step in range(4000):
        at = clock.advance(0.005)
        while (frame := driver.due(at)) is not None:
            sent += 1
            answer += simulator.received(frame, step * 0.005)
        seen += driver.received(answer[:3], at)  # 600 bytes a second
        answer = answer[3:]
    assert len(readings(seen)) >= 8
    assert not faults(seen)
    assert sent <= 2 * len(readings(seen)) + 6


def test_next_due_is_never_later_than_what_is_due(clock: ManualClock) -> None:
    bench = Bench(running=True)
    moment: Instant | None = None
    for _ in range(400):
        at = bench.clock.now()
        moment = bench.driver.next_due(at)
        assert moment is not None
        bench.clock.advance(max(0.0, moment.since(at)))
        bench.run(0.05)
    assert len(readings(bench.facts)) > 60


def test_a_wrong_bed_id_leads_back_to_the_greeting() -> None:
    bench = Bench(running=True)
    bench.run(4)
    bench.simulator = SPEC.make_simulator(None, running=True, bed_id="Bed7", uptime_s=500.0)
    assert readings(bench.run(6))[-1].status is PumpStatus.INFUSING
    assert wire.encode("Bed7", wire.MEM_GET) in [frame for _, frame in bench.sent]


def test_a_station_without_pumps_says_nothing_of_any_pump() -> None:
    bench = Bench()
    bench.press("remove")
    bench.simulator.received(wire.encode("ComSystem", wire.MEM_GET), 0.0)
    assert bench.run(5) == []
    assert bench.driver.counters().frames_ok >= 5


def test_the_station_names_a_pump_that_it_cannot_reach() -> None:
    bench = Bench(running=True)
    bench.run(3)
    at = bench.clock.now()
    silent = wire.encode("ComSystem", "300,50113,GNERR,43")
    first = bench.driver.received(silent, at)
    assert alarms(first) == [("1/3", AlarmKind.COMM_TIMEOUT, True)]
    assert bench.driver.received(wire.encode("ComSystem", "301,50113,GNERR,43"), at) == []
    back = bench.driver.received(wire.encode("ComSystem", "301,50113,INRT,5.00"), at)
    assert alarms(back) == [("1/3", AlarmKind.COMM_TIMEOUT, False)]


def test_the_simulated_keys_refuse_what_does_not_exist() -> None:
    bench = Bench()
    with pytest.raises(CommandRefused, match="no key 'explode'"):
        bench.press("explode")
    with pytest.raises(CommandRefused, match="50119"):
        bench.press("start", address="50119")


def test_a_block_that_comes_twice_is_told_once() -> None:
    bench = Bench(running=True)
    bench.run(5)
    once = len(readings(bench.run(10)))
    bench.spoil = lambda data: data * 2
    assert len(readings(bench.run(10))) <= once + 1
    assert "repeated block" in faults(bench.facts)
