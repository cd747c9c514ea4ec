"""Two sources of one heart rate: the ECG leads, the pulse oximeter stands in, and a contradiction is said."""

from __future__ import annotations

from exomonitor.clock import Instant
from exomonitor.signals.vitals import Sign, VitalReading

DIFFER_BY = 20.0
FRESH_S = 15.0


class HeartRates:
    """The last word of each source: ECG (hr) and pulse oximeter (pulse)."""

    def __init__(self) -> None:
        self._last: dict[Sign, VitalReading] = {}

    def heard(self, reading: VitalReading) -> None:
        """Keep the last reading of its source."""
        self._last[reading.sign] = reading

    def silent(self, sign: Sign) -> None:
        """This source has nothing to say any more."""
        self._last.pop(sign, None)

    def speaks(self, now: Instant) -> bool:
        """Whether any source still gives a heart rate."""
        return any(r.value is not None and now.since(r.at) <= FRESH_S for r in self._last.values())

    def leads(self, reading: VitalReading) -> bool:
        """Whether this reading speaks for the heart rate: ECG while it has values, else the pulse."""
        other = self._last.get(Sign.PULSE if reading.sign is Sign.HR else Sign.HR)
        other_speaks = other is not None and other.value is not None and reading.at.since(other.at) <= FRESH_S
        if reading.sign is Sign.HR:
            return reading.value is not None or not other_speaks
        return not other_speaks

    def differ(self, now: Instant) -> bool:
        """Whether both sources speak and contradict each other by more than 20 per minute."""
        values = [r.value for r in self._last.values() if r.value is not None and now.since(r.at) <= FRESH_S]
        return len(values) == 2 and abs(values[0] - values[1]) > DIFFER_BY

    def sentence(self) -> str:
        """The contradiction in words."""
        shown = {sign: r.value for sign, r in self._last.items() if r.value is not None}
        return f"HR sources differ: ECG {shown.get(Sign.HR, 0):.0f}, pulse {shown.get(Sign.PULSE, 0):.0f}"
