"""The simulated cuff: measures by the clock or by the key, takes its time, keeps its last result."""

from __future__ import annotations

from dataclasses import dataclass

from devices.monitors.philips_intellivue.wire import codes, values
from devices.monitors.philips_intellivue.wire.fields import Special
from devices.monitors.philips_intellivue.wire.values import Number
from devices.simulation.patient import PatientWorld, Vitals

FIRST_AT_S = 20.0
TAKES_S = 30.0
EARLY_S = 5.0
"""So long before its end a measurement already knows the systolic pressure."""

_IDS = (codes.NIBP_SYS, codes.NIBP_DIA, codes.NIBP_MEAN)


@dataclass(frozen=True, slots=True)
class _Result:
    at_s: float
    pressures: tuple[int, int, int]


class Cuff:
    """Non-invasive pressure every `interval_s` (0: only by the key), the first at second 20."""

    def __init__(self, world: PatientWorld, interval_s: float) -> None:
        self._world = world
        self._interval_s = interval_s
        self._next_at = FIRST_AT_S if interval_s > 0 else None
        self._since: float | None = None
        self._result: _Result | None = None

    def press(self, t: float) -> None:
        """Measure now, unless a measurement is running."""
        self._advance(t)
        if self._since is None:
            self._since = t

    def numbers(self, t: float) -> tuple[tuple[Number, ...], float | None]:
        """(systolic, diastolic, mean in mmHg, second of the measurement or None) as the monitor says at second `t`."""
        self._advance(t)
        if self._since is not None and self._since + TAKES_S - EARLY_S <= t:
            first = Number(_IDS[0], values.MEASURING | values.EARLY, codes.MMHG, _pressures(self._world.vitals(t))[0])
            return (first, *(_none(physio, values.MEASURING | values.INVALID) for physio in _IDS[1:])), None
        state = values.MEASURING if self._since is not None else 0
        if self._result is None:
            return tuple(_none(physio, state or values.UNAVAILABLE) for physio in _IDS), None
        told = zip(_IDS, self._result.pressures, strict=True)
        return tuple(Number(physio, state, codes.MMHG, float(one)) for physio, one in told), self._result.at_s

    def _advance(self, t: float) -> None:
        while True:
            ends = self._since + TAKES_S if self._since is not None else None
            if ends is not None and ends <= t and (self._next_at is None or ends <= self._next_at):
                self._finish(ends)
            elif self._next_at is not None and self._next_at <= t:
                self._since = self._next_at if self._since is None else self._since
                self._next_at += self._interval_s
            else:
                return

    def _finish(self, t: float) -> None:
        self._since = None
        now = self._world.vitals(t)
        failed = self._world.sensor_off("nibp", t) or now.hr <= 0
        self._result = None if failed else _Result(t, _pressures(now))


def _pressures(now: Vitals) -> tuple[int, int, int]:
    return round(now.nibp_sys), round(now.nibp_dia), round(now.nibp_map)


def _none(physio: int, state: int) -> Number:
    return Number(physio, state, codes.MMHG, Special.NAN)
