"""NEWS2 and the pressure indices of a set as it was entered: by the patient's scale, and never from old inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from exomonitor.clinical.hemodynamics import HemodynamicsTable, Indices, PressureReading, RateReading, indices
from exomonitor.clinical.news2 import News2, Observations, news2
from exomonitor.clinical.observations import DEFAULT_SCHEDULE
from exomonitor.errors import CommandRefused
from exomonitor.session.events import ObservationRecorded, ObservedValue
from exomonitor.session.plan import Patient
from exomonitor.session.recent import Recent
from exomonitor.units import rounded

CALM_TOTAL = 4
ACVPU = {"alert": "A", "confused": "C", "voice": "V", "pain": "P", "unresponsive": "U"}
INPUTS = {"rr": "rr", "spo2": "spo2", "sbp": "nibp_sys", "hr": "hr", "temp": "temp"}
"""Part of the score -> the sign that it is made of."""


@dataclass(frozen=True, slots=True)
class ScoreRules:
    """What the patient makes of the score: the SpO2 scale, the age in whole years (None = not known), pregnancy.

    value_counts_s: a value that was older than this (s) when the patient was observed does not count.
    """

    scale: int = 1
    age_years: int | None = None
    pregnant: bool = False
    value_counts_s: float = DEFAULT_SCHEDULE.value_counts_s


USUAL = ScoreRules()
_SCORES: Recent[News2] = Recent()


def rules_of(patient: Patient | None, on: datetime) -> ScoreRules:
    """How this patient is scored on that day."""
    if patient is None:
        return USUAL
    return ScoreRules(2 if patient.scale2 else 1, _age(patient.born, on.date()), bool(patient.pregnant))


def _age(born: str, on: date) -> int | None:
    try:
        day = date.fromisoformat(born)
    except ValueError:
        return None
    return on.year - day.year - ((on.month, on.day) < (day.month, day.day))


def score(
    values: Mapping[str, ObservedValue], consciousness: str, on_oxygen: bool | None, rules: ScoreRules = USUAL
) -> News2:
    """The score of these values; one that was too old counts as missing, so that the set is incomplete."""

    def number(name: str) -> Decimal | None:
        one = values.get(name)
        return None if one is None or one.age_s > rules.value_counts_s else one.value

    def whole(name: str) -> int | None:
        found = number(name)
        return None if found is None else int(rounded(found, 0))

    return news2(
        Observations(
            rr=whole("rr"),
            spo2=whole("spo2"),
            on_oxygen=on_oxygen,
            sbp=whole("nibp_sys"),
            hr=whole("hr"),
            acvpu=ACVPU.get(consciousness),
            temp=number("temp"),
        ),
        rules.scale,
        age_years=rules.age_years,
        pregnant=rules.pregnant,
    )


def score_of(event: ObservationRecorded, patient: Patient | None) -> News2:
    """The score of a recorded set, on the scale that it was recorded with."""
    return _SCORES.answer(event, patient, lambda: _score_of(event, patient))


def _score_of(event: ObservationRecorded, patient: Patient | None) -> News2:
    rules = rules_of(patient, event.observed.utc)
    scaled = replace(rules, scale=event.news2_scale or rules.scale, value_counts_s=event.value_counts_s)
    return score(event.values, event.consciousness, event.on_oxygen, scaled)


def is_calm(event: ObservationRecorded, patient: Patient | None) -> bool:
    """Whether a set speaks of a stable patient: the score complete, low, and no 3 in one parameter."""
    found = score_of(event, patient)
    return found.total is not None and found.total <= CALM_TOTAL and not found.red


def set_indices(
    values: Mapping[str, ObservedValue], table: HemodynamicsTable | None = None, *, beta_blocker: bool = False
) -> Indices | None:
    """Mean pressure and shock indices of a set; None without a pressure. Pairs by the time that each value is of."""
    systolic, diastolic, mean, hr = (values.get(name) for name in ("nibp_sys", "nibp_dia", "nibp_map", "hr"))
    if systolic is None or diastolic is None:
        return None
    own = int(rounded(mean.value, 0)) if mean is not None and mean.age_s == systolic.age_s else None
    pressure = PressureReading(-systolic.age_s, _int(systolic), _int(diastolic), own)
    rates = () if hr is None else (RateReading(-hr.age_s, _int(hr)),)
    try:
        return indices(pressure, rates, table, beta_blocker=beta_blocker)
    except CommandRefused:
        return None  # a pressure that cannot be: the record refuses it in its own words


def _int(one: ObservedValue) -> int:
    return int(rounded(one.value, 0))
