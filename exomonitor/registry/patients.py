"""The patients that the clinic knows: who they are, and what must be known of them before every dose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from exomonitor.clock import Instant
from exomonitor.registry.holds import HoldLifted, LiftedHold
from exomonitor.registry.table import RegistryTable
from exomonitor.session.codec import private
from exomonitor.session.entry import Entry, RegistryEvent, recorded
from exomonitor.session.plan import AllergyState
from exomonitor.units import Span

WEIGHT = Span("Weight", "kg", Decimal(20), Decimal(300), 1)


@dataclass(frozen=True, slots=True)
class PatientFacts(RegistryEvent):
    """What is said of a patient, always as a whole. None = nobody has said; weight in kg; `wristband` is the code on
    it where that is not the MRN; `reactions_elsewhere` are earlier infusion reactions in the patient's or a letter's
    words."""

    patient: str
    allergy_state: str = AllergyState.NOT_ASKED.value
    weight_kg: Decimal | None = None
    beta_blocker: bool | None = None
    ace_inhibitor: bool | None = None
    asthma_copd: bool | None = None
    anticoagulant: bool | None = None
    pregnant: bool | None = None
    infection_positive: bool | None = None
    name: str = private()
    born: str = private()
    mrn: str = private()
    phone: str = private()
    wristband: str = private()
    allergies: str = private()
    reactions_elsewhere: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class PatientRegistered(PatientFacts):
    """The clinic knows a new patient."""


@recorded
@dataclass(frozen=True, slots=True)
class PatientChanged(PatientFacts):
    """Something about a patient is different from here on, or was wrong."""

    reason: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class Scale2Set(RegistryEvent):
    """A prescriber said whether SpO2 of this patient is scored on NEWS2 scale 2."""

    patient: str
    scale2: bool
    prescriber: str
    reason: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class CoursePhaseSet(RegistryEvent):
    """A prescriber said in which phase of the course the patient is: `initial` or `maintenance`."""

    patient: str
    phase: str
    prescriber: str
    reason: str = private()


FACTS = tuple(f.name for f in fields(PatientFacts) if f.name != "patient")
"""The names of everything that is said of a patient."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A setting that a prescriber signed: who, and when."""

    by: str
    at: Instant


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """One patient as known now. `facts` are the newest; scale 2 and phase stand only where a prescriber set them."""

    id: str
    facts: PatientFacts
    registered: Instant
    changed: int = 0
    scale2: bool = False
    scale2_signed: Signed | None = None
    phase: str = ""
    phase_signed: Signed | None = None
    lifted: tuple[LiftedHold, ...] = ()
    """The holds after a reaction that a prescriber lifted, oldest first."""

    @property
    def name(self) -> str:
        """The full name."""
        return self.facts.name

    @property
    def born(self) -> str:
        """The date of birth (ISO), or ""."""
        return self.facts.born

    @property
    def mrn(self) -> str:
        """The medical record number, or ""."""
        return self.facts.mrn

    @property
    def phone(self) -> str:
        """Where the follow-up calls go, or ""."""
        return self.facts.phone

    def wears(self, code: str) -> bool:
        """Whether a wristband with this code is this patient's."""
        return bool(code) and code in {self.facts.wristband, self.facts.mrn}


def change_of(known: PatientRecord, reason: str = "", **said: Any) -> PatientChanged:
    """The patient's facts with some of them said anew."""
    facts: dict[str, Any] = {name: getattr(known.facts, name) for name in FACTS}
    return PatientChanged(known.id, reason=reason, **{**facts, **said})


def with_mrn(patients: Mapping[str, PatientRecord], mrn: str) -> PatientRecord | None:
    """The patient of that MRN; None where there is none."""
    wanted = mrn.strip()
    return next((one for one in patients.values() if wanted and one.mrn == wanted), None)


def with_wristband(patients: Mapping[str, PatientRecord], code: str) -> tuple[PatientRecord, ...]:
    """Everybody whose wristband says this; more than one is a fault of the record that a person must settle."""
    return tuple(one for one in patients.values() if one.wears(code.strip()))


def namesakes(patients: Mapping[str, PatientRecord], name: str, born: str) -> tuple[PatientRecord, ...]:
    """Everybody of that name and, where it is given, that date of birth."""
    wanted = plain_name(name)
    return tuple(p for p in patients.values() if plain_name(p.name) == wanted and (not born or p.born == born))


def plain_name(name: str) -> str:
    """A name as it is compared: case and blanks do not matter."""
    return " ".join(name.replace(",", " , ").split()).casefold()


def _registered(patients: dict[str, Any], entry: Entry, e: PatientRegistered) -> None:
    patients[e.patient] = PatientRecord(e.patient, e, entry.at)


def _changed(patients: dict[str, Any], _: Entry, e: PatientChanged) -> None:
    known: PatientRecord | None = patients.get(e.patient)
    if known is not None:
        patients[e.patient] = replace(known, facts=e, changed=known.changed + 1)


def _scale2(patients: dict[str, Any], entry: Entry, e: Scale2Set) -> None:
    known: PatientRecord | None = patients.get(e.patient)
    if known is not None:
        patients[e.patient] = replace(known, scale2=e.scale2, scale2_signed=Signed(e.prescriber, entry.at))


def _phase(patients: dict[str, Any], entry: Entry, e: CoursePhaseSet) -> None:
    known: PatientRecord | None = patients.get(e.patient)
    if known is not None:
        patients[e.patient] = replace(known, phase=e.phase, phase_signed=Signed(e.prescriber, entry.at))


def _lifted(patients: dict[str, Any], entry: Entry, e: HoldLifted) -> None:
    known: PatientRecord | None = patients.get(e.patient)
    if known is not None:
        lifted = LiftedHold(e.held_by, e.prescriber, entry.at, e.reason)
        patients[e.patient] = replace(known, lifted=(*known.lifted, lifted))


TABLE = RegistryTable(
    "patients",
    {
        PatientRegistered: _registered,
        PatientChanged: _changed,
        Scale2Set: _scale2,
        CoursePhaseSet: _phase,
        HoldLifted: _lifted,
    },
)
