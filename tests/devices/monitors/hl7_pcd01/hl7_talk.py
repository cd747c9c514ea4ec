"""A driver and a simulated cart that talk over hand-moved time, and what the tests look for in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from devices.monitors.hl7_pcd01 import SPEC
from devices.monitors.hl7_pcd01.driver import Hl7Pcd01Driver
from devices.monitors.hl7_pcd01.simulator import Hl7Pcd01Simulator
from devices.monitors.hl7_pcd01.wire import mllp
from devices.simulation.patient import PatientWorld
from exomonitor.clock import ManualClock
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkFault
from exomonitor.signals.vitals import Sign, VitalReading

STEP_S = 0.25
OBSERVATIONS = "MSH|^~\\&|CART^00A0^EUI-64|WARD|||{time}||ORU^R01^ORU_R01|{number}|P|2.6\r{obx}"


class Bench:
    """A driver and a simulated cart; `spoil` may damage what the cart says, `deaf` swallows our answers."""

    def __init__(self, world: PatientWorld | None = None, **options: Any) -> None:
        self.clock = ManualClock()
        self.began = self.clock.now()
        self.simulator = Hl7Pcd01Simulator(world or PatientWorld(), **options)
        self.driver = Hl7Pcd01Driver("cart")
        self.sent: list[bytes] = []
        self.facts: list[DeviceFact] = []
        self.spoil: Callable[[bytes], bytes] = bytes
        self.deaf = False
        self.driver.opened(self.began)

    @property
    def t(self) -> float:
        return self.clock.now().since(self.began)

    def run(self, seconds: float) -> list[DeviceFact]:
        """What the driver said during the next seconds."""
        before = len(self.facts)
        for _ in range(round(seconds / STEP_S)):
            at = self.clock.advance(STEP_S)
            heard = self.spoil(self.simulator.due(self.t))
            if heard:
                self.facts += self.driver.received(heard, at)
            while (frame := self.driver.due(at)) is not None:
                assert SPEC.may_send(frame)
                self.sent.append(frame)
                if not self.deaf:
                    self.simulator.received(frame, self.t)
        return self.facts[before:]

    def press(self, action: str, **values: Any) -> None:
        self.simulator.press(self.t, action, **values)


def readings(facts: list[DeviceFact], sign: Sign) -> list[VitalReading]:
    return [fact for fact in facts if isinstance(fact, VitalReading) and fact.sign is sign]


def alarms(facts: list[DeviceFact]) -> list[tuple[str, bool]]:
    return [(fact.code, fact.active) for fact in facts if isinstance(fact, RelayedAlarm)]


def faults(facts: list[DeviceFact]) -> list[str]:
    return [fact.reason for fact in facts if isinstance(fact, LinkFault)]


def tell(driver: Hl7Pcd01Driver, clock: ManualClock, number: int, *obx: str, **head: str) -> list[DeviceFact]:
    """One observation message by hand."""
    time = head.get("time", "20260302090000")
    text = OBSERVATIONS.format(time=time, number=number, obx="".join(f"{line}\r" for line in obx))
    return driver.received(mllp.frame(text.encode()), clock.now())
