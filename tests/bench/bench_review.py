"""What it costs to look back: a day of eight vital signs panned and zoomed, against pyqtgraph at its best."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from exomonitor.clock import cpu_stopwatch
from exomonitor.signals.vitals import Sign
from ui.plots.lanes import LaneSpec
from ui.plots.pyramid import Floats, MinMaxPyramid
from ui.plots.trend import TrendView

HOURS, TRACES, SIZE = 24, 8, QSize(1200, 640)
DAY_MIN, HOUR_MIN = HOURS * 60.0, 60.0
STEPS, ROUNDS = 12, 5
SIGNS = tuple(Sign)[:TRACES]
ZOOMS = (1440.0, 720.0, 360.0, 180.0, 90.0, 45.0, 20.0, 45.0, 90.0, 180.0, 360.0, 720.0)


def a_day() -> tuple[Floats, list[Floats]]:
    """Minutes, and eight signs once a second: each wanders and trembles, each has a cable out for ten minutes."""
    generator = np.random.default_rng(20)
    minutes = np.arange(round(DAY_MIN * 60)) / 60
    signs = []
    for number in range(TRACES):
        values = 80 + 12 * np.sin(minutes / (40 + 9 * number)) + generator.normal(0, 1.5, minutes.size)
        values[36_000 + 4_000 * number :][:600] = np.nan
        signs.append(values)
    return minutes, signs


class Ours:
    """The product: the trend with eight lanes, its axes and its words."""

    def __init__(self, minutes: Floats, signs: list[Floats]) -> None:
        self.view = TrendView()
        self.view.resize(SIZE)
        self.view.set_lanes([LaneSpec(s.value, "", "hr", 1 / TRACES, (50, 110), (0, 300), (s,)) for s in SIGNS])
        self.view._series = {sign: MinMaxPyramid() for sign in SIGNS}
        for sign, values in zip(SIGNS, signs, strict=True):
            self.view.add_line(sign, minutes, values)
        self.view.show()

    def show(self, from_min: float, until_min: float) -> None:
        """Another part of the day, painted."""
        self.view.show_part(from_min, until_min)
        QApplication.processEvents()


class Plotting:
    """pyqtgraph with eight linked plots; `best`: only what is in sight, thinned to its peaks."""

    def __init__(self, minutes: Floats, signs: list[Floats], *, best: bool) -> None:
        import pyqtgraph as pg

        self._window = pg.GraphicsLayoutWidget()
        self._window.resize(SIZE)
        self._plots = [self._window.addPlot(row=row, col=0) for row in range(TRACES)]
        for plot, values in zip(self._plots, signs, strict=True):
            plot.plot(minutes, values, pen="g", connect="finite")
            if best:
                plot.setClipToView(True)
                plot.setDownsampling(auto=True, mode="peak")
            plot.setXLink(self._plots[0])
            plot.disableAutoRange()
            plot.setYRange(50, 110)
        self._window.show()

    def show(self, from_min: float, until_min: float) -> None:
        """Another part of the day, painted."""
        self._plots[0].setXRange(from_min, until_min, padding=0)
        QApplication.processEvents()


Show = Callable[[float, float], None]


def _pan(show: Show, span: float) -> float:
    """Milliseconds of a processor a step, while a view of `span` minutes moves over the day."""
    costs = []
    for step in range(STEPS):
        # A whole day cannot be moved inside itself: it hangs over, as it does where one pans to its end.
        begins = (DAY_MIN - span) * step / STEPS if span < DAY_MIN else 12.0 * step
        began = cpu_stopwatch()
        show(begins, begins + span)
        costs.append(cpu_stopwatch() - began)
    return 1000 * statistics.median(costs)


def _zoom(show: Show) -> float:
    costs = []
    for span in ZOOMS:
        began = cpu_stopwatch()
        show(700 - span / 2, 700 + span / 2)
        costs.append(cpu_stopwatch() - began)
    return 1000 * statistics.fmean(costs)


def run() -> list[dict[str, object]]:
    """Measured in turns; the ratios of the medians count."""
    app = QApplication.instance() or QApplication([])
    assert app is not None
    minutes, signs = a_day()
    shown: dict[str, Show] = {
        "ours": Ours(minutes, signs).show,
        "best": Plotting(minutes, signs, best=True).show,
        "plain": Plotting(minutes, signs, best=False).show,
    }
    costs: dict[tuple[str, str], list[float]] = {}
    for turn in range(ROUNDS + 1):
        for name, show in shown.items():
            found = {"day": _pan(show, DAY_MIN), "hour": _pan(show, HOUR_MIN), "zoom": _zoom(show)}
            for what, took in found.items():
                if turn:  # the first round warms up
                    costs.setdefault((name, what), []).append(took)
    cost = {key: statistics.median(values) for key, values in costs.items()}
    best = "pyqtgraph clipToView + peak"
    day = f"pan, {HOURS} h x {TRACES} signs"
    return [
        _row(day, cost["ours", "day"], best, cost["best", "day"], 1 / 4),
        _row(day, cost["ours", "day"], "plain pyqtgraph", cost["plain", "day"], None),
        _row(day, cost["ours", "day"], "our own pan of 1 h", cost["ours", "hour"], 1.5),
        _row(f"zoom from {HOURS} h to 20 min and back", cost["ours", "zoom"], best, cost["best", "zoom"], 1 / 4),
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
