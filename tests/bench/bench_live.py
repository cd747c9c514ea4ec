"""What window and recorder of a live bedside cost (no engine, no link, no parser), against the same window with plain
pyqtgraph curves for its waves.

Both have the same engine's pictures (5 a second), the same eight waves at 500 Hz, 30 frames a second and ten commits a
second, each durable before the next: a second's readings one by one, its waves as they would be staged, every tenth an
alarm. What SQLite needs on its own thread counts, for both.
"""

from __future__ import annotations

import os
import resource
import statistics
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication, QVBoxLayout

from exomonitor.clock import Instant, ManualClock
from exomonitor.engine.ports import Draft, ReadingRow, WaveSecond
from exomonitor.records.database import open_database
from exomonitor.records.writer import RecorderThread
from exomonitor.session.machine_events import AlarmChanged
from exomonitor.signals.waves import WaveChunk, WaveName
from tests.ui import scenes
from tests.ui.live_waves import show_past
from tests.ui.reference_images import window_of
from ui.main_window import MainWindow
from ui.plots.sweep import WaveShown

RATE_HZ, SECONDS, FRAMES_S, PICTURES_S, COMMITS_S = 500.0, 10.0, 30, 5, 10
ROUNDS, RUN_S = 5, 4
CORE_LIMIT, PEER_LIMIT = 0.15, 0.25
SECONDS_KEPT = 37
"""So many different seconds of a wave are made before anything is measured: making them is no part of a bedside."""
LANES = tuple(WaveName)[:8]


class Record:
    """The bedside's record, on a disk."""

    def __init__(self, path: Path) -> None:
        self._recorder = RecorderThread(open_database(path, "bench", True, ManualClock()))
        self.close = self._recorder.close
        noise, wave = np.random.default_rng(8), 500 * np.sin(8 * np.pi * np.arange(RATE_HZ) / RATE_HZ)
        made = (wave + noise.normal(0, 2, wave.size) for _ in range(SECONDS_KEPT))
        self._seconds = cycle([one.astype(np.int16) for one in made])

    def commit(self, number: int, now: Instant) -> None:
        """One of the ten of a second: a reading each, one of them with the second's waves, one with an alarm."""
        row = ReadingRow("bench", now, "monitor", "", "hr", 72.0, "/min", "valid", "device", None)
        drafts = [Draft("bench", now, "station", AlarmChanged("x", "made up", "low", "normal", "active", now))]
        waves = [
            WaveSecond("bench", "monitor", str(lane), now, RATE_HZ, 0.001, "mV", "device", next(self._seconds))
            for lane in LANES
        ]
        place = number % COMMITS_S
        self._recorder.submit(drafts if place == 0 else [], [row], waves if place == 1 else []).result(10)


class Bedside:
    """A window that lives: waves and pictures come, everything is painted, everything is recorded."""

    def __init__(self, window: MainWindow, record: Record) -> None:
        self.window = window
        self._record = record
        self._clock, self._frame = ManualClock(), 0
        seconds = np.arange(round(RATE_HZ / FRAMES_S)) / RATE_HZ
        self._samples = (500 * np.sin(2 * np.pi * 4 * seconds)).astype(np.int16)
        self._base = scenes.normal()
        show_past(window.session_page)

    def second(self) -> None:
        """One second of the bedside's life."""
        for _ in range(FRAMES_S):
            now = self._clock.advance(1 / FRAMES_S)
            self.take([WaveChunk("m", lane, RATE_HZ, self._samples, 0.001, "mV", now) for lane in LANES])
            if self._frame % (FRAMES_S // PICTURES_S) == 0:
                self.window.show_snapshot(replace(self._base, now=scenes.NOW.plus(self._frame / FRAMES_S)))
            if self._frame % (FRAMES_S // COMMITS_S) == 0:
                self._record.commit(self._frame * COMMITS_S // FRAMES_S, now)
            self._frame += 1
            self.draw()
            QApplication.processEvents()

    def take(self, chunks: list[WaveChunk]) -> None:
        """New samples of every wave."""
        raise AssertionError("one of the two")

    def draw(self) -> None:
        """One frame of the waves."""


class Ours(Bedside):
    """As the program does it."""

    def __init__(self, window: MainWindow, record: Record) -> None:
        super().__init__(window, record)
        sweep = self._sweep = window.session_page._live._sweep
        sweep._timer.stop()
        sweep._seconds = lambda: self._frame / FRAMES_S
        sweep._last_frame_s = 0.0
        sweep.set_waves([WaveShown(lane, lane, "#4ade80") for lane in LANES])

    def take(self, chunks: list[WaveChunk]) -> None:
        self.window.session_page._live.add_waves(chunks)

    def draw(self) -> None:
        self._sweep.draw_frame()


class Plotting(Bedside):
    """The same window with pyqtgraph in the place of the waves: all ten seconds of every curve, every frame."""

    def __init__(self, window: MainWindow, record: Record) -> None:
        import pyqtgraph as pg

        super().__init__(window, record)
        live = window.session_page._live
        live._sweep._timer.stop()
        live._sweep.hide()
        plots = pg.GraphicsLayoutWidget()
        body = live._waves.body
        assert isinstance(body, QVBoxLayout)
        body.addWidget(plots, 1)
        self._xs = np.linspace(0, SECONDS, round(RATE_HZ * SECONDS))
        self._kept = np.zeros((len(LANES), self._xs.size))
        self._curves = [plots.addPlot(row=row, col=0).plot(pen="g") for row in range(len(LANES))]

    def take(self, chunks: list[WaveChunk]) -> None:
        for row, chunk in zip(self._kept, chunks, strict=True):
            row[: -chunk.samples.size] = row[chunk.samples.size :]
            row[-chunk.samples.size :] = chunk.samples * chunk.gain

    def draw(self) -> None:
        for curve, row in zip(self._curves, self._kept, strict=True):
            curve.setData(self._xs, row)


def _share(second: Callable[[], None]) -> float:
    """Seconds of a processor a second of life, all threads together."""
    begun = _worked_s()
    for _ in range(RUN_S):
        second()
    return (_worked_s() - begun) / RUN_S


def _worked_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def run() -> list[dict[str, Any]]:
    """Measured in turns; the ratio of the medians counts."""
    with (
        window_of(scenes.normal(), "dark") as one,
        window_of(scenes.normal(), "dark") as other,
        tempfile.TemporaryDirectory() as folder,
        ExitStack() as ending,
    ):
        records = [Record(Path(folder) / f"{file}.sqlite3") for file in ("ours", "plotting")]
        for record in records:
            ending.callback(record.close)
        ours, plotting = Ours(one, records[0]), Plotting(other, records[1])
        costs: dict[str, list[float]] = {"ours": [], "plotting": []}
        for turn in range(ROUNDS + 1):
            for name, bedside in (("ours", ours), ("plotting", plotting)):
                cost = _share(bedside.second)
                if turn:  # the first round warms up
                    costs[name].append(cost)
        sweep = one.session_page._live._sweep
        assert not sweep.notice()
        assert not any(lane.problem() for lane in sweep._lanes.values()), "a wave was not drawn"
    cost, peer = (statistics.median(costs[name]) for name in ("ours", "plotting"))
    row = {"name": "window and recorder, 8 x 500 Hz, 30 frames/s, 10 commits/s", "value": cost, "unit": "core"}
    return [
        {**row, "target": f"<= {CORE_LIMIT:.2f}", "ok": cost <= CORE_LIMIT},
        {
            **row,
            "against": f"the same window with pyqtgraph curves {peer:.3g} core",
            "ratio": cost / peer,
            "target": f"<= {PEER_LIMIT:.2f}",
            "ok": cost / peer <= PEER_LIMIT,
        },
    ]
