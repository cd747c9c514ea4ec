"""The shapes of heartbeat, pulse and breath as functions of their phases."""

from __future__ import annotations

import numpy as np

from devices.simulation.tracks import Floats

PULSE_TRANSIT_S = 0.25
"""From the R peak to the foot of the pulse at the finger."""

# (centre s, width s, grows with the square root of the beat's length, amplitude mV in leads I, II, V)
_ECG_PARTS: tuple[tuple[float, float, bool, dict[str, float]], ...] = (
    (-0.170, 0.022, True, {"ecg_i": 0.08, "ecg_ii": 0.13, "ecg_v": 0.10}),  # P
    (-0.026, 0.009, False, {"ecg_i": -0.05, "ecg_ii": -0.10, "ecg_v": -0.08}),  # Q
    (0.000, 0.011, False, {"ecg_i": 0.65, "ecg_ii": 1.10, "ecg_v": 1.25}),  # R
    (0.028, 0.010, False, {"ecg_i": -0.12, "ecg_ii": -0.20, "ecg_v": -0.30}),  # S
    (0.300, 0.045, True, {"ecg_i": 0.18, "ecg_ii": 0.30, "ecg_v": 0.35}),  # T
)
# (seconds after the foot, width s, amplitude): systolic peak, dicrotic wave after the notch, run-off
_PULSE_PARTS = ((0.14, 0.060, 1.0), (0.36, 0.075, 0.42), (0.52, 0.140, 0.22))
_PULSE_MIDDLE = 0.45
_STOPPED_HR = 10.0
_STOPPED_RR = 3.0


def ecg_lead(lead: str, beats: Floats, hr: Floats) -> Floats:
    """P-QRS-T in mV where `beats` counts heartbeats (an R peak at each whole number) and `hr` is per minute."""
    length = 60 / np.maximum(hr, _STOPPED_HR)
    stretch = np.sqrt(length)
    total = np.zeros_like(beats)
    for centre, width, grows, amplitudes in _ECG_PARTS:
        # Einthoven: III = II - I, so the three limb leads always agree.
        height = amplitudes["ecg_ii"] - amplitudes["ecg_i"] if lead == "ecg_iii" else amplitudes[lead]
        scale = stretch if grows else 1.0
        total += height * _bump(beats, length, centre * scale, width * scale)
    return total * np.minimum(hr / _STOPPED_HR, 1.0)


def pulse(beats: Floats, hr: Floats) -> Floats:
    """The pleth pulse, about -0.45 to 0.6, with a dicrotic notch; its foot at each whole number of `beats`."""
    length = 60 / np.maximum(hr, _STOPPED_HR)
    stretch = np.sqrt(length)
    total = np.zeros_like(beats)
    for centre, width, height in _PULSE_PARTS:
        total += height * _bump(beats, length, centre * stretch, width * stretch)
    return (total - _PULSE_MIDDLE) * np.minimum(hr / _STOPPED_HR, 1.0)


def breath(breaths: Floats, rr: Floats) -> Floats:
    """Chest expansion from -1 (out) to 1 (in); breathing in is a little quicker than breathing out."""
    turn = 2 * np.pi * breaths
    return np.asarray(-np.cos(turn + 0.35 * np.sin(turn)) * np.minimum(rr / _STOPPED_RR, 1.0))


def _bump(beats: Floats, length: Floats, centre: Floats | float, width: Floats | float) -> Floats:
    """A bell `centre` seconds after each whole beat; it may reach into the neighbouring beats."""
    phase = beats - centre / length
    distance = (phase - np.rint(phase)) * length
    return np.asarray(np.exp(-0.5 * (distance / width) ** 2))
