"""Alarm priorities and the table of limits that a protocol gives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from exomonitor.clinical.alarm_rows import AlarmRow
from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.signals.vitals import UNIT_OF, Sign


class Priority(IntEnum):
    """How soon somebody must act; a higher number is more urgent."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def word(self) -> str:
        """`low`, `medium` or `high`, as the record writes it."""
        return self.name.lower()

    @property
    def marks(self) -> str:
        """`!`, `!!` or `!!!`, shown beside the colour."""
        return "!" * self.value


class Side(StrEnum):
    """On which side of the limit the alarm lies."""

    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Change:
    """A distance from the baseline: in the sign's unit, or in percent of the baseline."""

    by: float
    percent: bool = False

    def beyond(self, baseline: float, side: Side) -> float:
        """The value that lies so far beyond the baseline."""
        distance = baseline * self.by / 100 if self.percent else self.by
        return round(baseline - distance if side is Side.LOW else baseline + distance, 6)


@dataclass(frozen=True, slots=True)
class Limit:
    """One level of one condition: a threshold in the sign's unit, and what must be true before it alarms.

    delay_s: seconds that the value stays beyond the threshold; min_samples: fresh samples that it takes as well.
    hysteresis: how far inside the value must come back to end the alarm. text: holds {value} and {limit}; note: what is
    added to the limit there. and_from, or_from: what the baseline makes of the threshold (alarms/tailored.py); hr_rise,
    spo2_fall: counts only with one of these.
    """

    key: str
    sign: Sign
    side: Side
    threshold: float
    inclusive: bool
    priority: Priority
    delay_s: float
    min_samples: int
    hysteresis: float
    text: str
    good_signal: bool = False
    needs_agreement: bool = False
    reaction_only: bool = False
    by_hand: bool = False
    patients: str = "all"
    on_oxygen: bool = False
    and_from: Change | None = None
    or_from: Change | None = None
    hr_rise: float | None = None
    spo2_fall: float | None = None
    group: str = ""
    note: str = ""

    def crossed_by(self, value: float) -> bool:
        """Whether the value lies beyond the threshold."""
        return self._beyond(value, self.threshold)

    def held_by(self, value: float) -> bool:
        """Whether the value is not yet far enough inside to end an alarm."""
        return self._beyond(value, self.threshold + (self.hysteresis if self.side is Side.LOW else -self.hysteresis))

    def sentence(self, value: float) -> str:
        """The alarm text with value and limit in it."""
        return self.text.format(value=plain(value), limit=f"{plain(self.threshold)}{self.note}")

    @property
    def is_companion(self) -> bool:
        """Whether it counts only together with a change of heart rate or saturation."""
        return self.hr_rise is not None or self.spo2_fall is not None

    @property
    def unit(self) -> str:
        """UCUM code of value and threshold."""
        return UNIT_OF[self.sign]

    def _beyond(self, value: float, threshold: float) -> bool:
        if self.inclusive and value == threshold:
            return True
        return value < threshold if self.side is Side.LOW else value > threshold


def plain(number: float) -> str:
    """A number as the alarm bar shows it: whole, or with one decimal."""
    return f"{number:.1f}".removesuffix(".0")


def build_limits(protocol: ClinicProtocol) -> tuple[Limit, ...]:
    """The protocol's alarm rows as limits, in the order of the file; nobody's baseline is in them yet."""
    return tuple(_limit(row) for row in protocol.alarm_rows)


def _limit(row: AlarmRow) -> Limit:
    return Limit(
        key=row.key,
        sign=Sign(row.sign),
        side=Side(row.side),
        threshold=row.threshold,
        inclusive=row.inclusive,
        priority=Priority[row.priority.upper()],
        delay_s=row.delay_s,
        min_samples=row.min_samples,
        hysteresis=row.hysteresis,
        text=row.text,
        good_signal=row.good_signal,
        needs_agreement=row.needs_agreement,
        reaction_only=row.reaction_only,
        by_hand=row.by_hand,
        patients=row.patients,
        on_oxygen=row.on_oxygen,
        and_from=_change(row.and_from_baseline, row.and_from_baseline_percent),
        or_from=_change(row.or_from_baseline, row.or_from_baseline_percent),
        hr_rise=row.with_hr_rise,
        spo2_fall=row.with_spo2_fall,
        group=row.group,
    )


def _change(by: float | None, percent: float | None) -> Change | None:
    if by is not None:
        return Change(by)
    return None if percent is None else Change(percent, percent=True)
