"""The chunks of one wave joined into the seconds that are stored, never across a gap."""

from __future__ import annotations

import numpy as np

from exomonitor.clock import Instant
from exomonitor.engine.ports import WaveSecond
from exomonitor.signals.waves import WaveChunk

PAUSE_S = 1.0
"""A piece that comes so long after the one before begins a second of its own, whatever its driver says."""
SILENT_S = 1.5
"""What came of a second is stored when its wave has been silent for so long, for a program that is killed would take
it along. Longer than a pause: whether a second was cut must not depend on when time was looked at, for `decode` cuts it
again."""


class WaveAssembler:
    """One wave of one session."""

    def __init__(self, session: str) -> None:
        self._session = session
        self._parts: list[WaveChunk] = []
        self._count = 0

    def add(self, chunk: WaveChunk) -> list[WaveSecond]:
        """The seconds that became whole with this chunk (what came before a gap counts as whole)."""
        done = []
        if self._parts and _breaks(self._parts[-1], chunk):
            done.append(self._join())
        self._parts.append(chunk)
        self._count += len(chunk.samples)
        if self._count >= chunk.rate_hz:
            done.append(self._join())
        return done

    def silent(self, now: Instant) -> list[WaveSecond]:
        """What has not made a second, once the wave has been silent."""
        return self.rest() if self._parts and now.since(self._parts[-1].at) >= SILENT_S else []

    def rest(self) -> list[WaveSecond]:
        """What has not made a second yet."""
        return [self._join()] if self._parts else []

    def _join(self) -> WaveSecond:
        first, samples = self._parts[0], np.concatenate([part.samples for part in self._parts])
        self._parts, self._count = [], 0
        began = first.at.plus(-len(first.samples) / first.rate_hz)
        return WaveSecond(
            self._session,
            first.source,
            first.wave.value,
            began,
            first.rate_hz,
            first.gain,
            first.unit,
            first.origin.value,
            samples,
        )


def _breaks(last: WaveChunk, chunk: WaveChunk) -> bool:
    """Whether the wave does not simply go on: the device says so, its scale is another, or it paused."""
    scale = (last.rate_hz, last.gain, last.unit, last.origin) != (chunk.rate_hz, chunk.gain, chunk.unit, chunk.origin)
    return chunk.gap_before or scale or chunk.at.since(last.at) >= PAUSE_S
