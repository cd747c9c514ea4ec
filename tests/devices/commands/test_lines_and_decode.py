"""JSON lines, decoding of plain bytes and of captures, and what decode refuses."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from devices.commands import run_decode
from devices.commands.lines import lines_of
from devices.link import Link
from devices.scenes import Scene
from devices.simulation.scenarios import load_scenario
from devices.spec import Role
from exomonitor.clock import ManualClock
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange, LinkFault, LinkState
from exomonitor.signals.pump import AlarmKind, PumpReading, PumpStatus
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign, VitalReading
from exomonitor.signals.waves import WaveChunk, WaveName

AT = ManualClock().now()
KEYS = ["kind", "t", "device", "channel", "name", "value", "unit", "validity"]


def decoded(device: str, path: Path) -> list[dict[str, Any]]:
    out = io.StringIO()
    assert run_decode(device, str(path), out) == 0
    return [json.loads(line) for line in out.getvalue().splitlines()]


def captured(folder: Path, role: Role, seconds: float = 20.0) -> Path:
    """A capture of the short scenario's device."""
    scene, clock = Scene(load_scenario("short")), ManualClock()
    path = folder / f"{role}.capture"
    link = Link(scene.specs[role], scene.transports[role], role.value, clock, lambda fact: None)
    link.start_capture(path)
    t = 0.0
    while t < seconds:
        link.step()
        scene.step(t)
        link.step()
        clock.advance(0.1)
        t += 0.1
    link.close()
    scene.close()
    return path


def test_every_line_has_the_same_eight_keys_in_front() -> None:
    facts: list[DeviceFact] = [
        VitalReading("m", Sign.SPO2, None, Validity.SENSOR_OFF, AT),
        PumpReading("p", "50113", PumpStatus.INFUSING, "", AT, rate_ml_h=5.0),
        WaveChunk("m", WaveName.PLETH, 100.0, np.zeros(25, np.int16), 0.1, "%", AT),
        RelayedAlarm("p", "50113", "INA3", AlarmKind.OCCLUSION_DOWNSTREAM, "Pressure", "high", True, AT),
        LinkChange("p", LinkState.LOST, "gone", AT),
        LinkFault("p", "checksum", b"x", AT),
    ]
    lines = [line for fact in facts for line in lines_of(fact, "toy")]
    assert all(list(line)[:8] == KEYS for line in lines)
    assert [line["kind"] for line in lines] == ["vital", "pump", "pump", "wave", "alarm", "link", "link"]
    assert lines[0] == dict(zip(KEYS, ["vital", AT.iso(), "toy", "", "spo2", None, "%", "sensor_off"], strict=True))
    assert (lines[2]["name"], lines[2]["value"], lines[2]["unit"]) == ("rate", 5.0, "mL/h")
    assert (lines[3]["value"], lines[3]["rate_hz"], lines[3]["unit"]) == (25, 100.0, "%")
    assert (lines[4]["value"], lines[4]["text"]) == (True, "Pressure")


def test_a_number_that_the_pump_does_not_report_has_no_line() -> None:
    lines = lines_of(PumpReading("p", "1", PumpStatus.UNKNOWN, "", AT), "toy")
    assert [line["name"] for line in lines] == ["status"]


@pytest.mark.parametrize(("role", "device"), [(Role.PUMP, "bbraun-space"), (Role.MONITOR, "ge-dri")])
def test_a_capture_decodes_with_its_own_times(tmp_path: Path, role: Role, device: str) -> None:
    lines = decoded(device, captured(tmp_path, role))
    assert lines[-1]["kind"] == "counters"
    assert lines[-1]["frames_ok"] > 5
    assert lines[-1]["frames_bad"] == {}
    assert lines[-1]["bytes_skipped"] == 0
    times = [line["t"] for line in lines[:-1]]
    assert times == sorted(times)
    assert times[0].startswith("2026-03-02T09:00:0")
    assert {"pump", "vital"} & {line["kind"] for line in lines}


def test_plain_bytes_have_no_times(tmp_path: Path) -> None:
    from devices.transport.capture import Kind, read_capture

    capture = captured(tmp_path, Role.MONITOR)
    plain = tmp_path / "plain.bin"
    plain.write_bytes(b"".join(record.data for record in read_capture(capture) if record.kind is Kind.RX))
    lines = decoded("ge-dri", plain)
    assert {line["t"] for line in lines[:-1]} == {None}
    assert len(lines) == len(decoded("ge-dri", capture))


def test_a_new_era_capture_needs_the_questions_and_has_them(tmp_path: Path) -> None:
    scene, clock = Scene(load_scenario("short"), keys={Role.PUMP: "new-era"}), ManualClock()
    path = tmp_path / "c"
    link = Link(scene.specs[Role.PUMP], scene.transports[Role.PUMP], "pump", clock, lambda fact: None)
    link.start_capture(path)
    for i in range(200):
        scene.step(i * 0.05)
        link.step()
        clock.advance(0.05)
    link.close()
    scene.close()
    assert any(line.get("name") == "volume_infused" for line in decoded("new-era", path))


def test_noise_is_counted_and_said(tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(b"nothing of the kind" * 20)
    lines = decoded("ge-dri", tmp_path / "noise")
    assert lines[-1]["bytes_skipped"] == 380
    assert all(line["kind"] == "link" and line["name"] == "fault" for line in lines[:-1])


def test_decode_refuses_what_it_cannot_use(tmp_path: Path) -> None:
    capture = captured(tmp_path, Role.PUMP, 2.0)
    for device, file, complaint in [
        ("new-era", str(capture), "was recorded from bbraun-space, not from new-era"),
        ("new-era", str(tmp_path / "none"), "does not exist"),
        ("no-such", str(capture), "no device 'no-such'"),
    ]:
        with pytest.raises(CommandRefused, match=complaint):
            run_decode(device, file, io.StringIO())
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        run_decode("new-era", str(tmp_path), io.StringIO())


def test_a_damaged_capture_gives_what_is_good_then_its_counters_then_the_complaint(tmp_path: Path) -> None:
    capture = captured(tmp_path, Role.PUMP)
    content = bytearray(capture.read_bytes())
    content[len(content) // 2] ^= 0xFF
    capture.write_bytes(content)
    out = io.StringIO()
    with pytest.raises(EnvironmentFault, match="is damaged at record"):
        run_decode("bbraun-space", str(capture), out)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert lines[-1]["kind"] == "counters"
    assert any(line["kind"] == "pump" for line in lines)
