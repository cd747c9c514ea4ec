"""simulate, watch and decode as other programs use them: real processes, pseudo-terminals, TCP, files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.program import first_line, of, run, running
from tests.scenario.played import Played

DEVICES = Path(__file__).resolve().parents[1] / "devices"
NO_SENSOR = DEVICES / "monitors" / "ge_dri" / "b650_level11_nosensor.bin"
KEYS = ["kind", "t", "device", "channel", "name", "value", "unit", "validity"]
KINDS = {"vital", "pump", "wave", "alarm", "link"}
COUNTERS = ["kind", "frames_ok", "frames_bad", "bytes_skipped"]
STRANGER = """
import json, sys
from nesp_lib import Port, Pump

with Port(sys.argv[1], 19200) as port:
    pump = Pump(port)
    print(json.dumps([pump.model_number, pump.status.name, pump.pumping_rate_ml_per_min, pump.volume_infused_ml]))
"""

needs_pty = pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no pseudo-terminals")


@pytest.fixture(scope="module")
def short(short_copy) -> Played:
    played: Played = short_copy("short")
    return played


@needs_pty
def test_an_independent_client_reads_the_simulated_new_era_pump():
    with running("simulate", "new-era", "--pty") as simulator:
        port = first_line(simulator)
        client = subprocess.run(
            [sys.executable, "-c", STRANGER, port], capture_output=True, text=True, timeout=30, check=False
        )
        assert client.returncode == 0, client.stderr
        simulator.terminate()
        assert (simulator.wait(10), of(simulator.stderr).read()) == (0, "")
    model, status, rate_ml_min, infused_ml = json.loads(client.stdout)
    assert (model, status) == (1000, "INFUSING")
    assert rate_ml_min == pytest.approx(41.4 / 60, abs=0.001)
    assert 0.0 <= infused_ml < 1.0
    assert not Path(port).exists()


@needs_pty
@pytest.mark.parametrize(
    ("device", "count", "kind", "names"),
    [
        ("bbraun-space", 40, "pump", {"status", "rate", "volume_infused", "vtbi"}),
        ("ge-dri", 60, "vital", {"hr", "pulse", "spo2", "rr", "temp", "nibp_sys", "nibp_dia", "nibp_map"}),
        ("new-era", 20, "pump", {"status", "rate", "volume_infused"}),
    ],
)
def test_watch_reads_a_simulator_of_another_process(device, count, kind, names):
    with running("simulate", device, "--pty") as simulator:
        said = run("watch", device, first_line(simulator), "--count", count, limit_s=40)
    assert (said.code, said.err) == (0, "")
    assert len(said.lines) == count
    for line in said.lines:
        assert list(line)[: len(KEYS)] == KEYS
        assert line["kind"] in KINDS
        assert line["device"] == device
        assert line["t"].endswith("Z")
        assert line["value"] is None or line["validity"] in {"valid", "early", "questionable"} or line["kind"] == "link"
    assert names <= {line["name"] for line in said.lines if line["kind"] == kind}
    assert said.lines[0]["kind"] == "link"


@needs_pty
def test_a_watched_wave_is_a_count_with_its_rate():
    with running("simulate", "ge-dri", "--pty") as simulator:
        said = run("watch", "ge-dri", first_line(simulator), "--seconds", 2, limit_s=40)
    waves = [line for line in said.lines if line["kind"] == "wave"]
    assert {(line["name"], line["rate_hz"], line["unit"]) for line in waves} >= {("ecg_ii", 300.0, "mV")}
    assert all(isinstance(line["value"], int) and line["value"] > 0 for line in waves)


def test_a_simulator_serves_tcp_and_says_where():
    with running("simulate", "bbraun-space", "--tcp", "127.0.0.1:0") as simulator:
        port = first_line(simulator)
        assert port.startswith("socket://127.0.0.1:")
        said = run("watch", "bbraun-space", port, "--count", 12, limit_s=40)
    assert (said.code, said.err) == (0, "")
    assert {"status", "rate"} <= {line["name"] for line in said.lines if line["kind"] == "pump"}


def captures(played: Played, source: str) -> Path:
    [path] = (played.out / "data" / "captures").glob(f"*-{source}.excap")
    return path


@pytest.mark.parametrize(("source", "device"), [("monitor", "ge-dri"), ("pump", "bbraun-space")])
def test_the_raw_recording_of_a_session_decodes_to_the_readings_in_its_record(short, source, device):
    said = run("decode", device, captures(short, source))
    assert (said.code, said.err) == (0, "")
    *lines, counters = said.lines
    assert list(counters) == COUNTERS
    assert counters["frames_bad"] == {}
    assert counters["bytes_skipped"] == 0
    decoded = {(line["t"], line["name"], line["value"]) for line in lines if line["kind"] in {"vital", "pump"}}
    kept = [row for row in short.readings if row["source"] == source and row["value"]]
    assert kept
    assert [row for row in kept if (row["utc"], row["name"], float(row["value"])) not in decoded] == []


def test_a_recording_replays_as_if_the_device_were_there(short):
    said = run("watch", "ge-dri", f"replay://{captures(short, 'monitor')}", "--count", 30)
    assert (said.code, said.err) == (0, "")
    assert {"vital", "wave"} <= {line["kind"] for line in said.lines}


def test_a_recording_of_another_device_is_refused(short):
    said = run("decode", "new-era", captures(short, "monitor"))
    assert "was recorded from ge-dri, not from new-era" in said.sentence


def test_plain_bytes_of_a_real_monitor_without_sensors_give_a_valid_frame_and_no_value():
    said = run("decode", "ge-dri", NO_SENSOR)
    *lines, counters = said.lines
    assert counters == {"kind": "counters", "frames_ok": 1, "frames_bad": {}, "bytes_skipped": 0}
    assert lines
    assert all(line["value"] is None and line["t"] is None for line in lines if line["kind"] == "vital")


def test_garbage_is_counted_and_gives_no_value(tmp_path):
    noise = b"\x7eno frame\x7e" + bytes(range(256)) * 40
    (tmp_path / "noise").write_bytes(noise)
    for device in ("ge-dri", "bbraun-space", "new-era"):
        said = run("decode", device, tmp_path / "noise")
        assert (said.code, said.err) == (0, ""), device
        *lines, counters = said.lines
        assert {line["kind"] for line in lines} <= {"link"}, device
        assert counters["frames_ok"] == 0, device
        assert counters["frames_bad"] or counters["bytes_skipped"], device


def test_a_damaged_recording_is_read_as_far_as_it_goes_and_then_said_to_be_damaged(short, tmp_path):
    whole = captures(short, "monitor").read_bytes()
    (tmp_path / "cut.excap").write_bytes(whole[: len(whole) // 2])
    said = run("decode", "ge-dri", tmp_path / "cut.excap")
    assert said.lines[-1]["kind"] == "counters"
    assert said.lines[-1]["frames_ok"] > 50
    assert "Traceback" not in said.err
    assert len(said.err.splitlines()) <= 1
