"""Which of the pumps behind one link it tells nothing of any more, while it goes on to tell of others."""

from __future__ import annotations

from dataclasses import dataclass, field

from exomonitor.clock import Instant
from exomonitor.signals.pump import PumpReading, PumpStatus

FLOWS = frozenset({PumpStatus.INFUSING, PumpStatus.BOLUS, PumpStatus.KVO})
"""In these a pump gives something."""


@dataclass(slots=True)
class Channels:
    """What one link has told of its channels. A silence of the whole link is nobody's: only the time in which it told
    of pumps counts."""

    last: Instant | None = None
    told_s: float = 0.0
    """For so many seconds the link has told of pumps."""
    told_at: dict[str, float] = field(default_factory=dict)
    """By channel `told_s` as it was when the link told of it last."""
    there: dict[str, Instant] = field(default_factory=dict)
    """By channel when a pump was there last."""
    came: dict[str, Instant] = field(default_factory=dict)
    """By channel since when a pump is there: since it was first told of, or was put back. One that spoke again after it
    had been silent may have been there all the time."""
    flowing: set[str] = field(default_factory=set)
    """The channels that give something, by their last words: a bolus or what keeps the vein open is no less."""
    beside: dict[str, set[str]] = field(default_factory=dict)
    """By channel which others gave something while a pump was there, also where they paused since."""

    def take(self, reading: PumpReading, stale_s: float) -> None:
        """The link tells of this channel; two reports more than `stale_s` seconds apart have a silence between them."""
        passed = reading.at.since(self.last) if self.last is not None else 0.0
        self.last = reading.at
        self.told_s += passed if 0 < passed <= stale_s else 0.0
        channel = reading.channel
        self.told_at[channel] = self.told_s
        if reading.status in FLOWS:
            self.flowing.add(channel)
        else:
            self.flowing.discard(channel)
        if reading.status is PumpStatus.REMOVED:
            self.came.pop(channel, None)
            for others in self.beside.values():
                others.discard(channel)
            return
        if channel not in self.came:
            self.came[channel], self.beside[channel] = reading.at, set()
        self.there[channel] = reading.at
        self.beside[channel] |= {one for one in self.flowing if one != channel and self.silent_s(one) <= stale_s}
        if channel in self.flowing:  # those told of in this very report had their turn before this one began
            for other, there in self.there.items():
                if other != channel and other in self.came and there == reading.at:
                    self.beside[other].add(channel)

    def silent_s(self, channel: str) -> float:
        """For so many seconds the link has told of others alone; 0 for a channel that it never told of."""
        return self.told_s - self.told_at.get(channel, self.told_s)
