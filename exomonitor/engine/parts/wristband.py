"""Handlers of looking at the wristband again: scanned, typed, or read where there is no scanner."""

from __future__ import annotations

from exomonitor.engine.parts.patients import born_on
from exomonitor.engine.situation import Decision, Handler, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.registry.patients import plain_name, with_wristband
from exomonitor.session.commands import Command
from exomonitor.session.parts.wristband import READ, SCAN, TYPED, CheckWristband, ShowChair, WristbandChecked
from exomonitor.session.plan import Patient

SAME, ANOTHER = "same", "another"
OTHER_WRISTBAND = "This wristband belongs to another patient: look at the chair number and the patient"


def show_chair(at: Situation, c: ShowChair) -> Decision:
    """Looking at a chair records nothing."""
    return Decision(())


def check_wristband(at: Situation, c: CheckWristband) -> Decision:
    """Answers `same`, or `another`: a wrong wristband is recorded, and nothing may be entered for it."""
    patient = at.session().patient
    if patient is None:
        raise CommandRefused("Nobody is identified in this chair: identify the patient first")
    if c.read:
        return Decision((WristbandChecked(READ),), SAME)
    if not c.scanned.strip():
        _typed(at, patient, c)
        return Decision((WristbandChecked(TYPED),), SAME)
    wearers = with_wristband(at.registry.patients, c.scanned)
    if patient.id and any(one.id == patient.id for one in wearers):
        return Decision((WristbandChecked(SCAN),), SAME)
    if not wearers and patient.mrn and c.scanned.strip() == patient.mrn:
        return Decision((WristbandChecked(SCAN),), SAME)
    if not wearers:
        raise CommandRefused("No patient has this wristband: type name and date of birth as they stand on it")
    return Decision((WristbandChecked(SCAN, same=False),), ANOTHER)


def _typed(at: Situation, patient: Patient, c: CheckWristband) -> None:
    """Two identifiers as they stand on the wristband."""
    name = need_text(c.name, "The name on the wristband")
    born, mrn = (born_on(at, c.born) if c.born.strip() else ""), c.mrn.strip()
    if not (born or mrn):
        raise CommandRefused("Type two identifiers: name, and date of birth or MRN")
    wrong = plain_name(name) != plain_name(patient.name)
    if wrong or (born and born != patient.born) or (mrn and mrn != patient.mrn):
        raise CommandRefused("That is not the patient of this session: look at the chair number and the wristband")


HANDLERS: dict[type[Command], Handler] = {ShowChair: show_chair, CheckWristband: check_wristband}
