"""Whatever befalls the pump and its link, in any order: the dose told never falls, never runs ahead of what ran, and is
never called the pump's word where rate and time gave it."""

from __future__ import annotations

import random

import pytest

from exomonitor.engine.count import COUNTER_HOLDS_S
from exomonitor.signals.pump import PumpStatus
from tests.exomonitor.engine.bedside_bench import Bench

RATE = 100.0
SLACK_ML = 0.1 + RATE * COUNTER_HOLDS_S / 3600
"""So much every interruption may hide."""
HAPPENINGS = (
    "stop",
    "out",
    "out and runs",
    "silence",
    "untold",
    "reset",
    "another",
    "restart",
    "bound anew",
    "unknown",
)


class Judge:
    """Counts second by second what ran, and knows when nobody could have counted it."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.serials = iter(f"DEMO-{n}" for n in range(1, 100))
        self.serial = next(self.serials)
        self.true_ml = 0.0
        self.told_ml = 0.0
        self.unseen_s = 0
        self.happened = 0
        self.reckoned = False

    def begin(self) -> None:
        bench = self.bench
        bench.bind("pump", "monitor")
        bench.pump(PumpStatus.STOPPED, 0.0, serial=self.serial)
        bench.prepare()
        bench.start()
        self.run(30)

    def second(self, *, runs: bool) -> None:
        self.bench.clock.advance(1)
        more = RATE / 3600 if runs else 0.0
        self.bench.counter += more
        self.true_ml += more
        self.unseen_s += runs

    def run(self, seconds: int) -> None:
        for _ in range(seconds):
            self.second(runs=True)
            self.bench.pump(PumpStatus.INFUSING, RATE, serial=self.serial)
            self.unseen_s = 0
            self.look()

    def stand(self, seconds: int, status: PumpStatus = PumpStatus.STOPPED) -> None:
        for _ in range(seconds):
            self.second(runs=False)
            rate = None if status is PumpStatus.UNKNOWN else 0.0
            self.bench.pump(status, rate, serial=self.serial)
            if status is not PumpStatus.REMOVED:
                self.unseen_s = 0
            self.look()

    def unheard(self, seconds: int, *, untold: bool = False, runs: bool = True) -> None:
        for _ in range(seconds):
            self.second(runs=runs)
            if untold:
                self.bench.pump(PumpStatus.INFUSING, RATE, serial=self.serial, volume_infused_ml=None)
            self.look()

    def set_counter(self, ml: float) -> None:
        """The count that was is gone: what ran since it was told last can only be reckoned."""
        self.reckoned = self.reckoned or (self.unseen_s - 1) * RATE / 3600 > SLACK_ML
        self.bench.counter = ml

    def happens(self, what: str, seconds: int, foreign_ml: float) -> None:
        self.happened += 1
        match what:
            case "stop":
                self.stand(seconds)
            case "out":
                self.stand(1, PumpStatus.REMOVED)
                self.unheard(seconds, runs=False)
            case "out and runs":
                self.stand(1, PumpStatus.REMOVED)
                self.unheard(seconds)
                self.run(1)
            case "silence":
                self.unheard(seconds)
            case "untold":
                self.unheard(seconds, untold=True)
            case "reset":
                self.set_counter(0.0)
                self.run(1)
            case "another":
                self.stand(1, PumpStatus.REMOVED)
                self.serial = next(self.serials)
                self.set_counter(foreign_ml)
                self.stand(1)
            case "restart":
                self.bench = self.bench.after_restart(seconds)
                for _ in range(seconds):
                    self.true_ml += RATE / 3600
                    self.bench.counter += RATE / 3600
                self.unseen_s += seconds
                self.bench.bind("pump", "monitor")
                self.run(1)
            case "bound anew":
                self.bench.engine.unbind("4", "pump", self.bench.now)
                self.bench.bind("pump")
                self.run(1)
            case "unknown":
                self.stand(1, PumpStatus.UNKNOWN)

    def look(self) -> None:
        self.bench.tick()
        given, by = self.bench.given, self.bench.progress.delivered_by
        room = SLACK_ML * (1 + self.happened)
        assert given >= self.told_ml - 0.1
        assert given <= self.true_ml + room
        assert given >= self.true_ml - room - self.unseen_s * RATE / 3600
        assert self.bench.state.product_end is None
        if self.reckoned and self.unseen_s == 0:
            assert by == "estimated"
        self.told_ml = max(given, self.told_ml)


@pytest.mark.parametrize("seed", range(40))
def test_the_dose_told_never_falls_nor_runs_ahead_nor_is_an_estimate_called_the_pumps_word(seed: int):
    chance = random.Random(seed)
    judge = Judge()
    judge.begin()
    for _ in range(chance.randint(3, 6)):
        judge.happens(chance.choice(HAPPENINGS), chance.choice((1, 3, 8, 12, 29, 60, 120)), chance.uniform(0, 250))
        judge.run(chance.choice((0, 1, 5)))
    judge.run(3)
