"""Wave subrecords: a count, status bits, and that many 16-bit samples."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

ECG1, ECG2, ECG3 = 1, 2, 3
PRESSURES = (4, 5, 6, 7, 16, 17, 36, 37)
PLETH, PLETH_2 = 8, 38
GASES = (9, 10, 11, 12)  # CO2, O2, N2O, agent
AIRWAY = (13, 14, 23)  # pressure, flow, volume
RESP, RESP_100 = 15, 39
EEG, ENTROPY, BIS = (18, 19, 20, 21), 32, 35
TONOMETRY, LOOP_STATUS = 24, 29
RATE_HZ = {
    **dict.fromkeys((ECG1, ECG2, ECG3, BIS), 300),
    **dict.fromkeys((*PRESSURES, PLETH, PLETH_2, RESP_100, *EEG, ENTROPY), 100),
    **dict.fromkeys((*GASES, *AIRWAY, RESP, TONOMETRY, LOOP_STATUS), 25),
}
"""Samples per second of every wave but the 12-lead ECG (type 22), whose samples are coded in a way of their own."""
SCALE: Mapping[int, tuple[float, str]] = {
    **dict.fromkeys((ECG1, ECG2, ECG3), (0.001, "mV")),
    **dict.fromkeys(PRESSURES, (0.01, "mm[Hg]")),
    **dict.fromkeys((PLETH, PLETH_2), (0.01, "%")),
    **dict.fromkeys(GASES, (0.01, "%")),
    AIRWAY[0]: (0.1, "cm[H2O]"),
    AIRWAY[1]: (0.1, "L/min"),
    **dict.fromkeys((RESP, RESP_100), (0.01, "Ohm")),
    **dict.fromkeys((*EEG, ENTROPY), (0.0001, "mV")),
}
"""What one step of a sample is worth. Of the airway volume, tonometry, the loop's status and the BIS module's EEG no
document that was used tells it."""
SAMPLES_PER_S_BUDGET = 600
"""More than this altogether a monitor does not send at 19200 baud."""

GAP = 1 << 0
PACER = 1 << 2
LEAD_OFF = 1 << 3

NO_SAMPLE = -32767
LAST_CONTROL_CODE = -32000
"""Samples at or below this are control codes, not measurements."""

Samples = npt.NDArray[np.int16]

_HEADER = struct.Struct("<hHH")
_SAMPLE = np.dtype("<i2")


@dataclass(frozen=True, slots=True, eq=False)
class WavePart:
    """Consecutive samples of one wave as the monitor sent them; int16, shape (n,)."""

    status: int
    label: int
    samples: Samples


def encode_wave(part: WavePart) -> bytes:
    """The subrecord's bytes."""
    return _HEADER.pack(len(part.samples), part.status, part.label) + part.samples.astype(_SAMPLE).tobytes()


def decode_wave(subrecord: bytes) -> WavePart | None:
    """Read a wave subrecord; None where it holds fewer samples than it says. The samples are a copy."""
    if len(subrecord) < _HEADER.size:
        return None
    count, status, label = _HEADER.unpack_from(subrecord)
    if not 0 <= count <= (len(subrecord) - _HEADER.size) // _SAMPLE.itemsize:
        return None
    samples = np.frombuffer(subrecord, _SAMPLE, count, _HEADER.size).astype(np.int16)
    return WavePart(status, label, samples)
