"""A recorded talk between a family's driver and its simulator, and how to play it again to a fresh driver."""

from __future__ import annotations

from dataclasses import dataclass, field

from devices.catalogue import CATALOGUE
from devices.simulation.patient import PatientWorld
from devices.spec import DeviceSpec, Driver, Role
from exomonitor.clock import ManualClock
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.pump import PumpReading, PumpStatus
from exomonitor.signals.vitals import VitalReading
from exomonitor.signals.waves import WaveChunk

SECONDS = 25.0
LATENCY_S = 0.02
START = ManualClock().now()

SPECS: dict[str, DeviceSpec] = {
    spec.choice: spec for family in CATALOGUE.values() for spec in (family.formats.values() or (family,))
}
"""Every family of the catalogue, in each of its formats."""


@dataclass(frozen=True, slots=True)
class Talk:
    """What passed: (second, bytes) of the device, and (second, frame) of the driver, in one order."""

    events: list[tuple[str, float, bytes]] = field(default_factory=list)
    facts: list[DeviceFact] = field(default_factory=list)

    @property
    def sent(self) -> list[bytes]:
        """The driver's frames."""
        return [data for kind, _, data in self.events if kind == "tx"]

    @property
    def heard(self) -> bytes:
        """All bytes of the device."""
        return b"".join(data for kind, _, data in self.events if kind == "rx")


def talk(spec: DeviceSpec, driver: Driver, seconds: float = SECONDS, before: bytes = b"") -> Talk:
    """Let `driver` talk with a new simulator; `before` reaches it first."""
    options = {"running": True} if spec.role is Role.PUMP else {}
    simulator = spec.make_simulator(PatientWorld(), **options)
    result = Talk()
    driver.opened(START)
    if before:
        result.facts.extend(driver.received(before, START))
    t, reply = 0.0, b""
    while t < seconds:
        at = START.plus(t)
        heard = reply + simulator.due(t)
        reply = b""
        if heard:
            result.events.append(("rx", t, heard))
        result.facts.extend(driver.received(heard, at))
        while (frame := driver.due(at)) is not None:
            result.events.append(("tx", t, frame))
            reply += simulator.received(frame, t)
        t += LATENCY_S
    # The silence at the end may complete what was waiting; that it cuts a frame in two is no fault of the device.
    silence = driver.received(b"", START.plus(SECONDS + 3600))
    result.facts.extend(fact for fact in silence if meaning(fact) is not None)
    return result


def play_again(driver: Driver, events: list[tuple[str, float, bytes]], cuts: int = 0) -> list[DeviceFact]:
    """The same talk to another driver; with `cuts` the bytes come in slices of at most that size."""
    facts: list[DeviceFact] = []
    driver.opened(START)
    for kind, t, data in events:
        at = START.plus(t)
        if kind == "tx":
            facts.extend(driver.received(b"", at))
            driver.due(at)
            continue
        size = cuts or len(data)
        for begin in range(0, len(data), size):
            facts.extend(driver.received(data[begin : begin + size], at))
    facts.extend(driver.received(b"", START.plus(SECONDS + 3600)))
    return facts


def meaning(fact: DeviceFact) -> tuple[object, ...] | None:
    """What a reading says, without when; None for facts that are no readings."""
    match fact:
        case VitalReading() if fact.value is not None:
            return ("vital", fact.sign, fact.value)
        case PumpReading():
            return ("pump", fact.channel, fact.status, tuple(fact.numbers().items()))
        case WaveChunk():
            return ("wave", fact.wave, fact.samples.tobytes(), fact.gain)
        case RelayedAlarm():
            return ("alarm", fact.channel, fact.code, fact.active)
    return None


def unsent(facts: list[DeviceFact], talked: Talk) -> list[tuple[object, ...]]:
    """What `facts` say that the device's talk did not: damage may cut a wave into pieces, never change a sample."""
    sent = {meaning(fact) for fact in talked.facts} | {None}
    waves: dict[object, bytes] = {}
    for fact in talked.facts:
        if isinstance(fact, WaveChunk):
            waves[fact.wave, fact.gain] = waves.get((fact.wave, fact.gain), b"") + fact.samples.tobytes()

    def is_piece(fact: DeviceFact) -> bool:
        if not isinstance(fact, WaveChunk):
            return False
        whole, piece = waves.get((fact.wave, fact.gain), b""), fact.samples.tobytes()
        found = whole.find(piece)
        while found > 0 and found % 2:  # samples are of two bytes
            found = whole.find(piece, found + 1)
        return found >= 0

    def is_less(said: tuple[object, ...]) -> bool:
        """It does not know what the pump does, and every number that it has was sent: less than a good line says."""
        if said[0] != "pump" or said[2] is not PumpStatus.UNKNOWN:
            return False
        numbers = _numbers(said)
        return any(one is not None and one[:2] == said[:2] and numbers <= _numbers(one) for one in sent)

    told = (m for fact in facts if not is_piece(fact) and (m := meaning(fact)) is not None)
    return [one for one in told if one not in sent and not is_less(one)]


def _numbers(said: tuple[object, ...]) -> frozenset[object]:
    rows = said[3]
    assert isinstance(rows, tuple)
    return frozenset(row for row in rows if row[1][0] is not None)


_TALKS: dict[str, Talk] = {}


def talk_of(key: str) -> Talk:
    """The usual talk of a family, made once."""
    if key not in _TALKS:
        spec = SPECS[key]
        _TALKS[key] = talk(spec, spec.make_driver(key))
    return _TALKS[key]
