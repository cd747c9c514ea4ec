"""A running session is killed with SIGKILL, and the program started again: when are its vital signs on the screen?"""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devices.commands import run_simulate
from exomonitor.assembly import assemble
from exomonitor.clock import SystemClock, stopwatch
from exomonitor.engine.ports import Draft
from exomonitor.folders import DATABASE
from exomonitor.session.events import DeliveryChanged
from exomonitor.settings import PortSetting, change_settings

ROOT = Path(__file__).resolve().parents[2]
MONITOR, CHAIR = "nonin", "1"
PATIENCE_S = 300.0


def killed_and_started_again(folder: Path, visit: list[Draft]) -> dict[str, float]:
    """Seconds from the launch after the kill to what was told for the first time: see started.running."""
    _begin(folder, visit)
    with _monitor() as port:
        change_settings(folder, device=(PortSetting(chair=CHAIR, role="monitor", key=MONITOR, port=port),))
        for _ in range(2):
            told = _until_it_watches(folder)
        return told


def _begin(folder: Path, visit: list[Draft]) -> None:
    """The record of a session that infuses since a moment ago."""
    folder.mkdir()
    clock = SystemClock()
    runs = next(at for at, one in enumerate(visit) if isinstance(one.event, DeliveryChanged)) + 1
    behind_s = visit[runs - 1].at.since(visit[0].at)
    program = "ExoMonitor (bench)"
    station = assemble(clock, folder / DATABASE, program, simulated=False, chair=CHAIR, watched=False)
    try:
        now = clock.now()
        drafts = [
            Draft("", now, one.actor, one.event) if not one.session else
            Draft(one.session, now.plus(one.at.since(visit[0].at) - behind_s), one.actor, one.event)
            for one in visit[:runs]
        ]  # fmt: skip
        station._recorder.submit(drafts).result(PATIENCE_S)
    finally:
        station.close()


def _until_it_watches(folder: Path) -> dict[str, float]:
    """Start it, wait until it shows vital signs, alarms and the timer, look on for a while, and kill it."""
    told: dict[str, float] = {}
    begun = stopwatch()
    words = [sys.executable, "-m", "tests.bench.started", "running", str(folder)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        late = threading.Timer(PATIENCE_S, process.kill)
        late.start()
        for line in process.stdout:
            told.setdefault(line.strip(), stopwatch() - begun)
            if line.strip() == "watched":
                break
        late.cancel()
        process.kill()
    assert "watched" in told, f"it never watched: {told}"
    return told


class _Told(io.StringIO):
    """Where a simulator prints its port."""

    def __init__(self) -> None:
        super().__init__()
        self.first = threading.Event()

    def flush(self) -> None:
        """Something stands there."""
        self.first.set()


@contextmanager
def _monitor() -> Iterator[str]:
    """The port of a monitor that speaks as long as the block."""
    out, ended = _Told(), threading.Event()
    thread = threading.Thread(target=run_simulate, args=(MONITOR, out), kwargs={"ended": ended.is_set})
    thread.start()
    try:
        assert out.first.wait(PATIENCE_S)
        yield out.getvalue().splitlines()[0]
    finally:
        ended.set()
        thread.join()
