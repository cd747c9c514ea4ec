"""A simulated oximeter and its driver on one cable, in simulated time, with the faults of a cable."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from devices.catalogue import spec_of
from devices.simulation.patient import PatientWorld
from exomonitor.clock import ManualClock
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkFault
from exomonitor.signals.vitals import Sign, VitalReading
from exomonitor.signals.waves import WaveChunk

STEP_S = 0.05


class Cable:
    """`bend` changes the bytes that the oximeter sends; `out` loses them."""

    def __init__(self, choice: str, world: PatientWorld | None = None, **options: Any) -> None:
        self.spec = spec_of(choice)
        self.oximeter = self.spec.make_simulator(world or PatientWorld(3), **options)
        self.driver = self.spec.make_driver("monitor")
        self.clock = ManualClock()
        self.began = self.clock.now()
        self.sent: list[tuple[float, bytes]] = []
        self.out = False
        self.bend: Callable[[bytes], bytes] = lambda data: data
        self.driver.opened(self.began)

    @property
    def t(self) -> float:
        """Simulated seconds since the beginning."""
        return self.clock.now().since(self.began)

    def run(self, seconds: float) -> list[DeviceFact]:
        """What the driver says in so many seconds."""
        facts: list[DeviceFact] = []
        for _ in range(round(seconds / STEP_S)):
            data = self.oximeter.due(self.t)
            while (request := self.driver.due(self.clock.now())) is not None:
                assert self.spec.may_send(request)
                self.sent.append((round(self.t, 2), request))
                if not self.out:
                    data += self.oximeter.received(request, self.t)
            heard = b"" if self.out else self.bend(data)
            facts += self.driver.received(heard, self.clock.now())
            self.clock.advance(STEP_S)
        return facts

    def reopen(self) -> None:
        """The port was closed and is open again."""
        self.driver.opened(self.clock.now())


def vitals(facts: Iterable[DeviceFact], sign: Sign) -> list[VitalReading]:
    return [fact for fact in facts if isinstance(fact, VitalReading) and fact.sign is sign]


def alarms(facts: Iterable[DeviceFact]) -> list[tuple[str, bool]]:
    return [(fact.code, fact.active) for fact in facts if isinstance(fact, RelayedAlarm)]


def faults(facts: Iterable[DeviceFact]) -> list[str]:
    return [fact.reason for fact in facts if isinstance(fact, LinkFault)]


def chunks(facts: Iterable[DeviceFact]) -> list[WaveChunk]:
    return [fact for fact in facts if isinstance(fact, WaveChunk)]


def plain(fact: DeviceFact) -> object:
    """A fact without its instants, comparable."""
    match fact:
        case VitalReading():
            return (fact.sign, fact.value, fact.validity, fact.note)
        case WaveChunk():
            return (fact.wave, fact.samples.tolist(), fact.gap_before, fact.lead_off)
        case RelayedAlarm():
            return (fact.code, fact.active)
    return type(fact)
