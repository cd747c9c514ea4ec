"""What a scenario says must be true at a moment: compared with what stands on the screen then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from exomonitor.engine.snapshot import Snapshot
from exomonitor.errors import CommandRefused
from exomonitor.session.restarts import highest_known
from exomonitor.session.state import SessionState

NEAR_ML = 0.5
"""Two volumes (mL) so close to each other are the same: a pump's counter has steps."""


def check(snapshot: Snapshot, expected: Mapping[str, Any]) -> None:
    """Compare every key; CommandRefused names the first that differs.

    A text that is expected is part of what stands there, or of one of several texts; a list is all of them."""
    for key, wanted in expected.items():
        seen = _seen(snapshot, key)
        if key.startswith("no_"):
            if _matches(wanted, seen):
                raise CommandRefused(f"The scenario expects no {key[3:].replace('_', ' ')} {wanted!r}, but there is")
        elif not _matches(wanted, seen):
            raise CommandRefused(f"The scenario expects {key.replace('_', ' ')} {wanted!r}, but it is {seen!r}")


def check_names(expected: Mapping[str, Any]) -> None:
    """Refuse a key that cannot be expected."""
    for key in expected:
        if key.removeprefix("no_") not in {*_OF_SCREEN, *_OF_SESSION}:
            raise CommandRefused(f"Nobody can expect {key!r}")


def _seen(snapshot: Snapshot, key: str) -> Any:
    name = key.removeprefix("no_")
    if name in _OF_SCREEN:
        return _OF_SCREEN[name](snapshot)
    if snapshot.session is None:
        raise CommandRefused(f"The scenario expects {key!r}, but there is no session")
    return _OF_SESSION[name](snapshot.session)


def _matches(wanted: Any, seen: Any) -> bool:
    if isinstance(wanted, list):
        return wanted == list(seen)
    if isinstance(seen, tuple):
        return any(_matches(wanted, one) for one in seen)
    if isinstance(wanted, str) and isinstance(seen, str):
        return wanted in seen if wanted else not seen
    if isinstance(wanted, bool) or isinstance(seen, bool):
        return wanted is seen
    if isinstance(seen, float) and isinstance(wanted, int | Decimal):
        return abs(seen - float(wanted)) <= NEAR_ML
    return bool(wanted == seen)


def _delivered(snapshot: Snapshot) -> float | None:
    return snapshot.progress.delivered_ml if snapshot.progress is not None else None


_OF_SCREEN: Mapping[str, Callable[[Snapshot], Any]] = {
    "delivered_ml": _delivered,
    "alarm": lambda s: tuple(view.text for view in s.alarms if view.state.shown),
    "set_waiting": lambda s: tuple(view.slot.key for view in s.slots if view.status.is_waiting),
    "sets_missed": lambda s: tuple(view.slot.key for view in s.slots if view.status.value == "missed"),
    "gate_open": lambda s: tuple(gate.key for gate in s.gates if not gate.closed),
    "question": lambda s: s.questions,
    "next_line": lambda s: s.next_line,
    "at_work": lambda s: s.staff,
}
_OF_SESSION: Mapping[str, Callable[[SessionState], Any]] = {
    "phase": lambda s: s.phase.value,
    "verdict": lambda s: s.signature.verdict if s.signature is not None else "",
    "timing": lambda s: s.course.timed.verdict if s.course.timed is not None else "",
    "outcome": lambda s: s.product_end.outcome if s.product_end is not None else "",
    "reactions": lambda s: len(s.reactions),
    "worst_grade": highest_known,
    "reaction_open": lambda s: s.open_reaction is not None,
    "away": lambda s: s.care.away is not None,
    "discarded_ml": lambda s: float(s.care.discarded_ml),
    "left": lambda s: s.leaving.left.event.kind if s.leaving.left is not None else "",
    "next_dose": lambda s: s.leaving.next_dose.decision if s.leaving.next_dose is not None else "",
    "overrides": lambda s: s.overrides,
}
