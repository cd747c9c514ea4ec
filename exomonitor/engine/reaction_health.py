"""Technical conditions of a reaction: a pressure that could not be measured, a restart that nobody ordered."""

from __future__ import annotations

from collections.abc import Iterator

from exomonitor.alarms.limits import Priority
from exomonitor.engine.health import Condition
from exomonitor.engine.live import LiveState
from exomonitor.engine.reaction_watch import ReactionWatch
from exomonitor.session.phases import Phase
from exomonitor.session.restarts import first_run, highest_known, is_anaphylaxis, unordered_restart
from exomonitor.session.state import SessionState
from exomonitor.session.stops import running_since

NEVER_RESTART_GRADE = 3


def reaction_conditions(state: SessionState | None, live: LiveState, watch: ReactionWatch) -> Iterator[Condition]:
    """Both conditions, active or not."""
    yield Condition(
        "bp.missing", watch.bp_is_missing(state, live.vitals), Priority.MEDIUM, "BP NOT MEASURED - feel the pulse"
    )
    during = state if state is not None and state.phase is Phase.INFUSE else None
    grave = during is not None and (highest_known(during) >= NEVER_RESTART_GRADE or is_anaphylaxis(during))
    reaction = unordered_restart(during) if during is not None else None
    first = during is not None and running_since(during) == first_run(during)
    what = "STARTED IN AN OPEN REACTION" if first else "RESTARTED WITHOUT ORDER"
    yield Condition(
        "restart.unordered",
        reaction is not None,
        Priority.HIGH if grave else Priority.MEDIUM,
        what + (" after a grave reaction - stop at the pump" if grave else ""),
    )
