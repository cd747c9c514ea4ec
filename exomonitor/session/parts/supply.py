"""The bags of the visit: what was scanned or typed at the chair, and the containers that followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, tzinfo
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from exomonitor.clinical.certificate import SupplyRules
from exomonitor.clinical.dosing import check_prepared
from exomonitor.clinical.product import check_usable
from exomonitor.clinical.ranges import DoseVerdict
from exomonitor.clock import Instant, parse_utc
from exomonitor.session.codec import private
from exomonitor.session.commands import Command
from exomonitor.session.entry import Entry, Event, recorded
from exomonitor.session.events import ProductEntered
from exomonitor.session.parts.part import Part, Step, Teller
from exomonitor.session.plan import Order, Patient, Product, SourceCell

# --- what people ask
# ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChangeContainer(Command):
    """The next container hangs: `raw` = the scan of its label, or `bag` = its id; else lot and expiry as typed.

    One that does not belong to this patient, lot and order needs `proof` of a second person and a `reason`.
    """

    raw: str = ""
    bag: str = ""
    source_cell: SourceCell | None = None
    lot: str = ""
    expiry: str = ""
    proof: str = ""
    reason: str = ""
    alone: bool = False
    """Nobody else is there: a single nurse hangs what does not match, with the reason."""


@dataclass(frozen=True, slots=True)
class AcceptPreparedDose(Command):
    """Give a bag whose dose differs from the order by 10 to 20 %: with a reason and a second person's `proof`."""

    reason: str
    proof: str = ""


# --- what the journal keeps
# ----------------------------------------------------------------------------------------------------------------


@recorded
@dataclass(frozen=True, slots=True)
class ContainerChanged(Event):
    """Another container hangs from `when` on; its fields are those of plan.Product. `differs`: in what it does not
    match the first one; `delivered_ml`: product given until then."""

    when: Instant
    source_cell: SourceCell
    lot: str
    expiry: str
    delivered_ml: float | None = None
    differs: tuple[str, ...] = ()
    gtin: str = ""
    serial: str = ""
    bag: str = ""
    in_use_expiry: str = ""
    concentration: Decimal | None = None
    dose_billion: Decimal | None = None
    volume_ml: Decimal | None = None
    endotoxin_eu_ml: Decimal | None = None
    label_patient: str = private()
    scanned: bool = False
    raw: str = ""
    second: str = ""
    released_by: str = ""
    stopped: str = private()
    reason: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class PreparedDoseAccepted(Event):
    """The prepared dose differs from the ordered one (billions), and two people accepted that."""

    prepared_billion: Decimal
    ordered_billion: Decimal
    second: str
    reason: str = private()
    prescriber_signed: bool = False
    """Whether the second person is a prescriber."""


# --- what follows
# ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Container:
    """A container that followed the first one, with when it was hung and what had been given until then (mL)."""

    product: Product
    when: Instant
    delivered_ml: float | None
    by: str
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Supply:
    """This part's share of the session's state."""

    containers: tuple[Container, ...] = ()
    accepted: PreparedDoseAccepted | None = None


def product_of(event: ProductEntered | ContainerChanged) -> Product:
    """The bag that an event tells of."""
    return Product(**{f.name: getattr(event, f.name) for f in fields(Product)})


def bag_fields(product: Product) -> dict[str, Any]:
    """The fields of a bag, for the event that tells of it."""
    return {f.name: getattr(product, f.name) for f in fields(Product)}


def hanging(product: Product | None, supply: Supply) -> Product | None:
    """The bag that hangs now: the newest container, else the first bag."""
    return supply.containers[-1].product if supply.containers else product


def in_use_until(product: Product | None) -> datetime | None:
    """Until when the bag may be used after its thaw (UTC); None where nobody said so."""
    return parse_utc(product.in_use_expiry) if product is not None and product.in_use_expiry else None


def expired_why(product: Product, now: datetime, zone: tzinfo | None = None) -> str:
    """Why the bag may not be used any more at `now`, or ""; days are those of the clinic's zone (None = this
    computer's)."""
    local = now.astimezone(zone)
    expiry = date.fromisoformat(product.expiry)
    if local.date() > expiry:
        return f"lot {product.lot} expired on {product.expiry}"
    until = in_use_until(product)
    if until is None or local.tzinfo is None:
        return ""
    usable = check_usable(expiry, until, now, local.tzinfo)
    return "" if usable.ok else f"in-use time ended at {until.astimezone(zone):%H:%M}: do not use"


def product_why(
    product: Product | None,
    patient: Patient | None,
    order: Order | None,
    supply: Supply,
    now: datetime,
    rules: SupplyRules,
) -> str:
    """What stands against giving this bag, in words; "" when nothing does. Looks at the record alone."""
    if product is None:
        return "source cell, lot and expiry"
    return (
        product.stopped
        or expired_why(product, now)
        or _unproven(product, rules)
        or _mismatch(product, patient, order)
        or _dose_why(product, order, supply)
    )


def barred_why(product: Product | None, patient: Patient | None, order: Order | None, now: datetime) -> str:
    """What no reason makes good: an expired bag, another patient's or another cell's, a dose too far off; or ""."""
    if product is None:
        return ""
    why = expired_why(product, now) or _mismatch(product, patient, order)
    if why or order is None or product.dose_billion is None:
        return why
    check = check_prepared(order.dose_billion, product.dose_billion)
    return check.message if check.verdict is DoseVerdict.REJECT else ""


def _unproven(product: Product, rules: SupplyRules) -> str:
    if rules.released_bag_only and not product.released_by:
        return f"lot {product.lot} is not from a released bag"
    if rules.typed_needs_second and not product.scanned and not product.second:
        return "typed by hand: a second person checks it"
    return ""


def _mismatch(product: Product, patient: Patient | None, order: Order | None) -> str:
    if patient is not None and product.label_patient and not labelled_for(product.label_patient, patient):
        return "the bag is labelled for another patient"
    if order is not None and order.source_cell is not None and order.source_cell is not product.source_cell:
        return f"the bag holds {product.source_cell}, ordered is {order.source_cell}"
    return ""


def labelled_for(label: str, patient: Patient) -> bool:
    """Whether what a label says of its patient (MRN, or the clinic's id) means this one."""
    said = label.strip().casefold()
    return said in {one.strip().casefold() for one in (patient.mrn, patient.id) if one.strip()}


def _dose_why(product: Product, order: Order | None, supply: Supply) -> str:
    if order is None or product.dose_billion is None:
        return ""
    check = check_prepared(order.dose_billion, product.dose_billion)
    said = supply.accepted
    if check.verdict is DoseVerdict.OVERRIDE and said is not None:
        same = (said.prepared_billion, said.ordered_billion) == (product.dose_billion, order.dose_billion)
        return "" if same else check.message
    return check.message


# --- how it moves, and how it is told
# ----------------------------------------------------------------------------------------------------------------


def _changed(share: Supply, entry: Entry, e: ContainerChanged) -> Supply:
    made = Container(product_of(e), e.when, e.delivered_ml, entry.actor, e.differs)
    return replace(share, containers=(*share.containers, made))


def _accepted(share: Supply, _: Entry, e: PreparedDoseAccepted) -> Supply:
    return replace(share, accepted=e)


def _tell_change(e: ContainerChanged) -> str:
    given = "" if e.delivered_ml is None else f", {e.delivered_ml:.1f} mL given until then"
    alone = "" if e.second else ", SINGLE NURSE"
    wrong = f"; DIFFERS: {', '.join(e.differs)}: {e.reason}{alone}" if e.differs else ""
    return f"Next container hung: {bag_words(product_of(e))}{given}{wrong}"


def bag_words(product: Product) -> str:
    """`MSC exosomes, lot EXO-A12, expires 2027-06-30, scanned`: the bag as the record tells of it."""
    parts = [f"{product.source_cell.value} exosomes", f"lot {product.lot}", f"expires {product.expiry}"]
    if product.bag:
        parts.append(f"bag {product.bag}")
    parts.append("scanned" if product.scanned else "typed")
    return ", ".join(parts) + (f"; NOT TO BE USED: {product.stopped}" if product.stopped else "")


_STEPS: Mapping[type[Event], Step] = MappingProxyType({ContainerChanged: _changed, PreparedDoseAccepted: _accepted})
_TELLERS: Mapping[type[Event], Teller] = MappingProxyType(
    {
        ContainerChanged: _tell_change,
        PreparedDoseAccepted: lambda e: (
            f"Bag of {e.prepared_billion} billion accepted for an order of {e.ordered_billion} billion: {e.reason}"
        ),
    }
)
_RECORDS: Mapping[type[Command], type[Event]] = MappingProxyType(
    {ChangeContainer: ContainerChanged, AcceptPreparedDose: PreparedDoseAccepted}
)
PART = Part("supply", steps=_STEPS, tellers=_TELLERS, records=_RECORDS)
