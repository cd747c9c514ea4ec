"""Files from elsewhere that are too large or nested without end are refused in a sentence."""

from __future__ import annotations

import tomllib

import pytest

from exomonitor import bounded
from exomonitor.bounded import TABLE_BYTES, read_bounded, read_toml
from exomonitor.clinical.protocol import load_protocol
from exomonitor.errors import EnvironmentFault
from exomonitor.exports import verify
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
