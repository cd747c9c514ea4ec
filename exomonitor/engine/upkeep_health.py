"""Alarms about the record itself: it could not be copied, does not prove, a second program may write into it, or its
times cannot be right.

All are low: what is recorded goes on being recorded, so somebody may look when the patient allows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from exomonitor.alarms.limits import Priority
from exomonitor.engine.health import Condition
from exomonitor.session.places import ELSEWHERE, place_words

OF_SESSION = "session "
"""Before a session's id: the name of what is wrong with the record of that session."""


def upkeep_conditions(
    wrong: Mapping[str, str], session: str, place: str, others: Mapping[str, str]
) -> Iterator[Condition]:
    """`wrong`: why, by `backup`, `verify`, `registry`, `lease`, `clock` and OF_SESSION; "" or none = all is well.
    `session`: the one that is open in `place`; `others`: where each other one is that has no screen of its own: that
    something of it is lost is told here without its name, and is no part of this patient's record."""
    backup, verify, lease, clock = (wrong.get(what, "") for what in ("backup", "verify", "lease", "clock"))
    lost = wrong.get(OF_SESSION + session, "") if session else ""
    own = f"{place_words(place, inside=True)}: {lost}." if lost else ""
    registry = " ".join(filter(None, (own, wrong.get("registry", ""))))
    yield Condition("backup", bool(backup), Priority.LOW, f"BACKUP FAILED - {backup}")
    yield Condition("verify", bool(verify), Priority.LOW, f"RECORD NOT INTACT - {verify}")
    yield Condition("registry", bool(registry), Priority.LOW, f"RECORD NOT INTACT - {registry}")
    for other, there in sorted(others.items()):
        key, text = f"{ELSEWHERE}{there}:registry", f"{place_words(there)}: RECORD NOT INTACT - look there"
        yield Condition(key, bool(wrong.get(OF_SESSION + other)), Priority.LOW, text)
    yield Condition("lease", bool(lease), Priority.LOW, f"ANOTHER PROGRAM RECORDS HERE TOO - {lease}")
    yield Condition("clock.start", bool(clock), Priority.LOW, f"CHECK THE CLOCK - {clock}")
