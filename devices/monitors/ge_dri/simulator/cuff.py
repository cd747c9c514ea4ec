"""The simulated cuff: measures by the clock or by the key, takes its time, keeps its last result."""

from __future__ import annotations

from dataclasses import dataclass

from devices.monitors.ge_dri.wire import numerics
from devices.monitors.ge_dri.wire.numerics import Group
from devices.simulation.patient import PatientWorld

FIRST_AT_S = 20.0
TAKES_S = 30.0
OLD_AFTER_S = 60.0
_ADULT_CUFF = 0x3


@dataclass(frozen=True, slots=True)
class _Result:
    at_s: float
    sys: int
    dia: int
    mean: int


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

    def group(self, t: float) -> Group:
        """What the monitor says about the cuff at second `t`."""
        self._advance(t)
        label = _ADULT_CUFF | (numerics.NIBP_AUTO if self._interval_s > 0 else 0)
        if self._since is not None:
            label |= numerics.NIBP_MEASURING
        values = dict.fromkeys(("sys", "dia", "mean", "hr"), numerics.INVALID)
        if self._result is not None:
            values |= {name: 100 * getattr(self._result, name) for name in ("sys", "dia", "mean")}
            if t - self._result.at_s > OLD_AFTER_S:
                label |= numerics.NIBP_OLDER_THAN_60_S
        return Group(numerics.EXISTS | numerics.ACTIVE, label, values)

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
        pressures = (round(now.nibp_sys), round(now.nibp_dia), round(now.nibp_map))
        self._result = None if failed else _Result(t, *pressures)
