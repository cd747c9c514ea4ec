"""Simulated time: moves the one clock forward only when every byte has been read and every commit is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from exomonitor.clock import Instant, ManualClock, stopwatch
from exomonitor.engine.runtime import Runtime

MAX_STEP_S = 0.25
MAX_TURNS = 400
PACE_SLICE_S = 0.02


class World(Protocol):
    """The simulated devices behind their cables; seconds count from the beginning of the scenario."""

    def step(self, t: float) -> None:
        """Let the world be at second `t`: play what is due, answer what has arrived."""
        ...

    def next_due(self, t: float) -> float:
        """The second of the next thing that happens by itself."""
        ...

    def settled(self) -> bool:
        """Whether every byte that was sent either way has been read."""
        ...


class StepLink(Protocol):
    """A link that is driven by hand."""

    def step(self, wait_s: float = 0.0) -> None:
        """Read, feed, send what is due."""
        ...

    def next_due(self) -> Instant:
        """When it must be stepped even without bytes."""
        ...


class Conductor:
    """Owns the simulated clock. speed: at most that many simulated seconds per second; 0 = as fast as it can."""

    def __init__(
        self,
        clock: ManualClock,
        runtime: Runtime,
        world: World,
        links: Callable[[], Sequence[StepLink]],
        speed: float = 0.0,
        began_s: float = 0.0,
    ) -> None:
        """`began_s` is the scenario's second at the clock's present instant."""
        self._clock = clock
        self._runtime = runtime
        self._world = world
        self._links = links
        self._zero = clock.now().plus(-began_s)
        self._pace_zero = (stopwatch(), began_s)
        self._speed = speed
        self._stopped = False

    @property
    def t(self) -> float:
        """The scenario's present second."""
        return self._clock.now().since(self._zero)

    def set_speed(self, speed: float) -> None:
        """Change the pace from now on."""
        self._speed = speed
        self._pace_zero = (stopwatch(), self.t)

    def stop(self) -> None:
        """End run_until at its next turn; may be called from any thread."""
        self._stopped = True

    def run_until(self, t: float) -> bool:
        """Go on until second `t`; False when stopped before."""
        self._turn()
        while self.t < t and not self._stopped:
            self._clock.advance(max(1e-6, min(self._next() - self.t, t - self.t)))
            self._turn()
            self._pace()
        return not self._stopped

    def _next(self) -> float:
        now, t = self._clock.now(), self.t
        ahead = [t + MAX_STEP_S, self._world.next_due(t), t + self._runtime.next_tick.since(now)]
        ahead += [t + link.next_due().since(now) for link in self._links()]
        return max(t, min(ahead))

    def _turn(self) -> None:
        """Everything that happens at this instant: bytes to and fro until all is read, then the engine."""
        t = self.t
        for _ in range(MAX_TURNS):
            self._world.step(t)
            for link in self._links():
                link.step()
            if self._world.settled():
                break
        self._runtime.settle()

    def _pace(self) -> None:
        """Hold back to the pace, doing what people ask meanwhile."""
        if self._speed <= 0:
            return
        real_zero, t_zero = self._pace_zero
        while not self._stopped:
            ahead = (self.t - t_zero) / self._speed - (stopwatch() - real_zero)
            if ahead <= 0:
                return
            self._runtime.step(min(ahead, PACE_SLICE_S))
            self._runtime.settle()
