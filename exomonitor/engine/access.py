"""Who may do what: everybody at the first moment of harm, signed-in people else, some things only in a role."""

from __future__ import annotations

from collections.abc import Mapping

from exomonitor.engine.proving import proofs_of
from exomonitor.engine.situation import Situation
from exomonitor.errors import CommandRefused
from exomonitor.registry.users import ADMINISTRATOR, NURSE, PRESCRIBER, User, only_research
from exomonitor.session import commands as cmd
from exomonitor.session.parts import leaving_events as lv
from exomonitor.session.parts.corrections import AddAddendum
from exomonitor.session.parts.device_check import ConfirmDevice
from exomonitor.session.parts.double_check import SingleNurse
from exomonitor.session.parts.emergency_events import (
    AttributeActions,
    ConfirmRestart,
    DoEmergencyStep,
    GiveDrug,
    VoidEmergencyEntry,
)
from exomonitor.session.parts.emergency_record import SayWhoseEmergency
from exomonitor.session.parts.handover import ReviewSession, SignIn, SignOut, TakeOver
from exomonitor.session.parts.people import AddUser, ChangeOwnPin, ChangeUser
from exomonitor.session.parts.protocol import AdoptProtocol
from exomonitor.session.parts.trust import EndMonitoring, LockScreen, NoteDoubtfulProof, NoteFailedSignIn
from exomonitor.session.parts.wristband import ShowChair
from exomonitor.session.phases import Phase

SIGN_IN_FIRST = "Sign in first"
RESEARCH_ONLY = "A research sign-in sees and exports records without names only"
FREE: set[type[cmd.Command]] = {
    cmd.Acknowledge,
    cmd.PauseAudio,
    cmd.OpenReaction,
    cmd.DoReactionAction,
    cmd.ConfirmPatient,
    cmd.AddNote,
    SignIn,
    SignOut,
    TakeOver,
    ReviewSession,
    ChangeOwnPin,
    DoEmergencyStep,
    VoidEmergencyEntry,
    GiveDrug,
    AttributeActions,
    AdoptProtocol,
    AddAddendum,
    ShowChair,
    LockScreen,
    EndMonitoring,
    NoteFailedSignIn,
    NoteDoubtfulProof,
}
"""Done without a sign-in: by anybody in an emergency, or because the command carries the proof of who does it."""
_CARE = (NURSE, PRESCRIBER)
ROLES: dict[type[cmd.Command], tuple[str, ...]] = {
    ChangeUser: (ADMINISTRATOR,),
    AddUser: (ADMINISTRATOR,),
    cmd.OpenSession: _CARE,
    cmd.EnterOrder: _CARE,
    cmd.OverrideGate: _CARE,
    SingleNurse: _CARE,
    cmd.StartSession: _CARE,
    ConfirmRestart: _CARE,
    cmd.TypeDelivery: _CARE,
    cmd.GiveMeaning: _CARE,
    cmd.EndProduct: _CARE,
    cmd.RecordFlush: _CARE,
    cmd.RecordObservation: _CARE,
    ConfirmDevice: _CARE,
    lv.MoveToLounge: _CARE,
    lv.RecordIvRemoval: _CARE,
    lv.Discharge: _CARE,
    lv.Transfer: _CARE,
    lv.LeaveAgainstAdvice: _CARE,
    lv.DecideNextDose: _CARE,
    lv.RecordCallAttempt: _CARE,
}
"""One of these roles is needed; what is not named takes any active person."""


def check_access(at: Situation, command: cmd.Command) -> None:
    """Raises CommandRefused where this person may not ask for this."""
    if type(command) in FREE or _is_first_aid(at, command) or (isinstance(command, AddUser) and not at.registry.users):
        return
    tokens = [token for token in proofs_of(command) if token in at.proofs]
    if isinstance(command, AddUser | ChangeUser | SayWhoseEmergency) and tokens:
        return  # the proof is looked at where it is used
    user = at.registry.users.get(command.by)
    if user is None or user.retired or not (command.by == at.signed_in or _proves(at, command.by, tokens)):
        raise CommandRefused(SIGN_IN_FIRST)
    if only_research(user):
        raise CommandRefused(RESEARCH_ONLY)
    needed = ROLES.get(type(command))
    # A second person's proof stands in for a role that the one at work does not have.
    if needed and not user.holds(*needed) and not any(at.proofs[token].roles.intersection(needed) for token in tokens):
        raise CommandRefused(f"That takes the role of {' or '.join(needed)}")


def export_refused(users: Mapping[str, User], by: str, *, identified: bool) -> str:
    """Why this person may not have this export, "" where they may; on a station without people anybody may."""
    if not users:
        return ""
    user = users.get(by)
    if user is None or user.retired:
        return SIGN_IN_FIRST
    return RESEARCH_ONLY if identified and only_research(user) else ""


def _is_first_aid(at: Situation, command: cmd.Command) -> bool:
    """Symptoms tapped in the first moments of a reaction; its grade and end are a person's word. Vital signs while an
    emergency record is open and nobody has signed in."""
    if isinstance(command, cmd.RecordObservation):
        return not command.by and at.state is not None and at.state.phase is Phase.EMERGENCY
    if not isinstance(command, cmd.DetailReaction):
        return False
    said = command.term or command.outcome or command.resolved or command.more or command.serious or command.causality
    return command.grade is None and not said


def _proves(at: Situation, user: str, tokens: list[str]) -> bool:
    return any(at.proofs[token].user == user for token in tokens)
