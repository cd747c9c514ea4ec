"""What would follow from another rate, now: when it ends, how long it will have run, whether the window holds. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from exomonitor.clinical.dosing import particles_per_minute, remaining_minutes
from exomonitor.errors import CommandRefused
from exomonitor.units import rounded

_PUMP_ROUNDING_MIN = Decimal("0.5")
"""The window of an order allows half a minute at both ends for the pump's steps of 0.1 mL/h."""


@dataclass(frozen=True, slots=True)
class Given:
    """What has been given: of `dose_billion` in `volume_ml` so many mL, over so many minutes of infusing; elapsed
    minutes also count the pauses."""

    dose_billion: Decimal
    volume_ml: Decimal
    delivered_ml: Decimal
    infusing_min: Decimal
    elapsed_min: Decimal


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The rest at `rate_ml_h`: minutes until it is in, minutes of infusing and since the start by then, and particles a
    minute. `too_short` and `too_long` say how the protocol's window is left."""

    rate_ml_h: Decimal
    remaining_ml: Decimal
    left_min: Decimal
    infusing_min: Decimal
    elapsed_min: Decimal
    particles_per_min: Decimal
    too_short: bool
    too_long: bool

    @property
    def holds(self) -> bool:
        """Whether the infusing time stays inside the protocol's window."""
        return not (self.too_short or self.too_long)


def what_if(given: Given, rate_ml_h: Decimal, shortest_min: Decimal | int, longest_min: Decimal | int) -> WhatIf:
    """The consequences of a rate in mL/h from now on; CommandRefused for a rate at which nothing ends."""
    remaining = max(given.volume_ml - given.delivered_ml, Decimal(0))
    left = remaining_minutes(remaining, rate_ml_h)
    if left is None:
        raise CommandRefused("At 0 mL/h it never ends: type a rate")
    infusing = given.infusing_min + left
    return WhatIf(
        rate_ml_h,
        remaining,
        left,
        infusing,
        given.elapsed_min + left,
        particles_per_minute(given.dose_billion, given.volume_ml, rate_ml_h),
        infusing < shortest_min - _PUMP_ROUNDING_MIN,
        infusing > longest_min + _PUMP_ROUNDING_MIN,
    )


def rate_for(given: Given, infusing_min: Decimal) -> Decimal:
    """The rate in mL/h, to the pump's 0.1, at which the rest is in after so many minutes of infusing in all.

    CommandRefused when these minutes are over.
    """
    left = infusing_min - given.infusing_min
    if left <= 0:
        raise CommandRefused(f"{rounded(infusing_min, 0)} min of infusing are over already")
    return rounded(max(given.volume_ml - given.delivered_ml, Decimal(0)) * 60 / left, 1)
