"""A simulated IntelliVue on its MIB port: lets one computer associate, then sends what that computer polls."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from devices.monitors.philips_intellivue.simulator import waves
from devices.monitors.philips_intellivue.simulator.cuff import Cuff
from devices.monitors.philips_intellivue.simulator.numbers import CONTEXT, Numbers
from devices.monitors.philips_intellivue.wire import codes, frames, session, values
from devices.monitors.philips_intellivue.wire import operations as ops
from devices.monitors.philips_intellivue.wire.fields import (
    counted,
    encode_attributes,
    encode_clock,
    encode_object,
    u32,
)
from devices.monitors.philips_intellivue.wire.requests import (
    THE_SYSTEM,
    ConfirmCreate,
    ExtendedPoll,
    GetList,
    Poll,
    Request,
    SetList,
    decode_request,
)
from devices.monitors.philips_intellivue.wire.results import (
    MdsCreate,
    Observed,
    PollResult,
    encode_create,
    encode_model,
    encode_poll_result,
    encode_serial,
)
from devices.monitors.philips_intellivue.wire.session import Session, UserInfo
from devices.simulation.patient import PatientWorld
from exomonitor.clock import NS, Instant

UNIX_START = 1_772_442_000
BOOTED_BEFORE_S = 1234.5
REBOOT_S = 15.0
CREATE_AGAIN_S = 3.0
GIVES_UP_S = 10.0
MOST_FRAMES, WITHIN_S = 4, 0.128
MOST_PERIOD_S = 3600.0
NO_SUCH_ACTION = 9
OFFERED = session.NUMERICS_1_S | session.WAVES_EXTENDED
BLOCK_S = waves.BLOCK_TICKS / codes.TICKS_PER_S
_PERIOD_S = {codes.NUMERICS: 1.0, codes.ALERT_MONITOR: 1.0, codes.WAVES: BLOCK_S}
_KEYS = ("nibp", "admit", "alarms_off", "alarms_on", "silence", "reboot")


@dataclass(slots=True)
class _Running:
    """One extended poll: its number, its next period and result, and its end."""

    request: ExtendedPoll
    number: int
    period: int
    until: float
    sequence: int = 0

    @property
    def at(self) -> float:
        """The second of the next result: the end of its period."""
        return self.period * _PERIOD_S[self.request.kind]


class PhilipsIntellivueSimulator:
    """One association at a time; ends it when the computer has been silent for longer than was agreed."""

    def __init__(
        self,
        world: PatientWorld,
        *,
        nibp_interval_s: float = 300.0,
        unix_start: int = UNIX_START,
        kilopascal: bool = False,
        fahrenheit: bool = False,
        demo: bool = False,
        linked: int = 0,
        serial: str = "DE00000042",
    ) -> None:
        """nibp_interval_s: 0 means only by the key; linked: at most so many numbers in one message, 0 = all."""
        self._world = world
        self._cuff = Cuff(world, nibp_interval_s)
        self._start = datetime.fromtimestamp(unix_start, UTC)
        self._numbers = Numbers(world, self._cuff, self._start, kilopascal=kilopascal, fahrenheit=fahrenheit, demo=demo)
        self._demo = demo
        self._linked = linked
        self._serial = serial
        self._cutter = frames.make_cutter()
        self._taken: deque[float] = deque(maxlen=MOST_FRAMES)
        self._dead_until = 0.0
        self._lists = {codes.WAVE_PRIORITIES: (codes.text_id(codes.PLETH),), codes.NUMERIC_PRIORITIES: ()}
        self._forget()

    def received(self, data: bytes, t: float) -> bytes:
        """Take frames, at most four in 128 ms; answer them at once."""
        out = b""
        for found in self._cutter.feed(data, _instant(t)):
            if not isinstance(found, bytes) or t < self._dead_until:
                continue
            if len(self._taken) == MOST_FRAMES and t - self._taken[0] < WITHIN_S:
                continue
            self._taken.append(t)
            out += b"".join(frames.frame(payload) for payload in self._answer(found, t))
        return out

    def due(self, t: float) -> bytes:
        """Everything that the monitor sends by itself up to second `t`."""
        out = []
        while (when := self._next_at()) is not None and when <= t:
            out += self._speak(when)
        return b"".join(frames.frame(payload) for payload in out)

    def next_due(self, t: float) -> float | None:
        """The second of the next message, None while nobody is associated."""
        when = self._next_at()
        return None if when is None else max(when, t)

    def press(self, t: float, action: str, **values_: Any) -> None:
        """`nibp`: measure now. `alarms_off`, `alarms_on`, `silence`: of patient alarms. `reboot`. `admit`: nothing."""
        if action not in _KEYS or values_:
            raise ValueError(f"this monitor has no key {action!r} with {values_!r}, only {', '.join(_KEYS)}")
        if action == "nibp":
            self._cuff.press(t)
        elif action == "reboot":
            self._forget()
            self._dead_until = t + REBOOT_S
        elif action != "admit":
            states = {"alarms_off": values.ALARM_SUSPENDED, "silence": values.ALARM_SILENCED}
            self._numbers.alarm_state = states.get(action, 0)

    # --- the association

    def _forget(self) -> None:
        self._user: UserInfo | None = None
        self._confirmed = False
        self._create_at = self._heard_at = self._associated_at = 0.0
        self._running: dict[int, _Running] = {}

    def _answer(self, payload: bytes, t: float) -> list[bytes]:
        kind = session.session_kind(payload)
        if kind is not None:
            return self._associate(kind, payload, t)
        request = decode_request(payload)
        if self._user is None:
            return []
        self._heard_at = t
        return [] if request is None else self._serve(request[1], request[0], t)

    def _associate(self, kind: Session, payload: bytes, t: float) -> list[bytes]:
        if kind is Session.ASSOCIATE:
            user = session.read_request(payload)
            if self._user is not None or user is None:
                return [session.bare(Session.REFUSED)]
            self._user = user
            self._associated_at = self._create_at = self._heard_at = t
            return [session.accept(session.granted(user, OFFERED))]
        answered = kind is Session.RELEASE and self._confirmed
        if kind is Session.ABORT or answered:
            self._forget()
        return [session.bare(Session.RELEASED)] if answered else []

    def _next_at(self) -> float | None:
        if self._user is None:
            return None
        if not self._confirmed:
            return min(self._create_at, self._associated_at + GIVES_UP_S)
        ends = self._heard_at + self._user.poll.timeout_s
        return min([ends, *(one.at for one in self._running.values())])

    def _speak(self, t: float) -> list[bytes]:
        """What is to be said at second `t`, which is the next such second."""
        if self._user is None:
            return []
        if not self._confirmed:
            if t >= self._associated_at + GIVES_UP_S:
                return self._abort()
            self._create_at += CREATE_AGAIN_S
            return [self._create(t)]
        if t >= self._heard_at + self._user.poll.timeout_s:
            return self._abort()
        running = min(self._running.values(), key=lambda one: one.at)
        return self._result(running, t)

    def _abort(self) -> list[bytes]:
        self._forget()
        return [session.bare(Session.ABORT)]

    def _create(self, t: float) -> bytes:
        told = {
            codes.ABSOLUTE_TIME: encode_clock(self._clock(t)),
            codes.RELATIVE_TIME: u32(self._ticks(t)),
            codes.MODEL: encode_model("Philips", "866062"),
        }
        return encode_create(MdsCreate(self._ticks(self._associated_at), told), 1)

    # --- requests

    def _serve(self, request: Request, number: int, t: float) -> list[bytes]:
        if isinstance(request, ConfirmCreate):
            self._confirmed = True
            return []
        if not self._confirmed:
            return []
        target = encode_object(THE_SYSTEM)
        if isinstance(request, GetList | SetList):
            if isinstance(request, SetList):
                self._lists[request.which] = request.labels
            labels = counted(u32(label) for label in self._lists.get(request.which, ()))
            command = ops.CONFIRMED_SET if isinstance(request, SetList) else ops.GET
            told = target + encode_attributes({request.which: labels})
            return [ops.encode_operation(ops.Result(number, command, told))]
        if isinstance(request, Poll):
            found, ticks = self._once(request, t), self._ticks(t)
            once = PollResult(request.number, request.kind, request.group, ticks, found, clock=self._clock(t))
            return self._parts(once, number)
        if request.kind not in _PERIOD_S:
            return [ops.encode_operation(ops.Failure(number, NO_SUCH_ACTION))]
        return self._begin(request, number, t)

    def _begin(self, request: ExtendedPoll, number: int, t: float) -> list[bytes]:
        """The answer with sequence 0 says that the poll was accepted; results follow at the end of each period."""
        running = self._running.get(request.kind)
        period_s = _PERIOD_S[request.kind]
        lasts = period_s if request.period is None else min(request.period / codes.TICKS_PER_S, MOST_PERIOD_S)
        next_period = running.period if running is not None else math.floor(t / period_s) + 1
        self._running[request.kind] = _Running(request, number, next_period, t + lasts)
        accepted = PollResult(request.number, request.kind, request.group, self._ticks(t), (), 0)
        return [encode_poll_result(accepted, number)]

    def _once(self, request: Poll, t: float) -> tuple[Observed, ...]:
        if request.kind == codes.NUMERICS:
            return self._numbers.objects(t)
        if request.kind == codes.ALERT_MONITOR:
            return (self._numbers.alarms(t),)
        if request.kind == codes.MDS:
            return (Observed(CONTEXT, 0, {codes.PRODUCTION: encode_serial(self._serial)}),)
        return ()

    def _result(self, running: _Running, t: float) -> list[bytes]:
        request, turn = running.request, running.sequence
        running.sequence = running.sequence % 0xFFFF + 1
        running.period += 1
        if running.at > running.until:
            del self._running[request.kind]
        began = t
        if request.kind == codes.NUMERICS:
            objects = self._numbers.objects(t)
        elif request.kind == codes.ALERT_MONITOR:
            objects = (self._numbers.alarms(t),)
        else:
            block = running.period - 2
            began = block * BLOCK_S
            shown = waves.chosen(self._lists[codes.WAVE_PRIORITIES])
            objects = waves.objects(self._world, shown, block, t, turn, values.DEMO if self._demo else 0)
        ticks = self._ticks(began)
        result = PollResult(request.number, request.kind, request.group, ticks, objects, running.sequence)
        return self._parts(result, running.number)

    def _parts(self, result: PollResult, number: int) -> list[bytes]:
        """One message, or linked ones; the last of those is an ordinary result, as real monitors send it."""
        size = self._linked if result.kind == codes.NUMERICS and self._linked else max(len(result.objects), 1)
        pieces = [result.objects[at : at + size] for at in range(0, max(len(result.objects), 1), size)]
        messages = []
        for index, piece in enumerate(pieces):
            part = None
            if index < len(pieces) - 1:
                part = (ops.LINKED_FIRST if index == 0 else ops.LINKED_MIDDLE, index + 1)
            messages.append(encode_poll_result(replace(result, objects=piece), number, part))
        return messages

    def _ticks(self, t: float) -> int:
        return round((t + BOOTED_BEFORE_S) * codes.TICKS_PER_S) & 0xFFFF_FFFF

    def _clock(self, t: float) -> datetime:
        return self._start + timedelta(seconds=int(t))


def _instant(t: float) -> Instant:
    return Instant(datetime.fromtimestamp(UNIX_START + t, UTC), round(t * NS), "simulated")
