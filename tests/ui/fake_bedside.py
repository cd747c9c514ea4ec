"""A bedside without a station: serves hand-made pictures, keeps the commands it gets, commits or refuses as told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import MappingProxyType

from exomonitor.clinical.protocol import ClinicProtocol, load_protocol
from exomonitor.clock import Instant
from exomonitor.engine.backup_port import BackupService
from exomonitor.engine.bedside import Receipt
from exomonitor.engine.ports import (
    DeviceService,
    DraftBook,
    ProtocolStore,
    Readable,
    ReadingRow,
    Series,
    SimulationControl,
    WaveSecond,
)
from exomonitor.engine.situation import Proof
from exomonitor.engine.snapshot import Snapshot
from exomonitor.engine.stored import Damage, SessionRow
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.session.commands import Command
from exomonitor.session.entry import Entry
from exomonitor.signals.vitals import Sign
from exomonitor.signals.waves import WaveChunk
from tests.exomonitor.slow_series import slow_series
from tests.ui.scenes import empty_chair

SHIPPED = load_protocol()
"""Read once for all tests: nothing in it can be changed."""


class FakeArchive:
    """A record with the sessions and entries put into it."""

    def __init__(self) -> None:
        self.rows: list[SessionRow] = []
        self.by_session: dict[str, list[Entry]] = {}
        self.reading_rows: dict[str, list[tuple[int, ReadingRow]]] = {}
        self.people: dict[str, tuple[str, str]] = {"u1": ("R. Okafor", "nurse")}
        self.fault = ""
        self.clinic_entries: list[Entry] = []
        self.damage, self.damaged = Damage(), ""
        self.lists_lost = ""

    def sessions(self) -> list[SessionRow]:
        if self.fault:
            raise EnvironmentFault(self.fault)
        return list(self.rows)

    def resolve(self, session: str) -> str:
        for row in self.rows:
            if session in {row.session, row.study_id, "last"}:
                return row.session
        raise CommandRefused(f"There is no session {session}")

    def entries(self, session: str) -> list[Entry]:
        if self.damage != Damage() and session == self.damaged:
            raise EnvironmentFault(self.damage.sentence)
        return self.by_session.get(session, [])

    def journal_rows(self, session: str) -> list[dict[str, object]]:
        return []

    def sealed(self, session: str) -> list[dict[str, object]]:
        return []

    def readings(self, session: str) -> Iterator[tuple[int, ReadingRow]]:
        return iter(self.reading_rows.get(session, []))

    def series(self, session: str, since: Instant, names: Sequence[str]) -> dict[str, Series]:
        return slow_series(self.readings(session), since, names)

    def waves(self, session: str) -> Iterator[tuple[int, WaveSecond]]:
        return iter(())

    def left_off(self, session: str, anew: Mapping[str, Instant] = MappingProxyType({})) -> dict[str, Instant]:
        return {}

    def measured(self, session: str) -> frozenset[Sign]:
        return frozenset()

    def open_sessions(self) -> list[str]:
        return []

    def staff(self) -> dict[str, tuple[str, str]]:
        return self.people

    def registry_entries(self, kinds: object = None) -> list[Entry]:
        return self.clinic_entries

    def proved(self, session: str) -> tuple[list[Entry], Damage]:
        return self.by_session.get(session, []), self.damage

    def seems_opened_in(self, session: str) -> str:
        return ""

    def readable(self, session: str) -> Readable:
        told, rows, sealed = self.by_session.get(session, []), self.journal_rows(session), self.sealed(session)
        known, readings = tuple(self.registry_entries()), lambda: self.readings(session)
        read = (session, tuple(told), tuple(rows), tuple(sealed), known, True, readings, self.damage)
        return Readable(*read, self.lists_lost)

    def database_id(self) -> str:
        return "test-database"


class FakeBedside:
    """Satisfies engine.bedside.Bedside. `submitted` lists the commands; `hold` keeps futures open until settle()."""

    def __init__(self, snapshot: Snapshot | None = None, *, devices: DeviceService | None = None) -> None:
        self._snapshot = snapshot or empty_chair()
        self._protocol = SHIPPED
        self._archive = FakeArchive()
        self.library: ProtocolStore | None = None
        self.drafts: DraftBook | None = None
        self._devices = devices
        self._on_snapshot: list[Callable[[Snapshot], None]] = []
        self._on_wave: list[Callable[[WaveChunk], None]] = []
        self.submitted: list[Command] = []
        self.proved: list[tuple[str, str]] = []
        self.audio: list[tuple[bool, str]] = []
        self.visited: list[str] = []
        self.exports: list[tuple[str, Path, tuple[str, ...], str, str]] = []
        self.answers: dict[type[Command], str] = {}
        self.backup_desk: BackupService | None = None
        self.refusal = ""
        self.read_only = ""
        self.fault = ""
        self.hold = False
        self.waiting: list[Future[Receipt]] = []

    @property
    def chair(self) -> str:
        return self._snapshot.chair

    @property
    def simulated(self) -> bool:
        return self._snapshot.simulated

    @property
    def protocol(self) -> ClinicProtocol:
        return self._protocol

    @property
    def protocols(self) -> ProtocolStore | None:
        return self.library

    @property
    def archive(self) -> FakeArchive:
        return self._archive

    @property
    def devices(self) -> DeviceService | None:
        return self._devices

    @property
    def simulation(self) -> SimulationControl | None:
        return None

    def submit(self, command: Command) -> Future[Receipt]:
        self.submitted.append(command)
        future: Future[Receipt] = Future()
        if self.hold:
            self.waiting.append(future)
        elif self.refusal:
            future.set_exception(CommandRefused(self.refusal))
        elif self.fault:
            future.set_exception(EnvironmentFault(self.fault))
        else:
            future.set_result(self._receipt(command))
        return future

    def prove(self, login: str, pin: str) -> Future[Proof]:
        """Everybody whose PIN is 1111 is who they say; the proof bears the login as its user."""
        future: Future[Proof] = Future()
        self.proved.append((login, pin))
        if pin == "1111":
            future.set_result(Proof(f"proof-of-{login}", login, frozenset(("nurse", "verifier", "prescriber")), "pin"))
        else:
            future.set_exception(CommandRefused("PIN or badge not recognised"))
        return future

    def seal_pin(self, pin: str) -> Future[str]:
        future: Future[str] = Future()
        if pin.isdigit() and len(pin) >= 4:
            future.set_result(f"sealed-{pin}")
        else:
            future.set_exception(CommandRefused("A PIN has 4 to 8 digits"))
        return future

    def badge_digest(self, scanned: str) -> str:
        return f"digest-{scanned}" if scanned else ""

    def _receipt(self, command: Command) -> Receipt:
        return Receipt(self._snapshot.log[-1:], self.answers.get(type(command), ""))

    def settle(self) -> None:
        """Commit everything that was kept waiting."""
        for future in self.waiting:
            future.set_result(Receipt(self._snapshot.log[-1:]))
        self.waiting.clear()

    def at(self, chair: str) -> FakeBedside:
        """Another place: the same commands go to the same list."""
        self.visited.append(chair)
        return self

    def latest(self) -> Snapshot:
        return self._snapshot

    def on_snapshot(self, listener: Callable[[Snapshot], None]) -> None:
        self._on_snapshot.append(listener)

    def on_wave(self, listener: Callable[[WaveChunk], None]) -> None:
        self._on_wave.append(listener)

    def set_audio(self, ok: bool, why: str) -> None:
        self.audio.append((ok, why))

    def export(self, session: str, out: Path, formats: tuple[str, ...], reason: str, by: str) -> Future[Path]:
        self.exports.append((session, out, formats, reason, by))
        future: Future[Path] = Future()
        future.set_result(out / "export")
        return future

    def publish(self, snapshot: Snapshot) -> None:
        """Show the next picture to whoever listens."""
        self._snapshot = snapshot
        for listener in self._on_snapshot:
            listener(snapshot)

    def send_wave(self, chunk: WaveChunk) -> None:
        """Send a piece of a wave to whoever listens."""
        for listener in self._on_wave:
            listener(chunk)
