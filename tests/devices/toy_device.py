"""A device family of the tests: lines of text, asked once a second; small enough to see through."""

from __future__ import annotations

from typing import Any

from devices.spec import DeviceSpec, Grade, PortSettings, Role
from exomonitor.clock import Instant
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkCounters, LinkFault
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign, VitalReading

INTERVAL_S = 1.0
ASK = b"?\n"


class ToyDriver:
    """Asks `?` every second; understands `HR 72` and `SN 123`."""

    def __init__(self, source: str, ask: bytes = ASK) -> None:
        self._source = source
        self._ask = ask
        self._line = b""
        self._asked_at: Instant | None = None
        self._serial = ""
        self._ok = self._bad = 0

    def opened(self, at: Instant) -> None:
        self._line = b""
        self._asked_at = None

    def received(self, data: bytes, at: Instant) -> list[DeviceFact]:
        facts: list[DeviceFact] = []
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            word, _, value = line.partition(b" ")
            if word == b"HR" and value.isdigit():
                self._ok += 1
                facts.append(VitalReading(self._source, Sign.HR, float(value), Validity.VALID, at))
            elif word == b"SN":
                self._ok += 1
                self._serial = value.decode()
            elif word == b"BUG":
                raise RuntimeError("a bug of the toy driver")
            else:
                self._bad += 1
                facts.append(LinkFault(self._source, "syntax", line, at))
        return facts

    def due(self, at: Instant) -> bytes | None:
        if self._asked_at is not None and at.since(self._asked_at) < INTERVAL_S:
            return None
        self._asked_at = at
        return self._ask

    def next_due(self, at: Instant) -> Instant | None:
        return at if self._asked_at is None else self._asked_at.plus(INTERVAL_S)

    def counters(self) -> LinkCounters:
        return LinkCounters(frames_ok=self._ok, frames_bad={"syntax": self._bad} if self._bad else {})

    @property
    def identity(self) -> tuple[str, str]:
        return ("Toy", self._serial) if self._serial else ("", "")


class ToySimulator:
    """Answers every `?` with a heart rate, and sends `HR 1` by itself every 2 s when told to be chatty."""

    def __init__(self, world: object, hr: int = 72, chatty: bool = False) -> None:
        self.hr = hr
        self.pressed: list[tuple[float, str, dict[str, Any]]] = []
        self._next = 2.0 if chatty else None

    def received(self, data: bytes, t: float) -> bytes:
        return b"HR %d\n" % self.hr * data.count(b"?")

    def due(self, t: float) -> bytes:
        out = b""
        while self._next is not None and self._next <= t:
            out += b"HR 1\n"
            self._next += 2.0
        return out

    def next_due(self, t: float) -> float | None:
        return self._next

    def press(self, t: float, action: str, **values: Any) -> None:
        self.pressed.append((t, action, values))


def toy_spec(ask: bytes = ASK) -> DeviceSpec:
    """The toy's SPEC; another `ask` makes a driver that sends what it may not."""
    return DeviceSpec(
        key="toy",
        name="Toy monitor",
        vendor="nobody",
        role=Role.MONITOR,
        grade=Grade.LABORATORY,
        settings=PortSettings(9600),
        usual_bauds=(9600,),
        interval_s=INTERVAL_S,
        stale_s=10.0,
        lost_s=30.0,
        has_checksum=False,
        may_send=lambda frame: frame == ASK,
        make_driver=lambda source: ToyDriver(source, ask),
        make_simulator=ToySimulator,
        reports=("hr",),
        never_reports=(),
        evidence=("made up",),
    )
