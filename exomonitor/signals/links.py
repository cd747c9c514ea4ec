"""The state of a cable and what is wrong with its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class LinkFault:
    """Bytes that were not a good frame: why, and the bytes themselves."""

    source: str
    reason: str
    raw: bytes
    at: Instant
