"""Patient, bag or order that became another one after the start: what changed, who stood by, and what is unchecked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from exomonitor.clock import Instant
from exomonitor.session.codec import private
from exomonitor.session.entry import Entry, Event, recorded
from exomonitor.session.events import OrderEntered, PatientIdentified
from exomonitor.session.parts.double_check import DoubleCheckBegun, DoubleCheckDone
from exomonitor.session.parts.part import Part
from exomonitor.session.plan import Order, Patient, Product

PATIENT, BAG, ORDER = "patient", "bag", "order"
WHAT = (PATIENT, BAG, ORDER)


@recorded
@dataclass(frozen=True, slots=True)
class ChangedAfterStart(Event):
    """What had been checked is another one now: `what` is patient, bag or order, `fields` say in what it differs.
    `second`: who stood by with a signature, "" = nobody was there (single nurse); `infusing`: product ran."""

    what: str
    fields: tuple[str, ...]
    second: str = ""
    prescriber_signed: bool = False
    infusing: bool = False
    reason: str = private()


# --- what counts as another one
# ----------------------------------------------------------------------------------------------------------------


def patient_changes(before: Patient | None, name: str, born: str, mrn: str, patient: str = "") -> tuple[str, ...]:
    """In what the patient in the record is another one; what was not known before is no change."""
    if before is None:
        return ()
    if before.id and patient and patient != before.id:
        return ("another patient",)
    pairs = (("name", before.name, name), ("date of birth", before.born, born), ("MRN", before.mrn, mrn))
    return tuple(what for what, old, new in pairs if old and old != new)


def identified_changes(before: Patient | None, event: PatientIdentified) -> tuple[str, ...]:
    """The same, for somebody who was identified anew."""
    return patient_changes(before, event.name, event.born, event.mrn, event.patient)


def bag_changes(before: Product | None, after: Product) -> tuple[str, ...]:
    """In what the bag is another one: what it holds, and which one it is."""
    if before is None:
        return ()
    pairs = (
        ("product", before.source_cell.value, after.source_cell.value),
        ("product code", before.gtin, after.gtin),
        ("lot", before.lot, after.lot),
        ("expiry", before.expiry, after.expiry),
        ("serial", before.serial, after.serial),
        ("bag", before.bag, after.bag),
        ("patient on the label", before.label_patient, after.label_patient),
    )
    return tuple(what for what, old, new in pairs if old and old != new)


def container_changes(before: Product | None, after: Product) -> tuple[str, ...]:
    """In what the next container is not what was checked: another bag of the same lot is expected there."""
    return tuple(what for what in bag_changes(before, after) if what not in {"serial", "bag"})


def order_changes(before: Order | None, after: OrderEntered) -> tuple[str, ...]:
    """In what the order means something else at the pump or in the bag."""
    if before is None:
        return ()
    pairs: tuple[tuple[str, object, object], ...] = (
        ("dose", before.dose_billion, after.dose_billion),
        ("volume", before.volume_ml, after.volume_ml),
        ("minutes", before.minutes, after.minutes),
        ("ramp", before.ramp, after.ramp),
        ("product", before.source_cell, after.source_cell),
    )
    return tuple(what for what, old, new in pairs if old is not None and old != new)


# --- what follows
# ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """One change after the start: in what, when, who entered it, who stood by."""

    what: str
    fields: tuple[str, ...]
    at: Instant
    by: str
    second: str
    prescriber_signed: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """All changes after the start. `unchecked`: what a second person has not found to be so yet; `in_check`: the part
    of it that the check under way looks at."""

    made: tuple[Change, ...] = ()
    unchecked: tuple[str, ...] = ()
    in_check: tuple[str, ...] = ()

    @property
    def entered_by(self) -> frozenset[str]:
        """Who entered what is unchecked: none of them is the second person."""
        return frozenset(change.by for change in self.made if change.what in self.unchecked)


def _changed(s: Changes, entry: Entry, e: ChangedAfterStart) -> Changes:
    made = Change(e.what, e.fields, entry.at, entry.actor, e.second, e.prescriber_signed)
    unchecked = tuple(what for what in WHAT if what == e.what or what in s.unchecked)
    # What changes while the second person looks is not what that person began to look at.
    return Changes((*s.made, made), unchecked, tuple(what for what in s.in_check if what != e.what))


def _begun(s: Changes, _: Entry, __: DoubleCheckBegun) -> Changes:
    return replace(s, in_check=s.unchecked)


def _done(s: Changes, _: Entry, e: DoubleCheckDone) -> Changes:
    left = tuple(what for what in s.unchecked if what not in s.in_check) if e.agrees else s.unchecked
    return replace(s, unchecked=left, in_check=())


def _tell(e: ChangedAfterStart) -> str:
    who = "with a second person" if e.second else "SINGLE NURSE, nobody else was there"
    why = f": {e.reason}" if e.reason else ""
    return f"{e.what.upper()} CHANGED AFTER THE START ({', '.join(e.fields)}), {who}{why}"


PART = Part(
    "changes",
    steps={ChangedAfterStart: _changed, DoubleCheckBegun: _begun, DoubleCheckDone: _done},
    tellers={ChangedAfterStart: _tell},
)
