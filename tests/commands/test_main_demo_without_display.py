"""`demo` on a machine without a screen: it says so in one sentence and plays the session all the same."""

from __future__ import annotations

import json
import sys

import pytest

from tests.commands.program import run, surroundings

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
NO_DISPLAY = surroundings(DISPLAY=None, WAYLAND_DISPLAY=None, QT_QPA_PLATFORM=None)
DEAD_DISPLAY = surroundings(DISPLAY=":199", WAYLAND_DISPLAY=None, QT_QPA_PLATFORM=None)
NO_SUCH_PLATFORM = surroundings(QT_QPA_PLATFORM="bogus")


@pytest.mark.parametrize("env", [NO_DISPLAY, DEAD_DISPLAY], ids=["none", "dead"])
def test_the_demo_runs_headless_where_there_is_no_display(tmp_path, env):
    said = run("demo", "--scenario", "short", "--data", tmp_path, env=env)
    assert said.code == 0, said.err
    assert said.err == "exomonitor: There is no display here, so the demo runs without a window.\n"
    line = json.loads(said.out)
    assert line["phase"] == "signed"
    assert line["export"].startswith(str(tmp_path / "demo-exports"))


@pytest.mark.parametrize("env", [NO_DISPLAY, DEAD_DISPLAY, NO_SUCH_PLATFORM], ids=["none", "dead", "bogus"])
def test_the_window_itself_is_refused_in_one_sentence(tmp_path, env):
    said = run("--data", tmp_path, env=env)
    assert said.sentence.startswith("There is no display here: the bedside window needs one.")
    assert list(tmp_path.iterdir()) == []


def test_a_headless_demo_needs_no_qt(tmp_path):
    """Proved by an import of PySide6 that fails."""
    (tmp_path / "PySide6.py").write_text("raise ImportError('no Qt here')\n")
    said = run(
        "demo", "--headless", "--scenario", "short", "--out", tmp_path / "out",
        env=surroundings(PYTHONPATH=str(tmp_path)),
    )  # fmt: skip
    assert (said.code, said.err) == (0, "")
    assert json.loads(said.out)["phase"] == "signed"
