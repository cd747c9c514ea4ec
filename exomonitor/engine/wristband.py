"""After the page came back to a chair the first entry waits for the wristband; first aid and a stop never do."""

from __future__ import annotations

from dataclasses import replace

from exomonitor.engine.chair import Chair
from exomonitor.engine.parts.wristband import SAME
from exomonitor.engine.situation import Decision
from exomonitor.errors import WristbandFirst
from exomonitor.session import commands as cmd
from exomonitor.session.entry import RegistryEvent
from exomonitor.session.parts.care_events import ReportSiteProblem
from exomonitor.session.parts.emergency_events import (
    AttributeActions,
    DoEmergencyStep,
    GiveDrug,
    VoidEmergencyEntry,
)
from exomonitor.session.parts.handover import SignIn, SignOut
from exomonitor.session.parts.trust import EndMonitoring
from exomonitor.session.parts.wristband import CheckWristband, EnteredBeforeWristband, ShowChair
from exomonitor.session.phases import Phase

WANTED, SKIPPED = "wanted", "skipped"
"""Wanted: nothing was entered yet. Skipped: something that could not wait was; the next entry waits all the same."""
AT_ONCE: frozenset[type[cmd.Command]] = frozenset(
    {
        cmd.OpenReaction,
        cmd.DoReactionAction,
        cmd.DetailReaction,
        DoEmergencyStep,
        GiveDrug,
        VoidEmergencyEntry,
        AttributeActions,
        ReportSiteProblem,
    }
)
"""Reaction, emergency, trouble at the site: recorded at once, and noted."""
_NOT_HELD: frozenset[type[cmd.Command]] = frozenset({SignIn, SignOut, CheckWristband, EndMonitoring})
"""About people and the program, not about the patient."""
_STOPS = frozenset({"pause", "stop"})


def held(chair: Chair, command: cmd.Command, decision: Decision) -> Decision:
    """The decision, with a note where it could not wait. Raises WristbandFirst for an entry of this chair's session
    that may wait."""
    if not (chair.wristband and _is_entry(chair, decision)) or type(command) in _NOT_HELD or _identifies(command):
        return decision
    if not cannot_wait(command):
        name = chair.state.patient.name if chair.state is not None and chair.state.patient is not None else ""
        raise WristbandFirst(f"Chair {chair.name}: scan the wristband of {name} first")
    if chair.wristband == SKIPPED:
        return decision
    return replace(decision, events=(*decision.events, EnteredBeforeWristband()))


def cannot_wait(command: cmd.Command) -> bool:
    """Whether nothing may hold this up: reaction, emergency, and every stop of the pump."""
    if isinstance(command, cmd.TypeDelivery):
        return command.rate_ml_h == 0
    if isinstance(command, cmd.GiveMeaning):
        return command.meaning in _STOPS
    if isinstance(command, cmd.EndProduct):
        return command.outcome == "stopped"
    return type(command) in AT_ONCE


def adopt(chair: Chair, command: cmd.Command, answer: str) -> None:
    """What is wanted after a command was carried out."""
    if isinstance(command, ShowChair):
        known = bool(chair.session) and chair.state is not None and chair.state.patient is not None
        chair.wristband = WANTED if known else ""
    elif (isinstance(command, CheckWristband) and answer == SAME) or _identifies(command) or not chair.session:
        chair.wristband = ""
    elif chair.wristband and cannot_wait(command):
        chair.wristband = SKIPPED


def _identifies(command: cmd.Command) -> bool:
    return isinstance(command, cmd.IdentifyPatient)


def _is_entry(chair: Chair, decision: Decision) -> bool:
    """Whether something goes into the record of the session that is open here, with a patient who is known."""
    state = chair.state
    if state is None or state.phase in {Phase.SIGNED, Phase.ABANDONED} or state.patient is None:
        return False
    own = decision.session in {"", state.id}
    return own and any(not isinstance(event, RegistryEvent) for event in decision.events)
