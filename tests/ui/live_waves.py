"""Made-up waves and a made-up past, always the same: what a live page is looked at and compared with."""

from __future__ import annotations

import numpy as np

from exomonitor.clock import ManualClock
from exomonitor.signals.vitals import Sign
from exomonitor.signals.waves import WaveChunk, WaveName
from ui.pages.session.page import SessionPage

BEATS, BREATHS = 88.0, 16.0
"""A minute; the heart rate and the breaths of tests/ui/scenes.py."""
_RATES = {WaveName.PLETH: 100, WaveName.PLETH_2: 100, WaveName.RESP: 24, WaveName.CO2: 24}
_ECG_HZ, _FRAMES_A_CHUNK, _CHUNK_S = 300, 8, 0.25
_PAST = ((Sign.HR, 82.0, 2.0), (Sign.SPO2, 97.0, 0.6), (Sign.RR, 16.0, 1.0), (Sign.TEMP, 36.7, 0.05))


def show_waves(page: SessionPage, seconds: float = 10.6) -> None:
    """Let so many seconds of every wave pass through the page's sweep, on a clock of its own; then it stands still."""
    sweep, clock, now = page._live._sweep, ManualClock(), [0.0]
    sweep._timer.stop()
    sweep._seconds = lambda: now[0]
    sweep._last_frame_s = 0.0
    for frame in range(round(seconds / _CHUNK_S) * _FRAMES_A_CHUNK):
        if frame % _FRAMES_A_CHUNK == 0:
            clock.advance(_CHUNK_S)
            page._live.add_waves([_chunk(wave, frame // _FRAMES_A_CHUNK, clock) for wave in WaveName])
        now[0] += _CHUNK_S / _FRAMES_A_CHUNK
        sweep.draw_frame()


def show_past(page: SessionPage, minutes: float = 17.7) -> None:
    """A trend of so many minutes."""
    generator, at = np.random.default_rng(1), np.arange(0, minutes, 1 / 60)
    for sign, middle, wide in _PAST:
        page._live._trend.add_line(sign, at, middle + np.cumsum(generator.normal(0, wide / 12, at.size)))


def _chunk(wave: WaveName, number: int, clock: ManualClock) -> WaveChunk:
    rate = _RATES.get(wave, _ECG_HZ)
    count = round(rate * _CHUNK_S)
    seconds = (number * count + np.arange(count)) / rate
    beat = seconds * BEATS / 60 % 1
    if wave is WaveName.RESP:
        return _made(wave, rate, 100 * np.sin(2 * np.pi * seconds * BREATHS / 60), 0.01, "Ohm", clock)
    if wave is WaveName.CO2:
        breath = np.tanh(4 * np.sin(2 * np.pi * seconds * BREATHS / 60))
        return _made(wave, rate, 190 + 190 * breath, 0.1, "mm[Hg]", clock)
    if wave in {WaveName.PLETH, WaveName.PLETH_2}:
        return _made(wave, rate, 500 + 300 * _bump(beat, 0.3, 0.12) + 120 * _bump(beat, 0.6, 0.1), 0.1, "%", clock)
    spike = 1100 * _bump(beat, 0.3, 0.012) - 200 * _bump(beat, 0.33, 0.01)
    rest = 150 * _bump(beat, 0.15, 0.03) + 250 * _bump(beat, 0.55, 0.05)
    return _made(wave, rate, spike + rest, 0.001, "mV", clock)


def _bump(beat: np.ndarray, middle: float, wide: float) -> np.ndarray:
    return np.exp(-(((beat - middle) / wide) ** 2))


def _made(wave: WaveName, rate: int, raw: np.ndarray, gain: float, unit: str, clock: ManualClock) -> WaveChunk:
    return WaveChunk("monitor", wave, float(rate), raw.astype(np.int16), gain, unit, clock.now())
