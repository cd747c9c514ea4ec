"""One device on one cable under simulated time: simulator, faults, link, and all that was said and heard."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devices.discovery import Adapter, FoundPort
from devices.link import Link
from devices.moving_port import MovingPort
from devices.simulation.faults import Fault, FaultKind, FaultPlan
from devices.simulation.one_wire import OneWire
from devices.simulation.patient import PatientWorld
from devices.simulation.server import SimServer
from devices.spec import DeviceSpec, Role, Simulator, Transport, TransportLost
from devices.transport.memory import MemoryEnd, pair
from devices.transport.shared_line import SharedLine
from exomonitor.clock import ManualClock
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkState

LATENCY_S = 0.02
MAX_STEP_S = 0.25
NAME, NEW_NAME = "memory", "memory-renamed"
ADAPTER = Adapter("A-0001", "1-1")
"""What the cable of a renamed port hangs on."""


@dataclass(frozen=True, slots=True)
class Press:
    """A person at the device at second `at_s`."""

    at_s: float
    action: str
    values: Mapping[str, Any] = field(default_factory=dict)


class Ear:
    """The link's end of the cable: writes down what it hears, may give it byte by byte, and may be renamed."""

    def __init__(self, inner: MemoryEnd, clock: Callable[[], float]) -> None:
        self._inner = inner
        self._clock = clock
        self._waiting = bytearray()
        self.name = inner.name
        self.one_by_one = False
        self.taken_by_another = False
        self.renamed = False
        """Whether another adapter has the cable's first name by now."""
        self.busy = False
        """Whether something passed since somebody last looked."""
        self.heard: list[list[tuple[float, bytes]]] = []
        """For each opening, what came when."""
        self.asked: list[tuple[float, bytes]] = []

    def open(self) -> None:
        """Open, unless another program has the port."""
        if self.taken_by_another:
            raise TransportLost(f"another program uses {self.name}")
        if self.renamed and self.name == NAME:
            self._inner = pair(NAME)[0]  # another adapter's cable, on which nobody speaks
        self._inner.open()
        self._waiting.clear()
        self.heard.append([])

    def read(self, timeout_s: float) -> bytes:
        """What has come, or one byte of it."""
        self._waiting += self._inner.read(0.0)
        count = 1 if self.one_by_one else len(self._waiting)
        data = bytes(self._waiting[:count])
        del self._waiting[:count]
        if data:
            self.busy = True
            self.heard[-1].append((self._clock(), data))
        return data

    def write(self, data: bytes) -> None:
        """Pass it on."""
        self.busy = True
        self.asked.append((self._clock(), data))
        self._inner.write(data)

    def close(self) -> None:
        """Close."""
        self._inner.close()


class Tap(FaultPlan):
    """A fault plan that writes down what the device really said, and when a byte of it was changed or lost."""

    def __init__(self, faults: Sequence[Fault], seed: int) -> None:
        super().__init__(faults, seed)
        self.said: list[tuple[float, bytes]] = []

    def outward(self, data: bytes, t: float) -> bytes:
        """As the plan says; `data` is written down first."""
        if data:
            self.said.append((t, data))
        return super().outward(data, t)


@dataclass(slots=True)
class Run:
    """All that happened; seconds count from the link's first step."""

    facts: list[tuple[float, DeviceFact]] = field(default_factory=list)
    states: list[tuple[float, LinkState, float | None]] = field(default_factory=list)
    """(second, state after the step, seconds since the last good frame or None)."""
    escaped: list[str] = field(default_factory=list)
    said: list[tuple[float, bytes]] = field(default_factory=list)
    heard: list[list[tuple[float, bytes]]] = field(default_factory=list)
    asked: list[tuple[float, bytes]] = field(default_factory=list)
    bad: dict[str, int] = field(default_factory=dict)
    waits: list[tuple[float, float]] = field(default_factory=list)
    """(second, until which second the driver said then that it would wait in silence for a rest)."""
    port: str = ""
    """What the link calls its port at the end."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is different from the usual: faults, keys pressed, the patient, the simulator's options, the port."""

    faults: tuple[Fault, ...] = ()
    presses: tuple[Press, ...] = ()
    baseline: Mapping[str, float] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    one_by_one: tuple[float, float] = (0.0, 0.0)
    taken: tuple[float, float] = (0.0, 0.0)
    renamed_at_s: float | None = None
    seed: int = 1
    on: tuple[int, ...] = ()
    off: tuple[int, ...] = ()
    """Addresses of the others that share the line, switched on or off: each is read by a link of its own."""


def simulator_of(spec: DeviceSpec, setting: Setting, *, anew: bool = False) -> Simulator:
    """The device, and those that share its line; `anew`: as it is after its power came back."""
    options = dict(setting.options)
    if spec.role is Role.PUMP:
        options["running"] = not anew
    world = PatientWorld(setting.seed, setting.baseline)
    one = spec.make_simulator(world, **options)
    others = [spec.at_address(n).make_simulator(world, running=True, rate_ml_h=20.0 + n) for n in setting.on]
    return OneWire([one, *others]) if others else one


def moving(ear: Ear, setting: Setting, now_s: Callable[[], float]) -> MovingPort:
    """The cable on an adapter that comes back under another name, while another adapter takes the old one."""

    def find() -> tuple[FoundPort, ...]:
        t = now_s()
        if setting.renamed_at_s is None or t < setting.renamed_at_s:
            return (_adapter(NAME, ADAPTER.serial),)
        out = any(fault.kind is FaultKind.GONE and fault.active(t) for fault in setting.faults)
        stranger = _adapter(NAME, "B-0002")
        return (stranger,) if out else (stranger, _adapter(NEW_NAME, ADAPTER.serial))

    def make(name: str) -> Ear:
        if name == NEW_NAME:
            ear.name = name
        return ear if name == ear.name else Ear(pair(name)[0], now_s)

    return MovingPort(NAME, ADAPTER, find, make)


def _adapter(name: str, serial: str) -> FoundPort:
    return FoundPort(name, "adapter", serial, "1-1", 0x0403, 0x6001)


def run(
    spec: DeviceSpec,
    seconds: float,
    setting: Setting,
    *,
    anew: bool = False,
    source: str = "",
    clock: ManualClock | None = None,
    hear: Callable[[DeviceFact], None] | None = None,
    capture: Path | None = None,
) -> Run:
    """The device and its link for so many simulated seconds; what escapes the link is written down, not raised.

    `anew`: the device has just been switched on. `source`, `clock`, `hear`: whose device it is, by whose clock, and who
    hears every fact besides. `capture`: the file that keeps its raw bytes.
    """
    clock = clock or ManualClock()
    start = clock.now()

    def now_s() -> float:
        return clock.now().since(start)

    client, device = pair(NAME)
    device.open()
    ear, tap, result = Ear(client, now_s), Tap(setting.faults, setting.seed), Run()
    server = SimServer(
        simulator_of(spec, setting, anew=anew), device, tap, switched_on=lambda: simulator_of(spec, setting, anew=True)
    )

    def emit(fact: DeviceFact) -> None:
        result.facts.append((now_s(), fact))
        if hear is not None:
            hear(fact)

    transport: Transport = ear if setting.renamed_at_s is None else moving(ear, setting, now_s)
    line = SharedLine(transport, spec.request_budget_per_s)
    sharing = [spec.at_address(n) for n in (*setting.on, *setting.off)]
    transport = line.seat() if sharing else transport
    link = Link(spec, transport, source or spec.choice, clock, emit)
    if capture is not None:
        link.start_capture(capture)
    others = [Link(one, line.seat(), one.choice, clock, emit) for one in sharing]
    presses = sorted(setting.presses, key=lambda press: press.at_s)
    t = 0.0
    while t < seconds:
        while presses and presses[0].at_s <= t:
            press = presses.pop(0)
            server.simulator.press(t, press.action, **press.values)
        ear.one_by_one = setting.one_by_one[0] <= t < setting.one_by_one[1]
        ear.renamed = setting.renamed_at_s is not None and t >= setting.renamed_at_s
        ear.taken_by_another = setting.taken[0] <= t < setting.taken[1]
        before = device.delivered
        server.step(t)
        for each in (link, *others):
            try:
                each.step(0.0)
            except Exception as escaped:  # noqa: BLE001 - the cell says which; nothing at all may escape
                result.escaped.append(f"{type(escaped).__name__}: {escaped}")
                each.fail("the program made an error")
        until = link._hearing.waits_until(link._driver)
        if until is not None:
            result.waits.append((t, t + until.since(clock.now())))
        silent_s = None if link.last_frame_at is None else clock.now().since(link.last_frame_at)
        result.states.append((t, link.state, silent_s))
        t += _until_next((link, *others), server, t, busy=ear.busy or device.delivered > before)
        ear.busy = False
        clock.advance(t - now_s())
    if capture is not None:
        link.close()
    result.said, result.heard, result.port = tap.said, ear.heard, link.port
    result.asked = ear.asked
    result.bad = dict(link.counters().frames_bad)
    return result


def _until_next(links: Sequence[Link], server: SimServer, t: float, *, busy: bool) -> float:
    if busy:
        return LATENCY_S
    due = server.next_due(t)
    ahead = [link.next_due().since(link.clock.now()) for link in links]
    ahead += [MAX_STEP_S] + ([] if due is None else [due - t])
    return max(LATENCY_S, min(ahead))


def noise(seed: int, count: int) -> bytes:
    """Bytes that nobody sent."""
    return random.Random(seed).randbytes(count)
