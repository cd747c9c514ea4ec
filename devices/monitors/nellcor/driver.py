"""The driver: wakes a held stream with XON, then listens; a number outside the monitor's limits stays a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from devices.monitors.nellcor import wire
from devices.monitors.nellcor.wire import Header, NellcorLine
from devices.spec import WireFault
from exomonitor.clock import Instant
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkCounters, LinkFault
from exomonitor.signals.pump import AlarmKind
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import PLAUSIBLE, Sign, VitalReading

WAKE = bytes((wire.XON,))
QUIET_S = 6.0
"""Three intervals: after so long a silence the stream may be held, and is asked on again."""

ECHO_S = 0.5

# code -> (words, priority, about the patient); the line does not rank them, the ranks are ours.
CODES: Mapping[str, tuple[str, str, bool]] = {
    "AO": ("Oximeter alarms are off", "low", False),
    "AS": ("Oximeter alarms are silenced", "low", False),
    "LB": ("Oximeter battery is low", "low", False),
    "LM": ("Loss of pulse with interference", "medium", True),
    "LP": ("Loss of pulse", "high", True),
    "MO": ("Interference or motion", "low", False),
    "PH": ("Pulse rate above the oximeter's limit", "medium", True),
    "PL": ("Pulse rate below the oximeter's limit", "medium", True),
    "PS": ("Pulse search", "low", False),
    "SH": ("SpO2 above the oximeter's limit", "medium", True),
    "SL": ("SpO2 below the oximeter's limit", "medium", True),
    "SD": ("Sensor disconnected", "medium", False),
    "SO": ("Sensor off", "medium", False),
    # ours: a mark at the number and no code that explains it
    "S*": ("SpO2 outside the oximeter's limits", "medium", True),
    "P*": ("Pulse rate outside the oximeter's limits", "medium", True),
}
# In this order: with one of these there is no number of now, whatever still stands there.
_NO_NUMBER: tuple[tuple[str, Validity], ...] = (
    ("SD", Validity.SENSOR_OFF),
    ("SO", Validity.SENSOR_OFF),
    ("LP", Validity.INVALID),
    ("LM", Validity.ARTIFACT),
    ("PS", Validity.UNAVAILABLE),
)


class NellcorDriver:
    """One N-395, N-595, N-600x or NPB-290/295 that prints to its serial port."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._cutter = wire.make_cutter()
        self._model = ""
        self._clock_told: tuple[datetime, Instant] | None = None
        self._limits: Mapping[Sign, tuple[int, int] | None] = {}
        self._wake_at: Instant | None = None
        self._last: tuple[bytes, Instant] | None = None
        self._columns: tuple[int, ...] = wire.LAYOUT
        self._other_columns: tuple[int, ...] = ()
        self._active: dict[str, RelayedAlarm] = {}
        self._bad: dict[str, int] = {}

    def opened(self, at: Instant) -> None:
        """The transport is (again) open: wake the stream; what alarms still is reported anew."""
        self._cutter.reset()
        self._wake_at = at
        self._last = None
        self._columns, self._other_columns = wire.LAYOUT, ()
        self._limits = {}
        self._active = {}

    def received(self, data: bytes, at: Instant) -> list[DeviceFact]:
        """Facts in these bytes; bad lines come out as LinkFault."""
        facts: list[DeviceFact] = []
        for found, when in self._cutter.dated(data, at):
            if isinstance(found, WireFault):
                facts.append(LinkFault(self._source, found.reason, found.raw, when))
            else:
                self._wake_at = when.plus(QUIET_S)
                facts += self._text(found, when)
        return facts

    @property
    def waits_until(self) -> Instant | None:
        """When silence ends the wait for the rest of half a line."""
        return self._cutter.waits_until

    def due(self, at: Instant) -> bytes | None:
        """XON after the opening and after each long silence."""
        if self._wake_at is None or at.since(self._wake_at) < 0:
            return None
        self._wake_at = at.plus(QUIET_S)
        return WAKE

    def next_due(self, at: Instant) -> Instant | None:
        """When the silence will have been long."""
        return self._wake_at

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
        """Model and version as the header says them; no serial number."""
        return (self._model, "")

    def _text(self, raw: bytes, at: Instant) -> list[DeviceFact]:
        header = wire.decode_header(raw)
        if header is not None:
            self._header(header)
        line = wire.decode_line(raw)
        if line is None:
            return []
        if self._last is not None and self._last[0] == raw and at.since(self._last[1]) < ECHO_S:
            return [self._fault("repeated line", raw, at)]
        if not self._fits(line):
            return [self._fault("columns out of place", raw, at)]
        self._last = (raw, at)
        self._clock_told = (told, at) if (told := wire.clock_of(line)) is not None else self._clock_told
        return [*self._readings(line, at), *self._alarms(line, at)]

    def _header(self, header: Header) -> None:
        self._model = f"{header.model} {header.version}"
        self._limits = {Sign.SPO2: header.spo2_limits, Sign.PULSE: header.pulse_limits}

    def _fits(self, line: NellcorLine) -> bool:
        """A lost digit moves the columns; a model with columns of its own shows them twice in a row.

        The documented columns fit at any time: two damaged lines in a row may have lost a digit at the same place.
        """
        if line.columns in (self._columns, wire.LAYOUT):
            self._columns, self._other_columns = line.columns, ()
            return True
        if line.columns == self._other_columns:
            self._columns, self._other_columns = line.columns, ()
            return True
        self._other_columns = line.columns
        return False

    def _readings(self, line: NellcorLine, at: Instant) -> list[VitalReading]:
        found = (
            self._reading(Sign.SPO2, line.spo2, line.codes, at, marked=line.spo2_marked),
            self._reading(Sign.PULSE, line.pulse, line.codes, at, marked=line.pulse_marked),
        )
        return [replace(reading, device_limits=self._limits.get(reading.sign)) for reading in found]

    def _reading(
        self, sign: Sign, value: int | None, codes: tuple[str, ...], at: Instant, *, marked: bool
    ) -> VitalReading:
        for code, why in _NO_NUMBER:
            if code in codes:
                validity = Validity.HELD if value else why
                return VitalReading(self._source, sign, None, validity, at, note=CODES[code][0])
        moving = "MO" in codes
        if not value:
            validity = Validity.ARTIFACT if moving else Validity.UNAVAILABLE if value is None else Validity.INVALID
            note = CODES["MO"][0] if moving else "" if value is None else "zero is no value"
            return VitalReading(self._source, sign, None, validity, at, note=note)
        lowest, highest = PLAUSIBLE[sign]
        doubt = CODES["MO"][0] if moving else "" if lowest <= value <= highest else "outside the plausible range"
        note = ", ".join(text for text in (doubt, self._mark(sign) if marked else "") if text)
        validity = Validity.QUESTIONABLE if doubt else Validity.VALID
        return VitalReading(self._source, sign, float(value), validity, at, note=note)

    def _mark(self, sign: Sign) -> str:
        limits = self._limits.get(sign)
        return "outside the oximeter's limits" + (f" {limits[0]}-{limits[1]}" if limits is not None else "")

    def _alarms(self, line: NellcorLine, at: Instant) -> list[RelayedAlarm]:
        """What has begun and what has ended since the last line."""
        codes = list(dict.fromkeys(line.codes))
        if line.spo2_marked and not {"SH", "SL"} & set(codes):
            codes.append("S*")
        if line.pulse_marked and not {"PH", "PL"} & set(codes):
            codes.append("P*")
        begun = [self._alarm(code, at) for code in codes if code not in self._active]
        ended = [code for code in self._active if code not in codes]
        facts = [self._alarm(code, at, active=False) for code in ended]
        self._active = {code: alarm for code, alarm in self._active.items() if code not in ended}
        self._active |= {alarm.code: alarm for alarm in begun}
        return facts + begun

    def _alarm(self, code: str, at: Instant, *, active: bool = True) -> RelayedAlarm:
        text, priority, physiological = CODES.get(code, (f"Oximeter status {code}", "low", False))
        kind = AlarmKind.BATTERY_LOW if code == "LB" else AlarmKind.OTHER
        return RelayedAlarm(
            self._source, "", code, kind, text, priority, active, at, physiological=physiological
        )  # fmt: skip

    def _fault(self, reason: str, raw: bytes, at: Instant) -> LinkFault:
        self._bad[reason] = self._bad.get(reason, 0) + 1
        return LinkFault(self._source, reason, raw, at)
