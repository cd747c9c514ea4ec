"""A simulated cuff: measures by the clock or by the key, takes its time, keeps its last result."""

from __future__ import annotations

from dataclasses import dataclass

from devices.simulation.patient import PatientWorld


@dataclass(frozen=True, slots=True)
class CuffResult:
    """Pressures in mmHg and the second at which they were found."""

    at_s: float
    sys: int
    dia: int
    mean: int


class CuffClock:
    """Measures every `interval_s` (0: only by the key), the first time at second `first_s`, each `takes_s` long."""

    def __init__(self, world: PatientWorld, interval_s: float, *, first_s: float, takes_s: float) -> None:
        self._world = world
        self._interval_s, self._takes_s = interval_s, takes_s
        self._next_at = first_s if interval_s > 0 else None
        self._since: float | None = None
        self._result: CuffResult | None = None

    def press(self, t: float) -> None:
        """Measure now, unless a measurement is running."""
        self.advance(t)
        if self._since is None:
            self._since = t

    def advance(self, t: float) -> tuple[CuffResult | None, float | None]:
        """(the last result or None, since which second a measurement runs or None) at second `t`."""
        while True:
            ends = None if self._since is None else self._since + self._takes_s
            if ends is not None and ends <= t and (self._next_at is None or ends <= self._next_at):
                self._finish(ends)
            elif self._next_at is not None and self._next_at <= t:
                self._since = self._next_at if self._since is None else self._since
                self._next_at += self._interval_s
            else:
                return self._result, self._since

    def _finish(self, t: float) -> None:
        self._since = None
        now = self._world.vitals(t)
        failed = self._world.sensor_off("nibp", t) or now.hr <= 0
        pressures = (round(now.nibp_sys), round(now.nibp_dia), round(now.nibp_map))
        self._result = None if failed else CuffResult(t, *pressures)
