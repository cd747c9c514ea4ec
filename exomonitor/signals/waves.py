"""Pieces of a waveform as integers with a scale: small to keep, exact to hash, and with gaps that stay gaps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from exomonitor.clock import Instant
from exomonitor.signals.quality import Origin

MISSING_SAMPLE = -32768
"""The raw value that stands for no sample."""


class WaveName(StrEnum):
    """The waveforms that this program knows by name."""

    ECG_I = "ecg_i"
    ECG_II = "ecg_ii"
    ECG_III = "ecg_iii"
    ECG_V = "ecg_v"
    PLETH = "pleth"
    RESP = "resp"
    PLETH_2 = "pleth_2"
    CO2 = "co2"
    P1, P2, P3, P4, P5, P6, P7, P8 = "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"
    """Invasive pressures by their channel."""
    ECG_2 = "ecg_2"
    ECG_3 = "ecg_3"
    """A monitor's second and third ECG channel where it does not say which lead they show."""
    O2 = "o2"
    N2O = "n2o"
    AGENT = "agent"
    PAW = "paw"
    FLOW = "flow"
    ENTROPY = "entropy"
    EEG_1, EEG_2, EEG_3, EEG_4 = "eeg_1", "eeg_2", "eeg_3", "eeg_4"


@dataclass(frozen=True, slots=True, eq=False)
class WaveChunk:
    """Consecutive samples ending about `at`: physical = raw * gain, MISSING_SAMPLE where the device had none.

    samples: int16, shape (n,), read-only. unit: UCUM (mV, %, Ohm). rate_hz: samples per second.
    """

    source: str
    wave: WaveName
    rate_hz: float
    samples: npt.NDArray[np.int16]
    gain: float
    unit: str
    at: Instant
    gap_before: bool = False
    lead_off: bool = False
    origin: Origin = Origin.DEVICE

    def __post_init__(self) -> None:
        self.samples.flags.writeable = False

    def physical(self) -> npt.NDArray[np.float64]:
        """Samples in `unit`, NaN where missing; float64, shape (n,)."""
        values = self.samples.astype(np.float64) * self.gain
        values[self.samples == MISSING_SAMPLE] = np.nan
        return values
