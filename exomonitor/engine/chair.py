"""One chair: its open session, what its devices say, its alarms and its waiting room. Owned by the engine's thread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from exomonitor.alarms.manager import AlarmManager
from exomonitor.alarms.policy import AlarmTransition
from exomonitor.clinical.observations import SlotState
from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clock import Instant
from exomonitor.engine.live import LiveState
from exomonitor.engine.outbox import Outbox
from exomonitor.session.entry import Entry, Event
from exomonitor.session.fold import apply
from exomonitor.session.machine_events import AlarmChanged
from exomonitor.session.narrative import sentence
from exomonitor.session.schedule import slot_states
from exomonitor.session.state import SessionState
from exomonitor.session.timing import Progress, progress
from exomonitor.signals.pump import PumpReading

LOG_LINES = 60


@dataclass(slots=True)
class Chair:
    """State of one chair; the engine moves it, nobody else touches it."""

    name: str
    protocol: ClinicProtocol
    outbox: Outbox
    alarms: AlarmManager
    live: LiveState = field(default_factory=LiveState)
    state: SessionState | None = None
    log: list[Entry] = field(default_factory=list)
    latest_of_type: dict[str, int] = field(default_factory=dict)
    staff_id: str = ""
    resume_offer: str = ""
    saved_at: Instant | None = None

    @property
    def session(self) -> str:
        """The open session's id, "" when none is open."""
        return self.state.id if self.state is not None and self.state.phase.is_open else ""

    def restore(self, entries: Iterable[Entry]) -> None:
        """Take up a session from its journal."""
        for entry in entries:
            self.take(entry)

    def take(self, entry: Entry) -> None:
        """One more entry of this chair's session, in journal order."""
        self.state = apply(self.state, entry)
        self.latest_of_type[type(entry.event).__name__] = entry.seq
        if sentence(entry.event):
            self.log = [*self.log, entry][-LOG_LINES:]

    def begin(self) -> None:
        """A new session takes the chair."""
        self.state, self.log, self.latest_of_type = None, [], {}

    def product_pump(self) -> PumpReading | None:
        """The product channel's last reading, however old."""
        device = self.state.devices.get("pump") if self.state is not None else None
        return self.live.pump(device.channel if device is not None else "")

    def fresh_pump(self, now: Instant) -> PumpReading | None:
        """The product channel's reading if it is fresh."""
        pump = self.product_pump()
        return pump if pump is not None and self.live.fresh(pump.source, now) else None

    def progress(self, now: Instant) -> Progress | None:
        """The session's figures."""
        if self.state is None or self.state.started is None:
            return None
        pump = self.product_pump()
        return progress(self.state, now, pump, fresh=pump is not None and self.live.fresh(pump.source, now))

    def sets(self, now: Instant) -> tuple[SlotState, ...]:
        """The observation sets."""
        return slot_states(self.state, now, self.protocol.schedule) if self.state is not None else ()

    def record(self, event: Event, now: Instant) -> None:
        """A machine's event for the open session."""
        if self.session:
            self.outbox.add_event(self.session, now, event)

    def record_alarms(self, transitions: Iterable[AlarmTransition]) -> None:
        """Alarm transitions go into the journal: every one that a person could have seen."""
        for t in transitions:
            if not self.session or {str(t.from_state), str(t.to_state)} <= {"normal", "pending"}:
                continue
            changed = AlarmChanged(
                t.key,
                t.text,
                t.priority.name.lower(),
                str(t.from_state),
                str(t.to_state),
                t.since,
                t.value,
                t.limit,
                t.unit,
                t.by,
                t.latching,
            )
            self.outbox.add_event(self.session, t.at, changed)
