"""Which of the pumps behind one link it tells nothing of any more, while it goes on to tell of others."""

from __future__ import annotations

from dataclasses import dataclass, field

from exomonitor.clock import Instant
from exomonitor.signals.pump import PumpReading, PumpStatus

_INFUSES = frozenset({PumpStatus.INFUSING, PumpStatus.BOLUS})
"""In these a pump gives a fluid of its own: after a bolus it goes back to its rate."""
_ENDED = frozenset({PumpStatus.KVO, PumpStatus.COMPLETE})
"""In these its infusion is over: where it infuses again, that is a new one."""


@dataclass(slots=True)
class Channels:
    """What one link has told of its channels. A silence of the whole link is nobody's: only the time in which it told
    of pumps counts."""

    last: Instant | None = None
    told_s: float = 0.0
    """For so many seconds the link has told of pumps."""
    told_at: dict[str, float] = field(default_factory=dict)
    """By channel `told_s` as it was when the link told of it last."""
    heard: dict[str, Instant] = field(default_factory=dict)
    """By channel when the link told of it last."""
    there: dict[str, Instant] = field(default_factory=dict)
    """By channel when a pump was there last."""
    came: dict[str, Instant] = field(default_factory=dict)
    """By channel since when a pump is there: since it was first told of, or was put back. One that spoke again after it
    had been silent may have been there all the time."""
    infusing: set[str] = field(default_factory=set)
    """The channels that infuse, by their last words."""
    infused: set[str] = field(default_factory=set)
    """The channels that have infused since they came, or since the session began."""
    beside: dict[str, set[str]] = field(default_factory=dict)
    """By channel which others infused beside its pump a fluid of their own, and have not ended since; also where they
    paused. One that begins while a pump stands that has infused may give what ran through that one."""

    def take(self, reading: PumpReading, stale_s: float) -> None:
        """The link tells of this channel; two reports more than `stale_s` seconds apart have a silence between them."""
        passed = reading.at.since(self.last) if self.last is not None else 0.0
        self.last = reading.at
        self.told_s += passed if 0 < passed <= stale_s else 0.0
        channel = reading.channel
        self.told_at[channel] = self.told_s
        before, self.heard[channel] = self.heard.get(channel), reading.at
        if reading.status in _INFUSES:
            self.infusing.add(channel)
            self.infused.add(channel)
        else:
            self.infusing.discard(channel)
        if reading.status in _ENDED or reading.status is PumpStatus.REMOVED:
            for others in self.beside.values():
                others.discard(channel)
        if reading.status is PumpStatus.REMOVED:
            self.came.pop(channel, None)
            self.infused.discard(channel)
            return
        if channel not in self.came:
            self.came[channel], self.beside[channel] = reading.at, set()
        self.there[channel] = reading.at
        if not self._has_halted(channel):
            self.beside[channel] |= {one for one in self.infusing if one != channel and self.silent_s(one) <= stale_s}
        if channel in self.infusing:
            for other in self.came:
                if other == channel or self._has_halted(other):
                    continue
                if _is_one_round(self.there[other], before, reading.at, stale_s):
                    self.beside[other].add(channel)

    def begin_anew(self) -> None:
        """A session has ended: what stands by now gives the next one nothing of what ran before."""
        self.infused.clear()

    def _has_halted(self, channel: str) -> bool:
        return channel in self.infused and channel not in self.infusing

    def silent_s(self, channel: str) -> float:
        """For so many seconds the link has told of others alone; 0 for a channel that it never told of."""
        return self.told_s - self.told_at.get(channel, self.told_s)


def _is_one_round(there: Instant, before: Instant | None, at: Instant, stale_s: float) -> bool:
    """Whether a pump that was there then, and one that is told of now and was `before`, had their turns in one round of
    the link: in one report, or one after the other. The next turn of either is the next round."""
    if there == at:
        return True
    return before is not None and there.since(before) > 0 and at.since(before) <= stale_s
