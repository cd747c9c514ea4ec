"""What an infusion pump reports about one of its channels. None means not reported, never zero."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from exomonitor.clock import Instant
from exomonitor.signals.quality import Origin


class PumpStatus(StrEnum):
    """What the channel is doing; exactly one."""

    INFUSING = "infusing"
    KVO = "kvo"
    BOLUS = "bolus"
    PURGING = "purging"
    PAUSED = "paused"
    STOPPED = "stopped"
    STANDBY = "standby"
    COMPLETE = "complete"
    WITHDRAWING = "withdrawing"
    OFF = "off"
    REMOVED = "removed"
    UNKNOWN = "unknown"

    @property
    def moves_fluid(self) -> bool:
        """Whether fluid is being moved towards the patient in any way."""
        return self in {PumpStatus.INFUSING, PumpStatus.KVO, PumpStatus.BOLUS, PumpStatus.PURGING}


class AlarmKind(StrEnum):
    """Pump alarm conditions that have a name of their own."""

    OCCLUSION_DOWNSTREAM = "occlusion_downstream"
    OCCLUSION_UPSTREAM = "occlusion_upstream"
    PRESSURE = "pressure"
    AIR_IN_LINE = "air_in_line"
    END_OF_INFUSION = "end_of_infusion"
    NEAR_END = "near_end"
    SYRINGE_EMPTY = "syringe_empty"
    SYRINGE_PROBLEM = "syringe_problem"
    DOOR_OPEN = "door_open"
    FREE_FLOW = "free_flow"
    DROP_SENSOR = "drop_sensor"
    BATTERY_LOW = "battery_low"
    BATTERY_EMPTY = "battery_empty"
    MAINS_LOST = "mains_lost"
    KVO_ACTIVE = "kvo_active"
    KVO_END = "kvo_end"
    STANDBY_END = "standby_end"
    STALL = "stall"
    COMM_TIMEOUT = "comm_timeout"
    POWER_RESET = "power_reset"
    ATTENTION = "attention"
    MALFUNCTION = "malfunction"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PumpReading:
    """One channel's state at one moment. Rates in mL/h, volumes in mL, times in s; `inferred` names fields
    that we derived."""

    source: str
    channel: str
    status: PumpStatus
    raw_status: str
    at: Instant
    rate_ml_h: float | None = None
    rate_set_ml_h: float | None = None
    volume_infused_ml: float | None = None
    vtbi_ml: float | None = None
    volume_remaining_ml: float | None = None
    time_remaining_s: float | None = None
    pressure_pct: float | None = None
    battery_pct: float | None = None
    battery_min: float | None = None
    on_mains: bool | None = None
    drug_label: str = ""
    serial: str = ""
    model: str = ""
    device_time_s: float | None = None
    inferred: frozenset[str] = frozenset()
    origin: Origin = Origin.DEVICE
    pressure_mmhg: float | None = None
    """In the line, where the pump tells it as such and not as a share of its limit."""

    def numbers(self) -> dict[str, tuple[float | None, str]]:
        """The channel's numbers under their standard names, each with its UCUM unit (contracts: names)."""
        return {
            "rate": (self.rate_ml_h, "mL/h"),
            "rate_set": (self.rate_set_ml_h, "mL/h"),
            "volume_infused": (self.volume_infused_ml, "mL"),
            "vtbi": (self.vtbi_ml, "mL"),
            "volume_remaining": (self.volume_remaining_ml, "mL"),
            "time_remaining": (self.time_remaining_s, "s"),
            "pressure_pct": (self.pressure_pct, "%"),
            "pressure_mmhg": (self.pressure_mmhg, "mm[Hg]"),
            "battery_pct": (self.battery_pct, "%"),
            "on_mains": (None if self.on_mains is None else float(self.on_mains), "1"),
        }
