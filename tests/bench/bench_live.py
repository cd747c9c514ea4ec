"""What a whole live bedside costs: the program's window against the same with plain pyqtgraph curves for its waves.

Both have the same engine's pictures (5 a second), the same eight waves at 500 Hz and 30 frames a second; the commits
run in the engine and cost both the same, so they are left out here.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication, QVBoxLayout

from exomonitor.clock import ManualClock, cpu_stopwatch
from exomonitor.signals.waves import WaveChunk, WaveName
from tests.ui import scenes
from tests.ui.live_waves import show_past
from tests.ui.reference_images import window_of
from ui.main_window import MainWindow
from ui.plots.sweep import WaveShown

RATE_HZ, SECONDS, FRAMES_S, PICTURES_S = 500.0, 10.0, 30, 5
ROUNDS, RUN_S = 5, 4
CORE_LIMIT, PEER_LIMIT = 0.15, 0.25
LANES = (*WaveName, cast("WaveName", "lane 7"), cast("WaveName", "lane 8"))


class Bedside:
    """A window that lives: waves and pictures come, everything is painted."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
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

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
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

    def __init__(self, window: MainWindow) -> None:
        import pyqtgraph as pg

        super().__init__(window)
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
    """Seconds of a processor a second of life."""
    begun = cpu_stopwatch()
    for _ in range(RUN_S):
        second()
    return (cpu_stopwatch() - begun) / RUN_S


def run() -> list[dict[str, Any]]:
    """Measured in turns; the ratio of the medians counts."""
    with window_of(scenes.normal(), "dark") as one, window_of(scenes.normal(), "dark") as other:
        ours, plotting = Ours(one), Plotting(other)
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
    row = {"name": "live bedside, 8 x 500 Hz, 30 frames/s", "value": cost, "unit": "core"}
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
