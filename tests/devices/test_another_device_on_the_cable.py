"""Every family that says its serial number: another device on the cable is noticed and never heard, whatever the way
it came there."""

from __future__ import annotations

import pytest

from devices.catalogue import CATALOGUE, spec_of
from devices.link import Link
from devices.scenes import Scene
from devices.simulation.faults import FaultKind
from devices.simulation.scenarios import load_scenario
from exomonitor.clock import ManualClock
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkState
from exomonitor.signals.pump import PumpReading
from exomonitor.signals.vitals import VitalReading

SERIALS = {
    "bbraun-space": ("100113", "100999"),
    "alaris-asena": ("8002-51740", "8002-99999"),
    "harvard-ultra": ("D400123", "D999999"),
    "philips-intellivue": ("DE00000042", "DE00099999"),
    "masimo": ("0000070986", "0000099999"),
    "hl7-pcd01": ("00A0370098000001", "00A0370098009999"),
}


class Bedside:
    """One bound device of a scene on simulated time."""

    def __init__(self, key: str, clock: ManualClock) -> None:
        self.role = spec_of(key).role
        self.mine, self.other = SERIALS[key]
        self.clock, self.t = clock, 0.0
        self.seen: list[DeviceFact] = []
        setups = {self.role: {"serial": self.mine}}
        self.scene = Scene(load_scenario("short"), keys={self.role: key}, setups=setups)
        transport = self.scene.transports[self.role]
        self.link = Link(self.scene.specs[self.role], transport, str(self.role), clock, self.seen.append, bound=True)

    def run(self, seconds: float, step_s: float = 0.1) -> None:
        for _ in range(round(seconds / step_s)):
            self.t += step_s
            self.clock.advance(step_s)
            for _ in range(3):
                self.scene.step(self.t)
                self.link.step()

    def state(self) -> LinkState:
        return self.link.state

    def readings(self) -> int:
        return sum(isinstance(fact, PumpReading | VitalReading) for fact in self.seen)

    def numbers_of(self) -> set[str]:
        return {fact.serial for fact in self.seen if isinstance(fact, PumpReading)} - {""}


@pytest.fixture(params=sorted(SERIALS))
def bedside(request, clock):
    made = Bedside(request.param, clock)
    made.run(70 if request.param == "hl7-pcd01" else 20)
    assert made.link.expected_serial == made.mine
    assert made.readings() > 0
    yield made
    made.link.close()
    made.scene.close()


def test_another_one_after_the_port_was_gone_is_never_heard(bedside):
    bedside.scene.strike(bedside.role, FaultKind.GONE, 3.0)
    bedside.run(1.0)
    bedside.scene.swap(bedside.role, serial=bedside.other)
    before = bedside.readings()
    bedside.run(60.0)
    assert bedside.state() is LinkState.WRONG_DEVICE
    assert bedside.readings() == before
    bedside.link.accept(bedside.other)
    bedside.run(40.0)
    assert bedside.state() is LinkState.TALKING
    assert bedside.readings() > before


def test_another_one_after_the_plug_was_moved_behind_the_adapter_is_noticed_soon(bedside):
    bedside.scene.strike(bedside.role, FaultKind.OUT, 4.0)
    bedside.run(2.0)
    bedside.scene.swap(bedside.role, serial=bedside.other)
    bedside.run(60.0)
    assert bedside.state() is LinkState.WRONG_DEVICE
    assert bedside.numbers_of() <= {bedside.mine}


def test_one_that_tells_no_number_after_the_port_was_gone_is_not_believed(bedside):
    bedside.scene.strike(bedside.role, FaultKind.GONE, 3.0)
    bedside.run(1.0)
    bedside.scene.swap(bedside.role, serial="")
    before = bedside.readings()
    bedside.run(2.5 * bedside.link.spec.stale_s)
    assert bedside.state() is LinkState.WRONG_DEVICE
    assert bedside.readings() == before


def test_a_family_without_a_number_says_that_another_one_is_not_noticed():
    for spec in (one for family in CATALOGUE.values() for one in (family.formats.values() or (family,))):
        said = any("on the cable is not noticed" in words for words in spec.never_reports)
        assert said == (spec.key not in SERIALS), spec.choice


def test_the_same_device_after_the_cable_was_out_is_heard_again(bedside):
    bedside.scene.strike(bedside.role, FaultKind.GONE, 3.0)
    before = bedside.readings()
    bedside.run(60.0)
    assert bedside.state() is LinkState.TALKING
    assert bedside.readings() > before
