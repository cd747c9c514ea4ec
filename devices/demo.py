"""A scenario's devices read by links that are stepped by hand: the device side of a demo on simulated time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from devices.discovery import Adapter
from devices.link import Link
from devices.moving_port import MovingPort
from devices.outlet import Listener, Outlet
from devices.scenes import Scene
from devices.simulation.scenarios import Scenario
from devices.spec import DeviceSpec, Role
from devices.telling import choices, port_infos, reader, save_wire, wire_rows
from devices.trainer import COURSE, play, tricks_of
from devices.trainer.computer import PREFIX, ComputerTricks, DemoComputer
from devices.transport.capture import ENDING
from exomonitor.clock import Clock, ManualClock
from exomonitor.engine.live import SourceInfo
from exomonitor.engine.ports import Binding, DeviceChoice, FoundDevice, PortInfo, Trick, WireRow
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.signals.quality import Origin

T = TypeVar("T")
FAR_S = 1e7
START_KEY_S = 2.0
"""How long the simulated hand takes from the record's start to the pump's key."""


_SERIALS = {"bbraun-space": "100113", "alaris-asena": "8002-51740", "harvard-ultra": "D400123",
            "philips-intellivue": "DE00000042", "masimo": "0000070986", "hl7-pcd01": "00A0370098000001"}  # fmt: skip
"""Families whose simulators say a serial number: side by side each device has one of its own."""


class SimulatedDevices:
    """The world of a conductor and the DeviceService of a demo: what is plugged in is the scenario's and stays so."""

    def __init__(self, scenario: Scenario, wire: str, clock: Clock, chair: str, on_fact: Listener) -> None:
        """`wire`: memory or pty. Facts come on whichever thread steps."""
        self.scene = Scene(scenario, wire)
        self._chair = chair
        self._held = False
        self._wishes: SimpleQueue[str] = SimpleQueue()
        self.computer: ComputerTricks | None = None
        """The keys of the computer that watches, where one plays along."""
        self.links = [
            Link(
                spec,
                self._moving(role),
                role.value,
                clock,
                Outlet(partial(on_fact, chair), lambda facts: on_fact(chair, *facts)),
                origin=Origin.SIMULATOR,
                bound=True,
            )
            for role, spec in self.scene.specs.items()
        ]

    def _moving(self, role: Role) -> MovingPort:
        """The role's wire, found by its adapter as a real port is."""
        end = self.scene.transports[role]
        return MovingPort(end.name, _adapter(role), self.scene.found_ports, lambda now: end)

    def infos(self) -> tuple[SourceInfo, ...]:
        """What the engine must know of each device."""
        return tuple(_info(link.source, link.spec) for link in self.links)

    # --- a demo in a window: the scenario waits for the person ----------------------------------------------------

    @property
    def pump_starts_s(self) -> float:
        """The second at which the scenario's pump is started; its end when it never is."""
        starts = [row.at_s for row in self.scene.scenario.presses if (row.target, row.action) == ("pump", "start")]
        return min(starts, default=self.scene.scenario.seconds)

    def hold(self) -> None:
        """Let the scenario wait: the devices live, nothing happens to patient, pump or cable."""
        if not self._held:
            self._held = True
            self.scene.postpone(FAR_S)

    def go_on(self) -> None:
        """The person has started: the pump's start key is pressed in a moment, and the scenario takes its course."""
        if self._held:
            self._held = False
            self.scene.postpone(self.scene.now_s + START_KEY_S - self.pump_starts_s)

    def tricks(self, chair: str) -> tuple[Trick, ...]:
        """What a trainer may let happen here."""
        return tricks_of(self.scene) + (self.computer.tricks() if self.computer is not None else ())

    def play(self, chair: str, key: str) -> None:
        """Let it happen when the world is moved next: it belongs to another thread."""
        trick = next((one for one in self.tricks(chair) if one.key == key), None)
        if trick is None:
            raise CommandRefused(f"There is no trick {key!r} with these devices")
        if self._held and trick.group == COURSE:
            raise CommandRefused("The scenario waits for the start of the record: then another one can be begun")
        self._wishes.put(key)

    def start_captures(self, folder: Path, stem: str) -> None:
        """Record every link's raw bytes into files of `folder` until closed."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as cause:
            raise EnvironmentFault(f"The folder {folder} cannot be made: {cause.strerror or cause}") from cause
        for link in self.links:
            link.start_capture(folder / f"{stem}-{link.source}{ENDING}")

    def close(self) -> None:
        """Close the links, then the simulators."""
        for link in self.links:
            link.close()
        self.scene.close()

    # --- the conductor's world ------------------------------------------------------------------------------------

    def step(self, t: float) -> None:
        """Let the world be at second `t`, and what a trainer wished for happen."""
        self.scene.step(t)
        if self.computer is not None:
            self.computer.step(t)
        while not self._wishes.empty():
            wish = self._wishes.get()
            if self.computer is not None and wish.startswith(PREFIX):
                self.computer.play(wish, t)
            else:
                play(self.scene, wish)

    def next_due(self, t: float) -> float:
        """The second of the next thing that happens by itself."""
        return self.scene.next_due(t)

    def settled(self) -> bool:
        """Whether all bytes have been read."""
        return self.scene.settled()

    # --- the Devices page -----------------------------------------------------------------------------------------

    def catalogue(self) -> tuple[DeviceChoice, ...]:
        """Every family this program can read."""
        return choices()

    def ports(self) -> tuple[PortInfo, ...]:
        """The demo's own wires; no port of this machine."""
        return port_infos(self.scene.found_ports())

    def bindings(self) -> tuple[Binding, ...]:
        """What the scenario has plugged in."""
        return tuple(self._binding(link) for link in self.links)

    def _binding(self, link: Link) -> Binding:
        """Known again as a real device is: by its adapter, and by the number that it has told."""
        role, number, model = link.source, link.expected_serial, link.expected_model
        adapter = _adapter(Role(role)).serial
        return Binding(self._chair, role, link.spec.choice, link.port, adapter=adapter, serial=number, model=model)

    def bind(self, binding: Binding) -> None:
        """Refused: a demo reads no real device."""
        raise CommandRefused(
            "In the demo the simulated devices are fixed: start the program without `demo` for real ones"
        )

    def release(self, chair: str, role: str) -> None:
        """Refused as well."""
        raise CommandRefused("In the demo the simulated devices are fixed")

    def accept(self, chair: str, role: str, serial: str) -> None:
        """A person has looked: this simulated device from now on."""
        for link in self.links:
            if link.source == role:
                link.accept(serial)

    def wire(self, chair: str, role: str) -> tuple[WireRow, ...]:
        """What the role's simulated line carried last."""
        return next((wire_rows(link.tap) for link in self.links if link.source == role), ())

    def save_wire(self, chair: str, role: str, folder: Path) -> Path:
        """The raw bytes that are still kept, in a new file."""
        link = next((link for link in self.links if link.source == role), None)
        if link is None:
            raise CommandRefused(f"No {role} is read at {chair}")
        return save_wire(link, folder, link.clock.now())

    def identify(
        self, port: str, key: str, tell: Callable[[str], None], stopped: Callable[[], bool]
    ) -> tuple[FoundDevice, ...]:
        """The demo's ports are being read already, and it opens no other."""
        raise _refusal(port, self.bindings())

    def test_reading(self, key: str, port: str, baud: int, seconds: float, line: str = "") -> tuple[str, ...]:
        """The demo's ports are being read already, and it opens no other."""
        raise _refusal(port, self.bindings())


class SimulatedChairs:
    """Several chairs side by side, each with its own patient and its own devices: one world for the conductor, one
    DeviceService for the window."""

    def __init__(
        self,
        scenario: Scenario,
        wire: str,
        clock: Clock,
        chairs: Sequence[str],
        on_fact: Listener,
        computer: DemoComputer | None = None,
    ) -> None:
        """The scenario as it is in the first chair, another patient of its kind in each other one. computer: what plays
        along where a trainer lets something happen to the computer itself."""
        self.worlds: dict[str, SimulatedDevices] = {}
        tricks = ComputerTricks(clock, computer) if isinstance(clock, ManualClock) and computer is not None else None
        try:
            for number, chair in enumerate(chairs):
                self.worlds[chair] = SimulatedDevices(_beside(scenario, number), wire, clock, chair, on_fact)
                self.worlds[chair].computer = tricks
        except BaseException:
            self.close()
            raise

    @property
    def links(self) -> list[Link]:
        """Every link of every chair."""
        return [link for world in self.worlds.values() for link in world.links]

    def start_captures(self, folder: Path, stem: str) -> None:
        """Record every link's raw bytes."""
        for chair, world in self.worlds.items():
            world.start_captures(folder, stem if len(self.worlds) == 1 else f"{stem}-chair{chair}")

    def close(self) -> None:
        """Close the links, then the simulators."""
        for world in self.worlds.values():
            world.close()

    # --- the conductor's world ------------------------------------------------------------------------------------

    def step(self, t: float) -> None:
        """Let every world be at second `t`."""
        for world in self.worlds.values():
            world.step(t)

    def next_due(self, t: float) -> float:
        """The second of the next thing that happens by itself, anywhere."""
        return min(world.next_due(t) for world in self.worlds.values())

    def settled(self) -> bool:
        """Whether all bytes have been read."""
        return all(world.settled() for world in self.worlds.values())

    # --- the Devices page -----------------------------------------------------------------------------------------

    def catalogue(self) -> tuple[DeviceChoice, ...]:
        """Every family this program can read."""
        return choices()

    def ports(self) -> tuple[PortInfo, ...]:
        """The demo's own wires."""
        return tuple(_each(world.ports() for world in self.worlds.values()))

    def bindings(self) -> tuple[Binding, ...]:
        """What is plugged in, chair by chair."""
        return tuple(_each(world.bindings() for world in self.worlds.values()))

    def bind(self, binding: Binding) -> None:
        """Refused: a demo reads no real device."""
        next(iter(self.worlds.values())).bind(binding)

    def release(self, chair: str, role: str) -> None:
        """Refused as well."""
        next(iter(self.worlds.values())).release(chair, role)

    def tricks(self, chair: str) -> tuple[Trick, ...]:
        """What a trainer may let happen in this chair; a lounge has no devices."""
        return self.worlds[chair].tricks(chair) if chair in self.worlds else ()

    def play(self, chair: str, key: str) -> None:
        """Let it happen in this chair."""
        if chair not in self.worlds:
            raise CommandRefused(f"No device is simulated in {chair}")
        self.worlds[chair].play(chair, key)

    def accept(self, chair: str, role: str, serial: str) -> None:
        """A person has looked at this chair's device."""
        self.worlds[chair].accept(chair, role, serial)

    def wire(self, chair: str, role: str) -> tuple[WireRow, ...]:
        """What a line of this chair carried last."""
        return self.worlds[chair].wire(chair, role)

    def save_wire(self, chair: str, role: str, folder: Path) -> Path:
        """The raw bytes that are still kept of a line of this chair."""
        return self.worlds[chair].save_wire(chair, role, folder)

    def identify(
        self, port: str, key: str, tell: Callable[[str], None], stopped: Callable[[], bool]
    ) -> tuple[FoundDevice, ...]:
        """The demo's ports are being read already, and it opens no other."""
        raise _refusal(port, self.bindings())

    def test_reading(self, key: str, port: str, baud: int, seconds: float, line: str = "") -> tuple[str, ...]:
        """The demo's ports are being read already, and it opens no other."""
        raise _refusal(port, self.bindings())


def _refusal(port: str, bindings: Iterable[Binding]) -> CommandRefused:
    """Why this port is not opened: who reads it."""
    for one in bindings:
        if one.port == port:
            return CommandRefused(f"{port} is already read as {reader(one)}")
    return CommandRefused(f"{port} is no port of the demo: start the program without `demo` for real ones")


def _each(found: Iterable[tuple[T, ...]]) -> Iterable[T]:
    return (one for several in found for one in several)


def _beside(scenario: Scenario, number: int) -> Scenario:
    """The same for another patient on devices of their own."""
    if number == 0:
        return scenario
    return replace(
        scenario,
        seed=scenario.seed + number,
        pump_setup={**scenario.pump_setup, **_serial(scenario.pump, number)},
        monitor_setup={**scenario.monitor_setup, **_serial(scenario.monitor, number)},
    )


def _serial(key: str | None, number: int) -> dict[str, str]:
    first = _SERIALS.get(key or "")
    return {} if first is None else {"serial": f"{first[:-2]}{int(first[-2:]) + number:02d}"}


def _adapter(role: Role) -> Adapter:
    """What the wire hangs on: Scene.found_ports lists it so."""
    return Adapter(f"SIM-{role.value}")


def _info(source: str, spec: DeviceSpec) -> SourceInfo:
    return SourceInfo(
        source, source, spec.choice, spec.name, spec.grade.value, spec.stale_s, spec.lost_s, spec.never_reports,
        spec.interval_s, spec.averaging_s,
    )  # fmt: skip
