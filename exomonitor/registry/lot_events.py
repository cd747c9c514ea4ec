"""What is said of lots and bags, as the journal keeps it: certificates, releases, quarantine, thaw records, bags."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from exomonitor.clinical.certificate import Certificate
from exomonitor.session.codec import private
from exomonitor.session.entry import RegistryEvent, recorded
from exomonitor.session.plan import SourceCell


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """One line as it was judged: verdict `pass`, `fail`, `pending`, `not on certificate` or `noted`; what follows:
    `none`, `reason`, `block` or `quarantine`."""

    key: str
    name: str
    verdict: str
    why: str
    consequence: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """How the lot came: who made it, from whose cells, in how many containers, how it travelled. None or "" = not
    recorded."""

    product: str = ""
    maker: str = ""
    certificate_id: str = ""
    containers: int | None = None
    shipping: str = ""
    temperature_log_ok: bool | None = None
    intact: bool | None = None
    received: str = ""
    donor: str = ""
    """`autologous`: made from the patient's own cells; `allogeneic`: from somebody else's."""


AUTOLOGOUS, ALLOGENEIC = "autologous", "allogeneic"
DONORS = (AUTOLOGOUS, ALLOGENEIC)
NOT_RECORDED = Receipt()


@recorded
@dataclass(frozen=True, slots=True)
class CertificateEntered(RegistryEvent):
    """A lot's certificate of analysis, with the lines as judged under `table` (name, version, hash).

    `raw`: the scan of the label, escaped; "" = typed, and then `second` has looked at it too. The newest one holds.
    """

    lot: str
    source_cell: SourceCell
    expiry: str
    certificate: Certificate
    lines: tuple[CertificateLine, ...]
    table: str
    gtin: str = ""
    receipt: Receipt = NOT_RECORDED
    instrument: str = ""
    count_date: str = ""
    raw: str = ""
    second: str = ""
    supersedes: int | None = None
    reason: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class LotReleased(RegistryEvent):
    """Two people released the lot: whoever asked, and `second`. `reason`: why in spite of what the lines say."""

    lot: str
    second: str
    reason: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class LotQuarantined(RegistryEvent):
    """The lot may not be used, and why."""

    lot: str
    reason: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class QuarantineLifted(RegistryEvent):
    """Two people lifted the quarantine; the lot is to be released anew."""

    lot: str
    second: str
    reason: str = private()


@dataclass(frozen=True, slots=True)
class ThawRecord:
    """The thaw of one container; times UTC, ISO 8601; "" or None = not recorded. storage_c in °C."""

    removed_at: str = ""
    complete_at: str = ""
    in_use_until: str = ""
    storage_c: Decimal | None = None
    method: str = ""
    cycles: int | None = None
    appearance_ok: bool | None = None
    appearance: str = ""
    temperature_log_ok: bool | None = None


NO_THAW = ThawRecord()


@recorded
@dataclass(frozen=True, slots=True)
class BagPrepared(RegistryEvent):
    """A bag was made: so many mL of product with diluent to `volume_ml`, holding `dose_billion`. `stopped`: why it may
    not be given, as far as its thaw says so; `second`: who agreed with `reason` that it may."""

    bag: str
    lot: str
    dose_billion: Decimal
    volume_ml: Decimal
    product_ml: Decimal
    thaw: ThawRecord
    gtin: str = ""
    serial: str = ""
    diluent: str = ""
    diluent_lot: str = ""
    labelled: bool = False
    raw: str = ""
    stopped: str = ""
    second: str = ""
    label_patient: str = private()
    reason: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class BagReleased(RegistryEvent):
    """Two people released the bag for the chair."""

    bag: str
    second: str


@recorded
@dataclass(frozen=True, slots=True)
class BagQuarantined(RegistryEvent):
    """This one bag may not be used, and why."""

    bag: str
    reason: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class BagReturned(RegistryEvent):
    """Two people gave the bag back to stock; it is to be released anew."""

    bag: str
    second: str
    reason: str = private()
