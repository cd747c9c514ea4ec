"""What keeps a condition down while it is there: declared once, read by what judges and by what prints the table."""

from __future__ import annotations

from enum import StrEnum

from exomonitor.alarms.limits import Limit
from exomonitor.signals.vitals import Sign


class Suppression(StrEnum):
    """What keeps a condition down while it is there."""

    AWAY = "patient away"
    LEFT = "patient left"
    NO_VALUE = "no value: sensor off, data stale or lost"
    HELD = "held: by the monitor (60 s at most)"
    CUFF = "held: a cuff inflates on the same arm (60 s at most, never in a reaction)"
    SAID = "said already: sensor off, weak signal, or the monitor's data old or lost"
    CLOSED = "no open session"


SENSOR = (Suppression.AWAY, Suppression.LEFT, Suppression.NO_VALUE)
DEVICE = (Suppression.LEFT, Suppression.CLOSED)
MONITOR = (Suppression.AWAY, *DEVICE)
_PRESSURES = frozenset({Sign.NIBP_SYS, Sign.NIBP_DIA, Sign.NIBP_MAP})


def of_sign(sign: Sign) -> tuple[Suppression, ...]:
    """Of the limits of a sign. A measured pressure stands until there is another one: no value is nothing new."""
    if sign in _PRESSURES:
        return SENSOR[:2]
    return (*SENSOR, Suppression.HELD, *((Suppression.CUFF,) if sign is Sign.SPO2 else ()))


def of_limit(limit: Limit) -> tuple[Suppression, ...]:
    """Of a condition that judges a limit."""
    return of_sign(limit.sign)


def of_sensor(sign: Sign) -> tuple[Suppression, ...]:
    """Of a sensor that is off or has a weak signal: the finger of the arm with the cuff has no pulse."""
    return (*SENSOR[:2], *((Suppression.CUFF,) if sign is Sign.SPO2 else ()))


def of_no_value(sign: Sign) -> tuple[Suppression, ...]:
    """Of a sign that had a value and has none: why that is so may be told already."""
    return (*of_sensor(sign), Suppression.HELD, Suppression.SAID)
