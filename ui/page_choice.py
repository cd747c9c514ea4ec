"""Which page belongs in front: what somebody opened, else the place that was chosen, else what the session is at."""

from __future__ import annotations

from exomonitor.session.phases import Phase
from exomonitor.session.state import SessionState

START, PREPARE, SESSION, REACTION, SIGNOFF, HELP = "start", "prepare", "session", "reaction", "signoff", "help"
EMERGENCY, LEAVING = "emergency", "leaving"
NEED_SESSION = frozenset({REACTION, EMERGENCY, LEAVING})
"""Pages that lie over the others only while a session is open."""
OWN_REACTION_KEY = frozenset({SESSION, *NEED_SESSION})
"""Pages that have a large key for a reaction themselves, or are about one."""


def wanted_page(over: str | None, place: str, session: SessionState | None, *, signed_seen: bool) -> str:
    """The page's name. signed_seen: the signed record was looked at, and the next patient is wanted."""
    if over is not None:
        return over
    if place != SESSION:
        return place
    if session is None:
        return START
    if session.phase is Phase.PREPARE:
        return PREPARE
    if begun(session):
        return SESSION
    return START if signed_seen or session.phase is Phase.ABANDONED else SIGNOFF


def begun(session: SessionState | None) -> bool:
    """Whether the infusion has begun and its record is not closed."""
    return session is not None and session.phase in {Phase.INFUSE, Phase.OBSERVE}


def is_open(session: SessionState | None) -> bool:
    """Whether there is a session that still takes entries."""
    return session is not None and session.phase.is_open
