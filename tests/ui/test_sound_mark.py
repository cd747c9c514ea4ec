"""The mark of the newest program: replaced by a newer one of the same chair, never by another chair or by nothing."""

from __future__ import annotations

import stat

import pytest

from ui.sound.mark import leave_mark, private_folder


def test_a_newer_program_of_the_same_chair_replaces_the_mark(tmp_path):
    old = leave_mark("4", simulated=False, folder=tmp_path)
    assert old is not None
    assert not old.replaced()
    new = leave_mark("4", simulated=False, folder=tmp_path)
    assert new is not None
    assert old.replaced()
    assert not new.replaced()
    assert [path.name for path in tmp_path.iterdir()] == [new.path.name]


def test_another_chair_or_a_demo_does_not(tmp_path):
    mark = leave_mark("4", simulated=False, folder=tmp_path)
    assert mark is not None
    leave_mark("5", simulated=False, folder=tmp_path)
    leave_mark("4", simulated=True, folder=tmp_path)
    assert not mark.replaced()


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
def test_a_file_that_says_nothing_replaces_nothing(tmp_path, content):
    mark = leave_mark("../odd chair", simulated=False, folder=tmp_path)
    assert mark is not None
    mark.path.unlink()
    if content is not None:
        mark.path.write_bytes(content)
    assert not mark.replaced()


def test_without_a_place_for_it_there_is_no_mark(tmp_path, caplog):
    assert leave_mark("4", simulated=False, folder=tmp_path / "missing") is None
    assert "no mark" in caplog.text


def test_the_folder_is_private_to_the_user(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = private_folder()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o777)
    with pytest.raises(PermissionError):
        private_folder()
