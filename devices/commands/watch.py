"""`watch`: prints everything that one device says, as JSON lines, until told to end."""

from __future__ import annotations

from typing import TextIO

from devices.catalogue import spec_of
from devices.commands.ending import Ended, check_reader, until_ended
from devices.commands.lines import lines_of, write_line
from devices.link import MAX_WAIT_S, Link
from devices.spec import Transport
from devices.transport.base import open_transport
from devices.transport.replay import Replay
from exomonitor.clock import Clock, SystemClock, pause
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange, LinkState


class _Printer:
    """Prints facts as they come; heartbeats that say nothing new are left out. Ends after `count` lines."""

    def __init__(self, out: TextIO, device: str, count: int | None) -> None:
        self._out = out
        self._device = device
        self._left = count
        self._said: tuple[LinkState, str] | None = None

    def show(self, fact: DeviceFact) -> None:
        if isinstance(fact, LinkChange):
            if (fact.state, fact.reason) == self._said:
                return
            self._said = (fact.state, fact.reason)
        for line in lines_of(fact, self._device):
            if self._left == 0:
                raise Ended
            write_line(self._out, line)
            if self._left is not None:
                self._left -= 1


def run_watch(
    device: str,
    port: str,
    out: TextIO,
    *,
    line: tuple[int | None, str] = (None, ""),
    seconds: float | None = None,
    count: int | None = None,
    data_format: str = "",
    clock: Clock | None = None,
) -> int:
    """Print what `device` says on `port` for `seconds` or `count` lines, or for ever; reconnects for ever.

    `line`: speed, and data bits, parity, stop bits and handshake, other than usual: as in `8E1 RTS/CTS`. Raises
    CommandRefused for an unknown device, format, line or port text, EnvironmentFault when the first opening fails.
    """
    spec = spec_of(device, data_format)
    try:
        settings = spec.settings_at(line[0] or 0, line[1])
    except ValueError as told:
        raise CommandRefused(str(told)) from told
    transport = open_transport(port, settings)
    first: list[DeviceFact] = []
    printer = _Printer(out, spec.key, count)
    showing = False

    def emit(fact: DeviceFact) -> None:
        if showing:
            printer.show(fact)
        else:
            first.append(fact)

    link = Link(spec, transport, spec.key, clock or SystemClock(), emit)
    with until_ended(out):
        try:
            link.step()
            if not link.is_open and not _ended(transport):
                raise EnvironmentFault(_sentence(first))
            showing = True
            for fact in first:
                printer.show(fact)
            _follow(link, transport, out, seconds)
        finally:
            showing = False  # our own closing is no news
            link.close()
    return 0


def _follow(link: Link, transport: Transport, out: TextIO, seconds: float | None) -> None:
    began = link.clock.now()
    while not _ended(transport):
        left = MAX_WAIT_S if seconds is None else seconds - link.clock.now().since(began)
        if left <= 0:
            return
        wait_s = min(max(link.next_due().since(link.clock.now()), 0.0), MAX_WAIT_S, left)
        if not link.is_open:
            pause(wait_s)
        link.step(wait_s)
        check_reader(out)


def _ended(transport: Transport) -> bool:
    return isinstance(transport, Replay) and transport.ended


def _sentence(facts: list[DeviceFact]) -> str:
    reasons = [fact.reason for fact in facts if isinstance(fact, LinkChange) and fact.state is LinkState.LOST]
    text = reasons[-1] if reasons else "the port cannot be opened"
    return text[:1].upper() + text[1:]
