"""Alarm limits as the clinic's protocol gives them: rows with bounds, and what no protocol may leave out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, model_validator

from exomonitor.clinical.tables import Row

# (sign, side, only by hand): alarms of high priority that no protocol may leave out. A rate of breathing is high only
# where a person has counted it.
_REQUIRED = (
    ("spo2", "low", False), ("hr", "low", False), ("hr", "high", False), ("nibp_sys", "low", False),
    ("temp", "high", False), ("rr", "low", True), ("rr", "high", True),
)  # fmt: skip
# Thresholds may move only within these bounds: a limit that cannot be reached is an alarm switched off.
BOUNDS = {
    "hr": (30, 180),
    "spo2": (75, 99),
    "nibp_sys": (60, 220),
    "nibp_dia": (30, 140),
    "rr": (4, 40),
    "temp": (34, 41),
}
PATIENT_BOUNDS = {sign: BOUNDS[sign] for sign in ("hr", "spo2", "nibp_sys")}
"""Within these a patient may have limits of their own."""


class AlarmRow(Row):
    """One level of one alarm; rows with the same key are levels of one condition: one line, one sound.

    `and_from_baseline`: counts only where the value lies this far beyond the baseline as well; `or_from_baseline`: also
    where it does, whatever the threshold. Both in the sign's unit, or in percent of the baseline.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    sign: Literal["hr", "spo2", "rr", "nibp_sys", "nibp_dia", "temp"]
    side: Literal["low", "high"]
    threshold: float
    inclusive: bool
    priority: Literal["low", "medium", "high"]
    delay_s: float = Field(ge=0, le=300)
    min_samples: int = Field(default=3, ge=1, le=20)
    hysteresis: float = Field(ge=0)
    good_signal: bool = False
    needs_agreement: bool = False
    reaction_only: bool = False
    by_hand: bool = False
    """Only a value that a person has counted or measured."""
    patients: Literal["all", "scale1", "scale2"] = "all"
    """Whom it is for: scale2 = a saturation of 88-92 % is the prescribed one."""
    on_oxygen: bool = False
    """Only where the last set says that oxygen is given."""
    and_from_baseline: float | None = Field(default=None, gt=0)
    and_from_baseline_percent: float | None = Field(default=None, gt=0, lt=100)
    or_from_baseline: float | None = Field(default=None, gt=0)
    or_from_baseline_percent: float | None = Field(default=None, gt=0, lt=100)
    with_hr_rise: float | None = Field(default=None, gt=0)
    with_spo2_fall: float | None = Field(default=None, gt=0)
    """Only together with one of these, against the baseline."""
    group: str = ""
    """Conditions of one group are one event: one line with parts below, one sound."""
    text: str

    @property
    def is_relative(self) -> bool:
        """Whether it says nothing without a baseline."""
        return self.and_from_baseline is not None or self.and_from_baseline_percent is not None

    @model_validator(mode="after")
    def _within_bounds(self) -> AlarmRow:
        lo, hi = BOUNDS[self.sign]
        if not lo <= self.threshold <= hi:
            raise ValueError(f"threshold {self.threshold:g} is outside {lo}-{hi}, the bounds for {self.sign}")
        try:
            self.text.format(value="", limit="")
        except (KeyError, IndexError, ValueError) as cause:
            raise ValueError("text may hold {value} and {limit} only") from cause
        return self


class AlarmSettings(Row):
    """How the alarms behave beside their limits."""

    relayed_sound_delay_s: float = Field(default=0, ge=0, le=10)
    """So long our own sound waits while the device beside us sounds for itself; 0 = it does not. Never for a high."""
    offer_hr_low_below: float = Field(default=50, ge=40, le=70)
    """A patient whose baseline is slower than this is offered a lower limit of their own."""
    offer_hr_low_percent: float = Field(default=85, gt=50, le=100)
    damaged_frames: int = Field(default=5, ge=1, le=1000)
    """So many bad frames within a minute, and a tenth of all, are an alarm."""
    nibp_old_after: float = Field(default=1.5, ge=1, le=5)
    nibp_very_old_after: float = Field(default=2.0, ge=1, le=5)
    """Age of the newest pressure in intervals of the schedule: an alarm of low, then of medium priority."""
    sound_test_every_h: float = Field(default=8, ge=1, le=24)
    """The full sound test is due once in so many hours: once a shift."""
    limit_reasons: tuple[Annotated[str, Field(min_length=3, max_length=40)], ...] = Field(
        default=("Usual for this patient", "Prescriber's order"), min_length=1, max_length=4
    )
    """Why a patient has limits of their own: what is said most often, one key each; anything else is typed."""
    on_call_after_s: float = Field(default=60, ge=30, le=600)
    """A high alarm that nobody has acknowledged for so long is told to whoever is on call, where that is set up."""
    disk_low_mb: int = Field(default=500, ge=100, le=100_000)
    battery_low_percent: int = Field(default=20, ge=5, le=90)
    battery_empty_percent: int = Field(default=10, ge=5, le=90)

    @model_validator(mode="after")
    def _ordered(self) -> AlarmSettings:
        if self.nibp_old_after >= self.nibp_very_old_after:
            raise ValueError("nibp_old_after must be below nibp_very_old_after")
        if self.battery_empty_percent >= self.battery_low_percent:
            raise ValueError("battery_empty_percent must be below battery_low_percent")
        return self


def check_complete(rows: Iterable[AlarmRow]) -> None:
    """Raise ValueError where a high alarm is missing that every patient needs, or one key stands for two things."""
    every = tuple(rows)
    for sign, side, by_hand in _REQUIRED:
        for scale in ("scale1", "scale2"):
            asked = (sign, side, "high")
            if not any(
                (row.sign, row.side, row.priority) == asked
                and row.patients in {"all", scale}
                and not (row.is_relative or row.reaction_only or row.on_oxygen)
                and (by_hand or not row.by_hand)
                and row.with_hr_rise is None
                and row.with_spo2_fall is None
                for row in every
            ):
                raise ValueError(f"alarm: a high-priority limit for {sign} {side} is missing")
    owner: dict[str, tuple[str, str]] = {}
    for row in every:
        if owner.setdefault(row.key, (row.sign, row.side)) != (row.sign, row.side):
            raise ValueError(f"alarm: key {row.key} is used for two signs or sides")
