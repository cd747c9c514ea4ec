"""watch and simulate as a person uses them: on ptys, on TCP, in processes of their own, with a clean end."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from devices.commands import run_devices, run_simulate, run_watch
from devices.discovery import find_ports
from devices.spec import PortSettings
from devices.transport.pty import PtyServer
from devices.transport.serial_port import SerialPort
from exomonitor.errors import CommandRefused, EnvironmentFault

ROOT = Path(__file__).resolve().parents[3]
CALL = "import sys; from devices.commands import *; sys.exit({call})"


class Told(io.StringIO):
    """Output of a command that runs in a thread; lets the test wait for the first line."""

    def __init__(self) -> None:
        super().__init__()
        self.first = threading.Event()

    def flush(self) -> None:
        self.first.set()


@contextmanager
def simulated(device: str, **options: Any) -> Iterator[str]:
    """The port of a simulated device that runs as long as the block."""
    out, ended = Told(), threading.Event()
    thread = threading.Thread(target=run_simulate, args=(device, out), kwargs={"ended": ended.is_set, **options})
    thread.start()
    try:
        assert out.first.wait(5.0)
        yield out.getvalue().splitlines()[0]
    finally:
        ended.set()
        thread.join()


def watched(device: str, port: str, **limits: Any) -> list[dict[str, Any]]:
    out = io.StringIO()
    assert run_watch(device, port, out, **limits) == 0
    return [json.loads(line) for line in out.getvalue().splitlines()]


def process(call: str, **pipes: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CALL.format(call=call)], cwd=ROOT, stdout=subprocess.PIPE, text=True, **pipes
    )


@pytest.mark.parametrize("device", ["bbraun-space", "new-era"])
def test_the_usual_simulated_pump_is_already_infusing(device: str) -> None:
    with simulated(device) as port:
        lines = watched(device, port, count=12)
    values = {line["name"]: line["value"] for line in lines if line["kind"] == "pump"}
    assert values["status"] == "infusing"
    assert values["rate"] == pytest.approx(41.4)


def test_a_simulated_monitor_speaks_over_tcp() -> None:
    with simulated("ge-dri", tcp="127.0.0.1:0") as port:
        assert port.startswith("socket://127.0.0.1:")
        lines = watched("ge-dri", port, count=8)
    assert {"vital", "wave"} & {line["kind"] for line in lines}
    assert len(lines) == 8


def test_speed_scales_the_device() -> None:
    with simulated("bbraun-space", speed=600.0) as port:
        lines = watched("bbraun-space", port, seconds=1.5)
    infused = [line["value"] for line in lines if line["name"] == "volume_infused"]
    assert infused[-1] - infused[0] > 41.4 / 3600 * 100


def test_watch_refuses_a_port_that_is_missing_or_in_use() -> None:
    with pytest.raises(EnvironmentFault, match=r"^/dev/no-such-port does not exist$"):
        run_watch("ge-dri", "/dev/no-such-port", io.StringIO())
    server = PtyServer("taken")
    server.open()
    other = SerialPort(server.port, PortSettings(9600))
    other.open()
    with pytest.raises(EnvironmentFault, match=r"^Another program uses "):
        run_watch("ge-dri", server.port, io.StringIO())
    other.close()
    server.close()


def test_nonsense_is_refused() -> None:
    with pytest.raises(CommandRefused, match="no device"):
        run_watch("gedri", "/dev/x", io.StringIO())
    with pytest.raises(CommandRefused, match="is no port"):
        run_watch("ge-dri", "ftp://x", io.StringIO())
    with pytest.raises(CommandRefused, match="speed"):
        run_simulate("ge-dri", io.StringIO(), speed=0)
    with pytest.raises(CommandRefused, match="needs a host and a port"):
        run_simulate("ge-dri", io.StringIO(), tcp="here")
    with pytest.raises(CommandRefused, match="no scenario"):
        run_simulate("ge-dri", io.StringIO(), scenario="none")


def test_a_replay_ends_the_watch(tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(b"noise")
    lines = watched("ge-dri", f"replay://{tmp_path / 'raw'}")
    assert [line["name"] for line in lines] == ["opening", "silent", "fault", "lost"]
    assert lines[2]["value"] == "noise"  # told with the end at the latest
    with pytest.raises(EnvironmentFault, match="does not exist"):
        watched("ge-dri", f"replay://{tmp_path / 'none'}")


def test_watch_reads_a_simulator_of_another_process_and_both_end_cleanly() -> None:
    with process('run_simulate("new-era", sys.stdout)') as simulator:
        assert simulator.stdout is not None
        port = simulator.stdout.readline().strip()
        with process(f'run_watch("new-era", {port!r}, sys.stdout)', stderr=subprocess.PIPE) as watch:
            assert watch.stdout is not None
            while json.loads(watch.stdout.readline())["kind"] != "pump":
                pass
            watch.send_signal(signal.SIGINT)
            _, complaint = watch.communicate(timeout=10)
            assert (watch.returncode, complaint) == (0, "")
        simulator.send_signal(signal.SIGTERM)
        assert simulator.wait(10) == 0
    assert not Path(port).parent.exists()


def test_watch_ends_when_nobody_reads_it_any_more() -> None:
    with (
        simulated("bbraun-space") as port,
        process(f'run_watch("bbraun-space", {port!r}, sys.stdout)', stderr=subprocess.PIPE) as watch,
    ):
        assert watch.stdout is not None
        watch.stdout.readline()
        watch.stdout.close()
        assert watch.stderr is not None
        complaint = watch.stderr.read()
        assert (watch.wait(10), complaint) == (0, "")


def test_devices_is_a_table_of_families_and_ports() -> None:
    out = io.StringIO()
    assert run_devices(out) == 0
    text = out.getvalue()
    for word in ("DEVICE", "bbraun-space", "new-era", "ge-dri", "19200 8E1 RTS/CTS", "laboratory"):
        assert word in text
    assert ("No serial port was found" in text) == (not find_ports())
