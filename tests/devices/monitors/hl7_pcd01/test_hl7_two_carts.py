"""Two carts on one connection: nothing that one says is ever told as the other's, whatever the order it comes in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.link import Link
from devices.monitors.hl7_pcd01 import SPEC
from devices.monitors.hl7_pcd01.wire import mllp
from devices.transport.memory import pair
from exomonitor.clock import ManualClock
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange, LinkState
from exomonitor.signals.vitals import VitalReading

A, B = "00A0370098000001", "00A0370098000002"
SPO2 = {A: 97, B: 71, "": 55}
HEAD = "MSH|^~\\&|GW^0011223344556677^EUI-64||||20260302{time}+0000||ORU^{kind}|{number}|P|2.6\rPID|||1\r"
OBX = "OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1.1|{value}|262688^MDC_DIM_PERCENT^MDC|||||R|||||||{who}\r"
ALARM = (
    "OBX|1|CWE|196616^MDC_EVT_ALARM^MDC|1.1.0.1|100^SpO2 too low||||||F|||||||{who}\r"
    "OBX|2|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.1.0.3|{phase}||||||F\r"
)


class Gateway:
    """A bound link, and a gateway that says what the test says."""

    def __init__(self, clock: ManualClock, expected: str = "") -> None:
        self.clock, self.number = clock, 0
        self.seen: list[DeviceFact] = []
        client, self.device = pair("cable")
        self.device.open()
        self.link = Link(SPEC, client, "monitor", clock, self.seen.append, expected_serial=expected, bound=True)
        self.link.step()

    def say(self, *messages: tuple[str, str], after_s: float = 10.0) -> None:
        """(whose, "" or the phase of an alarm), all in one read."""
        self.clock.advance(after_s)
        self.device.write(b"".join(self._message(who, phase) for who, phase in messages))
        for _ in range(5):
            self.link.step()
            self.device.read(0)
            self.clock.advance(0.2)

    def _message(self, who: str, phase: str) -> bytes:
        self.number += 1
        kind = "R40^ORU_R40" if phase else "R01^ORU_R01"
        time = f"09{self.number // 6 % 60:02d}{self.number % 6 * 10:02d}"
        named = f"{who}^^{who}^EUI-64" if who else ""
        said = ALARM.format(who=named, phase=phase) if phase else OBX.format(who=named, value=SPO2[who])
        return mllp.frame((HEAD.format(time=time, kind=kind, number=self.number) + said).encode())

    def observe(self, *who: str) -> None:
        self.say(*((one, "") for one in who))

    def state(self) -> LinkState:
        return self.link.state

    def values(self) -> list[float | None]:
        return [fact.value for fact in self.seen if isinstance(fact, VitalReading)]

    def alarms(self) -> list[bool]:
        return [fact.active for fact in self.seen if isinstance(fact, RelayedAlarm)]

    def reason(self) -> str:
        return [fact.reason for fact in self.seen if isinstance(fact, LinkChange)][-1]


@pytest.fixture
def gateway(clock: ManualClock) -> Iterator[Gateway]:
    gateway = Gateway(clock)
    gateway.observe(A)
    gateway.observe(A)
    assert gateway.link.expected_serial == A
    yield gateway
    gateway.link.close()


@pytest.mark.parametrize("reads", [[[B], [A]], [[B, A]], [[A, B]], [[A, B, A]]])
def test_of_two_carts_by_turns_only_the_bound_one_is_told(gateway: Gateway, reads: list[list[str]]) -> None:
    expected = 2 + 4 * sum(read.count(A) for read in reads)
    for _ in range(4):
        for read in reads:
            gateway.observe(*read)
    assert gateway.values() == [97.0] * expected
    assert gateway.state() is LinkState.TALKING
    gateway.observe(A)
    assert f"what device {B} says on this line is left out" in gateway.reason()


def test_the_other_cart_alone_is_the_wrong_device_and_the_right_one_is_heard_again_at_once(gateway: Gateway) -> None:
    gateway.observe(B)
    gateway.observe(B)
    assert gateway.state() is LinkState.WRONG_DEVICE
    gateway.observe(B, A)
    assert gateway.state() is LinkState.TALKING
    assert gateway.values() == [97.0] * 3


def test_what_names_no_equipment_behind_a_gateway_of_several_carts_is_nobodys(gateway: Gateway) -> None:
    gateway.observe("")
    assert gateway.values() == [97.0, 97.0, 55.0]  # the only one there is
    gateway.observe(B, A)
    gateway.observe("", A)
    gateway.say(("", "start"), (A, ""))
    assert gateway.values() == [97.0, 97.0, 55.0, 97.0, 97.0, 97.0]
    assert gateway.alarms() == []


def test_an_alarm_of_the_other_cart_is_never_told_nor_hides_or_ends_our_own(gateway: Gateway) -> None:
    gateway.say((B, "start"), (A, ""))
    gateway.say((B, "continue"), (A, ""))
    assert gateway.alarms() == []
    gateway.say((A, "start"), (B, "end"), (A, "continue"))
    assert gateway.alarms() == [True]
    gateway.say((B, "start"), (A, "end"), (A, "end"))
    assert gateway.alarms() == [True, False]


def test_our_own_alarm_is_taken_back_with_the_wrong_device_and_told_again_when_ours_is_back(gateway: Gateway) -> None:
    gateway.say((A, "start"))
    gateway.observe(B, B)
    assert gateway.alarms() == [True, False]
    gateway.observe(A)
    assert gateway.alarms() == [True, False, True]


def test_an_alarm_that_began_at_the_wrong_device_is_told_when_a_person_has_looked(gateway: Gateway) -> None:
    gateway.observe(B, B)
    gateway.say((B, "start"))
    assert gateway.alarms() == []
    gateway.link.accept(B)
    gateway.observe(B)
    assert gateway.alarms() == [True]
    gateway.say((B, "end"))
    assert gateway.alarms() == [True, False]


def test_an_alarm_that_the_monitor_goes_on_saying_after_a_lost_link_is_told_again(gateway: Gateway) -> None:
    gateway.say((A, "start"))
    for _ in range(2):
        gateway.clock.advance(SPEC.lost_s)
        gateway.link.step()
    assert gateway.state() is LinkState.LOST
    gateway.observe(A)
    gateway.say((A, "continue"))
    gateway.say((A, "continue"))
    assert gateway.alarms() == [True, True]


def test_an_alarm_whose_end_comes_after_a_session_ended_does_end(gateway: Gateway, tmp_path: Path) -> None:
    gateway.say((A, "start"))
    gateway.link.capture_anew(tmp_path / "next.excap")
    gateway.observe(A)
    assert gateway.alarms() == [True]
    gateway.say((A, "end"))
    assert gateway.alarms() == [True, False]


def test_each_cart_has_a_clock_of_its_own(clock: ManualClock) -> None:
    gateway = Gateway(clock, A)
    ages = []
    for number in range(8):
        who = (A, B)[number % 2]
        time = f"2026030209{number // 6:02d}{number % 6 * 10:02d}" if who == A else f"20260302070{number}00"
        text = HEAD.format(time="", kind="R01", number=number).replace("20260302+0000", time)
        clock.advance(10.0)
        gateway.device.write(mllp.frame((text + OBX.format(who=f"{who}^^{who}^EUI-64", value=SPO2[who])).encode()))
        gateway.link.step()
    ages = [fact.at.since(fact.taken_at) for fact in gateway.seen if isinstance(fact, VitalReading)]
    assert ages == [0.0] * 4
    gateway.link.close()
