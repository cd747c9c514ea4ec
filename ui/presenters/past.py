"""The part of a running session's trend that is in the record already: read when a window opens on a session."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter

import numpy as np

from exomonitor.clock import Instant
from exomonitor.engine.ports import Archive, Readable, Series
from exomonitor.errors import EnvironmentFault
from exomonitor.signals.vitals import Sign

log = logging.getLogger(__name__)
_LINES = {sign.value: sign for sign in (Sign.HR, Sign.PULSE, Sign.SPO2, Sign.RR, Sign.TEMP)}
_SYSTOLIC, _DIASTOLIC = Sign.NIBP_SYS.value, Sign.NIBP_DIA.value


@dataclass(slots=True)
class PastVitals:
    """lines: (minute, sign, value); pressures: minute -> (systolic, diastolic). Minutes since the start."""

    lines: list[tuple[float, Sign, float]] = field(default_factory=list)
    pressures: list[tuple[float, float, float]] = field(default_factory=list)


def past_vitals(archive: Archive, session: str, started: Instant) -> PastVitals:
    """Read them from the record; slow, so never on the GUI thread. Of a record that the fast way cannot read they are
    what an export gives out. Raises EnvironmentFault when nothing of it is left."""
    names = (*_LINES, _SYSTOLIC, _DIASTOLIC)
    try:
        found: Mapping[str, Series] = archive.series(session, started, names)
    except EnvironmentFault as why:
        log.warning("the trend begins with what is left: %s", why)
        found = series_left(archive.readable(session), started, names)
    past = PastVitals()
    for name, sign in _LINES.items():
        minutes, values = found[name]
        past.lines += [(minute, sign, value) for minute, value in zip(minutes.tolist(), values.tolist(), strict=True)]
    past.lines = [line for line in past.lines if line[0] >= 0]
    past.pressures = [one for one in pressures(found) if one[0] >= 0]
    return past


def series_left(found: Readable, since: Instant, names: Iterable[str]) -> dict[str, Series]:
    """The same columns from what can be read and nothing speaks against."""
    pairs: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for _, row in found.readings():
        if row.name in pairs and row.value is not None:
            pairs[row.name].append(((row.measured_at or row.at).since(since) / 60, row.value))
    tables = {name: np.array(sorted(taken, key=itemgetter(0)), np.float64) for name, taken in pairs.items()}
    return {name: (table.reshape(-1, 2)[:, 0], table.reshape(-1, 2)[:, 1]) for name, table in tables.items()}


def pressures(found: Mapping[str, Series]) -> list[tuple[float, float, float]]:
    """(minute, systolic, diastolic) of every cuff measurement that has both."""
    upper, lower = (found[name] for name in (_SYSTOLIC, _DIASTOLIC))
    systolic = dict(zip(upper[0].tolist(), upper[1].tolist(), strict=True))
    both = zip(lower[0].tolist(), lower[1].tolist(), strict=True)
    return [(minute, systolic[minute], low) for minute, low in both if minute in systolic]
