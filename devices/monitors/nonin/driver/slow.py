"""Format 8 (once a second), format 13 (one packet for each spot check) and the printer's text line."""

from __future__ import annotations

from datetime import datetime

from devices.monitors.nonin.driver.judging import Battery, Conditions, vital_readings
from devices.monitors.nonin.wire import short, text
from exomonitor.clock import Instant
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign, VitalReading


class Seconds:
    """Format 8: what the display shows, so a sensor alarm turns any number into a held one."""

    def __init__(self, source: str) -> None:
        self.reader = short.SecondReader()
        self.model = ""
        self._source = source
        self._battery = Battery(source)

    def opened(self) -> None:
        """Nothing is remembered but the battery's alarm, and that is told anew."""
        self._battery.forget()

    def broken(self, at: Instant) -> list[DeviceFact]:
        """Nothing was under way."""
        return []

    def idle(self, at: Instant) -> list[DeviceFact]:
        """Nothing waits."""
        return []

    @property
    def waits_until(self) -> Instant | None:
        """Nothing waits."""
        return None

    def take(self, payload: bytes, at: Instant) -> list[DeviceFact]:
        """Both signs."""
        second = short.decode_second(payload)
        if second is None:
            raise ValueError("the cutter lets only whole packets pass")
        conditions = Conditions(
            second.sensor_alarm, second.out_of_track, second.artifact, second.low_perfusion, second.marginal_perfusion
        )
        facts: list[DeviceFact] = [*self._battery.told(at, low=second.low_battery)]
        return [*facts, *vital_readings(second.spo2, second.hr, conditions, self._source, at)]


class Spots:
    """Format 13: one measurement, told once; one out of the memory was taken at a time that nobody vouches for."""

    def __init__(self, source: str) -> None:
        self.reader = short.SpotReader()
        self.model = ""
        self._source = source
        self._battery = Battery(source)
        self._last = b""
        self.clock_told: tuple[datetime, Instant] | None = None

    def opened(self) -> None:
        """The last spot check stays known: it may be sent again."""
        self._battery.forget()

    def broken(self, at: Instant) -> list[DeviceFact]:
        """Nothing was under way."""
        return []

    def idle(self, at: Instant) -> list[DeviceFact]:
        """Nothing waits."""
        return []

    @property
    def waits_until(self) -> Instant | None:
        """Nothing waits."""
        return None

    def take(self, payload: bytes, at: Instant) -> list[DeviceFact]:
        """Both signs of a new spot check."""
        if payload == self._last:
            return []  # told again, with its own old time: nothing new was measured
        self._last = payload
        spot = short.decode_spot(payload)
        if not spot.from_memory and (shown := short.clock_of(spot)) is not None:
            self.clock_told = shown, at  # one out of the memory tells when it was, not what the clock shows now
        facts: list[DeviceFact] = [*self._battery.told(at, low=spot.low_battery)]
        missing = {
            spot.from_memory: (Validity.HELD, "from the oximeter's memory"),
            not spot.measured: (Validity.UNAVAILABLE, "no measurement"),
        }.get(True)
        if missing is not None:
            validity, told = missing
            return facts + [
                VitalReading(self._source, s, None, validity, at, note=told) for s in (Sign.SPO2, Sign.PULSE)
            ]
        readings = vital_readings(spot.spo2, spot.hr, Conditions(), self._source, at, note="spot check")
        return facts + [one if spot.smartpoint else _doubted(one) for one in readings]


class Lines:
    """The printer's line; it says `---` for whatever reason there is no number."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.model = ""

    def opened(self) -> None:
        """Nothing is remembered between lines."""

    def broken(self, at: Instant) -> list[DeviceFact]:
        """Nothing was under way."""
        return []

    def idle(self, at: Instant) -> list[DeviceFact]:
        """Nothing waits."""
        return []

    @property
    def waits_until(self) -> Instant | None:
        """Nothing waits."""
        return None

    def take(self, payload: bytes, at: Instant) -> list[DeviceFact]:
        """Both signs."""
        line = text.decode_line(payload)
        if line is None:
            raise ValueError("the cutter lets only whole lines pass")
        note = "fast-responding" if line.fast else ""
        return [*vital_readings(line.spo2, line.hr, Conditions(), self._source, at, note=note)]


def _doubted(reading: VitalReading) -> VitalReading:
    """Without SmartPoint the oximeter does not vouch for the quality of a spot check."""
    if reading.value is None:
        return reading
    note = reading.note if reading.validity is Validity.QUESTIONABLE else "spot check without SmartPoint"
    return VitalReading(reading.source, reading.sign, reading.value, Validity.QUESTIONABLE, reading.at, note=note)
