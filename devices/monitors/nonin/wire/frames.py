"""Formats 2 and 7: 75 five-byte frames a second, each with a status, a pleth sample, one number's part, a sum.

Nothing marks the start of a frame beyond doubt, so after damage a frame counts only when the next one fits too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from devices.monitors.nonin.wire.requests import ANSWERS
from devices.wire.checksums import sum8
from devices.wire.framing import PARTIAL, Broken, Buffer, Found, FrameCutter, Partial, Run

FRAMES_PER_S = 75
PER_PACKET = 25
LENGTH = 5

# status bits
ALWAYS, ARTIFACT, OUT_OF_TRACK, SENSOR_ALARM, SYNC = 0x80, 0x20, 0x10, 0x08, 0x01
PERFUSION = 0x06
GREEN, RED, YELLOW = 0x02, 0x04, 0x06

PARTIAL_TIMEOUT_S = 0.5
_START_BYTE = 0x01
_LAST_FLOAT = 0x7F
_WORTH_A_RUN = 12
"""Fewer frames are looked at one by one sooner than all at once."""


@dataclass(frozen=True, slots=True)
class Frame:
    """status bits; pleth 0-255 in format 2, 0-65535 in format 7; number = the byte whose meaning its place tells."""

    status: int
    pleth: int
    number: int


def encode_frame(frame: Frame, *, wide: bool) -> bytes:
    """As on the wire; `wide` = format 7."""
    head = (frame.status, frame.pleth >> 8, frame.pleth & 0xFF) if wide else (_START_BYTE, frame.status, frame.pleth)
    body = bytes((*head, frame.number))
    return body + bytes((sum8(body),))


def decode_frame(data: Buffer, at: int, *, wide: bool) -> Frame | None:
    """The frame at index `at`, None when those five bytes are none."""
    piece = data[at : at + LENGTH]
    if len(piece) < LENGTH or sum8(piece[:-1]) != piece[-1] or piece[3] > _LAST_FLOAT:
        return None
    status = piece[0] if wide else piece[1]
    if not status & ALWAYS or (not wide and piece[0] != _START_BYTE):
        return None
    return Frame(status, piece[1] << 8 | piece[2] if wide else piece[2], piece[3])


class FrameReader:
    """Finds frames; `awaiting`: an answer to our request may stand between them."""

    def __init__(self, *, wide: bool) -> None:
        self._wide = wide
        self._start = re.compile(b"[\x80-\xff]" if wide else b"\x01")
        self._start_or_answer = re.compile(b"[\x06\x15\x80-\xff]" if wide else b"[\x01\x06\x15]")
        self._in_step = False
        self.awaiting = False

    def reset(self) -> None:
        """The port was reopened: whatever comes next may begin in the middle of a frame."""
        self._in_step = False

    def find_start(self, buffer: Buffer, pos: int) -> int:
        """The next byte that may begin a frame; skipping any byte costs the step."""
        found = (self._start_or_answer if self.awaiting else self._start).search(buffer, pos)
        if found is None or found.start() != pos:
            self._in_step = False
        return found.start() if found is not None else -1

    def parse_at(self, buffer: Buffer, start: int) -> Found | Broken | Partial:
        """The frame at `start`; out of step only together with the one behind it."""
        if self.awaiting and buffer[start] in ANSWERS:
            return Found(bytes(buffer[start : start + 1]), start + 1)
        if len(buffer) - start < LENGTH:
            return PARTIAL
        end = start + LENGTH
        if decode_frame(buffer, start, wide=self._wide) is None:
            self._in_step = False
            return Broken("checksum")
        if not self._in_step:
            if len(buffer) - end < LENGTH:
                return PARTIAL
            if decode_frame(buffer, end, wide=self._wide) is None:
                return Broken("out of step")
            self._in_step = True
            self.awaiting = False
        return Found(bytes(buffer[start:end]), end)

    def run_at(self, buffer: Buffer, start: int) -> Run:
        """Frames one behind the other, all looked at together."""
        count = (len(buffer) - start) // LENGTH
        if count < _WORTH_A_RUN:
            return [], start
        data = bytes(buffer[start : start + count * LENGTH])
        rows = np.frombuffer(data, np.uint8).reshape(count, LENGTH)
        good = rows[:, :4].sum(axis=1, dtype=np.uint8) == rows[:, 4]
        good &= rows[:, 3] <= _LAST_FLOAT
        good &= rows[:, 0 if self._wide else 1] >= ALWAYS
        if not self._wide:
            good &= rows[:, 0] == _START_BYTE
        count = count if good.all() else int(good.argmin())
        if count < 2:  # out of step a frame counts only together with the one behind it
            return [], start
        if not self._in_step:
            self._in_step = True
            self.awaiting = False
        end = count * LENGTH
        return [data[at : at + LENGTH] for at in range(0, end, LENGTH)], start + end

    def cutter(self) -> FrameCutter:
        """A cutter over this reader."""
        return FrameCutter(self.find_start, self.parse_at, LENGTH * 2, PARTIAL_TIMEOUT_S, self.run_at)
