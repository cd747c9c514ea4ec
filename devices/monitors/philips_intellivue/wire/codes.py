"""The nomenclature numbers of IntelliVue Data Export that this program knows."""

from __future__ import annotations

from typing import Final

# --- object classes
NUMERICS: Final = 0x0006
WAVES: Final = 0x0009
MDS: Final = 0x0021
ALERT_MONITOR: Final = 0x0036

# --- events and actions
MDS_CREATE: Final = 0x0D06
POLL: Final = 0x0C16
POLL_EXTENDED: Final = 0xF13B

# --- groups of attributes
ALL_GROUPS: Final = 0x0000
GROUP_ALERTS: Final = 0x0801
GROUP_SYSTEM_ID: Final = 0x080B
GROUP_PRODUCTION: Final = 0x080C

# --- attributes
P_ALARMS: Final = 0x0902
T_ALARMS: Final = 0x0904
ALERT_CONDITION: Final = 0x0916
LABEL: Final = 0x0924
LABEL_TEXT: Final = 0x0927
MODEL: Final = 0x0928
PRODUCTION: Final = 0x092D
COMPOUND_VALUE: Final = 0x094B
VALUE: Final = 0x0950
FIXED_VALUES: Final = 0x0A16
COMPOUND_SAMPLES: Final = 0x0967
SAMPLE_SPEC: Final = 0x096D
SAMPLES: Final = 0x096E
SCALE_RANGE: Final = 0x096F
SYSTEM_ID: Final = 0x0984
ABSOLUTE_TIME: Final = 0x0987
SAMPLE_PERIOD: Final = 0x098D
RELATIVE_TIME: Final = 0x098F
TIME_STAMP: Final = 0x0990
UNIT: Final = 0x0996
POLL_PERIOD: Final = 0xF13E
WAVE_PRIORITIES: Final = 0xF23A
NUMERIC_PRIORITIES: Final = 0xF239
POLL_PROFILE: Final = 0x0001
POLL_PROFILE_EXT: Final = 0xF001
OBJECT_SUPPORT: Final = 0x0102

# --- what is measured
HR: Final = 0x4182
PULSE: Final = 0x480A
PLETH_PULSE: Final = 0x4822
NIBP: Final = 0x4A04
NIBP_SYS: Final = 0x4A05
NIBP_DIA: Final = 0x4A06
NIBP_MEAN: Final = 0x4A07
NIBP_PULSE: Final = 0xF0E5
PERFUSION: Final = 0x4BB0
SPO2: Final = 0x4BB8
RESP_RATE: Final = 0x500A
AIRWAY_RATE: Final = 0x5012
SPONTANEOUS_RATE: Final = 0xF828
TEMP: Final = 0x4B48
TEMP_CORE: Final = 0x4B60
TEMP_SKIN: Final = 0x4B74
TEMP_TYMPANIC: Final = 0x4B78
TEMP_RECTAL: Final = 0xE004
TEMP_GENERIC_1: Final = 0xF0C7
TEMP_ORAL: Final = 0xF108
TEMP_AXILLARY: Final = 0xF10C

# --- waves
ECG_I: Final = 0x0101
ECG_II: Final = 0x0102
ECG_III: Final = 0x013D
ECG_V: Final = 0x0157
PLETH: Final = 0x4BB4
RESP: Final = 0x5000

# --- units
NO_UNIT: Final = 0x0000
DIMENSIONLESS: Final = 0x0200
PERCENT: Final = 0x0220
BEATS_PER_MIN: Final = 0x0AA0
BREATHS_PER_MIN: Final = 0x0AE0
KILOPASCAL: Final = 0x0F03
MMHG: Final = 0x0F20
MILLIVOLT: Final = 0x10B2
MICROVOLT: Final = 0x10B3
OHM: Final = 0x10C0
FAHRENHEIT: Final = 0x1140
CELSIUS: Final = 0x17A0

_SCADA = 0x0002_0000


def text_id(physio: int) -> int:
    """The label of the usual wave or number of this physiological id."""
    return _SCADA | physio


TICKS_PER_S: Final = 8000
"""Relative times count in 125 us."""
