"""What the program and the devices add to the record by themselves: registries, alarms, links, gaps, stored batches."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.clock import Instant
from exomonitor.session.codec import private
from exomonitor.session.entry import Event, RegistryEvent, recorded

# --- the database and the people
# ---------------------------------------------------------------------------------------


@recorded
@dataclass(frozen=True, slots=True)
class DatabaseCreated(Event):
    """The first row of every journal."""

    database_id: str
    program: str
    simulated: bool
    public_key: str = ""
    """Of the workstation that signs here; "" = made by a program without one."""


@recorded
@dataclass(frozen=True, slots=True)
class RefusedKept(Event):
    """Entries that people and machines were told were not recorded, because the disk failed, turned out to be there."""

    first_seq: int
    last_seq: int


@recorded
@dataclass(frozen=True, slots=True)
class RecordRecovered(Event):
    """This database was put together from the undamaged pages of a damaged one; what was lost, as far as is known.
    `end_known`: False = more may have followed, for which numbers are left free before this entry; `unknown_batches`:
    batches of readings or waves that no entry which is left tells of."""

    entries_lost: int
    readings_lost: int
    wave_seconds_lost: int
    program: str
    end_known: bool = True
    unknown_batches: int = 0


@recorded
@dataclass(frozen=True, slots=True)
class StaffNamed(RegistryEvent):
    """A person at work got an opaque id; the name is sealed."""

    staff_id: str
    role: str
    name: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class ExportMade(Event):
    """A session was exported, with or without identity. `damaged`: what of it was lost, and is not in the export."""

    export_session: str
    formats: tuple[str, ...]
    identified: bool
    reason: str = private()
    damaged: str = ""


# --- machines
# ----------------------------------------------------------------------------------------------------------


@recorded
@dataclass(frozen=True, slots=True)
class AlarmChanged(Event):
    """One transition of one alarm condition."""

    key: str
    text: str
    priority: str
    from_state: str
    to_state: str
    since: Instant
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    by: str = ""
    latching: bool = False
    delay_s: float = 0.0
    """Seconds that the limit was crossed before the condition signalled."""
    escalated: bool = False
    """Nobody had answered for too long: from here on heard and seen as the most urgent there is."""
    visual_only: bool = False
    """A mark without sound: it cleared by itself within half a minute."""
    raised: Instant | None = None
    """Of an active one: since when nobody has answered it, where that is not the moment of the entry."""


@recorded
@dataclass(frozen=True, slots=True)
class AudioPaused(Event):
    """Alarm sound was paused until `until`."""

    until: Instant


@recorded
@dataclass(frozen=True, slots=True)
class LinkChanged(Event):
    """A device link entered a state."""

    source: str
    state: str
    why: str


@recorded
@dataclass(frozen=True, slots=True)
class GapClosed(Event):
    """Between two valid frames of a source more time passed than its stale limit. cause: what its link said of it
    first, "" where it said nothing."""

    source: str
    began: Instant
    ended: Instant
    seconds: float
    cause: str = ""
    at_least: bool = False
    """It may have been longer: the computer's clock could not tell how long the program was away."""


@recorded
@dataclass(frozen=True, slots=True)
class RowsLost(Event):
    """While the record could not be written more waited than can be held: so many of the oldest were given up."""

    readings: int
    wave_seconds: int


@recorded
@dataclass(frozen=True, slots=True)
class MonitoringResumed(Event):
    """The program took the session up again after it had stopped; nothing was watched for `gap_s`."""

    gap_s: float
    same_boot: bool
    known: bool = True
    """False: the computer's clock could not tell how long that was; at least `gap_s`, and that is what timers count."""


@recorded
@dataclass(frozen=True, slots=True)
class MonitoringEnded(Event):
    """The program was closed while the session was open: from here on nothing is watched. why: `person` at the window,
    `asked` by a signal, `computer` = it logs out or shuts down."""

    why: str


@recorded
@dataclass(frozen=True, slots=True)
class ClockJumped(Event):
    """The wall clock moved against the monotonic clock by `seconds`, or was found so far from the record `at_start`."""

    seconds: float
    at_start: bool = False
    at_least: bool = False
    """At a start: behind by so much or more, for entries of the session are lost and may have been later ones."""


@recorded
@dataclass(frozen=True, slots=True)
class ReadingsStored(Event):
    """A batch of readings: how many, and the hash over them."""

    batch: int
    count: int
    sha256: str


@recorded
@dataclass(frozen=True, slots=True)
class WavesStored(Event):
    """A batch of wave seconds: how many, and the hash over their decoded samples."""

    batch: int
    count: int
    sha256: str
