"""What a device family's folder must offer: its SPEC, a sans-IO driver, and a wire simulator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, Protocol, runtime_checkable

from exomonitor.clock import Instant
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkCounters


class Role(StrEnum):
    """What the device is at the chair."""

    PUMP = "pump"
    MONITOR = "monitor"


class Grade(StrEnum):
    """Laboratory pumps have no patient safety sensors and are for demo and training."""

    CLINICAL = "clinical"
    LABORATORY = "laboratory"


@dataclass(frozen=True, slots=True)
class PortSettings:
    """Serial line settings: baud, data bits, parity (N, E, O), stop bits, hardware handshake."""

    baud: int
    data_bits: int = 8
    parity: str = "N"
    stop_bits: int = 1
    rtscts: bool = False

    def text(self) -> str:
        """As people write it: `19200 8E1 RTS/CTS`."""
        return f"{self.baud} {self.line}"

    @property
    def line(self) -> str:
        """The same without the speed: `8E1 RTS/CTS`."""
        return f"{self.data_bits}{self.parity}{self.stop_bits}" + (" RTS/CTS" if self.rtscts else "")

    def with_line(self, line: str) -> PortSettings:
        """At the same speed with this data format and handshake, as `line` writes them; ValueError for nonsense."""
        frame, _, handshake = line.partition(" ")
        if len(frame) != 3 or frame[0] not in "78" or frame[1] not in "NEO" or frame[2] not in "12":
            raise ValueError(f"{line!r} is no line setting: 8N1, 8E1, 7E1, 8N2 or, with handshake, 8E1 RTS/CTS")
        if handshake not in {"", "RTS/CTS"}:
            raise ValueError(f"{handshake!r} is no handshake: RTS/CTS, or nothing")
        return replace(self, data_bits=int(frame[0]), parity=frame[1], stop_bits=int(frame[2]), rtscts=bool(handshake))


class Driver(Protocol):
    """One device's protocol with no port: bytes in, facts out; and what to send when. Never reads a clock."""

    def opened(self, at: Instant) -> None:
        """The transport is (again) open: forget half frames, begin the dialogue anew."""
        ...

    def received(self, data: bytes, at: Instant) -> list[DeviceFact]:
        """Facts in these bytes; bad frames come out as LinkFault."""
        ...

    def due(self, at: Instant) -> bytes | None:
        """The next frame to send now, or None; called again until None."""
        ...

    def next_due(self, at: Instant) -> Instant | None:
        """When due() should be asked next, or None when only received bytes can change that."""
        ...

    def counters(self) -> LinkCounters:
        """Frames good and bad, bytes skipped (bytes in and out and reconnects are the link's)."""
        ...

    @property
    def identity(self) -> tuple[str, str]:
        """(model, serial number) as the device told them; empty strings until it did."""
        ...


@runtime_checkable
class SaysGoodbye(Protocol):
    """A driver whose device must be told that nobody listens any more; others have no such method."""

    def closing(self) -> bytes | None:
        """The last frame before the port is closed for good, or None; asked once, the answer is not waited for."""
        ...


@runtime_checkable
class HoldsHalves(Protocol):
    """A driver that waits for the rest of what came in part; others have no such property."""

    @property
    def waits_until(self) -> Instant | None:
        """When silence ends that wait, None while nothing is held: from then on received(b"", at) tells what is in it,
        each with the time of its own last byte. How long follows from the longest frame at the slowest speed."""
        ...


@runtime_checkable
class TellsTime(Protocol):
    """A driver whose device says what its own clock shows; others have no such property."""

    @property
    def clock_told(self) -> tuple[datetime, Instant] | None:
        """What the device's clock showed last, and when by ours; naive where it tells no zone, None until it did."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """What one message told, and which device it names ("" = none). `good` = it counted as a frame."""

    number: str
    model: str
    facts: Sequence[DeviceFact]
    good: bool


@runtime_checkable
class NamesSender(Protocol):
    """A driver each of whose messages may be another device's, and whose device announces an alarm's begin and end
    unasked: a dialogue that begins anew does not make it say them again. Others have no such property."""

    @property
    def heard(self) -> Sequence[Heard]:
        """What the last received() returned, message by message, all of it in the same order."""
        ...


@runtime_checkable
class TellsSeveral(Protocol):
    """A driver whose port may carry several devices, each with a number; others have no such property."""

    @property
    def numbers(self) -> Mapping[str, str]:
        """The serial numbers that were told since the port was opened, each with its model."""
        ...


class Simulator(Protocol):
    """One simulated device's behaviour, to bytes: knows no domain of ours, no transport, no thread."""

    def received(self, data: bytes, t: float) -> bytes:
        """Answer bytes that a client sent, at simulated second `t`; returns the reply bytes (may be empty)."""
        ...

    def due(self, t: float) -> bytes:
        """What the device sends by itself up to simulated second `t`."""
        ...

    def next_due(self, t: float) -> float | None:
        """The simulated second at which due() will next have something, None if it only answers."""
        ...

    def press(self, t: float, action: str, **values: Any) -> None:
        """A person at the device at second `t`: `start`, `stop`, `set_rate` ... as the scenario's world rows
        name them."""
        ...


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """Everything that is true of a family before a cable is plugged in."""

    key: str
    name: str
    vendor: str
    role: Role
    grade: Grade
    settings: PortSettings
    usual_bauds: tuple[int, ...]
    interval_s: float
    stale_s: float
    lost_s: float
    has_checksum: bool
    may_send: Callable[[bytes], bool]
    make_driver: Callable[..., Driver]
    """make_driver(source: str, **options) -> Driver; `source` is the name that its facts carry."""
    make_simulator: Callable[..., Simulator]
    """make_simulator(world, **options) -> Simulator; `world` is a devices.simulation.patient.PatientWorld."""
    reports: tuple[str, ...]
    never_reports: tuple[str, ...]
    evidence: tuple[str, ...]
    side_effects: tuple[str, ...] = ()
    request_budget_per_s: float = 10.0
    """The most frames that we send in any second (below 1: one frame in 1/so many seconds; 0: none). The link holds
    it, whatever the driver wants, across reconnects too."""
    flow_note: str = ""
    tried_on_hardware: str = "checked against published frames and simulators, not on this model"
    options: Mapping[str, str] = field(default_factory=dict)
    data_format: str = ""
    """Which of its formats the device sends, where it has several; "" where it has one."""
    formats: Mapping[str, DeviceSpec] = field(default_factory=dict)
    """The same device in each of its formats, itself among them: what it reports and how often may differ."""
    averaging: str = "not known: neither the wire nor the documents that were used tell it"
    """Over how long its numbers are averaged, where its makers say so."""
    averaging_s: float | None = None
    """The longest that this may be, in seconds; None where it is not known."""
    addresses: tuple[int, int] | None = None
    """The lowest and highest network address, where several such devices can share one line; None = one alone."""
    address: int = 0
    first_question: Callable[[bytes], bool] | None = None
    """Which frames may go to a port on which nobody has said yet what it is: harmless wherever they arrive. None = such
    a port is only listened to."""
    first_words: str = ""
    """What is asked there, in words."""
    first_instead: bytes = b""
    """What goes there in place of the driver's own first question, where the device answers a question alike that
    leaves nothing running behind."""
    silent_at_first_s: float = 0.0
    """So long after it was switched on one that speaks by itself may keep silent."""
    answers_s: float = 2.0
    """Within so many seconds a question is answered, if at all, as its makers or other clients say."""
    first_question_at: Callable[[int], Callable[[bytes], bool]] | None = None
    """The same question at another address, where it names one."""
    other_lines: tuple[str, ...] = ()
    """What else its line may be set to, at every speed, as in `8N2`: other parity or stop bits, no handshake."""
    dials_us: bool = False
    """Whether the device opens the connection, over the network: its line has no speed to choose."""

    @property
    def choice(self) -> str:
        """How settings, scenarios and captures name the device: the key, its format and its address where they matter,
        as in `nonin/df7` and `new-era@3`."""
        name = f"{self.key}/{self.data_format}" if self.data_format else self.key
        return f"{name}@{self.address}" if self.address else name

    @property
    def line(self) -> str:
        """How it is connected, in words: its port settings, or that it dials us."""
        return "dials us over the network" if self.dials_us else self.settings.text()

    def at_address(self, address: int) -> DeviceSpec:
        """The same device at another address of its line. ValueError where none can be."""
        lowest, highest = self.addresses or (0, 0)
        if not lowest <= address <= highest:
            raise ValueError(f"{self.key} has no address {address}")
        if address == self.address:
            return self
        return replace(
            self,
            address=address,
            make_driver=partial(self.make_driver, address=address),
            make_simulator=partial(self.make_simulator, address=address),
            first_question=self.first_question_at(address) if self.first_question_at else self.first_question,
        )

    def settings_at(self, baud: int = 0, line: str = "") -> PortSettings:
        """Its line at this speed (0 = as shipped), with this data format and handshake ("" = as shipped)."""
        settings = self.settings.with_line(line) if line else self.settings
        return replace(settings, baud=baud or settings.baud)

    def __post_init__(self) -> None:
        if self.stale_s < max(10.0, 3 * self.interval_s):
            raise ValueError(f"{self.key}: a stale limit is at least 3 intervals and 10 s")


@dataclass(frozen=True, slots=True)
class WireFault:
    """What wire code says of bytes that are no good frame."""

    reason: str
    raw: bytes


@runtime_checkable
class AwaitsAnswer(Protocol):
    """A driver that asks and is answered, one question at a time; others have no such property."""

    @property
    def awaits_answer(self) -> bool:
        """Whether a question is out whose answer has neither come nor been given up."""
        ...


@runtime_checkable
class TakesUp(Protocol):
    """A driver that reads a dialogue of which a part is missing only when it is told what was asked behind the gap;
    others have no such method."""

    def take_up(self, sent: bytes, at: Instant) -> None:
        """A recording says that this was sent, and the driver would have sent something else: go on from here."""
        ...


@runtime_checkable
class TakesTurns(Protocol):
    """A transport that several devices share: one of them is asked at a time; others have no such methods."""

    def may_speak(self, at: Instant) -> bool:
        """Whether a frame may go now; whoever may has the turn."""
        ...

    def speaks_at(self, at: Instant) -> Instant | None:
        """From when on it may; None: when another one has been answered."""
        ...

    def pass_on(self, at: Instant) -> None:
        """The turn is the next one's."""
        ...


class ForbiddenFrame(Exception):
    """A driver tried to send what its SPEC does not allow. Always a bug; never reaches the wire."""


class TransportLost(Exception):
    """The port has gone or cannot be opened; the text is one sentence for the person."""


class Transport(Protocol):
    """A byte pipe. open() and read() never block longer than their time-out; every failure is TransportLost."""

    @property
    def name(self) -> str:
        """The port as the person knows it."""
        ...

    def open(self) -> None:
        """Open exclusively, or raise TransportLost."""
        ...

    def read(self, timeout_s: float) -> bytes:
        """Bytes that have arrived, waiting at most `timeout_s` (0 = not at all) for the first."""
        ...

    def write(self, data: bytes) -> None:
        """Send all of `data` or raise TransportLost."""
        ...

    def close(self) -> None:
        """Close; may be called twice."""
        ...


@runtime_checkable
class Callers(Protocol):
    """A transport that stays open while the devices that dial it come and go; others have no such methods."""

    def caller_changed(self) -> bool:
        """Whether a caller came or went, since last asked, before the bytes that read() gave last."""
        ...

    def has_client(self) -> bool:
        """Whether somebody hears what is written."""
        ...


@runtime_checkable
class TurnsAway(Protocol):
    """A transport that lets one device in and no other while that one speaks; others have no such method."""

    def turned_away(self) -> str:
        """One sentence about a device that was not let in, since last asked; "" = there was none."""
        ...


@runtime_checkable
class HoldsBack(Protocol):
    """A transport whose device may say, by a wire of its own, that it takes nothing now; others have no such method."""

    def held_back(self) -> str:
        """Why nothing may be sent now, in words; "" = it may. TransportLost when the port has gone."""
        ...

    def opened_without(self) -> str:
        """That the port is open without the handshake that was set, and why, in words; "" = as it was set."""
        ...
