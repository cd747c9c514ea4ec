"""A ward of simulated devices on pseudo-terminals, in a process of its own: `python -m tests.bench.ward KEY ...`.

Prints one line of JSON with the ports, plays until its input says so, then prints what each device said: bytes, frames.
"""

from __future__ import annotations

import json
import select
import sys

from devices.simulation.faults import FaultPlan
from devices.simulation.patient import PatientWorld
from devices.simulation.server import SimServer
from devices.spec import Role
from devices.transport.pty import PtyServer
from exomonitor.clock import stopwatch
from tests.conformance.codecs import Cut
from tests.conformance.dialogue import SPECS

STEP_S = 0.005
LAST_WORDS_S = 1.0


class Counting(FaultPlan):
    """No fault; keeps what was said."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[bytes] = []
        self.mute = False

    def outward(self, data: bytes, t: float) -> bytes:
        """As it is, until the device has to be silent."""
        if not data or self.mute:
            return b""
        self.said.append(data)
        return data


def main(keys: list[str]) -> None:
    """Serve these devices."""
    ports, servers, plans = [], [], []
    for number, key in enumerate(keys):
        spec = SPECS[key]
        port, plan = PtyServer(f"{number}"), Counting()
        port.open()
        options = {"running": True} if spec.role is Role.PUMP else {}
        ports.append(port)
        plans.append(plan)
        servers.append(SimServer(spec.make_simulator(PatientWorld(number), **options), port, plan))
    print(json.dumps([port.port for port in ports]), flush=True)
    _play(servers, plans)
    told = []
    for key, plan in zip(keys, plans, strict=True):
        cut = Cut(key)
        told.append((sum(map(len, plan.said)), sum(len(cut.feed(data)) for data in plan.said)))
    print(json.dumps(told), flush=True)
    for port in ports:
        port.close()


def _play(servers: list[SimServer], plans: list[Counting]) -> None:
    began = stopwatch()
    ends_at = float("inf")
    while (now := stopwatch()) < ends_at:
        for server in servers:
            server.step(now - began)
        if select.select([sys.stdin], [], [], STEP_S)[0] and ends_at == float("inf"):
            sys.stdin.readline()
            ends_at = now + LAST_WORDS_S  # what the terminals have not taken yet still goes out
            for plan in plans:
                plan.mute = True


if __name__ == "__main__":
    main(sys.argv[1:])
