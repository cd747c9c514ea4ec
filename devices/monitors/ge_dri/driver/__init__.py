"""The driver: asks for numbers, waves and alarms, asks again when they stop, and never for anything else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from types import MappingProxyType

from devices.monitors.ge_dri.driver.alarms import MonitorAlarms
from devices.monitors.ge_dri.driver.nibp import NibpAges
from devices.monitors.ge_dri.driver.streams import WaveStreams
from devices.monitors.ge_dri.driver.vitals import vital_readings
from devices.monitors.ge_dri.wire import alarms, frames, numerics, requests, waves
from devices.monitors.ge_dri.wire.records import ALARM, PHDB, WAVE, Record, decode_record
from devices.spec import WireFault
from exomonitor.clock import Instant
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkCounters, LinkFault

ASK_NUMBERS = requests.encode_request(requests.PhdbRequest())
WANTED_WAVES = (
    *(waves.ECG1, waves.PLETH, waves.RESP, waves.GASES[0], *waves.PRESSURES[:2], *waves.AIRWAY[:2], *waves.GASES[1:]),
    *(waves.ECG2, waves.ECG3, waves.PLETH_2, *waves.PRESSURES[2:6], waves.ENTROPY, *waves.EEG),
)
"""As many as one request can name, the likeliest first: what has no module, or more samples than the line carries, the
monitor leaves out."""
ASK_WAVES = requests.encode_request(requests.WaveRequest(True, WANTED_WAVES))
ASK_ALARMS = requests.encode_request(requests.AlarmRequest(alarms.ENTER_DIFFERENTIAL))


class Stream(Enum):
    """What is asked for: (the request, seconds of silence before it is asked again, seconds between two requests)."""

    # The monitor ignores requests less than 5 s apart.
    NUMBERS = (ASK_NUMBERS, 10.0, 10.0)
    WAVES = (ASK_WAVES, 3.0, 5.5)
    # It tells only what changes, so silence is usual. Asked anew it tells all: so an end that was lost on the line is
    # noticed. Older monitors do not answer at all.
    ALARMS = (ASK_ALARMS, 60.0, 60.0)

    @property
    def request(self) -> bytes:
        """The frame that asks for it."""
        return self.value[0]

    def next_request(self, asked: Instant, heard: Instant | None) -> Instant:
        """When it is to be asked for again."""
        after_asking = asked.plus(self.value[2])
        after_silence = (heard or asked).plus(self.value[1])
        return after_silence if after_silence.since(after_asking) > 0 else after_asking


class GeDriDriver:
    """One monitor on one port. Numbers every 5 s; waves as they come."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._cutter = frames.make_cutter()
        self._ages = NibpAges()
        self._waves = WaveStreams(source)
        self._alarms = MonitorAlarms(source)
        self._opened: Instant | None = None
        self._asked: dict[Stream, Instant] = {}
        self._heard: dict[Stream, Instant] = {}
        self._clock_told: tuple[int, Instant] | None = None
        self._next_at: Instant | None = None  # kept, because it is asked for far more often than it changes
        self._last: dict[int, bytes] = {}
        self._bad: dict[str, int] = {}
        self._level = 0

    def opened(self, at: Instant) -> None:
        """The transport is (again) open: forget half frames, ask for everything anew."""
        self._cutter.reset()
        self._waves.reopened()
        self._alarms.forget()
        self._opened = at
        self._asked.clear()
        self._heard.clear()
        self._next_at = None
        self._last.clear()

    def received(self, data: bytes, at: Instant) -> list[DeviceFact]:
        """Facts in these bytes; bad frames come out as LinkFault."""
        facts: list[DeviceFact] = []
        for found, when in self._cutter.dated(data, at):
            if isinstance(found, WireFault):
                facts.append(LinkFault(self._source, found.reason, found.raw, when))
            else:
                facts += self._record(found, when)
        return facts

    @property
    def waits_until(self) -> Instant | None:
        """When silence ends the wait for the rest of half a frame."""
        return self._cutter.waits_until

    def due(self, at: Instant) -> bytes | None:
        """The next request to send now, or None; called again until None."""
        next_at = self.next_due(at)
        if self._opened is None or next_at is None or at.since(next_at) < 0:
            return None
        for stream in Stream:
            if at.since(self._deadline(stream, self._opened)) >= 0:
                self._note(self._asked, stream, at)
                return stream.request
        return None

    def next_due(self, at: Instant) -> Instant | None:
        """When due() should be asked next; None while the transport was never open."""
        if self._opened is None:
            return None
        if self._next_at is None:
            opened = self._opened
            self._next_at = min((self._deadline(stream, opened) for stream in Stream), key=lambda due: due.since(at))
        return self._next_at

    def counters(self) -> LinkCounters:
        """Frames good and bad, bytes skipped."""
        bad = dict(self._cutter.frames_bad)
        for reason, count in self._bad.items():
            bad[reason] = bad.get(reason, 0) + count
        good = self._cutter.frames_ok - sum(self._bad.values())
        counted: Mapping[str, int] = MappingProxyType(bad)
        return LinkCounters(frames_ok=good, frames_bad=counted, bytes_skipped=self._cutter.bytes_skipped)

    @property
    def clock_told(self) -> tuple[datetime, Instant] | None:
        """The monitor's own clock in its last numbers; whether it is local time is not said."""
        if self._clock_told is None:
            return None
        seconds, at = self._clock_told
        return datetime(1970, 1, 1) + timedelta(seconds=seconds), at  # noqa: DTZ001 - the zone is not known

    @property
    def identity(self) -> tuple[str, str]:
        """The interface level is all that the records say about the model; no serial number."""
        return (f"Datex-Ohmeda DRI level {self._level}" if self._level else "", "")

    def _deadline(self, stream: Stream, opened: Instant) -> Instant:
        asked = self._asked.get(stream)
        return opened if asked is None else stream.next_request(asked, self._heard.get(stream))

    def _note(self, moments: dict[Stream, Instant], stream: Stream, at: Instant) -> None:
        moments[stream] = at
        self._next_at = None

    def _record(self, payload: bytes, at: Instant) -> list[DeviceFact]:
        record = decode_record(payload)
        if record is None:
            return [self._fault("subrecords do not fit", payload, at)]
        if self._last.get(record.maintype) == payload:
            # The very same number and time: an echo on the line, never a new measurement.
            return [self._fault("repeated record", payload, at)]
        self._last[record.maintype] = payload
        if record.maintype == WAVE:
            return self._wave_record(record, at)
        self._waves.note_number(record)
        if record.maintype == ALARM:
            return self._alarm_record(record, payload, at)
        return self._numbers_record(record, at) if record.maintype == PHDB else []

    def _wave_record(self, record: Record, at: Instant) -> list[DeviceFact]:
        facts: list[DeviceFact] = [*self._waves.chunks(record, at)]
        if facts:
            self._note(self._heard, Stream.WAVES, at)
            self._level = record.level
        return facts

    def _alarm_record(self, record: Record, payload: bytes, at: Instant) -> list[DeviceFact]:
        facts: list[DeviceFact] = []
        for kind, body in record.subrecords:
            status = alarms.decode_status(body) if kind == alarms.STATUS else None
            if status is None:
                return [self._fault("alarm status", payload, at)]
            self._note(self._heard, Stream.ALARMS, at)
            self._level = record.level
            facts += self._alarms.changes(status, at)
        return facts

    def _numbers_record(self, record: Record, at: Instant) -> list[DeviceFact]:
        told_time = None
        for kind, body in record.subrecords:
            if kind == requests.AUXILIARY:
                told_time = numerics.decode_nibp_time(body)
        facts: list[DeviceFact] = []
        for kind, body in record.subrecords:
            if kind == requests.DISPLAYED and numerics.is_displayed_basic(body, requests.DISPLAYED):
                basic = numerics.decode_basic(body)
                self._note(self._heard, Stream.NUMBERS, at)
                self._clock_told = record.time, at
                self._level = record.level
                self._waves.lead_told(basic.groups["ecg"].label)
                nibp = self._ages.result(basic.groups["nibp"], at, told_time, record.time)
                facts += vital_readings(basic, nibp, self._source, at)
        return facts

    def _fault(self, reason: str, payload: bytes, at: Instant) -> LinkFault:
        self._bad[reason] = self._bad.get(reason, 0) + 1
        return LinkFault(self._source, reason, payload[:256], at)
