"""The state of a session of which entries are lost: what the others say, as far as they make sense without those."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from exomonitor.clock import Instant, parse_utc
from exomonitor.session.entry import Entry
from exomonitor.session.events import SessionOpened
from exomonitor.session.fold import SENSELESS, apply
from exomonitor.session.one_line import on_one_line
from exomonitor.session.state import SessionState

S = TypeVar("S", SessionState, SessionState | None)
_NO_TIME = Instant(parse_utc("1970-01-01T00:00:00.000Z"), 0, "")


def fold_kept(session: str, entries: Iterable[Entry], *, simulated: bool = False, lost: int = 1) -> SessionState:
    """The state after those of `entries` that can be understood without the `lost` ones. Without its first entry a
    session has its own id in place of the study id; `simulated` then says what the database says."""
    told = on_one_line(list(entries))
    state: SessionState | None = begun_without(told, simulated=simulated)
    for entry in told:
        with suppress(*SENSELESS):
            state = knowing(apply(state, entry), lost)
    return knowing(state or _nameless(session, told, simulated), lost)


def study_id_in(entries: Iterable[Entry]) -> str:
    """The study id of a session by its entries, "" = the one that names it is lost."""
    return next((entry.event.study_id for entry in entries if isinstance(entry.event, SessionOpened)), "")


def knowing(state: S, lost: int) -> S:
    """The state that knows of how many entries it says nothing."""
    return state if state is None or state.lost == lost else replace(state, lost=lost)


def begun_without(told: Sequence[Entry], *, simulated: bool, chair: str = "") -> SessionState | None:
    """Where a session begins whose first entry is lost; None = that one is there, or nothing is."""
    if not told or any(isinstance(entry.event, SessionOpened) for entry in told):
        return None
    return replace(_nameless(told[0].session, told, simulated), chair=chair)


def nothing_left(session: str, at: Instant, tz: str, lost: int, *, simulated: bool, chair: str) -> SessionState:
    """An open session of which no entry is as it was written: somebody may be in the chair, known from `at` on."""
    return replace(_nameless(session, (), simulated), opened=at, tz=tz, chair=chair, lost=lost)


def _nameless(session: str, told: Sequence[Entry], simulated: bool) -> SessionState:
    opened, tz = (told[0].at, told[0].tz) if told else (_NO_TIME, "UTC")
    return SessionState(
        id=session, study_id=session, chair="", simulated=simulated, protocol="", protocol_version="",
        protocol_sha256="", program="", opened=opened, tz=tz,
    )  # fmt: skip
