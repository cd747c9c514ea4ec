"""How late an alarm may be, all in all: what the device averages, how often it reports, and the delay of the limit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from exomonitor.alarms.limits import Limit
from exomonitor.alarms.signs import PER_MEASUREMENT

TICK_S = 0.25
"""The engine looks this often."""


@dataclass(frozen=True, slots=True)
class TotalDelay:
    """Seconds from the crossing in the patient to the signal, at most. averaging_s None = the maker does not say."""

    limit: Limit
    total_s: float
    averaging_s: float | None

    @property
    def words(self) -> str:
        """`up to 17 s (delay 15 s; averaging of the device not known)`."""
        told = "averaging of the device not known" if self.averaging_s is None else f"averaging {self.averaging_s:g} s"
        return f"up to {self.total_s:.0f} s (delay {self.limit.delay_s:g} s; {told})"


def total_delay(limit: Limit, interval_s: float, averaging_s: float | None = None) -> TotalDelay:
    """A delay is a time and a number of samples: both must be over. A pressure is judged when it is measured."""
    if limit.sign in PER_MEASUREMENT:
        return TotalDelay(limit, limit.delay_s + interval_s + TICK_S, averaging_s)
    samples_s = (limit.min_samples - 1) * interval_s
    return TotalDelay(limit, max(limit.delay_s, samples_s) + interval_s + (averaging_s or 0.0) + TICK_S, averaging_s)


def total_delays(limits: Iterable[Limit], interval_s: float) -> tuple[TotalDelay, ...]:
    """Of all limits, for a device that reports every `interval_s` seconds."""
    return tuple(total_delay(limit, interval_s) for limit in limits)
