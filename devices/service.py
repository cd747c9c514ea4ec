"""What the window may do with devices: list them, read one in a role of a chair, let it go, try a port."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from devices.catalogue import CATALOGUE, spec_of
from devices.discovery import Adapter, FoundPort, adapter_at, find_ports, is_same, where_now
from devices.identify import has_no_speed, identify, on
from devices.link import MAX_WAIT_S, Link
from devices.link_thread import LinkThread
from devices.moving_port import MovingPort
from devices.outlet import Listener, Outlet
from devices.spec import DeviceSpec, PortSettings, Transport
from devices.telling import Heard, choices, found_device, port_infos, reader, save_wire, wire_rows
from devices.transport.base import open_transport
from devices.transport.shared_line import SharedLine
from exomonitor.clock import Clock, pause, stopwatch
from exomonitor.engine.live import SourceInfo
from exomonitor.engine.ports import Binding, DeviceChoice, FoundDevice, PortInfo, WireRow
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange

Place = tuple[str, str]
"""Chair and role."""


class LiveDevices:
    """Implements engine.ports.DeviceService with one link thread for each binding. Any thread may call it.

    on_fact(chair, *facts) is called on link threads. on_bind(chair, info) is called before the first fact of a device,
    on_release(chair, source) after its last; the source's name is its role.
    """

    def __init__(
        self,
        clock: Clock,
        on_fact: Listener,
        on_bind: Callable[[str, SourceInfo], None],
        on_release: Callable[[str, str], None],
        *,
        find: Callable[[], tuple[FoundPort, ...]] = find_ports,
        transport: Callable[[str, PortSettings], Transport] = open_transport,
    ) -> None:
        self._clock = clock
        self._on_fact = on_fact
        self._on_bind = on_bind
        self._on_release = on_release
        self._find = find
        self._transport = transport
        self._lock = threading.RLock()
        self._bound: dict[Place, tuple[Binding, LinkThread]] = {}
        self._lines: dict[Place, SharedLine] = {}
        """The lines of devices that have addresses: several places may sit at one."""
        self._met: dict[Place, tuple[str, str]] = {}
        self.on_met: Callable[[], None] = lambda: None
        """Called on a link's thread when a device's own serial number has become known; must be quick."""
        self.on_start: Callable[[str, Link], None] = lambda chair, link: None
        """Called with chair and link before a link's first step."""

    def catalogue(self) -> tuple[DeviceChoice, ...]:
        """Every family this program can read."""
        return choices()

    def ports(self) -> tuple[PortInfo, ...]:
        """Serial ports present now; opens none."""
        return port_infos(self._find())

    def bindings(self) -> tuple[Binding, ...]:
        """What is bound now."""
        with self._lock:
            return tuple(_as_it_is(binding, thread.link) for binding, thread in self._bound.values())

    def bind(self, binding: Binding) -> None:
        """Read this device from now on (replaces the role's earlier binding). Raises CommandRefused for nonsense."""
        spec = spec_of(binding.key)
        settings = _settings(spec, binding.baud, binding.line)
        ports = self._find()
        adapter = Adapter(binding.adapter, binding.location) or adapter_at(binding.port, ports)
        name = where_now(binding.port, adapter, ports).name or binding.port
        binding = replace(binding, port=name, adapter=adapter.serial, location=adapter.location)
        moving = partial(MovingPort, name, adapter, self._find, lambda now: self._transport(now, settings))
        self._start(binding, spec, moving if adapter else partial(self._transport, name, settings))

    def accept(self, chair: str, role: str, serial: str) -> None:
        """The device with this serial number is the right one; CommandRefused when nothing is read in the role."""
        self._bound_in(chair, role).accept(serial)

    def release(self, chair: str, role: str) -> None:
        """Read nothing in this role."""
        with self._lock:
            bound = self._bound.pop((chair, role), None)
            self._lines.pop((chair, role), None)
            if bound is not None:
                bound[1].stop()
                self._on_release(chair, role)

    def close(self) -> None:
        """Release everything; every link thread has ended when this returns."""
        for binding in self.bindings():
            self.release(binding.chair, binding.role)

    def capture_anew(self, chair: str, role: str, path: Path) -> None:
        """Record the role's raw bytes into the new file `path` and begin the dialogue anew; CommandRefused when nothing
        is read in the role."""
        self._bound_in(chair, role).capture_anew(path)

    def wire(self, chair: str, role: str) -> tuple[WireRow, ...]:
        """What the role's line carried last; nothing where nothing is read."""
        with self._lock:
            bound = self._bound.get((chair, role))
        return wire_rows(bound[1].link.tap) if bound is not None else ()

    def save_wire(self, chair: str, role: str, folder: Path) -> Path:
        """Write the raw bytes that are still kept of the role's line into a new file of `folder`."""
        return save_wire(self._bound_in(chair, role), folder, self._clock.now())

    def test_reading(self, key: str, port: str, baud: int, seconds: float, line: str = "") -> tuple[str, ...]:
        """Open, listen at most `seconds`, close; lines of plain text about what was heard.

        Raises EnvironmentFault when the port cannot be opened, CommandRefused when it is read already.
        """
        spec = spec_of(key)
        settings = _settings(spec, baud, line)
        shared = self._line_of(Binding("", spec.role, key, port, baud, line=line), spec)
        heard = Heard()
        transport = self._transport(port, settings) if shared is None else shared.seat()
        link = Link(spec, transport, key, self._clock, heard.take)
        began = stopwatch()
        try:
            link.step()
            opened = link.is_open
            if not opened:
                raise EnvironmentFault(heard.reason)
            while (past := stopwatch() - began) < seconds:
                if heard.readings and past >= min(2 * spec.interval_s, seconds):
                    break
                link.step(min(MAX_WAIT_S, seconds - past))
                if not link.is_open:
                    pause(min(MAX_WAIT_S, seconds - past))
        finally:
            link.close()
        counters = link.counters()
        bad = sum(counters.frames_bad.values())
        head = (
            f"{port} opened" + ("" if has_no_speed(port) else f" with {settings.text()}"),
            f"{counters.bytes_in} bytes, {counters.frames_ok} good frames, {bad} bad",
        )
        return head + heard.lines()

    def _hear(self, chair: str, *facts: DeviceFact) -> None:
        self._on_fact(chair, *facts)
        for fact in facts:
            if isinstance(fact, LinkChange) and fact.serial:
                self._known(chair, fact)

    def _known(self, chair: str, fact: LinkChange) -> None:
        place = (chair, fact.source)
        bound = self._bound.get(place)
        known = (bound[1].link.expected_serial, bound[1].link.expected_model) if bound is not None else ("", "")
        if known[0] and self._met.get(place) != known:
            self._met[place] = known
            self.on_met()

    def identify(
        self, port: str, key: str, tell: Callable[[str], None], stopped: Callable[[], bool]
    ) -> tuple[FoundDevice, ...]:
        """Find out what is on this port; raises EnvironmentFault when it cannot be opened, CommandRefused when it is
        read already."""
        self._refuse_taken(port)
        specs = on(port, (spec_of(key),) if key else CATALOGUE.values())
        found = identify(
            specs,
            lambda settings: self._transport(port, settings),
            self._clock,
            one_speed=has_no_speed(port),
            tell=tell,
            stopped=stopped,
        )
        return tuple(found_device(one) for one in found)

    def _bound_in(self, chair: str, role: str) -> Link:
        with self._lock:
            bound = self._bound.get((chair, role))
        if bound is None:
            raise CommandRefused(f"No {role} is read at {chair}")
        return bound[1].link

    def _start(self, binding: Binding, spec: DeviceSpec, port: Callable[[], Transport]) -> None:
        if binding.role != spec.role:
            raise CommandRefused(f"{spec.name} is no {binding.role}")
        binding = replace(binding, key=spec.choice)  # the page knows it by the same name
        place = (binding.chair, binding.role)
        with self._lock:
            line = self._line_of(binding, spec)
            self.release(*place)
            if spec.addresses is not None:
                line = self._lines[place] = line or SharedLine(port(), spec.request_budget_per_s)
            transport = port() if line is None else line.seat()
            info = SourceInfo(
                source=binding.role,
                role=binding.role,
                key=spec.choice,
                name=spec.name,
                grade=spec.grade.value,
                stale_s=spec.stale_s,
                lost_s=spec.lost_s,
                never_reports=spec.never_reports,
                interval_s=spec.interval_s,
                averaging_s=spec.averaging_s,
            )
            self._on_bind(binding.chair, info)
            chair = binding.chair
            link = Link(
                spec,
                transport,
                binding.role,
                self._clock,
                Outlet(partial(self._hear, chair), lambda facts: self._hear(chair, *facts)),
                expected_serial=binding.serial,
                bound=True,
            )
            link.expected_model = binding.model
            thread = LinkThread(link)
            self._bound[place] = (binding, thread)
            self.on_start(chair, link)
            thread.start()

    def _line_of(self, binding: Binding, spec: DeviceSpec) -> SharedLine | None:
        """The line that is read already and has a seat for this device. CommandRefused when it has none: one port, one
        reader, but for devices of one family and speed at addresses of their own."""
        line = None
        with self._lock:
            for place, other in self._on(binding.port, Adapter(binding.adapter, binding.location)):
                if place == (binding.chair, binding.role):
                    continue
                theirs = spec_of(other.key)
                if spec.addresses is None or theirs.key != spec.key or theirs.address == spec.address:
                    raise CommandRefused(f"{binding.port} is already read as {reader(other)}")
                read_with = _settings(theirs, other.baud, other.line)
                if read_with != _settings(spec, binding.baud, binding.line):
                    raise CommandRefused(
                        f"{binding.port} is read with {read_with.text()} for {reader(other)}: "
                        "pumps of one line have one speed"
                    )
                line = self._lines[place]
        return line

    def _refuse_taken(self, port: str) -> None:
        with self._lock:
            for _, other in self._on(port, None):
                raise CommandRefused(f"{port} is already read as {reader(other)}")

    def _on(self, port: str, adapter: Adapter | None) -> list[tuple[Place, Binding]]:
        """What is read on this port. A name that another adapter had before it was unplugged is nobody's."""
        found = []
        for place, (binding, thread) in self._bound.items():
            theirs = Adapter(binding.adapter, binding.location)
            if is_same(_as_it_is(binding, thread.link).port, port) and not (adapter and theirs and adapter != theirs):
                found.append((place, binding))
        return found


def _as_it_is(binding: Binding, link: Link) -> Binding:
    """With the port's present name, and the serial number that was learned meanwhile."""
    port = link.port if binding.adapter or binding.location else binding.port
    return replace(binding, port=port, serial=link.expected_serial, model=link.expected_model)


def _settings(spec: DeviceSpec, baud: int, line: str) -> PortSettings:
    if baud and baud not in spec.usual_bauds:
        known = ", ".join(str(usual) for usual in spec.usual_bauds)
        raise CommandRefused(f"{spec.name} does not speak at {baud} baud, but at one of {known}")
    lines = (spec.settings.line, *spec.other_lines)
    if line and line not in lines:
        raise CommandRefused(f"{spec.name} does not speak with {line}, but with {' or '.join(lines)}")
    return spec.settings_at(baud, line)
