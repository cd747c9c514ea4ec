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

LISTEN_S = (2.5, 5.0)
"""At least and at most so long at one speed: what speaks by itself does so within two of its intervals."""
ASK_S = 2.5
ASK_AGAIN_S = 1.5
"""So long at settings that are not the usual ones: a device answers at once, and most of these are nobody's."""
ADDRESS_S = 0.3
"""So long the device at one address of a line has for its answer; longer where the line itself is slower."""
LONGEST_ANSWER = 25
"""Bytes of a question and its answer at one address, and some to spare."""
FEW_ADDRESSES = 15
"""So many addresses are tried where nobody has said which family is looked for."""
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
    longest_s: float = LISTEN_S[1]
    has_speed: bool = True

    def words(self) -> str:
        names = ", ".join(dict.fromkeys(spec.name.partition(" (")[0] for spec in self.specs))
        what = f"asking {names}" if self.asks else "listening"
        if len(self.specs) > 1 and self.asks:
            what += f" at addresses {self.specs[0].address} to {self.specs[-1].address}"
        return f"{self.settings.text()}: {what}" if self.has_speed else what

    @property
    def seconds(self) -> float:
        if self.asks:
            one_s = ASK_S if self.settings == self.specs[0].settings else ASK_AGAIN_S
            return one_s if len(self.specs) == 1 else self.address_s * len(self.specs)
        return min(self.longest_s, max(LISTEN_S[0], *(2.2 * spec.interval_s for spec in _speaking(self.specs))))

    @property
    def address_s(self) -> float:
        """How long each of several addresses has for its answer."""
        on_the_line_s = 10 * LONGEST_ANSWER / self.settings.baud if self.has_speed else 0.0
        return max(ADDRESS_S, 0.15 + on_the_line_s)


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
            longest_s = PATIENCE_S if one_speed else LISTEN_S[1]
            if _speaking(there):
                yield _Try(settings, there, asks=False, longest_s=longest_s, has_speed=not one_speed)
        for settings, spec in stage:
            if spec.first_question is not None:
                yield _Try(settings, (spec,), asks=True, has_speed=not one_speed)
    for settings, spec in lines:
        if spec.first_question is not None:
            yield _Try(settings, (spec,), asks=True)
    known = _one_family(specs)
    for settings, spec in (*usual, *other, *(lines if known else ())):
        if _shares_its_line(spec):
            yield _Try(settings, _other_addresses(spec, known=known), asks=True, has_speed=not one_speed)


def _speaking(specs: Sequence[DeviceSpec]) -> tuple[DeviceSpec, ...]:
    """Those that may speak by themselves: a pump waits to be asked."""
    return tuple(spec for spec in specs if spec.role is not Role.PUMP)


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
    began = clock.now()
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
            for candidate in ((asked,) if one.asks else candidates) if data else ():
                candidate.driver.received(data, clock.now())
            past = clock.now().since(began)
            if scans:
                continue  # there may be more of them on the line
            if any(candidate.is_it(asked=one.asks) for candidate in candidates) and (one.asks or past >= LISTEN_S[0]):
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
