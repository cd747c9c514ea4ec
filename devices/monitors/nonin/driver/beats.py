"""Formats 2 and 7: frames become wave chunks, and whole packets of 25 become numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from devices.monitors.nonin.driver.judging import Battery, Conditions, vital_readings
from devices.monitors.nonin.wire import frames
from devices.monitors.nonin.wire.frames import Frame, FrameReader
from devices.monitors.nonin.wire.packets import LOW_BATTERY, Packet, decode_packet
from exomonitor.clock import Instant
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.waves import MISSING_SAMPLE, WaveChunk, WaveName
from exomonitor.units import PERCENT

TOLD_EVERY = 3
"""Numbers that say nothing new are told with every third packet, once a second."""


IDLE_S = 0.5
"""After such a silence what has come of a packet is not made to wait for the rest, or for the next one's beginning."""
JUMP_S = 0.3
"""A packet is sent in a third of a second: a longer silence inside one may hide whole packets."""


@dataclass(frozen=True, slots=True)
class _Said:
    spo2: int | None
    pulse: int | None
    held: bool
    conditions: Conditions


class Beats:
    """Puts frames together. A number counts only in a packet of exactly 25 frames between two beginnings."""

    def __init__(self, source: str, *, wide: bool) -> None:
        self.reader = FrameReader(wide=wide)
        self.model = ""
        self._source = source
        self._wide = wide
        self._battery = Battery(source)
        self._middle, self._full = (0x8000, 0xFFFF) if wide else (0x80, 0xFF)
        self._perfusion = 0
        self._said: _Said | None = None
        self._packets_since = 0
        self._frames: list[Frame] = []  # of the packet that is under way, since the last break
        self._from_start = False
        self._gap = True
        self._last_at: Instant | None = None

    def opened(self) -> None:
        """What comes next does not follow from what came before."""
        self._frames.clear()
        self._from_start = False
        self._gap = True
        self._said = None
        self._perfusion = 0
        self._battery.forget()

    def broken(self, at: Instant) -> list[DeviceFact]:
        """Bytes were lost here: the samples before them go out, the packet's numbers do not."""
        self._gap = True  # also for the samples before: nothing can count the frames of a packet that has no end
        facts: list[DeviceFact] = [*self._wave(self._last_at or at)]
        self._frames.clear()
        self._from_start = False
        self._gap = True
        return facts

    def idle(self, at: Instant) -> list[DeviceFact]:
        """What has come of a packet behind which nothing has come for a while: its numbers where it is complete."""
        last = self._last_at
        if last is None or not self._frames or at.since(last) < IDLE_S:
            return []
        if not (self._from_start and len(self._frames) == frames.PER_PACKET):
            return self.broken(last)
        facts: list[DeviceFact] = [*self._wave(last), *self._numbers(last)]
        self._frames.clear()
        self._from_start = False
        return facts

    @property
    def waits_until(self) -> Instant | None:
        """When what has come of a packet is made to wait no longer."""
        return self._last_at.plus(IDLE_S) if self._last_at is not None and self._frames else None

    def take(self, payload: bytes, at: Instant) -> list[DeviceFact]:
        """The facts that this frame completes."""
        frame = frames.decode_frame(payload, 0, wide=self._wide)
        if frame is None:
            raise ValueError("the cutter lets only whole frames pass")
        facts: list[DeviceFact] = []
        if self._frames and self._last_at is not None and at.since(self._last_at) > JUMP_S:
            facts += self.broken(self._last_at)
        begins = bool(frame.status & frames.SYNC)
        if begins or len(self._frames) == frames.PER_PACKET:
            complete = begins and len(self._frames) == frames.PER_PACKET
            whole = self._from_start and complete
            if not whole:
                self._gap = True  # frames may be missing without a trace: somewhere in here the time jumps
            facts += self._wave(at)
            if whole:
                facts += self._numbers(at)
            self._frames.clear()
            self._from_start = begins
        self._frames.append(frame)
        self._last_at = at
        return facts

    def _wave(self, at: Instant) -> list[WaveChunk]:
        if not self._frames:
            return []
        off = [bool(frame.status & frames.SENSOR_ALARM) for frame in self._frames]
        raw = np.array([frame.pleth for frame in self._frames], dtype=np.int32) - self._middle
        # The very lowest of 65536 steps is the mark of a missing sample: it is shown one step higher.
        samples = np.where(off, MISSING_SAMPLE, np.maximum(raw, MISSING_SAMPLE + 1)).astype(np.int16)
        gap, self._gap = self._gap, False
        return [
            WaveChunk(
                self._source, WaveName.PLETH, float(frames.FRAMES_PER_S), samples, 100 / self._full, PERCENT, at,
                gap_before=gap, lead_off=all(off),
            )
        ]  # fmt: skip

    def _numbers(self, at: Instant) -> list[DeviceFact]:
        packet = decode_packet([frame.number for frame in self._frames])
        self.model = f"Nonin, firmware {packet.revision}"
        facts: list[DeviceFact] = [*self._battery.told(at, low=bool(packet.status_2 & LOW_BATTERY))]
        said = _Said(packet.spo2, packet.hr, _is_held(packet), self._conditions())
        self._packets_since += 1
        if said != self._said or self._packets_since >= TOLD_EVERY:
            self._said, self._packets_since = said, 0
            facts += vital_readings(said.spo2, said.pulse, said.conditions, self._source, at, held=said.held)
        return facts

    def _conditions(self) -> Conditions:
        """Of the whole packet; the perfusion colour stands only during a pulse and holds until the next."""
        every = 0
        for frame in self._frames:
            every |= frame.status
            self._perfusion = frame.status & frames.PERFUSION or self._perfusion
        if every & frames.SENSOR_ALARM:
            self._perfusion = 0
        return Conditions(
            sensor_alarm=bool(every & frames.SENSOR_ALARM),
            out_of_track=bool(every & frames.OUT_OF_TRACK),
            artifact=bool(every & frames.ARTIFACT),
            low_perfusion=self._perfusion == frames.RED,
            marginal_perfusion=self._perfusion == frames.YELLOW,
        )


def _is_held(packet: Packet) -> bool:
    """Whether the display shows a number that is not measured any more."""
    missing = packet.spo2 is None or packet.hr is None
    return missing and (packet.shown_spo2 is not None or packet.shown_hr is not None)
