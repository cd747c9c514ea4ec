"""The simulated monitor's waves: samples of the made-up patient, packed as real monitors pack them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from devices.monitors.philips_intellivue.simulator.numbers import CONTEXT
from devices.monitors.philips_intellivue.wire import codes, values
from devices.monitors.philips_intellivue.wire.fields import Special, counted, u16, u32
from devices.monitors.philips_intellivue.wire.results import Observed
from devices.monitors.philips_intellivue.wire.values import (
    SampleBlock,
    Samples,
    SampleSpec,
    Scale,
    encode_block,
    encode_fixed,
    encode_scale,
    encode_spec,
    pack_samples,
)
from devices.simulation.patient import BLOCK, PatientWorld

BLOCK_TICKS = 2048
"""A message has 256 ms of each wave."""
CONTEXT_EVERY = 4
"""So many messages apart one object's context comes along."""

MOST_ECG = 3
MARK_INVALID, MARK_QRS = 0x8000, 0x4000
PLETH_FULL, PLETH_ZERO = 12.0, 4.0
"""The pleth's full scale in % of modulation, and where its zero lies in it: the wire tells neither."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One kind of wave: its name in the patient's world, sensor, object, scale."""

    name: str
    sensor: str
    handle: int
    period: int
    scale: Scale
    decimals: int
    unit: int
    bits: int
    flags: int

    @property
    def count(self) -> int:
        """Samples in one message."""
        return BLOCK_TICKS // self.period

    @property
    def rate_hz(self) -> float:
        """Samples per second."""
        return codes.TICKS_PER_S / self.period


_ECG_SCALE = Scale(-40.96, 40.955, 0, 16383)


def _ecg(name: str) -> Shown:
    return Shown(name, "ecg", 0x0101, 16, _ECG_SCALE, 3, codes.MILLIVOLT, 14, 0x3000)


SHOWN: dict[int, Shown] = {
    codes.ECG_I: _ecg("ecg_i"),
    codes.ECG_II: _ecg("ecg_ii"),
    codes.ECG_III: _ecg("ecg_iii"),
    codes.ECG_V: _ecg("ecg_v"),
    codes.PLETH: Shown(
        "pleth", "spo2", 0x0102, 64, Scale(Special.NAN, Special.NAN, 0, 4095), 0, codes.DIMENSIONLESS, 12, 0x8000
    ),
    codes.RESP: Shown("resp", "ecg", 0x0103, 128, Scale(-5.0, 5.0, 0, 4000), 1, codes.OHM, 12, 0x8000),
}
_LABELS = {codes.text_id(physio): physio for physio in SHOWN}


def chosen(labels: tuple[int, ...]) -> tuple[int, ...]:
    """The waves that this list gives: unknown labels and a fourth ECG lead are silently left out."""
    waves: list[int] = []
    ecg = SHOWN[codes.ECG_II].handle
    for physio in (_LABELS[label] for label in labels if label in _LABELS):
        leads = sum(SHOWN[one].handle == ecg for one in waves)
        if physio not in waves and not (SHOWN[physio].handle == ecg and leads == MOST_ECG):
            waves.append(physio)
    return tuple(waves)


def objects(
    world: PatientWorld, waves: tuple[int, ...], block: int, t: float, turn: int, state: int
) -> tuple[Observed, ...]:
    """The wave objects of 256-ms block number `block`; the context of one goes along at every fourth `turn`."""
    by_handle: dict[int, list[int]] = {}
    for physio in waves:
        by_handle.setdefault(SHOWN[physio].handle, []).append(physio)
    place = turn // CONTEXT_EVERY % len(by_handle) if by_handle and turn % CONTEXT_EVERY == 0 else -1
    found = []
    for index, (handle, leads) in enumerate(by_handle.items()):
        told = _context(leads[0]) if index == place else {}
        blocks = [encode_block(_block(world, physio, block, t, state)) for physio in leads]
        told |= {codes.SAMPLES: blocks[0]} if len(blocks) == 1 else {codes.COMPOUND_SAMPLES: counted(blocks)}
        found.append(Observed(CONTEXT, handle, told))
    return tuple(found)


def _context(physio: int) -> dict[int, bytes]:
    shown = SHOWN[physio]
    return {
        codes.SAMPLE_SPEC: encode_spec(SampleSpec(shown.count, 16, shown.bits, shown.flags)),
        codes.SAMPLE_PERIOD: u32(shown.period),
        codes.FIXED_VALUES: encode_fixed(
            {values.SAMPLE_INVALID: MARK_INVALID, values.SAMPLE_QRS: MARK_QRS}
            if shown.bits == 14
            else {values.SAMPLE_INVALID: MARK_INVALID}
        ),
        codes.UNIT: u16(shown.unit),
        codes.SCALE_RANGE: encode_scale(shown.scale, shown.decimals),
        codes.LABEL: u32(codes.text_id(physio)),
    }


def _block(world: PatientWorld, physio: int, block: int, t: float, state: int) -> SampleBlock:
    shown = SHOWN[physio]
    if world.sensor_off(shown.sensor, t):
        nothing = np.full(shown.count, MARK_INVALID, np.uint16)
        return SampleBlock(physio, values.INVALID | values.UNAVAILABLE, pack_samples(nothing))
    return SampleBlock(physio, state, pack_samples(_raw(world, shown, block * shown.count)))


def _raw(world: PatientWorld, shown: Shown, first: int) -> Samples:
    number, within = divmod(first, BLOCK)  # a message never needs two: its samples go into a block without a rest
    whole = world.kept(shown.name, number, lambda: _raw_block(world, shown, number * BLOCK))
    return whole[within : within + shown.count]


def _raw_block(world: PatientWorld, shown: Shown, first: int) -> Samples:
    physical = world.wave(shown.name, first, BLOCK, shown.rate_hz)
    scale = shown.scale
    if isinstance(scale.low, Special) or isinstance(scale.high, Special):
        share = (physical + PLETH_ZERO) / PLETH_FULL
    else:
        share = (physical - scale.low) / (scale.high - scale.low)
    span = scale.high_raw - scale.low_raw
    raw = np.clip(np.rint(share * span), 0, span).astype(np.uint16)
    if shown.bits == 14:
        beats = np.floor(world.heartbeats((first + np.arange(-1, BLOCK)) / shown.rate_hz))
        raw[np.diff(beats) > 0] |= MARK_QRS
    return raw
