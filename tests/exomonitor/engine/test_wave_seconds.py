"""A second of a wave that its cable cut short is stored like every other, also when the program is killed later."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future

import numpy as np

from exomonitor.clock import ManualClock
from exomonitor.engine.outbox import Outbox
from exomonitor.engine.ports import Draft, ReadingRow, WaveSecond
from exomonitor.session.entry import Entry
from exomonitor.signals.waves import WaveChunk, WaveName


class _Kept:
    """A recorder that only keeps the waves."""

    def __init__(self) -> None:
        self.waves: list[WaveSecond] = []

    def submit(
        self, drafts: Sequence[Draft], readings: Sequence[ReadingRow] = (), waves: Sequence[WaveSecond] = ()
    ) -> Future[tuple[Entry, ...]]:
        """Kept at once."""
        self.waves += waves
        done: Future[tuple[Entry, ...]] = Future()
        done.set_result(())
        return done

    def close(self) -> None:
        """Nothing is waiting."""


class _Bedside:
    """An outbox whose monitor sends a quarter of a second of pleth at a time."""

    def __init__(self) -> None:
        self.clock, self.kept = ManualClock(), _Kept()
        self.outbox = Outbox(self.kept, 1.0, self._settled)
        self.came = 0

    def _settled(self, done: Future[tuple[Entry, ...]]) -> None:
        self._done = done

    def quarters(self, count: int) -> None:
        """So many pieces of 25 samples come."""
        for _ in range(count):
            self.clock.advance(0.25)
            samples = np.arange(self.came, self.came + 25, dtype=np.int16)
            self.came += 25
            chunk = WaveChunk("monitor", WaveName.PLETH, 100.0, samples, 1.0, "1", self.clock.now())
            self.outbox.add_wave("s", chunk)
            self._tick()

    def silence(self, seconds: float) -> None:
        """Nothing comes for so long."""
        for _ in range(round(seconds / 0.25)):
            self.clock.advance(0.25)
            self._tick()

    def _tick(self) -> None:
        self.outbox.flush(self.clock.now())
        if self.outbox.in_flight is not None:
            self.outbox.settle(self._done, self.clock.now())

    def stored(self) -> list[int]:
        """Every stored sample in order."""
        return [int(sample) for second in self.kept.waves for sample in second.samples]


def test_what_a_pulled_cable_left_of_a_second_is_on_the_record_two_seconds_later() -> None:
    bed = _Bedside()
    bed.quarters(7)
    bed.silence(2.25)
    assert bed.stored() == list(range(175))


def test_a_wave_that_comes_again_after_a_silence_begins_a_second_of_its_own() -> None:
    bed = _Bedside()
    bed.quarters(2)
    bed.silence(3.0)
    bed.quarters(4)
    bed.silence(3.0)
    assert [len(second.samples) for second in bed.kept.waves] == [50, 100]
    assert bed.kept.waves[1].began.since(bed.kept.waves[0].began) == 3.5


def test_whether_a_pause_cuts_a_second_does_not_depend_on_when_time_was_looked_at() -> None:
    ticking, at_once = _Bedside(), _Bedside()
    ticking.quarters(2)
    ticking.silence(1.75)
    at_once.quarters(2)
    at_once.clock.advance(1.75)
    for bed in (ticking, at_once):
        bed.quarters(4)
        bed.silence(3.0)
    assert [second.samples.tolist() for second in ticking.kept.waves] == [
        second.samples.tolist() for second in at_once.kept.waves
    ]


def test_a_wave_that_only_hesitates_keeps_its_seconds_whole() -> None:
    bed = _Bedside()
    bed.quarters(2)
    bed.silence(0.5)
    bed.quarters(2)
    bed.silence(2.0)
    assert [len(second.samples) for second in bed.kept.waves] == [100]
