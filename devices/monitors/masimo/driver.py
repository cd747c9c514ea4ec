"""The driver: only listens. Says what each line says, and why a number is missing or not to be believed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from devices.monitors.masimo import wire
from devices.monitors.masimo.wire import MasimoLine
from devices.spec import WireFault
from exomonitor.clock import Instant
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkCounters, LinkFault
from exomonitor.signals.pump import AlarmKind
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import PLAUSIBLE, Sign, VitalReading

ECHO_S = 0.5
"""The same line, its time included, sooner than this is an echo; later the device's clock stands still."""

USUAL_WIDTH = 3

# What each exception is, how the alarm is ranked (the line does not rank them), and what it makes of a number.
EXCEPTIONS: Mapping[int, tuple[str, str]] = {
    wire.NO_SENSOR: ("no sensor", "medium"),
    wire.DEFECTIVE: ("defective sensor", "medium"),
    wire.LOW_PERFUSION: ("low perfusion", "low"),
    wire.PULSE_SEARCH: ("pulse search", "low"),
    wire.INTERFERENCE: ("interference", "low"),
    wire.SENSOR_OFF: ("sensor off", "medium"),
    wire.AMBIENT_LIGHT: ("too much ambient light", "low"),
    wire.UNRECOGNISED: ("unrecognised sensor", "medium"),
    wire.LOW_SIGNAL_IQ: ("low signal IQ", "low"),
}
ALARMS: Mapping[int, str] = {
    wire.SPO2_HIGH: "SpO2 high",
    wire.SPO2_LOW: "SpO2 low",
    wire.PULSE_HIGH: "Pulse rate high",
    wire.PULSE_LOW: "Pulse rate low",
}
# In this order: with one of these there is no number of now, whatever the display still shows.
_NO_NUMBER: tuple[tuple[int, Validity], ...] = (
    (wire.NO_SENSOR, Validity.SENSOR_OFF),
    (wire.SENSOR_OFF, Validity.SENSOR_OFF),
    (wire.DEFECTIVE, Validity.INVALID),
    (wire.UNRECOGNISED, Validity.INVALID),
    (wire.PULSE_SEARCH, Validity.UNAVAILABLE),
)
# With one of these a number is doubted, and a missing one explained.
_DOUBTED: tuple[tuple[int, Validity], ...] = (
    (wire.INTERFERENCE, Validity.ARTIFACT),
    (wire.AMBIENT_LIGHT, Validity.ARTIFACT),
    (wire.LOW_PERFUSION, Validity.LOW_PERFUSION),
    (wire.LOW_SIGNAL_IQ, Validity.ARTIFACT),
)


class MasimoDriver:
    """One Rad-8, Rad-87, Radical-7 or Root that is set to ASCII 1."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._cutter = wire.make_cutter()
        self._serial = ""
        self._clock_told: tuple[datetime, Instant] | None = None
        self._padded = False
        self._last: tuple[bytes, Instant] | None = None
        self._active: dict[str, RelayedAlarm] = {}
        self._bad: dict[str, int] = {}

    def opened(self, at: Instant) -> None:
        """The transport is (again) open: forget half a line; what alarms still is reported anew."""
        self._cutter.reset()
        self._serial = ""
        self._padded = False
        self._last = None
        self._active = {}

    def received(self, data: bytes, at: Instant) -> list[DeviceFact]:
        """Facts in these bytes; bad lines come out as LinkFault."""
        facts: list[DeviceFact] = []
        for found, when in self._cutter.dated(data, at):
            if isinstance(found, WireFault):
                facts.append(LinkFault(self._source, found.reason, found.raw, when))
            else:
                facts += self._line(found, when)
        return facts

    @property
    def waits_until(self) -> Instant | None:
        """When silence ends the wait for the rest of half a line."""
        return self._cutter.waits_until

    def due(self, at: Instant) -> bytes | None:
        """Nothing is ever sent."""
        return None

    def next_due(self, at: Instant) -> Instant | None:
        """Only received bytes change anything."""
        return None

    def counters(self) -> LinkCounters:
        """Lines good and bad, bytes skipped."""
        bad = {**self._cutter.frames_bad, **self._bad}
        good = self._cutter.frames_ok - sum(self._bad.values())
        counted: Mapping[str, int] = MappingProxyType(bad)
        return LinkCounters(frames_ok=good, frames_bad=counted, bytes_skipped=self._cutter.bytes_skipped)

    @property
    def clock_told(self) -> tuple[datetime, Instant] | None:
        """The oximeter's own clock in its last line; its zone is not said."""
        return self._clock_told

    @property
    def identity(self) -> tuple[str, str]:
        """The serial number where the line has one; the model is not said."""
        return ("", self._serial)

    def _line(self, raw: bytes, at: Instant) -> list[DeviceFact]:
        line = wire.decode_line(raw)
        if line is None:
            raise ValueError("the cutter lets only whole lines pass")
        if self._last is not None and self._last[0] == raw and at.since(self._last[1]) < ECHO_S:
            return [self._fault("repeated line", raw, at)]
        if any(width != USUAL_WIDTH for width in line.widths) and (self._padded or line.padded):
            # A device that fills up with zeros always writes three digits: here one was lost.
            return [self._fault("a digit was lost", raw, at)]
        self._last = (raw, at)
        self._clock_told = (told, at) if (told := wire.clock_of(line)) is not None else self._clock_told
        self._padded = self._padded or line.padded
        self._serial = line.serial or self._serial
        return [*self._readings(line, at), *self._alarms(line, at)]

    def _readings(self, line: MasimoLine, at: Instant) -> list[VitalReading]:
        values: dict[Sign, float | None] = {Sign.SPO2: line.spo2, Sign.PULSE: line.pulse}
        if line.has_pi:
            values[Sign.PI] = line.pi
        return [self._reading(sign, value, line.exceptions, at) for sign, value in values.items()]

    def _reading(self, sign: Sign, value: float | None, exceptions: int, at: Instant) -> VitalReading:
        for bit, validity in _NO_NUMBER:
            if exceptions & bit:
                kept = bool(value)  # zero is how a trend line writes "none"
                return self._missing(sign, Validity.HELD if kept else validity, EXCEPTIONS[bit][0], at)
        doubt = next(((bit, validity) for bit, validity in _DOUBTED if exceptions & bit), None)
        if not value:
            validity = doubt[1] if doubt is not None else Validity.UNAVAILABLE if value is None else Validity.INVALID
            told = EXCEPTIONS[doubt[0]][0] if doubt is not None else "" if value is None else "zero is no value"
            return self._missing(sign, validity, told, at)
        lowest, highest = PLAUSIBLE[sign]
        note = EXCEPTIONS[doubt[0]][0] if doubt is not None else ""
        if not lowest <= value <= highest:
            note = note or "outside the plausible range"
        validity = Validity.QUESTIONABLE if note else Validity.VALID
        return VitalReading(self._source, sign, float(value), validity, at, note=note)

    def _missing(self, sign: Sign, validity: Validity, note: str, at: Instant) -> VitalReading:
        return VitalReading(self._source, sign, None, validity, at, note=note)

    def _alarms(self, line: MasimoLine, at: Instant) -> list[RelayedAlarm]:
        """What has begun and what has ended since the last line."""
        now = {alarm.code: alarm for alarm in self._active_in(line, at)}
        begun = [alarm for code, alarm in now.items() if code not in self._active]
        ended = [
            RelayedAlarm(
                old.source, "", code, old.kind, old.text, old.priority, False, at, physiological=old.physiological
            )
            for code, old in self._active.items()
            if code not in now
        ]
        self._active = now
        return ended + begun

    def _active_in(self, line: MasimoLine, at: Instant) -> list[RelayedAlarm]:
        found = []
        for place in range(line.exceptions.bit_length()):
            bit = line.exceptions & 1 << place
            if bit and bit != wire.SET:
                text, priority = EXCEPTIONS.get(bit, (f"exception {bit:X}, whose meaning is not published", "low"))
                found.append(self._alarm(f"EXC-{bit:X}", f"Oximeter: {text}", priority, at))
        for bit, text in ALARMS.items():
            if line.alarms & bit:
                found.append(self._alarm(f"ALARM-{bit:X}", text, "medium", at, physiological=True))
        return found

    def _alarm(self, code: str, text: str, priority: str, at: Instant, *, physiological: bool = False) -> RelayedAlarm:
        kind = AlarmKind.OTHER
        return RelayedAlarm(self._source, "", code, kind, text, priority, True, at, physiological=physiological)

    def _fault(self, reason: str, raw: bytes, at: Instant) -> LinkFault:
        self._bad[reason] = self._bad.get(reason, 0) + 1
        return LinkFault(self._source, reason, raw, at)
