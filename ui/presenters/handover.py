"""Words about who has the patient: the second line under the name in the header, and the reminder after a break."""

from __future__ import annotations

from exomonitor.engine.snapshot import Snapshot
from ui.presenters.words import hm

KEY = "F12"


def staff_below(snapshot: Snapshot) -> str:
    """Under the name of who is at work: the key, and until when a break is covered."""
    part = snapshot.session.handover if snapshot.session is not None else None
    if part is None or part.cover_until is None:
        return KEY
    over = snapshot.now.since(part.cover_until) >= 0
    return f"{KEY} · {'cover over' if over else 'covers until'} {hm(part.cover_until)}"


def cover_reminder(snapshot: Snapshot) -> str:
    """`Break cover is over since 14:35: R. Okafor takes back`, once it is; else ""."""
    part = snapshot.session.handover if snapshot.session is not None else None
    if part is None or part.cover_until is None or snapshot.now.since(part.cover_until) < 0:
        return ""
    nurse = snapshot.registry.users.get(part.relieved)
    who = nurse.name if nurse is not None else "the nurse"
    return f"Break cover is over since {hm(part.cover_until)}: {who} takes back ({KEY})"
