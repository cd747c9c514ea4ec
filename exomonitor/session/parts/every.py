"""All parts of a visit in one table: the fold, the narrative and the scripts read them here."""

from __future__ import annotations

from exomonitor.session.commands import Command
from exomonitor.session.entry import Event
from exomonitor.session.parts import (
    alarm_limits,
    care,
    changes,
    checks,
    corrections,
    course,
    device_check,
    double_check,
    emergency,
    emergency_record,
    handover,
    leaving,
    protocol,
    supply,
    wristband,
)
from exomonitor.session.parts.part import Step, Teller

PARTS = (
    course.PART,
    supply.PART,
    checks.PART,
    double_check.PART,
    changes.PART,
    care.PART,
    emergency.PART,
    emergency_record.PART,
    leaving.PART,
    handover.PART,
    corrections.PART,
    protocol.PART,
    alarm_limits.PART,
    wristband.PART,
    device_check.PART,
)
STEPS: dict[type[Event], tuple[tuple[str, Step], ...]] = {}
"""Event type -> (field of SessionState, step) of every part that heeds it."""
TELLERS: dict[type[Event], Teller] = {}
RECORDS: dict[type[Command], type[Event]] = {}
for _part in PARTS:
    for _event, _step in _part.steps.items():
        STEPS[_event] = (*STEPS.get(_event, ()), (_part.name, _step))
    TELLERS.update(_part.tellers)
    RECORDS.update(_part.records)
