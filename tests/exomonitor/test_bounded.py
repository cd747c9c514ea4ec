"""Files from elsewhere that are too large or nested without end are refused in a sentence."""

from __future__ import annotations

import tomllib
import zlib

import pytest

from devices.simulation.scenarios import load_scenario, scenario_text
from exomonitor import bounded
from exomonitor.bounded import TABLE_BYTES, inflate, read_bounded, read_toml
from exomonitor.clinical.protocol import load_protocol
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.exports import verify
from exomonitor.headless import read_script
from exomonitor.settings import FILE, load_settings

DEEP = "a = " + "[" * 100_000 + "]" * 100_000


def test_a_file_of_just_the_size_is_read_and_a_larger_one_is_not(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"x" * 10)
    assert read_bounded(path, 10) == b"x" * 10
    with pytest.raises(OSError, match="larger than 9 bytes"):
        read_bounded(path, 9)


def test_what_is_nested_without_end_is_no_table():
    assert read_toml("a = [[1]]") == {"a": [[1]]}
    with pytest.raises(tomllib.TOMLDecodeError, match="Nested too deeply"):
        read_toml(DEEP)


@pytest.mark.parametrize(("content", "told"), [("#" * (TABLE_BYTES + 1), "larger than"), (DEEP, "Nested too deeply")])
def test_protocols_and_settings_of_that_kind_are_refused_in_a_sentence(tmp_path, content, told):
    for name, read in (("own.toml", load_protocol), (FILE, lambda path: load_settings(path.parent))):
        (tmp_path / name).write_text(content)
        with pytest.raises(EnvironmentFault, match=told):
            read(tmp_path / name)


def test_a_folder_that_is_larger_than_any_export_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(verify, "EXPORT_BYTES", bounded.TABLE_BYTES)
    (tmp_path / "manifest.json").write_bytes(b" " * (TABLE_BYTES + 1))
    with pytest.raises(EnvironmentFault, match="larger than"):
        verify.verify_export(tmp_path)


def test_a_number_without_end_is_no_number():
    with pytest.raises(tomllib.TOMLDecodeError, match="A number cannot be read"):
        read_toml("a = " + "9" * 5000)


def test_a_few_bytes_that_would_fill_the_memory_are_not_unpacked():
    bomb = zlib.compress(bytes(50_000_000))
    assert len(bomb) < 60_000
    with pytest.raises(zlib.error, match="larger than 1,000 bytes"):
        inflate(bomb, 1_000)
    assert inflate(zlib.compress(b"x" * 1_000), 1_000) == b"x" * 1_000
    with pytest.raises(zlib.error, match="cut off"):
        inflate(bomb[:-8], 60_000_000)
    with pytest.raises(zlib.error, match="larger than"):
        inflate(bomb, -5)


@pytest.mark.parametrize("content", [DEEP, "a = " + "9" * 5000, "#" * (TABLE_BYTES + 1)])
def test_a_scenario_of_that_kind_is_refused_in_a_sentence(tmp_path, content):
    path = tmp_path / "own.toml"
    path.write_text(content)
    with pytest.raises((CommandRefused, EnvironmentFault)):
        load_scenario(str(path))
    with pytest.raises((CommandRefused, EnvironmentFault)):
        read_script(scenario_text(str(path)) if len(content) < TABLE_BYTES else DEEP)
