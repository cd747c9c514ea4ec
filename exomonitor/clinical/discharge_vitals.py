"""The vital signs of the discharge checklist: one rule per sign, judged against the patient's own baseline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from pydantic import Field, model_validator

from exomonitor.clinical.anaphylaxis import LOW_SBP_MMHG, needs_own_limit
from exomonitor.clinical.tables import Row
from exomonitor.units import rounded

_Judged = tuple[bool | None, str]


class VitalLimits(Row):
    """The clinic's limits; both ends of a range belong to it. Temperature in degrees Celsius."""

    sbp_within_percent: int = Field(ge=5, le=40)
    hr: tuple[int, int]
    hr_within_percent: int = Field(ge=5, le=40)
    hr_always_ok_to: int = Field(ge=60, le=110)
    rr: tuple[int, int]
    spo2_below_baseline: int = Field(ge=0, le=4)
    spo2_at_least: int = Field(ge=90, le=98)
    spo2_at_least_scale_2: int = Field(ge=84, le=92)
    temp_below: Decimal = Field(ge=37, le=39)
    news2_above_baseline: int = Field(ge=0, le=2)

    @model_validator(mode="after")
    def _ordered(self) -> VitalLimits:
        for name, (lo, hi) in (("hr", self.hr), ("rr", self.rr)):
            if lo >= hi:
                raise ValueError(f"{name} must rise")
        return self


@dataclass(frozen=True, slots=True)
class Baseline:
    """The set before the start; None = not measured. Oxygen in L/min, 0 = air; `scale` is the SpO2 scale of NEWS2."""

    sbp: int | None = None
    hr: int | None = None
    spo2: int | None = None
    oxygen_l_min: Decimal | None = None
    news2: int | None = None
    scale: int = 1
    own_sbp_limit: int | None = None


@dataclass(frozen=True, slots=True)
class VitalSet:
    """One observation set, minutes since the end; None = not measured. `news2_red` = 3 in one parameter."""

    at_min: float
    acvpu: str | None = None
    sbp: int | None = None
    hr: int | None = None
    rr: int | None = None
    spo2: int | None = None
    oxygen_l_min: Decimal | None = None
    temp: Decimal | None = None
    news2: int | None = None
    news2_red: bool | None = None


@dataclass(frozen=True, slots=True)
class VitalRule:
    """The text of a criterion, and its judgement of one set: met, not met or not known (None), and why."""

    text: Callable[[VitalLimits], str]
    judge: Callable[[VitalSet, Baseline, VitalLimits], _Judged]


def sbp_floor(baseline: Baseline) -> int:
    """The lowest systolic in mmHg for discharge: 90, or the documented limit of a patient whose baseline is below."""
    own = baseline.own_sbp_limit
    low = baseline.sbp is not None and needs_own_limit(baseline.sbp)
    return own if own is not None and low else LOW_SBP_MMHG


def _within(value: int, base: int, percent: int) -> bool:
    return abs(value - base) * 100 <= percent * base


def _consciousness(seen: VitalSet, _baseline: Baseline, _limits: VitalLimits) -> _Judged:
    if seen.acvpu is None:
        return None, "consciousness not recorded"
    return seen.acvpu == "A", f"{seen.acvpu}"


def _pressure(seen: VitalSet, baseline: Baseline, limits: VitalLimits) -> _Judged:
    if seen.sbp is None:
        return None, "systolic not measured"
    floor = sbp_floor(baseline)
    if seen.sbp < floor:
        return False, f"{seen.sbp} mmHg is below {floor}"
    if baseline.sbp is None:
        return None, f"{seen.sbp} mmHg, no baseline"
    return _within(seen.sbp, baseline.sbp, limits.sbp_within_percent), f"{seen.sbp} mmHg, baseline {baseline.sbp}"


def _heart_rate(seen: VitalSet, baseline: Baseline, limits: VitalLimits) -> _Judged:
    if seen.hr is None:
        return None, "heart rate not measured"
    lo, hi = limits.hr
    if not lo <= seen.hr <= hi:
        return False, f"{seen.hr}/min is outside {lo}-{hi}"
    if seen.hr <= limits.hr_always_ok_to:
        return True, f"{seen.hr}/min"
    if baseline.hr is None:
        return None, f"{seen.hr}/min, no baseline"
    return _within(seen.hr, baseline.hr, limits.hr_within_percent), f"{seen.hr}/min, baseline {baseline.hr}"


def _breathing(seen: VitalSet, _baseline: Baseline, limits: VitalLimits) -> _Judged:
    if seen.rr is None:
        return None, "respiratory rate not counted"
    return limits.rr[0] <= seen.rr <= limits.rr[1], f"{seen.rr}/min"


def _saturation(seen: VitalSet, baseline: Baseline, limits: VitalLimits) -> _Judged:
    if seen.spo2 is None:
        return None, "SpO₂ not measured"
    least = limits.spo2_at_least if baseline.scale == 1 else limits.spo2_at_least_scale_2
    if seen.spo2 < least:
        return False, f"{seen.spo2} % is below {least}"
    if baseline.spo2 is not None and seen.spo2 < baseline.spo2 - limits.spo2_below_baseline:
        return False, f"{seen.spo2} %, baseline {baseline.spo2}"
    more = _more_oxygen(seen, baseline)
    if more:
        return False, f"{seen.spo2} % on {seen.oxygen_l_min} L/min, baseline {baseline.oxygen_l_min} L/min"
    if baseline.spo2 is None:
        return None, f"{seen.spo2} %, no baseline"
    return (None, f"{seen.spo2} %, oxygen not recorded") if more is None else (True, f"{seen.spo2} %")


def _more_oxygen(seen: VitalSet, baseline: Baseline) -> bool | None:
    if seen.oxygen_l_min == 0:
        return False  # air is never more than at baseline
    if seen.oxygen_l_min is None or baseline.oxygen_l_min is None:
        return None
    return seen.oxygen_l_min > baseline.oxygen_l_min


def _temperature(seen: VitalSet, _baseline: Baseline, limits: VitalLimits) -> _Judged:
    if seen.temp is None:
        return None, "temperature not measured"
    tenth = rounded(seen.temp, 1)
    return tenth < limits.temp_below, f"{tenth} °C"


def _news2(seen: VitalSet, baseline: Baseline, limits: VitalLimits) -> _Judged:
    if seen.news2_red:
        return False, "3 in one parameter"
    if seen.news2 is None or seen.news2_red is None:
        return None, "NEWS2 incomplete"
    if baseline.news2 is None:
        return None, f"NEWS2 {seen.news2}, no baseline"
    return seen.news2 <= baseline.news2 + limits.news2_above_baseline, f"NEWS2 {seen.news2}, baseline {baseline.news2}"


VITAL_RULES: Mapping[str, VitalRule] = MappingProxyType({
    "acvpu": VitalRule(lambda _: "Alert", _consciousness),
    "sbp": VitalRule(
        lambda to: f"Systolic within {to.sbp_within_percent} % of baseline and not below {LOW_SBP_MMHG} or own limit",
        _pressure,
    ),
    "hr": VitalRule(
        lambda to: (
            f"Heart rate {to.hr[0]}-{to.hr[1]}, and up to {to.hr_always_ok_to} "
            f"or within {to.hr_within_percent} % of baseline"
        ),
        _heart_rate,
    ),
    "rr": VitalRule(lambda to: f"Respiratory rate {to.rr[0]}-{to.rr[1]}", _breathing),
    "spo2": VitalRule(
        lambda to: (
            f"SpO₂ from {to.spo2_at_least} % (scale 2: {to.spo2_at_least_scale_2} %), "
            f"≤ {to.spo2_below_baseline} below baseline, no more O₂"
        ),
        _saturation,
    ),
    "temp": VitalRule(lambda to: f"Temperature below {to.temp_below:.1f} °C", _temperature),
    "news2": VitalRule(
        lambda to: f"NEWS2 at most {to.news2_above_baseline} above baseline, no single 3", _news2
    ),
})  # fmt: skip
"""The criteria in the order of the checklist."""
