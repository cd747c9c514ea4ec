"""Alarms about the record itself: it could not be copied, does not prove, or a second program may write into it.

All are low: what is recorded goes on being recorded, so somebody may look when the patient allows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from exomonitor.alarms.limits import Priority
from exomonitor.engine.health import Condition


def upkeep_conditions(wrong: Mapping[str, str]) -> Iterator[Condition]:
    """`wrong`: why, by `backup`, `verify` and `lease`; "" or none = all is well."""
    backup, verify, lease = (wrong.get(what, "") for what in ("backup", "verify", "lease"))
    yield Condition("backup", bool(backup), Priority.LOW, f"BACKUP FAILED - {backup}")
    yield Condition("verify", bool(verify), Priority.LOW, f"RECORD NOT INTACT - {verify}")
    yield Condition("lease", bool(lease), Priority.LOW, f"ANOTHER PROGRAM RECORDS HERE TOO - {lease}")
