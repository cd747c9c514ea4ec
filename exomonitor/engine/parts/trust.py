"""Handlers of views, failed sign-ins and the lock."""

from __future__ import annotations

from exomonitor.engine.ports import STATION_ACTOR
from exomonitor.engine.situation import Decision, Handler, Situation
from exomonitor.errors import CommandRefused
from exomonitor.registry.users import ADMINISTRATOR
from exomonitor.session.commands import Command
from exomonitor.session.machine_events import MonitoringEnded
from exomonitor.session.parts.trust import (
    ACCESS_LOG,
    PERSON,
    VIEWS,
    EndMonitoring,
    LockScreen,
    NoteDoubtfulProof,
    NoteFailedSignIn,
    ViewRecord,
)
from exomonitor.session.trust_events import DoubtfulProof, RecordViewed, ScreenLocked, SignInFailed


def view_record(at: Situation, c: ViewRecord) -> Decision:
    """Each look at names is an entry of its own."""
    if c.what not in VIEWS:
        raise CommandRefused("There is nothing of that kind to look at")
    if c.what == ACCESS_LOG and not at.registry.users[c.by].holds(ADMINISTRATOR):
        raise CommandRefused("An administrator signs in to see this")
    return Decision((RecordViewed(c.of_session, c.what, c.of_patient),))


def note_failed_sign_in(at: Situation, c: NoteFailedSignIn) -> Decision:
    """Recorded for the station; what was typed is not kept."""
    return Decision((SignInFailed(c.user, c.in_a_row),), by=STATION_ACTOR)


def note_doubtful_proof(at: Situation, c: NoteDoubtfulProof) -> Decision:
    """Recorded for the station, with how far the doubt goes."""
    return Decision((DoubtfulProof(c.user, at.registry.doubts.people),), by=STATION_ACTOR)


def lock_screen(at: Situation, c: LockScreen) -> Decision:
    """Where somebody was at work this is an entry; an empty chair just locks."""
    if not at.signed_in:
        return Decision(())
    return Decision((ScreenLocked(at.signed_in, at.chair, round(c.idle_s, 1)),), by=STATION_ACTOR)


def end_monitoring(at: Situation, c: EndMonitoring) -> Decision:
    """An entry of the session that is open here, of whoever is at work if it was a person; an empty chair has none."""
    if at.state is None or not at.state.phase.is_open:
        return Decision(())
    return Decision((MonitoringEnded(c.why),), by=(c.why == PERSON and at.signed_in) or STATION_ACTOR)


HANDLERS: dict[type[Command], Handler] = {
    ViewRecord: view_record,
    NoteFailedSignIn: note_failed_sign_in,
    NoteDoubtfulProof: note_doubtful_proof,
    LockScreen: lock_screen,
    EndMonitoring: end_monitoring,
}
