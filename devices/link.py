"""Keeps one device talking: open, read, feed, send what is due, reconnect for ever, and say how the cable is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from operator import attrgetter
from pathlib import Path

from devices.device_clock import told_offset_s
from devices.handshake import Handshake
from devices.hearing import Hearing
from devices.leave_to_send import LeaveToSend
from devices.outlet import Outlet
from devices.spec import (
    Callers,
    DeviceSpec,
    ForbiddenFrame,
    Heard,
    SaysGoodbye,
    Transport,
    TransportLost,
    TurnsAway,
)
from devices.tap import Tap
from devices.traffic import Traffic
from devices.transport.capture import Kind
from devices.transport.recorder import Recorder
from devices.who_is_there import WhoIsThere
from exomonitor.clock import Clock, Instant
from exomonitor.errors import EnvironmentFault
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange, LinkCounters, LinkFault, LinkState
from exomonitor.signals.quality import Origin

log = logging.getLogger(__name__)

BACKOFF_S = (0.5, 1.0, 2.0, 5.0)
HEARTBEAT_S = 2.0
MAX_READS = 64
MAX_SENDS = 100
MAX_WAIT_S = 0.25
_ORDER = attrgetter("mono_ns")


class Link:
    """One device on one transport. Belongs to one thread, but for accept and the captures; never sleeps."""

    def __init__(
        self,
        spec: DeviceSpec,
        transport: Transport,
        source: str,
        clock: Clock,
        emit: Callable[[DeviceFact], None] | Outlet,
        *,
        origin: Origin = Origin.DEVICE,
        expected_serial: str = "",
        bound: bool = False,
    ) -> None:
        """`bound`: without an expected serial number the first one that the device tells is expected from then on."""
        self.spec = spec
        self.source = source
        self.clock = clock
        self.state = LinkState.CLOSED
        self.last_frame_at: Instant | None = None
        self._transport = transport
        self._callers = transport if isinstance(transport, Callers) else None
        self._turning_away = transport if isinstance(transport, TurnsAway) else None
        self._handshake = Handshake(transport)
        self._leave = LeaveToSend(transport, self._handshake, spec.request_budget_per_s)
        self._emit = emit if isinstance(emit, Outlet) else Outlet(emit)
        self._who = WhoIsThere(expected_serial, spec.stale_s, learns=bound, sure=1 if spec.has_checksum else 2)
        self._hearing = Hearing(self._who, self._emit, origin)
        self._driver = spec.make_driver(source)
        self._reason, self._stranger = "not opened yet", ""
        self._spoken_at = self._retry_at = self._opened_at = self._silent_since = self._reopen_at = clock.now()
        self._heard_at = self._opened_at  # when the last bytes came
        self._open = self._closed = self._confused = False
        self._failures = self._unread_bytes = 0
        self._traffic = Traffic()
        self._silence_said = ""
        self.tap = Tap()
        self.recorder = Recorder(spec.choice, self._recording_failed)
        self._capture_anew: Path | None = None

    @property
    def is_open(self) -> bool:
        """Whether the transport is open at this moment."""
        return self._open

    @property
    def port(self) -> str:
        """What the port is called at this moment."""
        return self._transport.name

    @property
    def expected_serial(self) -> str:
        """The device's own serial number that is expected here, "" while none is known."""
        return self._who.expected

    @property
    def expected_model(self) -> str:
        """What the device with that number said it was, "" while that is not known."""
        return self._who.model

    @expected_model.setter
    def expected_model(self, model: str) -> None:
        self._who.model = model

    def accept(self, serial: str) -> None:
        """A person has looked: the device with this number is the right one from its next frame on (any thread). What
        it alarms about is told too: its dialogue begins anew."""
        self._who.accept(serial)

    def counters(self) -> LinkCounters:
        """What has passed since the link was made."""
        return self._traffic.counters(self._driver, self._leave.budget.held_back)

    def step(self, wait_s: float = 0.0) -> None:
        """Do all that is due; wait at most `wait_s` real seconds for the first byte. Raises ForbiddenFrame, a bug."""
        if self._closed:
            return
        if self._capture_anew is not None:
            self._begin_capture()
        if not self._open and not self._try_open():
            return
        try:
            self._exchange(wait_s)
            self._watch_silence(self.clock.now())
        except TransportLost as lost:
            self._lose(str(lost))
            return
        self.recorder.flush()
        now = self.clock.now()
        if now.since(self._spoken_at) >= HEARTBEAT_S:
            self._speak(now)

    def next_due(self) -> Instant:
        """The next moment at which step() must run even when no byte arrives."""
        if not self._open:
            return self._retry_at
        due = [self._spoken_at.plus(HEARTBEAT_S), self._silent_since.plus(self.spec.lost_s)]
        if self.state is LinkState.LOST:
            due[1] = self._reopen_at
        elif self.state is LinkState.TALKING:
            due.append(self._silent_since.plus(self.spec.stale_s))
        now = self.clock.now()
        also = (self._leave.expected_at(self._driver, now), self._hearing.waits_until(self._driver))
        due += [when for when in also if when is not None]
        return min(due, key=_ORDER)

    def fail(self, reason: str) -> None:
        """Treat a bug at the thread's edge as a lost port: close, say so, try again after the back-off."""
        self._confused = True
        self._lose(reason)

    def close(self) -> None:
        """Tell the device where its protocol asks for it, and close for good; may be called twice."""
        if self._closed:
            return
        self._closed = True
        try:
            self._say_goodbye()
            self._look(self.clock.now(), over=True)
        finally:
            self._shut()
            self.stop_capture()
            self._enter(LinkState.CLOSED, "closed", self.clock.now())

    def start_capture(self, path: Path) -> None:
        """Record every byte from here on into `path` (any thread); raises EnvironmentFault when it cannot be made."""
        self.recorder.start(path)

    def capture_anew(self, path: Path) -> None:
        """From the next step on record into `path`, with a driver that knows nothing of before (any thread)."""
        self._capture_anew = path

    def not_recorded(self, why: str) -> None:
        """There is no file for its bytes, and why: told with the link's state until one is begun (any thread)."""
        self.recorder.why_not = why

    def stop_capture(self) -> None:
        """End the recording (any thread); may be called twice."""
        self.recorder.stop()

    # --- opening and losing -----------------------------------------------------------------------------------------

    def _try_open(self) -> bool:
        now = self.clock.now()
        if now.since(self._retry_at) < 0:
            return False
        if self.state is LinkState.CLOSED:
            self._enter(LinkState.OPENING, f"opening {self._transport.name}", now)
        try:
            self._transport.open()
        except TransportLost as lost:
            self._lose(str(lost))
            return False
        self._opened()
        self._silent_since = self._opened_at
        self._enter(LinkState.SILENT, self._handshake.nothing_yet(), self._opened_at)
        return True

    def _opened(self) -> None:
        now = self.clock.now()
        self._open = True
        self._traffic.opens += 1
        self._opened_at = now
        self._unread_bytes = 0
        self._handshake.opened()
        self._begin_anew(now)

    def _begin_anew(self, now: Instant) -> None:
        self._look(now, over=True)
        self._stranger = ""
        self._who.anew()
        self._ask_anew(now)

    def _ask_anew(self, now: Instant) -> None:
        self._look(now, over=True)
        self._confused = False
        self.recorder.add(Kind.OPEN, b"", now)
        self.tap.add(Kind.OPEN, b"", now)
        self._driver.opened(now)
        self._hearing.asked_anew(self._driver, now)

    def _begin_capture(self) -> None:
        path, self._capture_anew = self._capture_anew, None
        if path is None:
            return
        try:
            self.recorder.start(path)
        except EnvironmentFault as told:
            log.warning("%s: %s", self.source, told)
            return  # as before: the driver keeps the half that it may hold
        self._look(self.clock.now(), over=True)
        self._traffic.driver_ends(self._driver)
        self._driver = self.spec.make_driver(self.source)
        if self._open:
            self._begin_anew(self.clock.now())

    def _shut(self) -> None:
        if not self._open:
            return
        self._open = False
        self.recorder.add(Kind.CLOSE, b"", self.clock.now())
        self.tap.add(Kind.CLOSE, b"", self.clock.now())
        self._transport.close()

    def _lose(self, reason: str) -> None:
        self._look(self.clock.now(), over=True)
        self._shut()
        self.recorder.flush()
        now = self.clock.now()
        self._retry_at = now.plus(BACKOFF_S[min(self._failures, len(BACKOFF_S) - 1)])
        self._failures += 1
        self._enter(LinkState.LOST, reason, now)

    # --- bytes ------------------------------------------------------------------------------------------------------

    def _exchange(self, wait_s: float) -> None:
        self._send_due()
        for number in range(MAX_READS):
            data = self._transport.read(wait_s if number == 0 else 0.0)
            self._tell_of_strangers()
            changed = self._callers is not None and self._callers.caller_changed()
            if changed:  # no loss: whoever dials may hang up; but nothing of the one belongs to the next
                self._begin_anew(self.clock.now())
            elif not data:
                break
            if data:
                self._take(data, self.clock.now())
            self._send_due()
        if wait_s > 0:
            self._send_due()  # a deadline may have passed while we waited

    def _tell_of_strangers(self) -> None:
        told = self._turning_away.turned_away() if self._turning_away is not None else ""
        if told and told != self._stranger:
            self._emit(LinkFault(self.source, told, b"", self.clock.now()))
        self._stranger = told or self._stranger

    def _take(self, data: bytes, at: Instant) -> None:
        self._look(at)
        self._heard_at = at
        self._traffic.bytes_in += len(data)
        self._unread_bytes += len(data)
        self.recorder.add(Kind.RX, data, at)
        self._understood(self._hearing.read(self._driver, data, at), data, at)

    def _look(self, now: Instant, *, over: bool = False) -> None:
        """Silence, or the end of the dialogue, may have ended what the driver holds: it is told with its own time."""
        found = () if self._confused else self._hearing.look(self._driver, now, over=over)
        if found:
            self._understood(found, b"", now)

    def _understood(self, messages: Sequence[Heard], data: bytes, at: Instant) -> None:
        self.tap.add(Kind.RX, data, at, [fact for heard in messages for fact in heard.facts])
        with self._emit.together():
            for heard in messages:
                if heard.good:
                    self._heard(heard, at)
                if not self._hearing.pass_on(heard, self._driver):
                    self._ask_anew(at)

    def _heard(self, heard: Heard, at: Instant) -> None:
        self.last_frame_at = self._silent_since = self._heard_at
        self._unread_bytes = self._failures = 0
        state, reason = self._hearing.judge(heard, self._transport.name, at)
        stranger = f"; {self._stranger}" if self._stranger and state is LinkState.TALKING else ""
        self._enter(state, self._handshake.told(f"{reason}{stranger}"), at)

    def _send_due(self) -> None:
        self._send_what_may_go()
        self._leave.pass_on(self._driver, self.clock.now())

    def _send_what_may_go(self) -> None:
        for _ in range(MAX_SENDS):
            now = self.clock.now()
            self._look(now)
            if not self._leave.given(self._driver, now):
                return
            asks, frame = self._leave.asks(self._driver, now), self._driver.due(now)
            if frame is None:
                if asks:  # an answer is given up: whoever reads the recording again must know when
                    self.recorder.add(Kind.TX, b"", now)
                return
            self._send(frame, now)
        raise RuntimeError(f"{self.spec.key} has more than {MAX_SENDS} frames due at once")

    def _send(self, frame: bytes, now: Instant) -> None:
        if not self.spec.may_send(frame):
            raise ForbiddenFrame(f"{self.spec.key} may not send {frame!r}")
        self._leave.budget.spend(now)
        self._transport.write(frame)
        if self._callers is not None and not self._callers.has_client():
            return  # nobody called, or hung up meanwhile: nothing was asked or answered
        self._traffic.requests += 1
        self._traffic.bytes_out += len(frame)
        self.recorder.add(Kind.TX, frame, now)
        self.tap.add(Kind.TX, frame, now)

    def _say_goodbye(self) -> None:
        frame = self._driver.closing() if self._open and isinstance(self._driver, SaysGoodbye) else None
        if frame is None:
            return
        try:
            self._send(frame, self.clock.now())
        except TransportLost as lost:
            log.info("%s: the device could not be told of the end: %s", self.source, lost)

    def _watch_silence(self, now: Instant) -> None:
        silent_s = now.since(self._silent_since)
        if silent_s >= self.spec.lost_s:
            if self.state is not LinkState.LOST:
                self._silence_said = self._heard_since(silent_s)
                self._reopen_at = now
            self._enter(LinkState.LOST, self._handshake.silence(self._silence_said), now)
            if now.since(self._reopen_at) >= 0:  # a dead connection looks like silence: begin anew, now and then
                self._reopen_at = now.plus(max(self.spec.lost_s, 10.0))
                if self._callers is None:  # else whoever dials next takes the dead connection's place
                    self._look(now, over=True)
                    self._shut()
                    self._transport.open()
                    self._opened()
                    self._enter(LinkState.LOST, self._handshake.silence(self._silence_said), now)
        elif silent_s >= self.spec.stale_s and self.state is LinkState.TALKING:
            self._enter(LinkState.STALE, self._handshake.silence(self._heard_since(silent_s)), now)
        elif self.state is LinkState.SILENT:
            self._enter(LinkState.SILENT, self._handshake.nothing_yet(), now)

    def _heard_since(self, silent_s: float) -> str:
        if self._unread_bytes:
            return f"bytes for {silent_s:.0f} s, but no valid frame: check device, baud rate and parity"
        return f"nothing heard for {silent_s:.0f} s"

    # --- telling ----------------------------------------------------------------------------------------------------

    def _enter(self, state: LinkState, reason: str, at: Instant) -> None:
        if (state, reason) == (self.state, self._reason):
            return
        if state is not self.state:
            log.info("%s: %s -> %s: %s", self.source, self.state, state, reason)
        self.state, self._reason = state, reason
        if state in {LinkState.LOST, LinkState.CLOSED}:
            self._hearing.lost()
        self._speak(at)

    def _speak(self, at: Instant) -> None:
        self._spoken_at = at
        model, serial = self._driver.identity
        told = (self._transport.name, serial, model, self.counters(), self.last_frame_at, told_offset_s(self._driver))
        self._emit(LinkChange(self.source, self.state, self._reason, at, *told, self.recorder.why_not))

    def _recording_failed(self, cause: OSError) -> None:
        log.error("%s: the raw recording stopped: %s", self.source, cause)
        reason = f"the raw recording stopped: {cause.strerror or cause}"
        self._emit(LinkFault(self.source, reason, b"", self.clock.now()))
