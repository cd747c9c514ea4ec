"""The protocols through which the core reaches the world: recorder, archive, devices, simulation; injected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clock import Instant
from exomonitor.drafts import FormDraft
from exomonitor.engine.stored import Damage, ProvedJournal, SessionRow
from exomonitor.session.entry import Entry, Event
from exomonitor.signals.vitals import Sign

STATION_ACTOR = "station"
"""The actor of everything that no person did."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An event on its way into the journal; session "" = it belongs to the database, not to a session."""

    session: str
    at: Instant
    actor: str
    event: Event


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One stored number. value None exactly when validity carries none; unit UCUM; `measured_at` only where it
    differs from `at`."""

    session: str
    at: Instant
    source: str
    channel: str
    name: str
    value: float | None
    unit: str
    validity: str
    origin: str
    measured_at: Instant | None = None


Series = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
"""(minutes, values) of one kind of number, both float64 of shape (n,)."""


@dataclass(frozen=True, slots=True, eq=False)
class WaveSecond:
    """About one second of one wave as it arrived: int16 samples (MISSING_SAMPLE = none), physical = raw * gain."""

    session: str
    source: str
    wave: str
    began: Instant
    rate_hz: float
    gain: float
    unit: str
    origin: str
    samples: npt.NDArray[np.int16]


class Recorder(Protocol):
    """The single writer. One submit is one transaction: all of it is durable when the future resolves, or none
    of it."""

    def submit(
        self, drafts: Sequence[Draft], readings: Sequence[ReadingRow] = (), waves: Sequence[WaveSecond] = ()
    ) -> Future[tuple[Entry, ...]]:
        """Append; the future gives the entries as they stand in the journal (batch entries included), or
        EnvironmentFault."""
        ...

    def close(self) -> None:
        """Write what is waiting, then stop; later submits fail."""
        ...


@dataclass(frozen=True, slots=True)
class Readable:
    """One session as far as it can be read: what is damaged is left out and counted. `rows`, `sealed`: as of Archive;
    `registry`: the entries that the registry heeds; `simulated`: the database is one of a demo."""

    session: str
    entries: tuple[Entry, ...]
    rows: tuple[Mapping[str, object], ...]
    sealed: tuple[Mapping[str, object], ...]
    registry: tuple[Entry, ...]
    simulated: bool
    readings: Callable[[], Iterator[tuple[int, ReadingRow]]]
    damage: Damage = field(default_factory=Damage)
    lists_lost: str = ""  # what of `registry` is lost, in one sentence


class Archive(ProvedJournal, Protocol):
    """Reading the record, from any thread, never writing."""

    def sessions(self) -> list[SessionRow]:
        """All sessions, newest first."""
        ...

    def resolve(self, session: str) -> str:
        """The session id for an id, a study id or `last`. Raises CommandRefused when there is none."""
        ...

    def entries(self, session: str) -> list[Entry]:
        """The session's journal in order, private texts in clear."""
        ...

    def journal_rows(self, session: str) -> list[dict[str, object]]:
        """The session's journal rows exactly as hashed: bodies have digests in place of private texts."""
        ...

    def sealed(self, session: str) -> list[dict[str, object]]:
        """Private texts of the session: seq, field, salt, value, digest."""
        ...

    def readable(self, session: str) -> Readable:
        """All that can be read of a session that may be damaged; reads and proves everything that is stored of it."""
        ...

    def readings(self, session: str) -> Iterator[tuple[int, ReadingRow]]:
        """(batch, row) in the order stored."""
        ...

    def series(self, session: str, since: Instant, names: Sequence[str]) -> dict[str, Series]:
        """Name -> (minutes after `since`, values), by the time at which each was taken; what has no value is left
        out."""
        ...

    def waves(self, session: str) -> Iterator[tuple[int, WaveSecond]]:
        """(batch, second) in the order stored."""
        ...

    def left_off(self, session: str, anew: Mapping[str, Instant] = MappingProxyType({})) -> dict[str, Instant]:
        """Source -> the moment up to which everything of it is stored. `anew`: where it was heard again last."""
        ...

    def measured(self, session: str) -> frozenset[Sign]:
        """The signs that a device of the session has given a value of."""
        ...

    def open_sessions(self) -> list[str]:
        """Sessions that are neither signed nor abandoned, oldest first."""
        ...

    def staff(self) -> dict[str, tuple[str, str]]:
        """Staff id -> (name, role)."""
        ...

    def registry_entries(self, kinds: Iterable[type[Event]] = ...) -> list[Entry]:
        """The entries of the whole journal that the registry heeds, or those of some kinds, in order."""
        ...

    def database_id(self) -> str:
        """The random id of this database."""
        ...


class OnCall(Protocol):
    """Tells whoever is on call."""

    def tell(self, line: str) -> Future[str]:
        """Tell this line; the future gives "" or why nobody was told."""
        ...


class DraftBook(Protocol):
    """Half-filled forms, kept beside the record. What writes may block and raises EnvironmentFault."""

    def find(self, scope: str, form: str, now: datetime) -> FormDraft | None:
        """The draft of this form, if there is one that is not too old."""
        ...

    def keep(self, draft: FormDraft) -> None:
        """Replace the draft of this form."""
        ...

    def forget(self, scope: str, form: str) -> None:
        """Delete the draft of this form."""
        ...

    def forget_scope(self, scope: str) -> None:
        """The session has ended: delete all its drafts."""
        ...


class ProtocolStore(Protocol):
    """The protocols that this computer keeps: complete copies, known by their hashes. All of it may block."""

    @property
    def folder(self) -> Path:
        """Where they lie, and where a clinic may put one to be imported."""
        ...

    def keep(self, protocol: ClinicProtocol) -> None:
        """Keep a complete copy. Raises EnvironmentFault when it cannot be written."""
        ...

    def load(self, sha256: str, rules_sha256: str) -> ClinicProtocol | None:
        """The copy with these hashes, None when it is gone."""
        ...

    def kept(self) -> tuple[ClinicProtocol, ...]:
        """Everything usable that lies in the folder."""
        ...

    def read(self, path: Path) -> ClinicProtocol:
        """Check a file or folder that is to be imported; EnvironmentFault names file, line and field."""
        ...


@dataclass(frozen=True, slots=True)
class DeviceChoice:
    """A catalogue row as the Devices page shows it."""

    key: str
    name: str
    vendor: str
    role: str
    grade: str
    settings: str
    bauds: tuple[int, ...]
    reports: tuple[str, ...]
    never_reports: tuple[str, ...]
    evidence: tuple[str, ...]
    side_effects: tuple[str, ...]
    tried: str
    stale_s: float
    lost_s: float
    interval_s: float = 0.0
    """Usual seconds between two reports; 0 = not said."""
    request_budget_per_s: float = 0.0
    """The most frames that are sent to it in any second; 0 = it is only listened to."""
    averaging: str = ""
    """Over how long its numbers are averaged, where its makers say so."""
    connect_note: str = ""
    """What to know about cable, settings and port."""
    addresses: tuple[int, int] | None = None
    """Lowest and highest network address where several share one line (`key@3` is the one at 3); None = it has none."""
    other_lines: tuple[str, ...] = ()
    """What else its line may be set to beside what stands in `settings`: `8N2`, or no handshake."""


@dataclass(frozen=True, slots=True)
class PortInfo:
    """A port of this machine."""

    name: str
    description: str
    serial: str
    location: str
    vendor: str = ""
    product: str = ""


@dataclass(frozen=True, slots=True)
class Binding:
    """Which device is read on which port, for one role of one chair. baud 0 = the device's default, and so is line ""
    (else data bits, parity, stop bits and handshake, as in `8N2` or `8E1 RTS/CTS`). By what port and
    device are known again (`adapter`: USB serial number, `location`: USB socket, `serial` and `model`: the device's own
    number and what it says it is; "" = not known) is no part of which binding it is."""

    chair: str
    role: str
    key: str
    port: str
    baud: int = 0
    adapter: str = field(default="", compare=False)
    location: str = field(default="", compare=False)
    serial: str = field(default="", compare=False)
    model: str = field(default="", compare=False)
    line: str = ""


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """What answered on a port: catalogue key, the speed at which it speaks (0 = its usual one), all of it in one line
    of words, and how its line is set ("" = as usual)."""

    key: str
    name: str
    role: str
    baud: int
    model: str
    serial: str
    words: str
    line: str = ""


@dataclass(frozen=True, slots=True)
class WireRow:
    """One piece of what a line carried, in the order of time: `sent` by us or received, and what was understood
    of it in words. No bytes: the port was opened or closed."""

    at: Instant
    sent: bool
    data: bytes
    said: tuple[str, ...]


class DeviceService(Protocol):
    """What the Devices page may do. Calls may block for the time of a test reading: never call them on the GUI
    thread."""

    def catalogue(self) -> tuple[DeviceChoice, ...]:
        """Every family this program can read."""
        ...

    def ports(self) -> tuple[PortInfo, ...]:
        """Serial ports present now; opens none."""
        ...

    def bindings(self) -> tuple[Binding, ...]:
        """What is bound now."""
        ...

    def bind(self, binding: Binding) -> None:
        """Read this device from now on (replaces the role's earlier binding). Raises CommandRefused for nonsense."""
        ...

    def release(self, chair: str, role: str) -> None:
        """Read nothing in this role."""
        ...

    def accept(self, chair: str, role: str, serial: str) -> None:
        """A person has looked: the device with this serial number is the one of this role from now on."""
        ...

    def wire(self, chair: str, role: str) -> tuple[WireRow, ...]:
        """What the role's line carried last, oldest first."""
        ...

    def save_wire(self, chair: str, role: str, folder: Path) -> Path:
        """Write the raw bytes that are still kept of the role's line into a new file of `folder`; which file. Raises
        CommandRefused when nothing is read in the role, EnvironmentFault when it cannot be written."""
        ...

    def identify(
        self, port: str, key: str, tell: Callable[[str], None], stopped: Callable[[], bool]
    ) -> tuple[FoundDevice, ...]:
        """Find out what is on this port: this family at all its usual speeds, or with "" every family.

        `tell` hears what is being tried, `stopped` is asked before each. EnvironmentFault when it cannot be opened.
        """
        ...

    def test_reading(self, key: str, port: str, baud: int, seconds: float, line: str = "") -> tuple[str, ...]:
        """Open, listen at most `seconds`, close; lines of plain text about what was heard. Raises
        EnvironmentFault when the port cannot be opened."""
        ...


@dataclass(frozen=True, slots=True)
class Trick:
    """Something that a trainer may let happen in a demo. `sees`: what the nurse will see; `alarm`: how the condition
    that it raises begins, "" = none."""

    key: str
    group: str
    words: str
    sees: str
    alarm: str = ""
    lasts_s: float = 0.0
    """How long it lasts, where there is one trick for each of several lengths; 0 = it has no length."""

    @property
    def stem(self) -> str:
        """The same for all lengths of one trick."""
        return self.key.rpartition(".")[0] if self.lasts_s else self.key


@runtime_checkable
class Refuses(Protocol):
    """A recorder that can do in a demo as if nothing could be saved."""

    refuses: str
    """Why nothing can be saved now, "" = as usual."""


class SimulationControl(Protocol):
    """What a demo's trainer may do to the simulated world. Any thread may call it."""

    def tricks(self, chair: str) -> tuple[Trick, ...]:
        """What may happen in this chair."""
        ...

    def play(self, chair: str, key: str) -> None:
        """Let it happen, in a moment. Raises CommandRefused for what this chair's devices cannot do."""
        ...
