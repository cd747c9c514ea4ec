"""Alarms that a device itself raises and that we pass on: verbatim text, its own priority, never re-judged."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.clock import Instant
from exomonitor.signals.pump import AlarmKind
from exomonitor.signals.quality import Origin


@dataclass(frozen=True, slots=True)
class RelayedAlarm:
    """One alarm of a device channel beginning (`active`) or ending. `latched` = the device says it once, we hold it.

    priority: "high", "medium", "low" or "unknown" as the device ranks it. physiological: about the patient,
    not the device.
    """

    source: str
    channel: str
    code: str
    kind: AlarmKind
    text: str
    priority: str
    active: bool
    at: Instant
    latched: bool = False
    physiological: bool = False
    origin: Origin = Origin.DEVICE
