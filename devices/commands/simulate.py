"""`simulate`: serves one simulated device to any program, in real time, until told to end."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol, TextIO, runtime_checkable

from devices.catalogue import spec_of
from devices.commands.ending import until_ended
from devices.scenes import Line, Scene
from devices.simulation.scenarios import Scenario, load_scenario
from devices.spec import DeviceSpec, Role, TransportLost
from devices.transport.base import host_and_port
from devices.transport.pty import PtyServer
from devices.transport.tcp import TcpCaller, TcpListener
from exomonitor.clock import pause, stopwatch
from exomonitor.errors import CommandRefused, EnvironmentFault

USUAL_SCENARIO = "smooth"
LONGEST_PAUSE_S = 0.005
"""How late a question may be noticed."""


@runtime_checkable
class Dialling(Protocol):
    """A simulated device that calls its reader over TCP, as its model does; others wait to be called."""

    @property
    def dials(self) -> bool:
        """True."""
        ...


def dials(spec: DeviceSpec) -> bool:
    """Whether the family's simulated device dials its reader."""
    maker: object = spec.make_simulator
    return isinstance(maker, Dialling) and maker.dials


def run_simulate(
    device: str,
    out: TextIO,
    *,
    tcp: str | None = None,
    scenario: str | None = None,
    speed: float = 1.0,
    data_format: str = "",
    ended: Callable[[], bool] = lambda: False,
) -> int:
    """Serve `device` on a new pseudo-terminal, or on `tcp` (HOST:PORT, port 0 = any); prints the port to open first.

    A device whose model dials its reader calls `tcp` instead: the port to open is then `listen://HOST:PORT`, and a
    second line says who is called. It calls again until somebody listens there.
    `new-era@0,3,12` are three pumps at these addresses of one line; what happens in the scenario happens to the first.
    Without `scenario` it is `smooth`, entered where the pump already infuses. `ended` is asked again and again.
    """
    device, *others = device.split(",")
    spec = spec_of(device, data_format)
    beside = [spec_of(f"{spec.key}@{other}").address for other in others]
    if not (math.isfinite(speed) and speed > 0):
        raise CommandRefused(f"The speed {speed} is not a number above 0")
    world = load_scenario(scenario or USUAL_SCENARIO)
    line = _pty_line if tcp is None else _tcp_line(spec, *host_and_port(tcp))
    try:
        scene = Scene(world, keys={spec.role: spec.choice}, line=line)
    except TransportLost as cause:
        raise EnvironmentFault(str(cause)) from cause
    try:
        for address in beside:
            scene.join(spec.role, address)
        with until_ended(out):
            out.write(_port(scene.ports[spec.role], calls=tcp is not None and dials(spec)))
            out.flush()
            _serve(scene, 0.0 if scenario else _pump_starts(world), speed, ended)
    finally:
        scene.close()
    return 0


def _serve(scene: Scene, begin_s: float, speed: float, ended: Callable[[], bool]) -> None:
    began = stopwatch()
    while not ended():
        now = begin_s + (stopwatch() - began) * speed
        scene.step(now)
        pause(min(max(scene.next_due(now) - now, 0.0) / speed, LONGEST_PAUSE_S))


def _pump_starts(world: Scenario) -> float:
    starts = [press.at_s for press in world.presses if press.target == "pump" and press.action == "start"]
    return min(starts, default=0.0)


def _pty_line(role: Role, spec: DeviceSpec) -> Line:
    return Line(PtyServer(spec.key), None)


def _tcp_line(called: DeviceSpec, host: str, port: int) -> Callable[[Role, DeviceSpec], Line]:
    if not dials(called):
        return lambda role, spec: Line(TcpListener(host, port), None)
    if port == 0:
        raise CommandRefused(f"{called.key} dials: give it the port that the other program listens on, not 0")
    return lambda role, spec: Line(TcpCaller(host, port), None)


def _port(name: str, *, calls: bool) -> str:
    """What is printed of the device's end: the port that the other program opens, and that the device dials."""
    if calls:
        return f"{name.replace('socket://', 'listen://', 1)}\ndials {name} until somebody listens there\n"
    return name.replace("listen://", "socket://", 1) + "\n"
