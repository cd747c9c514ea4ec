"""The independent double check: what the second person entered, and how it compares with what the first one did."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from exomonitor.clinical.double_check import CheckValues, DoubleCheckTable, Mismatch, compare, freeze
from exomonitor.clock import Instant
from exomonitor.errors import CommandRefused
from exomonitor.integrity import canonical_json
from exomonitor.session import events as ev
from exomonitor.session.codec import private
from exomonitor.session.commands import Command
from exomonitor.session.entry import Entry, Event, recorded
from exomonitor.session.parts.part import Part
from exomonitor.session.plan import Order, Patient, Product

# --- what people ask
# ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BeginDoubleCheck(Command):
    """Freeze what stands in the record and hand over to the second person: from now on the time counts."""


@dataclass(frozen=True, slots=True)
class CompleteDoubleCheck(Command):
    """What the second person found, without having seen the first entries: `wristband` and `label` are the scans
    (or typed: the MRN or name together with the date of birth; lot, expiry and source cell), and the three numbers are
    typed. `typed`: the wristband could not be scanned, so that two identifiers are needed (`born` like 1972-03-14)."""

    proof: str
    wristband: str
    dose_billion: Decimal
    volume_ml: Decimal
    rate_ml_h: Decimal
    label: str = ""
    source_cell: str = ""
    lot: str = ""
    expiry: str = ""
    typed: bool = False
    born: str = ""


@dataclass(frozen=True, slots=True)
class SingleNurse(Command):
    """Nobody is there for the double check: the reason stands in the record and is printed."""

    reason: str


# --- what the journal keeps
# --------------------------------------------------------------------------------------------


@recorded
@dataclass(frozen=True, slots=True)
class DoubleCheckBegun(Event):
    """The first person's values were frozen; the hash is sealed, for it could be guessed from a date of birth."""

    first: str
    frozen: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class DoubleCheckDone(Event):
    """The comparison: which fields differ, and whether `elapsed_s` was too short to be true. `entered`: what the
    second person entered, as JSON."""

    verifier: str
    agrees: bool
    mismatches: tuple[str, ...]
    elapsed_s: float
    too_fast: bool = False
    frozen: str = private()
    entered: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class SingleNurseAccepted(Event):
    """No second person was there."""

    reason: str = private()
    frozen: str = private()


# --- what follows
# ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Comparison:
    """The latest finished check: the frozen hash it belongs to, who checked, what was entered and what differs."""

    frozen: str
    first: str
    verifier: str
    at: Instant
    elapsed_s: float
    too_fast: bool
    entered: CheckValues
    differing: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.differing


@dataclass(frozen=True, slots=True)
class Alone:
    """ "Single nurse", for these values and this reason."""

    frozen: str
    by: str
    reason: str
    at: Instant


_NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class DoubleCheck:
    """A check that is under way (`frozen` not empty), the latest finished one, and "single nurse".

    `entered_by`: who entered patient, bag and order; none of them may be the second person."""

    frozen: str = ""
    first: str = ""
    begun: Instant | None = None
    done: Comparison | None = None
    alone: Alone | None = None
    entered_by: frozenset[str] = frozenset()
    now: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOTHING)
    checked: Mapping[str, tuple[str, ...]] | None = None
    """What stood of patient, bag and order (without private texts) at the latest check or "single nurse"."""

    @property
    def changed(self) -> bool:
        """Whether what was checked is not what stands in the record by now."""
        return self.checked is not None and self.checked != self.now


def check_values(patient: Patient | None, product: Product | None, order: Order | None) -> CheckValues:
    """What the record says of the things that are checked; None for what is not entered yet.

    The rate is the one the pump is set to at the start: of a ramp, the first.
    """
    return CheckValues(
        patient_id=patient_key(patient) if patient is not None else None,
        product_code=product_code(product) if product is not None else None,
        lot=product.lot if product is not None else None,
        expiry=date.fromisoformat(product.expiry) if product is not None else None,
        dose_billions=order.dose_billion if order is not None else None,
        volume_ml=order.volume_ml if order is not None else None,
        rate_ml_h=order.rate_plan().steps[0].rate_ml_h if order is not None else None,
    )


def patient_key(patient: Patient) -> str:
    """Who it is, in one word: the clinic's id, or what identifies where there is none."""
    return patient.id or patient.mrn or patient.born


def product_code(product: Product) -> str:
    """Trade item number where the bag has one, else the source cell: what it is that hangs there."""
    return product.gtin or product.source_cell.value


def frozen_now(patient: Patient | None, product: Product | None, order: Order | None) -> str:
    """The hash of what stands in the record now; "" while something is missing."""
    try:
        return freeze(check_values(patient, product, order))
    except CommandRefused:
        return ""


def side_by_side(now: CheckValues, done: Comparison, table: DoubleCheckTable) -> tuple[Mismatch, ...]:
    """What differs between the record as it stands and what the second person entered."""
    try:
        return compare(now, freeze(now), done.entered, done.elapsed_s, table).mismatches
    except CommandRefused:
        return ()


def double_check_why(state: DoubleCheck, frozen: str) -> tuple[str, bool]:
    """What is open (empty: nothing), and whether "single nurse" was accepted for these values."""
    if state.alone is not None and frozen and state.alone.frozen == frozen:
        return "single nurse", True
    if not frozen:
        return "after patient, bag and order", False
    if state.done is None:
        return "a second person scans and types", False
    if state.done.frozen != frozen:
        return "patient, bag or order changed since the check", False
    if not state.done.agrees:
        return f"{' and '.join(state.done.differing).replace('_', ' ')} differ", False
    return "", False


def packed(values: CheckValues) -> str:
    """What was entered, as one JSON text."""
    return canonical_json({name: str(value) for name, value in asdict(values).items() if value is not None}).decode()


def unpacked(text: str) -> CheckValues:
    """What was entered; nothing where the record withholds it."""
    try:
        said = json.loads(text)
    except ValueError:
        return CheckValues()
    numbers = {"dose_billions", "volume_ml", "rate_ml_h"}
    found: dict[str, Any] = {name: Decimal(value) if name in numbers else value for name, value in said.items()}
    if "expiry" in found:
        found["expiry"] = date.fromisoformat(found["expiry"])
    return CheckValues(**found)


def _begun(s: DoubleCheck, entry: Entry, e: DoubleCheckBegun) -> DoubleCheck:
    return replace(s, frozen=e.frozen, first=e.first, begun=entry.at)


def _done(s: DoubleCheck, entry: Entry, e: DoubleCheckDone) -> DoubleCheck:
    found = Comparison(
        e.frozen, s.first, e.verifier, entry.at, e.elapsed_s, e.too_fast, unpacked(e.entered), e.mismatches
    )
    return replace(s, frozen="", begun=None, done=found, alone=None, checked=s.now)


def _alone(s: DoubleCheck, entry: Entry, e: SingleNurseAccepted) -> DoubleCheck:
    return replace(s, frozen="", begun=None, alone=Alone(e.frozen, entry.actor, e.reason, entry.at), checked=s.now)


def _patient(s: DoubleCheck, _: Entry, e: ev.PatientIdentified) -> DoubleCheck:
    return _stands(s, "patient", (e.patient,))


def _product(s: DoubleCheck, entry: Entry, e: ev.ProductEntered) -> DoubleCheck:
    found = replace(s, entered_by=s.entered_by | {entry.actor})
    return _stands(found, "product", (e.source_cell.value, e.gtin, e.lot, e.expiry))


def _order(s: DoubleCheck, entry: Entry, e: ev.OrderEntered) -> DoubleCheck:
    found = replace(s, entered_by=s.entered_by | {entry.actor})
    amounts = (e.dose_billion, e.volume_ml, e.minutes, *(n for step in e.ramp for n in (step.fraction, step.minutes)))
    return _stands(found, "order", tuple(f"{amount.normalize():f}" for amount in amounts))


def _stands(s: DoubleCheck, what: str, values: tuple[str, ...]) -> DoubleCheck:
    return replace(s, now=MappingProxyType({**s.now, what: values}))


def _tell_done(e: DoubleCheckDone) -> str:
    how = "agrees" if e.agrees else f"DIFFERS in {', '.join(e.mismatches).replace('_', ' ')}"
    fast = "; check completed implausibly fast" if e.too_fast else ""
    return f"Double check {how}, after {e.elapsed_s:.0f} s{fast}"


PART = Part(
    "double_check",
    steps={
        DoubleCheckBegun: _begun,
        DoubleCheckDone: _done,
        SingleNurseAccepted: _alone,
        ev.PatientIdentified: _patient,
        ev.ProductEntered: _product,
        ev.OrderEntered: _order,
    },
    tellers={
        DoubleCheckBegun: lambda _: "Double check handed over to a second person",
        DoubleCheckDone: _tell_done,
        SingleNurseAccepted: lambda e: f"SINGLE NURSE, no double check: {e.reason}",
    },
    records={
        BeginDoubleCheck: DoubleCheckBegun,
        CompleteDoubleCheck: DoubleCheckDone,
        SingleNurse: SingleNurseAccepted,
    },
)
