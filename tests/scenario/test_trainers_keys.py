"""Every key of the trainer's panel does what it names: the alarm that it promises is seen in a demo that infuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.demo import SimulatedChairs
from devices.simulation.scenarios import load_scenario, scenario_text
from exomonitor.assembly import assemble
from exomonitor.engine.conductor import Conductor
from exomonitor.engine.ports import Trick
from exomonitor.errors import CommandRefused
from exomonitor.headless import ScriptRow, read_script
from exomonitor.rehearsal import begin_anew, demo_seats, nurse_of, play_demo
from exomonitor.session import commands as cmd
from exomonitor.session.parts.device_check import ConfirmDevice, DeviceConfirmed
from exomonitor.session.phases import Phase
from exomonitor.signals.links import LinkState
from exomonitor.signals.vitals import Sign
from exomonitor.station import Station

LONGEST_S = 100.0


class Demo:
    """A demo in the middle of an infusion."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        scenario, rows = load_scenario("smooth"), read_script(scenario_text("smooth"))
        begin = begin_anew()
        self.station: Station = assemble(
            begin.clock, folder / "demo.sqlite3", "test", simulated=True, chair=demo_seats("4", 1), watched=False
        )
        self.world = SimulatedChairs(scenario, "memory", begin.clock, self.station.chairs, self.station.hear)
        first = Conductor(begin.clock, self.station.runtime, self.world, lambda: self.world.links)
        patch.setattr(first, "set_speed", lambda speed: first.stop())
        self.station.set_audio(True, "")
        play_demo(self.station, self.world.worlds, first, rows, 1.0)
        self.conductor = Conductor(
            begin.clock, self.station.runtime, self.world, lambda: self.world.links, began_s=first.t
        )
        self.world.worlds["4"].go_on()
        self.run(3.0)
        if self.phase() is Phase.PREPARE:
            nurse_of(self.station).perform(ScriptRow(0.0, "start_session", {}))
        self.run(20.0)

    def phase(self) -> Phase | None:
        session = self.station.latest().session
        return session.phase if session is not None else None

    def run(self, seconds: float) -> None:
        self.conductor.run_until(self.conductor.t + seconds)

    def play(self, key: str) -> None:
        self.world.play("4", key)

    def sees(self, alarm: str) -> bool:
        return any(view.key.startswith(alarm) for view in self.station.latest().alarms)

    def waits_for(self, trick: Trick) -> bool:
        until = self.conductor.t + LONGEST_S
        while not self.sees(trick.alarm) and self.conductor.t < until:
            self.run(5.0)
        return self.sees(trick.alarm)

    def calm(self) -> None:
        for key in ("pump.heal", "monitor.heal", "patient.well", "patient.sensor_on"):
            self.play(key)
        self.run(45.0)
        self.ask(cmd.Acknowledge("4", ""))

    def ask(self, command: cmd.Command) -> None:
        future = self.station.submit(command)
        self.station.runtime.settle()
        future.result(10)

    def close(self) -> None:
        self.world.close()
        self.station.close()


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Iterator[Demo]:
    with pytest.MonkeyPatch.context() as patch:
        made = Demo(tmp_path_factory.mktemp("demo"), patch)
    yield made
    made.close()


def test_each_key_raises_the_alarm_that_it_names(demo):
    assert demo.phase() is Phase.INFUSE
    missed = []
    for trick in demo.world.tricks("4"):
        if not trick.alarm or trick.alarm.endswith("wrong") or trick.key.startswith("key."):  # have tests of their own
            continue
        assert not demo.sees(trick.alarm), f"{trick.alarm} stands before {trick.key}"
        demo.play(trick.key)
        if not demo.waits_for(trick):
            missed.append(trick.key)
        demo.calm()
    assert not missed, missed


def test_another_pump_stays_unheard_until_the_nurse_confirms_it(demo):
    before = demo.station.latest().session.devices["pump"].serial
    demo.play("pump.swap")
    demo.run(10.0)
    assert demo.sees("pump.wrong")
    (link,) = [one for one in demo.station.latest().links if one.role == "pump"]
    assert link.change.state is LinkState.WRONG_DEVICE
    assert link.change.serial == "100999" != before
    by = demo.station.latest().staff_id
    demo.ask(ConfirmDevice("4", by, "pump", "100999", before, "Space", read=True, looked=True))
    demo.world.accept("4", "pump", "100999")
    demo.run(10.0)
    (link,) = [one for one in demo.station.latest().links if one.role == "pump"]
    assert link.change.state is LinkState.TALKING
    session = demo.station.latest().session
    assert session.devices["pump"].serial == "100999"
    assert any(isinstance(entry.event, DeviceConfirmed) for entry in demo.station.archive.entries(session.id))


def test_an_occlusion_is_the_pumps_own_alarm(demo):
    demo.play("key.start")
    demo.run(5.0)
    demo.play("key.occlude")
    demo.run(60.0)
    assert demo.sees("relayed")


def test_what_these_devices_cannot_do_is_refused(demo):
    with pytest.raises(CommandRefused, match=r"no trick 'monitor\.swap'"):
        demo.world.play("4", "monitor.swap")
    with pytest.raises(CommandRefused, match="No device is simulated in Lounge 1"):
        demo.world.play("Lounge 1", "pump.out")
    assert demo.world.tricks("Lounge 1") == ()


def test_every_fault_of_a_line_leaves_right_values_or_none(demo):
    demo.play("key.unblock")
    demo.play("key.start")
    demo.calm()
    more = [trick for trick in demo.world.tricks("4") if trick.more and "cable" in trick.group]
    assert len(more) == 24
    for trick in more[::5]:
        demo.play(trick.key)
        demo.run(30.0)
        rate = demo.station.latest().vitals[Sign.HR].reading.value
        assert rate is None or 65 < rate < 95
        demo.calm()
    for link in demo.station.latest().links:
        assert link.change.state is LinkState.TALKING
