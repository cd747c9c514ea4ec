"""A device with several formats: one name says device and format, in commands, scenes, bindings and captures."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from pathlib import Path

import pytest

from devices.catalogue import spec_of
from devices.commands import run_decode
from devices.link import Link
from devices.remembered import RememberedDevices
from devices.scenes import Scene
from devices.service import LiveDevices
from devices.simulation.scenarios import load_scenario
from devices.spec import Role
from devices.telling import choices
from devices.transport.memory import pair
from exomonitor.clock import ManualClock, SystemClock
from exomonitor.command_line import build_parser
from exomonitor.engine.ports import Binding
from exomonitor.errors import CommandRefused
from exomonitor.settings import Settings, load_settings


def captured(folder: Path, choice: str, seconds: float = 8.0) -> Path:
    scene, clock = Scene(load_scenario("short"), keys={Role.MONITOR: choice}), ManualClock()
    path = folder / "capture"
    link = Link(scene.specs[Role.MONITOR], scene.transports[Role.MONITOR], "monitor", clock, lambda fact: None)
    link.start_capture(path)
    t = 0.0
    while t < seconds:
        link.step()
        scene.step(t)
        link.step()
        clock.advance(0.05)
        t += 0.05
    link.close()
    scene.close()
    return path


def decoded(device: str, path: Path, data_format: str = "") -> list[dict[str, object]]:
    out = io.StringIO()
    assert run_decode(device, str(path), out, data_format=data_format) == 0
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_device_and_format_are_one_name():
    assert spec_of("nonin").data_format == "df2"
    assert [spec.choice for spec in spec_of("nonin").formats.values()] == [
        "nonin/df2", "nonin/df7", "nonin/df8", "nonin/df13", "nonin/ascii",
    ]  # fmt: skip
    assert spec_of("nonin/df7") is spec_of("nonin", "df7") is spec_of("nonin/df7", "df7")
    assert spec_of("ge-dri").choice == "ge-dri"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nonin", "df9"), "there are: df2, df7, df8, df13, ascii"),
        (("nonin/df9",), "no format 'df9'"),
        (("ge-dri", "df2"), "it has only one"),
        (("nonin/df2", "df7"), "is not the format df7"),
        (("nonni/df2",), "no device 'nonni/df2'"),
    ],
)
def test_a_format_that_there_is_not_is_refused_in_one_sentence(words, told):
    with pytest.raises(CommandRefused, match=told):
        spec_of(*words)


@pytest.mark.parametrize("word", ["simulate nonin", "watch nonin PORT", "decode nonin FILE"])
def test_the_command_line_takes_the_format(word):
    parser = build_parser(defaultdict(lambda: lambda arguments: 0))
    assert parser.parse_args([*word.split(), "--format", "df8"]).format == "df8"
    assert parser.parse_args(word.split()).format is None


def test_every_format_can_be_chosen_on_the_devices_page_with_its_own_words():
    told = {choice.key: choice for choice in choices()}
    assert {"nonin/df2", "nonin/df13", "nonin/ascii", "masimo", "ge-dri"} <= set(told)
    assert "nonin" not in told
    assert told["nonin/df13"].stale_s > told["nonin/df2"].stale_s
    assert any("no checksum" in effect for effect in told["nonin/df8"].side_effects)
    assert not any("no checksum" in effect for effect in told["nonin/df2"].side_effects)


@pytest.mark.parametrize("name", ["df2", "df8", "ascii"])
def test_a_capture_is_decoded_in_the_format_it_was_recorded_in(tmp_path, name):
    path = captured(tmp_path, f"nonin/{name}")
    lines = decoded("nonin", path)
    assert [line for line in lines if line.get("name") == "spo2"]
    assert {line["device"] for line in lines if "device" in line} == {"nonin"}
    assert lines == decoded("nonin", path, name)
    assert lines[-1]["frames_bad"] == {}
    with pytest.raises(CommandRefused, match=f"recorded from nonin/{name}, not from nonin/df7"):
        decoded("nonin", path, "df7")
    with pytest.raises(CommandRefused, match=f"recorded from nonin/{name}, not from masimo"):
        decoded("masimo", path)


def test_a_binding_remembers_the_format(tmp_path):
    devices = LiveDevices(
        SystemClock(), lambda chair, *facts: None, lambda chair, info: None, lambda chair, source: None,
        find=tuple, transport=lambda port, settings: pair(port)[0],
    )  # fmt: skip
    remembered = RememberedDevices(devices, tmp_path, Settings())
    try:
        remembered.bind(Binding("1", "monitor", "nonin/df7", "memory"))
        assert load_settings(tmp_path).device[0].key == "nonin/df7"
        remembered.bind(Binding("1", "monitor", "nonin", "memory"))
        assert load_settings(tmp_path).device[0].key == "nonin/df2"
    finally:
        devices.close()
