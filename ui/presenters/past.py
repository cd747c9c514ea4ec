"""The part of a running session's trend that is in the record already: read when a window opens on a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from exomonitor.clock import Instant
from exomonitor.engine.ports import Archive, Series
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
    found = archive.series(session, started, (*_LINES, _SYSTOLIC, _DIASTOLIC))
    past = PastVitals()
    for name, sign in _LINES.items():
        minutes, values = found[name]
        past.lines += [(minute, sign, value) for minute, value in zip(minutes.tolist(), values.tolist(), strict=True)]
    past.lines = [line for line in past.lines if line[0] >= 0]
    past.pressures = [one for one in pressures(found) if one[0] >= 0]
    return past


def pressures(found: Mapping[str, Series]) -> list[tuple[float, float, float]]:
    """(minute, systolic, diastolic) of every cuff measurement that has both."""
    upper, lower = (found[name] for name in (_SYSTOLIC, _DIASTOLIC))
    systolic = dict(zip(upper[0].tolist(), upper[1].tolist(), strict=True))
    both = zip(lower[0].tolist(), lower[1].tolist(), strict=True)
    return [(minute, systolic[minute], low) for minute, low in both if minute in systolic]
