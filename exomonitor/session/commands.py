"""What a person may ask: each states the wanted state or fact; handlers turn it into events or refuse it in
one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from exomonitor.clinical.rates import RampStep
from exomonitor.clinical.reaction_report import Grading
from exomonitor.clock import Instant
from exomonitor.session.plan import SourceCell


@dataclass(frozen=True, slots=True)
class Command:
    """Addressed to a chair; `by` is the opaque id of the person, "" for a key that works before anybody signed in."""

    chair: str
    by: str


@dataclass(frozen=True, slots=True)
class OpenSession(Command):
    """Begin to prepare a session in this chair."""


@dataclass(frozen=True, slots=True)
class IdentifyPatient(Command):
    """Two identifiers at least: name, born (ISO date), mrn; `identifiers` are those that were checked, `how` is spoken,
    wristband or photo. The patient is found by `patient` (id), by the wristband, by the MRN alone, or by what is typed;
    who is typed and not known yet is registered. Allergies "" = as they stand in the record."""

    name: str = ""
    born: str = ""
    mrn: str = ""
    identifiers: tuple[str, ...] = ()
    allergies: str = ""
    reason: str = ""
    patient: str = ""
    wristband: str = ""
    how: str = ""
    infection_today: bool | None = None
    same_day_reason: str = ""
    proof: str = ""
    """A second person stands by, where another patient is written down after the start."""


@dataclass(frozen=True, slots=True)
class ConfirmPatient(Command):
    """After a restart: it is still the same patient in this chair."""


@dataclass(frozen=True, slots=True)
class EnterProduct(Command):
    """The bag at the chair: `raw` = the scan of its label, or `bag` = its id; else source cell, lot, expiry (ISO date)
    as typed, for which `proof` is a second person's."""

    source_cell: SourceCell | None = None
    lot: str = ""
    expiry: str = ""
    reason: str = ""
    raw: str = ""
    bag: str = ""
    proof: str = ""


@dataclass(frozen=True, slots=True)
class EnterOrder(Command):
    """Dose in billions, volume in mL, minutes; a dose, time or volume in the warning range needs `override_reason`.

    `prescriber_id`: one of the clinic's prescribers; `way`: how his order came (session.ordering.WAYS)."""

    dose_billion: Decimal
    volume_ml: Decimal
    minutes: Decimal
    ramp: tuple[RampStep, ...] = ()
    line_ml: Decimal = Decimal(0)
    first_dose: bool = True
    prescriber_id: str = ""
    premedication: str = ""
    override_reason: str = ""
    reason: str = ""
    source_cell: SourceCell | None = None
    indication: str = ""
    order_date: str = ""
    hydration: str = ""
    special_limits: str = ""
    override_proof: str = ""
    """The second person who takes what lies outside the usual range; a prescriber, for the endotoxin load."""
    way: str = ""
    prescriber_proof: str = ""
    """The prescriber's own, for an order that he signs here."""
    proof: str = ""
    """A second person stands by, where another order is entered after the start."""


@dataclass(frozen=True, slots=True)
class EnterLine(Command):
    """The IV access and the arms of cuff and probe; what was not looked at stays None or "".

    `inserted_by`: a user id; `placed_outside`: the patient came with it, somebody outside this clinic put it in."""

    site: str
    side: str
    gauge: str
    cuff_arm: str = ""
    spo2_site: str = ""
    reason: str = ""
    device: str = ""
    patent: bool | None = None
    dedicated: bool | None = None
    filter: str = ""
    inserted_by: str = ""
    inserted_ago_min: Decimal | None = None
    attempts: int | None = None
    phlebitis: int | None = None
    infiltration: int | None = None
    placed_outside: bool = False


@dataclass(frozen=True, slots=True)
class PinDevice(Command):
    """Read this device in that role in this session; key "" = none, values are typed."""

    role: str
    key: str
    source: str
    channel: str = ""
    model: str = ""
    serial: str = ""
    grade: str = ""


@dataclass(frozen=True, slots=True)
class OverrideGate(Command):
    """Accept that a gate stays open, with a reason: `proof` of whoever the clinic's table asks for; `alone`: nobody is
    there, which stands for a second person and never for the prescriber."""

    gate: str
    reason: str
    proof: str = ""
    alone: bool = False


@dataclass(frozen=True, slots=True)
class StartSession(Command):
    """Start the record: the infusion has begun (or the pump is being started now)."""

    rate_ml_h: Decimal | None = None
    """For a session without pump data: the rate on the pump's display."""


@dataclass(frozen=True, slots=True)
class TypeDelivery(Command):
    """Without pump data: from now on the pump runs at this rate (0 = stopped), as read from its display."""

    rate_ml_h: Decimal
    volume_infused_ml: Decimal | None = None


@dataclass(frozen=True, slots=True)
class GiveMeaning(Command):
    """Say what was done at the pump: meaning `pause`, `stop`, `resume`, `rate`; why is a code of the protocol."""

    meaning: str
    why: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class EndProduct(Command):
    """No more product is given: outcome `complete` or `stopped`, with the pump's total where no pump is read."""

    outcome: str
    why: str = ""
    volume_infused_ml: Decimal | None = None
    text: str = ""
    left_in_bag_ml: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RecordFlush(Command):
    """The line was flushed (mL, mL/h), or none is done and why. `primed` with `product` or `diluent`, "" = not said."""

    done: bool
    volume_ml: Decimal | None = None
    rate_ml_h: Decimal | None = None
    text: str = ""
    line_ml: Decimal | None = None
    primed: str = ""


@dataclass(frozen=True, slots=True)
class ValueEntry:
    """A value of a set as accepted by the nurse: number in canonical unit, its source and its age now in seconds."""

    value: Decimal
    source: str
    age_s: float = 0.0


@dataclass(frozen=True, slots=True)
class RecordObservation(Command):
    """One set; `values` by sign name (hr spo2 rr nibp_sys nibp_dia nibp_map temp). `observed` None = now."""

    slot: str
    values: Mapping[str, ValueEntry]
    consciousness: str = ""
    on_oxygen: bool | None = None
    symptoms: tuple[str, ...] = ()
    symptoms_asked: bool = False
    site_score: int | None = None
    fatigue: str = ""
    flu_like: str = ""
    hydration_ml: Decimal | None = None
    text: str = ""
    observed: Instant | None = None
    reason: str = ""
    oxygen_carried: bool = False
    infiltration: int | None = None
    not_taken: Mapping[str, str] = field(default_factory=dict)
    """Sign name -> why it has no value: refused, device_fault, not_indicated."""
    oxygen_l_min: Decimal | None = None
    """The flow, where oxygen is given."""


@dataclass(frozen=True, slots=True)
class MissObservation(Command):
    """A set was not done; why is a code."""

    slot: str
    why: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class OpenReaction(Command):
    """Stamp moment zero of a reaction."""


@dataclass(frozen=True, slots=True)
class DoReactionAction(Command):
    """One tap on an action of the open reaction."""

    reaction: str
    action: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class DetailReaction(Command):
    """Symptoms, CTCAE term and grade, actions, outcome: now or later; `resolved` True = it is closed: over, or with an
    outcome of NOT_OVER handed over."""

    reaction: str
    symptoms: tuple[str, ...] = ()
    term: str = ""
    grade: int | None = None
    actions: tuple[str, ...] = ()
    outcome: str = ""
    resolved: bool = False
    text: str = ""
    reason: str = ""
    more: tuple[Grading, ...] = ()
    present_grade: int | None = None
    causality: str = ""
    serious: tuple[str, ...] = ()
    response: str = ""
    rechallenge: str = ""
    photo_consent: str = ""


@dataclass(frozen=True, slots=True)
class AddNote(Command):
    """Free text."""

    text: str
    supersedes: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SignOff(Command):
    """Sign the record: the proof says who, just now, by PIN."""

    proof: str
    meaning: str = "performed and reviewed"


@dataclass(frozen=True, slots=True)
class AbandonSession(Command):
    """Close a prepared session that is not going to start."""

    why: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Acknowledge(Command):
    """Acknowledge one alarm condition by its key, or those that somebody has seen; with neither all that want it."""

    key: str = ""
    seen: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PauseAudio(Command):
    """Audio paused for 120 s."""
