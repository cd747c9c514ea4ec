"""What is said to the monitor and when: association, polls and their renewal, keepalive, and beginning anew."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from devices.monitors.philips_intellivue.wire import codes, session
from devices.monitors.philips_intellivue.wire.requests import (
    ConfirmCreate,
    ExtendedPoll,
    Poll,
    Request,
    SetList,
    encode_request,
)
from devices.monitors.philips_intellivue.wire.session import Session, UserInfo
from exomonitor.clock import Instant

SPACING_S = 0.05
"""Between two frames; the monitor takes at most 4 in 128 ms."""
ASK_AGAIN_S = 2.0
AFTER_REFUSAL_S = 1.0
OURS_TO_END = 2
"""So many refusals may be about our own association from before a cable came out; more are about somebody else's."""
TAKEN_S = 5.0
INTRODUCTION_S = 4.0
"""A monitor that has accepted introduces itself; where it does not, everything begins anew."""
SILENCE_S = 5.0
"""After so long without any message everything begins anew."""
WITHOUT_NUMBERS_S = 12.0
KEEPALIVE_S = 2.0
"""The monitor gives up after 10 s without a word: four keepalives may be lost."""
POLLED_S = 600
RENEWED_S = 540.0

USER = UserInfo()
ASSOCIATE = session.associate(USER)
ABORT = session.bare(Session.ABORT)
WAVE_LABELS = (codes.text_id(codes.ECG_II), codes.text_id(codes.PLETH), codes.text_id(codes.RESP))
CHOOSE_WAVES = SetList(WAVE_LABELS)
ASK_PRODUCTION = Poll(1, codes.MDS, codes.GROUP_PRODUCTION)
_CHOOSE_NUMBER, _KEEPALIVE_NUMBER = 2, 1


class Preparation:
    """A request that has to be answered before something else is asked; after a few tries it goes on without."""

    def __init__(self, request: Request, number: int, tries: int, wait_s: float) -> None:
        self._message = encode_request(request, number)
        self._number = number
        self._tries, self._wait_s = tries, wait_s
        self._left = 0
        self.at: Instant | None = None
        """When it is to be sent (again); None: done with."""

    def begin(self, at: Instant) -> None:
        """Send it from now on."""
        self._left, self.at = self._tries, at

    def answered(self, number: int) -> None:
        """An answer came, also a refusing one, to request `number`."""
        if number == self._number:
            self.at = None

    def send(self, at: Instant) -> bytes | None:
        """The message, or None after the last try."""
        if self._left == 0:
            self.at = None
            return None
        self._left -= 1
        self.at = at.plus(self._wait_s)
        return self._message


@dataclass(frozen=True, slots=True)
class Stream:
    """One extended poll: how long its silence may last, and how soon it may be asked for again."""

    request: ExtendedPoll
    number: int
    silence_s: float
    again_s: float

    def deadline(self, asked: Instant | None, heard: Instant | None, began: Instant) -> Instant:
        """When it is to be asked for (again)."""
        if asked is None:
            return began
        silent = (heard or asked).plus(self.silence_s)
        renewal = asked.plus(RENEWED_S)
        wanted = silent if renewal.since(silent) > 0 else renewal
        soonest = asked.plus(self.again_s)
        return wanted if wanted.since(soonest) > 0 else soonest


def _poll(number: int, kind: int, group: int = codes.ALL_GROUPS) -> ExtendedPoll:
    return ExtendedPoll(number, kind, group, POLLED_S * codes.TICKS_PER_S)


STREAMS: dict[int, Stream] = {
    codes.NUMERICS: Stream(_poll(1, codes.NUMERICS), 3, 3.0, 3.0),
    codes.WAVES: Stream(_poll(2, codes.WAVES), 4, 3.0, 10.0),
    codes.ALERT_MONITOR: Stream(_poll(3, codes.ALERT_MONITOR, codes.GROUP_ALERTS), 5, 4.0, 10.0),
}


Step = tuple[Instant, Callable[[Instant], bytes | None]]
"""When something is to be done, and what; it gives the payload to send, or None."""


class Phase(Enum):
    """How far the association has come."""

    CLOSED = "closed"
    ASKING = "asking"
    WAITING = "waiting for the monitor's introduction"
    TALKING = "talking"


class Dialogue:
    """Decides what to send; belongs to one driver. Never reads a clock."""

    def __init__(self) -> None:
        self.phase = Phase.CLOSED
        self._urgent: deque[bytes] = deque()
        self._sent: Instant | None = None
        self._ask_at: Instant | None = None
        self._since: Instant | None = None
        self._heard: Instant | None = None
        self._refusals = 0
        self._asked: dict[int, Instant] = {}
        self._results: dict[int, Instant] = {}
        self._decided: tuple[Step | None] | None = None
        """What is to be said next and when, until something happens: asked far more often than it changes."""
        # Who the monitor is must be known before its numbers come: they may be another patient's.
        self._identify = Preparation(ASK_PRODUCTION, _KEEPALIVE_NUMBER, tries=2, wait_s=1.0)
        # The monitor sends the waves that were chosen: first choose, then poll.
        self._choose = Preparation(CHOOSE_WAVES, _CHOOSE_NUMBER, tries=3, wait_s=2.0)

    # --- what happens

    def opened(self, at: Instant) -> None:
        """The port is open: ask for an association."""
        self._decided = None
        self._sent = None
        self._refusals = 0
        self._urgent.clear()
        self._begin(at)

    def heard(self, at: Instant) -> None:
        """Any good message came."""
        self._decided = None
        self._heard = at

    def on_session(self, kind: Session, at: Instant) -> None:
        """A message about the association came."""
        self._decided = None
        if kind is Session.ACCEPTED:
            if self.phase is Phase.ASKING:
                self.phase, self._since = Phase.WAITING, at
        elif kind is Session.REFUSED:
            if self.phase is Phase.ASKING:
                self._refused(at)
        elif kind in (Session.ABORT, Session.RELEASE, Session.RELEASED) and self.phase is not Phase.CLOSED:
            self._urgent.clear()
            self._begin(at.plus(AFTER_REFUSAL_S))

    @property
    def is_taken(self) -> bool:
        """Whether the monitor keeps refusing us, because it talks with another computer."""
        return self._refusals > OURS_TO_END

    def on_create(self, number: int, event_time: int, confirmed: bool, at: Instant) -> None:
        """The monitor introduced itself, which is also a yes whose own message was lost."""
        self._decided = None
        if self.phase is Phase.CLOSED:
            return
        if confirmed:
            self._urgent.append(encode_request(ConfirmCreate(event_time), number))
        if self.phase is Phase.TALKING:
            return
        self.phase, self._since = Phase.TALKING, at
        self._asked.clear()
        self._results.clear()
        self._refusals = 0
        self._identify.begin(at)
        self._choose.begin(at)

    def on_answer(self, number: int) -> None:
        """An answer, also a refusing one, to request `number`."""
        self._decided = None
        self._identify.answered(number)
        self._choose.answered(number)

    def on_result(self, kind: int, at: Instant) -> None:
        """A result of the poll of this class came."""
        self._decided = None
        self._results[kind] = at

    # --- what to send

    def due(self, at: Instant) -> bytes | None:
        """The next payload to send now, or None."""
        while True:
            step = self._next()
            if step is None or at.since(step[0]) < 0:
                return None
            self._decided = None
            payload = step[1](at)
            if payload is not None:
                self._sent = at
                return payload

    def next_due(self) -> Instant | None:
        """When due() should be asked next."""
        step = self._next()
        return None if step is None else step[0]

    def _next(self) -> Step | None:
        if self._decided is None:
            self._decided = (self._decide(),)
        return self._decided[0]

    def _decide(self) -> Step | None:
        steps = self._steps()
        if not steps:
            return None
        when, act = min(steps, key=lambda step: step[0].mono_ns)
        earliest = self._sent.plus(SPACING_S) if self._sent is not None else when
        return (when if when.since(earliest) > 0 else earliest), act

    def _steps(self) -> list[Step]:
        since = self._since
        if self.phase is Phase.CLOSED or since is None:
            return []
        if self._urgent:
            return [(self._sent or since, lambda at: self._urgent.popleft())]
        if self.phase is Phase.ASKING:
            return [(self._ask_at or since, self._associate)]
        if self.phase is Phase.WAITING:
            return [(since.plus(INTRODUCTION_S), self._restart)]
        return self._talk(since)

    def _talk(self, since: Instant) -> list[Step]:
        numbers = self._results.get(codes.NUMERICS, since)
        steps: list[Step] = [
            ((self._heard or since).plus(SILENCE_S), self._restart),
            (numbers.plus(WITHOUT_NUMBERS_S), self._restart),
        ]
        if self._identify.at is not None:
            return [*steps, (self._identify.at, self._identify.send)]
        for kind, stream in STREAMS.items():
            if kind == codes.WAVES and self._choose.at is not None:
                steps.append((self._choose.at, self._choose.send))
                continue
            when = stream.deadline(self._asked.get(kind), self._results.get(kind), since)
            steps.append((when, lambda at, kind=kind: self._ask(kind, at)))  # type: ignore[misc]
        if len(self._asked) == len(STREAMS):
            steps.append(((self._sent or since).plus(KEEPALIVE_S), self._keep_alive))
        return steps

    def _begin(self, at: Instant) -> None:
        self.phase, self._since, self._ask_at, self._heard = Phase.ASKING, at, at, None

    def _refused(self, at: Instant) -> None:
        self._refusals += 1
        if not self.is_taken:
            self._urgent.append(ABORT)
        self._begin(at.plus(TAKEN_S if self.is_taken else AFTER_REFUSAL_S))

    def _restart(self, at: Instant) -> bytes:
        """End what is left of the old association, and begin anew right after."""
        self._urgent.clear()
        self._begin(at)
        return ABORT

    def _associate(self, at: Instant) -> bytes:
        self._ask_at = at.plus(ASK_AGAIN_S)
        return ASSOCIATE

    def _ask(self, kind: int, at: Instant) -> bytes:
        stream = STREAMS[kind]
        self._asked[kind] = at
        return encode_request(stream.request, stream.number)

    def _keep_alive(self, at: Instant) -> bytes:
        return encode_request(ASK_PRODUCTION, _KEEPALIVE_NUMBER)
