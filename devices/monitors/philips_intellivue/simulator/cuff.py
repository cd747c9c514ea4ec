"""What the simulated monitor says of its cuff: three numbers, an early systolic one before the end."""

from __future__ import annotations

from devices.monitors.philips_intellivue.wire import codes, values
from devices.monitors.philips_intellivue.wire.fields import Special
from devices.monitors.philips_intellivue.wire.values import Number
from devices.simulation.cuff import CuffClock
from devices.simulation.patient import PatientWorld

FIRST_AT_S = 20.0
TAKES_S = 30.0
EARLY_S = 5.0
"""So long before its end a measurement already knows the systolic pressure."""

_IDS = (codes.NIBP_SYS, codes.NIBP_DIA, codes.NIBP_MEAN)


class Cuff(CuffClock):
    """Non-invasive pressure every `interval_s` (0: only by the key), the first at second 20."""

    def __init__(self, world: PatientWorld, interval_s: float) -> None:
        super().__init__(world, interval_s, first_s=FIRST_AT_S, takes_s=TAKES_S)

    def numbers(self, t: float) -> tuple[tuple[Number, ...], float | None]:
        """(systolic, diastolic, mean in mmHg, second of the measurement or None) as the monitor says at second `t`."""
        result, since = self.advance(t)
        if since is not None and since + TAKES_S - EARLY_S <= t:
            early = round(self._world.vitals(t).nibp_sys)
            first = Number(_IDS[0], values.MEASURING | values.EARLY, codes.MMHG, early)
            return (first, *(_none(physio, values.MEASURING | values.INVALID) for physio in _IDS[1:])), None
        state = values.MEASURING if since is not None else 0
        if result is None:
            return tuple(_none(physio, state or values.UNAVAILABLE) for physio in _IDS), None
        told = zip(_IDS, (result.sys, result.dia, result.mean), strict=True)
        return tuple(Number(physio, state, codes.MMHG, float(one)) for physio, one in told), result.at_s


def _none(physio: int, state: int) -> Number:
    return Number(physio, state, codes.MMHG, Special.NAN)
