"""Builds a scenario's simulated devices on real wires and plays its world rows at their simulated seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from devices.catalogue import spec_of
from devices.discovery import FoundPort
from devices.simulation.faults import Fault, FaultKind, FaultPlan
from devices.simulation.one_wire import OneWire
from devices.simulation.patient import Episode, PatientWorld
from devices.simulation.scenarios import Scenario, WorldRow
from devices.simulation.server import SimServer
from devices.spec import DeviceSpec, Role, Simulator, Transport, TransportLost
from devices.transport.memory import MemoryEnd, pair
from devices.transport.pty import PtyServer
from devices.transport.serial_port import SerialPort
from exomonitor.errors import CommandRefused

_MARGIN_S = 1e-9
MOMENT_S = 0.2
_TROUBLES = ("occlude", "stop")


class DeviceEnd(Transport, Protocol):
    """The device's end of a wire that can say what it really delivered."""

    delivered: int

    def has_client(self) -> bool:
        """Whether anybody listens at the other end."""
        ...


class ClientEnd:
    """A link's end of a scene's wire; knows which bytes the link has dealt with, so that time can wait for it."""

    def __init__(self, inner: Transport, device: DeviceEnd) -> None:
        self._inner = inner
        self._device = device
        self._open = False
        self._delivered_before = self._sent = 0
        self._given = self._handled = 0
        self._heard_before = 0
        self.server: SimServer | None = None
        self.renamed = ""
        """What the system calls the port now, "" = as ever."""
        self.taken = False
        """Whether another program has the port."""

    @property
    def name(self) -> str:
        """The port as a person would open it."""
        return self.renamed or self._inner.name

    def open(self) -> None:
        """Open, unless another program has the port; what was in flight before does not count."""
        if self.taken:
            raise TransportLost(f"another program uses {self.name}")
        delivered, heard = self._device.delivered, self.server.heard if self.server else 0
        self._inner.open()
        self._delivered_before, self._heard_before = delivered, heard
        self._given = self._handled = self._sent = 0
        self._open = True

    def read(self, timeout_s: float) -> bytes:
        """Read; whoever reads again has dealt with what it got before."""
        self._handled = self._given
        data = self._inner.read(timeout_s)
        self._given += len(data)
        return data

    def write(self, data: bytes) -> None:
        """Send all of `data`."""
        self._inner.write(data)
        self._sent += len(data)

    def close(self) -> None:
        """Close; may be called twice."""
        self._open = False
        self._inner.close()

    def settled(self) -> bool:
        """Whether nothing is under way: all that was delivered was dealt with, and all that was sent was heard."""
        if not self._open or self.server is None:
            return True
        if getattr(self._device, "held", 0):
            return False
        to_client = self._handled >= self._device.delivered - self._delivered_before
        return to_client and self.server.heard - self._heard_before >= self._sent


@dataclass(frozen=True, slots=True)
class Line:
    """One wire: the device's end, the client's end (None where strangers connect), and the port's name."""

    device: Transport
    client: ClientEnd | None


def memory_line(role: Role, spec: DeviceSpec) -> Line:
    """A wire in memory."""
    client, device = pair(f"memory-{role}")
    return Line(device, _watched(client, device))


def pty_line(role: Role, spec: DeviceSpec) -> Line:
    """A pseudo-terminal, and a serial port on it."""
    device = PtyServer(spec.key)
    device.open()
    return Line(device, _watched(SerialPort(device.port, spec.settings), device))


def _watched(client: Transport, device: MemoryEnd | PtyServer) -> ClientEnd:
    return ClientEnd(client, device)


LINES: Mapping[str, Callable[[Role, DeviceSpec], Line]] = {"memory": memory_line, "pty": pty_line}


def trouble_s(scenario: Scenario) -> float:
    """The second at which the first thing goes wrong in it: with the patient, a cable or the pump."""
    found = [episode.at_s for episode in scenario.episodes]
    found += [fault.at_s for faults in scenario.faults.values() for fault in faults]
    found += [row.at_s for row in scenario.presses if row.target == "pump" and row.action in _TROUBLES]
    return min(found, default=scenario.seconds)


def _sets_rate(row: WorldRow) -> bool:
    return row.target == Role.PUMP and "rate_ml_h" in row.values


class Scene:
    """A scenario's devices, live on their wires. Simulated seconds never run backwards. One thread at a time."""

    def __init__(
        self,
        scenario: Scenario,
        wire: str = "memory",
        *,
        keys: Mapping[Role, str] | None = None,
        line: Callable[[Role, DeviceSpec], Line] | None = None,
        setups: Mapping[Role, Mapping[str, Any]] | None = None,
    ) -> None:
        """`keys`: these devices in place of the scenario's; `line`: another kind of wire; `setups`: further options."""
        if line is None and wire not in LINES:
            raise CommandRefused(f"There is no wire {wire!r}; there are: {', '.join(LINES)}")
        self.scenario = scenario
        self.transports: dict[Role, Transport] = {}
        self.specs: dict[Role, DeviceSpec] = {}
        self.ports: dict[Role, str] = {}
        self.now_s = 0.0
        self._servers: dict[Role, SimServer] = {}
        self._clients: dict[Role, ClientEnd] = {}
        self._taken_until: dict[Role, float] = {}
        self._beside: dict[Role, list[int]] = {}
        """Addresses of the others on each one's wire."""
        self._row = 0
        self._rates = tuple(row for row in scenario.presses if _sets_rate(row))
        wanted = {Role.PUMP: scenario.pump, Role.MONITOR: scenario.monitor} if keys is None else keys
        chosen = {role: spec_of(key) for role, key in wanted.items() if key}
        for role, spec in chosen.items():
            if spec.role is not role:
                raise CommandRefused(f"{spec.key} is no {role}")
        self._world = world = PatientWorld(scenario.seed, scenario.patient, scenario.episodes)
        try:
            for role, spec in chosen.items():
                self._place(role, spec, world, line or LINES[wire], dict((setups or {}).get(role, {})))
        except BaseException:
            self.close()
            raise

    def step(self, t: float) -> None:
        """Play all that happens up to second `t`, and let every device speak and answer."""
        for row in self.scenario.presses[self._row :]:
            if row.at_s > t:
                break
            self._row += 1
            self.press(Role(row.target), row.action, at_s=max(row.at_s, self.now_s), **row.values)
        self.now_s = max(t, self.now_s)
        for role, client in self._clients.items():
            client.taken = self.now_s < self._taken_until.get(role, 0.0)
        for server in self._servers.values():
            server.step(self.now_s)

    def postpone(self, by_s: float) -> None:
        """Let all that has not happened yet come `by_s` seconds later: keys, the patient's episodes, faults."""
        played, waiting = self.scenario.presses[: self._row], self.scenario.presses[self._row :]
        later = tuple(replace(row, at_s=row.at_s + by_s) for row in waiting)
        self.scenario = replace(self.scenario, presses=(*played, *later))
        self._rates = tuple(replace(row, at_s=row.at_s + by_s * (row.at_s > self.now_s)) for row in self._rates)
        self._world.postpone(by_s)
        for server in self._servers.values():
            server.postpone(by_s)

    @property
    def planned_ml_h(self) -> float:
        """The pump's rate by what was played last or, where the scenario's own course was broken off, would have been:
        the record's plan is the scenario's, and goes on."""
        played = [row for row in self.scenario.presses[: self._row] if _sets_rate(row)]
        told = sorted((row for row in (*played, *self._rates) if row.at_s <= self.now_s), key=lambda row: row.at_s)
        return float(told[-1].values["rate_ml_h"] if told else self.scenario.pump_setup.get("rate_ml_h", 0.0))

    def press(self, role: Role, action: str, *, at_s: float | None = None, **values: Any) -> None:
        """A person presses a key of a device, now or at second `at_s`; CommandRefused for a key that it has not."""
        server = self._servers.get(role)
        if server is None:
            return  # the scenario's row is for a device that is not in this scene
        try:
            server.simulator.press(self.now_s if at_s is None else at_s, action, **values)
        except TypeError as cause:
            raise CommandRefused(f"The {role}'s {action} does not take {', '.join(values) or 'nothing'}") from cause

    # --- what a trainer or a test lets happen now -------------------------------------------------------------------

    def strike(self, role: Role, kind: FaultKind, for_s: float, amount: float | None = None) -> None:
        """A fault of this device's cable, from now on for `for_s` seconds."""
        self._server(role).strike(Fault(kind, self.now_s, for_s, amount))

    def take(self, role: Role, for_s: float) -> None:
        """Another program has this device's port, from now on for `for_s` seconds."""
        self.strike(role, FaultKind.GONE, MOMENT_S)
        self._server(role).step(self.now_s)  # it is gone at once, however far the next step goes
        self._taken_until[role] = self.now_s + for_s
        if role in self._clients:
            self._clients[role].taken = True

    def rename(self, role: Role, for_s: float) -> None:
        """The adapter is pulled, and the system gives its port another name when it is back after `for_s` seconds."""
        self.strike(role, FaultKind.GONE, for_s)
        self._server(role).step(self.now_s)
        client = self._clients.get(role)
        if client is not None:
            before, _, number = client.name.rpartition("-again")
            client.renamed = f"{before}-again{int(number) + 1}" if before else f"{client.name}-again1"
            self.ports[role] = client.name

    def join(self, role: Role, address: int) -> None:
        """One more device of the same kind at another address of this one's wire; keys stay those of the first."""
        setup = self.scenario.pump_setup if role is Role.PUMP else self.scenario.monitor_setup
        server = self._server(role)
        other = self.specs[role].at_address(address).make_simulator(self._world, **setup)
        already = server.simulator
        server.simulator = OneWire([*(already.simulators if isinstance(already, OneWire) else (already,)), other])
        self._beside.setdefault(role, []).append(address)

    def _switched_on(self, role: Role, anew: Mapping[str, Any]) -> Simulator:
        """The device, and those that share its wire, as they are after their power came back."""
        spec, setup = self.specs[role], self.scenario.pump_setup if role is Role.PUMP else self.scenario.monitor_setup
        usual = {name: value for name, value in setup.items() if name != "running"}
        others = [
            spec.at_address(address).make_simulator(self._world, **usual) for address in self._beside.get(role, ())
        ]
        first = spec.make_simulator(self._world, **anew)
        return OneWire([first, *others]) if others else first

    def found_ports(self) -> tuple[FoundPort, ...]:
        """The wires as a system would list them: each on an adapter of its own, none of one that is pulled."""
        return tuple(
            FoundPort(client.name, f"simulated {self.specs[role].name}", f"SIM-{role.value}", "", None, None)
            for role, client in self._clients.items()
            if not self._servers[role].gone
        )

    def heal(self, role: Role) -> None:
        """The cable is in order again, and the port is ours."""
        self._taken_until.pop(role, None)
        self._server(role).heal(self.now_s)

    def swap(self, role: Role, **setup: Any) -> None:
        """Another device of the same kind on the cable, at once."""
        other = self.specs[role].make_simulator(self._world, **setup)
        other.due(self.now_s)  # nothing of what it would have said before is heard
        self._server(role).simulator = other

    def set_up(self, role: Role, **setup: Any) -> None:
        """The same device set up anew: as the scenario says, but for `setup`."""
        usual = self.scenario.pump_setup if role is Role.PUMP else self.scenario.monitor_setup
        self.swap(role, **{**usual, **setup})

    def turn_to(self, scenario: Scenario | None) -> None:
        """From now on this scenario's trouble takes its course, from its first moment; None: nothing more happens.

        What the present one had still to come does not happen any more.
        """
        self._world.forget(self.now_s)
        for server in self._servers.values():
            server.forget(self.now_s)
        waiting: tuple[WorldRow, ...] = ()
        if scenario is not None:
            by_s = self.now_s + MOMENT_S - trouble_s(scenario)
            waiting = tuple(replace(row, at_s=row.at_s + by_s) for row in scenario.presses)
            waiting = tuple(row for row in waiting if row.at_s > self.now_s)
            for episode in scenario.episodes:
                self._world.add(replace(episode, at_s=episode.at_s + by_s))
            for role, server in self._servers.items():
                for fault in scenario.faults.get(role.value, ()):
                    server.strike(replace(fault, at_s=fault.at_s + by_s))
        presses = (*self.scenario.presses[: self._row], *waiting)
        self.scenario = replace(self.scenario, presses=presses)

    def happen(self, over_s: float, targets: Mapping[str, float], sensor: str = "", off: bool | None = None) -> None:
        """The patient's signs go there over `over_s` seconds, or a sensor comes off or on."""
        self._world.add(Episode(self.now_s, over_s, targets, sensor, off))

    def _server(self, role: Role) -> SimServer:
        if role not in self._servers:
            raise CommandRefused(f"No {role} is simulated here")
        return self._servers[role]

    def next_due(self, t: float) -> float:
        """The next second after `t` at which step() has something to do; the scenario's end when nothing has."""
        due = [row.at_s for row in self.scenario.presses[self._row : self._row + 1]]
        due += [second for s in self._servers.values() if (second := s.next_due(t)) is not None]
        return min((second for second in due if second > t - _MARGIN_S), default=max(t, self.scenario.seconds))

    def settled(self) -> bool:
        """Whether every byte that was written has been read and dealt with at the other end."""
        return all(client.settled() for client in self._clients.values())

    def close(self) -> None:
        """Close the devices' ends."""
        for server in self._servers.values():
            server.close()

    def _place(
        self,
        role: Role,
        spec: DeviceSpec,
        world: PatientWorld,
        line: Callable[[Role, DeviceSpec], Line],
        extra: dict[str, Any],
    ) -> None:
        setup = self.scenario.pump_setup if role is Role.PUMP else self.scenario.monitor_setup
        try:
            simulator = spec.make_simulator(world, **{**setup, **extra})
        except TypeError as cause:
            raise CommandRefused(f"The scenario {self.scenario.name} does not fit {spec.key}: {cause}") from cause
        wire = line(role, spec)
        wire.device.open()
        plan = FaultPlan(self.scenario.faults.get(role.value, ()), self.scenario.seed)
        anew = {name: value for name, value in {**setup, **extra}.items() if name != "running"}
        server = SimServer(simulator, wire.device, plan, switched_on=lambda: self._switched_on(role, anew))
        self._servers[role] = server
        self.specs[role] = spec
        self.ports[role] = wire.device.name
        if wire.client is not None:
            wire.client.server = server
            self.transports[role] = wire.client
            self._clients[role] = wire.client
