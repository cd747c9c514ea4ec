"""The program's own log: a private file beside the database, and nothing on the terminal."""

from __future__ import annotations

import logging
import stat

import pytest

from exomonitor.logbook import FILE, hush, keep_log


@pytest.fixture(autouse=True)
def root_as_it_was():
    root = logging.getLogger()
    before, raising = list(root.handlers), logging.raiseExceptions
    yield
    for handler in [one for one in root.handlers if one not in before]:
        root.removeHandler(handler)
        handler.close()
    logging.raiseExceptions = raising


@pytest.mark.expects_log("the pump fell silent")
def test_a_warning_goes_into_a_file_that_only_the_user_can_read(tmp_path):
    keep_log(tmp_path)
    logging.getLogger("devices.link").warning("the pump fell silent")
    logging.getLogger("devices.link").info("nothing of note")
    kept = tmp_path / FILE
    assert "the pump fell silent" in kept.read_text(encoding="utf-8")
    assert "nothing of note" not in kept.read_text(encoding="utf-8")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.expects_log("once")
def test_asking_twice_for_the_same_folder_writes_each_line_once(tmp_path):
    keep_log(tmp_path)
    keep_log(tmp_path)
    logging.getLogger("exomonitor").warning("once")
    assert (tmp_path / FILE).read_text(encoding="utf-8").count("once") == 1


@pytest.mark.expects_log("unwritable")
def test_a_log_that_cannot_be_written_disturbs_nothing(tmp_path, capsys):
    hush()
    keep_log(tmp_path / "not" / "there")
    logging.getLogger("exomonitor").warning("unwritable")
    assert capsys.readouterr().err == ""
