"""Cuts messages out of the stream: MLLP blocks `VT message FS CR`, and, tolerated, messages without VT, FS or both.

VT and FS cannot occur inside a message, so whatever is broken ends at the next of them and costs no intact message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from devices.spec import WireFault
from exomonitor.clock import Instant

VT, FS, CR = b"\x0b", b"\x1c", b"\r"
MAX_MESSAGE = 131_072
"""Bytes of one message; a wave message of a second is some ten thousand."""
BLOCK_TIMEOUT_S = 10.0
"""A block that is not ended after so long (a radio link may stall for seconds) is given up."""
QUIET_S = 0.5
"""A message without any end mark ends with so much silence."""
KEPT_BYTES = 256

_LINE_END = re.compile(rb"[\r\n]+")
_SEGMENT = re.compile(rb"[A-Z][A-Z0-9]{2}(?:\||$)")
_HEADER = b"MSH|"
_IDENTITY = re.compile(rb"\b(PID|PD1|NK1|PV1|PV2|GT1|IN1|AL1)\|[^\r\n\x0b\x1c]*")


class Block(NamedTuple):  # made once for each message: a third of a dataclass's time
    """One message's bytes. `ended` is False for one without marks that may still go on."""

    data: bytes
    ended: bool = True
    framed: bool = True


def frame(message: bytes) -> bytes:
    """`message` as an MLLP block."""
    return VT + message + FS + CR


def without_identity(data: bytes) -> bytes:
    """Damaged bytes as they may be kept: what names a patient is cut out, and the length is bounded."""
    return _IDENTITY.sub(rb"\1|", data)[:KEPT_BYTES]


def _marks_in(data: bytes, here: int) -> Iterator[int]:
    """Where VT and FS stand, in order, from `here` on."""
    begin, end = data.find(VT, here), data.find(FS, here)
    while begin >= 0 or end >= 0:
        if end < 0 or 0 <= begin < end:
            yield begin
            begin = data.find(VT, begin + 1)
        else:
            yield end
            end = data.find(FS, end + 1)


class BlockCutter:
    """Bytes in, blocks and faults out. Times come from the caller."""

    def __init__(self) -> None:
        self.bytes_skipped = 0
        self._block: bytearray | None = None  # inside VT ... FS
        self._block_since: Instant | None = None
        self._skipping = False  # the rest of a block that was given up
        self._line = bytearray()  # outside of blocks: the line that has not ended
        self._loose: list[bytes] = []  # outside of blocks: the lines of a message without VT
        self._loose_grew = False
        self._loose_at: Instant | None = None

    def reset(self) -> None:
        """Forget half messages: the port was reopened."""
        half = self._block if self._block is not None else self._line
        self.bytes_skipped += len(half)
        self._block = self._block_since = self._loose_at = None
        self._skipping = self._loose_grew = False
        self._line.clear()
        self._loose.clear()

    @property
    def loose_ends(self) -> Instant | None:
        """When a message without end mark counts as ended, None when there is none."""
        return None if self._loose_at is None else self._loose_at.plus(QUIET_S)

    @property
    def loose_at(self) -> Instant | None:
        """When the last bytes of such a message came."""
        return self._loose_at

    @property
    def block_ends(self) -> Instant | None:
        """When the block that is open is given up."""
        return None if self._block_since is None else self._block_since.plus(BLOCK_TIMEOUT_S)

    def feed(self, data: bytes, at: Instant) -> list[Block | WireFault]:
        """Blocks and faults that these bytes complete, in order."""
        out: list[Block | WireFault] = []
        if self._block_since is not None and at.since(self._block_since) >= BLOCK_TIMEOUT_S:
            self._give_up("incomplete", out)
        here = self._whole_blocks(data, self._end_block(data, at, out), out)
        for place in _marks_in(data, here):
            self._text(data[here:place], at, out)
            self._marked(data[place : place + 1], at, out)
            here = place + 1
        self._text(data[here:], at, out)
        if self._loose_grew and not self._line:
            self._loose_grew = False
            out.append(Block(CR.join(self._loose), ended=False, framed=False))
        return out

    def _end_block(self, data: bytes, at: Instant, out: list[Block | WireFault]) -> int:
        """End the block that is open, where these bytes do; how many of them that took."""
        end = data.find(FS) if self._block is not None else -1
        if end < 0 or data.find(VT, 0, end) >= 0:
            return 0
        self._text(data[:end], at, out)
        self._marked(FS, at, out)
        return end + 1

    def _whole_blocks(self, data: bytes, here: int, out: list[Block | WireFault]) -> int:
        """Take the blocks that stand whole one behind the other from `here` on; up to where."""
        if self._block is not None or self._skipping or self._line or self._loose:
            return here
        while True:
            begin = here + 1 if data.startswith(CR, here) else here
            end = data.find(FS, begin) if data.startswith(VT, begin) else -1
            if end < 0 or end - begin - 1 > MAX_MESSAGE or data.find(VT, begin + 1, end) >= 0:
                return here
            out.append(Block(data[begin + 1 : end]))
            here = end + 1

    def end_loose(self) -> list[Block | WireFault]:
        """The message without end mark, ended by silence."""
        out: list[Block | WireFault] = []
        self._finish_loose(out)
        return out

    def _marked(self, mark: bytes, at: Instant, out: list[Block | WireFault]) -> None:
        if self._block is not None:
            if mark == FS:
                out.append(Block(bytes(self._block)))
            else:
                self._give_up("incomplete", out)
        elif not self._skipping:
            self._finish_loose(out)
        self._skipping = False
        self._block = bytearray() if mark == VT else None
        self._block_since = at if mark == VT else None

    def _text(self, piece: bytes, at: Instant, out: list[Block | WireFault]) -> None:
        if self._skipping:
            self.bytes_skipped += len(piece)
        elif self._block is not None:
            self._block += piece
            if len(self._block) > MAX_MESSAGE:
                self._give_up("too long", out)
        elif piece:
            self._outside(piece, at, out)

    def _give_up(self, reason: str, out: list[Block | WireFault]) -> None:
        block = bytes(self._block or b"")
        self.bytes_skipped += len(block)
        out.append(WireFault(reason, without_identity(block)))
        self._block = self._block_since = None
        self._skipping = True

    # --- messages without VT

    def _outside(self, piece: bytes, at: Instant, out: list[Block | WireFault]) -> None:
        if self._loose:
            self._loose_at = at
        *lines, rest = _LINE_END.split(bytes(self._line) + piece)
        for line in lines:
            self._take_line(line, at, out)
        self._line[:] = rest
        if len(self._line) + sum(map(len, self._loose)) > MAX_MESSAGE:
            self._drop(b"".join([*self._loose, bytes(self._line)]), "too long", out)
            self._loose.clear()
            self._line.clear()
            self._loose_at = None
        elif self._line.startswith(_HEADER):
            self._loose_at = at

    def _take_line(self, line: bytes, at: Instant, out: list[Block | WireFault]) -> None:
        if line.startswith(_HEADER):
            self._end_loose_lines(out)
            self._loose_at = at
        elif not line:
            return
        elif not self._loose or _SEGMENT.match(line) is None:
            self._drop(line, "noise", out)
            return
        self._loose.append(line)
        self._loose_grew = True

    def _finish_loose(self, out: list[Block | WireFault]) -> None:
        line = bytes(self._line)
        self._line.clear()
        if line and (line.startswith(_HEADER) or (self._loose and _SEGMENT.match(line))):
            if line.startswith(_HEADER):
                self._end_loose_lines(out)
            self._loose.append(line)
        elif line:
            self._drop(line, "noise", out)
        self._end_loose_lines(out)

    def _end_loose_lines(self, out: list[Block | WireFault]) -> None:
        if self._loose:
            out.append(Block(CR.join(self._loose), framed=False))
        self._loose.clear()
        self._loose_grew = False
        self._loose_at = None

    def _drop(self, data: bytes, reason: str, out: list[Block | WireFault]) -> None:
        self.bytes_skipped += len(data)
        out.append(WireFault(reason, without_identity(data)))
