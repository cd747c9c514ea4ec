"""When a wave sample is drawn: one clock for all waves of a view, moved by frames, led by what has arrived."""

from __future__ import annotations

from dataclasses import dataclass

LATENCY_S = 0.4
"""How far drawing stays behind arrival, so that chunks of a quarter second play out smoothly."""
SLACK_S = 0.1
"""A lag this much beyond the latency is worked off."""
HOLD_S = 0.6
"""How long the sweep stands still for late samples before it goes on with a gap."""
CATCH_UP_S = 0.25
"""The time constant in which a lag is worked off; it also lets a simulation run faster than real time."""
RESTART_S = 2.0
"""Arrival that falls back by more than this belongs to another time line."""


@dataclass(slots=True)
class Playout:
    """The second up to which waves are drawn. It never runs backwards and passes what has arrived only as a gap."""

    at_s: float | None = None
    newest_s: float | None = None
    held_s: float = 0.0

    def arrived(self, end_s: float) -> bool:
        """All living waves have samples up to `end_s`; True when the time line began anew: old columns mean nothing."""
        restarted = self.newest_s is not None and end_s < self.newest_s - RESTART_S
        if self.at_s is None or self.newest_s is None or restarted:
            self.at_s = end_s - LATENCY_S
        elif self.at_s > self.newest_s and end_s > self.newest_s:  # the sweep had gone on without data
            self.at_s = min(self.at_s, end_s - LATENCY_S)
        self.newest_s = end_s
        return restarted

    def skip_to_newest(self) -> bool:
        """Nobody was looking: go on from what is newest; True when something was left out."""
        if self.at_s is None or self.newest_s is None or self.newest_s - self.at_s < RESTART_S:
            return False
        self.at_s = self.newest_s - LATENCY_S
        return True

    def advance(self, frame_s: float) -> float:
        """Seconds of the sweep to draw in a frame that took `frame_s`; 0 while late samples are waited for."""
        if self.at_s is None or self.newest_s is None or frame_s <= 0:
            return 0.0
        behind = self.newest_s - self.at_s
        if behind <= 0:
            return self._without_data(frame_s)
        self.held_s = 0.0
        excess = max(0.0, behind - LATENCY_S - SLACK_S)
        step = min(behind, frame_s + excess * min(1.0, frame_s / CATCH_UP_S))
        self.at_s += step
        return step

    def _without_data(self, frame_s: float) -> float:
        assert self.at_s is not None
        self.held_s += frame_s
        if self.held_s <= HOLD_S:
            return 0.0
        self.at_s += frame_s
        return frame_s
