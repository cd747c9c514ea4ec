"""Words of lots, certificates and bags. No widget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from exomonitor.clinical.gs1 import Label
from exomonitor.clock import Instant, parse_utc
from exomonitor.registry.lot_events import ALLOGENEIC, AUTOLOGOUS
from exomonitor.registry.lots import Bag, Lot
from exomonitor.registry.recall import Recalled
from exomonitor.registry.registry import Registry
from exomonitor.registry.shelf import bag_stop
from exomonitor.session.plan import Product
from exomonitor.units import rounded

DONOR_WORDS = {AUTOLOGOUS: "of the patient (autologous)", ALLOGENEIC: "of a donor (allogeneic)"}
QUARANTINE, RELEASED, BLOCKED, READY, BARE, EXPIRED = (
    "in quarantine",
    "released",
    "cannot be released",
    "to be released",
    "no certificate",
    "expired",
)


@dataclass(frozen=True, slots=True)
class LotRow:
    """One line of the list of lots."""

    id: str
    cell: str
    expiry: str
    state: str
    bags: str


def lot_state(lot: Lot, today: date) -> str:
    """One word or two: how the lot stands."""
    if lot.quarantine:
        return QUARANTINE
    if lot.certificate is None:
        return BARE
    if date.fromisoformat(lot.expiry) < today:
        return EXPIRED
    if lot.released_by:
        return RELEASED
    return BLOCKED if lot.blocking else READY


def lot_rows(registry: Registry, today: date) -> tuple[LotRow, ...]:
    """All lots, those that were entered last first."""
    newest = sorted(registry.lots.values(), key=_entered, reverse=True)
    return tuple(
        LotRow(
            lot.id,
            lot.source_cell.value if lot.source_cell is not None else "--",
            lot.expiry or "--",
            f"{QUARANTINE}: {lot.quarantine}" if lot.quarantine else lot_state(lot, today),
            str(sum(1 for bag in registry.bags.values() if bag.lot == lot.id)),
        )
        for lot in newest
    )


def _entered(lot: Lot) -> datetime:
    at = lot.entered_at or lot.quarantined_at
    assert at is not None  # a lot is on the list because something was entered
    return at.utc


def lot_facts(lot: Lot, registry: Registry, today: date) -> tuple[tuple[str, str], ...]:
    """What the card of a lot says: label and value."""
    facts = [
        ("Source", f"{lot.source_cell.value} exosomes" if lot.source_cell is not None else "not recorded"),
        ("Made from cells", DONOR_WORDS.get(lot.receipt.donor, "whose: not recorded")),
        ("Expires", lot.expiry or "not recorded"),
        ("Product code", lot.gtin or "not recorded"),
        ("Concentration", amount(lot.concentration, "billion/mL")),
        ("Counted by", " · ".join(part for part in (lot.count_method, lot.instrument, lot.count_date) if part) or "--"),
        ("Endotoxin", amount(lot.endotoxin_eu_ml, "EU/mL")),
        ("Maker", lot.receipt.maker or "not recorded"),
        ("Certificate", lot.receipt.certificate_id or "not recorded"),
        ("State", lot_state(lot, today)),
    ]
    if lot.released_by and lot.released_at is not None:
        facts.append(("Released", f"{stamp(lot.released_at)} by {names(lot.released_by, registry)}"))
    return tuple(facts)


def amount(number: Decimal | None, unit: str) -> str:
    """`2.0 billion/mL`, or that it is not recorded."""
    return "not recorded" if number is None else f"{number:f} {unit}"


def stamp(at: Instant) -> str:
    """`2026-03-02 14:04`, on the clock of the wall."""
    return f"{at.utc.astimezone():%Y-%m-%d %H:%M}"


def names(users: Iterable[str], registry: Registry) -> str:
    """People's names, or their ids where they are not known."""
    return " and ".join(name_of(user, registry) for user in users)


def name_of(user: str, registry: Registry) -> str:
    """A person's name, or the id where it is not known."""
    known = registry.users.get(user)
    return known.name if known is not None and known.name else user


@dataclass(frozen=True, slots=True)
class BagRow:
    """One bag of a lot, and whether it can be released now."""

    id: str
    words: str
    state: str
    may_release: bool
    may_stop: bool = True
    may_return: bool = False
    """It is in quarantine and has not hung: two people may give it back to stock."""


def bag_rows(registry: Registry, lot: str) -> tuple[BagRow, ...]:
    """The bags of a lot, newest first."""
    mine = [bag for bag in registry.bags.values() if bag.lot == lot]
    mine.sort(key=lambda bag: bag.prepared_at.iso() if bag.prepared_at is not None else "", reverse=True)
    return tuple(_bag_row(bag, registry) for bag in mine)


def _bag_row(bag: Bag, registry: Registry) -> BagRow:
    words = f"{bag.dose_billion.normalize():f} billion in {bag.volume_ml.normalize():f} mL"
    if bag.serial:
        words += f" · serial {bag.serial}"
    if bag.thaw.in_use_until:
        words += f" · use until {clock_of(bag.thaw.in_use_until)}"
    stop = bag_stop(bag, registry.lots.get(bag.lot))
    if bag.quarantine:
        state = f"IN QUARANTINE: {bag.quarantine}" + (" · hung in a session" if bag.used_in else "")
    elif bag.used_in:
        state = "hung in a session"
    elif bag.stopped:
        state = f"NOT TO BE USED: {bag.stopped}"
    elif bag.released_by:
        state = stop or f"released by {names(bag.released_by, registry)}"
    else:
        state = "to be released" if bag.labelled and bag.label_patient else "its label is missing"
    waits = not (bag.released_by or bag.used_in or bag.stopped or bag.quarantine)
    ready = waits and bag.labelled and bool(bag.label_patient)
    back = bool(bag.quarantine) and not bag.used_in
    return BagRow(bag.id, words, state, ready, may_stop=not bag.quarantine, may_return=back)


def clock_of(iso: str) -> str:
    """`18:05` of a time in UTC, on the clock of the wall; with its date where that is another day's."""
    return f"{parse_utc(iso).astimezone():%Y-%m-%d %H:%M}"


def ahead(text: str, now: datetime) -> datetime | None:
    """The next moment at which the clock on the wall will show `hh:mm`, or a date and time typed in full."""
    typed = text.strip()
    try:
        local = datetime.fromisoformat(typed) if len(typed) > len("00:00") else None
        if local is None:
            hour, _, minute = typed.partition(":")
            local = now.astimezone().replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
            if local <= now:
                local += timedelta(days=1)
    except ValueError:
        return None
    return local.astimezone(now.tzinfo)


def bag_content(lot: Lot, product_ml: Decimal | None, volume_ml: Decimal | None) -> str:
    """What drawing so much makes: dose, its concentration in the bag, and how much diluent."""
    if lot.concentration is None:
        return "The concentration of this lot is not known"
    if product_ml is None or volume_ml is None or not 0 < product_ml <= volume_ml:
        return f"Lot {lot.id}: {lot.concentration.normalize():f} billion/mL"
    dose = product_ml * lot.concentration
    parts = [
        f"{rounded(dose, 2)} billion particles in {volume_ml.normalize():f} mL",
        f"{product_ml.normalize():f} mL product + {(volume_ml - product_ml).normalize():f} mL diluent",
        f"{rounded(dose * 1000 / volume_ml, 1)} million/mL",
    ]
    if lot.endotoxin_eu_ml is not None:
        parts.append(f"endotoxin {rounded(lot.endotoxin_eu_ml * product_ml / volume_ml, 4).normalize():f} EU/mL")
    return " · ".join(parts)


def label_words(label: Label) -> str:
    """What was scanned, in one line."""
    parts = [f"lot {label.lot}", f"expires {label.expiry}"]
    if label.serial:
        parts.append(f"serial {label.serial}")
    if label.gtin:
        parts.append(f"product code {label.gtin}")
    return ", ".join(parts)


def product_words(product: Product, registry: Registry) -> tuple[str, str]:
    """The dashed box at the chair: the bag in bold, and what else is known of it."""
    head = f"{product.source_cell.value} exosomes, lot {product.lot}, expires {product.expiry}"
    more = []
    if product.dose_billion is not None and product.volume_ml is not None:
        more.append(f"{product.dose_billion.normalize():f} billion in {product.volume_ml.normalize():f} mL")
    if product.concentration is not None:
        more.append(f"lot {product.concentration.normalize():f} billion/mL")
    if product.in_use_expiry:
        more.append(f"use until {clock_of(product.in_use_expiry)}")
    if product.released_by:
        more.append(f"released by {name_of(product.released_by, registry)}")
    if product.second:
        more.append(f"checked by {name_of(product.second, registry)}")
    if not product.scanned:
        more.append("not scanned")
    return head, " · ".join(more)


RECALL_COLUMNS = ("Session", "Patient", "MRN", "Phone", "Bag entered", "Given")


def recall_words(found: Sequence[Recalled]) -> tuple[tuple[str, ...], ...]:
    """The rows of the recall list."""
    return tuple(
        (
            one.study_id or one.session,
            one.name or "--",
            one.mrn or "--",
            one.phone or "--",
            f"{one.at.astimezone():%Y-%m-%d %H:%M}",
            "yes" if one.started else "not started",
        )
        for one in found
    )


def recall_head(lot: str, found: Sequence[Recalled]) -> str:
    """How many had it."""
    patients = len({one.patient or one.session for one in found})
    if not found:
        return f"Lot {lot}: nobody had it"
    visits = "1 session" if len(found) == 1 else f"{len(found)} sessions"
    return f"Lot {lot}: {visits}, {patients} patient{'' if patients == 1 else 's'}"


Marked = Mapping[str, bool | None]
"""Marker -> seen (True), tested and not seen (False), not on the certificate (None)."""


def next_mark(seen: bool | None) -> bool | None:
    """What one more tap makes of a marker: not on certificate, present, absent."""
    return {None: True, True: False, False: None}[seen]


def mark_words(name: str, seen: bool | None) -> str:
    """`CD63 ✓`, `CD63 absent`, or the bare name where the certificate says nothing of it."""
    return name if seen is None else f"{name}\npresent" if seen else f"{name}\nabsent"
