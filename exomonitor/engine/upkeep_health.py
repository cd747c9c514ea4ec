"""Alarms about the record itself: it could not be copied, does not prove, a second program may write into it, or its
times cannot be right.

All are low: what is recorded goes on being recorded, so somebody may look when the patient allows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from exomonitor.alarms.limits import Priority
from exomonitor.engine.health import Condition
from exomonitor.session.places import place_words

OF_SESSION = "session "
"""Before a session's id: the name of what is wrong with the record of that session."""


def upkeep_conditions(wrong: Mapping[str, str], places: Mapping[str, str]) -> Iterator[Condition]:
    """`wrong`: why, by `backup`, `verify`, `registry`, `lease`, `clock` and OF_SESSION; "" or none = all is well.
    `places`: where each open session is: what is wrong with another one is told where that is looked at."""
    backup, verify, lease, clock = (wrong.get(what, "") for what in ("backup", "verify", "lease", "clock"))
    lost = (_of_session(wrong.get(OF_SESSION + session, ""), place) for session, place in sorted(places.items()))
    registry = " ".join(filter(None, (*lost, wrong.get("registry", ""))))
    yield Condition("backup", bool(backup), Priority.LOW, f"BACKUP FAILED - {backup}")
    yield Condition("verify", bool(verify), Priority.LOW, f"RECORD NOT INTACT - {verify}")
    yield Condition("registry", bool(registry), Priority.LOW, f"RECORD NOT INTACT - {registry}")
    yield Condition("lease", bool(lease), Priority.LOW, f"ANOTHER PROGRAM RECORDS HERE TOO - {lease}")
    yield Condition("clock.start", bool(clock), Priority.LOW, f"CHECK THE CLOCK - {clock}")


def _of_session(why: str, place: str) -> str:
    return f"{place_words(place, inside=True)}: {why}." if why else ""
