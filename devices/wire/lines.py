"""Cuts lines of text out of a byte stream: a damaged line costs no other line, half lines time out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from devices.spec import WireFault
from exomonitor.clock import Instant

KEPT_BYTES = 256
"""At most so many bytes of damage are kept in one fault."""

_END = re.compile(rb"[\r\n]")
_EDGES = b" \x00\x11\x13"  # padding, and flow control that a device sends between lines


def run_of(line: bytes, *, padded: bool = False) -> re.Pattern[bytes]:
    """Lines that match the expression `line` whole, with the ends between them; its text neither begins nor ends with
    white space and is never longer than a line may be."""
    return re.compile((rb"(?:[\r\n ]*+(?:" if padded else rb"(?:[\r\n]*+(?:") + line + rb")(?=[\r\n]|\Z))+")


class LineCutter:
    """Good lines without their ends, and faults, in the order in which they ended. Times come from the caller.

    judge(line): "" for a good line, else what is wrong with it. begins: how a line of the device begins, so that an
    intact line behind bytes that lost their line end is found. The rest of a line that was cut off by our opening is
    skipped in silence. run: only for speed, lines with the ends between them (see `run_of`) that judge finds good.
    """

    def __init__(
        self,
        judge: Callable[[bytes], str],
        begins: re.Pattern[bytes],
        max_len: int = 200,
        partial_timeout_s: float = 1.0,
        run: re.Pattern[bytes] | None = None,
        *,
        padded: bool = False,
    ) -> None:
        """padded: some of the lines that `run` sees begin with blanks."""
        self._run = run
        self._padded = padded
        self._judge = judge
        self._begins = begins
        self._max_len = max_len
        self._partial_timeout_s = partial_timeout_s
        self.frames_ok = 0
        self.frames_bad: dict[str, int] = {}
        self.bytes_skipped = 0
        self._buffer = bytearray()
        self._since: Instant | None = None  # when the first byte of the buffer came
        self._gave_up_at: Instant | None = None  # the last feed gave one up first, and when its patience ended
        self._joined = False  # whether a line has ended since the opening

    def feed(self, data: bytes, at: Instant) -> list[bytes | WireFault]:
        """What these bytes complete; b"" only lets an old half line time out."""
        out: list[bytes | WireFault] = []
        buffer = self._buffer
        self._gave_up_at = None
        if buffer and self._since is not None and at.since(self._since) >= self._partial_timeout_s:
            self._gave_up_at = self.waits_until
            self._give_up(out, bytes(buffer), "incomplete")
            buffer.clear()
        if not buffer:
            self._since = at
        buffer += data
        end = max(buffer.rfind(b"\r"), buffer.rfind(b"\n"))
        if end >= 0:
            whole = bytes(buffer[:end])
            del buffer[: end + 1]
            self._since = at
            self._cut(whole, out)
        excess = self._excess(buffer, out)
        if excess:
            del buffer[:excess]
            self._since = at
        return out

    def dated(self, data: bytes, at: Instant) -> Iterator[tuple[bytes | WireFault, Instant]]:
        """The same, each with its moment: a line ends with the bytes that came now, half a line with its patience."""
        found = self.feed(data, at)
        moments = [at] * len(found)
        if self._gave_up_at is not None:
            moments[0] = self._gave_up_at
        return zip(found, moments, strict=True)

    @property
    def waits_until(self) -> Instant | None:
        """When the half line that is held here is given up."""
        return self._since.plus(self._partial_timeout_s) if self._buffer and self._since is not None else None

    def _cut(self, whole: bytes, out: list[bytes | WireFault]) -> None:
        """Take lines that have all ended, as many together as are good at a glance."""
        at = 0
        while at < len(whole):
            good = self._run.match(whole, at) if self._run is not None else None
            if good is not None:
                lines = good[0].splitlines()
                lines = list(filter(None, map(bytes.strip, lines) if self._padded else lines))
                self._joined = True
                self.frames_ok += len(lines)
                out += lines
                at = good.end()
                continue
            end = _END.search(whole, at)
            line = whole[at : end.start() if end is not None else len(whole)]
            at += len(line) + 1
            clear = line[self._excess(line, out) :].strip(_EDGES)
            if clear:
                self._take(clear, out)

    def reset(self) -> None:
        """Forget half a line (the port was reopened); the counters go on."""
        self.bytes_skipped += len(self._buffer)
        self._buffer.clear()
        self._since = None
        self._joined = False

    def _take(self, line: bytes, out: list[bytes | WireFault]) -> None:
        joined, self._joined = self._joined, True
        why = self._why_not(line)
        if not why:
            self.frames_ok += 1
            out.append(line)
            return
        for found in self._begins.finditer(line, 1):
            inner = line[found.start() :]
            if not self._why_not(inner):
                out.append(self._fault("noise", line[: found.start()]))
                self.frames_ok += 1
                out.append(inner)
                return
        if joined:
            out.append(self._fault(why, line))
        else:
            self.bytes_skipped += len(line)

    def _why_not(self, line: bytes) -> str:
        return "too long" if len(line) > self._max_len else self._judge(line)

    def _excess(self, text: bytes | bytearray, out: list[bytes | WireFault]) -> int:
        """Give up the beginning of bytes that have no end for too long, as if they came one by one; how many."""
        left = len(text)
        while left > 2 * self._max_len:
            left -= self._max_len + 1
        excess = len(text) - left
        if excess:
            self._give_up(out, bytes(text[:excess]), "too long")
        return excess

    def _give_up(self, out: list[bytes | WireFault], raw: bytes, reason: str) -> None:
        self._joined = True
        out.append(self._fault(reason, raw))

    def _fault(self, reason: str, raw: bytes) -> WireFault:
        self.frames_bad[reason] = self.frames_bad.get(reason, 0) + 1
        self.bytes_skipped += len(raw)
        return WireFault(reason, raw[:KEPT_BYTES])
