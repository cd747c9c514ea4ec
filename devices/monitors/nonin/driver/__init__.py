"""The driver: chooses the data format when the port opens, chooses it again when no frame comes, and reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from devices.monitors.nonin.driver.beats import Beats
from devices.monitors.nonin.driver.slow import Lines, Seconds, Spots
from devices.monitors.nonin.wire import requests, text
from devices.spec import WireFault
from exomonitor.clock import Instant
from exomonitor.errors import CommandRefused
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkCounters, LinkFault

CHOSEN_AGAIN_S = 3.0
"""Silence after which the format is chosen again: an oximeter that was switched on listens for its first 5 s."""

REFUSED = "the oximeter refused this data format"


class _Decoder(Protocol):
    model: str

    @property
    def waits_until(self) -> Instant | None: ...

    def opened(self) -> None: ...

    def broken(self, at: Instant) -> list[DeviceFact]: ...

    def idle(self, at: Instant) -> list[DeviceFact]: ...

    def take(self, payload: bytes, at: Instant) -> list[DeviceFact]: ...


class _Cutter(Protocol):
    frames_ok: int
    frames_bad: dict[str, int]
    bytes_skipped: int

    @property
    def waits_until(self) -> Instant | None: ...

    def dated(self, data: bytes, at: Instant) -> Iterator[tuple[bytes | WireFault, Instant]]: ...

    def reset(self) -> None: ...


class _Reader(Protocol):
    awaiting: bool

    def reset(self) -> None: ...


class _Deaf:
    """For text: nothing is asked, so no answer comes."""

    awaiting = False

    def reset(self) -> None:
        """Nothing is remembered."""


def _parts(source: str, data_format: str) -> tuple[_Decoder, _Reader, _Cutter]:
    """What reads this format; raises CommandRefused when there is no such format."""
    match data_format:
        case requests.DF2 | requests.DF7:
            beats = Beats(source, wide=data_format == requests.DF7)
            return beats, beats.reader, beats.reader.cutter()
        case requests.DF8:
            seconds = Seconds(source)
            return seconds, seconds.reader, seconds.reader.cutter()
        case requests.DF13:
            spots = Spots(source)
            return spots, spots.reader, spots.reader.cutter()
        case requests.ASCII:
            return Lines(source), _Deaf(), text.make_cutter()
    raise CommandRefused(f"A Nonin oximeter has no format {data_format!r}")


class NoninDriver:
    """One oximeter that sends `data_format`: df2, df7, df8, df13 or ascii."""

    def __init__(self, source: str, *, data_format: str = requests.DF2) -> None:
        """Raises CommandRefused for a format that there is not."""
        self._source = source
        self._decoder, self._reader, self._cutter = _parts(source, data_format)
        number = requests.NUMBER_OF.get(data_format)
        self._request = requests.encode_select(number) if number is not None else None
        self._asks_again = data_format != requests.DF13  # there silence is usual
        self._ask_at: Instant | None = None
        self._answers = 0
        self._refusals = 0

    def opened(self, at: Instant) -> None:
        """The transport is (again) open: forget half frames, choose the format."""
        self._cutter.reset()
        self._reader.reset()
        self._reader.awaiting = False
        self._decoder.opened()
        self._ask_at = at if self._request is not None else None

    def received(self, data: bytes, at: Instant) -> list[DeviceFact]:
        """Facts in these bytes; bad frames come out as LinkFault."""
        facts = self._decoder.idle(at)
        for found, when in self._cutter.dated(data, at):
            if isinstance(found, WireFault):
                facts += self._decoder.broken(when)
                facts.append(LinkFault(self._source, found.reason, found.raw, when))
            elif len(found) == 1 and found[0] in requests.ANSWERS:
                facts += self._answer(found, when)
            else:
                facts += self._decoder.take(found, when)
                if self._ask_at is not None and self._asks_again:
                    self._ask_at = when.plus(CHOSEN_AGAIN_S)
        return facts if data else facts + self._decoder.idle(at)

    @property
    def waits_until(self) -> Instant | None:
        """When silence ends the wait for the rest of half a frame, or for what follows a packet that is complete."""
        waits = [until for until in (self._cutter.waits_until, self._decoder.waits_until) if until is not None]
        return min(waits, key=lambda until: until.mono_ns, default=None)

    def due(self, at: Instant) -> bytes | None:
        """The request for the format, or None."""
        if self._request is None or self._ask_at is None or at.since(self._ask_at) < 0:
            return None
        self._reader.awaiting = True
        self._ask_at = at.plus(CHOSEN_AGAIN_S) if self._asks_again else None
        return self._request

    def next_due(self, at: Instant) -> Instant | None:
        """When the format is to be chosen, or chosen again."""
        return self._ask_at

    def counters(self) -> LinkCounters:
        """Frames good and bad, bytes skipped."""
        bad = dict(self._cutter.frames_bad)
        if self._refusals:
            bad[REFUSED] = self._refusals
        counted: Mapping[str, int] = MappingProxyType(bad)
        good = self._cutter.frames_ok - self._answers
        return LinkCounters(frames_ok=good, frames_bad=counted, bytes_skipped=self._cutter.bytes_skipped)

    @property
    def clock_told(self) -> tuple[datetime, Instant] | None:
        """The oximeter's own clock in its last spot check; its zone is not said. Other formats tell none."""
        return self._decoder.clock_told if isinstance(self._decoder, Spots) else None

    @property
    def identity(self) -> tuple[str, str]:
        """The firmware revision where the format tells it; no serial number."""
        return (self._decoder.model, "")

    def _answer(self, found: bytes, at: Instant) -> list[DeviceFact]:
        self._answers += 1
        if found[0] == requests.ACK:
            return []
        self._refusals += 1
        return [LinkFault(self._source, REFUSED, found, at)]
