"""Which vital sign an observation is, and in which unit: MDC numbers, MDC names, and the labels of some makers.

Signs are named as everywhere in this program (`hr spo2 ...`). IEEE 11073-10101 numbers: partition << 16 | term.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Meaning:
    """A sign with its rank among several sources of the same sign (0 = best), and a note on where it comes from.

    `surface`: a skin temperature, which is no body temperature.
    """

    sign: str
    rank: int = 0
    note: str = ""
    surface: bool = False


_HR = Meaning("hr")
_SPO2 = Meaning("spo2")
_PULSE = Meaning("pulse")
_PULSE_PLETH = Meaning("pulse", 1)
_PULSE_OTHER = Meaning("pulse", 2, "pulse rate")
_PI = Meaning("pi")
_RR = Meaning("rr")
_RR_IMPEDANCE = Meaning("rr", 1, "impedance")
_RR_PLETH = Meaning("rr", 2, "pleth")
_SYS, _DIA, _MAP = Meaning("nibp_sys"), Meaning("nibp_dia"), Meaning("nibp_map")
_TEMP = Meaning("temp")
_AXILLARY = Meaning("temp", 1, "axillary")
_RECTAL = Meaning("temp", 0, "rectal")
_EAR = Meaning("temp", 1, "tympanic")
_SKIN = Meaning("temp", 9, "skin", surface=True)

OF_CODE = MappingProxyType(
    {
        147842: _HR,
        150456: _SPO2,
        149530: _PULSE,
        149538: _PULSE_PLETH,
        149514: _PULSE_OTHER,
        149522: _PULSE_OTHER,
        150488: _PI,
        150448: _PI,
        151562: _RR,
        151578: _RR_IMPEDANCE,
        151658: _RR_PLETH,
        150301: _SYS,
        150302: _DIA,
        150303: _MAP,
        150021: _SYS,
        150022: _DIA,
        150023: _MAP,
        150344: _TEMP,
        150364: _TEMP,
        188496: _AXILLARY,
        188420: _RECTAL,
        150388: _SKIN,
    }
)
# 149546 MDC_PULS_RATE_NON_INV, the cuff's pulse, is left out: it is as old as the cuff's last measurement.

OF_NAME = MappingProxyType(
    {
        "MDC_ECG_HEART_RATE": _HR,
        "MDC_PULS_OXIM_SAT_O2": _SPO2,
        "MDC_PULS_OXIM_PULS_RATE": _PULSE,
        "MDC_PULS_RATE": _PULSE_OTHER,
        "MDC_BLD_PERF_INDEX": _PI,
        "MDC_RESP_RATE": _RR,
        "MDC_TTHOR_RESP_RATE": _RR_IMPEDANCE,
        "MDC_PULS_OXIM_PLETH_RESP_RATE": _RR_PLETH,
        "MDC_PRESS_CUFF_SYS": _SYS,
        "MDC_PRESS_CUFF_DIA": _DIA,
        "MDC_PRESS_CUFF_MEAN": _MAP,
        "MDC_PRESS_BLD_NONINV_SYS": _SYS,
        "MDC_PRESS_BLD_NONINV_DIA": _DIA,
        "MDC_PRESS_BLD_NONINV_MEAN": _MAP,
        "MDC_TEMP": _TEMP,
        "MDC_TEMP_BODY": _TEMP,
        "MDC_TEMP_AXIL": _AXILLARY,
        "MDC_TEMP_RECT": _RECTAL,
        "MDC_TEMP_TYMP": _EAR,
        "MDC_TEMP_SKIN": _SKIN,
    }
)

# Philips Efficia, and the bare names of GE VC150 and others; compared in capitals.
OF_LABEL = MappingProxyType(
    {
        "HR": _HR,
        "SPO2": _SPO2,
        "PULSE": _PULSE,
        "PR": _PULSE,
        "PERF": _PI,
        "PI": _PI,
        "RR": _RR,
        "RESP": _RR,
        "NBPS": _SYS,
        "NBPD": _DIA,
        "NBPM": _MAP,
        "NIBP_SYS": _SYS,
        "NIBP_DIA": _DIA,
        "NIBP_MEAN": _MAP,
        "TEMP": _TEMP,
    }
)

PERCENT, PER_MIN, MMHG, KPA, CELSIUS, FAHRENHEIT = "%", "/min", "mm[Hg]", "kPa", "Cel", "[degF]"
_UNITS = MappingProxyType(
    {
        "262688": PERCENT,
        "MDC_DIM_PERCENT": PERCENT,
        "%": PERCENT,
        "264864": PER_MIN,
        "MDC_DIM_BEAT_PER_MIN": PER_MIN,
        "264928": PER_MIN,
        "MDC_DIM_RESP_PER_MIN": PER_MIN,
        "/MIN": PER_MIN,
        "1/MIN": PER_MIN,
        "BPM": PER_MIN,
        "RPM": PER_MIN,
        "{BEAT}/MIN": PER_MIN,
        "{BEATS}/MIN": PER_MIN,
        "{RESP}/MIN": PER_MIN,
        "{BREATH}/MIN": PER_MIN,
        "{BREATHS}/MIN": PER_MIN,
        "266016": MMHG,
        "MDC_DIM_MMHG": MMHG,
        "MMHG": MMHG,
        "MM[HG]": MMHG,
        "265987": KPA,
        "MDC_DIM_KILO_PASCAL": KPA,
        "KPA": KPA,
        "268192": CELSIUS,
        "MDC_DIM_DEGC": CELSIUS,
        "CEL": CELSIUS,
        "DEGC": CELSIUS,
        "°C": CELSIUS,
        "C": CELSIUS,
        "266560": FAHRENHEIT,
        "MDC_DIM_FAHR": FAHRENHEIT,
        "[DEGF]": FAHRENHEIT,
        "DEGF": FAHRENHEIT,
        "°F": FAHRENHEIT,
        "F": FAHRENHEIT,
    }
)
_PLAIN_SYSTEMS = frozenset({"", "MDC"})


def meaning_of(components: list[str]) -> Meaning | None:
    """The sign that an OBX-3 names; None when it is none of ours, or when its number and its name contradict."""
    system = components[2] if len(components) > 2 else ""
    found: set[Meaning] = set()
    for text in components[:2]:
        word = text.strip()
        if word.isdecimal() and len(word) < 10 and system in _PLAIN_SYSTEMS:
            meaning = OF_CODE.get(int(word))
        else:
            meaning = OF_NAME.get(word.upper()) or OF_LABEL.get(word.upper())
        if meaning is not None:
            found.add(meaning)
    if len({meaning.sign for meaning in found}) != 1:
        return None
    return min(found, key=lambda meaning: meaning.rank)


def unit_of(components: list[str]) -> str | None:
    """The unit that an OBX-6 names, as UCUM; "" when it names none, None when it is not known."""
    words = [word.strip().upper() for word in components[:2] if word.strip()]
    if not words:
        return ""
    found = {_UNITS[word] for word in words if word in _UNITS}
    return found.pop() if len(found) == 1 else None
