"""What is asked of lots and bags: by whoever prepares (commands), and of the list itself (is it usable, who had it)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from exomonitor.clinical.certificate import Certificate
from exomonitor.clinical.gs1 import Label
from exomonitor.registry.lot_events import NO_THAW, NOT_RECORDED, Receipt, ThawRecord
from exomonitor.registry.lots import Bag, Lot, Use
from exomonitor.session.commands import Command
from exomonitor.session.plan import Product, SourceCell
from exomonitor.session.state import SessionState

# --- what people ask, with no session
# ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EnterCertificate(Command):
    """A lot and its certificate. `raw` = the scan of the label, which gives lot, expiry and GTIN; else they are typed.
    A certificate that is entered again needs a `reason`."""

    source_cell: SourceCell
    certificate: Certificate
    lot: str = ""
    expiry: str = ""
    gtin: str = ""
    raw: str = ""
    receipt: Receipt = NOT_RECORDED
    instrument: str = ""
    count_date: str = ""
    reason: str = ""
    proof: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseLot(Command):
    """Release the lot together with whoever gave `proof`; `reason` for lines that need one."""

    lot: str
    proof: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class QuarantineLot(Command):
    """This lot may not be used, also one that the list does not know."""

    lot: str
    reason: str


@dataclass(frozen=True, slots=True)
class LiftQuarantine(Command):
    """It may be released again: two people, and why."""

    lot: str
    reason: str
    proof: str = ""


@dataclass(frozen=True, slots=True)
class PrepareBag(Command):
    """A bag of a released lot: mL of product, diluent to `volume_ml`, the thaw record, whom it is labelled for.
    A thaw that is not as expected needs `reason` and `proof`. Answers with the bag's id."""

    lot: str
    product_ml: Decimal
    volume_ml: Decimal
    thaw: ThawRecord = NO_THAW
    serial: str = ""
    raw: str = ""
    diluent: str = ""
    diluent_lot: str = ""
    dose_billion: Decimal | None = None
    labelled: bool = False
    label_patient: str = ""
    reason: str = ""
    proof: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseBag(Command):
    """Release the bag for the chair together with whoever gave `proof`: by its id, or by the scan of its label."""

    bag: str = ""
    proof: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class QuarantineBag(Command):
    """This one bag may not be used, whatever its lot, and also while it hangs."""

    bag: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReturnBag(Command):
    """The bag goes back to stock: two people, and why; it is released anew."""

    bag: str
    reason: str
    proof: str = ""


# --- what the list says
# ----------------------------------------------------------------------------------------------------------------


def lot_stop(lot: Lot | None) -> str:
    """Why nothing of this lot may be given, or ""; a lot that the list does not know is not stopped by it."""
    if lot is None:
        return ""
    if lot.quarantine:
        return f"lot {lot.id} is in quarantine: {lot.quarantine}"
    return "" if lot.released else f"lot {lot.id} is not released"


def bag_stop(bag: Bag, lot: Lot | None, session: str = "") -> str:
    """Why this bag may not be given in that session, or ""."""
    if stopped := lot_stop(lot) or bag.stopped or bag_quarantine(bag):
        return stopped
    if not bag.released_by:
        return f"bag {bag.id} is not released"
    if bag.used_in and bag.used_in != session:
        return f"bag {bag.id} was hung in another session"
    return ""


def bag_quarantine(bag: Bag) -> str:
    """That this one bag is in quarantine, and why; or ""."""
    return f"bag {bag.id} is in quarantine: {bag.quarantine}" if bag.quarantine else ""


def lot_named(lots: Mapping[str, Lot], name: str) -> Lot | None:
    """The lot of that name, which may have been typed with other case and blanks; one in quarantine before others."""
    wanted = name.strip().casefold()
    found = [lot for lot in lots.values() if lot.id.strip().casefold() == wanted]
    return next((lot for lot in found if lot.quarantine), lots.get(name) or (found[0] if found else None))


def withdrawn_since(lots: Mapping[str, Lot], bags: Mapping[str, Bag], state: SessionState) -> str:
    """Why the bag at the chair may not be given for any reason: quarantine, a spoilt thaw, used for somebody else, or
    what the record of the scan does not know yet; ""."""
    product = state.product
    if product is None:
        return ""
    bag = bags.get(product.bag)
    lot = lot_named(lots, product.lot)
    why = bag_stop(bag, lot, state.id) if bag is not None else lot_stop(lot)
    barred = bool(lot is not None and lot.quarantine)
    if bag is not None:
        barred = barred or bool(bag.stopped or bag.quarantine) or bag.used_in not in {"", state.id}
    return "" if why == product.stopped and not barred else why


def bags_of(bags: Mapping[str, Bag], label: Label, session: str) -> tuple[Bag, ...]:
    """The bags that a scanned label may mean: the same lot, serial and GTIN as far as both say them. Bags that were
    used elsewhere are meant only where nothing else is."""
    found = [
        bag
        for bag in bags.values()
        if bag.lot == label.lot
        and (not label.serial or not bag.serial or bag.serial == label.serial)
        and (not label.gtin or not bag.gtin or bag.gtin == label.gtin)
    ]
    exact = [bag for bag in found if label.serial and bag.serial == label.serial] or found
    unused = [bag for bag in exact if not bag.used_in or bag.used_in == session] or exact
    return tuple([bag for bag in unused if bag.released_by] or unused)


def product_from(bag: Bag, lot: Lot, cell: SourceCell) -> Product:
    """What hangs when this bag does; who scanned it and whether it may be given is not said yet."""
    return Product(
        cell,
        lot.id,
        lot.expiry,
        gtin=bag.gtin or lot.gtin,
        serial=bag.serial,
        bag=bag.id,
        in_use_expiry=bag.thaw.in_use_until,
        concentration=lot.concentration,
        dose_billion=bag.dose_billion,
        volume_ml=bag.volume_ml,
        endotoxin_eu_ml=bag_endotoxin(bag, lot),
        label_patient=bag.label_patient,
        released_by=bag.released_by[-1] if bag.released_by else "",
    )


def bag_endotoxin(bag: Bag, lot: Lot) -> Decimal | None:
    """EU/mL in the bag, the product being diluted; None where the certificate does not say."""
    if lot.endotoxin_eu_ml is None or bag.volume_ml <= 0:
        return None
    return lot.endotoxin_eu_ml * bag.product_ml / bag.volume_ml


@dataclass(frozen=True, slots=True)
class LotUse:
    """One session that had the lot."""

    session: str
    bags: tuple[str, ...]
    at: datetime


def uses_of(uses: Mapping[str, Use], lot: str) -> tuple[LotUse, ...]:
    """Every session in which this lot was at a chair, newest first; entries that a correction took back do not count.

    Lots are compared without regard to case and outer blanks: on a recall one more is better than one less.
    """
    wanted = lot.strip().casefold()
    found: dict[str, LotUse] = {}
    for use in uses.values():
        if use.removed or use.lot.strip().casefold() != wanted:
            continue
        before = found.get(use.session)
        bags = (*(before.bags if before else ()), *((use.bag,) if use.bag else ()))
        found[use.session] = LotUse(use.session, bags, before.at if before else use.at.utc)
    return tuple(sorted(found.values(), key=lambda one: one.at, reverse=True))
