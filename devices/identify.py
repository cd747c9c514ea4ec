"""Finds out what is on one port that a person chose: listens first, then asks what is harmless wherever it arrives."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from devices.spec import (
    DeviceSpec,
    Driver,
    ForbiddenFrame,
    PortSettings,
    Role,
    SaysGoodbye,
    Transport,
    TransportLost,
)
from devices.transport.budget import Budget
from exomonitor.clock import Clock, Instant
from exomonitor.errors import EnvironmentFault

log = logging.getLogger(__name__)

LISTEN_S = 2.5
"""At least so long at one speed; longer where somebody speaks seldom, or keeps silent after it was switched on."""
HEARD_S, SILENT_S = 2.2, 1.2
"""Intervals within which what speaks by itself has proved who it is, and within which it has said something at all."""
ASK_S = 2.5
ASK_AGAIN_S = 1.5
"""At most so long at settings that are not the usual ones: most of these are nobody's. Two answers, where they come
sooner, for a question may be lost; longer where the line itself is slower."""
ADDRESS_S = 0.3
"""So long the device at one address of a line has for its answer; longer where the line itself is slower."""
LONGEST_ANSWER = 25
"""Bytes of a question and its answer at one address, and some to spare."""
FEW_ADDRESSES, FAST = 15, 9600
"""So many addresses are tried where nobody has said which family is looked for, and at no slower speed."""
PATIENCE_S = 40.0
"""At a network address so long: there is nothing else to try, and carts report every half minute."""
READ_S = 0.1
PROOF = 2
"""Good frames that a device without a checksum must have sent by itself: one may be chance."""

SLOW_S = 10.0
"""What reports less often than this dials its reader over the network: on a serial line nobody waits for it."""

Open = Callable[[PortSettings], Transport]


@dataclass(frozen=True, slots=True)
class Identified:
    """What answered: catalogue key (with its format), line settings, and what it said of itself. `asked`: what it was
    asked, "" when it spoke by itself."""

    key: str
    name: str
    settings: PortSettings
    usual: bool
    """Whether these are the settings that its maker ships."""
    model: str
    serial: str
    frames: int
    asked: str
    has_speed: bool = True

    def words(self) -> str:
        """One line for the person."""
        who = " ".join(part for part in (self.model, self.serial) if part)
        how = f"asked for {self.asked}" if self.asked else "it speaks by itself"
        frames = f"{self.frames} good frame{'' if self.frames == 1 else 's'}"
        number = self.key.partition("@")[2]
        where = (f" address {number}" if number else "") + (f" at {self.settings.text()}" if self.has_speed else "")
        return f"{self.name}{f' ({who})' if who else ''}{where}: {frames}, {how}"


@dataclass(frozen=True, slots=True)
class _Try:
    """One thing to do with the port: listen for all of these, or ask the one, or one address after the other."""

    settings: PortSettings
    specs: tuple[DeviceSpec, ...]
    asks: bool
    patient: bool = False
    """Whether there is nothing else to try: then also what speaks seldom is waited for."""
    has_speed: bool = True

    def words(self) -> str:
        names = ", ".join(dict.fromkeys(spec.name.partition(" (")[0] for spec in self.specs))
        what = f"asking {names}" if self.asks else "listening"
        if len(self.specs) > 1 and self.asks:
            what += f" at addresses {self.specs[0].address} to {self.specs[-1].address}"
        return f"{self.settings.text()}: {what}" if self.has_speed else what

    @property
    def seconds(self) -> float:
        """The longest that it takes, seconds."""
        if not self.asks:
            return self._listening_s(HEARD_S)
        first = self.specs[0]
        if len(self.specs) > 1:
            return self.address_s * len(self.specs)
        if self.settings == first.settings:
            return max(ASK_S, first.answers_s)
        return min(ASK_AGAIN_S, 2 * first.answers_s) + self._on_the_line_s

    @property
    def silent_s(self) -> float:
        """The longest where no byte comes, seconds: then nobody speaks here."""
        return self.seconds if self.asks else self._listening_s(SILENT_S)

    def _listening_s(self, intervals: float) -> float:
        speaking = tuple(spec for spec in self.specs if _speaks(spec))
        often = tuple(spec for spec in speaking if spec.interval_s < SLOW_S)
        waits = [spec.silent_at_first_s + intervals * spec.interval_s for spec in (speaking if self.patient else often)]
        return min(PATIENCE_S, max([LISTEN_S, *waits]))

    @property
    def _on_the_line_s(self) -> float:
        return 10 * LONGEST_ANSWER / self.settings.baud if self.has_speed else 0.0

    @property
    def address_s(self) -> float:
        """How long each of several addresses has for its answer."""
        return max(ADDRESS_S, 0.15 + self._on_the_line_s)


def identify(
    specs: Iterable[DeviceSpec],
    open_port: Open,
    clock: Clock,
    *,
    one_speed: bool = False,
    tell: Callable[[str], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> tuple[Identified, ...]:
    """Go through the line settings of these devices until one of them answers; all that could be it, the likeliest
    first, and all that share its line, or nothing. `one_speed`: the port has no speed (a network address), each device
    is tried once. `stopped`: no further step; what has answered by then is told.

    Raises EnvironmentFault when the port cannot be opened.
    """
    specs = tuple(specs)
    budgets: dict[str, Budget] = {}  # of a family: at another speed or in another format it is the same device

    def attempt(one: _Try, left_s: float) -> tuple[Identified, ...]:
        if stopped():
            return ()
        tell(f"{one.words()} ({at_most(left_s)})")
        first = one.specs[0]
        budget = budgets.setdefault(first.key, Budget(first.request_budget_per_s))
        return _try(one, open_port(one.settings), clock, budget, stopped)

    ahead = tuple(tries(specs, one_speed=one_speed))
    for number, one in enumerate(ahead):
        if found := attempt(one, sum(later.seconds for later in ahead[number:])):
            beside = _beside(specs, one, found)
            return (*found, *attempt(beside, beside.seconds)) if beside is not None else found
    return ()


def at_most(seconds: float) -> str:
    """How long it may still take, in words."""
    whole = round(seconds)
    return f"at most {whole // 60} min {whole % 60} s more" if whole >= 60 else f"at most {whole} s more"


def on(port: str, specs: Iterable[DeviceSpec]) -> tuple[DeviceSpec, ...]:
    """Those of the devices, each in all its formats, that can be on such a port."""
    each = (one for spec in specs for one in (spec.formats.values() or (spec,)))
    return tuple(one for one in each if has_no_speed(port) or one.interval_s < SLOW_S or one.data_format)


def has_no_speed(port: str) -> bool:
    """Whether the port is a network address."""
    return "://" in port


def tries(specs: Sequence[DeviceSpec], *, one_speed: bool = False) -> Iterator[_Try]:
    """Usual settings before the others; at each all listening, where somebody may speak, before any question. Then
    questions with the other data formats and without handshake: what speaks by itself is heard with those as well. At
    last the other addresses of a line, where nobody has said which one."""
    usual = [(spec.settings, spec) for spec in specs]
    other = [
        (spec.settings_at(baud), spec) for spec in specs for baud in spec.usual_bauds if baud != spec.settings.baud
    ]
    lines = [
        (spec.settings_at(baud, at), spec) for spec in specs for at in spec.other_lines for baud in spec.usual_bauds
    ]
    if one_speed and usual:
        usual, other, lines = [(usual[0][0], spec) for _, spec in usual], [], []
    for stage in (usual, other):
        for settings in dict.fromkeys(settings for settings, _ in stage):
            there = tuple(spec for at, spec in stage if at == settings)
            if any(spec.role is not Role.PUMP for spec in there):  # a pump waits to be asked
                patient = one_speed or (len({at for at, _ in (*usual, *other)}) == 1 and all(map(_speaks, specs)))
                yield _Try(settings, there, asks=False, patient=patient, has_speed=not one_speed)
        for settings, spec in stage:
            if spec.first_question is not None:
                yield _Try(settings, (spec,), asks=True, has_speed=not one_speed)
    for settings, spec in lines:
        if spec.first_question is not None:
            yield _Try(settings, (spec,), asks=True)
    known = _one_family(specs)
    for settings, spec in (*usual, *other, *(lines if known else ())):
        if _shares_its_line(spec) and (known or settings.baud >= FAST):
            yield _Try(settings, _other_addresses(spec, known=known), asks=True, has_speed=not one_speed)


def _speaks(spec: DeviceSpec) -> bool:
    """Whether it speaks by itself; a monitor that is asked may go on with what another program asked for."""
    return spec.role is not Role.PUMP and spec.first_question is None


def _one_family(specs: Sequence[DeviceSpec]) -> bool:
    return len({spec.key for spec in specs}) == 1


def _shares_its_line(spec: DeviceSpec) -> bool:
    """Whether others of its family may answer beside it; one that was named with its address is looked for alone."""
    return spec.addresses is not None and not spec.address and spec.first_question is not None


def _other_addresses(spec: DeviceSpec, *, known: bool) -> tuple[DeviceSpec, ...]:
    """`known`: somebody has said that it is this family; only then is every address asked."""
    lowest, highest = spec.addresses or (0, 0)
    last = highest if known else min(highest, FEW_ADDRESSES)
    return tuple(spec.at_address(number) for number in range(lowest + 1, last + 1))


def _beside(specs: Sequence[DeviceSpec], one: _Try, found: Sequence[Identified]) -> _Try | None:
    """Whom else to ask on the line of the one that answered; None where it is alone or all were asked together."""
    there = [spec for spec in one.specs if spec.choice == found[0].key and _shares_its_line(spec)]
    if not there:
        return None
    others = _other_addresses(there[0], known=_one_family(specs))
    return _Try(one.settings, others, asks=True, has_speed=one.has_speed)


def is_bare(frame: bytes) -> bool:
    """Whether a line of this frame is empty: other makes of pump take a bare carriage return for STOP."""
    return any(not line.strip() for line in frame.replace(b"\r\n", b"\r").split(b"\r")[:-1])


class _Candidate:
    """One device that this could be, and what it has understood."""

    def __init__(self, spec: DeviceSpec, clock: Clock) -> None:
        self.spec = spec
        self.driver: Driver = spec.make_driver(spec.key)
        self.driver.opened(clock.now())

    def good(self) -> int:
        return self.driver.counters().frames_ok

    def is_it(self, *, asked: bool) -> bool:
        """Whether there is proof: more good frames than bad ones, and more than chance gives."""
        counted = self.driver.counters()
        slow = self.spec.interval_s >= SLOW_S  # whole messages, with a header of their own
        needed = 1 if asked or slow or self.spec.has_checksum else PROOF
        return counted.frames_ok >= needed and counted.frames_ok > sum(counted.frames_bad.values())


def _try(
    one: _Try, transport: Transport, clock: Clock, budget: Budget, stopped: Callable[[], bool]
) -> tuple[Identified, ...]:
    candidates = [_Candidate(spec, clock) for spec in one.specs]
    scans = one.asks and len(candidates) > 1
    began, heard = clock.now(), False
    try:
        transport.open()
    except TransportLost as lost:
        raise EnvironmentFault(str(lost)[:1].upper() + str(lost)[1:]) from lost
    try:
        while clock.now().since(began) < one.seconds and not stopped():
            turn = int(clock.now().since(began) / one.address_s) if scans else 0
            asked = candidates[min(turn, len(candidates) - 1)]
            if one.asks:
                _ask(asked, transport, budget, clock)
            data = transport.read(READ_S)
            heard = heard or bool(data)
            for candidate in (asked,) if one.asks else candidates:
                candidate.driver.received(data, clock.now())
            past = clock.now().since(began)
            if scans:
                continue  # there may be more of them on the line
            if any(candidate.is_it(asked=one.asks) for candidate in candidates) and (one.asks or past >= LISTEN_S):
                break
            if not heard and past >= one.silent_s:
                break
        if one.asks:
            _say_goodbye(candidates[0], transport, budget, clock)
    except TransportLost as lost:  # no handshake on this cable, say; a port that has gone is missed at the next opening
        log.info("%s: %s", one.words(), lost)
    finally:
        transport.close()
    found = sorted((c for c in candidates if c.is_it(asked=one.asks)), key=lambda c: -c.good())
    return tuple(_identified(candidate, one) for candidate in found)


def _ask(candidate: _Candidate, transport: Transport, budget: Budget, clock: Clock) -> None:
    for _ in range(100):
        now = clock.now()
        frame = candidate.driver.due(now) if budget.may_send(now) else None
        if frame is None:
            return
        _send(candidate.spec, frame, transport, budget, now)


def _say_goodbye(candidate: _Candidate, transport: Transport, budget: Budget, clock: Clock) -> None:
    """The last word does not wait for the budget: the device would be left with half a conversation."""
    frame = candidate.driver.closing() if isinstance(candidate.driver, SaysGoodbye) else None
    if frame is not None:
        _send(candidate.spec, frame, transport, budget, clock.now())


def _send(spec: DeviceSpec, frame: bytes, transport: Transport, budget: Budget, now: Instant) -> None:
    """Only what is harmless to whoever is there; all other questions of the driver stay unsent."""
    if spec.first_question is None or not spec.first_question(frame):
        return
    frame = spec.first_instead or frame
    if not spec.may_send(frame) or is_bare(frame):
        raise ForbiddenFrame(f"{spec.key} may not send {frame!r} to a port on which nobody is known")
    budget.spend(now)
    transport.write(frame)


def _identified(candidate: _Candidate, one: _Try) -> Identified:
    spec, (model, serial) = candidate.spec, candidate.driver.identity
    asked = spec.first_words if one.asks else ""
    usual = one.settings == spec.settings
    good = candidate.good()
    return Identified(spec.choice, spec.name, one.settings, usual, model, serial, good, asked, one.has_speed)
