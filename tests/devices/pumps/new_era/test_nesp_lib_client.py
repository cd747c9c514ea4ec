"""NESP-Lib, a client that others wrote, reads and commands our simulated pump over a pseudo-terminal.

It runs in a process of its own with a hard limit of time, because it waits for ever on a pump that does not answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from devices.pumps.new_era import SPEC
from devices.simulation.server import SimServer
from devices.transport.pty import PtyServer
from exomonitor.clock import stopwatch

pytestmark = pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no pseudo-terminals")

LIMIT_S = 30.0
CLIENT = """
import json, sys
from nesp_lib import Port, Pump

with Port(sys.argv[1], 19200) as port:
    pump = Pump(port, safe_mode_timeout_s=int(sys.argv[2]))
    seen = {
        "model": pump.model_number, "firmware": pump.firmware_version, "status": pump.status.name,
        "rate_ml_min": pump.pumping_rate_ml_per_min, "infused_ml": pump.volume_infused_ml,
        "withdrawn_ml": pump.volume_withdrawn_ml, "target_ml": pump.pumping_volume_ml,
        "diameter_mm": pump.syringe_diameter_mm, "direction": pump.pumping_direction.name,
        "safe_s": pump.safe_mode_timeout_s,
    }
    pump.stop(wait_while_running=True)
    pump.pumping_rate_ml_per_min = 0.5
    pump.pumping_volume_ml = 20.0
    pump.run(wait_while_running=False)
    seen["set_rate_ml_min"] = pump.pumping_rate_ml_per_min
    seen["set_target_ml"] = pump.pumping_volume_ml
    seen["running"] = pump.status.name
    pump.stop(wait_while_running=True)
    seen["stopped"] = pump.status.name
    pump.volume_infused_clear()
    seen["cleared_ml"] = pump.volume_infused_ml
    if int(sys.argv[2]):
        pump.safe_mode_timeout_s = 0
    print(json.dumps(seen))
"""


STALL_CLIENT = """
import json, sys
from nesp_lib import Port, Pump
from nesp_lib.exceptions import StatusAlarmException

with Port(sys.argv[1], 19200) as port:
    pump = Pump(port)
    try:
        while True:
            pump.status
    except StatusAlarmException as said:
        print(json.dumps([said.alarm_status.name, pump.status.name]))
"""


def run(client: str, *arguments: str) -> Any:
    """What the client prints, in a process that is killed when it takes too long."""
    command = [sys.executable, "-c", client, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def served(speed: float = 1.0, **options: Any) -> Iterator[str]:
    """The port of a simulated pump that a thread serves, `speed` simulated seconds in each real one."""
    simulator = SPEC.make_simulator(None, **options)
    transport = PtyServer("new-era")
    transport.open()
    server = SimServer(simulator, transport)
    ended = threading.Event()
    began = stopwatch()

    def serve() -> None:
        while not ended.wait(0.002):
            server.step((stopwatch() - began) * speed)

    thread = threading.Thread(target=serve, name="served pump")
    thread.start()
    try:
        yield transport.port
    finally:
        ended.set()
        thread.join()
        server.close()


@pytest.mark.parametrize("safe_mode_s", [0, 5])
def test_an_independent_client_reads_and_commands_the_simulated_pump(safe_mode_s: int) -> None:
    with served(running=True, rate_ml_h=60.0, vtbi_ml=50.0, infused_ml=1.0) as port:
        seen = run(CLIENT, port, str(safe_mode_s))
    infused = seen.pop("infused_ml")
    assert 1.0 <= infused < 1.5
    assert seen == {
        "model": 1000,
        "firmware": [3, 923],
        "status": "INFUSING",
        "rate_ml_min": 1.0,
        "withdrawn_ml": 0.0,
        "target_ml": 50.0,
        "diameter_mm": 26.72,
        "direction": "INFUSE",
        "safe_s": safe_mode_s,
        "set_rate_ml_min": 0.5,
        "set_target_ml": 20.0,
        "running": "INFUSING",
        "stopped": "PAUSED",
        "cleared_ml": 0.0,
    }


def test_a_stall_reaches_the_independent_client_as_what_it_is() -> None:
    with served(speed=10.0, running=True, rate_ml_h=600.0, occluded=True) as port:
        assert run(STALL_CLIENT, port) == ["STALLED", "STOPPED"]
