"""Reads the pump modules behind a Fresenius base: connects, asks each module once a second, gives receipts."""

from __future__ import annotations

from collections import deque

from devices.pumps.fresenius_base import wire
from devices.pumps.fresenius_base.driver.module import Module
from devices.spec import WireFault
from devices.wire.framing import FrameCutter
from exomonitor.clock import Instant
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkCounters, LinkFault

CYCLE_S = 1.0
LATE_S = 0.5
"""So long after a cycle that was late the next one begins."""
REPLY_TIMEOUT_S = 1.0
NOT_READY_S = 0.3
HELLO_EVERY_S = 2.0
STACK_EVERY_S = 5.0
RECONNECT_S = 5.0
DRUG_EVERY_S = 10.0
TRIES = 2
MISSES = 2
SAME_WORD_S = 0.1
"""Noise may look like many ENQs: one answer in this time is enough."""
MOST_WORDS = 40
"""A flood that was held back somewhere is not acknowledged to its last frame."""
_NOT_CONNECTED = frozenset({wire.COMMUNICATION_WITH_BASE_CLOSED, wire.MODULE_UNREACHABLE, wire.MODULE_CLOSED})


class FreseniusBaseDriver:
    """Sans-IO driver of one base; each module is a channel named by its place. Says FC when the link is closed."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._cutter = FrameCutter(wire.find_start, wire.parse_at, wire.MAX_RAW, wire.PARTIAL_TIMEOUT_S, wire.run_at)
        self._frames_ok = 0
        self._base_type = ""
        self._base_open = False
        self._greeted = False
        self._modules: dict[int, Module] = {}
        self._words: deque[bytes] = deque()  # receipts and link words: they go before any question
        self._word_said: dict[bytes, Instant] = {}
        self._questions: deque[wire.Frame] = deque()
        self._asked: wire.Frame | None = None
        self._tries = 0
        self._deadline: Instant | None = None
        self._cycle_due: Instant | None = None
        self._stack_due: Instant | None = None

    @property
    def identity(self) -> tuple[str, str]:
        """The base's own name for its type, else that of its only module; no serial number is on this wire."""
        types = [module.type for module in self._modules.values()]
        return self._base_type or (types[0] if len(types) == 1 else ""), ""

    def counters(self) -> LinkCounters:
        """Frames with a good checksum, bad ones, bytes skipped; link characters count as neither."""
        cutter = self._cutter
        return LinkCounters(
            frames_ok=self._frames_ok, frames_bad=dict(cutter.frames_bad), bytes_skipped=cutter.bytes_skipped
        )

    def opened(self, at: Instant) -> None:
        """Begin with the base; what alarms still is reported anew, for nobody remembers it from before."""
        self._cutter.reset()
        for module in self._modules.values():
            module.alarms.clear()
        self._words.clear()
        self._word_said.clear()
        self._greeted = False
        self._base_closed(at)

    def closing(self) -> bytes | None:
        """Disconnect from the base, so that it does not miss us."""
        return wire.encode(wire.Frame(wire.BASE, wire.DISCONNECT)) if self._greeted else None

    # --- what to send

    def due(self, at: Instant) -> bytes | None:
        """A receipt that is owed, else the next question."""
        if self._words:
            return self._words.popleft()
        if self._asked is not None:
            if self._deadline is None or at.since(self._deadline) < 0:
                return None
            if self._tries < TRIES:
                return self._send(self._asked, at)
            self._no_answer(self._asked, at)
        if not self._questions and self._cycle_due is not None and at.since(self._cycle_due) >= 0:
            self._begin_cycle(at)
        if not self._questions:
            return None
        self._tries = 0
        return self._send(self._questions.popleft(), at)

    def take_up(self, sent: bytes, at: Instant) -> None:
        """A recording says that this was sent, and something else was due: what made it so is missing there."""
        frame = wire.sent_frame(sent)
        if frame is None:
            return
        self._words.clear()
        self._questions.clear()
        self._base_open = self._base_open or frame != wire.Frame(wire.BASE, wire.CONNECT)
        if frame.address is not None and frame.address != wire.BASE:
            module = self._modules.setdefault(frame.address, Module(self._source, frame.address))
            module.open = module.open or frame.command != wire.CONNECT
            module.misses = 0
        self._tries = 0
        self._send(frame, at)

    def next_due(self, at: Instant) -> Instant | None:
        """Now when something is owed, else the end of the patience for an answer, or the next cycle."""
        if self._words:
            return at
        if self._asked is not None:
            return self._deadline
        return at if self._questions else self._cycle_due

    def _send(self, frame: wire.Frame, at: Instant) -> bytes:
        self._asked = frame
        self._tries += 1
        self._deadline = at.plus(REPLY_TIMEOUT_S)
        self._greeted = True
        return wire.encode(frame)

    def _begin_cycle(self, at: Instant) -> None:
        if not self._base_open:
            self._cycle_due = at.plus(HELLO_EVERY_S)
            self._questions.append(wire.Frame(wire.BASE, wire.CONNECT))
            return
        self._cycle_due = at.plus(CYCLE_S)
        if _passed(self._stack_due, at):
            self._stack_due = at.plus(STACK_EVERY_S)
            self._questions.append(wire.Frame(wire.BASE, wire.READ, wire.STACK))
        for module in self._modules.values():
            self._plan(module, at)

    def _plan(self, module: Module, at: Instant) -> None:
        if not module.open:
            if _passed(module.connect_due, at):
                self._questions.append(wire.Frame(module.address, wire.CONNECT))
            return
        self._questions.append(wire.Frame(module.address, wire.READ, module.question))
        if not module.type_told:
            self._questions.append(wire.Frame(module.address, wire.READ_FIXED, wire.TYPE))
        if _passed(module.drug_due, at):
            module.drug_due = at.plus(DRUG_EVERY_S)
            self._questions.append(wire.Frame(module.address, wire.READ_DRUG))

    def _no_answer(self, frame: wire.Frame, at: Instant) -> None:
        self._asked = None
        module = self._modules.get(frame.address or wire.BASE)
        if module is None:
            self._base_closed(at.plus(HELLO_EVERY_S))
            return
        module.misses += 1
        if module.misses >= MISSES or not module.open:
            self._module_closed(module, at)

    def _base_closed(self, next_at: Instant) -> None:
        self._base_open = False
        self._questions.clear()
        self._asked = None
        self._cycle_due = next_at
        self._stack_due = None
        for module in self._modules.values():
            module.close(None)

    def _module_closed(self, module: Module, at: Instant) -> None:
        module.close(at.plus(RECONNECT_S))
        self._questions = deque(frame for frame in self._questions if frame.address != module.address)

    # --- what arrives

    @property
    def waits_until(self) -> Instant | None:
        """When silence ends the wait for the rest of half a frame."""
        return self._cutter.waits_until

    def received(self, data: bytes, at: Instant) -> list[DeviceFact]:
        """Readings, alarm transitions and faults in these bytes."""
        facts: list[DeviceFact] = []
        for item, when in self._cutter.dated(data, at):
            if isinstance(item, WireFault):
                facts.append(LinkFault(self._source, item.reason, item.raw, when))
                if item.reason == "checksum":
                    self._say(wire.BAD_CHECKSUM, when)
            elif item == wire.ENQ:
                self._say(wire.DC4, when)
            elif item[:1] == wire.NAK:
                self._refused_by_link(when)
            elif item != wire.ACK:
                facts += self._take(item, when)
        return facts

    def _say(self, word: bytes, at: Instant) -> None:
        said = self._word_said.get(word)
        if said is None or at.since(said) >= SAME_WORD_S:
            self._word_said[word] = at
            self._owe(word)

    def _owe(self, *words: bytes) -> None:
        if len(self._words) < MOST_WORDS:
            self._words.extend(words)

    def _refused_by_link(self, at: Instant) -> None:
        """The base could not take our frame: the same one again, after a moment."""
        if self._asked is not None:
            self._deadline = at.plus(NOT_READY_S)

    def _take(self, text: bytes, at: Instant) -> list[DeviceFact]:
        frame = wire.parse(text)
        if frame is None or frame.address is None:
            return [self._not_ours(text, at)]
        if frame.command in (wire.SPONTANEOUS, wire.SPONTANEOUS_SETTING):
            # Somebody has asked for these before us; the values are asked for anyway, but a receipt is owed.
            self._frames_ok += 1
            self._owe(wire.ACK, wire.encode(wire.Frame(frame.address, frame.command)))
            return []
        if frame.command not in (wire.CORRECT, wire.REFUSED):
            return [self._not_ours(text, at)]
        self._frames_ok += 1
        self._owe(wire.ACK)
        asked = self._asked
        if asked is None or asked.address != frame.address:
            return [self._not_ours(text, at)]
        if frame.command == wire.REFUSED:
            self._asked = None
            return self._take_refusal(asked, frame, at)
        if not _answers(asked, frame.arguments):
            return [self._not_ours(text, at)]
        self._asked = None
        return self._take_base(asked, frame, at) if asked.address == wire.BASE else self._take_module(asked, frame, at)

    def _not_ours(self, text: bytes, at: Instant) -> LinkFault:
        return LinkFault(self._source, "not an answer to the question", text, at)

    def _take_base(self, asked: wire.Frame, frame: wire.Frame, at: Instant) -> list[DeviceFact]:
        if asked.command == wire.CONNECT:
            self._meet_base(at)
        elif asked.command == wire.READ_FIXED:
            self._base_type = wire.device_type(frame.arguments) or ""
        else:
            return self._take_stack((wire.variables(frame.arguments) or {})[wire.STACK], at)
        return []

    def _meet_base(self, at: Instant) -> None:
        self._base_open = True
        self._cycle_due = at
        if not self._base_type:
            self._questions.append(wire.Frame(wire.BASE, wire.READ_FIXED, wire.TYPE))

    def _take_stack(self, mask: int, at: Instant) -> list[DeviceFact]:
        present = wire.modules_in(mask)
        facts: list[DeviceFact] = []
        for address in [known for known in self._modules if known not in present]:
            facts += self._modules.pop(address).removed(at)
            self._questions = deque(frame for frame in self._questions if frame.address != address)
        for address in present:
            if address not in self._modules:
                self._modules[address] = Module(self._source, address)
                self._questions.append(wire.Frame(address, wire.CONNECT))
        self._modules = dict(sorted(self._modules.items()))
        return facts

    def _take_module(self, asked: wire.Frame, frame: wire.Frame, at: Instant) -> list[DeviceFact]:
        module = self._modules.get(asked.address or wire.BASE)
        if module is None:
            return []
        module.misses = 0
        match asked.command:
            case wire.CONNECT:
                module.open = True
                self._plan(module, at)
            case wire.READ_FIXED:
                module.type, module.type_told = wire.device_type(frame.arguments) or "", True
            case wire.READ_DRUG:
                module.drug = (frame.arguments or "").strip()
            case _:
                if _passed(self._cycle_due, at):  # an answer was missed: not the same question again at once
                    self._cycle_due = at.plus(LATE_S)
                told, digits = wire.variables(frame.arguments) or {}, wire.digits(frame.arguments)
                return [module.reading(told, digits, at), *module.judge_alarms(told, digits, at)]
        return []

    def _take_refusal(self, asked: wire.Frame, frame: wire.Frame, at: Instant) -> list[DeviceFact]:
        """`I;code`: connected no more, or a question that this device does not know."""
        code = frame.arguments or ""
        module = self._modules.get(asked.address or wire.BASE)
        if code == wire.COMMUNICATION_WITH_BASE_CLOSED:
            self._base_closed(at.plus(CYCLE_S))
        elif module is None:
            if asked.command == wire.CONNECT:
                self._meet_base(at)  # it is there and says that it will not connect: most likely it already is
            elif asked.command == wire.READ:
                return [self._unwilling(f"the base refuses to list its modules (code {code})", frame, at)]
        elif code in _NOT_CONNECTED:
            self._module_closed(module, at)
        elif asked.command == wire.CONNECT:
            module.open = True
            self._plan(module, at)
        elif asked.command == wire.READ and module.question == wire.EVERYTHING:
            module.question = wire.NEEDED
            self._questions.appendleft(wire.Frame(module.address, wire.READ, wire.NEEDED))
        elif asked.command == wire.READ:
            return [
                self._unwilling(f"module {module.channel} refuses to tell rate and volume (code {code})", frame, at)
            ]
        elif asked.command == wire.READ_FIXED:
            module.type_told = True
        return []

    def _unwilling(self, reason: str, frame: wire.Frame, at: Instant) -> LinkFault:
        return LinkFault(self._source, reason, frame.text.encode("ascii"), at)


def _passed(when: Instant | None, at: Instant) -> bool:
    return when is None or at.since(when) >= 0


def _answers(asked: wire.Frame, arguments: str | None) -> bool:
    """Whether an answer has the form of what was asked; a late one to another question has not."""
    told = wire.variables(arguments)
    match asked.command:
        case wire.CONNECT:
            return not arguments
        case wire.READ:
            return told is not None and set(asked.arguments or "") <= set(told)
        case wire.READ_FIXED:
            return wire.device_type(arguments) is not None and told is None
        case _:
            return told is None
