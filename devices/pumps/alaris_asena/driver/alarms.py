"""The alarms of Alaris Asena pumps: which code means what, in plain English, and how urgent. Pure.

The codes are published, their meaning and rank are not: the readings are ours, and the code itself is always shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.signals.pump import AlarmKind as K

HIGH, MEDIUM, LOW = "high", "medium", "low"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one alarm code says."""

    kind: K
    text: str
    priority: str


UNNAMED = "A"
"""The pump's flag is on and it names no code."""

ALARMS: dict[str, Meaning] = {
    "AL_OCCLU": Meaning(K.OCCLUSION_DOWNSTREAM, "Occlusion: line blocked after the pump", HIGH),
    "AL_LWBAT": Meaning(K.BATTERY_LOW, "Battery low", MEDIUM),
    "AL_EMBAT": Meaning(K.BATTERY_EMPTY, "Battery empty", HIGH),
    "AL_LBTAC": Meaning(K.BATTERY_LOW, "Battery low (code AL_LBTAC)", MEDIUM),
    "AL_ACDIS": Meaning(K.MAINS_LOST, "Mains disconnected: running on battery", LOW),
    "AL_NEOIN": Meaning(K.NEAR_END, "Near the end of the infusion", LOW),
    "AL_EOIKV": Meaning(K.END_OF_INFUSION, "End of infusion: keeping the vein open", MEDIUM),
    "AL_EOIST": Meaning(K.END_OF_INFUSION, "End of infusion: stopped", MEDIUM),
    "AL_VTBIC": Meaning(K.END_OF_INFUSION, "Volume to be infused is delivered: the pump goes on", MEDIUM),
    "AL_VTBIK": Meaning(K.END_OF_INFUSION, "Volume to be infused is delivered: keeping the vein open", MEDIUM),
    "AL_VTBIS": Meaning(K.END_OF_INFUSION, "Volume to be infused is delivered: stopped", MEDIUM),
    "AL_DRDIS": Meaning(K.SYRINGE_PROBLEM, "Syringe drive disengaged", HIGH),
    "AL_SYRCO": Meaning(K.SYRINGE_PROBLEM, "Check the syringe", HIGH),
    "AL_PRDSC": Meaning(K.OTHER, "Pressure disc (code AL_PRDSC)", MEDIUM),
    "AL_LDSCN": Meaning(K.OTHER, "Line disconnected (code AL_LDSCN)", HIGH),
    "AL_COMTO": Meaning(K.COMM_TIMEOUT, "Pump: communication with its controlling computer lost", MEDIUM),
    "AL_CALLB": Meaning(K.ATTENTION, "Pump asks for attention", MEDIUM),
    "AL_RHIGH": Meaning(K.OTHER, "Rate high (code AL_RHIGH)", MEDIUM),
    "AL_FAULT": Meaning(K.MALFUNCTION, "Pump malfunction", HIGH),
    "AL_TCITG": Meaning(K.OTHER, "Titration (code AL_TCITG)", LOW),
    "AL_TITCA": Meaning(K.OTHER, "Titration (code AL_TITCA)", LOW),
    "AL_TITNC": Meaning(K.OTHER, "Titration not confirmed (code AL_TITNC)", LOW),
    UNNAMED: Meaning(K.OTHER, "Pump alarm: the pump does not say which", MEDIUM),
}
ENDED_STOPPED = frozenset({"AL_EOIST", "AL_VTBIS"})
ENDED_IN_KVO = frozenset({"AL_EOIKV", "AL_VTBIK"})


def meaning_of(code: str) -> Meaning:
    """What an alarm code means; a code that the table does not name is an alarm all the same."""
    return ALARMS.get(code) or Meaning(K.OTHER, f"Pump alarm (code {code})", MEDIUM)
