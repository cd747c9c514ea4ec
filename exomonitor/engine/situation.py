"""What a handler may look at when it decides, and what it may decide: events to record, or a refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from exomonitor.alarms.manager import AlarmView
from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clock import Instant
from exomonitor.engine.live import SourceInfo
from exomonitor.errors import CommandRefused
from exomonitor.registry.registry import Registry
from exomonitor.registry.shelf import withdrawn_since
from exomonitor.registry.sound_tests import silent_why
from exomonitor.session.checklist import Gate, gates
from exomonitor.session.entry import Event
from exomonitor.session.phases import Phase
from exomonitor.session.state import SessionState
from exomonitor.session.timing import given_by_now
from exomonitor.signals.pump import PumpReading
from exomonitor.signals.vitals import Sign, VitalReading

NO_INFUSION = "This is the record of an emergency: there is no infusion in it"
_NO_VITALS: Mapping[Sign, VitalReading] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody has shown who they are, just now: the token is good for one command within two minutes."""

    token: str
    user: str
    roles: frozenset[str]
    method: str
    """`pin` or `badge`: a badge is always together with a PIN."""
    note: str = ""
    """What this person should be told: the PIN is older than the clinic wants."""


@dataclass(frozen=True, slots=True)
class Situation:
    """One chair at the moment of a command. `pump` and `vitals` hold fresh readings only: what is stale is not
    there."""

    chair: str
    now: Instant
    protocol: ClinicProtocol
    program: str
    simulated: bool
    state: SessionState | None = None
    pump: PumpReading | None = None
    pump_infusing_since: PumpReading | None = None
    pump_counted: PumpReading | None = None
    """The pump's last words with its counter, however old: what it had given by then stays known."""
    vitals: Mapping[Sign, VitalReading] = field(default_factory=lambda: _NO_VITALS)
    staff: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    registry: Registry = field(default_factory=Registry)
    proofs: Mapping[str, Proof] = field(default_factory=dict)
    worst: Mapping[str, Decimal] = field(default_factory=dict)
    """Extremes of the readings since moment zero of the open reaction, by sign and end (`spo2_min`)."""
    signed_in: str = ""
    """The user who is at work in this chair."""
    alarms: tuple[AlarmView, ...] = ()
    devices: tuple[SourceInfo, ...] = ()
    """What is read in this chair."""
    told: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Role -> model and serial number, as the devices said them."""
    places: tuple[str, ...] = ()
    """The chairs and lounge places of this station in which a session is open."""
    no_sound: str = ""
    """Why alarms cannot be heard, as far as anybody knows; "" = nothing is against it."""

    def session(self) -> SessionState:
        """The open session, or a refusal."""
        if self.state is None or not self.state.phase.is_open:
            raise CommandRefused("No session is open in this chair")
        return self.state

    def started(self) -> SessionState:
        """The open session if it has begun, or a refusal."""
        state = self.session()
        if state.is_emergency:
            raise CommandRefused(NO_INFUSION)
        if state.phase is Phase.PREPARE:
            raise CommandRefused("The infusion has not started")
        return state

    def preparing(self) -> SessionState:
        """The open session if it has not begun, or a refusal."""
        state = self.session()
        if state.is_emergency:
            raise CommandRefused(NO_INFUSION)
        if state.phase is not Phase.PREPARE:
            raise CommandRefused("The session has already started")
        return state

    def proven(self, token: str, *roles: str) -> str:
        """The user who stands behind a proof; refused where there is none, or nobody in one of `roles`."""
        proof = self.proofs.get(token)
        if proof is None:
            raise CommandRefused("A second person signs with badge or PIN" if not token else "The signature is too old")
        if roles and not proof.roles.intersection(roles):
            raise CommandRefused(f"That takes the role of {' or '.join(roles)}")
        return proof.user

    def given_by_now(self, state: SessionState) -> tuple[float | None, str]:
        """The product given (mL) as it stands in the record if it ends now, and who says so."""
        told = self.pump_counted if self.pump_counted is not None else self.pump
        return given_by_now(state, self.now, told, fresh=self.pump is not None)

    def open_gates(self) -> tuple[Gate, ...]:
        """What stands in the way of the start, as the session and the clinic's list of lots say now."""
        state = self.session()
        withdrawn = withdrawn_since(self.registry.lots, self.registry.bags, state)
        silent = silent_why(self.no_sound, self.registry.sound_tests, simulated=self.simulated)
        return tuple(g for g in gates(state, self.now, self.protocol, withdrawn, silent) if not g.closed)

    def signed_by(self, token: str, role: str) -> bool:
        """Whether somebody in this role stands behind a proof."""
        proof = self.proofs.get(token)
        return proof is not None and role in proof.roles

    def reads_pump(self) -> bool:
        """Whether a pump is read in this session, so that nothing about delivery is typed."""
        device = self.state.devices.get("pump") if self.state is not None else None
        return device is not None and bool(device.key)


@dataclass(frozen=True, slots=True)
class Decision:
    """Events to append to the chair's session (or, with `session` set, to that new one); `answer` for whoever asked.

    `by`: who did it, where that is not the one who asked (a person who has just proved who they are)."""

    events: tuple[Event, ...]
    answer: str = ""
    session: str = ""
    by: str = ""
    beside: tuple[tuple[str, Event], ...] = ()
    """(session, event): what another session's journal is told of this, in the same breath."""


Handler = Callable[[Situation, Any], Decision]
"""(situation, command) -> decision, or CommandRefused with one sentence for the person."""


def need_text(text: str, what: str, least: int = 1) -> str:
    """The text without outer blanks; refused when shorter than `least` characters."""
    cleaned = text.strip()
    if len(cleaned) < least:
        raise CommandRefused(f"{what} is missing" if least == 1 else f"{what} needs at least {least} characters")
    return cleaned
