"""Alarms that a device raises itself: under which key and with which priority they are passed on."""

from __future__ import annotations

import re

from exomonitor.alarms.detectors import Report
from exomonitor.alarms.limits import Priority
from exomonitor.clock import Instant
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.pump import AlarmKind

RELAYED = "relayed:"
"""So the keys of these conditions begin."""
_RANK = {"high": Priority.HIGH, "medium": Priority.MEDIUM, "low": Priority.LOW, "unknown": Priority.MEDIUM}
# Whatever the pump thinks of them: no flow, air, or a bag that is empty needs somebody soon.
_AT_LEAST_MEDIUM = frozenset(
    {
        AlarmKind.OCCLUSION_DOWNSTREAM,
        AlarmKind.OCCLUSION_UPSTREAM,
        AlarmKind.PRESSURE,
        AlarmKind.AIR_IN_LINE,
        AlarmKind.FREE_FLOW,
        AlarmKind.END_OF_INFUSION,
        AlarmKind.SYRINGE_EMPTY,
        AlarmKind.KVO_ACTIVE,
        AlarmKind.KVO_END,
        AlarmKind.STALL,
    }
)


_GRAVE = re.compile(
    r"asystol|v[ -]?fib|ventricular fib|\bvf\b|no pulse|pulseless|apno?ea|cardiac arrest", re.IGNORECASE
)
_NOT_GRAVE = re.compile(r"\b(off|disabled|not available|limit|delay|test)\b", re.IGNORECASE)


def is_grave(alarm: RelayedAlarm) -> bool:
    """Whether a monitor says that heart or breath have stopped: high however it ranks that, and never kept down."""
    said = _GRAVE.search(alarm.text) is not None and _NOT_GRAVE.search(alarm.text) is None
    return said and alarm.kind is AlarmKind.OTHER and (alarm.physiological or alarm.priority in {"high", "unknown"})


def relayed_key(alarm: RelayedAlarm) -> str:
    """The condition's key: one per device, channel and code."""
    return f"{RELAYED}{alarm.source}:{alarm.channel}:{alarm.code}"


def relayed_priority(alarm: RelayedAlarm) -> Priority:
    """The device's own rank, raised to medium for what stops or endangers the infusion."""
    if is_grave(alarm):
        return Priority.HIGH
    rank = _RANK.get(alarm.priority, Priority.MEDIUM)
    return max(rank, Priority.MEDIUM) if alarm.kind in _AT_LEAST_MEDIUM else rank


def relayed_report(alarm: RelayedAlarm, since: Instant) -> Report:
    """The device's alarm as a report that signals at once; a high one about the patient latches."""
    priority = relayed_priority(alarm)
    return Report(
        since=since,
        stages=((0.0, priority),),
        text=f"{alarm.channel}: {alarm.text}" if alarm.channel else alarm.text,
        latching=(alarm.physiological or is_grave(alarm)) and priority is Priority.HIGH,
        one_shot=alarm.latched,
        source=alarm.source,
    )
