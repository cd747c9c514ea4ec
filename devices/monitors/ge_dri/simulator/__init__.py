"""A simulated monitor on a wire: says nothing until asked, then sends numbers, waves and alarms of the patient."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from devices.monitors.ge_dri.simulator.alarms import AlarmLines
from devices.monitors.ge_dri.simulator.cuff import Cuff
from devices.monitors.ge_dri.wire import alarms, frames, numerics, requests, waves
from devices.monitors.ge_dri.wire.numerics import INVALID, BasicValues, Group
from devices.monitors.ge_dri.wire.records import ALARM, PHDB, WAVE, Record, decode_record, encode_record
from devices.monitors.ge_dri.wire.requests import AlarmRequest, Request, WaveRequest
from devices.monitors.ge_dri.wire.waves import WavePart
from devices.simulation.patient import PatientWorld, Vitals
from exomonitor.clock import NS, Instant

LEVEL = 10
TICKS_PER_S = 4
DEAF_S = 5.0
"""A request of the same kind that comes sooner after the last one is ignored."""

UNIX_START = 1_772_442_000
_MEASURES = numerics.EXISTS | numerics.ACTIVE
_FROM_ECG = numerics.HR_FROM_ECG[0] << numerics.ECG_SOURCE_SHIFT
_CORE = 15
# wave type -> (name in the patient's world, sensor, wire units in one physical unit)
_SHOWN = {
    waves.ECG1: ("ecg_ii", "ecg", 1000),
    waves.ECG2: ("ecg_v", "ecg", 1000),
    waves.ECG3: ("ecg_i", "ecg", 1000),
    waves.PLETH: ("pleth", "spo2", 100),
    waves.RESP: ("resp", "ecg", 100),
    waves.RESP_100: ("resp", "ecg", 100),
}
_MOST_IN_A_RECORD = 8
_OTHERS = {
    waves.PLETH_2: ("pleth", "spo2", 100),
    **dict.fromkeys(waves.PRESSURES, ("pleth", "", 100)),
    **dict.fromkeys((*waves.GASES, *waves.AIRWAY), ("resp", "", 100)),
    **dict.fromkeys((*waves.EEG, waves.ENTROPY), ("ecg_v", "", 1000)),
}
"""What the other modules send is not this patient's: some wave, so that there is one."""


class GeDriSimulator:
    """Numbers in the asked interval; waves in four records a second, cut at fixed places of an absolute count."""

    def __init__(
        self,
        world: PatientWorld,
        *,
        nibp_interval_s: float = 300.0,
        unix_start: int = UNIX_START,
        tells_alarms: bool = False,
        fast: bool = False,
        tells_nibp_time: bool = False,
        all_modules: bool = False,
    ) -> None:
        """nibp_interval_s: 0 means only by the key; unix_start: the monitor's clock at second 0; tells_alarms: as
        CARESCAPE monitors do, older ones do not; fast: at 115200 baud, where waves have no budget; tells_nibp_time: the
        auxiliary subrecord comes with the numbers; all_modules: besides ECG and oximeter every other one is there."""
        self._world = world
        self._modules = {**_SHOWN, **_OTHERS} if all_modules else _SHOWN
        self._cuff = Cuff(world, nibp_interval_s)
        self._unix_start = unix_start
        self._samples_per_s = waves.SAMPLES_PER_S_BUDGET if not fast else sum(waves.RATE_HZ.values())
        self._tells_nibp_time = tells_nibp_time
        self._cutter = frames.make_cutter()
        self._asked_at: dict[type, float] = {}
        self._interval_s = 0
        self._numbers_at: float | None = None
        self._next_sample: dict[int, int] = {}
        self._tick = 0
        self._count = {PHDB: 0, WAVE: 0, ALARM: 0}
        self._alarms = AlarmLines(world) if tells_alarms else None
        self._status_at: float | None = None

    def received(self, data: bytes, t: float) -> bytes:
        """Take requests; the monitor never answers at once, only due() sends."""
        for found in self._cutter.feed(data, _instant(t)):
            record = decode_record(found) if isinstance(found, bytes) else None
            request = requests.decode_request(record) if record is not None else None
            if request is not None and self._listens(type(request), t):
                self._obey(request, t)
        return b""

    def due(self, t: float) -> bytes:
        """All records up to second `t`."""
        out = []
        while (when := self._next_at()) is not None and when <= t:
            if when == self._numbers_at:
                out.append(self._numbers(when))
                self._numbers_at = when + self._interval_s if self._interval_s else None
            elif self._alarms is not None and when in (self._status_at, self._alarms.next_at):
                out.append(self._alarm_record(self._alarms, when))
            else:
                out.append(self._wave_record(when))
        return b"".join(out)

    def _alarm_record(self, lines: AlarmLines, t: float) -> bytes:
        if t == self._status_at:
            self._status_at, told = None, lines.status(t)
        else:
            changed = lines.look(t)
            if changed is None:
                return b""
            told = changed
        return self._record(ALARM, ((alarms.STATUS, told),), t)

    def next_due(self, t: float) -> float | None:
        """The second of the next record, None until something was asked for."""
        when = self._next_at()
        return None if when is None else max(when, t)

    def press(self, t: float, action: str, **values: Any) -> None:
        """`nibp`: measure now. `admit`: a patient was admitted (displayed values do not need it)."""
        if action not in {"nibp", "admit"} or values:
            raise ValueError(f"this monitor has no key {action!r} with {values!r}, only nibp and admit")
        if action == "nibp":
            self._cuff.press(t)

    def _listens(self, kind: type, t: float) -> bool:
        last = self._asked_at.get(kind)
        if last is not None and t - last < DEAF_S:
            return False
        self._asked_at[kind] = t
        return True

    def _obey(self, request: Request, t: float) -> None:
        if isinstance(request, AlarmRequest):
            self._obey_alarms(request, t)
        elif isinstance(request, WaveRequest):
            self._start_waves(request.types if request.start else (), t)
        elif request.record_type == requests.DISPLAYED:
            once = request.interval_s == requests.ONCE
            periodic = request.interval_s >= requests.SHORTEST_INTERVAL_S
            basic = not request.classes & requests.DENY_BASIC
            self._interval_s = request.interval_s if periodic else 0
            self._numbers_at = t if basic and (once or periodic) else None

    def _obey_alarms(self, request: AlarmRequest, t: float) -> None:
        if self._alarms is None:
            return
        if request.command == alarms.STATUS_ONCE:
            self._status_at = t
        elif request.command == alarms.ENTER_DIFFERENTIAL:
            self._alarms.enter(t)
        elif request.command == alarms.EXIT_DIFFERENTIAL:
            self._alarms.exit()

    def _start_waves(self, types: tuple[int, ...], t: float) -> None:
        """The new list replaces the old; what is unknown or more than the line carries is silently left out."""
        running, self._next_sample = self._next_sample, {}
        if not running:
            self._tick = int(t * TICKS_PER_S) + 1
        budget = self._samples_per_s
        for kind in types:
            rate = (
                waves.RATE_HZ[kind] if kind in self._modules else budget + 1
            )  # a module that is not there sends nothing
            if rate <= budget and kind not in self._next_sample:
                budget -= rate
                self._next_sample[kind] = running.get(kind, rate * (self._tick - 1) // TICKS_PER_S)

    def _next_at(self) -> float | None:
        wave_at = self._tick / TICKS_PER_S if self._next_sample else None
        alarms_at = self._alarms.next_at if self._alarms is not None else None
        moments = (self._numbers_at, wave_at, alarms_at, self._status_at)
        return min((moment for moment in moments if moment is not None), default=None)

    def _wave_record(self, t: float) -> bytes:
        parts = []
        for kind, first in self._next_sample.items():
            end = waves.RATE_HZ[kind] * self._tick // TICKS_PER_S
            self._next_sample[kind] = end
            parts.append((kind, waves.encode_wave(self._part(kind, first, end - first, t))))
        self._tick += 1
        cut = range(0, len(parts), _MOST_IN_A_RECORD)
        return b"".join(self._record(WAVE, tuple(parts[at : at + _MOST_IN_A_RECORD]), t) for at in cut)

    def _part(self, kind: int, first: int, count: int, t: float) -> WavePart:
        name, sensor, per_unit = self._modules[kind]
        if sensor and self._world.sensor_off(sensor, t):
            status = waves.LEAD_OFF if kind in (waves.ECG1, waves.ECG2, waves.ECG3) else 0
            return WavePart(status, 0, np.full(count, waves.NO_SAMPLE, np.int16))
        physical = self._world.wave(name, first, count, waves.RATE_HZ[kind])
        return WavePart(0, 0, np.rint(physical * per_unit).astype(np.int16))

    def _numbers(self, t: float) -> bytes:
        now = self._world.vitals(t)
        groups = {
            "ecg": self._ecg(now, t),
            "nibp": self._cuff.group(t),
            "t1": self._temperature(now, t),
            "spo2": self._oximeter(now, t),
        }
        if groups["ecg"].active:
            groups["ecg_extra"] = Group(0, 0, dict.fromkeys(("hr_ecg", "hr_max", "hr_min"), round(now.hr)))
        word = numerics.class_word(LEVEL, requests.DISPLAYED)
        basic = BasicValues(self._unix_start + int(t), groups, class_word=word)
        subrecords = [(requests.DISPLAYED, numerics.encode_basic(basic))]
        measured_s = self._cuff.measured_s(t)
        if self._tells_nibp_time and measured_s is not None:
            subrecords.append((requests.AUXILIARY, numerics.encode_nibp_time(self._unix_start + int(measured_s))))
        return self._record(PHDB, tuple(subrecords), t)

    def _ecg(self, now: Vitals, t: float) -> Group:
        label = numerics.ecg1_label(numerics.LEAD_II)
        missing = numerics.empty_group("ecg").values
        if self._world.sensor_off("ecg", t):
            return Group(numerics.EXISTS | numerics.ECG_CHANNEL_1_OFF, label, missing)
        hr, rr = round(now.hr), round(now.rr)
        status = _MEASURES | _FROM_ECG | (numerics.ECG_ASYSTOLE if hr == 0 else 0)
        return Group(status, label, {**missing, "hr": hr, "st1": 0, "imp_rr": rr or INVALID})

    def _oximeter(self, now: Vitals, t: float) -> Group:
        missing = numerics.empty_group("spo2").values
        if self._world.sensor_off("spo2", t):
            return Group(numerics.EXISTS, 0, missing)
        measured = {"spo2": 100 * round(now.spo2), "pr": round(now.hr) or INVALID, "ir_amp": 10 * round(10 * now.pi)}
        return Group(_MEASURES, 0, {**missing, **measured})

    def _temperature(self, now: Vitals, t: float) -> Group:
        if self._world.sensor_off("temp", t):
            return Group(numerics.EXISTS, _CORE, numerics.empty_group("t1").values)
        return Group(_MEASURES, _CORE, {"temp": 10 * round(10 * now.temp)})

    def _record(self, maintype: int, subrecords: tuple[tuple[int, bytes], ...], t: float) -> bytes:
        # Numbers and waves are counted apart, as a real monitor of this level does.
        number = self._count[maintype]
        self._count[maintype] = number + 1 & 0xFF
        time = self._unix_start + int(t)
        return frames.frame(encode_record(Record(maintype, subrecords, number, LEVEL, 0, time)))


def _instant(t: float) -> Instant:
    return Instant(datetime.fromtimestamp(UNIX_START + t, UTC), round(t * NS), "simulated")
