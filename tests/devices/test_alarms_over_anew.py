"""An alarm of a device that is asked neither goes on for ever nor stays unsaid, wherever its dialogue begins anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.simulation.faults import FaultKind
from exomonitor.clock import ManualClock
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.links import LinkState
from exomonitor.signals.pump import PumpReading
from tests.devices.test_another_device_on_the_cable import Bedside

STEP_S = 0.25
ALARMS = {
    "alaris-asena": "AL_OCCLU",
    "bbraun-space": "INA3",
    "harvard-ultra": "stall",
    "masimo": "ALARM-2",
    "philips-intellivue": "P4BB8-003E",
}


class Alarming(Bedside):
    """A device of a scene that can be made to alarm."""

    def __init__(self, key: str, clock: ManualClock) -> None:
        super().__init__(key, clock)
        self.code = ALARMS[key]
        self.run(10.0, STEP_S)

    def alarm(self) -> None:
        if self.role.value == "monitor":
            self.scene.happen(0.5, {"spo2": 70.0})
        else:
            self.scene.press(self.role, "start", rate_ml_h=600.0)
            self.run(2.0, STEP_S)
            self.scene.press(self.role, "occlude")
        self.run(45.0, STEP_S)

    def calm(self) -> None:
        if self.role.value == "monitor":
            self.scene.happen(0.5, {"spo2": 98.0})

    def change(self, kind: FaultKind) -> None:
        """Another device is plugged in: the port was gone, or the plug was moved behind the adapter."""
        self.scene.strike(self.role, kind, 3.0)
        self.run(1.0, STEP_S)
        self.scene.swap(self.role, serial=self.other)
        self.run(2.5, STEP_S)

    def is_on(self) -> bool:
        said = [fact.active for fact in self.seen if isinstance(fact, RelayedAlarm) and fact.code == self.code]
        return bool(said) and said[-1]


@pytest.fixture(params=sorted(ALARMS))
def bedside(request: pytest.FixtureRequest, clock: ManualClock) -> Iterator[Alarming]:
    made = Alarming(request.param, clock)
    yield made
    made.link.close()
    made.scene.close()


def test_an_alarm_that_began_at_the_wrong_device_is_told_when_a_person_has_looked(bedside: Alarming) -> None:
    bedside.change(FaultKind.GONE)
    bedside.run(15.0, STEP_S)
    bedside.alarm()
    assert bedside.state() is LinkState.WRONG_DEVICE
    assert not bedside.is_on()
    bedside.link.accept(bedside.other)
    bedside.run(20.0, STEP_S)
    assert bedside.state() is LinkState.TALKING
    assert bedside.is_on()


def test_the_alarm_of_the_device_before_ends_when_another_one_is_noticed(bedside: Alarming) -> None:
    bedside.alarm()
    assert bedside.is_on()
    bedside.change(FaultKind.OUT)
    bedside.calm()
    bedside.run(30.0, STEP_S)
    assert bedside.state() is LinkState.WRONG_DEVICE
    assert not bedside.is_on()
    bedside.link.accept(bedside.other)
    bedside.run(20.0, STEP_S)
    assert not bedside.is_on()


def test_an_alarm_that_stands_when_the_dialogue_begins_anew_is_told_again(bedside: Alarming, tmp_path: Path) -> None:
    bedside.alarm()
    before = len(bedside.seen)
    bedside.link.capture_anew(tmp_path / "next.excap")
    bedside.run(20.0, STEP_S)
    said = [fact.active for fact in bedside.seen[before:] if isinstance(fact, RelayedAlarm)]
    assert said == [False, True]
    assert bedside.is_on()


def test_an_alarm_that_ends_while_the_dialogue_begins_anew_is_over(clock: ManualClock, tmp_path: Path) -> None:
    bedside = Alarming("masimo", clock)
    bedside.alarm()
    bedside.link.capture_anew(tmp_path / "next.excap")
    bedside.calm()
    bedside.run(40.0, STEP_S)
    assert not bedside.is_on()
    bedside.link.close()
    bedside.scene.close()


def test_readings_go_on_when_a_person_has_looked(bedside: Alarming) -> None:
    bedside.change(FaultKind.GONE)
    bedside.run(15.0, STEP_S)
    bedside.link.accept(bedside.other)
    before = bedside.readings()
    bedside.run(20.0, STEP_S)
    assert bedside.readings() > before
    pumps = [fact.serial for fact in bedside.seen[-20:] if isinstance(fact, PumpReading)]
    assert set(pumps) <= {bedside.other, ""}
