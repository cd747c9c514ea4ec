"""Whether a value may be believed: one enum for every source, and the rule that missing is not a number."""

from __future__ import annotations

from enum import StrEnum


class Validity(StrEnum):
    """How good a value is. Only VALID, EARLY and QUESTIONABLE carry a number at all."""

    VALID = "valid"
    EARLY = "early"
    QUESTIONABLE = "questionable"
    INVALID = "invalid"
    UNAVAILABLE = "unavailable"
    CALIBRATING = "calibrating"
    MEASURING = "measuring"
    STALE = "stale"
    HELD = "held"
    SENSOR_OFF = "sensor_off"
    LOW_PERFUSION = "low_perfusion"
    ARTIFACT = "artifact"
    DEMO = "demo"
    TEST = "test"

    @property
    def carries_value(self) -> bool:
        """Whether a reading of this validity has a number; all others have None."""
        return self in _WITH_VALUE


_WITH_VALUE = frozenset({Validity.VALID, Validity.EARLY, Validity.QUESTIONABLE})


class Origin(StrEnum):
    """Where a value came from; shown beside it wherever it is not a live device."""

    DEVICE = "device"
    SIMULATOR = "simulator"
    TYPED = "typed"
    COUNTED = "counted"


def check_value(value: float | None, validity: Validity) -> None:
    """Raise ValueError unless value is None exactly when the validity says that there is none."""
    if (value is None) == validity.carries_value:
        raise ValueError(f"value {value!r} does not fit validity {validity.name}")
