"""What the parameters of one B. Braun pump mean: a table of numbers, and the rules for its status. Pure.

Stations send what is ticked on their own web page, so every parameter is optional, and there are two families of
status parameters (INMx/INAx, or STATUS1/ALARMx/PREALARM/RUNSTATE) of which a station sends one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from exomonitor.clock import Instant
from exomonitor.signals.pump import PumpReading, PumpStatus

Values = Mapping[str, str | None]
"""Parameter name to value, None where the station says `_NV` or `_NA`; a parameter that was not sent is no key."""


@dataclass(frozen=True, slots=True)
class Field:
    """One number on the wire: which field of PumpReading it is, its plausible range, and values that mean none."""

    target: str
    lo: float
    hi: float
    none: frozenset[float] = frozenset()


# 600000 stands in the recordings of a real pump that was not infusing; 65535 is the documented "too long".
_NO_TIME = frozenset({65535.0, 600000.0})

FIELDS: dict[str, Field] = {
    "INRT": Field("rate_ml_h", 0, 1800),
    "INVTB": Field("vtbi_ml", 0, 99999),
    "INVI": Field("volume_infused_ml", 0, 99999),
    "VOLREMAIN": Field("volume_remaining_ml", 0, 99999),
    "INRMT": Field("time_remaining_s", 0, 600000, _NO_TIME),
    "INP2": Field("pressure_pct", 0, 200),
    "INAKKU": Field("battery_min", 0, 10000),
}

# The first row that holds decides. "INM6" is a flag of its own, "STATUS1.2" bit 2 of a mask, "DSSTATUS=00050" a word.
STATUS_RULES: tuple[tuple[PumpStatus, tuple[str, ...]], ...] = (
    (PumpStatus.OFF, ("DSSTATUS=00050",)),
    (PumpStatus.STANDBY, ("INM6", "STATUS1.2")),
    (PumpStatus.PURGING, ("INM14", "STATUS1.4")),
    (PumpStatus.BOLUS, ("INM2", "STATUS1.10", "STATUS1.11")),
    (PumpStatus.KVO, ("INM10", "STATUS1.13", "RUNSTATE.3")),
    (PumpStatus.INFUSING, ("INM3", "STATUS1.7", "RUNSTATE.1")),
    (PumpStatus.COMPLETE, ("INA7", "ALARM1.13")),
    (PumpStatus.STOPPED, ("RUNSTATE.0",)),
)
_MAINS = ("INM8", "STATUS1.1")
_RUNNING = ("INM3", "STATUS1.7", "RUNSTATE.1")
_SHOWN = ("DSSTATUS", "INM1", "INM2", "INM3", "INM6", "INM10", "INM14", "STATUS1", "RUNSTATE", "INSTBY")
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_GLYPHS = re.compile(r"[\ue000-\uf8ff]")  # the maker's own symbols, which no font of ours has
_DONE = frozenset({PumpStatus.KVO, PumpStatus.COMPLETE})


def number(text: str | None) -> float | None:
    """The number in a value, None where there is none."""
    return float(text) if text is not None and _NUMBER.fullmatch(text) else None


def holds(condition: str, values: Values) -> bool | None:
    """Whether a condition of the tables is true of these values; None when its parameter was not sent."""
    name, equals, word = condition.partition("=")
    if equals:
        text = values.get(name)
        return None if text is None else text == word
    name, dot, bit = condition.partition(".")
    mask = number(values.get(name))
    if mask is None or mask < 0 or mask != int(mask):
        return None
    return bool(int(mask) >> int(bit) & 1) if dot else mask == 1


def status_of(values: Values) -> tuple[PumpStatus, bool]:
    """The channel's status, and whether it is our inference and not the pump's own word."""
    for status, conditions in STATUS_RULES:
        if any(holds(condition, values) for condition in conditions):
            return status, False
    if (number(values.get("INSTBY")) or 0) > 0:
        return PumpStatus.STANDBY, True
    if any(holds(condition, values) is False for condition in _RUNNING) or number(values.get("INRT")) == 0:
        return PumpStatus.STOPPED, True
    return PumpStatus.UNKNOWN, False


def on_mains(values: Values) -> bool | None:
    """Whether the pump runs on mains, None when it does not say."""
    return next((told for condition in _MAINS if (told := holds(condition, values)) is not None), None)


def label(text: str | None) -> str:
    """A text value as people can read it."""
    return "" if text is None else _GLYPHS.sub("", text).strip()


@dataclass(frozen=True, slots=True)
class Identity:
    """What a pump tells of itself, remembered per channel because a station may send it once only."""

    serial: str = ""
    model: str = ""


def reading_of(source: str, channel: str, values: Values, identity: Identity, time_s: int, at: Instant) -> PumpReading:
    """The channel as one snapshot of what this cycle's block said, and nothing older."""
    status, status_inferred = status_of(values)
    numbers = {field.target: _plausible(field, values.get(name)) for name, field in FIELDS.items()}
    inferred = {"status"} if status_inferred else set()
    rate = _rate_now(status, numbers["rate_ml_h"])
    if rate != numbers["rate_ml_h"]:
        numbers["rate_ml_h"] = rate
        inferred.add("rate_ml_h")
    if numbers["volume_remaining_ml"] is None:
        remaining = _remaining(status, numbers["vtbi_ml"], numbers["volume_infused_ml"])
        if remaining is not None:
            numbers["volume_remaining_ml"] = remaining
            inferred.add("volume_remaining_ml")
    return PumpReading(
        source=source,
        channel=channel,
        status=status,
        raw_status=" ".join(f"{name}={values[name]}" for name in _SHOWN if values.get(name) is not None),
        at=at,
        rate_ml_h=numbers["rate_ml_h"],
        volume_infused_ml=numbers["volume_infused_ml"],
        vtbi_ml=numbers["vtbi_ml"],
        volume_remaining_ml=numbers["volume_remaining_ml"],
        time_remaining_s=numbers["time_remaining_s"],
        pressure_pct=numbers["pressure_pct"],
        battery_min=numbers["battery_min"],
        on_mains=on_mains(values),
        drug_label=label(values.get("INSOL")),
        serial=identity.serial,
        model=identity.model,
        device_time_s=float(time_s),
        inferred=frozenset(inferred),
    )


def _plausible(field: Field, text: str | None) -> float | None:
    value = number(text)
    return value if value is not None and field.lo <= value <= field.hi and value not in field.none else None


def _rate_now(status: PumpStatus, told: float | None) -> float | None:
    """The rate at which fluid moves now: a pump that stands still may go on telling the rate that is set."""
    if told is None or status.moves_fluid or status is PumpStatus.UNKNOWN:
        return told
    return 0.0


def _remaining(status: PumpStatus, vtbi_ml: float | None, infused_ml: float | None) -> float | None:
    if vtbi_ml is None or infused_ml is None:
        return None
    left = round(vtbi_ml - infused_ml, 3)
    if left >= 0:
        return left
    # More than the target is normal once KVO runs on; otherwise the two counters belong to different therapies.
    return 0.0 if status in _DONE else None
