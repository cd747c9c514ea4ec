"""Handlers of the bags at the chair: what is scanned or typed there, the prepared dose, the next container."""

from __future__ import annotations

from dataclasses import replace

from exomonitor.clinical.dosing import check_prepared
from exomonitor.clinical.gs1 import Label, escaped
from exomonitor.clinical.ranges import DoseVerdict
from exomonitor.engine.handlers_prepare import LATEST, MIN_REASON
from exomonitor.engine.parts import bag_stops, changes, lots
from exomonitor.engine.parts.lots import iso_date, read_label, second_person
from exomonitor.engine.situation import Decision, Handler, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.registry.lots import Bag
from exomonitor.registry.shelf import bag_stop, bags_of, lot_stop, product_from
from exomonitor.registry.users import PRESCRIBER
from exomonitor.session.commands import Command, EnterProduct
from exomonitor.session.events import ProductEntered
from exomonitor.session.parts.changes import BAG, bag_changes, container_changes
from exomonitor.session.parts.supply import (
    AcceptPreparedDose,
    ChangeContainer,
    ContainerChanged,
    PreparedDoseAccepted,
    bag_fields,
    expired_why,
    hanging,
    labelled_for,
)
from exomonitor.session.phases import Phase
from exomonitor.session.plan import Product, SourceCell
from exomonitor.session.state import SessionState


def enter_product(at: Situation, c: EnterProduct) -> Decision:
    """The bag as scanned or typed; one that may not be given is recorded, and its gate stays open."""
    state = at.session()
    product = _bag_at_chair(at, c, state)
    is_correction = state.product is not None and state.phase is not Phase.PREPARE
    if is_correction:
        need_text(c.reason, "The reason for the correction", MIN_REASON)
    supersedes = LATEST if is_correction else None
    entered = ProductEntered(**bag_fields(product), supersedes=supersedes, reason=c.reason)
    fields = bag_changes(state.product, product)
    return Decision((entered, *changes.changed(at, state, BAG, fields, c.by, c.proof, c.reason)))


def change_container(at: Situation, c: ChangeContainer) -> Decision:
    """The next container of the same order; what does not match takes two people and a reason."""
    state = at.started()
    if state.product_end is not None:
        raise CommandRefused("The product has ended: no container follows")
    product = _bag_at_chair(at, c, state)
    before = hanging(state.product, state.supply)
    if product.bag and before is not None and before.bag == product.bag:
        raise CommandRefused(f"Bag {product.bag} hangs already")
    differs = _differs(at, state, product)
    if differs and not ((c.proof or c.alone) and c.reason.strip()):
        raise CommandRefused(f"This container does not match: {'; '.join(differs)}. A second person and a reason")
    if differs:
        need_text(c.reason, "The reason", MIN_REASON)
    given, _ = at.given_by_now(state)
    changed = ContainerChanged(
        **bag_fields(product),
        when=at.now,
        delivered_ml=None if given is None else round(given, 3),
        differs=differs,
        reason=c.reason.strip(),
    )
    news = changes.changed(at, state, BAG, container_changes(before, product), c.by, c.proof, c.reason)
    return Decision((changed, *news))


def _differs(at: Situation, state: SessionState, product: Product) -> tuple[str, ...]:
    """In what the next container is not what this patient and this order call for."""
    first, patient = state.product, state.patient
    found = []
    if first is not None and product.lot != first.lot:
        found.append(f"lot {product.lot}, the first was {first.lot}")
    if first is not None and product.source_cell is not first.source_cell:
        found.append(f"{product.source_cell} exosomes, the first were {first.source_cell}")
    if patient is not None and product.label_patient and not labelled_for(product.label_patient, patient):
        found.append("it is labelled for another patient")
    if not product.scanned and not product.second and at.protocol.rules.certificate.content.supply.typed_needs_second:
        found.append("typed by hand")
    found += [why for why in (product.stopped, expired_why(product, at.now.utc)) if why]
    return tuple(found)


def accept_prepared_dose(at: Situation, c: AcceptPreparedDose) -> Decision:
    """A bag that is 10 to 20 % off the order; beyond that it is not the ordered dose."""
    state = at.session()
    product, order = state.product, state.order
    if product is None or product.dose_billion is None or order is None:
        raise CommandRefused("There is no prepared dose to compare with an order")
    check = check_prepared(order.dose_billion, product.dose_billion)
    if check.verdict is DoseVerdict.OK:
        raise CommandRefused("The prepared dose is the ordered one: nothing is to be accepted")
    if check.verdict is DoseVerdict.REJECT:
        raise CommandRefused(f"{check.message}: prepare another bag, or have the order changed")
    reason = need_text(c.reason, "The reason", MIN_REASON)
    second = second_person(at, c.proof, c.by)
    by_prescriber = at.signed_by(c.proof, PRESCRIBER)
    accepted = PreparedDoseAccepted(product.dose_billion, order.dose_billion, second, reason, by_prescriber)
    return Decision((accepted,))


# --- which bag it is
# ----------------------------------------------------------------------------------------------------------------


def _bag_at_chair(at: Situation, c: EnterProduct | ChangeContainer, state: SessionState) -> Product:
    """The bag with everything that the clinic's list knows of it, and why it may not be given where that is so."""
    own = at.registry.bags.get((c.bag or c.raw).strip().upper())
    if c.bag and own is None:
        raise CommandRefused(f"There is no bag {c.bag.strip()}")
    label = read_label(at, c.raw) if c.raw and own is None else None
    bag = own or (_scanned_bag(at, label, state.id) if label is not None else None)
    product = _from_list(at, bag, c, state.id) if bag is not None else _from_label(at, label, c)
    second = second_person(at, c.proof, c.by) if c.proof else ""
    return replace(product, scanned=bool(c.raw), raw=escaped(c.raw), second=second)


def _scanned_bag(at: Situation, label: Label, session: str) -> Bag | None:
    found = bags_of(at.registry.bags, label, session)
    if len(found) > 1:
        names = ", ".join(bag.id for bag in found[:4])
        raise CommandRefused(f"{len(found)} bags of lot {label.lot} are ready ({names}): scan the bag's own code")
    return found[0] if found else None


def _from_list(at: Situation, bag: Bag, c: EnterProduct | ChangeContainer, session: str) -> Product:
    lot = at.registry.lots[bag.lot]
    cell = _cell(lot.source_cell, c.source_cell, lot.id)
    if c.lot.strip() not in {"", lot.id}:
        raise CommandRefused(f"Bag {bag.id} is of lot {lot.id}, not {c.lot.strip()}")
    return replace(product_from(bag, lot, cell), stopped=bag_stop(bag, lot, session))


def _from_label(at: Situation, label: Label | None, c: EnterProduct | ChangeContainer) -> Product:
    """A bag that was not prepared here: as its label says, or as typed."""
    if label is None:
        name, expiry = need_text(c.lot, "The lot"), iso_date(c.expiry, "Expiry")
    else:
        name, expiry = label.lot or "", label.expiry.isoformat() if label.expiry else ""
        if c.lot.strip() not in {"", name}:
            raise CommandRefused(f"The scan says lot {name}, not {c.lot.strip()}")
    lot = at.registry.lots.get(name)
    cell = _cell(lot.source_cell if lot is not None else None, c.source_cell, name)
    return Product(
        cell,
        name,
        expiry,
        gtin=(label.gtin or "") if label is not None else "",
        serial=(label.serial or "") if label is not None else "",
        concentration=lot.concentration if lot is not None else None,
        stopped=lot_stop(lot),
    )


def _cell(known: SourceCell | None, said: SourceCell | None, lot: str) -> SourceCell:
    if known is not None and said is not None and known is not said:
        raise CommandRefused(f"Lot {lot} holds {known} exosomes, not {said}")
    cell = known or said
    if cell is None:
        raise CommandRefused("Choose what the exosomes come from: MSC or dendritic cell")
    return cell


HANDLERS: dict[type[Command], Handler] = {
    EnterProduct: enter_product,
    ChangeContainer: change_container,
    AcceptPreparedDose: accept_prepared_dose,
    **lots.HANDLERS,
    **bag_stops.HANDLERS,
}
