"""From displayed values to vital signs: status bits and special values decide what is missing, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from devices.monitors.ge_dri.driver.nibp import NibpResult
from devices.monitors.ge_dri.wire import numerics
from devices.monitors.ge_dri.wire.numerics import BasicValues, Group
from exomonitor.clock import Instant
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import PLAUSIBLE, Sign, VitalReading

_PER_HUNDRED = 100

_WHY_MISSING: dict[int, tuple[Validity, str]] = {
    numerics.INVALID: (Validity.UNAVAILABLE, ""),
    numerics.NOT_UPDATED: (Validity.HELD, "not updated"),
    numerics.DISCONTINUITY: (Validity.INVALID, "discontinuity"),
    numerics.UNDER_RANGE: (Validity.INVALID, "below the monitor's range"),
    numerics.OVER_RANGE: (Validity.INVALID, "above the monitor's range"),
    numerics.NOT_CALIBRATED: (Validity.CALIBRATING, "not calibrated"),
}
_SITES: dict[int, str] = {
    1: "oesophageal", 2: "nasopharyngeal", 3: "tympanic", 4: "rectal", 5: "bladder", 6: "axillary", 7: "skin",
    8: "airway", 9: "room", 11: "T1", 12: "T2", 13: "T3", 14: "T4", 15: "core", 16: "surface",
}  # fmt: skip
_CUFF = {Sign.NIBP_SYS: "sys", Sign.NIBP_DIA: "dia", Sign.NIBP_MAP: "mean"}
_NOT_THE_BODY = frozenset({8, 9})
_ONLY_THE_SURFACE = frozenset({7, 16})


@dataclass(frozen=True, slots=True)
class Judged:
    """A value with what is thought of it; `value` in the sign's unit, None when missing."""

    value: float | None
    validity: Validity
    note: str = ""


def vital_readings(basic: BasicValues, nibp: NibpResult | None, source: str, at: Instant) -> list[VitalReading]:
    """All nine signs, missing ones too, so that nobody has to guess what silence means."""
    groups = basic.groups
    spo2, ecg = groups["spo2"], groups["ecg"]
    signs = {
        Sign.HR: _heart_rate(ecg),
        Sign.PULSE: _pulse(spo2, ecg),
        Sign.SPO2: _not_zero(_judge(spo2, "spo2", _PER_HUNDRED)),
        Sign.PI: _not_zero(_judge(spo2, "ir_amp", _PER_HUNDRED)),
        Sign.RR: _respiration(groups["co2"], ecg),
        Sign.TEMP: _temperature(groups),
    }
    readings = [_reading(source, sign, judged, at) for sign, judged in signs.items()]
    return readings + _pressures(groups["nibp"], nibp, source, at)


def _judge(group: Group, name: str, divisor: int = 1) -> Judged:
    """The raw number `name` divided by `divisor`, or why there is none."""
    raw = group.values[name]
    if not group.exists:
        return Judged(None, Validity.UNAVAILABLE)
    if not group.active:
        return Judged(None, Validity.SENSOR_OFF)
    if raw <= numerics.LAST_SPECIAL:
        return Judged(None, *_WHY_MISSING.get(raw, (Validity.INVALID, f"special value {raw}")))
    # Dividing gives the nearest decimal; multiplying by 0.01 would leave dust such as 36.730000000000004.
    return Judged(raw / divisor, Validity.VALID)


def _not_zero(judged: Judged) -> Judged:
    """Zero is no rate and no saturation: the monitor has none."""
    return Judged(None, Validity.INVALID, "zero is no value") if judged.value == 0 else judged


def _hr_source(ecg: Group) -> int:
    return ecg.status >> numerics.ECG_SOURCE_SHIFT & numerics.ECG_SOURCE_MASK


def _heart_rate(ecg: Group) -> Judged:
    judged = _judge(ecg, "hr")
    source = _hr_source(ecg)
    if judged.value is None:
        return _without_rate(ecg, judged)
    if source in numerics.HR_FROM_PLETH:
        return Judged(None, Validity.UNAVAILABLE, "the monitor takes its rate from the pleth")
    if source in numerics.HR_FROM_PRESSURE:
        return Judged(None, Validity.UNAVAILABLE, "the monitor takes its rate from an invasive pressure")
    if judged.value == 0:
        # The one zero that is a measurement: the monitor says asystole.
        asystole = bool(ecg.status & numerics.ECG_ASYSTOLE)
        return Judged(0.0, Validity.QUESTIONABLE, "asystole") if asystole else _not_zero(judged)
    if source not in numerics.HR_FROM_ECG:
        return replace(judged, validity=Validity.QUESTIONABLE, note=f"unknown source {source}")
    for bit, note in ((numerics.ECG_ARTIFACT, "artifact"), (numerics.ECG_NOISE, "noise")):
        if ecg.status & bit:
            return replace(judged, validity=Validity.QUESTIONABLE, note=note)
    return judged


def _without_rate(ecg: Group, judged: Judged) -> Judged:
    for bit, validity, note in (
        (numerics.ECG_ASYSTOLE, Validity.INVALID, "asystole"),
        (numerics.ECG_CHANNEL_1_OFF, Validity.SENSOR_OFF, ""),
        (numerics.ECG_ARTIFACT, Validity.ARTIFACT, ""),
        (numerics.ECG_LEARNING, Validity.UNAVAILABLE, "learning"),
    ):
        if ecg.exists and ecg.status & bit:
            return Judged(None, validity, note)
    return judged


def _pulse(spo2: Group, ecg: Group) -> Judged:
    """The oximeter's pulse; without it, the monitor's rate where that is a pulse. Never both: it would alarm twice."""
    judged = _not_zero(_judge(spo2, "pr"))
    if judged.value is not None:
        return judged
    rate = _not_zero(_judge(ecg, "hr"))
    source = _hr_source(ecg)
    if rate.value is not None and source in numerics.HR_FROM_PLETH:
        return replace(rate, note="the monitor's rate, from the pleth")
    if rate.value is not None and source in numerics.HR_FROM_PRESSURE:
        return replace(rate, note="the monitor's rate, from an invasive pressure")
    return judged


def _respiration(co2: Group, ecg: Group) -> Judged:
    rate = _judge(co2, "rr")
    if rate.value == 0 and co2.status & numerics.CO2_APNEA:
        return Judged(0.0, Validity.QUESTIONABLE, "apnea")
    if rate.value:
        by_impedance = co2.label & numerics.CO2_RR_SOURCE_MASK == numerics.CO2_RR_FROM_IMPEDANCE
        return replace(rate, note="impedance" if by_impedance else "CO2")
    impedance = _not_zero(_judge(ecg, "imp_rr"))
    return replace(impedance, note="impedance") if impedance.value is not None else impedance


def _temperature(groups: Mapping[str, Group]) -> Judged:
    """The first site that tells about the body; skin only when there is no better one, room and airway never."""
    surface: Judged | None = None
    for name in ("t1", "t2", "t3", "t4"):
        group = groups[name]
        judged = _judge(group, "temp", _PER_HUNDRED)
        if judged.value is None or group.label in _NOT_THE_BODY:
            continue
        site = _SITES.get(group.label, name.upper())
        if group.label not in _ONLY_THE_SURFACE:
            return replace(judged, note=site)
        surface = surface or Judged(judged.value, Validity.QUESTIONABLE, site)
    first = groups["t1"]
    missing = _judge(first, "temp") if first.label not in _NOT_THE_BODY else Judged(None, Validity.UNAVAILABLE)
    return surface or (missing if missing.value is None else Judged(None, Validity.UNAVAILABLE))


def _pressures(group: Group, result: NibpResult | None, source: str, at: Instant) -> list[VitalReading]:
    """The cuff's three pressures, all of one measurement and one age."""
    measured_at = result.measured_at if result is not None else None
    judged: dict[Sign, Judged]
    if group.active and group.label & numerics.NIBP_MEASURING:
        judged = dict.fromkeys(_CUFF, Judged(None, Validity.MEASURING))
    elif group.active and group.label & numerics.NIBP_CALIBRATING:
        judged = dict.fromkeys(_CUFF, Judged(None, Validity.CALIBRATING))
    elif result is not None and measured_at is None:
        judged = dict.fromkeys(_CUFF, Judged(None, Validity.HELD, "measured before it was first seen here"))
    else:
        judged = {sign: _not_zero(_judge(group, name, _PER_HUNDRED)) for sign, name in _CUFF.items()}
        if result is not None and result.raw[0] <= result.raw[1]:
            judged = {sign: _doubted(one, "systolic not above diastolic") for sign, one in judged.items()}
    return [_reading(source, sign, one, at, measured_at) for sign, one in judged.items()]


def _doubted(judged: Judged, note: str) -> Judged:
    return judged if judged.value is None else replace(judged, validity=Validity.QUESTIONABLE, note=note)


def _reading(source: str, sign: Sign, judged: Judged, at: Instant, measured_at: Instant | None = None) -> VitalReading:
    """The reading; a value that no working monitor shows is kept, but doubted."""
    lowest, highest = PLAUSIBLE[sign]
    if judged.value is not None and not lowest <= judged.value <= highest:
        judged = _doubted(judged, judged.note or "outside the plausible range")
    when = measured_at if judged.value is not None else None
    return VitalReading(source, sign, judged.value, judged.validity, at, when, note=judged.note)
