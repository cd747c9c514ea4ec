"""House rules for every test: no screen, no unannounced log line, nothing left running, time moved by hand."""

from __future__ import annotations

import gc
import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before any import of Qt: without a screen it would abort

import pytest
from hypothesis import HealthCheck, settings

from exomonitor.clock import ManualClock

GRACE_S = 2.0  # threads and processes that are on their way out may take this long
# Not ours: pytest-timeout's watchdog, and Qt's or C's own threads that called into Python once.
FOREIGN_THREADS = re.compile(r"pytest_timeout|Dummy-")

settings.register_profile(
    "house", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


def pytest_collection_finish() -> None:
    """What was imported and collected lives to the end and is looked through for garbage no more, and what the tests
    leave less often: a seventh of their time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still until the test advances it."""
    return ManualClock()


@pytest.fixture(autouse=True)
def house_rules(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test that logs a problem without announcing it, or leaves a thread or a process behind."""
    threads, children = set(threading.enumerate()), child_processes()
    listener = _Listener()
    logging.getLogger().addHandler(listener)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(listener)
    broken = [
        *unannounced(listener.records, _announcements(request.node), "caplog" in request.fixturenames),
        *_left_threads(threads),
        *_left_processes(children),
    ]
    if broken:
        pytest.fail("\n".join(broken), pytrace=False)


@pytest.fixture(autouse=True)
def windows_end_with_their_test() -> Iterator[None]:
    """pytest-qt asks Qt to delete a test's windows, but Qt does so only in an event loop that most tests never enter:
    the windows of all earlier tests would live on, be dressed anew by every later one, and fill the memory."""
    yield
    if "PySide6.QtWidgets" in sys.modules:
        from PySide6.QtCore import QCoreApplication, QEvent

        if QCoreApplication.instance() is not None:
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


class _Listener(logging.Handler):
    """Keeps every record from WARNING up."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def _announcements(node: pytest.Item) -> list[str]:
    return [pattern for marker in node.iter_markers("expects_log") for pattern in marker.args]


def unannounced(records: list[logging.LogRecord], patterns: list[str], has_caplog: bool) -> list[str]:
    """What is wrong with a test's log: problems nobody announced, announcements nothing came of.

    A test that takes `caplog` looks at warnings itself; an error needs its marker all the same.
    """
    messages = [(record, record.getMessage()) for record in records]
    wrong = [
        f"unannounced log {record.levelname} from {record.name}: {message}"
        for record, message in messages
        if not any(re.search(pattern, message) for pattern in patterns)
        and not (has_caplog and record.levelno < logging.ERROR)
    ]
    idle = [pattern for pattern in patterns if not any(re.search(pattern, message) for _, message in messages)]
    return wrong + [f"announced log never came: {pattern}" for pattern in idle]


def _gone_soon(left: Callable[[], set[int]]) -> set[int]:
    """What `left` still finds after the grace; asked again and again until it finds nothing."""
    pause = threading.Event()
    for _ in range(int(GRACE_S / 0.02)):
        if not left():
            return set()
        pause.wait(0.02)
    return left()


def _left_threads(before: set[threading.Thread]) -> list[str]:
    left = [t for t in threading.enumerate() if t not in before and not FOREIGN_THREADS.match(t.name)]
    for thread in left:
        thread.join(GRACE_S)
    return [f"thread left running: {thread.name}" for thread in left if thread.is_alive()]


def child_processes() -> set[int]:
    """Process ids of our living children; empty where the system cannot be asked."""
    if not hasattr(os, "waitid"):
        return set()
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:  # the quick answer, and nearly always the answer
        return set()
    running = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal())
    return {pid for pid in running if _is_living_child(pid)}


def _is_living_child(pid: int) -> bool:
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:  # it ended while we looked
        return False
    return int(parent) == os.getpid() and state != "Z"


def _left_processes(before: set[int]) -> list[str]:
    left = _gone_soon(lambda: child_processes() - before)
    wrong = []
    for pid in left:
        wrong.append(f"child process left running: {pid}")
        os.kill(pid, signal.SIGKILL)
    return wrong
