"""What the simulated monitor says of its cuff: the NIBP group with its label."""

from __future__ import annotations

from devices.monitors.ge_dri.wire import numerics
from devices.monitors.ge_dri.wire.numerics import Group
from devices.simulation.cuff import CuffClock
from devices.simulation.patient import PatientWorld

FIRST_AT_S = 20.0
TAKES_S = 30.0
OLD_AFTER_S = 60.0
_ADULT_CUFF = 0x3


class Cuff(CuffClock):
    """Non-invasive pressure every `interval_s` (0: only by the key), the first at second 20."""

    def __init__(self, world: PatientWorld, interval_s: float) -> None:
        super().__init__(world, interval_s, first_s=FIRST_AT_S, takes_s=TAKES_S)
        self._by_clock = interval_s > 0

    def measured_s(self, t: float) -> float | None:
        """The second of the last result, None where there is none."""
        result, _ = self.advance(t)
        return None if result is None else result.at_s

    def group(self, t: float) -> Group:
        """What the monitor says about the cuff at second `t`."""
        result, since = self.advance(t)
        label = _ADULT_CUFF | (numerics.NIBP_AUTO if self._by_clock else 0)
        if since is not None:
            label |= numerics.NIBP_MEASURING
        values = dict.fromkeys(("sys", "dia", "mean", "hr"), numerics.INVALID)
        if result is not None:
            values |= {name: 100 * getattr(result, name) for name in ("sys", "dia", "mean")}
            if t - result.at_s > OLD_AFTER_S:
                label |= numerics.NIBP_OLDER_THAN_60_S
        return Group(numerics.EXISTS | numerics.ACTIVE, label, values)
