"""The alarms of B. Braun Space pumps: which parameter or bit means what, in plain English, and how urgent. Pure.

BCC does not send a priority, so the ranks are ours: what can harm the patient at once (air, occlusion, free flow, an
open door, an empty battery) is high, the end of an infusion or of KVO is medium, an announcement (pre-alarm) is low.
"""

from __future__ import annotations

from dataclasses import dataclass

from devices.pumps.bbraun_space.driver.fields import Values, holds, number
from exomonitor.signals.pump import AlarmKind as K

HIGH, MEDIUM, LOW = "high", "medium", "low"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one alarm parameter says."""

    kind: K
    text: str
    priority: str


ALARMS: dict[str, Meaning] = {
    "INA1": Meaning(K.BATTERY_EMPTY, "Battery empty", HIGH),
    "INA2": Meaning(K.SYRINGE_EMPTY, "Syringe empty", MEDIUM),
    "INA3": Meaning(K.OCCLUSION_DOWNSTREAM, "Pressure high: line blocked after the pump", HIGH),
    "INA5": Meaning(K.STANDBY_END, "Standby time is over", MEDIUM),
    "INA6": Meaning(K.OTHER, "Pump alarm CC", MEDIUM),
    "INA7": Meaning(K.END_OF_INFUSION, "Volume to be infused is delivered", MEDIUM),
    "INA8": Meaning(K.END_OF_INFUSION, "Infusion time is over", MEDIUM),
    "INA9": Meaning(K.SYRINGE_PROBLEM, "Syringe not inserted correctly", MEDIUM),
    "INA11": Meaning(K.BATTERY_LOW, "Battery nearly empty", LOW),
    "INA12": Meaning(K.NEAR_END, "Syringe nearly empty", LOW),
    "INA13": Meaning(K.DOOR_OPEN, "Pump door open", HIGH),
    "INA14": Meaning(K.DROP_SENSOR, "Drop sensor alarm", MEDIUM),
    "INA15": Meaning(K.AIR_IN_LINE, "Air in line", HIGH),
    "INA16": Meaning(K.KVO_END, "KVO has ended", MEDIUM),
    "ALARM1.2": Meaning(K.BATTERY_EMPTY, "Battery empty", HIGH),
    "ALARM1.9": Meaning(K.SYRINGE_EMPTY, "Syringe empty", MEDIUM),
    "ALARM1.10": Meaning(K.OCCLUSION_DOWNSTREAM, "Pressure high: line blocked after the pump", HIGH),
    "ALARM1.11": Meaning(K.OCCLUSION_DOWNSTREAM, "Pressure high: drive blocked", HIGH),
    "ALARM1.12": Meaning(K.STANDBY_END, "Standby time is over", MEDIUM),
    "ALARM1.13": Meaning(K.END_OF_INFUSION, "Volume to be infused is delivered", MEDIUM),
    "ALARM1.14": Meaning(K.END_OF_INFUSION, "Infusion time is over", MEDIUM),
    "ALARM1.15": Meaning(K.SYRINGE_PROBLEM, "Syringe claw malfunction", MEDIUM),
    "ALARM1.16": Meaning(K.MALFUNCTION, "Pressure sensor defective", HIGH),
    "ALARM1.17": Meaning(K.SYRINGE_PROBLEM, "Syringe holder open", MEDIUM),
    "ALARM1.18": Meaning(K.SYRINGE_PROBLEM, "Syringe not inserted correctly", MEDIUM),
    "ALARM1.19": Meaning(K.KVO_END, "KVO has ended", MEDIUM),
    "ALARM1.20": Meaning(K.OCCLUSION_UPSTREAM, "Line blocked before the pump", HIGH),
    "ALARM1.22": Meaning(K.DROP_SENSOR, "Drop sensor alarm", MEDIUM),
    "ALARM1.23": Meaning(K.DROP_SENSOR, "No drops", MEDIUM),
    "ALARM1.24": Meaning(K.DROP_SENSOR, "Too few drops", MEDIUM),
    "ALARM1.25": Meaning(K.DROP_SENSOR, "Too many drops", MEDIUM),
    "ALARM1.26": Meaning(K.FREE_FLOW, "Free flow", HIGH),
    "ALARM1.27": Meaning(K.DROP_SENSOR, "Drop sensor not connected", MEDIUM),
    "ALARM1.28": Meaning(K.AIR_IN_LINE, "Air in line", HIGH),
    "ALARM1.29": Meaning(K.AIR_IN_LINE, "Air in line: large bubble", HIGH),
    "ALARM1.30": Meaning(K.AIR_IN_LINE, "Air in line: many bubbles", HIGH),
    "ALARM1.31": Meaning(K.MALFUNCTION, "Air sensor defective", HIGH),
    "ALARM2.7": Meaning(K.FREE_FLOW, "Danger of free flow", HIGH),
    "ALARM2.30": Meaning(K.DOOR_OPEN, "Pump door opened during the infusion", HIGH),
    "ALARM2.31": Meaning(K.SYRINGE_PROBLEM, "Syringe not secured", MEDIUM),
    "PREALARM.1": Meaning(K.OTHER, "Disposable not inserted", LOW),
    "PREALARM.2": Meaning(K.NEAR_END, "Volume to be infused is nearly delivered", LOW),
    "PREALARM.3": Meaning(K.NEAR_END, "Infusion time is nearly over", LOW),
    "PREALARM.4": Meaning(K.BATTERY_LOW, "Battery nearly empty", LOW),
    "PREALARM.5": Meaning(K.KVO_ACTIVE, "KVO is running", MEDIUM),
}
MAINS_LOST = "MAINS"
STATION_SILENT = "GNERR4"
STATION_SETUP = "GNERR5"
# Conditions that are not a parameter of their own: the driver finds them.
DERIVED: dict[str, Meaning] = {
    MAINS_LOST: Meaning(K.MAINS_LOST, "Mains power lost: running on battery", LOW),
    STATION_SILENT: Meaning(K.COMM_TIMEOUT, "The station cannot reach this pump", MEDIUM),
    STATION_SETUP: Meaning(K.OTHER, "The stations are not stacked correctly", MEDIUM),
}
_FLAGS = tuple(code for code in ALARMS if "." not in code)
_MASKS = ("ALARM1", "ALARM2", "PREALARM")
# A summary bit is set together with its details; it is relayed only when no detail is.
_SUMMARIES: dict[str, tuple[str, ...]] = {
    "ALARM1.22": ("ALARM1.23", "ALARM1.24", "ALARM1.25", "ALARM1.26", "ALARM1.27"),
    "ALARM1.28": ("ALARM1.29", "ALARM1.30", "ALARM1.31"),
}


def meaning_of(code: str) -> Meaning:
    """What an alarm code means; a bit that the table does not name is an alarm all the same."""
    known = ALARMS.get(code) or DERIVED.get(code)
    if known is not None:
        return known
    mask, _, bit = code.partition(".")
    return Meaning(K.OTHER, f"Pump alarm ({mask} bit {bit})", LOW if mask == "PREALARM" else MEDIUM)


def judge(values: Values) -> dict[str, bool]:
    """Every alarm code that these values say anything about, and whether it is active."""
    told = {code: state for code in _FLAGS if (state := holds(code, values)) is not None}
    for mask in _MASKS:
        bits = number(values.get(mask))
        if bits is not None and bits >= 0:
            told.update({f"{mask}.{bit}": bool(int(bits) >> bit & 1) for bit in range(1, 32)})
    for summary, details in _SUMMARIES.items():
        if any(told.get(detail) for detail in details):
            told[summary] = False
    return told
