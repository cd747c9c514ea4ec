"""Which page belongs in front: what somebody opened, else the place that was chosen, else what the session is at."""

from __future__ import annotations

from exomonitor.session.phases import Phase
from exomonitor.session.state import SessionState

START, PREPARE, SESSION, REACTION, SIGNOFF, HELP = "start", "prepare", "session", "reaction", "signoff", "help"
EMERGENCY, LEAVING, HISTORY = "emergency", "leaving", "history"
CHANGES = "changes"
ALARMS = "alarms"
LOCKED = "locked"
WHILE_LOCKED = frozenset({REACTION, EMERGENCY})
"""Pages that a locked screen shows: they need no sign-in."""
WITHOUT_NAMES = frozenset({HISTORY, HELP, "devices", "settings", "people", *WHILE_LOCKED})
"""Pages for somebody who sees no names; in place of all others the locked screen's figures stand."""
NEED_SESSION = frozenset({REACTION, EMERGENCY, LEAVING, CHANGES})
"""Pages that lie over the others only while a session is open."""
OF_A_SESSION = frozenset({SESSION, SIGNOFF, ALARMS, LOCKED, *NEED_SESSION})
"""Pages of a running session: gloved hands, so everything on them is 15 mm high."""
OWN_REACTION_KEY = frozenset({SESSION, LOCKED, *NEED_SESSION})
"""Pages that have a large key for a reaction themselves, or are about one."""

SHOWS_PATIENT = frozenset({SESSION, LOCKED, REACTION, EMERGENCY, ALARMS})
"""Pages on which vital signs and the pump stand; on all others the header says them."""


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
    if session.phase is Phase.EMERGENCY:
        return EMERGENCY
    if begun(session):
        return SESSION
    return START if signed_seen or session.phase is Phase.ABANDONED else SIGNOFF


def stage_page(stage: str, session: SessionState | None) -> str:
    """The page of a stage of the visit, a place or one that lies over it; "" while the visit is not there yet."""
    if session is None:
        return ""
    phase = session.phase
    if stage == "prepare":
        return SESSION if phase is Phase.PREPARE else HISTORY
    if stage == "infuse":
        return SESSION if begun(session) else ""
    if stage == "observe":
        return LEAVING if phase is Phase.OBSERVE else ""
    return SIGNOFF if phase is not Phase.PREPARE else ""


def begun(session: SessionState | None) -> bool:
    """Whether the infusion has begun and its record is not closed."""
    return session is not None and session.phase in {Phase.INFUSE, Phase.OBSERVE}


def is_open(session: SessionState | None) -> bool:
    """Whether there is a session that still takes entries."""
    return session is not None and session.phase.is_open
