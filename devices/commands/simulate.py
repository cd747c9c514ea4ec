"""`simulate`: serves one simulated device to any program, in real time, until told to end."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TextIO

from devices.catalogue import spec_of
from devices.commands.ending import until_ended
from devices.scenes import Line, Scene
from devices.simulation.scenarios import Scenario, load_scenario
from devices.spec import DeviceSpec, Role, TransportLost
from devices.transport.base import host_and_port
from devices.transport.pty import PtyServer
from devices.transport.tcp import TcpListener
from exomonitor.clock import pause, stopwatch
from exomonitor.errors import CommandRefused, EnvironmentFault

USUAL_SCENARIO = "smooth"
LONGEST_PAUSE_S = 0.005
"""How late a question may be noticed."""


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
    """Serve `device` on a new pseudo-terminal, or on `tcp` (HOST:PORT, port 0 = any); prints the port first.

    Without `scenario` it is `smooth`, entered where the pump already infuses. `ended` is asked again and again.
    """
    spec = spec_of(device, data_format)
    if not (math.isfinite(speed) and speed > 0):
        raise CommandRefused(f"The speed {speed} is not a number above 0")
    world = load_scenario(scenario or USUAL_SCENARIO)
    line = _pty_line if tcp is None else _tcp_line(*host_and_port(tcp))
    try:
        scene = Scene(world, keys={spec.role: spec.choice}, line=line)
    except TransportLost as cause:
        raise EnvironmentFault(str(cause)) from cause
    try:
        with until_ended(out):
            out.write(_port(scene, spec.role) + "\n")
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


def _tcp_line(host: str, port: int) -> Callable[[Role, DeviceSpec], Line]:
    return lambda role, spec: Line(TcpListener(host, port), None)


def _port(scene: Scene, role: Role) -> str:
    return scene.ports[role].replace("listen://", "socket://", 1)
