"""The simulated cuff: measures by the clock or by the key, takes its time, keeps its last result and its moment."""

from __future__ import annotations

from dataclasses import dataclass

from devices.simulation.patient import PatientWorld

FIRST_AT_S = 5.0
TAKES_S = 35.0


@dataclass(frozen=True, slots=True)
class Result:
    """Pressures in mm[Hg] and the second at which they were found."""

    at_s: float
    sys: int
    dia: int
    mean: int


class Cuff:
    """Non-invasive pressure every `interval_s` (0: only by the key), the first at second 5."""

    def __init__(self, world: PatientWorld, interval_s: float) -> None:
        self._world = world
        self._interval_s = interval_s
        self._next_at = FIRST_AT_S if interval_s > 0 else None
        self._since: float | None = None
        self._result: Result | None = None

    def press(self, t: float) -> None:
        """Measure now, unless a measurement is running."""
        self._advance(t)
        if self._since is None:
            self._since = t

    def result(self, t: float) -> Result | None:
        """The last result at second `t`."""
        self._advance(t)
        return self._result

    def _advance(self, t: float) -> None:
        while True:
            ends = None if self._since is None else self._since + TAKES_S
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
        self._result = None if failed else Result(t, *pressures)
