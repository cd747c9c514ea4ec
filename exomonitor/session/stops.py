"""When the pump stood and ran again, and what the nurse has said of it: pure functions of the session's state."""

from __future__ import annotations

from dataclasses import replace

from exomonitor.clock import Instant
from exomonitor.session.state import SessionState

SAID_BEFORE_S = 60.0
""""Record: stopped at pump" may be pressed this long before the pump's own report of it."""


def stopped_since(state: SessionState) -> Instant | None:
    """Since when product that has run stands, whatever the pump called its standing meanwhile; None while it runs."""
    since: Instant | None = None
    ran = False
    for stretch in state.stretches:
        if stretch.runs_product:
            ran, since = True, None
        elif ran and since is None:
            since = stretch.began
    return since


def running_since(state: SessionState) -> Instant | None:
    """Since when product runs without a break, at whatever rates; None while it stands."""
    since: Instant | None = None
    for stretch in state.stretches:
        since = (since or stretch.began) if stretch.runs_product else None
    return since


def unexplained_stop(state: SessionState) -> Instant | None:
    """Since when product stands without anybody having said why. What is said shortly before the pump stops counts,
    unless another stop came in between."""
    since = stopped_since(state)
    if since is None or state.product_end is not None:
        return None
    before = replace(state, stretches=tuple(s for s in state.stretches if s.began.since(since) < 0))
    ran_from = running_since(before) or since
    earliest = ran_from if since.since(ran_from) < SAID_BEFORE_S else since.plus(-SAID_BEFORE_S)
    said = (e.when for _, e in state.meanings if e.meaning in {"pause", "stop"})
    return None if any(when.since(earliest) >= 0 for when in said) else since


def recorded_stop(state: SessionState) -> Instant | None:
    """When the nurse said that the pump stands, if that is the last that was said of it."""
    said = state.meanings[-1][1] if state.meanings else None
    return said.when if said is not None and said.meaning in {"pause", "stop"} else None


def runs_after_recorded_stop(state: SessionState) -> bool:
    """Whether product began to run again after a recorded stop, and nobody has said so."""
    said, since = recorded_stop(state), running_since(state)
    return said is not None and since is not None and since.since(said) > 0


def runs_through_recorded_stop(state: SessionState) -> bool:
    """Whether a stop was recorded that the pump has not made: product ran before and runs on."""
    said, since = recorded_stop(state), running_since(state)
    return said is not None and since is not None and since.since(said) <= 0
