"""The part of a running session's trend that is in the record already: read when a window opens on a session."""

from __future__ import annotations

from dataclasses import dataclass, field

from exomonitor.clock import Instant
from exomonitor.engine.ports import Archive
from exomonitor.signals.vitals import Sign

_LINES = {sign.value: sign for sign in (Sign.HR, Sign.PULSE, Sign.SPO2, Sign.RR, Sign.TEMP)}
_SYSTOLIC, _DIASTOLIC = Sign.NIBP_SYS.value, Sign.NIBP_DIA.value


@dataclass(slots=True)
class PastVitals:
    """lines: (minute, sign, value); pressures: minute -> (systolic, diastolic). Minutes since the start."""

    lines: list[tuple[float, Sign, float]] = field(default_factory=list)
    pressures: list[tuple[float, float, float]] = field(default_factory=list)


def past_vitals(archive: Archive, session: str, started: Instant) -> PastVitals:
    """Read them from the record; slow, so never on the GUI thread."""
    past = PastVitals()
    systolic: dict[int, float] = {}
    for _, row in archive.readings(session):
        if row.value is None or row.name not in {*_LINES, _SYSTOLIC, _DIASTOLIC}:
            continue
        taken = row.measured_at or row.at
        minute = taken.since(started) / 60
        if minute < 0:
            continue
        if row.name in _LINES:
            past.lines.append((minute, _LINES[row.name], row.value))
        elif row.name == _SYSTOLIC:
            systolic[taken.mono_ns] = row.value
        elif taken.mono_ns in systolic:
            past.pressures.append((minute, systolic[taken.mono_ns], row.value))
    return past
