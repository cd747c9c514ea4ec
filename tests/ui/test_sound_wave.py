"""The alarm sounds, measured: pulses, spacing, fundamental, harmonics, edges."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest

from exomonitor.alarms.bursts import BURSTS, FUNDAMENTAL_HZ
from exomonitor.alarms.limits import Priority
from ui.sound.wave import RATE_HZ, all_sounds, burst_samples, failure_samples

PRIORITIES = list(Priority)


def envelope(samples: np.ndarray) -> np.ndarray:
    """Loudest value of each millisecond, as a part of the loudest of all."""
    per_ms = RATE_HZ // 1000
    blocks = np.abs(samples[: len(samples) // per_ms * per_ms].astype(float)).reshape(-1, per_ms).max(axis=1)
    return np.asarray(blocks / blocks.max())


def pulses_ms(samples: np.ndarray) -> list[tuple[float, float]]:
    """(beginning, end) of each pulse, in milliseconds, with holes below 8 ms closed (a low tone crosses zero)."""
    loud = np.flatnonzero(envelope(samples) > 0.02)
    breaks = np.flatnonzero(np.diff(loud) > 8)
    firsts, lasts = np.r_[loud[0], loud[breaks + 1]], np.r_[loud[breaks], loud[-1]]
    scale = 1000 / RATE_HZ * (RATE_HZ // 1000)
    return [(float(a) * scale, float(b + 1) * scale) for a, b in zip(firsts, lasts, strict=True)]


@pytest.mark.parametrize("priority", PRIORITIES)
def test_every_pulse_is_where_the_table_says(priority):
    burst = BURSTS[priority]
    found = pulses_ms(burst_samples(burst))
    assert len(found) == len(burst.starts_ms)
    for (begins, ends), wanted in zip(found, burst.starts_ms, strict=True):
        assert begins == pytest.approx(wanted, abs=6)
        assert ends - begins == pytest.approx(burst.pulse_ms, abs=12)


def test_a_high_burst_is_two_halves_of_three_and_two():
    begins = [begin for begin, _ in pulses_ms(burst_samples(BURSTS[Priority.HIGH]))]
    gaps = np.diff(begins)
    assert len(begins) == 10
    assert gaps[0] == pytest.approx(gaps[1], abs=3)
    assert gaps[4] > gaps[2] > gaps[0]
    assert gaps[5:] == pytest.approx(gaps[:4], abs=3)


@pytest.mark.parametrize("priority", PRIORITIES)
def test_the_tone_has_its_fundamental_and_four_harmonics_in_the_band(priority):
    burst = BURSTS[priority]
    begin = round(burst.ramp_ms * RATE_HZ / 1000)
    end = round((burst.pulse_ms - burst.ramp_ms) * RATE_HZ / 1000)
    middle = burst_samples(burst)[begin:end].astype(float)
    padded = np.fft.rfft(middle * np.hanning(len(middle)), n=1 << 18)
    hertz, power = np.fft.rfftfreq(1 << 18, 1 / RATE_HZ), 20 * np.log10(np.abs(padded) + 1e-9)

    def peak(near: float) -> tuple[float, float]:
        window = np.abs(hertz - near) < 0.2 * FUNDAMENTAL_HZ
        at = int(np.argmax(np.where(window, power, -np.inf)))
        return float(hertz[at]), float(power[at])

    found_hz, level = peak(FUNDAMENTAL_HZ)
    assert 150 <= found_hz <= 1000
    assert found_hz == pytest.approx(FUNDAMENTAL_HZ, abs=2)
    harmonics = [peak(FUNDAMENTAL_HZ * n) for n in range(2, 7)]
    in_band = [db for near, db in harmonics if 300 <= near <= 4000 and abs(db - level) <= 15]
    assert len(in_band) >= 4


@pytest.mark.parametrize("priority", PRIORITIES)
def test_rise_and_fall_take_a_tenth_to_a_fifth_of_the_pulse(priority):
    burst = BURSTS[priority]
    shape = envelope(burst_samples(burst)[: round(burst.pulse_ms * RATE_HZ / 1000)])
    smooth = np.array([shape[max(0, i - 4) : i + 5].max() for i in range(len(shape))])
    rise = int(np.argmax(smooth >= 0.9)) - int(np.argmax(smooth >= 0.1))
    assert 0.05 * burst.pulse_ms <= rise <= 0.2 * burst.pulse_ms
    assert shape[0] < 0.1
    assert shape[-2] < 0.1


def test_a_higher_priority_is_never_softer_and_nothing_clips():
    loudest = [int(np.abs(burst_samples(BURSTS[p]).astype(int)).max()) for p in sorted(Priority)]
    assert loudest == sorted(loudest)
    assert loudest[-1] < 32767


def test_the_failure_tone_differs_from_every_alarm():
    failure = pulses_ms(failure_samples())
    assert len(failure) == 5
    assert all(len(failure) != len(BURSTS[p].starts_ms) for p in Priority)


def test_the_files_are_mono_16_bit_wav():
    sounds = all_sounds()
    assert set(sounds) == {"high", "medium", "low", "failure"}
    for content in sounds.values():
        with wave.open(io.BytesIO(content)) as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE_HZ)
            assert file.getnframes() > RATE_HZ / 10
