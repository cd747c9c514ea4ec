"""Alarm sounds as numbers: pulses with harmonics and soft edges, put together into bursts, as 16-bit WAV."""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from exomonitor.alarms.bursts import BURSTS, FUNDAMENTAL_HZ, HARMONICS, Burst
from exomonitor.alarms.limits import Priority

RATE_HZ = 44_100
_PEAK = 0.89
_TAIL_MS = 50  # silence at the end: some sound systems swallow the last milliseconds
# Each harmonic against the fundamental, in decibels: all well within 15 dB of it.
_HARMONIC_DB = (0.0, -2.0, -3.0, -5.0, -7.0, -9.0)
# The failure tone is no alarm of the patient: falling octaves, C5 C4 C4 - C5 C4.
_C4, _C5 = 261.6, 523.3
_FAILURE = ((0, _C5), (250, _C4), (500, _C4), (1000, _C5), (1250, _C4))
FAILURE_PERIOD_MS = 3000

Samples = npt.NDArray[np.int16]


def burst_samples(burst: Burst, fundamental_hz: float = FUNDAMENTAL_HZ) -> Samples:
    """One burst from its first pulse to its last, without the silence that follows."""
    notes = [(start, fundamental_hz) for start in burst.starts_ms]
    return _melody(notes, burst.pulse_ms, burst.ramp_ms, burst.level)


def failure_samples() -> Samples:
    """The tone that says: the program itself stands still."""
    return _melody(_FAILURE, 150, 22, 1.0)


def all_sounds() -> dict[str, bytes]:
    """Every sound by name, as a WAV file: high, medium, low, failure."""
    sounds = {priority.word: as_wav(burst_samples(BURSTS[priority])) for priority in Priority}
    return sounds | {"failure": as_wav(failure_samples())}


def as_wav(samples: Samples) -> bytes:
    """A mono 16-bit WAV file."""
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.astype("<i2").tobytes())
    return held.getvalue()


def _melody(notes: Sequence[tuple[int, float]], pulse_ms: int, ramp_ms: int, level: float) -> Samples:
    total = np.zeros(_count(notes[-1][0] + pulse_ms + _TAIL_MS))
    for start_ms, hertz in notes:
        pulse = _pulse(hertz, pulse_ms, ramp_ms)
        begins = _count(start_ms)
        total[begins : begins + len(pulse)] = pulse
    loudest = float(np.abs(total).max())
    return np.asarray(np.rint(total / loudest * _PEAK * level * 32767), dtype=np.int16)


def _pulse(hertz: float, pulse_ms: int, ramp_ms: int) -> npt.NDArray[np.float64]:
    seconds = np.arange(_count(pulse_ms)) / RATE_HZ
    tone = np.zeros_like(seconds)
    for number, decibel in zip(range(1, HARMONICS + 1), _HARMONIC_DB, strict=True):
        tone += 10 ** (decibel / 20) * np.sin(2 * np.pi * hertz * number * seconds)
    edge = _count(ramp_ms)
    rise = 0.5 - 0.5 * np.cos(np.pi * np.arange(edge) / edge)
    tone[:edge] *= rise
    tone[-edge:] *= rise[::-1]
    return tone


def _count(milliseconds: float) -> int:
    return round(milliseconds * RATE_HZ / 1000)
