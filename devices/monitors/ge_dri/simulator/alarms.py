"""What the simulated monitor's five alarm lines say: its own limits, its sensors, in its own words."""

from __future__ import annotations

from dataclasses import replace

from devices.monitors.ge_dri.wire import alarms
from devices.monitors.ge_dri.wire.alarms import AlarmLine, AlarmStatus
from devices.simulation.patient import PatientWorld, Vitals

LOOKS_EVERY_S = 2.0
"""Alarm records come at least so far apart."""


class AlarmLines:
    """Differential mode: the whole status when it is entered, and again whenever a line has changed."""

    def __init__(self, world: PatientWorld) -> None:
        self._world = world
        self._last: tuple[AlarmLine, ...] | None = None
        self._next_at: float | None = None

    @property
    def next_at(self) -> float | None:
        """When the lines are looked at next; None outside differential mode."""
        return self._next_at

    def enter(self, t: float) -> None:
        """A client wants to be told of every change; the status comes at once."""
        self._last, self._next_at = None, t

    def exit(self) -> None:
        """Nobody wants to be told any more."""
        self._next_at = None

    def look(self, t: float) -> bytes | None:
        """The subrecord at second `t`, None while nothing has changed."""
        self._next_at = t + LOOKS_EVERY_S
        before, lines = self._last, self._lines(t)
        if lines == before:
            return None
        self._last = lines
        return self.status(t, before or ())

    def status(self, t: float, before: tuple[AlarmLine, ...] = ()) -> bytes:
        """The subrecord at second `t`, with what has changed since `before`."""
        lines = self._lines(t)
        marked = tuple(_marked(line, before[n] if n < len(before) else AlarmLine()) for n, line in enumerate(lines))
        return alarms.encode_status(AlarmStatus(marked, sound_on=any(line.colour > alarms.WHITE for line in lines)))

    def _lines(self, t: float) -> tuple[AlarmLine, ...]:
        now = self._world.vitals(t)
        told = [*self._technical(t), *self._patient(now, t)]
        by_rank = sorted(told, key=lambda line: -line.colour)
        return tuple(by_rank[: alarms.LINES])

    def _technical(self, t: float) -> list[AlarmLine]:
        off = (("ecg", "ECG leads off"), ("spo2", "SpO2 probe off"))
        return [AlarmLine(text, alarms.YELLOW) for sensor, text in off if self._world.sensor_off(sensor, t)]

    def _patient(self, now: Vitals, t: float) -> list[AlarmLine]:
        lines = []
        if not self._world.sensor_off("ecg", t):
            if now.hr == 0:
                lines.append(AlarmLine("Asystole", alarms.RED))
            elif now.hr > 130 or now.hr < 45:
                lines.append(AlarmLine("HR high" if now.hr > 130 else "HR low", alarms.YELLOW))
        if not self._world.sensor_off("spo2", t) and now.spo2 < 90:
            lines.append(AlarmLine("SpO2 low", alarms.RED if now.spo2 < 85 else alarms.YELLOW))
        return lines


def _marked(line: AlarmLine, before: AlarmLine) -> AlarmLine:
    return replace(line, text_changed=line.text != before.text, colour_changed=line.colour != before.colour)
