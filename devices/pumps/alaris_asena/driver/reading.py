"""What one round of an Alaris pump's answers means as a reading. Pure."""

from __future__ import annotations

from collections.abc import Set

from devices.pumps.alaris_asena import wire
from devices.pumps.alaris_asena.driver.alarms import ENDED_IN_KVO, ENDED_STOPPED
from exomonitor.clock import Instant
from exomonitor.signals.pump import PumpReading, PumpStatus

MAX_ML_H = 2000.0
MAX_ML = 20_000.0
MAX_MMHG = 1500.0
SLACK_S = 2.0
SLACK_ML = 0.02
SLACK_SHARE = 0.01


def reading_of(
    source: str, channel: str, said: wire.Infusion, vtbi_ml: float | None, alarms: Set[str], model: str, at: Instant
) -> PumpReading:
    """The round as one snapshot; `vtbi_ml` is None where none is set or none was told."""
    status, inferred = status_of(said, alarms)
    rate = _within(said.rate_ml_h, MAX_ML_H)
    infused = _within(said.infused_ml, MAX_ML)
    target = _within(vtbi_ml, MAX_ML)
    remaining = remaining_ml(rate, infused, target, said.time_left_s) if status is PumpStatus.INFUSING else None
    names = ({"status"} if inferred else set()) | ({"volume_remaining_ml"} if remaining is not None else set())
    return PumpReading(
        source=source,
        channel=channel,
        status=status,
        raw_status=said.mode,
        at=at,
        rate_ml_h=rate,
        volume_infused_ml=infused,
        vtbi_ml=target,
        volume_remaining_ml=remaining,
        time_remaining_s=said.time_left_s,
        drug_label=said.drug,
        serial=said.serial,
        model=model,
        inferred=frozenset(names),
        pressure_mmhg=_within(said.pressure_mmhg, MAX_MMHG),
    )


def status_of(said: wire.Infusion, alarms: Set[str]) -> tuple[PumpStatus, bool]:
    """The pump's status, and whether it is our inference from its alarm and not its own word."""
    if said.mode == wire.ON_HOLD:
        return (PumpStatus.COMPLETE, True) if alarms & ENDED_STOPPED else (PumpStatus.PAUSED, False)
    if alarms & ENDED_IN_KVO:
        return PumpStatus.KVO, True
    return (PumpStatus.INFUSING, False) if said.mode == wire.INFUSING else (PumpStatus.UNKNOWN, False)


def remaining_ml(
    rate_ml_h: float | None, infused_ml: float | None, vtbi_ml: float | None, left_s: float | None
) -> float | None:
    """VTBI less volume infused, in mL, where the pump's own time left says the same; else None.

    The volume counter need not have begun together with the VTBI, and no source says that the VTBI does not count down.
    """
    if not rate_ml_h or infused_ml is None or vtbi_ml is None or left_s is None:
        return None
    left = round(vtbi_ml - infused_ml, 6)
    slack = rate_ml_h * SLACK_S / 3600 + SLACK_ML + SLACK_SHARE * abs(left)
    return left if left >= 0 and abs(left - rate_ml_h * left_s / 3600) <= slack else None


def _within(value: float | None, limit: float) -> float | None:
    return value if value is not None and 0 <= value <= limit else None
