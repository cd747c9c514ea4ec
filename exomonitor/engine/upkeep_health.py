"""Alarms about the record itself: it could not be copied, does not prove, a second program may write into it, or its
times cannot be right.

All are low: what is recorded goes on being recorded, so somebody may look when the patient allows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from exomonitor.alarms.limits import Priority
from exomonitor.engine.health import Condition


def upkeep_conditions(wrong: Mapping[str, str]) -> Iterator[Condition]:
    """`wrong`: why, by `backup`, `verify`, `registry`, `lease` and `clock`; "" or none = all is well."""
    backup, verify, lease, clock = (wrong.get(what, "") for what in ("backup", "verify", "lease", "clock"))
    registry = wrong.get("registry", "")
    yield Condition("backup", bool(backup), Priority.LOW, f"BACKUP FAILED - {backup}")
    yield Condition("verify", bool(verify), Priority.LOW, f"RECORD NOT INTACT - {verify}")
    yield Condition("registry", bool(registry), Priority.LOW, f"RECORD NOT INTACT - {registry}")
    yield Condition("lease", bool(lease), Priority.LOW, f"ANOTHER PROGRAM RECORDS HERE TOO - {lease}")
    yield Condition("clock.start", bool(clock), Priority.LOW, f"CHECK THE CLOCK - {clock}")
