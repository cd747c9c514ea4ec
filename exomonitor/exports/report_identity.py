"""R1 of the report: whose record it is, of which dose of the course, and of which product."""

from __future__ import annotations

from exomonitor.clock import parse_utc
from exomonitor.exports.local_time import local
from exomonitor.exports.material import Material
from exomonitor.exports.report_facts import NOT_RECORDED, Fact, said
from exomonitor.exports.report_lost import as_known
from exomonitor.registry.counting import counting_note
from exomonitor.registry.lots import Bag, Lot
from exomonitor.session.endotoxin import load_of, unknown_why
from exomonitor.session.events import OrderEntered
from exomonitor.session.ordering import TELEPHONE, WRITTEN, way_words
from exomonitor.session.plan import AllergyState, Product, allergy_state_of
from exomonitor.units import rounded

_IDENTIFIER_WORDS = {"name": "name", "born": "date of birth", "mrn": "MRN"}
_HOW_WORDS = {
    "afterwards": "said afterwards",
    "spoken": "spoken by the patient",
    "wristband": "wristband",
    "photo": "photo id",
}
_ALLERGY_WORDS = {AllergyState.NONE_KNOWN: "none known", AllergyState.NOT_ASKED: "NOT ASKED"}


def identity(material: Material) -> list[Fact]:
    """R1, label by label; a fact that nobody recorded says so."""
    return as_known(material, _identity(material))


def _identity(material: Material) -> list[Fact]:
    state, order = material.state, material.state.order
    if state.is_emergency:
        return [("Study id", state.study_id), *_patient(material), *_opened(material)]
    return [
        ("Study id", state.study_id),
        *_patient(material),
        ("Dose of the course", _course(material)),
        ("Prescriber", _prescriber(material)),
        ("Indication", said(order.indication if order is not None else "")),
        *_product(material),
        *_opened(material),
    ]


def _opened(material: Material) -> list[Fact]:
    state = material.state
    opened = local(state.opened.utc, material.tz).strftime("%Y-%m-%d %H:%M")
    return [("Chair, phase", f"{state.chair}, {state.phase.value}, opened {opened}")]


def _prescriber(material: Material) -> str:
    """Who ordered, by name and id, and how the order came; records from before ids have the name alone."""
    order = material.state.order
    if order is None or not order.prescriber:
        return NOT_RECORDED
    if not order.prescriber_id:
        return said(order.prescriber)
    took = next((e.actor for e in reversed(material.entries) if isinstance(e.event, OrderEntered)), "")
    by = f" by {material.who(took)}" if order.way in {WRITTEN, TELEPHONE} else ""
    return f"{material.who(order.prescriber_id)}, {way_words(order.way)}{by}"


def _patient(material: Material) -> list[Fact]:
    patient = material.state.patient
    if patient is None:
        return [("Patient", NOT_RECORDED)]
    facts = [("Patient", "withheld (de-identified export)")]
    if material.identified:
        facts = [("Patient", patient.name), ("Born", said(patient.born)), ("MRN", said(patient.mrn))]
    kinds = " and ".join(_IDENTIFIER_WORDS.get(kind, kind) for kind in patient.identifiers) or NOT_RECORDED
    how = _HOW_WORDS.get(patient.how, patient.how)
    facts.append(("Identified by", f"{kinds} ({how})" if how else kinds))
    asked = AllergyState(patient.allergy_state) if patient.allergy_state else allergy_state_of(patient.allergies)
    facts.append(("Allergies", _ALLERGY_WORDS.get(asked) or said(patient.allergies)))
    weight = f"{patient.weight_kg.normalize():f} kg" if patient.weight_kg is not None else NOT_RECORDED
    facts.append(("Weight", weight))
    marks = [
        words
        for given, words in (
            (patient.beta_blocker, "beta blocker"),
            (patient.pregnant, "pregnant: NEWS2 not applicable"),
            (patient.scale2, "SpO₂ on NEWS2 scale 2"),
        )
        if given
    ]
    return [*facts, *([("Notes for the scores", ", ".join(marks))] if marks else [])]


def _course(material: Material) -> str:
    timed, order = material.state.course.timed, material.state.order
    if timed is None:
        if order is None:
            return NOT_RECORDED
        return "first dose" if order.first_dose else "later dose"
    phase = f"{timed.phase} phase" if timed.phase_set else "phase not set by a prescriber"
    window = f", window {timed.earliest} to {timed.latest}, {timed.verdict}" if timed.earliest else ""
    return f"session {timed.doses + 1} of this patient, {phase}{window}"


def _product(material: Material) -> list[Fact]:
    product = material.state.product
    if product is None:
        return [("Product", NOT_RECORDED)]
    registry = material.registry
    lot, bag = registry.lots.get(product.lot), registry.bags.get(product.bag)
    more = [container.product.lot for container in material.state.supply.containers]
    followed = f"; then {', '.join(more)}" if more else ""
    return [
        ("Product", f"{product.source_cell.value} exosomes{_name(lot)}"),
        ("Lot, expiry", f"{product.lot}, {product.expiry}{followed}"),
        ("Serial, bag", f"{said(product.serial)}, {said(product.bag)}"),
        ("In-use expiry", _moment(material, product.in_use_expiry)),
        ("Entered", _entered(material, product)),
        ("Thaw", _thaw(material, bag)),
        ("Certificate", _certificate(material, lot)),
        ("Particle count", _count(lot) + _counting(material, product)),
        ("Endotoxin", _endotoxin(material, product)),
    ]


def _endotoxin(material: Material, product: Product) -> str:
    """What the bag brings at the order's top rate, against the clinic's limit, and who accepted more."""
    state, limit = material.state, material.protocol.rules.certificate.content.endotoxin_limit_eu_kg_h
    if product.endotoxin_eu_ml is None:
        return NOT_RECORDED
    content = f"{rounded(product.endotoxin_eu_ml, 4).normalize():f} EU/mL in the bag"
    load = load_of(product, state.order, state.patient, limit)
    if load is None:
        return f"{content}; {unknown_why(product, state.patient) or 'no order: load not known'}"
    amount = rounded(load.eu_kg_h, 2) or "below 0.01"
    told = f"{content}; {amount} EU/kg/h at the top rate, limit {limit}"
    signer = state.order.endotoxin_by if state.order is not None else ""
    if load.ok:
        return told
    return f"{told}: ABOVE, " + (f"accepted by {material.who(signer)}" if signer else "accepted by nobody")


def _name(lot: Lot | None) -> str:
    if lot is None:
        return ""
    return "".join(f", {part}" for part in (lot.receipt.product, lot.receipt.maker) if part)


def _moment(material: Material, iso: str) -> str:
    return local(parse_utc(iso), material.tz).strftime("%Y-%m-%d %H:%M") if iso else NOT_RECORDED


def _entered(material: Material, product: Product) -> str:
    how = "scanned" if product.scanned else "typed"
    second = f", second person {material.who(product.second)}" if product.second else ""
    released = f", bag released by {material.who(product.released_by)}" if product.released_by else ""
    return how + second + released


def _thaw(material: Material, bag: Bag | None) -> str:
    if bag is None or not bag.thaw.complete_at:
        return NOT_RECORDED
    thaw = bag.thaw
    storage = f", stored at {thaw.storage_c.normalize():f} °C" if thaw.storage_c is not None else ""
    cycles = f", {thaw.cycles} freeze-thaw cycle{'' if thaw.cycles == 1 else 's'}" if thaw.cycles is not None else ""
    by = f", prepared by {material.who(bag.prepared_by)}" if bag.prepared_by else ""
    return f"complete {_moment(material, thaw.complete_at)}{storage}{cycles}{by}"


def _certificate(material: Material, lot: Lot | None) -> str:
    if lot is None or lot.certificate is None:
        return NOT_RECORDED
    passed = sum(line.verdict == "pass" for line in lot.lines)
    wrong = [line.name for line in (*lot.blocking, *lot.owed)]
    number = f"{lot.receipt.certificate_id}, " if lot.receipt.certificate_id else ""
    against = f", not passed: {', '.join(wrong)}" if wrong else ""
    released = " and ".join(material.who(one) for one in lot.released_by)
    return f"{number}{passed} of {len(lot.lines)} lines pass{against}" + (
        f", released by {released}" if released else ""
    )


def _counting(material: Material, product: Product) -> str:
    """A mark where the patient's earlier dose was counted by another method."""
    patient = material.state.patient
    note = counting_note(material.registry, patient.id if patient is not None else "", material.session, product.lot)
    return f". {note}" if note else ""


def _count(lot: Lot | None) -> str:
    if lot is None or lot.concentration is None:
        return NOT_RECORDED
    method = " ".join(part for part in (lot.count_method, lot.instrument, lot.count_date) if part)
    return f"{lot.concentration.normalize():f} billion/mL by {method or 'a method not recorded'}"
