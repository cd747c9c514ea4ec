"""The state of a cable and what is wrong with its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from exomonitor.clock import Instant


class LinkState(StrEnum):
    """Open is not talking, and talking is not fresh."""

    CLOSED = "closed"
    OPENING = "opening"
    SILENT = "silent"
    TALKING = "talking"
    STALE = "stale"
    LOST = "lost"
    WRONG_DEVICE = "wrong_device"


_NO_COUNTS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LinkCounters:
    """What has passed since the link was made; shown on the Devices page."""

    bytes_in: int = 0
    bytes_out: int = 0
    frames_ok: int = 0
    frames_bad: Mapping[str, int] = field(default_factory=lambda: _NO_COUNTS)
    bytes_skipped: int = 0
    reconnects: int = 0
    requests: int = 0
    """Frames sent to the device."""
    held_back: int = 0
    """So often a frame had to wait, because the device's request budget was spent."""

    def and_then(self, later: LinkCounters) -> LinkCounters:
        """These counts and what was counted after them, of the frames; the rest as it is later."""
        bad = {why: self.frames_bad.get(why, 0) + later.frames_bad.get(why, 0) for why in later.frames_bad}
        return replace(
            later,
            frames_ok=self.frames_ok + later.frames_ok,
            frames_bad=MappingProxyType({**self.frames_bad, **bad}),
            bytes_skipped=self.bytes_skipped + later.bytes_skipped,
        )


@dataclass(frozen=True, slots=True)
class LinkChange:
    """A link entered `state`; `reason` is one sentence for the person. Sent at transitions, and counters now
    and then."""

    source: str
    state: LinkState
    reason: str
    at: Instant
    port: str = ""
    serial: str = ""
    model: str = ""
    counters: LinkCounters = LinkCounters()
    last_frame_at: Instant | None = None
    clock_offset_s: float | None = None
    """Seconds by which the device's own clock is ahead of ours; None where it tells no time."""
    unrecorded: str = ""
    """Why its raw bytes are not being recorded although they should be; "" while they are."""


@dataclass(frozen=True, slots=True)
class LinkFault:
    """Bytes that were not a good frame: why, and the bytes themselves."""

    source: str
    reason: str
    raw: bytes
    at: Instant
