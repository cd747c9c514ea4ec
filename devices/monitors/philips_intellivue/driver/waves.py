"""From samples to wave chunks: scale and packing come now and then, samples every 256 ms, and losses are gaps."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from devices.monitors.philips_intellivue.wire import codes, values
from devices.monitors.philips_intellivue.wire.fields import Reader, Special
from devices.monitors.philips_intellivue.wire.results import Observed
from devices.monitors.philips_intellivue.wire.values import SampleBlock, SampleSpec, Scale
from exomonitor.clock import Instant
from exomonitor.signals.waves import MISSING_SAMPLE, WaveChunk, WaveName
from exomonitor.units import MV, OHM, PERCENT

SILENCE_S = 2.0
"""After a longer silence a wave goes on behind a gap, whatever the monitor's clock says."""

_NAMES: dict[int, WaveName] = {
    codes.ECG_I: WaveName.ECG_I,
    codes.ECG_II: WaveName.ECG_II,
    codes.ECG_III: WaveName.ECG_III,
    codes.ECG_V: WaveName.ECG_V,
    codes.PLETH: WaveName.PLETH,
    codes.RESP: WaveName.RESP,
}
_UNITS: dict[int, tuple[float, str]] = {
    codes.MILLIVOLT: (1.0, MV),
    codes.MICROVOLT: (0.001, MV),
    codes.OHM: (1.0, OHM),
    codes.PERCENT: (1.0, PERCENT),
}
_MAY_BE_RELATIVE = frozenset({codes.PLETH, codes.RESP})
_NOT_A_MEASUREMENT = frozenset({values.SAMPLE_INVALID, values.SAMPLE_SATURATED})
_LARGEST = 32767
_WRAP = 1 << 32
_BAD_STATE = values.NOT_VALID & ~values.QUESTIONABLE
_OFF = values.INVALID | values.UNAVAILABLE


@dataclass(slots=True)
class _Context:
    """What the monitor has told about one object; it tells one object's context in about a second."""

    spec: SampleSpec | None = None
    period: int = 0
    scale: Scale | None = None
    unit: int = codes.NO_UNIT
    fixed: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Line:
    """physical = (raw + offset) * gain, in `unit`."""

    gain: float
    offset: int
    unit: str
    shrink: float = 1.0


class WaveStreams:
    """Turns the wave objects of a result into chunks."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._contexts: dict[tuple[int, int], _Context] = {}
        self._last: dict[tuple[int, int, int], tuple[int, Instant]] = {}

    def reopened(self) -> None:
        """Handles are dealt anew, and whatever comes next does not follow from what came before."""
        self._contexts.clear()
        self._last.clear()

    def chunks(self, one: Observed, ticks: int, at: Instant) -> list[WaveChunk]:
        """The chunks of this object in a result that began at relative time `ticks`; raises Malformed."""
        context = self._contexts.setdefault((one.context, one.handle), _Context())
        _learn(context, one)
        chunks = []
        for block in values.decode_blocks(one.attributes):
            name = _NAMES.get(block.physio)
            line = _line(context, block.physio)
            if name is None or line is None or context.spec is None or context.period <= 0 or not block.raw:
                continue
            raw = values.unpack_samples(block.raw, context.spec)
            gap = self._gap((one.context, one.handle, block.physio), ticks, len(raw) * context.period, at)
            chunks.append(self._chunk(name, block, raw, context, line, gap, at))
        return chunks

    def _gap(self, key: tuple[int, int, int], ticks: int, lasts: int, at: Instant) -> bool:
        before = self._last.get(key)
        self._last[key] = (ticks, at)
        if before is None or at.since(before[1]) > SILENCE_S:
            return True
        passed = (ticks - before[0]) % _WRAP
        return not 0.5 * lasts < passed < 1.5 * lasts

    def _chunk(
        self,
        name: WaveName,
        block: SampleBlock,
        raw: values.Samples,
        context: _Context,
        line: _Line,
        gap: bool,
        at: Instant,
    ) -> WaveChunk:
        samples = _samples(raw, context, line)
        if block.state & _BAD_STATE:
            samples[:] = MISSING_SAMPLE
        rate = codes.TICKS_PER_S / context.period
        off = name.value.startswith("ecg") and bool(block.state & _OFF)
        return WaveChunk(
            self._source, name, rate, samples, line.gain, line.unit, at, gap_before=gap, lead_off=off
        )  # fmt: skip


def _learn(context: _Context, one: Observed) -> None:
    told = one.attributes
    if codes.SAMPLE_SPEC in told:
        context.spec = values.decode_spec(told[codes.SAMPLE_SPEC])
    if codes.SAMPLE_PERIOD in told:
        context.period = Reader(told[codes.SAMPLE_PERIOD]).u32()
    if codes.SCALE_RANGE in told:
        context.scale = values.decode_scale(told[codes.SCALE_RANGE])
    if codes.UNIT in told:
        context.unit = Reader(told[codes.UNIT]).u16()
    if codes.FIXED_VALUES in told:
        context.fixed = values.decode_fixed(told[codes.FIXED_VALUES])


def _line(context: _Context, physio: int) -> _Line | None:
    """How raw becomes physical; without absolute values a pleth or breath is drawn in % of its full scale."""
    scale = context.scale
    if scale is None or scale.high_raw <= scale.low_raw:
        return None
    span = scale.high_raw - scale.low_raw
    known = _UNITS.get(context.unit)
    if isinstance(scale.low, Special) or isinstance(scale.high, Special) or known is None:
        return _Line(100 / span, -scale.low_raw, PERCENT) if physio in _MAY_BE_RELATIVE else None
    factor, unit = known
    gain = (scale.high - scale.low) * factor / span
    if gain <= 0 or not math.isfinite(gain):
        return None
    offset = round(scale.low * factor / gain) - scale.low_raw
    widest = max(abs(scale.low_raw + offset), abs(scale.high_raw + offset))
    shrink = max(1.0, widest / _LARGEST)
    return _Line(gain * shrink, offset, unit, shrink)


def _samples(raw: values.Samples, context: _Context, line: _Line) -> npt.NDArray[np.int16]:
    """Samples for the chunk's gain; marked ones that are no measurement, and what no scale can hold, are missing."""
    spec = context.spec
    mask = (1 << (spec.significant or spec.bits)) - 1 if spec is not None else 0xFFFF
    missing = np.zeros(len(raw), np.bool_)
    for meaning, bits in context.fixed.items():
        marked = (raw & bits) == bits if bits & ~mask else raw == bits
        # A mark beside the value (a pace pulse, a QRS) leaves the value; a mark in its place does not.
        if bits and (meaning in _NOT_A_MEASUREMENT or not bits & ~mask):
            missing |= marked
    shifted = (raw & mask).astype(np.int64) + line.offset
    scaled = shifted if line.shrink == 1.0 else np.rint(shifted / line.shrink).astype(np.int64)
    missing |= np.abs(scaled) > _LARGEST
    scaled[missing] = MISSING_SAMPLE
    return scaled.astype(np.int16)
