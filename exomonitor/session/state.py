"""The state of one session: what the fold of its journal entries has arrived at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from exomonitor.clock import Instant
from exomonitor.session.entry import Entry
from exomonitor.session.events import MeaningGiven, ObservationRecorded, ObservedValue, ReactionDetailed
from exomonitor.session.parts.alarm_limits import AlarmLimits
from exomonitor.session.parts.care import Care
from exomonitor.session.parts.changes import Changes
from exomonitor.session.parts.checks import Checks
from exomonitor.session.parts.corrections import Corrections
from exomonitor.session.parts.course import Course
from exomonitor.session.parts.device_check import DeviceChecks
from exomonitor.session.parts.double_check import DoubleCheck
from exomonitor.session.parts.emergency import Emergency
from exomonitor.session.parts.emergency_record import EMERGENCY, EmergencyRecord
from exomonitor.session.parts.handover import Handover
from exomonitor.session.parts.leaving import Leaving
from exomonitor.session.parts.supply import Supply
from exomonitor.session.parts.wristband import Wristbands
from exomonitor.session.phases import DeliverySource, Fluid, Phase
from exomonitor.session.plan import BoundDevice, Line, Order, Patient, Product


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time during which one fluid ran at one rate (mL/h, 0 = it stood), with the pump's counter at its beginning."""

    fluid: Fluid
    rate_ml_h: float
    began: Instant
    source: DeliverySource
    status: str
    counter_ml: float | None = None
    delivered_ml: float | None = None
    vtbi_ml: float | None = None

    @property
    def runs(self) -> bool:
        """Whether fluid moved."""
        return self.rate_ml_h > 0

    @property
    def runs_product(self) -> bool:
        """Whether it was product that moved."""
        return self.runs and self.fluid is Fluid.PRODUCT


@dataclass(frozen=True, slots=True)
class ObservationDone:
    """A set as it now stands: the entry's seq, who and when, and how many times it was amended."""

    seq: int
    recorded: Instant
    by: str
    event: ObservationRecorded
    amended: int = 0


@dataclass(frozen=True, slots=True)
class ActionDone:
    """One timed action in a reaction."""

    action: str
    when: Instant
    by: str
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Reaction:
    """One reaction from moment zero to its end."""

    id: str
    when: Instant
    kept_from: Instant
    minute: float | None
    rate_ml_h: float | None
    delivered_ml: float | None
    pump_status: str
    vitals: Mapping[str, ObservedValue]
    by: str
    actions: tuple[ActionDone, ...] = ()
    details: ReactionDetailed | None = None
    details_seq: int | None = None
    resolved: Instant | None = None
    handed_over: Instant | None = None

    @property
    def is_open(self) -> bool:
        """Whether it has been said neither to be over nor to be handed over."""
        return self.closed is None

    @property
    def closed(self) -> Instant | None:
        """When it was over, or handed over to others while it was not."""
        return self.resolved or self.handed_over

    @property
    def worst_grade(self) -> int | None:
        """The highest CTCAE grade of all its terms, None while it is not graded."""
        return self.details.worst_grade if self.details is not None else None


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without valid frames from a source."""

    source: str
    began: Instant
    ended: Instant
    seconds: float


@dataclass(frozen=True, slots=True)
class FlushDone:
    """The end of the flush, or that none was done."""

    when: Instant
    done: bool
    volume_ml: float | None
    rate_ml_h: float | None
    source: DeliverySource
    line_ml: float | None = None
    primed: str = ""
    too_fast: bool = False


@dataclass(frozen=True, slots=True)
class ProductEnd:
    """When and how the product ended, with the product given (mL)."""

    when: Instant
    outcome: str
    delivered_ml: float | None
    source: DeliverySource
    why: str
    left_in_bag_ml: float | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed what, and when."""

    name: str
    meaning: str
    when: Instant
    signed_hash: str
    verdict: str
    user: str = ""
    role: str = ""


_EMPTY: Mapping[str, ObservationDone] = MappingProxyType({})
_NONE_MISSED: Mapping[str, str] = MappingProxyType({})
_NO_DEVICES: Mapping[str, BoundDevice] = MappingProxyType({})
_NO_COUNTS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SessionState:
    """Everything that is true of a session. Built by fold.apply alone."""

    id: str
    study_id: str
    chair: str
    simulated: bool
    protocol: str
    protocol_version: str
    protocol_sha256: str
    program: str
    opened: Instant
    tz: str
    phase: Phase = Phase.PREPARE
    patient: Patient | None = None
    product: Product | None = None
    order: Order | None = None
    most_ordered_ml: float = 0.0
    """The largest volume (mL) that was ordered since the start: so much may hang."""
    order_override: str = ""
    order_override_signed: bool = False
    """Whether a prescriber signed for what lies outside the usual range."""
    line: Line | None = None
    devices: Mapping[str, BoundDevice] = field(default_factory=lambda: _NO_DEVICES)
    overrides: tuple[str, ...] = ()
    overrides_alone: tuple[str, ...] = ()
    """Of these gates, those that a single nurse accepted open."""
    overrides_signed: tuple[str, ...] = ()
    """Of these gates, those that a prescriber signed for."""
    started: Instant | None = None
    started_by: DeliverySource | None = None
    gates_open_at_start: tuple[str, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    typed_volume_ml: float | None = None
    typed_volume_at: Instant | None = None
    meanings: tuple[tuple[Instant, MeaningGiven], ...] = ()
    product_end: ProductEnd | None = None
    flush: FlushDone | None = None
    observations: Mapping[str, ObservationDone] = field(default_factory=lambda: _EMPTY)
    missed: Mapping[str, str] = field(default_factory=lambda: _NONE_MISSED)
    reactions: tuple[Reaction, ...] = ()
    notes: int = 0
    note_seqs: tuple[int, ...] = ()
    """The entries that are notes, corrected ones included: what a correction of a note may name."""
    gaps: tuple[Gap, ...] = ()
    resumed_gaps_s: tuple[float, ...] = ()
    alarms_raised: Mapping[str, int] = field(default_factory=lambda: _NO_COUNTS)
    """Alarm conditions that became active, counted by priority name."""
    readings: int = 0
    wave_seconds: int = 0
    amendments: int = 0
    signature: Signature | None = None
    course: Course = field(default_factory=Course)
    supply: Supply = field(default_factory=Supply)
    checks: Checks = field(default_factory=Checks)
    double_check: DoubleCheck = field(default_factory=DoubleCheck)
    care: Care = field(default_factory=Care)
    emergency: Emergency = field(default_factory=Emergency)
    leaving: Leaving = field(default_factory=Leaving)
    handover: Handover = field(default_factory=Handover)
    rules_sha256: str = ""
    """One hash over the clinic's tables that the session was opened with; "" = opened before they were pinned."""
    corrections: Corrections = field(default_factory=Corrections)
    alarm_limits: AlarmLimits = field(default_factory=AlarmLimits)
    wristbands: Wristbands = field(default_factory=Wristbands)
    device_checks: DeviceChecks = field(default_factory=DeviceChecks)
    kind: str = ""
    """`emergency` = a record of an emergency without an infusion."""
    late_entry_s: float = 300.0
    emergency_record: EmergencyRecord = field(default_factory=EmergencyRecord)
    changes: Changes = field(default_factory=Changes)
    history: tuple[Entry, ...] = field(default=(), repr=False, compare=False)
    """Every entry but those about stored batches: what a void is reckoned from."""
    last_at: Instant | None = None
    last_seq: int = 0
    head: str = ""
    """Hash of the session's newest entry."""
    lost: int = 0
    """How many of its entries cannot be read: what is reckoned from the others is not known to be all."""

    @property
    def delivery(self) -> Stretch | None:
        """What the delivery is doing now, as far as the record knows."""
        return self.stretches[-1] if self.stretches else None

    @property
    def end(self) -> Instant | None:
        """The end that the schedule counts from: end of flush, or of product where no flush is done."""
        if self.flush is not None:
            return self.flush.when if self.flush.done or self.product_end is None else self.product_end.when
        return None

    @property
    def is_emergency(self) -> bool:
        """Whether this is a record of an emergency: no order, no product, no infusion."""
        return self.kind == EMERGENCY

    @property
    def open_reaction(self) -> Reaction | None:
        """The newest reaction that is not over."""
        return next((r for r in reversed(self.reactions) if r.is_open), None)

    @property
    def may_hand_over(self) -> bool:
        """Whether a reaction that is not over may be closed: the infusion has ended, or others have the patient."""
        return self.is_emergency or self.phase is Phase.OBSERVE or self.leaving.left is not None

    @property
    def reads_pump(self) -> bool:
        """Whether a pump is read in this session, so that delivery is not typed."""
        device = self.devices.get("pump")
        return device is not None and bool(device.key)

    def with_reaction(self, reaction: Reaction) -> SessionState:
        """The state with this reaction in place of the one of the same id."""
        kept = tuple(reaction if r.id == reaction.id else r for r in self.reactions)
        return replace(self, reactions=kept)

    def reaction(self, reaction_id: str) -> Reaction | None:
        """The reaction with that id, or None."""
        return next((r for r in self.reactions if r.id == reaction_id), None)
