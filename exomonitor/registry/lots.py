"""Lots and bags: certificates, release, quarantine, thaw, and which bag went to which session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from exomonitor.clinical.certificate import Certificate
from exomonitor.clock import Instant
from exomonitor.registry.lot_events import (
    NOT_RECORDED,
    BagPrepared,
    BagQuarantined,
    BagReleased,
    BagReturned,
    CertificateEntered,
    CertificateLine,
    LotQuarantined,
    LotReleased,
    QuarantineLifted,
    Receipt,
    ThawRecord,
)
from exomonitor.registry.table import RegistryTable
from exomonitor.session.entry import Entry
from exomonitor.session.events import ProductEntered, SessionAbandoned
from exomonitor.session.parts.supply import ContainerChanged
from exomonitor.session.plan import SourceCell


@dataclass(frozen=True, slots=True)
class Lot:
    """One lot as it stands. Without `certificate` nothing is known of it but that it is quarantined."""

    id: str
    source_cell: SourceCell | None = None
    expiry: str = ""
    gtin: str = ""
    certificate: Certificate | None = None
    lines: tuple[CertificateLine, ...] = ()
    table: str = ""
    receipt: Receipt = NOT_RECORDED
    instrument: str = ""
    count_date: str = ""
    typed_second: str = ""
    scanned: bool = False
    entered_by: str = ""
    entered_at: Instant | None = None
    certificate_seq: int | None = None
    quarantine: str = ""
    quarantined_at: Instant | None = None
    released_by: tuple[str, ...] = ()
    released_at: Instant | None = None

    @property
    def concentration(self) -> Decimal | None:
        """Billions of particles per mL, None where the certificate has no plain number."""
        return self._number("concentration")

    @property
    def endotoxin_eu_ml(self) -> Decimal | None:
        """EU/mL of the product; "below 0.05" counts as 0.05."""
        amount = self.certificate.numbers.get("endotoxin") if self.certificate is not None else None
        return amount.value if amount is not None else None

    @property
    def count_method(self) -> str:
        """How particles were counted."""
        return self.certificate.texts.get("count_method", "") if self.certificate is not None else ""

    @property
    def released(self) -> bool:
        """Whether it may be used as far as its papers go."""
        return bool(self.released_by) and not self.quarantine

    @property
    def blocking(self) -> tuple[CertificateLine, ...]:
        """The lines that forbid the release."""
        return tuple(line for line in self.lines if line.consequence in {"block", "quarantine"})

    @property
    def owed(self) -> tuple[CertificateLine, ...]:
        """The lines that need a reason."""
        return tuple(line for line in self.lines if line.consequence == "reason")

    def _number(self, key: str) -> Decimal | None:
        amount = self.certificate.numbers.get(key) if self.certificate is not None else None
        return amount.value if amount is not None and not amount.less_than else None


@dataclass(frozen=True, slots=True)
class Bag:
    """One prepared bag; `used_in` is the session that it hung in."""

    id: str
    lot: str
    dose_billion: Decimal
    volume_ml: Decimal
    product_ml: Decimal
    thaw: ThawRecord
    gtin: str = ""
    serial: str = ""
    diluent: str = ""
    diluent_lot: str = ""
    label_patient: str = ""
    labelled: bool = False
    stopped: str = ""
    prepared_by: str = ""
    prepared_at: Instant | None = None
    released_by: tuple[str, ...] = ()
    released_at: Instant | None = None
    used_in: str = ""
    quarantine: str = ""
    """Why this one bag may not be used, whatever its lot."""


@dataclass(frozen=True, slots=True)
class Use:
    """A lot that was at a chair: which session, which bag, when."""

    id: str
    lot: str
    session: str
    bag: str
    at: Instant
    by: str
    removed: bool = False
    """A correction took it back, or the session never began."""


# --- how it moves
# ----------------------------------------------------------------------------------------------------------------


def _certificate(lots: dict[str, Lot], entry: Entry, e: CertificateEntered) -> None:
    before = lots.get(e.lot)
    lots[e.lot] = Lot(
        id=e.lot,
        source_cell=e.source_cell,
        expiry=e.expiry,
        gtin=e.gtin,
        certificate=e.certificate,
        lines=e.lines,
        table=e.table,
        receipt=e.receipt,
        instrument=e.instrument,
        count_date=e.count_date,
        typed_second=e.second,
        scanned=bool(e.raw),
        entered_by=entry.actor,
        entered_at=entry.at,
        certificate_seq=entry.seq,
        quarantine=before.quarantine if before is not None else "",
        quarantined_at=before.quarantined_at if before is not None else None,
    )


def _quarantined(lots: dict[str, Lot], entry: Entry, e: LotQuarantined) -> None:
    lot = lots.get(e.lot) or Lot(e.lot)
    lots[e.lot] = replace(
        lot, quarantine=e.reason or "reason withheld", quarantined_at=entry.at, released_by=(), released_at=None
    )


def _lifted(lots: dict[str, Lot], _: Entry, e: QuarantineLifted) -> None:
    if e.lot in lots:
        lots[e.lot] = replace(lots[e.lot], quarantine="", quarantined_at=None)


def _released(lots: dict[str, Lot], entry: Entry, e: LotReleased) -> None:
    if e.lot in lots:
        lots[e.lot] = replace(lots[e.lot], released_by=(entry.actor, e.second), released_at=entry.at)


def _prepared(bags: dict[str, Bag], entry: Entry, e: BagPrepared) -> None:
    bags[e.bag] = Bag(
        e.bag, e.lot, e.dose_billion, e.volume_ml, e.product_ml, e.thaw, e.gtin, e.serial, e.diluent, e.diluent_lot,
        e.label_patient, e.labelled, e.stopped, entry.actor, entry.at,
    )  # fmt: skip


def _bag_released(bags: dict[str, Bag], entry: Entry, e: BagReleased) -> None:
    if e.bag in bags:
        bags[e.bag] = replace(bags[e.bag], released_by=(entry.actor, e.second), released_at=entry.at)


def _bag_quarantined(bags: dict[str, Bag], _: Entry, e: BagQuarantined) -> None:
    if e.bag in bags:
        bags[e.bag] = replace(bags[e.bag], quarantine=e.reason or "reason withheld", released_by=(), released_at=None)


def _bag_returned(bags: dict[str, Bag], _: Entry, e: BagReturned) -> None:
    if e.bag in bags:
        bags[e.bag] = replace(bags[e.bag], quarantine="")


def _entered(bags: dict[str, Bag], entry: Entry, e: ProductEntered) -> None:
    """The first container of a session: a correction frees the bag that was meant before."""
    for bag in [one for one in bags.values() if one.used_in == entry.session and one.id != e.bag]:
        bags[bag.id] = replace(bag, used_in="")
    _hung(bags, entry, e)


def _hung(bags: dict[str, Bag], entry: Entry, e: ProductEntered | ContainerChanged) -> None:
    if e.bag in bags:
        bags[e.bag] = replace(bags[e.bag], used_in=entry.session)


def _given_up(bags: dict[str, Bag], entry: Entry, _: SessionAbandoned) -> None:
    """The session never began: its bag was not spiked, and may hang elsewhere."""
    for bag in [one for one in bags.values() if one.used_in == entry.session]:
        bags[bag.id] = replace(bag, used_in="")


def _not_used(uses: dict[str, Use], entry: Entry, _: SessionAbandoned) -> None:
    for use in [one for one in uses.values() if one.session == entry.session]:
        uses[use.id] = replace(use, removed=True)


def _first_use(uses: dict[str, Use], entry: Entry, e: ProductEntered) -> None:
    for use in [one for one in uses.values() if one.session == entry.session]:
        uses[use.id] = replace(use, removed=True)
    _use(uses, entry, e)


def _use(uses: dict[str, Use], entry: Entry, e: ProductEntered | ContainerChanged) -> None:
    key = str(entry.seq)
    uses[key] = Use(key, e.lot, entry.session, e.bag, entry.at, entry.actor)


def _steps(made: Mapping[Any, Any]) -> Mapping[Any, Any]:
    return MappingProxyType(dict(made))


TABLE = RegistryTable(
    "lots",
    _steps(
        {
            CertificateEntered: _certificate,
            LotReleased: _released,
            LotQuarantined: _quarantined,
            QuarantineLifted: _lifted,
        }
    ),
)
BAGS = RegistryTable(
    "bags",
    _steps(
        {
            BagPrepared: _prepared,
            BagReleased: _bag_released,
            BagQuarantined: _bag_quarantined,
            BagReturned: _bag_returned,
            ProductEntered: _entered,
            ContainerChanged: _hung,
            SessionAbandoned: _given_up,
        }
    ),
)
USES = RegistryTable("uses", _steps({ProductEntered: _first_use, ContainerChanged: _use, SessionAbandoned: _not_used}))
