"""What a frame of live waves costs: our sweep against naive full redraws, and against a repaint of empty columns."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QApplication, QWidget

from exomonitor.clock import ManualClock, cpu_stopwatch
from exomonitor.signals.waves import WaveChunk, WaveName
from ui.plots.sweep import SweepView, WaveShown

TRACES, RATE_HZ, SECONDS, SIZE = 8, 500.0, 10.0, QSize(1000, 600)
FRAMES, ROUNDS, TOGETHER = 320, 5, 16
"""TOGETHER: so many frames, half a second of data, are timed as one."""
HEAVY = dict.fromkeys(tuple(WaveName)[:TRACES], RATE_HZ)
"""Eight lanes are the most that a nurse can choose."""
LIVE = {WaveName.ECG_II: 300.0, WaveName.PLETH: 100.0, WaveName.RESP: 25.0}
"""What the session page shows, at the rates of the monitor that it reads."""


class Ours:
    """The product: frames of a view into which samples keep coming."""

    def __init__(self, rates: dict[WaveName, float]) -> None:
        self._frame_s, self._clock = 0.0, ManualClock()
        self.view = SweepView(seconds=lambda: self._frame_s)
        self.view.resize(SIZE)
        self.view.set_waves([WaveShown(wave, wave, "#4ade80") for wave in rates])
        self.view.show()
        self.view._timer.stop()
        self._turn = 0
        self._rates = rates
        self._samples = {}
        for wave, rate in rates.items():
            seconds = np.arange(round(rate / 4)) / rate
            self._samples[wave] = (500 * np.sin(2 * np.pi * 4 * seconds)).astype(np.int16)

    def feed(self) -> None:
        """A quarter second of every wave, every eighth frame."""
        if self._turn % 8 == 0:
            now = self._clock.advance(0.25)
            for wave, rate in self._rates.items():
                self.view.add_chunk(WaveChunk("m", wave, rate, self._samples[wave].copy(), 0.001, "mV", now))
        self._turn += 1
        self._frame_s += 1 / 32

    def frame(self) -> None:
        """Draw the new columns and bring them to the window."""
        self.view.draw_frame()
        QApplication.processEvents()


class Empty(QWidget):
    """The floor: the same columns erased in a kept image and brought to the window, with nothing drawn in them."""

    def __init__(self) -> None:
        super().__init__()
        self.resize(SIZE)
        self._picture = QImage(SIZE, QImage.Format.Format_RGB32)
        self._picture.fill(QColor("#171c22"))
        self._x = 0
        self.show()

    def frame(self) -> None:
        """Repaint as many columns as a frame of the sweep does."""
        self._x = (self._x + 4) % (SIZE.width() - 30)
        painter = QPainter(self._picture)
        painter.fillRect(self._x + 20, 0, 4, SIZE.height(), QColor("#171c22"))
        painter.end()
        self.update(self._x, 0, 26, SIZE.height())
        QApplication.processEvents()

    def paintEvent(self, event: object) -> None:
        """Copy the columns."""
        painter = QPainter(self)
        rect = event.rect()  # type: ignore[attr-defined]
        painter.drawImage(rect, self._picture, rect)
        painter.end()


class FullRedraw(QWidget):
    """The naive way in plain Qt: every trace as one polyline, all of it, every frame."""

    def __init__(self) -> None:
        super().__init__()
        self.resize(SIZE)
        count = round(RATE_HZ * SECONDS)
        xs = np.linspace(0, SIZE.width(), count)
        self._lines = []
        for number in range(TRACES):
            ys = (number + 0.5) * SIZE.height() / TRACES + 40 * np.sin(xs / 4)
            self._lines.append([QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)])
        self.show()

    def frame(self) -> None:
        """Repaint everything."""
        self.update()
        QApplication.processEvents()

    def paintEvent(self, event: object) -> None:
        """All lines anew."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#171c22"))
        painter.setPen(QPen(QColor("#4ade80"), 1.6))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for line in self._lines:
            painter.drawPolyline(line)
        painter.end()


class Plotting:
    """The naive way with pyqtgraph: setData of ten seconds for every trace, every frame."""

    def __init__(self) -> None:
        import pyqtgraph as pg

        self._window = pg.GraphicsLayoutWidget()
        self._window.resize(SIZE)
        count = round(RATE_HZ * SECONDS)
        self._xs = np.linspace(0, SECONDS, count)
        self._curves = [self._window.addPlot(row=n, col=0).plot(pen="g") for n in range(TRACES)]
        self._turn = 0
        self._window.show()

    def frame(self) -> None:
        """New data for all curves."""
        self._turn += 1
        ys = np.sin(2 * np.pi * (self._xs + self._turn / 32))
        for curve in self._curves:
            curve.setData(self._xs, ys)
        QApplication.processEvents()


def _cost_ms(frame: Callable[[], None], before: Callable[[], None] | None, frames: int) -> float:
    """A frame's milliseconds of a processor: taking in samples counts, and lines made for several frames at once."""
    costs = []
    for _ in range(frames // TOGETHER):
        begun = cpu_stopwatch()
        for _ in range(TOGETHER):
            if before is not None:
                before()
            frame()
        costs.append((cpu_stopwatch() - begun) / TOGETHER)
    return 1000 * statistics.fmean(costs)


def run() -> list[dict[str, object]]:
    """Milliseconds a frame, measured in turns; the ratios of the medians count."""
    app = QApplication.instance() or QApplication([])
    assert app is not None
    heavy, live, empty, full, plotting = Ours(HEAVY), Ours(LIVE), Empty(), FullRedraw(), Plotting()
    costs: dict[str, list[float]] = {"heavy": [], "live": [], "empty": [], "full": [], "plotting": []}
    for _ in range(ROUNDS):
        costs["heavy"].append(_cost_ms(heavy.frame, heavy.feed, FRAMES))
        costs["live"].append(_cost_ms(live.frame, live.feed, FRAMES))
        costs["empty"].append(_cost_ms(empty.frame, None, FRAMES))
        costs["full"].append(_cost_ms(full.frame, None, TOGETHER))
        costs["plotting"].append(_cost_ms(plotting.frame, None, 2 * TOGETHER))
    cost = {name: statistics.median(values) for name, values in costs.items()}
    many = f"sweep frame, {TRACES} x {RATE_HZ:.0f} Hz x {SECONDS:.0f} s"
    return [
        _row(many, cost["heavy"], "naive pyqtgraph setData", cost["plotting"], 1 / 30),
        _row(many, cost["heavy"], "full redraw in plain Qt", cost["full"], 1 / 10),
        _row(many, cost["heavy"], "repaint of empty columns", cost["empty"], 6.0),
        _row("sweep frame, the live page's waves", cost["live"], "repaint of empty columns", cost["empty"], 6.0),
    ]


def _row(name: str, value: float, against: str, other: float, target: float | None) -> dict[str, object]:
    ratio = value / other
    return {
        "name": name,
        "value": value,
        "unit": "ms",
        "against": f"{against} {other:.3g} ms",
        "ratio": ratio,
        "target": f"<= {target:.3g}" if target is not None else None,
        "ok": ratio <= target if target is not None else None,
    }
