"""The desk where people's commands are taken: one in flight at a time and in order, stored first, true only then."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Protocol

from exomonitor.alarms.sounding import PauseRefused
from exomonitor.clock import Instant
from exomonitor.engine.bedside import Receipt
from exomonitor.engine.chair import Chair
from exomonitor.engine.handlers import decide
from exomonitor.engine.handlers_prepare import LATEST
from exomonitor.engine.locked import adopt_lock
from exomonitor.engine.outbox import NO_ANSWER, NO_ANSWER_S
from exomonitor.engine.ports import STATION_ACTOR, Draft, Recorder
from exomonitor.engine.situation import Decision, Situation
from exomonitor.engine.wristband import adopt, held
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.session.commands import Acknowledge, Command, ConfirmPatient, PauseAudio, SignOff
from exomonitor.session.entry import Entry, Event, RegistryEvent
from exomonitor.session.events import DeliveryChanged
from exomonitor.session.machine_events import AudioPaused
from exomonitor.session.parts.device_check import ConfirmDevice
from exomonitor.session.parts.emergency import UNNAMED
from exomonitor.session.parts.handover import SignIn, SignOut, TakeOver
from exomonitor.session.phases import DeliverySource

log = logging.getLogger(__name__)
BUG = "This could not be done: a fault in the program (it is in the log)"


@dataclass(slots=True)
class Ask:
    """A person's command on its way, with the future that the asker holds."""

    command: Command
    answer: Future[Receipt]


class Floor(Protocol):
    """What the desk needs of the engine: its chairs, what a handler may know, and how stored entries become true."""

    def chair(self, name: str) -> Chair:
        """The chair of that name."""
        ...

    def situation(self, chair: Chair, now: Instant) -> Situation:
        """What a handler may look at."""
        ...

    def take_all(self, chair: Chair, entries: Sequence[Entry], now: Instant) -> None:
        """These entries are stored: fold them."""
        ...

    def publish_chair(self, chair: Chair, now: Instant) -> None:
        """Show the chair as it stands."""
        ...

    def use_proofs(self, command: Command) -> None:
        """The command is carried out: its signatures are spent."""
        ...


class Desk:
    """All commands of one station. Belongs to the engine's thread; every answer resolves."""

    def __init__(self, floor: Floor, recorder: Recorder, arrived: Callable[[Callable[[Instant], None]], None]) -> None:
        self._floor = floor
        self._recorder = recorder
        self._arrived = arrived
        self._asks: deque[Ask] = deque()
        self._in_flight: Ask | None = None
        self._sent_at: Instant | None = None

    @property
    def busy(self) -> bool:
        """Whether a command is under way or waits."""
        return bool(self._asks) or self._in_flight is not None

    def is_deciding(self, chair: Chair) -> bool:
        """Whether this chair's state is about to change by a command."""
        return self._in_flight is not None and self._in_flight.command.chair == chair.name

    def trouble(self, now: Instant) -> str:
        """Why commands are not being recorded, or ""."""
        stuck = self._in_flight is not None and self._sent_at is not None and now.since(self._sent_at) > NO_ANSWER_S
        return NO_ANSWER if stuck else ""

    def on_command(self, ask: Ask, now: Instant) -> None:
        """Take a command; one is in flight at a time, the others wait in order. Silence waits for nothing."""
        if isinstance(ask.command, Acknowledge | PauseAudio):
            chair = self._floor.chair(ask.command.chair)
            try:
                receipt = _alarm_command(ask.command, chair, now)
            except PauseRefused as refusal:
                ask.answer.set_exception(CommandRefused(str(refusal)))
                return
            self._floor.publish_chair(chair, now)
            chair.outbox.send_events(now)
            ask.answer.set_result(receipt)
            return
        self._asks.append(ask)
        self.go_on(now)

    def go_on(self, now: Instant) -> None:
        """Carry out what waits, as far as the record has caught up with the machines."""
        while self._asks and self._in_flight is None:
            ask = self._asks[0]
            outbox = self._floor.chair(ask.command.chair).outbox
            # What is signed is all that is stored: nothing may be on its way to the record at that moment.
            if outbox.unsettled or (isinstance(ask.command, SignOff) and outbox.in_flight is not None):
                outbox.flush(now, at_once=True)
                return
            self._asks.popleft()
            self._carry_out(ask, self._floor.chair(ask.command.chair), now)

    def refuse_waiting(self, chair: Chair, why: str) -> None:
        """The record cannot be written: who waits in this chair is told so, and keeps what was typed."""
        waiting = [ask for ask in self._asks if ask.command.chair == chair.name]
        self._asks = deque(ask for ask in self._asks if ask.command.chair != chair.name)
        for ask in waiting:
            ask.answer.set_exception(EnvironmentFault(f"Not recorded: {why}"))

    def _carry_out(self, ask: Ask, chair: Chair, now: Instant) -> None:
        try:
            decision = held(chair, ask.command, decide(self._floor.situation(chair, now), ask.command))
        except CommandRefused as refusal:
            ask.answer.set_exception(refusal)
            return
        except Exception:  # the edge to whoever asked: no receipt may stay open because of a bug
            log.exception("a %s could not be decided", type(ask.command).__name__)
            ask.answer.set_exception(CommandRefused(BUG))
            return
        if not (decision.events or decision.beside):
            self._adopt(ask.command, chair, decision.answer, now)
            ask.answer.set_result(Receipt((), decision.answer))
            return
        self._in_flight, self._sent_at = ask, now
        future = self._recorder.submit(_drafts(decision, chair, decision.by or ask.command.by, now))
        future.add_done_callback(lambda done: self._arrived(lambda at: self._stored(ask, chair, decision, done, at)))

    def _stored(
        self, ask: Ask, chair: Chair, decision: Decision, done: Future[tuple[Entry, ...]], now: Instant
    ) -> None:
        self._in_flight = None
        error = done.exception()
        if error is not None:
            chair.outbox.fault = str(error)
            ask.answer.set_exception(EnvironmentFault(f"Not recorded: {error}"))
        else:
            chair.outbox.fault = ""
            self._floor.take_all(chair, done.result(), now)
            self._adopt(ask.command, chair, decision.answer, now)
            ask.answer.set_result(Receipt(done.result(), decision.answer))
        self.go_on(now)
        self._floor.publish_chair(chair, now)

    def _adopt(self, command: Command, chair: Chair, answer: str, now: Instant) -> None:
        """What a command changes outside the record, once it is stored."""
        self._floor.use_proofs(command)
        adopt(chair, command, answer)
        adopt_lock(chair, command, now)
        if isinstance(command, SignIn | TakeOver):
            chair.staff_id = answer
        elif isinstance(command, SignOut):
            chair.staff_id = ""
        elif isinstance(command, ConfirmPatient):
            chair.resume_offer = ""
        elif isinstance(command, ConfirmDevice):  # patient and device were looked at: nothing waits for an answer
            answered = chair.alarms.acknowledge(f"{command.role}.wrong", command.by, now)
            chair.record_alarms(answered, command.by or UNNAMED)


def _alarm_command(command: Acknowledge | PauseAudio, chair: Chair, now: Instant) -> Receipt:
    """Silence never waits for a disk: these act at once and are recorded right after. Raises PauseRefused."""
    who = command.by or UNNAMED
    if isinstance(command, Acknowledge):
        named = command.seen if command.seen is not None and not command.key else (command.key or None,)
        for key in named:
            chair.record_alarms(chair.alarms.acknowledge(key, command.by, now), who)
        return Receipt()
    until = chair.alarms.pause_audio(now, command.by)
    chair.record(AudioPaused(until), now, who)
    return Receipt(answer=until.iso())


def _drafts(decision: Decision, chair: Chair, by: str, now: Instant) -> Sequence[Draft]:
    session = decision.session or chair.session
    return tuple(
        Draft("" if isinstance(event, RegistryEvent) else session, now, _actor(event, by), _linked(event, chair))
        for event in decision.events
    ) + tuple(Draft(other, now, _actor(event, by), event) for other, event in decision.beside)


def _actor(event: Event, by: str) -> str:
    """Who did it: what the pump itself reported is nobody's doing, whoever's command made it a fact of the record."""
    if isinstance(event, DeliveryChanged) and event.source is DeliverySource.PUMP:
        return STATION_ACTOR
    return by or UNNAMED


def _linked(event: Event, chair: Chair) -> Event:
    """A correction of "the entry before" gets that entry's seq."""
    if getattr(event, "supersedes", None) != LATEST:
        return event
    changed: Any = replace(event, supersedes=chair.latest_of_type.get(type(event).__name__))  # type: ignore[call-arg]
    assert isinstance(changed, Event)
    return changed
