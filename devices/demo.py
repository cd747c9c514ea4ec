"""A scenario's devices read by links that are stepped by hand: the device side of a demo on simulated time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from devices.link import Link
from devices.scenes import Scene
from devices.service import choices
from devices.simulation.scenarios import Scenario
from devices.spec import DeviceSpec, Role
from exomonitor.clock import Clock
from exomonitor.engine.live import SourceInfo
from exomonitor.engine.ports import Binding, DeviceChoice, PortInfo
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.quality import Origin

FAR_S = 1e7
START_KEY_S = 2.0
"""How long the simulated hand takes from the record's start to the pump's key."""


class SimulatedDevices:
    """The world of a conductor and the DeviceService of a demo: what is plugged in is the scenario's and stays so."""

    def __init__(
        self, scenario: Scenario, wire: str, clock: Clock, chair: str, on_fact: Callable[[str, DeviceFact], None]
    ) -> None:
        """`wire`: memory or pty. Facts come on whichever thread steps."""
        self.scene = Scene(scenario, wire)
        self._chair = chair
        self._held = False
        self.links = [
            Link(spec, self.scene.transports[role], role.value, clock, self._emitter(on_fact), origin=Origin.SIMULATOR)
            for role, spec in self.scene.specs.items()
        ]

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

    def press(self, target: str, action: str) -> None:
        """A trainer presses a key of a simulated device."""
        self.scene.press(Role(target), action)

    def start_captures(self, folder: Path, stem: str) -> None:
        """Record every link's raw bytes into files of `folder` until closed."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as cause:
            raise EnvironmentFault(f"The folder {folder} cannot be made: {cause.strerror or cause}") from cause
        for link in self.links:
            link.start_capture(folder / f"{stem}-{link.source}.excap")

    def close(self) -> None:
        """Close the links, then the simulators."""
        for link in self.links:
            link.close()
        self.scene.close()

    def _emitter(self, on_fact: Callable[[str, DeviceFact], None]) -> Callable[[DeviceFact], None]:
        return lambda fact: on_fact(self._chair, fact)

    # --- the conductor's world ------------------------------------------------------------------------------------

    def step(self, t: float) -> None:
        """Let the world be at second `t`."""
        self.scene.step(t)

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
        return tuple(
            PortInfo(port, f"simulated {self.scene.specs[role].name}", "", "")
            for role, port in self.scene.ports.items()
        )

    def bindings(self) -> tuple[Binding, ...]:
        """What the scenario has plugged in."""
        return tuple(
            Binding(self._chair, role.value, spec.key, self.scene.ports[role])
            for role, spec in self.scene.specs.items()
        )

    def bind(self, binding: Binding) -> None:
        """Refused: a demo reads no real device."""
        raise CommandRefused(
            "In the demo the simulated devices are fixed: start the program without `demo` for real ones"
        )

    def release(self, chair: str, role: str) -> None:
        """Refused as well."""
        raise CommandRefused("In the demo the simulated devices are fixed")

    def test_reading(self, key: str, port: str, baud: int, seconds: float) -> tuple[str, ...]:
        """The demo's ports are being read already."""
        raise CommandRefused(f"{port} is being read by the demo")


def _info(source: str, spec: DeviceSpec) -> SourceInfo:
    return SourceInfo(
        source, source, spec.key, spec.name, spec.grade.value, spec.stale_s, spec.lost_s, spec.never_reports,
        spec.interval_s,
    )  # fmt: skip
