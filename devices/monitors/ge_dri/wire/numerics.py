"""The subrecord of displayed values: 278 bytes of groups, each with status bits, a label and 16-bit numbers."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

SUBRECORD_BYTES = 278
AUXILIARY_BYTES = 114
CLASS_BASIC = 0

INVALID = -32767
NOT_UPDATED = -32766
DISCONTINUITY = -32765
UNDER_RANGE = -32764
OVER_RANGE = -32763
NOT_CALIBRATED = -32762
LAST_SPECIAL = -32001
"""Numbers at or below this are no measurement."""

EXISTS = 1 << 0
ACTIVE = 1 << 1

ECG_ASYSTOLE = 1 << 2
ECG_SOURCE_SHIFT = 3
ECG_SOURCE_MASK = 0xF
ECG_NOISE = 1 << 7
ECG_ARTIFACT = 1 << 8
ECG_LEARNING = 1 << 9
ECG_CHANNEL_1_OFF = 1 << 11
HR_FROM_ECG = (1, 9)
HR_FROM_PRESSURE = (2, 3, 4, 5)
HR_FROM_PLETH = (6, 12)

NIBP_AUTO = 1 << 3
NIBP_STAT = 1 << 4
NIBP_MEASURING = 1 << 5
NIBP_STASIS = 1 << 6
NIBP_CALIBRATING = 1 << 7
NIBP_OLDER_THAN_60_S = 1 << 8

CO2_APNEA = 1 << 2
CO2_RR_SOURCE_MASK = 0x7
CO2_RR_FROM_IMPEDANCE = 2

LEAD_I, LEAD_II, LEAD_III, LEAD_V = 1, 2, 3, 7
_ECG1_LEAD_SHIFT = 8

_LAYOUT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ecg", ("hr", "st1", "st2", "st3", "imp_rr")),
    *((f"p{n}", ("sys", "dia", "mean", "hr")) for n in (1, 2, 3, 4)),
    ("nibp", ("sys", "dia", "mean", "hr")),
    *((f"t{n}", ("temp",)) for n in (1, 2, 3, 4)),
    ("spo2", ("spo2", "pr", "ir_amp", "svo2")),
    ("co2", ("et", "fi", "rr", "amb")),
    ("o2", ("et", "fi")),
    ("n2o", ("et", "fi")),
    ("aa", ("et", "fi", "mac_sum")),
    ("flow_vol", ("rr", "ppeak", "peep", "pplat", "tv_insp", "tv_exp", "compliance", "mv_exp")),
    ("co_wedge", ("co", "blood_temp", "ref", "pcwp")),
    ("nmt", ("t1", "tratio", "ptc")),
    ("ecg_extra", ("hr_ecg", "hr_max", "hr_min")),
    ("svo2", ("svo2",)),
    ("p5", ("sys", "dia", "mean", "hr")),
    ("p6", ("sys", "dia", "mean", "hr")),
)
_NO_HEADER = "ecg_extra"
_BASIC = struct.Struct(
    "<I" + "".join(("" if name == _NO_HEADER else "IH") + "h" * len(names) for name, names in _LAYOUT) + "2sBBH"
)
_NIBP_TIME = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Group:
    """One measurement's status bits, label and raw numbers by name."""

    status: int
    label: int
    values: Mapping[str, int]

    @property
    def exists(self) -> bool:
        """The module is there."""
        return bool(self.status & EXISTS)

    @property
    def active(self) -> bool:
        """The module is there and measures."""
        return self.status & (EXISTS | ACTIVE) == (EXISTS | ACTIVE)


def empty_group(name: str) -> Group:
    """The group as a monitor without that module sends it."""
    return Group(0, 0, dict.fromkeys(dict(_LAYOUT)[name], INVALID))


@dataclass(frozen=True, slots=True)
class BasicValues:
    """The basic class of displayed values; groups that are left out are sent as missing."""

    time: int
    groups: Mapping[str, Group]
    marker: int = 0
    control: int = 0
    class_word: int = 0
    reserved: bytes = b"\0\0"


def class_word(level: int, subtype: int, values_class: int = CLASS_BASIC) -> int:
    """The word that ends a subrecord: subtype, interface level and class."""
    return subtype | (level & 0xF) << 4 | values_class << 8


def is_displayed_basic(subrecord: bytes, displayed: int) -> bool:
    """Whether the subrecord is of the basic class and of the subtype `displayed`."""
    if len(subrecord) != SUBRECORD_BYTES:
        return False
    word = int.from_bytes(subrecord[-2:], "little")
    return word >> 8 & 0xF == CLASS_BASIC and word & 0xF == displayed


def encode_basic(values: BasicValues) -> bytes:
    """The 278 bytes of these values."""
    flat: list[int | bytes] = [values.time]
    for name, fields in _LAYOUT:
        group = values.groups.get(name) or empty_group(name)
        if name != _NO_HEADER:
            flat += (group.status, group.label)
        flat += (group.values[field] for field in fields)
    return _BASIC.pack(*flat, values.reserved, values.marker, values.control, values.class_word)


def decode_basic(subrecord: bytes) -> BasicValues:
    """Read a subrecord of 278 bytes of the basic class."""
    flat = _BASIC.unpack(subrecord)
    groups: dict[str, Group] = {}
    at = 1
    for name, fields in _LAYOUT:
        status = label = 0
        if name != _NO_HEADER:
            status, label = flat[at : at + 2]
            at += 2
        groups[name] = Group(status, label, dict(zip(fields, flat[at : at + len(fields)], strict=True)))
        at += len(fields)
    reserved, marker, control, word = flat[at:]
    return BasicValues(flat[0], groups, marker, control, word, reserved)


def decode_nibp_time(auxiliary: bytes) -> int | None:
    """When NIBP was last measured, in Unix seconds of the monitor's clock; None where the subrecord does not say."""
    if len(auxiliary) != AUXILIARY_BYTES:
        return None
    return int(_NIBP_TIME.unpack_from(auxiliary)[0]) or None


def ecg1_lead(label: int) -> int:
    """The lead of ECG1 in the ECG group's label: 0 not told, 1 I, 2 II, 3 III, 4-6 augmented, 7 V.

    Which nibble belongs to which channel is inferred: the one real capture has 0x1200 with ECG1 in its usual lead II.
    """
    return label >> _ECG1_LEAD_SHIFT & 0xF


def ecg1_label(lead: int) -> int:
    """The ECG group's label when ECG1 shows `lead`."""
    return lead << _ECG1_LEAD_SHIFT


def encode_nibp_time(unix_s: int) -> bytes:
    """An auxiliary subrecord that tells only when NIBP was measured."""
    return _NIBP_TIME.pack(unix_s).ljust(AUXILIARY_BYTES, b"\0")
