"""Cuts frames out of a byte stream so that damage never costs an intact frame: find, check, step past, rescan."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from devices.spec import WireFault
from exomonitor.clock import Instant

KEPT_BYTES = 256
"""At most so many bytes of damage are kept in one fault."""

Buffer = bytes | bytearray


@dataclass(frozen=True, slots=True)
class Found:
    """A good frame that reaches up to `end` (exclusive) of the buffer."""

    payload: bytes
    end: int


@dataclass(frozen=True, slots=True)
class Broken:
    """No frame begins here: the cutter steps past the start byte and looks again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Partial:
    """More bytes are needed to tell."""


PARTIAL = Partial()


@dataclass(frozen=True, slots=True)
class Ended:
    """A good frame up to the end of the buffer, if nothing more comes at once: what its end is, silence tells."""

    payload: bytes
    end: int


Run = tuple[list[bytes], int]
"""Payloads of frames that stand one right behind the other, and where the last of them ends."""


class FrameCutter:
    """Find the start byte; on failure step past that byte alone and rescan. Lengths are bounded, half frames time out.

    find_start(buffer, pos): index of the next byte that may begin a frame, or -1; a start of several bytes that the
    buffer cuts off must be found too. parse_at(buffer, index): what begins there. Times come from the caller.
    quiet_s: after so long a silence a frame that may go on (Ended) has ended; only its own bytes' times decide that.
    run_at(buffer, index): only for speed, the frames that parse_at would find from there on without a gap, as many as
    are cheap to see at once; it may always say that there are none.
    """

    def __init__(
        self,
        find_start: Callable[[Buffer, int], int],
        parse_at: Callable[[Buffer, int], Found | Broken | Partial | Ended],
        max_len: int,
        partial_timeout_s: float,
        run_at: Callable[[Buffer, int], Run] | None = None,
        quiet_s: float = 0.0,
    ) -> None:
        self._quiet_s = quiet_s
        self._may_have_ended = False
        self._run_at = run_at
        self._find_start = find_start
        self._parse_at = parse_at
        self._max_len = max_len
        self._partial_timeout_s = partial_timeout_s
        self.frames_ok = 0
        self.frames_bad: dict[str, int] = {}
        self.bytes_skipped = 0
        self._buffer = bytearray()
        self._base = 0  # absolute number of the buffer's first byte
        self._arrivals: deque[tuple[int, Instant]] = (
            deque()
        )  # (absolute end, when), one for each feed still in the buffer
        self._noise = bytearray()
        self._noise_since: Instant | None = None
        self._ended: list[Instant] = []  # of what the last feed found, item by item
        self._now: Instant | None = None  # when a fault that is found counts as known
        self._tail_left = 0  # bytes that still count as the rest of the last broken frame, not as noise of their own

    def feed(self, data: bytes, at: Instant) -> list[bytes | WireFault]:
        """Good payloads and faults that these bytes complete, in order; b"" only lets old halves time out."""
        out: list[bytes | WireFault] = []
        self._ended = []
        if self._arrivals or self._noise_since is not None:
            # Before the new bytes: a late tail must not complete a frame whose beginning has expired.
            while (until := self.waits_until) is not None and at.since(until) >= 0:
                self._over(until, out)
        if data:
            self._buffer += data
            self._arrivals.append((self._base + len(self._buffer), at))
            self._now = at
            self._scan(out)
        return out

    def dated(self, data: bytes, at: Instant) -> Iterator[tuple[bytes | WireFault, Instant]]:
        """The same, each with its moment: of a payload when its last byte came, of a fault when it was certain. Both
        follow from the times of the bytes alone, not from when somebody looks."""
        return zip(self.feed(data, at), self._ended, strict=True)

    @property
    def waits_until(self) -> Instant | None:
        """When the next half that is held here, or noise, times out: feed(b"", then) finds what is in it."""
        held = self._arrivals[0][1] if self._arrivals else None
        if held is None or (self._noise_since is not None and self._noise_since.mono_ns < held.mono_ns):
            held = self._noise_since
        until, ends_at = None if held is None else held.plus(self._partial_timeout_s), self.ends_at
        return ends_at if until is None or (ends_at is not None and ends_at.mono_ns < until.mono_ns) else until

    @property
    def ends_at(self) -> Instant | None:
        """When silence ends a frame that is whole but may go on, None while none is held."""
        return self._arrivals[-1][1].plus(self._quiet_s) if self._may_have_ended and self._arrivals else None

    def _over(self, until: Instant, out: list[bytes | WireFault]) -> None:
        """What silence has ended at this moment, the first of those that have passed."""
        self._now = until
        ends_at, since = self.ends_at, self._noise_since
        if since is not None and until.since(since.plus(self._partial_timeout_s)) >= 0:
            self._flush_noise(out)
        elif ends_at is not None and until.since(ends_at) >= 0:
            self._scan(out, quiet=True)
        else:
            self._scan(out, expire=until)

    def reset(self) -> None:
        """Forget half frames (the port was reopened); the counters go on."""
        self.bytes_skipped += len(self._buffer)
        self._drop(len(self._buffer))
        self._noise.clear()
        self._noise_since = None
        self._tail_left = 0
        self._may_have_ended = False

    def _scan(self, out: list[bytes | WireFault], expire: Instant | None = None, *, quiet: bool = False) -> None:
        buffer = self._buffer
        self._may_have_ended = False
        pos = 0
        newest = self._arrivals[-2][0] - self._base if len(self._arrivals) > 1 else 0
        while pos < len(buffer):
            if pos >= newest and self._run_at is not None:
                payloads, end = self._run_at(buffer, pos)
                if payloads:
                    self._flush_noise(out)
                    self._tail_left = 0
                    self.frames_ok += len(payloads)
                    out += payloads
                    self._ended += [self._arrivals[-1][1]] * len(payloads)
                    pos = end
                    continue
            start = self._find_start(buffer, pos)
            if start != pos:
                self._skip(out, pos, len(buffer) if start < 0 else start)
                if start < 0:
                    pos = len(buffer)
                    break
            pos = start
            result = self._judge(start, expire, quiet=quiet)
            if isinstance(result, Partial):
                break  # what is before it may go on: the next byte may show that nothing begins here
            if self._noise_since is not None:
                self._flush_noise(out)
            self._tail_left = 0
            if isinstance(result, Found):
                self.frames_ok += 1
                out.append(result.payload)
                self._ended.append(self._arrived(result.end - 1))
                pos = result.end
            else:
                out.append(self._broken(start, result.reason))
                pos = start + 1
        self._drop(pos)

    def _judge(self, start: int, expire: Instant | None, *, quiet: bool) -> Found | Broken | Partial:
        result = self._parse_at(self._buffer, start)
        if isinstance(result, Ended):
            late = expire is not None and expire.since(self._arrived(start)) >= self._partial_timeout_s
            self._may_have_ended = not (quiet or late)
            result = PARTIAL if self._may_have_ended else Found(result.payload, result.end)
        if isinstance(result, Found):
            if result.end <= start:
                raise ValueError("a frame cannot end before it begins")
            return result if result.end - start <= self._max_len else Broken("too long")
        if isinstance(result, Partial):
            if len(self._buffer) - start > self._max_len:
                return Broken("too long")
            began = self._arrived(start) if expire is not None else None
            if expire is not None and began is not None and expire.since(began) >= self._partial_timeout_s:
                self._now = began.plus(self._partial_timeout_s)
                return Broken("incomplete")
        return result

    def _broken(self, start: int, reason: str) -> WireFault:
        following = self._find_start(self._buffer, start + 1)
        end = len(self._buffer) if following < 0 else following
        self.bytes_skipped += 1
        self._tail_left = self._max_len
        return self._fault(reason, bytes(self._buffer[start : min(end, start + KEPT_BYTES)]))

    def _skip(self, out: list[bytes | WireFault], begin: int, end: int) -> None:
        """Bytes that begin nothing: the rest of the last broken frame, else noise."""
        self.bytes_skipped += end - begin
        tail = min(self._tail_left, end - begin)
        self._tail_left -= tail
        begin += tail
        while begin < end:
            if self._noise_since is None:
                self._noise_since = self._arrived(begin)
            taken = min(end - begin, KEPT_BYTES - len(self._noise))
            self._noise += self._buffer[begin : begin + taken]
            begin += taken
            if len(self._noise) == KEPT_BYTES:
                self._flush_noise(out)

    def _flush_noise(self, out: list[bytes | WireFault]) -> None:
        if self._noise:
            out.append(self._fault("noise", bytes(self._noise)))
            self._noise.clear()
        self._noise_since = None

    def _fault(self, reason: str, raw: bytes) -> WireFault:
        self.frames_bad[reason] = self.frames_bad.get(reason, 0) + 1
        if self._now is not None:  # bytes have come, or nothing could be wrong with them
            self._ended.append(self._now)
        return WireFault(reason, raw)

    def _arrived(self, index: int) -> Instant:
        absolute = self._base + index
        if len(self._arrivals) < 2 or absolute >= self._arrivals[-2][0]:
            return self._arrivals[-1][1]
        return next(when for end, when in self._arrivals if end > absolute)

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._base += count
        while self._arrivals and self._arrivals[0][0] <= self._base:
            self._arrivals.popleft()
