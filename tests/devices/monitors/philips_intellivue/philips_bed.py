"""A driver and a simulated IntelliVue on one cable in simulated time, and frames that a test makes by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from devices.monitors.philips_intellivue import may_send
from devices.monitors.philips_intellivue.driver import PhilipsIntellivueDriver
from devices.monitors.philips_intellivue.simulator import PhilipsIntellivueSimulator
from devices.monitors.philips_intellivue.wire import codes, frames, requests, session
from devices.monitors.philips_intellivue.wire.fields import Attributes, Special
from devices.monitors.philips_intellivue.wire.requests import Request
from devices.monitors.philips_intellivue.wire.results import Observed, PollResult, encode_poll_result
from devices.monitors.philips_intellivue.wire.session import Session
from devices.monitors.philips_intellivue.wire.values import Number, encode_compound, encode_number
from devices.simulation.patient import PatientWorld
from exomonitor.clock import ManualClock
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkFault
from exomonitor.signals.vitals import Sign, VitalReading
from exomonitor.signals.waves import WaveChunk, WaveName

SOURCE = "monitor"
LATENCY_S = 0.02


class Bedside:
    """Bytes take 20 ms to and fro; the cable may be out, and bytes toward the driver may be changed on the way."""

    def __init__(self, world: PatientWorld | None = None, **options: Any) -> None:
        self.world = world or PatientWorld(3)
        self.monitor = PhilipsIntellivueSimulator(self.world, **options)
        self.driver = PhilipsIntellivueDriver(SOURCE)
        self.clock = ManualClock()
        self.began = self.clock.now()
        self.sent: list[tuple[float, bytes]] = []
        self.cable = True
        self._reply = b""
        self.driver.opened(self.began)

    @property
    def t(self) -> float:
        return self.clock.now().since(self.began)

    def run(self, until: float) -> list[DeviceFact]:
        facts: list[DeviceFact] = []
        while self.t < until:
            at = self.clock.now()
            heard, self._reply = self._reply + self.monitor.due(self.t), b""
            if heard and self.cable:
                facts += self.driver.received(heard, at)
            while (frame := self.driver.due(at)) is not None:
                assert may_send(frame)
                self.sent.append((self.t, frame))
                if self.cable:
                    self._reply += self.monitor.received(frame, self.t)
            self.clock.advance(self._step())
        return facts

    def _step(self) -> float:
        """To whatever happens next, but bytes under way take their time."""
        if self._reply:
            return LATENCY_S
        due, speaks = self.driver.next_due(self.clock.now()), self.monitor.next_due(self.t)
        later = [] if speaks is None else [speaks]
        if due is not None:
            later.append(due.since(self.began))
        return max(min([*later, self.t + 0.25]) - self.t, LATENCY_S)

    def asked(self, since: float = 0.0) -> list[tuple[float, Session | Request | None]]:
        """(second, what) of every frame that the driver has sent since that second."""
        return [(t, what_is(frame)) for t, frame in self.sent if t >= since]


def what_is(frame: bytes) -> Session | Request | None:
    payload = frames.unframe(frame)
    assert payload is not None
    kind = session.session_kind(payload)
    if kind is not None:
        return kind
    read = requests.decode_request(payload)
    return None if read is None else read[1]


class Reader:
    """A driver that is given results made by hand; its clock stands still unless told."""

    def __init__(self) -> None:
        self.driver = PhilipsIntellivueDriver(SOURCE)
        self.clock = ManualClock()
        self.ticks = 1_000_000
        self.driver.opened(self.clock.now())

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.ticks += round(seconds * codes.TICKS_PER_S)

    def give(self, kind: int, *objects: Attributes, part: tuple[int, int] | None = None) -> list[DeviceFact]:
        told = tuple(Observed(0x21, handle, one) for handle, one in enumerate(objects, start=1))
        return self.give_result(PollResult(1, kind, 0, self.ticks & 0xFFFF_FFFF, told, 1), part)

    def give_result(self, result: PollResult, part: tuple[int, int] | None = None) -> list[DeviceFact]:
        return self.driver.received(frames.frame(encode_poll_result(result, 3, part)), self.clock.now())

    def number(
        self, physio: int, unit: int, value: float | Special, state: int = 0, decimals: int = 0
    ) -> list[VitalReading]:
        """The readings of a result with this one number, a second after the last."""
        self.pass_time(1.0)
        facts = self.give(codes.NUMERICS, one(physio, unit, value, state, decimals))
        return [fact for fact in facts if isinstance(fact, VitalReading)]

    def cuff(self, *pressures: float | Special, **more: Any) -> VitalReading:
        """The systolic reading of a result with these three pressures, a second after the last."""
        self.pass_time(1.0)
        facts = self.give(codes.NUMERICS, nibp(*pressures, **more))
        (reading,) = vitals(facts, Sign.NIBP_SYS)
        return reading


def one(physio: int, unit: int, value: float | Special, state: int = 0, decimals: int = 0) -> Attributes:
    return {codes.VALUE: encode_number(Number(physio, state, unit, value), decimals)}


def nibp(
    *pressures: float | Special,
    state: int = 0,
    unit: int = codes.MMHG,
    stamp: bytes = b"",
    ticks: bytes = b"",
    decimals: int = 0,
) -> Attributes:
    physios = (codes.NIBP_SYS, codes.NIBP_DIA, codes.NIBP_MEAN)
    numbers = tuple(Number(physio, state, unit, value) for physio, value in zip(physios, pressures, strict=True))
    told = {codes.COMPOUND_VALUE: encode_compound(numbers, decimals)}
    if stamp:
        told[codes.TIME_STAMP] = stamp
    if ticks:
        told[codes.RELATIVE_TIME] = ticks
    return told


def vitals(facts: Iterable[DeviceFact], sign: Sign) -> list[VitalReading]:
    return [fact for fact in facts if isinstance(fact, VitalReading) and fact.sign is sign]


def chunks(facts: Iterable[DeviceFact], wave: WaveName) -> list[WaveChunk]:
    return [fact for fact in facts if isinstance(fact, WaveChunk) and fact.wave is wave]


def alarms(facts: Iterable[DeviceFact]) -> list[RelayedAlarm]:
    return [fact for fact in facts if isinstance(fact, RelayedAlarm)]


def faults(facts: Iterable[DeviceFact]) -> list[str]:
    return [fact.reason for fact in facts if isinstance(fact, LinkFault)]
