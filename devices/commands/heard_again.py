"""What a link told of a recording, heard again: what its driver reads now, and of that only the right device's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from devices.hearing import Hearing
from devices.silence import put_again
from devices.spec import DeviceSpec, Heard
from devices.transport.capture import Kind, Record
from devices.who_is_there import WhoIsThere
from exomonitor.clock import Instant
from exomonitor.session.entry import Entry
from exomonitor.session.events import DeviceBound
from exomonitor.session.parts.device_check import DeviceConfirmed
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.quality import Origin


@dataclass(frozen=True, slots=True)
class Expected:
    """Which device the link took for the right one. `number`: as the recording begins, "" = the first that is told.
    `confirmed`: the numbers that somebody confirmed later, and when. `stored`: when something of it was stored."""

    number: str = ""
    confirmed: tuple[tuple[Instant, str], ...] = ()
    stored: frozenset[int] = frozenset()


def expected_in(entries: Iterable[Entry], role: str, began: Instant, stored: Iterable[Instant]) -> Expected:
    """What the session's entries say of it, for a recording that began then; all instants are of one boot, or told
    apart by it."""
    events = [
        (one.at, one.event)
        for one in entries
        if isinstance(one.event, DeviceBound | DeviceConfirmed) and one.event.role == role
    ]
    confirmed = tuple(
        (at, event.serial) for at, event in events if isinstance(event, DeviceConfirmed) and at.since(began) >= 0
    )
    return Expected(_first_number(events, began), confirmed, frozenset(at.mono_ns for at in stored))


def _first_number(events: Sequence[tuple[Instant, DeviceBound | DeviceConfirmed]], began: Instant) -> str:
    number = ""
    for at, event in events:
        later = at.since(began) >= 0
        if isinstance(event, DeviceConfirmed):
            if later:
                return event.expected or number
        elif later and event.serial:
            return event.serial
        else:
            number = event.serial
    return number


def heard_again(spec: DeviceSpec, records: Iterable[Record], expected: Expected) -> Iterator[DeviceFact]:
    """The facts that the link told, by the present driver; EnvironmentFault at the first damaged record."""
    again = _Again(spec, expected)
    for record, following in pairwise((*records, None)):
        if record is not None:
            yield from again.hear(record, following)
    yield from again.end()


class _Again:
    """A link without a port."""

    def __init__(self, spec: DeviceSpec, expected: Expected) -> None:
        self._told: list[DeviceFact] = []
        self._who = WhoIsThere(expected.number, spec.stale_s, learns=True, sure=1 if spec.has_checksum else 2)
        self._hearing = Hearing(self._who, self._told.append, Origin.DEVICE)
        self._driver = spec.make_driver(spec.role)
        self._confirmed = list(expected.confirmed)
        self._stored = expected.stored
        self._last: Instant | None = None
        self._same_dialogue = False

    def hear(self, record: Record, following: Record | None) -> list[DeviceFact]:
        """What is told of this record; the one behind it shows whether the link heard another device from it on."""
        self._last = record.at
        over = record.kind in {Kind.OPEN, Kind.CLOSE}
        found = self._hearing.look(self._driver, record.at, over=over)
        self._understood(found, record.at, anew=record.kind is Kind.OPEN)
        match record.kind:
            case Kind.OPEN:
                if not self._same_dialogue:
                    self._who.anew()
                self._same_dialogue = False
                self._driver.opened(record.at)
                self._hearing.asked_anew(self._driver, record.at)
            case Kind.TX:
                while (moment := put_again(self._driver, record.data, record.at)) is not None:
                    self._understood(self._hearing.read(self._driver, b"", moment), record.at, anew=False)
            case Kind.RX:
                anew = following is not None and following.kind is Kind.OPEN and following.at == record.at
                self._understood(self._hearing.read(self._driver, record.data, record.at), record.at, anew=anew)
            case Kind.CLOSE:
                self._hearing.lost()
        return self._taken()

    def end(self) -> list[DeviceFact]:
        """What the last bytes hold."""
        if self._last is not None:
            self._understood(self._hearing.look(self._driver, self._last, over=True), self._last, anew=False)
        return self._taken()

    def _confirm(self, heard: Heard, at: Instant, *, anew: bool) -> None:
        """A person's word reaches the link a moment after it is recorded. From which message on it held is seen by what
        was stored of it, or by the dialogue that was begun anew for it on the open port."""
        waits = self._confirmed and at.since(self._confirmed[0][0]) >= 0
        if waits and (anew or any(fact.at.mono_ns in self._stored for fact in heard.facts)):
            self._who.accept(self._confirmed.pop(0)[1])

    def _understood(self, messages: Sequence[Heard], at: Instant, *, anew: bool) -> None:
        for heard in messages:
            self._confirm(heard, at, anew=anew)
            if heard.good:
                self._hearing.judge(heard, "", at)
            if not self._hearing.pass_on(heard, self._driver):
                self._same_dialogue = True  # the link opens it anew: that is the next record

    def _taken(self) -> list[DeviceFact]:
        told = list(self._told)
        self._told.clear()
        return told
