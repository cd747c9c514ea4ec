"""The cuff of the simulated monitor: its last result with the moment at which it was found."""

from __future__ import annotations

from devices.simulation.cuff import CuffClock, CuffResult
from devices.simulation.patient import PatientWorld

FIRST_AT_S = 5.0
TAKES_S = 35.0


class Cuff(CuffClock):
    """Non-invasive pressure every `interval_s` (0: only by the key), the first at second 5."""

    def __init__(self, world: PatientWorld, interval_s: float) -> None:
        super().__init__(world, interval_s, first_s=FIRST_AT_S, takes_s=TAKES_S)

    def result(self, t: float) -> CuffResult | None:
        """The last result at second `t`."""
        return self.advance(t)[0]
