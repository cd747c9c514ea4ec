"""From wave records to wave chunks: which lead, what is missing, and where samples were lost between records."""

from __future__ import annotations

import numpy as np

from devices.monitors.ge_dri.wire import numerics, waves
from devices.monitors.ge_dri.wire.records import WAVE, Record
from devices.monitors.ge_dri.wire.waves import WavePart
from exomonitor.clock import Instant
from exomonitor.signals.waves import MISSING_SAMPLE, WaveChunk, WaveName

SILENCE_S = 2.0
"""After a longer silence a wave goes on behind a gap, whatever the record numbers say (they start again at 256)."""

_LEADS: dict[int, WaveName] = {
    # 0: the monitor does not say; lead II is what it shows unless somebody chose another.
    0: WaveName.ECG_II,
    numerics.LEAD_I: WaveName.ECG_I,
    numerics.LEAD_II: WaveName.ECG_II,
    numerics.LEAD_III: WaveName.ECG_III,
    numerics.LEAD_V: WaveName.ECG_V,
}
_NAMES: dict[int, WaveName] = {
    waves.ECG2: WaveName.ECG_2,
    waves.ECG3: WaveName.ECG_3,
    waves.PLETH: WaveName.PLETH,
    waves.PLETH_2: WaveName.PLETH_2,
    waves.RESP: WaveName.RESP,
    waves.RESP_100: WaveName.RESP,
    **dict(zip(waves.PRESSURES, (WaveName(f"p{number}") for number in range(1, 9)), strict=True)),
    **dict(zip(waves.GASES, (WaveName.CO2, WaveName.O2, WaveName.N2O, WaveName.AGENT), strict=True)),
    waves.AIRWAY[0]: WaveName.PAW,
    waves.AIRWAY[1]: WaveName.FLOW,
    **dict(zip(waves.EEG, (WaveName(f"eeg_{number}") for number in range(1, 5)), strict=True)),
    waves.ENTROPY: WaveName.ENTROPY,
}
"""Every wave but ECG1, whose lead the numbers tell."""
_KINDS = frozenset(waves.SCALE)


class WaveStreams:
    """Turns wave records into chunks and notices what was lost between them."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._ecg: WaveName | None = WaveName.ECG_II
        self._last_number: int | None = None
        self._last_of_any: int | None = None
        self._last_at: Instant | None = None
        self._after_gap: set[int] = set(_KINDS)

    def reopened(self) -> None:
        """Whatever comes next does not follow from what came before."""
        self._last_number = self._last_of_any = self._last_at = None

    def lead_told(self, ecg_label: int) -> None:
        """The ECG group's label says which lead ECG1 is; a lead that has no name here is not shown under another's."""
        lead = _LEADS.get(numerics.ecg1_lead(ecg_label))
        if lead != self._ecg:
            self._ecg = lead
            self._after_gap.add(waves.ECG1)

    def note_number(self, record: Record) -> None:
        """To be told of every record of any other kind: some monitors count all records with one counter."""
        self._last_of_any = record.number

    def chunks(self, record: Record, at: Instant) -> list[WaveChunk]:
        """The chunks in this wave record."""
        if record.maintype != WAVE:
            raise ValueError("only wave records hold waves")
        if self._lost_before(record.number, at):
            self._after_gap = set(_KINDS)
        self._last_number, self._last_of_any, self._last_at = record.number, None, at
        chunks = []
        for kind, body in record.subrecords:
            part = waves.decode_wave(body) if kind in _KINDS else None
            name = self._name(kind)
            if part is not None and name is not None and len(part.samples):
                chunks.append(self._chunk(kind, name, part, at))
        return chunks

    def _name(self, kind: int) -> WaveName | None:
        return self._ecg if kind == waves.ECG1 else _NAMES.get(kind)

    def _lost_before(self, number: int, at: Instant) -> bool:
        if self._last_number is None or self._last_at is None or at.since(self._last_at) > SILENCE_S:
            return True
        # A monitor that does not count at all repeats its number.
        follows = {self._last_number, self._last_number + 1 & 0xFF}
        if self._last_of_any is not None:
            follows.add(self._last_of_any + 1 & 0xFF)
        return number not in follows

    def _chunk(self, kind: int, name: WaveName, part: WavePart, at: Instant) -> WaveChunk:
        gain, unit = waves.SCALE[kind]
        part.samples[part.samples <= waves.LAST_CONTROL_CODE] = np.int16(MISSING_SAMPLE)
        gap = kind in self._after_gap or bool(part.status & waves.GAP)
        self._after_gap.discard(kind)
        return WaveChunk(
            self._source,
            name,
            float(waves.RATE_HZ[kind]),
            part.samples,
            gain,
            unit,
            at,
            gap_before=gap,
            lead_off=bool(part.status & waves.LEAD_OFF),
        )
