"""What a pump said last still counts for a while after it fell silent: until it is lost, no silence contradicts it."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.clock import Instant
from exomonitor.engine.live import LiveState
from exomonitor.signals.pump import PumpReading


@dataclass(frozen=True, slots=True)
class LastWords:
    """A pump's newest reading, and until when it may look live."""

    reading: PumpReading
    live_until: Instant


def last_words(live: LiveState, channel: str, now: Instant) -> LastWords | None:
    """The last words of a channel; None where it has said nothing, or its silence, the link's or its own, is beyond the
    lost limit."""
    reading = live.last_of(channel)
    if reading is None or not has_spoken(live, reading.source, now):
        return None
    info = live.sources[reading.source].info
    is_lost = now.since(reading.at) > info.lost_s
    return None if is_lost else LastWords(reading, reading.at.plus(info.stale_s))


def counted_last(live: LiveState, channel: str, now: Instant) -> LastWords | None:
    """The last words of a channel with a counter in them, under the same limits: a report that leaves it out says
    nothing against what was counted just before."""
    words = last_words(live, channel, now)
    if words is None or words.reading.volume_infused_ml is not None:
        return words
    told, info = live.judged.get(words.reading.channel), live.sources[words.reading.source].info
    return None if told is None or now.since(told.at) > info.lost_s else LastWords(told, told.at.plus(info.stale_s))


def has_spoken(live: LiveState, source: str, now: Instant) -> bool:
    """Whether the source has said something and is not lost: that may be too old to look live."""
    state = live.sources.get(source)
    return state is not None and state.last_frame is not None and not state.is_lost(now)


def link_live_until(live: LiveState, source: str) -> Instant | None:
    """Until when what a source tells of who is there may look live; None where it has told of no pump."""
    state = live.sources.get(source)
    last = state.channels.last if state is not None else None
    return None if state is None or last is None else last.plus(state.info.stale_s)
