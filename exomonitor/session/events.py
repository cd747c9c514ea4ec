"""What people do in a session, as frozen data: appended once, never changed. Names and fields are the record's
format. Sets and reactions stand in observed_events and are named here too."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from exomonitor.clinical.rates import RampStep
from exomonitor.clock import Instant
from exomonitor.session.codec import private
from exomonitor.session.entry import Event, recorded
from exomonitor.session.observed_events import (
    ObservationMissed,
    ObservationRecorded,
    ObservedValue,
    ReactionAction,
    ReactionDetailed,
    ReactionOpened,
)
from exomonitor.session.phases import DeliverySource, Fluid
from exomonitor.session.plan import SourceCell

__all__ = [
    "DeliveryChanged",
    "DeviceBound",
    "FlushRecorded",
    "GateOverridden",
    "LineEntered",
    "MeaningGiven",
    "NoteAdded",
    "ObservationMissed",
    "ObservationRecorded",
    "ObservedValue",
    "OrderEntered",
    "PatientConfirmed",
    "PatientFactsTaken",
    "PatientIdentified",
    "ProductEnded",
    "ProductEntered",
    "ReactionAction",
    "ReactionDetailed",
    "ReactionOpened",
    "SessionAbandoned",
    "SessionOpened",
    "SessionSigned",
    "SessionStarted",
    "VolumeTyped",
]

# --- preparing
# ---------------------------------------------------------------------------------------------------------


@recorded
@dataclass(frozen=True, slots=True)
class SessionOpened(Event):
    """A session began to be prepared in a chair; the protocol is pinned by its hash. `kind` "emergency": no infusion is
    prepared, an emergency has happened (see parts/emergency_record.py)."""

    study_id: str
    chair: str
    simulated: bool
    protocol: str
    protocol_version: str
    protocol_sha256: str
    program: str
    rules_sha256: str = ""
    kind: str = ""
    late_entry_s: float = 300.0
    """What is entered longer (s) after it happened is a late entry: the clinic's rule when the session was opened."""


@recorded
@dataclass(frozen=True, slots=True)
class PatientIdentified(Event):
    """Two identifiers were checked. `how` they were: spoken by the patient, read from the wristband, from a photo id;
    the facts are those that stood in the patient's record at that moment, None where nobody has said."""

    identifiers: tuple[str, ...]
    name: str = private()
    born: str = private()
    mrn: str = private()
    allergies: str = private()
    supersedes: int | None = None
    reason: str = private()
    patient: str = ""
    how: str = ""
    allergy_state: str = ""
    weight_kg: Decimal | None = None
    beta_blocker: bool | None = None
    ace_inhibitor: bool | None = None
    asthma_copd: bool | None = None
    anticoagulant: bool | None = None
    pregnant: bool | None = None
    infection_today: bool | None = None
    scale2: bool = False
    same_day_reason: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class PatientFactsTaken(Event):
    """The patient's record was changed while the session is open: these facts hold from here on."""

    patient: str
    allergy_state: str = ""
    weight_kg: Decimal | None = None
    beta_blocker: bool | None = None
    ace_inhibitor: bool | None = None
    asthma_copd: bool | None = None
    anticoagulant: bool | None = None
    pregnant: bool | None = None
    scale2: bool = False
    name: str = private()
    born: str = private()
    mrn: str = private()
    allergies: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class PatientConfirmed(Event):
    """After a restart the nurse confirmed who is in the chair."""

    chair: str


@recorded
@dataclass(frozen=True, slots=True)
class ProductEntered(Event):
    """The bag at the chair; the fields are those of plan.Product."""

    source_cell: SourceCell
    lot: str
    expiry: str
    supersedes: int | None = None
    reason: str = private()
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


@recorded
@dataclass(frozen=True, slots=True)
class OrderEntered(Event):
    """Dose (billions of particles), volume (mL), minutes, ramp, and the volume of the line (mL)."""

    dose_billion: Decimal
    volume_ml: Decimal
    minutes: Decimal
    ramp: tuple[RampStep, ...] = ()
    line_ml: Decimal = Decimal(0)
    first_dose: bool = True
    prescriber: str = private()
    premedication: str = private()
    override_reason: str = private()
    supersedes: int | None = None
    reason: str = private()
    source_cell: SourceCell | None = None
    indication: str = private()
    order_date: str = ""
    hydration: str = private()
    special_limits: str = private()
    prescriber_id: str = ""
    confirmed_by: str = ""
    prescriber_signed: bool = False
    """Whether whoever confirmed what lies outside the usual range is a prescriber."""
    way: str = ""
    """How the order came: session.ordering.WAYS; "" in records from before that was asked."""
    endotoxin_eu_kg_h: Decimal | None = None
    """The load above the clinic's limit (EU/kg/h) that a prescriber accepted; None = nobody had to."""
    endotoxin_limit: Decimal | None = None
    endotoxin_by: str = ""


@recorded
@dataclass(frozen=True, slots=True)
class LineEntered(Event):
    """The IV access and where cuff and probe sit. `patent`: flushes without resistance and blood returns; `dedicated`:
    for the product alone; site scores are 0 to 4; None = nobody looked."""

    site: str
    side: str
    gauge: str
    cuff_arm: str = ""
    spo2_site: str = ""
    supersedes: int | None = None
    reason: str = private()
    device: str = ""
    patent: bool | None = None
    dedicated: bool | None = None
    filter: str = ""
    inserted_by: str = private()
    inserted: Instant | None = None
    attempts: int | None = None
    phlebitis: int | None = None
    infiltration: int | None = None
    placed_outside: bool = False
    """The patient came with it: somebody outside this clinic put it in."""


@recorded
@dataclass(frozen=True, slots=True)
class DeviceBound(Event):
    """A device (or, with key "", none) is what this session reads in that role."""

    role: str
    key: str
    source: str
    channel: str = ""
    model: str = ""
    serial: str = ""
    grade: str = ""


@recorded
@dataclass(frozen=True, slots=True)
class GateOverridden(Event):
    """Something that should be complete before the start was not, and why that was accepted."""

    gate: str
    reason: str = private()
    second: str = ""
    """Who signed for it; "" = one person alone."""
    alone: bool = False
    """It was said that nobody else is there: a single nurse."""
    prescriber_signed: bool = False


# --- infusing
# ----------------------------------------------------------------------------------------------------------


@recorded
@dataclass(frozen=True, slots=True)
class SessionStarted(Event):
    """The clock of the session began at `when`; by the nurse's key, or by the pump running on its own."""

    when: Instant
    by: DeliverySource
    gates_open: tuple[str, ...] = ()


@recorded
@dataclass(frozen=True, slots=True)
class DeliveryChanged(Event):
    """From `when` on the fluid runs at `rate_ml_h` (0 = it stands). `volume_infused_ml` is the pump's own total at that
    moment, or as it told it just before where it tells none (it was taken out), and `delivered_ml` the product given by
    then (counter resets and flush taken out); None where nobody told."""

    when: Instant
    fluid: Fluid
    rate_ml_h: float
    source: DeliverySource
    status: str
    volume_infused_ml: float | None = None
    delivered_ml: float | None = None
    vtbi_ml: float | None = None


@recorded
@dataclass(frozen=True, slots=True)
class VolumeTyped(Event):
    """The nurse read the pump's total (mL) from its display."""

    when: Instant
    volume_infused_ml: Decimal


@recorded
@dataclass(frozen=True, slots=True)
class MeaningGiven(Event):
    """The nurse said what a stop or pause at the pump was: `pause`, `stop`, `end`, `resume`, `rate`; `why` is
    a code, text is free."""

    meaning: str
    why: str
    when: Instant
    text: str = private()
    supersedes: int | None = None
    reason: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class ProductEnded(Event):
    """No more product will be given: `complete` (volume reached) or `stopped` (earlier), with the product
    given (mL)."""

    when: Instant
    outcome: str
    delivered_ml: float | None
    source: DeliverySource
    why: str = ""
    text: str = private()
    left_in_bag_ml: float | None = None


@recorded
@dataclass(frozen=True, slots=True)
class FlushRecorded(Event):
    """The flush ended at `when`, with `volume_ml` in all; or `done` False: no flush is done, and why.

    `line_ml` and `primed` (`product` or `diluent`): what the line holds and held first, where it was said at the flush.
    `too_fast`: the flush ran faster than the last product, which ran at `product_rate_ml_h`.
    """

    when: Instant
    done: bool
    volume_ml: float | None = None
    rate_ml_h: float | None = None
    source: DeliverySource = DeliverySource.TYPED
    text: str = private()
    line_ml: float | None = None
    primed: str = ""
    product_rate_ml_h: float | None = None
    too_fast: bool = False


# --- closing
# ---------------------------------------------------------------------------------------------------------


@recorded
@dataclass(frozen=True, slots=True)
class NoteAdded(Event):
    """Free text."""

    text: str = private()
    supersedes: int | None = None
    reason: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class SessionSigned(Event):
    """The nurse signed the record as it stood at `signed_hash` (the session's chain head)."""

    meaning: str
    signed_hash: str
    verdict: str
    name: str = private()
    user: str = ""
    role: str = ""


@recorded
@dataclass(frozen=True, slots=True)
class SessionAbandoned(Event):
    """Prepared but never started, and why."""

    why: str
    text: str = private()
