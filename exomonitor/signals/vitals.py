"""Vital signs as a monitor reports them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from exomonitor.clock import Instant
from exomonitor.signals.quality import Origin, Validity, check_value
from exomonitor.units import CELSIUS, MMHG, PER_MIN, PERCENT


class Sign(StrEnum):
    """The vital signs that this program knows by name."""

    HR = "hr"
    PULSE = "pulse"
    SPO2 = "spo2"
    RR = "rr"
    NIBP_SYS = "nibp_sys"
    NIBP_DIA = "nibp_dia"
    NIBP_MAP = "nibp_map"
    TEMP = "temp"
    PI = "pi"


UNIT_OF: dict[Sign, str] = {
    Sign.HR: PER_MIN,
    Sign.PULSE: PER_MIN,
    Sign.SPO2: PERCENT,
    Sign.RR: PER_MIN,
    Sign.NIBP_SYS: MMHG,
    Sign.NIBP_DIA: MMHG,
    Sign.NIBP_MAP: MMHG,
    Sign.TEMP: CELSIUS,
    Sign.PI: PERCENT,
}

# (lowest, highest) plausible reading of a working monitor; outside it a value is kept but marked questionable.
PLAUSIBLE: dict[Sign, tuple[float, float]] = {
    Sign.HR: (20, 300),
    Sign.PULSE: (20, 300),
    Sign.SPO2: (1, 100),
    Sign.RR: (1, 120),
    Sign.NIBP_SYS: (20, 300),
    Sign.NIBP_DIA: (10, 250),
    Sign.NIBP_MAP: (10, 280),
    Sign.TEMP: (25, 45),
    Sign.PI: (0, 100),
}


@dataclass(frozen=True, slots=True)
class VitalReading:
    """One vital sign: value in the canonical unit of its sign, or None with the reason in `validity`.

    `at` is when the bytes arrived; `measured_at` when the monitor measured (NIBP), None when that is the same.
    """

    source: str
    sign: Sign
    value: float | None
    validity: Validity
    at: Instant
    measured_at: Instant | None = None
    origin: Origin = Origin.DEVICE
    note: str = ""
    device_limits: tuple[float | None, float | None] | None = None
    """The device's own alarm limits of this sign, low and high, where it tells them; None of one side = it has none."""

    def __post_init__(self) -> None:
        check_value(self.value, self.validity)

    @property
    def unit(self) -> str:
        """UCUM code of the value's unit."""
        return UNIT_OF[self.sign]

    @property
    def taken_at(self) -> Instant:
        """When the value was true of the patient."""
        return self.measured_at or self.at
