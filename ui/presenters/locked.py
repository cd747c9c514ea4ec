"""What a locked screen shows of a picture: vital signs, pump, timer and alarms as they are; initials of people."""

from __future__ import annotations

from dataclasses import replace

from exomonitor.engine.snapshot import Snapshot

LOCKED = "Locked"
UNNAMED = "Research sign-in"
UNNAMED_WHY = (
    "You see and export records without names: History. Everything else is for those who care for the patient."
)
LEFT_ALONE = "Nobody has touched this screen for a while."
MEANWHILE = "Vital signs, timer and alarms go on. F2 and F3 work; F8 works without signing in."


def initials(name: str) -> str:
    """`J. D.` of `DOE, Jane`; words that hold no letter are left out."""
    family, _, given = name.partition(",")
    letters = [next((c for c in word if c.isalpha()), "") for word in f"{given} {family}".replace("-", " ").split()]
    return " ".join(f"{letter.upper()}." for letter in letters if letter)


def veiled(snapshot: Snapshot) -> Snapshot:
    """The same picture without identity where the screen is locked, else the very same one."""
    if not snapshot.locked:
        return snapshot
    session = snapshot.session
    if session is not None and session.patient is not None:
        patient = replace(session.patient, name=initials(session.patient.name), born="", mrn="")
        session = replace(session, patient=patient)
    others = tuple(replace(other, patient=initials(other.patient)) for other in snapshot.others)
    return replace(snapshot, session=session, others=others, resume_offer="", log=())
