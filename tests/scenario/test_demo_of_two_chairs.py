"""The demo with two chairs: two made-up patients are prepared side by side, and each chair's pump waits for its own
nurse."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices.demo import SimulatedChairs
from devices.simulation.scenarios import load_scenario, scenario_text
from exomonitor.assembly import assemble
from exomonitor.engine.conductor import Conductor
from exomonitor.headless import ScriptRow, read_script
from exomonitor.rehearsal import begin_anew, demo_seats, nurse_of, play_demo
from exomonitor.session.phases import Phase


def test_two_patients_are_prepared_and_one_start_starts_one_pump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    scenario, rows = load_scenario("smooth"), read_script(scenario_text("smooth"))
    begin, seats = begin_anew(), demo_seats("4", 2)
    station = assemble(begin.clock, tmp_path / "demo.sqlite3", "test", simulated=True, chair=seats, watched=False)
    world = SimulatedChairs(scenario, "memory", begin.clock, station.chairs, station.hear)
    conductor = Conductor(begin.clock, station.runtime, world, lambda: world.links)
    monkeypatch.setattr(conductor, "set_speed", lambda speed: conductor.stop())
    try:
        station.set_audio(True, "")
        play_demo(station, world.worlds, conductor, rows, 1.0)
        four, five = (station.at(chair).latest() for chair in ("4", "5"))
        assert four.session is not None
        assert five.session is not None
        assert (four.session.phase, five.session.phase) == (Phase.PREPARE, Phase.PREPARE)
        assert four.session.patient is not None
        assert five.session.patient is not None
        assert (four.session.patient.name, five.session.patient.name) == ("DEMO, Jane", "EXAMPLE, John")
        assert four.session.patient.mrn != five.session.patient.mrn
        assert [gate.key for gate in five.gates if not gate.closed] == [
            gate.key for gate in four.gates if not gate.closed
        ]
        assert {link.change.serial for link in four.links}.isdisjoint(
            {link.change.serial for link in five.links if link.change.serial}
        )
        assert not any("shared" in alarm.key for alarm in (*four.alarms, *five.alarms))
        assert {(b.chair, b.role) for b in world.bindings()} == {
            ("4", "pump"), ("4", "monitor"), ("5", "pump"), ("5", "monitor"),
        }  # fmt: skip
        again = Conductor(begin.clock, station.runtime, world, lambda: world.links, began_s=conductor.t)
        world.worlds["5"].go_on()
        again.run_until(again.t + 5)
        left, right = station.latest().pump, station.at("5").latest().pump
        assert left is not None
        assert right is not None
        assert (left.reading.status.value, right.reading.status.value) == ("stopped", "infusing")
        nurse_of(station, "5").perform(ScriptRow(0.0, "add_note", {"text": "for chair 5"}))
        assert (_notes(station.latest().session), _notes(station.at("5").latest().session)) == (0, 1)
    finally:
        world.close()
        station.close()


def _notes(session: object) -> int:
    return int(getattr(session, "notes", -1))
