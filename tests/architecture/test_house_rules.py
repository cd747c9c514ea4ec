"""The guards of tests/conftest.py bite: each rule is broken once in a test session of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

OFFENDERS = '''"""Tests that each break one house rule, and some that keep them."""

import logging
import subprocess
import sys
import threading

import pytest
from PySide6.QtCore import qWarning

log = logging.getLogger("exomonitor.sample")
for_ever = threading.Event()


def test_breaks_by_an_error_in_the_log():
    log.error("disk on fire")


def test_breaks_by_a_warning_in_the_log():
    log.warning("disk is warm")


def test_breaks_by_an_error_although_it_looks_at_the_log(caplog):
    log.error("disk on fire")


@pytest.mark.expects_log("never said")
def test_breaks_by_an_announcement_that_nothing_came_of():
    pass


def test_breaks_by_a_daemon_thread():
    threading.Thread(target=for_ever.wait, name="forgotten", daemon=True).start()


def test_breaks_by_a_child_process():
    global child
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)


def test_breaks_by_a_message_of_qt(qapp):
    qWarning("a widget is unhappy")


def test_breaks_by_a_python_warning():
    import warnings

    warnings.warn("old", DeprecationWarning)


def test_breaks_by_a_thread_that_dies():
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()


@pytest.mark.expects_log("disk on .ire")
def test_keeps_by_announcing_the_error():
    log.error("disk on fire")


def test_keeps_by_looking_at_the_warning(caplog):
    log.warning("disk is warm")
    assert "disk is warm" in caplog.text


def test_keeps_by_ending_its_thread():
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()


def test_keeps_time_still(clock):
    before = clock.now()
    clock.advance(5)
    assert clock.now().since(before) == 5
'''


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Outcome by test name of the offenders, run in a copy of this test tree's configuration."""
    tree = tmp_path_factory.mktemp("tree")
    (tree / "tests").mkdir()
    (tree / "exomonitor").symlink_to(ROOT / "exomonitor")
    (tree / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8")
    (tree / "tests" / "conftest.py").write_text(
        (ROOT / "tests/conftest.py").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (tree / "tests" / "test_offenders.py").write_text(OFFENDERS, encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "COV_"))}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=no", "--no-header"],
        cwd=tree, env=environment, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    found: dict[str, str] = {}
    for line in ran.stdout.splitlines():
        place, _, outcome = line.partition(" ")
        if place.startswith("tests/test_offenders.py::"):
            name = place.rpartition("::")[2]
            found[name] = "bad" if {found.get(name), outcome.split()[0]} & {"bad", "FAILED", "ERROR"} else "good"
    assert found, ran.stdout + ran.stderr
    return found


def test_every_broken_rule_fails_its_test(verdicts):
    offenders = {name: verdict for name, verdict in verdicts.items() if name.startswith("test_breaks")}
    assert len(offenders) == OFFENDERS.count("def test_breaks")
    assert set(offenders.values()) == {"bad"}, offenders


def test_a_test_that_keeps_the_rules_passes(verdicts):
    keepers = {name: verdict for name, verdict in verdicts.items() if name.startswith("test_keeps")}
    assert len(keepers) == OFFENDERS.count("def test_keeps")
    assert set(keepers.values()) == {"good"}, keepers
