"""A whole engine on a table: a clock moved by hand, a recorder in memory that answers when the test says so."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, TypeVar

import numpy as np

from exomonitor.alarms.manager import AlarmView
from exomonitor.clinical.protocol import ClinicProtocol, load_protocol
from exomonitor.clock import Instant, ManualClock
from exomonitor.engine.access import FREE
from exomonitor.engine.bedside import Receipt
from exomonitor.engine.desk import Ask
from exomonitor.engine.engine import Engine, EngineConfig
from exomonitor.engine.live import SourceInfo
from exomonitor.engine.ports import STATION_ACTOR, Draft, ProtocolStore, ReadingRow, WaveSecond
from exomonitor.engine.proving import ProofBook
from exomonitor.engine.situation import Proof
from exomonitor.engine.snapshot import Snapshot
from exomonitor.errors import EnvironmentFault
from exomonitor.integrity import sha256_hex
from exomonitor.registry.registry import load_registry
from exomonitor.registry.users import UserAdded
from exomonitor.session import commands as cmd
from exomonitor.session import machine_events as mv
from exomonitor.session.entry import Entry, Event, event_body, event_from
from exomonitor.session.fold import fold
from exomonitor.session.parts.checks import RecordChecklist
from exomonitor.session.parts.double_check import SingleNurse
from exomonitor.session.parts.handover import SignIn
from exomonitor.session.plan import SourceCell
from exomonitor.session.state import SessionState
from exomonitor.session.timing import Progress
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.pump import PumpReading, PumpStatus
from exomonitor.signals.quality import Origin, Validity
from exomonitor.signals.vitals import Sign, VitalReading
from exomonitor.signals.waves import WaveChunk, WaveName

CHAIR = "4"
NAME = "DEMO-EXAMPLE, Jane"
NURSE, VERIFIER, PRESCRIBER, ADMIN = "u-nurse", "u-verifier", "u-prescriber", "u-admin"
PEOPLE = (
    UserAdded(ADMIN, ("administrator",), "A. DEMO-ADMIN"),
    UserAdded(NURSE, ("nurse",), "Nurse Example"),
    UserAdded(VERIFIER, ("nurse", "verifier"), "Verifier Example"),
    UserAdded(PRESCRIBER, ("prescriber",), "Dr Example"),
)
ANSWERS = {
    "consent": {
        "told": "yes", "form": "C-1", "ind": "no IND recorded", "capacity": "alone", "taken_by": "Nurse Example",
        "taken_at": "2026-03-02T09:00:00.000Z",
    },
    "today": {"infection": "no", "anticoagulant": "no"},
    "hydration": {"route": "none ordered"},
    "premedication": {"given": "none ordered"},
    "readiness": {
        "epinephrine": "yes", "oxygen": "yes", "suction": "yes", "bag_valve_mask": "yes", "prescriber": "Dr Example",
    },
}  # fmt: skip
"""What a nurse answers before the start, list by list."""
TOKENS = itertools.count(1)
KNOWN_ENTRIES = tuple(
    Entry(n, "", n, ManualClock().now(), "UTC", STATION_ACTOR, "station-1", person, "0" * 64)
    for n, person in enumerate(PEOPLE, 1)
)
KNOWN = load_registry(KNOWN_ENTRIES)
"""What an engine knows when it has only been told of the people."""
PROTOCOL = load_protocol()
E = TypeVar("E", bound=Event)


@dataclass
class FakeRecorder:
    """Keeps everything in memory. `holds`: nothing is answered until release(). `fails`: every submit fails."""

    entries: list[Entry] = field(default_factory=list)
    readings: list[ReadingRow] = field(default_factory=list)
    waves: list[WaveSecond] = field(default_factory=list)
    holds: bool = False
    fails: str = ""
    submits: int = 0
    _waiting: list[tuple[Future[tuple[Entry, ...]], Sequence[Draft], Sequence[ReadingRow], Sequence[WaveSecond]]] = (
        field(default_factory=list)
    )

    def submit(
        self, drafts: Sequence[Draft], readings: Sequence[ReadingRow] = (), waves: Sequence[WaveSecond] = ()
    ) -> Future[tuple[Entry, ...]]:
        self.submits += 1
        future: Future[tuple[Entry, ...]] = Future()
        self._waiting.append((future, tuple(drafts), tuple(readings), tuple(waves)))
        if not self.holds:
            self.release()
        return future

    def release(self) -> None:
        """Answer everything that was asked, in order."""
        waiting, self._waiting = self._waiting, []
        for future, drafts, readings, waves in waiting:
            if self.fails:
                future.set_exception(EnvironmentFault(self.fails))
            else:
                future.set_result(self._write(drafts, readings, waves))

    def close(self) -> None:
        self.release()

    def _write(
        self, drafts: Sequence[Draft], readings: Sequence[ReadingRow], waves: Sequence[WaveSecond]
    ) -> tuple[Entry, ...]:
        everything = list(drafts)
        if readings:
            stored = mv.ReadingsStored(1, len(readings), "a" * 64)
            everything.append(Draft(readings[0].session, readings[-1].at, STATION_ACTOR, stored))
        if waves:
            joined = mv.WavesStored(1, len(waves), "b" * 64)
            everything.append(Draft(waves[0].session, waves[-1].began, STATION_ACTOR, joined))
        self.readings += readings
        self.waves += waves
        return tuple(self._entry(draft) for draft in everything)

    def _entry(self, draft: Draft) -> Entry:
        seq = len(self.entries) + 1
        kind = type(draft.event).__name__
        event = event_from(kind, event_body(draft.event))  # as the real one: what the journal holds, not what was given
        digest = sha256_hex(f"{seq} {event}".encode())
        mine = sum(1 for entry in self.entries if entry.session == draft.session)
        entry = Entry(seq, draft.session, mine + 1, draft.at, "Europe/Vienna", draft.actor, "station-1", event, digest)
        self.entries.append(entry)
        return entry


class Bench:
    """An engine with one chair, devices that say what the test wants, and a nurse who is signed in."""

    def __init__(
        self,
        clock: ManualClock | None = None,
        recorder: FakeRecorder | None = None,
        *,
        signed_in: bool = True,
        simulated: bool = True,
        protocol: ClinicProtocol = PROTOCOL,
        protocols: ProtocolStore | None = None,
    ) -> None:
        self.clock = clock or ManualClock()
        self.recorder = recorder or FakeRecorder()
        self.inbox: list[Callable[[Instant], None]] = []
        self.waves_seen: list[WaveChunk] = []
        self.proofs = ProofBook()
        self.engine = Engine(
            EngineConfig(protocol, "ExoMonitor test", simulated, protocols=protocols),
            self.recorder,
            self.inbox.append,
            None,
            lambda _, chunk: self.waves_seen.append(chunk),
            self.proofs,
        )
        self.engine.chair(CHAIR)
        if not self.recorder.entries:
            self.recorder.entries += KNOWN_ENTRIES
        self.engine.know_registry(load_registry(self.recorder.entries))
        self.engine.set_audio(True, "")
        self.by = NURSE if signed_in else ""
        self.engine.chair(CHAIR).staff_id = self.by
        self.counter = 0.0
        """What the pump's counter says (mL)."""
        self.measured: tuple[Sign, ...] = ()

    # --- time and work

    @property
    def now(self) -> Instant:
        return self.clock.now()

    def settle(self) -> None:
        """Do what the recorder's answers have put in the inbox."""
        while self.inbox:
            self.inbox.pop(0)(self.now)

    def tick(self) -> None:
        self.engine.tick(self.now)
        self.settle()

    def wait(self, seconds: float, step_s: float = 1.0) -> None:
        """Let time pass with ticks, and nobody speaking."""
        end = self.now.plus(seconds)
        while end.since(self.now) > 1e-9:
            self.clock.advance(min(step_s, end.since(self.now)))
            self.tick()

    # --- people

    def ask(self, command: cmd.Command) -> Future[Receipt]:
        answer: Future[Receipt] = Future()
        if not command.by and type(command) not in FREE:  # whoever is at work asks
            command = replace(command, by=self.by)
        self.engine.on_command(Ask(command, answer), self.now)
        self.settle()
        return answer

    def do(self, command: cmd.Command) -> Receipt:
        """Ask and expect it to be done."""
        return self.ask(command).result(0)

    def refused(self, command: cmd.Command) -> str:
        """Ask and expect a refusal: its sentence."""
        error = self.ask(command).exception(0)
        assert error is not None, f"{command} was not refused"
        return str(error)

    def proof(self, user: str) -> str:
        """Somebody shows who they are: the token for one command."""
        roles = frozenset(self.engine.registry.users[user].roles)
        token = f"{user}-{next(TOKENS)}"
        self.proofs.add(Proof(token, user, roles, "pin"), self.now)
        return token

    def work_as(self, user: str) -> None:
        """Somebody signs in at the chair."""
        self.by = self.do(SignIn(CHAIR, "", self.proof(user))).answer

    # --- devices

    def bind(self, *roles: str) -> None:
        for role in roles:
            key = "bbraun-space" if role == "pump" else "ge-dri"
            self.engine.bind(CHAIR, SourceInfo(role, role, key, f"a {role}"), self.now)

    def hear(self, fact: DeviceFact) -> None:
        self.engine.on_device(CHAIR, fact, self.now)
        self.engine.all_told(CHAIR, self.now)
        self.settle()

    def pump(
        self, status: PumpStatus = PumpStatus.INFUSING, rate: float | None = None, channel: str = "1/1", **more: Any
    ) -> None:
        """One report of the pump, its counter as it stands; of one that was taken out nobody tells rate or volume."""
        out = status is PumpStatus.REMOVED
        rate = None if out else rate
        more.setdefault("volume_infused_ml", None if out else round(self.counter, 3))
        self.hear(PumpReading("pump", channel, status, status.value, self.now, rate_ml_h=rate, **more))

    def infuse(self, seconds: float, rate: float, step_s: float = 1.0, **more: Any) -> None:
        """The pump runs and reports; the monitor says nothing. The first report is one step after now."""
        end = self.now.plus(seconds)
        while end.since(self.now) > 1e-9:
            span = min(step_s, end.since(self.now))
            self.clock.advance(span)
            self.counter += rate * span / 3600
            self.pump(PumpStatus.INFUSING, rate, **more)
            self.tick()

    def stand(self, seconds: float, status: PumpStatus = PumpStatus.STOPPED, step_s: float = 1.0) -> None:
        """The pump stands and reports."""
        end = self.now.plus(seconds)
        while end.since(self.now) > 1e-9:
            self.clock.advance(min(step_s, end.since(self.now)))
            self.pump(status, 0.0)
            self.tick()

    def vital(self, sign: Sign, value: float | None, **more: Any) -> None:
        validity = more.pop("validity", Validity.VALID if value is not None else Validity.SENSOR_OFF)
        self.hear(VitalReading("monitor", sign, value, validity, self.now, origin=Origin.SIMULATOR, **more))

    def wave(self, samples: int = 100, *, gap: bool = False, rate_hz: float = 100.0, **more: Any) -> None:
        data = np.arange(samples, dtype=np.int16)
        self.hear(WaveChunk("monitor", WaveName.ECG_II, rate_hz, data, 0.01, "mV", self.now, gap_before=gap, **more))

    @property
    def snapshot(self) -> Snapshot:
        return self.engine.snapshot(CHAIR, self.now)

    @property
    def state(self) -> SessionState:
        state = self.snapshot.session
        assert state is not None
        return state

    @property
    def progress(self) -> Progress:
        progress = self.snapshot.progress
        assert progress is not None
        return progress

    @property
    def given(self) -> float:
        """Product given (mL), which must be known."""
        given = self.progress.delivered_ml
        assert given is not None
        return given

    def asked(self) -> str:
        """What the pump did that nobody has explained."""
        return " ".join(self.snapshot.questions)

    def alarm(self, key: str) -> AlarmView | None:
        return next((view for view in self.snapshot.alarms if view.key == key), None)

    def events(self, kind: type[E]) -> list[E]:
        """All recorded events of a kind, in order."""
        return [entry.event for entry in self.recorder.entries if isinstance(entry.event, kind)]

    def journal(self) -> list[Entry]:
        """The session's entries."""
        return [entry for entry in self.recorder.entries if entry.session == self.state.id]

    def replayed(self) -> SessionState:
        """The state that the journal alone gives."""
        state = fold(self.journal())
        assert state is not None
        return state

    # --- usual ways

    def prepare(self, *, pump: str = "bbraun-space", monitor: str = "ge-dri", minutes: int = 60, **order: Any) -> None:
        """Everything before the start; "" for a device = typed."""
        self.work_as(NURSE)
        self.do(cmd.OpenSession(CHAIR, self.by))
        self.do(cmd.IdentifyPatient(CHAIR, self.by, NAME, "1972-03-14", "M-1", ("name", "born"), "none known"))
        self.do(cmd.EnterProduct(CHAIR, self.by, SourceCell.MSC, "LOT-1", "2029-01-01", proof=self.proof(VERIFIER)))
        self.order(minutes=minutes, **order)
        self.do(self.line())
        self.do(cmd.PinDevice(CHAIR, self.by, "pump", pump, "pump" if pump else "", "1/1" if pump else ""))
        self.do(cmd.PinDevice(CHAIR, self.by, "monitor", monitor, "monitor" if monitor else ""))
        self.check_all()
        self.do(self.set_of("baseline"))
        self.time_out()

    def line(self, **more: Any) -> cmd.EnterLine:
        """A line that flushes."""
        given = {"device": "peripheral cannula", "patent": True, "dedicated": True, "filter": "none", **more}
        return cmd.EnterLine(CHAIR, self.by, "forearm", "left", "22G", **given)

    def check_all(self) -> None:
        """The lists before the start, and the double check: nobody is there."""
        for key, answers in ANSWERS.items():
            self.do(RecordChecklist(CHAIR, self.by, key, answers))
        self.do(SingleNurse(CHAIR, self.by, "nobody else is here"))

    def time_out(self) -> None:
        """The final check at the chair."""
        rate = str(self.state.order.rate_plan().steps[0].rate_ml_h) if self.state.order is not None else "100"
        answers = {"same": "yes", "pump_rate": rate, "pump_volume": "100", "line_open": "yes"}
        self.do(RecordChecklist(CHAIR, self.by, "time_out", answers))

    def order(self, *, minutes: int = 60, **more: Any) -> None:
        ordered = {"prescriber_id": PRESCRIBER, "way": "written", "source_cell": SourceCell.MSC}
        more = {"first_dose": False, **ordered, **more}
        if minutes > 60 or minutes < 30:
            more = {"override_reason": "ordered so", "override_proof": self.proof(VERIFIER), **more}
        given = {"dose_billion": Decimal("5.0"), "volume_ml": Decimal(100), "minutes": Decimal(minutes), **more}
        self.do(cmd.EnterOrder(CHAIR, self.by, **given))

    def set_of(self, slot: str, **more: Any) -> cmd.RecordObservation:
        """A whole set, typed."""
        numbers = {"hr": "72", "spo2": "98", "rr": "14", "nibp_sys": "120", "nibp_dia": "70", "temp": "36.6"}
        values = {name: cmd.ValueEntry(Decimal(text), "typed") for name, text in numbers.items()}
        given = {"values": values, "consciousness": "alert", "on_oxygen": False, "site_score": 0, **more}
        return cmd.RecordObservation(CHAIR, self.by, slot, **given)

    def start(self, rate: str | None = None) -> Receipt:
        typed = Decimal(rate) if rate is not None else None
        return self.do(cmd.StartSession(CHAIR, self.by, typed))

    def infusing(self, seconds: float = 60.0, rate: float = 100.0, **order: Any) -> None:
        """A session that reads its pump and has been infusing for some time."""
        self.bind("pump", "monitor")
        self.pump(PumpStatus.STOPPED, 0.0)
        self.prepare(**order)
        self.start()
        self.infuse(seconds, rate, step_s=5.0 if seconds > 120 else 1.0)

    def ended(self, *, flush: bool = True) -> None:
        """The typed session is given and flushed."""
        self.do(cmd.EndProduct(CHAIR, self.by, "complete", volume_infused_ml=Decimal(100)))
        if flush:
            self.do(cmd.RecordFlush(CHAIR, self.by, True, Decimal(20), Decimal(100)))

    def after_restart(
        self, seconds: float, *, boot_id: str = "another boot", signed_in: bool = True, **left_off: Instant
    ) -> Bench:
        """The program has gone for some seconds and takes up what its journal holds; the nurse signs in again."""
        entries = self.journal()
        clock = ManualClock(self.now.plus(seconds).utc, boot_id)
        if boot_id == self.now.boot_id:
            clock = ManualClock(self.now.plus(seconds).utc, boot_id, self.now.plus(seconds).mono_ns)
        bench = Bench(clock, self.recorder, signed_in=signed_in)
        bench.counter = self.counter
        bench.engine.restore(CHAIR, entries, bench.now, left_off, measured=self.measured)
        bench.tick()
        return bench
