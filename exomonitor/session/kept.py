"""The state of a session of which entries are lost: what the others say, as far as they make sense without those."""

from __future__ import annotations

from collections.abc import Iterable

from exomonitor.clock import Instant, parse_utc
from exomonitor.session.entry import Entry
from exomonitor.session.events import SessionOpened
from exomonitor.session.fold import apply
from exomonitor.session.state import SessionState

SENSELESS = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, AssertionError)
"""What Python says of an entry that builds on one which is not there."""
_NO_TIME = Instant(parse_utc("1970-01-01T00:00:00.000Z"), 0, "")


def fold_kept(session: str, entries: Iterable[Entry], *, simulated: bool = False) -> SessionState:
    """The state after those of `entries` that can be understood without what is lost. Without its first entry a session
    has its own id in place of the study id; `simulated` then says what the database says."""
    told = list(entries)
    state = (
        None if any(isinstance(entry.event, SessionOpened) for entry in told) else _nameless(session, told, simulated)
    )
    for entry in told:
        try:
            state = apply(state, entry)
        except SENSELESS:
            continue
    return state if state is not None else _nameless(session, told, simulated)


def _nameless(session: str, told: list[Entry], simulated: bool) -> SessionState:
    opened, tz = (told[0].at, told[0].tz) if told else (_NO_TIME, "UTC")
    return SessionState(
        id=session, study_id=session, chair="", simulated=simulated, protocol="", protocol_version="",
        protocol_sha256="", program="", opened=opened, tz=tz,
    )  # fmt: skip
