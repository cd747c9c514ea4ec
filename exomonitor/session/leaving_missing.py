"""What of the end of a visit is not recorded yet when the record is about to be signed."""

from __future__ import annotations

from exomonitor.session.not_certain import absent
from exomonitor.session.phases import Phase
from exomonitor.session.state import SessionState


def leaving_missing(state: SessionState) -> tuple[str, ...]:
    """One sentence for each thing, empty when nothing is missing; a session that has not started owes nothing. Where
    entries are lost, what is not there may be one of them."""
    if state.started is None or state.phase is Phase.ABANDONED:
        return ()
    leaving = state.leaving
    found = []
    if leaving.iv is None:
        found.append(absent("IV removal is not recorded", state.lost) + " (F9)")
    elif not leaving.iv.event.bleeding_stopped:
        found.append("Bleeding at the IV site had not stopped when it was last recorded")
    if leaving.left is None:
        found.append(absent("How the patient left is not recorded", state.lost) + " (F9)")
    if leaving.next_dose is None:
        found.append(absent("The next dose is not decided", state.lost) + " (F9)")
    return tuple(found)
