"""What the screen may know: one frozen picture of a chair, made by the engine, rendered by pages that know
nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.manager import AlarmView
from exomonitor.alarms.why_silent import AlarmPicture
from exomonitor.clinical.hemodynamics import Indices
from exomonitor.clinical.observations import DEFAULT_SCHEDULE, ObservationSchedule, Slot, SlotStatus
from exomonitor.clock import Instant
from exomonitor.computer import Computer
from exomonitor.engine.alarm_basis import OwnLimit
from exomonitor.registry.registry import Registry
from exomonitor.session.checklist import Gate
from exomonitor.session.entry import Entry
from exomonitor.session.state import SessionState
from exomonitor.session.timing import Progress
from exomonitor.settings import Seat
from exomonitor.signals.links import LinkChange
from exomonitor.signals.pump import PumpReading
from exomonitor.signals.vitals import Sign, VitalReading


@dataclass(frozen=True, slots=True)
class Live:
    """The last thing a source said of one sign; `stale` = older than the source's limit, `lost` = beyond its
    lost limit or link gone.

    A widget shows `reading.value` only when neither is true; age_s counts from when the value was true of the patient.
    """

    reading: VitalReading
    age_s: float
    stale: bool
    lost: bool
    high: float | None = None
    low: float | None = None
    baseline: float | None = None


@dataclass(frozen=True, slots=True)
class LivePump:
    """The pump's last words, how old they are, and what it cannot report."""

    reading: PumpReading
    age_s: float
    stale: bool
    lost: bool
    never_reports: tuple[str, ...] = ()
    name: str = ""
    silent: bool = False
    """Whether its link tells of other pumps and no more of this one."""


@dataclass(frozen=True, slots=True)
class SlotView:
    """One observation set of the schedule."""

    slot: Slot
    status: SlotStatus
    due_in_s: float
    due_at: Instant | None


@dataclass(frozen=True, slots=True)
class LinkView:
    """One bound device: its last link report and what the chair calls it."""

    role: str
    key: str
    name: str
    change: LinkChange
    age_s: float | None
    interval_s: float = 0.0
    """Usual seconds between two reports: part of how late an alarm may be (alarms/delays.py); 0 = not said."""
    averaging_s: float | None = None
    """The longest that the device averages over, the other part; None = its maker does not say."""


@dataclass(frozen=True, slots=True)
class AudioView:
    """Whether alarms can be heard: `ok`, or why not; `paused_until` while audio is paused; `sounding` = what
    is heard now; `owner` = the chair that sounds, where there are several."""

    ok: bool = False
    why: str = "no sound device"
    paused_until: Instant | None = None
    sounding: Priority | None = None
    owner: str = ""
    escalated: bool = False
    """Nobody has answered for too long: as loud as can be, and large on the screen beside vitals and pump."""
    told: bool = False
    """Whether the sounder has said anything yet; without it nothing is known, neither that alarms cannot be heard."""

    @property
    def known_silent(self) -> str:
        """Why alarms cannot be heard, "" where they can or where nobody knows."""
        return self.why if self.told and not self.ok else ""


@dataclass(frozen=True, slots=True)
class OtherPlace:
    """Another chair or lounge place of this station: who is there, and whether something alarms there."""

    name: str
    patient: str
    urgent: bool
    alarms: tuple[AlarmView, ...] = ()
    """What alarms there, where the station watches several chairs; with one chair a lounge alarms in the chair."""


@dataclass(frozen=True, slots=True)
class RecordView:
    """Whether the record is being kept: the last commit, or the fault that stops it."""

    saved_at: Instant | None = None
    fault: str = ""


_NO_SIGNS: Mapping[Sign, Live] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One chair at `now`. `beat` grows with every engine turn: a screen whose beat stands still is frozen."""

    chair: str
    now: Instant
    beat: int
    simulated: bool
    session: SessionState | None = None
    progress: Progress | None = None
    vitals: Mapping[Sign, Live] = field(default_factory=lambda: _NO_SIGNS)
    pump: LivePump | None = None
    other_pumps: tuple[LivePump, ...] = ()
    links: tuple[LinkView, ...] = ()
    alarms: tuple[AlarmView, ...] = ()
    slots: tuple[SlotView, ...] = ()
    next_slot: SlotView | None = None
    next_line: str = ""
    gates: tuple[Gate, ...] = ()
    log: tuple[Entry, ...] = ()
    """The newest journal entries worth a line, newest last (session/narrative.py makes sentences of them)."""
    audio: AudioView = AudioView()
    record: RecordView = RecordView()
    staff: str = ""
    staff_id: str = ""
    pressure_asked: str = ""
    """Why another pressure is wanted now, before any set is due (engine/pressure_asked.py); "" = none is."""
    questions: tuple[str, ...] = ()
    """What the pump did that nobody has explained yet: `stopped`, `rate`, `ended`, `resumed`."""
    resume_offer: str = ""
    """Set after a restart: the question `Still DOE, Jane in chair 4?` until it is answered."""
    registry: Registry = field(default_factory=Registry)
    indices: Indices | None = None
    """MAP and shock index of the newest pressure that was measured; shown, never sounded."""
    worst: Mapping[str, Decimal] = field(default_factory=dict)
    """Extremes of the readings since moment zero of the last reaction, by sign and end (`spo2_min`)."""
    others: tuple[OtherPlace, ...] = ()
    """The other places of this station."""
    chairs: tuple[Seat, ...] = ()
    """All chairs of this station, where there are several."""
    not_shown: tuple[str, ...] = ()
    """Chairs that another station watches."""
    limits_changed: tuple[OwnLimit, ...] = ()
    """Alarm limits of this patient's own: a banner while there are any."""
    limits_offered: Mapping[str, int] = field(default_factory=dict)
    """Limits that the baseline asks for, by key: offered, not set."""
    alarm_picture: AlarmPicture = field(default_factory=AlarmPicture)
    """All conditions, pending ones too, with what holds or pauses them (alarms/why_silent.py)."""
    why_silent: Mapping[str, str] = field(default_factory=dict)
    """By condition the sentence that says why it is not heard; "" = it is."""
    computer: Computer = field(default_factory=Computer)
    """Disk and mains of this computer, as far as it tells."""
    schedule: ObservationSchedule = DEFAULT_SCHEDULE
    """The clinic's rules for sets: what counts for one, and how old it may be."""
    locked: bool = False
    """The screen was left alone: identity is hidden until somebody signs in (engine/locked.py)."""
    unnamed: bool = False
    """Whoever is at work sees no names (a research sign-in): there are none in this picture (engine/unnamed.py)."""
    wristband: str = ""
    """Not "" = the page came back to this chair and nobody has looked at the wristband since."""
