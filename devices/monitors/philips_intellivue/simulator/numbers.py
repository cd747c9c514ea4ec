"""The simulated monitor's numbers and alarms: what the made-up patient and the sensors give at one second."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from devices.monitors.philips_intellivue.simulator.cuff import Cuff
from devices.monitors.philips_intellivue.wire import codes, values
from devices.monitors.philips_intellivue.wire.fields import Attributes, Special, encode_clock, encode_text, u32
from devices.monitors.philips_intellivue.wire.results import Observed
from devices.monitors.philips_intellivue.wire.values import Alarm, Number, encode_alarms, encode_compound, encode_number
from devices.simulation.patient import PatientWorld

CONTEXT = 0x0021
_KPA_IN_MMHG = 7.500616827
# What the simulated monitor calls its alarm conditions.
_HIGH, _LOW, _ASYSTOLE, _DISCONNECTED = 0x0028, 0x003E, 0x0C00, 0x0016
_HR_LIMITS = (50, 120)
_SPO2_LIMIT, _DESAT_LIMIT = 90, 80


class Numbers:
    """The objects of the monitor's numerics and of its alert monitor."""

    def __init__(
        self, world: PatientWorld, cuff: Cuff, start: datetime, *, kilopascal: bool, fahrenheit: bool, demo: bool
    ) -> None:
        self._world = world
        self._cuff = cuff
        self._start = start
        self._kilopascal, self._fahrenheit = kilopascal, fahrenheit
        self._state = values.DEMO if demo else 0
        self.alarm_state = 0
        """Bits that a person's key has given to every patient alarm: suspended or silenced."""

    def objects(self, t: float) -> tuple[Observed, ...]:
        """All numerics at second `t`; each object's handle is its place."""
        now, off = self._world.vitals(t), self._world.sensor_off
        no_ecg, no_spo2 = off("ecg", t), off("spo2", t)
        alarm = values.IN_ALARM if now.hr <= 0 or not _HR_LIMITS[0] <= now.hr <= _HR_LIMITS[1] else 0
        pulse = None if no_spo2 or now.hr <= 0 else float(round(now.hr))
        heart = None if no_ecg else float(round(now.hr))
        temperature = None if off("temp", t) else round(now.temp, 1)
        unit = codes.CELSIUS
        if self._fahrenheit and temperature is not None:
            temperature, unit = round(temperature * 9 / 5 + 32, 1), codes.FAHRENHEIT
        return tuple(
            Observed(CONTEXT, handle, attributes)
            for handle, attributes in enumerate(
                (
                    self._one("HR", codes.HR, codes.BEATS_PER_MIN, heart, 0, alarm),
                    self._one("SpO2", codes.SPO2, codes.PERCENT, None if no_spo2 else float(round(now.spo2))),
                    self._nibp(t),
                    self._one("Tcore", codes.TEMP_CORE, unit, temperature, 1),
                    self._one("RR", codes.RESP_RATE, codes.BREATHS_PER_MIN, None if no_ecg else float(round(now.rr))),
                    self._one("Pulse", codes.PLETH_PULSE, codes.BEATS_PER_MIN, pulse),
                    self._one("Perf", codes.PERFUSION, codes.DIMENSIONLESS, None if no_spo2 else round(now.pi, 1), 1),
                ),
                start=1,
            )
        )

    def alarms(self, t: float) -> Observed:
        """The alert monitor with both lists of active alarms at second `t`."""
        patient = tuple(replace(one, state=one.state | self.alarm_state) for one in self._patient_alarms(t))
        technical = tuple(
            Alarm(source, _DISCONNECTED, values.LOW_T, 0, text)
            for sensor, source, text in (
                ("ecg", codes.HR, "ECG LEADS OFF"),
                ("spo2", codes.SPO2, "SpO2 NO SENSOR"),
                ("temp", codes.TEMP_CORE, "Tcore NO TRANSDUC"),
            )
            if self._world.sensor_off(sensor, t)
        )
        return Observed(CONTEXT, 0, {codes.P_ALARMS: encode_alarms(patient), codes.T_ALARMS: encode_alarms(technical)})

    def _one(
        self, label: str, physio: int, unit: int, value: float | None, decimals: int = 0, state: int = 0
    ) -> Attributes:
        number = Number(physio, state | self._state, unit, Special.NAN if value is None else value)
        if value is None:
            number = replace(number, state=values.UNAVAILABLE)
        return {**_named(label, physio), codes.VALUE: encode_number(number, decimals)}

    def _nibp(self, t: float) -> Attributes:
        numbers, measured = self._cuff.numbers(t)
        numbers = tuple(replace(one, state=one.state | self._state) for one in numbers)
        decimals = 0
        if self._kilopascal:
            numbers, decimals = tuple(_in_kilopascal(one) for one in numbers), 1
        told: dict[int, bytes] = {**_named("NBP", codes.NIBP), codes.COMPOUND_VALUE: encode_compound(numbers, decimals)}
        if measured is not None:
            told[codes.TIME_STAMP] = encode_clock(self._start + timedelta(seconds=int(measured)))
        return told

    def _patient_alarms(self, t: float) -> list[Alarm]:
        now = self._world.vitals(t)
        hr, spo2 = round(now.hr), round(now.spo2)
        low, high = _HR_LIMITS
        alarms = []
        if not self._world.sensor_off("ecg", t):
            if hr <= 0:
                alarms.append(Alarm(codes.HR, _ASYSTOLE, values.HIGH_P, 0, "*** ASYSTOLE"))
            elif hr > high:
                alarms.append(Alarm(codes.HR, _HIGH, values.MEDIUM_P, 0, f"** HR {hr}>{high}"))
            elif hr < low:
                alarms.append(Alarm(codes.HR, _LOW, values.MEDIUM_P, 0, f"** HR {hr}<{low}"))
        if not self._world.sensor_off("spo2", t):
            if spo2 < _DESAT_LIMIT:
                alarms.append(Alarm(codes.SPO2, _LOW, values.HIGH_P, 0, f"*** DESAT {spo2}<{_DESAT_LIMIT}"))
            elif spo2 < _SPO2_LIMIT:
                alarms.append(Alarm(codes.SPO2, _LOW, values.MEDIUM_P, 0, f"** SpO2 {spo2}<{_SPO2_LIMIT}"))
        return alarms


def _named(label: str, physio: int) -> dict[int, bytes]:
    return {codes.LABEL: u32(codes.text_id(physio)), codes.LABEL_TEXT: encode_text(label)}


def _in_kilopascal(number: Number) -> Number:
    value = number.value if isinstance(number.value, Special) else round(number.value / _KPA_IN_MMHG, 1)
    return replace(number, unit=codes.KILOPASCAL, value=value)
