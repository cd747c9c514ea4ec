"""Who looked at what, who failed to sign in, and the lock of an idle screen: commands; their events: trust_events."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.session.commands import Command

RECORD, NAMES, PATIENT, ACCESS_LOG = "record", "names", "patient", "access"
PERSON, ASKED, COMPUTER = "person", "asked", "computer"
"""Why the program ends, as MonitoringEnded has it."""
VIEWS = (RECORD, NAMES, PATIENT, ACCESS_LOG)


@dataclass(frozen=True, slots=True)
class ViewRecord(Command):
    """See a session's record with its names (`record`), the list of sessions with theirs (`names`), a patient, or the
    list of who saw what (`access`, for administrators)."""

    what: str
    of_session: str = ""
    of_patient: str = ""


@dataclass(frozen=True, slots=True)
class NoteFailedSignIn(Command):
    """The station itself tells of a wrong PIN or badge; `user` "" = nobody answers to what was typed."""

    user: str
    in_a_row: int


@dataclass(frozen=True, slots=True)
class NoteDoubtfulProof(Command):
    """The station itself tells that somebody proved to be `user` by a damaged list of people."""

    user: str


@dataclass(frozen=True, slots=True)
class LockScreen(Command):
    """Nobody has touched the screen for `idle_s`: sign out whoever is at work here, and hide who sits here."""

    idle_s: float


@dataclass(frozen=True, slots=True)
class EndMonitoring(Command):
    """The program ends while a session is open here. why: as MonitoringEnded has it."""

    why: str
