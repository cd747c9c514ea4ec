"""Alarm priorities and the table of limits that a protocol gives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

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
class Limit:
    """One level of one condition: a threshold in the sign's unit, and what must be true before it alarms.

    delay_s: seconds that the value stays beyond the threshold; min_samples: fresh samples that it takes as well.
    hysteresis: how far inside the value must come back to end the alarm. text: holds {value} and {limit}.
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

    def crossed_by(self, value: float) -> bool:
        """Whether the value lies beyond the threshold."""
        return self._beyond(value, self.threshold)

    def held_by(self, value: float) -> bool:
        """Whether the value is not yet far enough inside to end an alarm."""
        return self._beyond(value, self.threshold + (self.hysteresis if self.side is Side.LOW else -self.hysteresis))

    def sentence(self, value: float) -> str:
        """The alarm text with value and limit in it."""
        return self.text.format(value=plain(value), limit=plain(self.threshold))

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
    """The protocol's alarm rows as limits, in the order of the file."""
    return tuple(
        Limit(
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
        )
        for row in protocol.alarm_rows
    )
