"""Observed values inside attributes: numbers with their state and unit, samples, scales, and active alarms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from devices.monitors.philips_intellivue.wire import codes
from devices.monitors.philips_intellivue.wire.fields import (
    Attributes,
    Malformed,
    ManagedObject,
    Reader,
    Special,
    counted,
    counted_reader,
    decode_float,
    decode_object,
    decode_text,
    encode_float,
    encode_object,
    encode_text,
    sized,
    u16,
    u32,
)

# --- measurement state
INVALID = 0x8000
QUESTIONABLE = 0x4000
UNAVAILABLE = 0x2000
CALIBRATING = 0x1000
TEST = 0x0800
DEMO = 0x0400
VALIDATED = 0x0080
EARLY = 0x0040
MEASURING = 0x0020
IN_ALARM = 0x0002
NOT_VALID = 0xFF00
"""A value is valid exactly when none of these bits is set."""

# --- fixed values: what a marked sample means
SAMPLE_INVALID, SAMPLE_PACE, SAMPLE_DEFIB, SAMPLE_SATURATED, SAMPLE_QRS = 1, 2, 3, 4, 5

# --- alarm types and states
LOW_T, MEDIUM_T, HIGH_T = 0x0001, 0x0002, 0x0004
LOW_P, MEDIUM_P, HIGH_P = 0x0100, 0x0200, 0x0400
ALARM_INHIBITED, ALARM_SUSPENDED, ALARM_LATCHED, ALARM_SILENCED = 0x8000, 0x4000, 0x2000, 0x1000
ALARM_TEST, ALARM_STANDBY, ALARM_DEMO, ALARM_NEW = 0x0400, 0x0200, 0x0100, 0x0008

_GENERAL_INFO, _TEXT_INFO = 513, 516

_SOMETHING = ManagedObject(codes.NUMERICS)

Samples = npt.NDArray[np.uint16]


# --- numbers --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    """One observed number: what it is, what the monitor thinks of it, its unit, and its value."""

    physio: int
    state: int
    unit: int
    value: float | Special


def decode_numbers(attributes: Attributes) -> tuple[Number, ...]:
    """All numbers of an object, be they single or compound; raises Malformed."""
    numbers: list[Number] = []
    if (single := attributes.get(codes.VALUE)) is not None:
        numbers.append(_number(Reader(single)))
    if (compound := attributes.get(codes.COMPOUND_VALUE)) is not None:
        count, reader = counted_reader(Reader(compound))
        numbers += [_number(reader) for _ in range(count)]
        reader.ended()
    return tuple(numbers)


def encode_number(number: Number, decimals: int = 0) -> bytes:
    """The ten bytes of one number."""
    return u16(number.physio, number.state, number.unit) + u32(encode_float(number.value, decimals))


def encode_compound(numbers: tuple[Number, ...], decimals: int = 0) -> bytes:
    """The attribute of several numbers that were measured together."""
    return counted(encode_number(number, decimals) for number in numbers)


def _number(reader: Reader) -> Number:
    return Number(reader.u16(), reader.u16(), reader.u16(), decode_float(reader.u32()))


# --- samples --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SampleSpec:
    """How samples are packed: how many in a message, bits of each and how many of them are the value, flags."""

    count: int
    bits: int
    significant: int
    flags: int = 0


@dataclass(frozen=True, slots=True)
class Scale:
    """Two points of the line from raw to physical; NaN where the wave has no absolute values."""

    low: float | Special
    high: float | Special
    low_raw: int
    high_raw: int


@dataclass(frozen=True, slots=True)
class SampleBlock:
    """The packed samples of one wave as they came, with the monitor's state of them."""

    physio: int
    state: int
    raw: bytes


def decode_blocks(attributes: Attributes) -> tuple[SampleBlock, ...]:
    """All blocks of samples of an object (the leads of an ECG share one object); raises Malformed."""
    blocks: list[SampleBlock] = []
    if (single := attributes.get(codes.SAMPLES)) is not None:
        blocks.append(_block(Reader(single)))
    if (compound := attributes.get(codes.COMPOUND_SAMPLES)) is not None:
        count, reader = counted_reader(Reader(compound))
        blocks += [_block(reader) for _ in range(count)]
        reader.ended()
    return tuple(blocks)


def encode_block(block: SampleBlock) -> bytes:
    """The bytes of one block."""
    return u16(block.physio, block.state) + sized(block.raw)


def unpack_samples(raw: bytes, spec: SampleSpec) -> Samples:
    """Unsigned samples with all their bits; raises Malformed for a width that nobody uses."""
    if spec.bits == 8:
        return np.frombuffer(raw, np.uint8).astype(np.uint16)
    if spec.bits != 16 or len(raw) % 2:
        raise Malformed(f"has samples of {spec.bits} bits in {len(raw)} bytes")
    return np.frombuffer(raw, ">u2").astype(np.uint16)


def pack_samples(samples: Samples) -> bytes:
    """Samples of 16 bits."""
    return samples.astype(">u2").tobytes()


def decode_spec(value: bytes) -> SampleSpec:
    """The sample array specification; raises Malformed."""
    reader = Reader(value)
    return SampleSpec(reader.u16(), reader.u8(), reader.u8(), reader.u16())


def encode_spec(spec: SampleSpec) -> bytes:
    """The sample array specification."""
    return u16(spec.count) + bytes([spec.bits, spec.significant]) + u16(spec.flags)


def decode_scale(value: bytes) -> Scale:
    """The scale and range specification; raises Malformed."""
    reader = Reader(value)
    return Scale(decode_float(reader.u32()), decode_float(reader.u32()), reader.u16(), reader.u16())


def encode_scale(scale: Scale, decimals: int = 0) -> bytes:
    """The scale and range specification."""
    ends = u32(encode_float(scale.low, decimals), encode_float(scale.high, decimals))
    return ends + u16(scale.low_raw, scale.high_raw)


def decode_fixed(value: bytes) -> dict[int, int]:
    """What a sample with these bits means: meaning -> bits; raises Malformed."""
    count, reader = counted_reader(Reader(value))
    pairs = [(reader.u16(), reader.u16()) for _ in range(count)]
    reader.ended()
    return dict(pairs)


def encode_fixed(fixed: dict[int, int]) -> bytes:
    """The specification of fixed values."""
    return counted(u16(meaning, bits) for meaning, bits in fixed.items())


# --- alarms ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Alarm:
    """One entry of the monitor's list of active alarms; `text` as the monitor shows it, "" where it only numbers it."""

    source: int
    code: int
    kind: int
    state: int
    text: str = ""
    text_id: int = 0
    about: ManagedObject = _SOMETHING


def decode_alarms(value: bytes) -> tuple[Alarm, ...]:
    """The active alarms of one list; raises Malformed."""
    count, reader = counted_reader(Reader(value))
    alarms = []
    for _ in range(count):
        source, code, kind, state = (reader.u16() for _ in range(4))
        about = decode_object(reader)
        form = reader.u16()
        text, text_id = _alarm_text(form, Reader(reader.sized()))
        alarms.append(Alarm(source, code, kind, state, text, text_id, about))
    reader.ended()
    return tuple(alarms)


def encode_alarms(alarms: tuple[Alarm, ...]) -> bytes:
    """The list of active alarms, each with its text."""
    return counted(
        u16(alarm.source, alarm.code, alarm.kind, alarm.state)
        + encode_object(alarm.about)
        + u16(_TEXT_INFO)
        + sized(u16(index) + u32(alarm.text_id) + u16(0, 0) + encode_text(alarm.text))
        for index, alarm in enumerate(alarms)
    )


def _alarm_text(form: int, info: Reader) -> tuple[str, int]:
    if form not in (_GENERAL_INFO, _TEXT_INFO):
        return "", 0
    info.u16()  # instance
    text_id = info.u32()
    info.u32()  # priority and flags
    return (decode_text(info.sized()) if form == _TEXT_INFO else ""), text_id


def _block(reader: Reader) -> SampleBlock:
    return SampleBlock(reader.u16(), reader.u16(), reader.sized())
