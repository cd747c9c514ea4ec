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
from exomonitor.signals.links import LinkChange, LinkState
from exomonitor.signals.pump import PumpReading, PumpStatus
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign, VitalReading
from exomonitor.station import Station

LONGEST_S = 240.0


CABLES, BYTES = ("Pump cable", "Monitor cable"), ("Pump bytes", "Monitor bytes")
CALMING = ("pump.heal", "monitor.heal", "patient.well", "patient.sensors_on", "key.unblock", "key.mains_on",
           "key.rate_back", "key.again", "course.none")  # fmt: skip
DAMAGED = ("pump.damaged", "monitor.damaged")
YEAR_S = 365 * 86400.0


class Demo:
    """A demo in the middle of an infusion."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        scenario, rows = load_scenario("smooth"), read_script(scenario_text("smooth"))
        begin = begin_anew()
        self.station: Station = assemble(
            begin.clock, folder / "demo.sqlite3", "test", simulated=True, chair=demo_seats("4", 1), watched=False
        )
        station = self.station
        self.world = SimulatedChairs(scenario, "memory", begin.clock, station.chairs, station.hear, station)
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

    def sees(self, alarm: str, told: str = "") -> bool:
        return any(view.key.startswith(alarm) and told in view.text for view in self.station.latest().alarms)

    def waits_for(self, trick: Trick) -> bool:
        """Whether what it names comes, in its own words where it tells the device's."""
        until = self.conductor.t + LONGEST_S
        told = trick.sees.partition("alarm: ")[2]
        while not self.sees(trick.alarm, told) and self.conductor.t < until:
            self.run(1.0 if trick.lasts_s else 5.0)
        return self.sees(trick.alarm, told)

    def calm(self, seconds: float = 45.0) -> None:
        for key in CALMING:
            self.play(key)
        self.run(seconds)
        self.ask(cmd.Acknowledge("4", ""))

    def heal(self) -> None:
        """Both cables are in order, and both devices are heard again."""
        for role in ("pump", "monitor"):
            self.play(f"{role}.heal")
        self.run(2.0)
        until = self.conductor.t + 40.0
        while not self.heard() and self.conductor.t < until:
            self.run(2.0)
        assert self.heard(), [(view.key, view.text) for view in self.station.latest().alarms]

    def heard(self) -> bool:
        """Whether both devices talk and nothing is old or lost."""
        old = any(self.sees(f"{role}.{alarm}") for role in ("pump", "monitor") for alarm in ("stale", "lost"))
        return not old and all(self.link(role).state is LinkState.TALKING for role in ("pump", "monitor"))

    def pump(self) -> PumpReading:
        live = self.station.latest().pump
        assert live is not None
        return live.reading

    def tricks(self, *groups: str) -> list[Trick]:
        return [trick for trick in self.world.tricks("4") if trick.group in groups]

    def vital(self, sign: Sign) -> VitalReading:
        return self.station.latest().vitals[sign].reading

    def link(self, role: str) -> LinkChange:
        return next(one.change for one in self.station.latest().links if one.role == role)

    def ask(self, command: cmd.Command) -> None:
        future = self.station.submit(command)
        self.station.runtime.settle()
        future.result(10)

    def close(self) -> None:
        self.world.close()
        self.station.close()


def asks(demo: Demo) -> bool:
    return bool(demo.station.latest().questions) and demo.pump().status is PumpStatus.STOPPED


def infuses(demo: Demo) -> bool:
    return demo.pump().status is PumpStatus.INFUSING


def tells_no_nonsense(demo: Demo) -> bool:
    return all(demo.vital(sign).validity is not Validity.VALID for sign in (Sign.HR, Sign.SPO2, Sign.RR, Sign.TEMP))


def goes_on(demo: Demo) -> bool:
    counter, state = demo.pump().volume_infused_ml, demo.station.latest()
    assert counter is not None
    assert state.progress is not None
    assert state.progress.delivered_ml is not None
    return counter < min(1.0, 0.9 * state.progress.delivered_ml)  # seconds after the key it has counted far less than 1


EFFECTS = (
    ("key.stop", asks),
    ("course.pump-stops", asks),
    ("key.start", infuses),
    ("key.kvo", lambda demo: demo.pump().status is PumpStatus.KVO),
    ("key.nonsense", lambda demo: demo.pump().rate_ml_h is None),
    ("key.clear", goes_on),
    ("patient.nonsense", tells_no_nonsense),
    ("monitor.clock", lambda demo: (demo.link("monitor").clock_offset_s or 0.0) < -20 * YEAR_S),
    ("monitor.clock_right", lambda demo: abs(demo.link("monitor").clock_offset_s or 0.0) < 20 * YEAR_S),
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Iterator[Demo]:
    with pytest.MonkeyPatch.context() as patch:
        made = Demo(tmp_path_factory.mktemp("demo"), patch)
    yield made
    made.close()


def test_each_key_has_a_test_of_its_effect(demo):
    by_alarm = {trick.key for trick in demo.tricks("Pump", "Patient", "Scenarios") if trick.alarm}
    by_length = {trick.key for trick in demo.tricks(*CABLES, *BYTES) if trick.lasts_s}
    alone = {"pump.swap", *CALMING, *(key for key, _ in EFFECTS), *DAMAGED}
    alone |= {trick.key for trick in demo.tricks("This computer")}
    assert by_alarm | by_length | alone == {trick.key for trick in demo.world.tricks("4")}


def alarms_missed(demo: Demo) -> list[tuple[str, list[str]]]:
    """(key, alarms that stand instead) of every key that names an alarm and does not raise it."""
    assert demo.phase() is Phase.INFUSE
    demo.calm()
    missed = []
    # The rate first: from the plan's second step on the pump is off the plan without that key, too.
    for trick in sorted(demo.tricks("Pump", "Patient", "Scenarios"), key=lambda one: one.alarm != "pump.rate"):
        if trick.alarm:
            told = trick.sees.partition("alarm: ")[2]
            assert not demo.sees(trick.alarm, told), f"{trick.alarm} stands before {trick.key}"
            demo.play(trick.key)
            if not demo.waits_for(trick):
                missed.append((trick.key, [view.key for view in demo.station.latest().alarms]))
            demo.calm()
    return missed


def test_each_key_of_pump_patient_and_scenarios_raises_the_alarm_that_it_names(tmp_path, monkeypatch):
    """In a demo of its own: in one that other tests have driven on, a ramp that the pump does not take, or a bag that
    a rate of nonsense has emptied, leaves no rate that could be off the plan."""
    demo = Demo(tmp_path, monkeypatch)
    try:
        missed = alarms_missed(demo)
    finally:
        demo.close()
    assert not missed, missed


@pytest.mark.parametrize(("key", "holds"), EFFECTS)
def test_each_key_without_an_alarm_does_what_it_says(demo, key, holds):
    demo.calm(20.0)
    demo.play(key)
    demo.run(15.0)
    assert holds(demo), key
    demo.calm(20.0)


def test_what_calms_ends_the_alarms(demo):
    demo.calm()
    for key in ("key.occlude", "key.mains", "patient.ecg_off", "patient.fast"):
        demo.play(key)
    demo.run(40.0)
    prefixes = ("relayed", "sensor_off_hr", "hr_high")
    assert all(demo.sees(alarm) for alarm in prefixes)
    demo.calm(60.0)
    assert not any(demo.sees(alarm) for alarm in prefixes)
    assert demo.pump().status is PumpStatus.INFUSING


@pytest.mark.parametrize("length", [1.0, 5.0, 20.0, 60.0])
def test_each_fault_of_a_cable_shows_what_its_key_says_for_its_length(demo, length):
    demo.calm(20.0)
    pairs: dict[str, list[Trick]] = {}
    for trick in demo.tricks(*CABLES):
        if trick.lasts_s == length:
            pairs.setdefault(trick.stem.partition(".")[2], []).append(trick)
    for name, tricks in pairs.items():
        for trick in tricks:
            demo.play(trick.key)
        seen, reasons, until = set(), "", demo.conductor.t + length + 1.0
        while demo.conductor.t < until:
            demo.run(min(2.0, length / 4))
            seen |= {view.key for view in demo.station.latest().alarms}
            reasons += demo.link("pump").reason + demo.link("monitor").reason
        for trick in tricks:
            role = trick.key.partition(".")[0]
            assert trick.alarm in seen if trick.alarm else not seen & {f"{role}.stale", f"{role}.lost"}, (trick, seen)
        if name == "taken":
            assert "another program uses memory-pump" in reasons
            assert "another program uses memory-monitor" in reasons
        demo.heal()
        assert ("-again" in demo.link("pump").port) or name != "renamed"


@pytest.mark.parametrize("length", [1.0, 5.0, 20.0, 60.0])
def test_each_fault_of_the_bytes_leaves_right_values_or_none(demo, length):
    demo.calm(20.0)
    stems = {trick.stem.partition(".")[2] for trick in demo.tricks(*BYTES)}
    assert len(stems) == 13
    planned = demo.pump().rate_ml_h
    assert planned in (41.4, 82.8, 165.5), "a step of the plan, however far other tests have driven the demo"
    for stem in sorted(stems):
        for role in ("pump", "monitor"):
            demo.play(f"{role}.{stem}.{length:g}")
        for _ in range(2):
            demo.run(min(length, 20.0) / 2 + 0.5)
            rate, flow = demo.vital(Sign.HR).value, demo.pump().rate_ml_h
            assert rate is None or 65 < rate < 95, stem
            assert flow is None or flow == pytest.approx(planned), stem
        demo.heal()


@pytest.mark.parametrize("role", ["pump", "monitor"])
def test_many_bad_messages_are_told(demo, role):
    demo.calm(20.0)
    demo.play(f"{role}.damaged")
    demo.run(50.0)
    assert demo.sees(f"{role}.errors")
    demo.calm(20.0)


def test_another_pump_stays_unheard_until_the_nurse_confirms_it(tmp_path, monkeypatch):
    demo = Demo(tmp_path, monkeypatch)
    session = demo.station.latest().session
    assert session is not None
    before = session.devices["pump"].serial
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
    assert session is not None
    assert session.devices["pump"].serial == "100999"
    assert any(isinstance(entry.event, DeviceConfirmed) for entry in demo.station.archive.entries(session.id))
    demo.close()


@pytest.mark.expects_log("could not be saved")
@pytest.mark.expects_log("being saved again")
def test_each_key_of_this_computer_raises_the_alarm_that_it_names_and_its_answer_ends_it(demo):
    demo.calm(20.0)
    computer = demo.tricks("This computer")
    assert len(computer) == 8
    for trick, ends in (("computer.disk", "computer.room"), ("computer.mains", "computer.plugged")):
        demo.play(trick)
        demo.run(90.0)
        assert demo.sees(trick.removeprefix("computer.") if trick == "computer.disk" else trick)
        demo.play(ends)
        demo.run(10.0)
        assert not demo.sees(trick.removeprefix("computer.") if trick == "computer.disk" else trick)
    before = demo.station.latest().now
    demo.play("computer.ahead")
    demo.run(5.0)
    now = demo.station.latest().now
    assert demo.sees("clock", "+1 h 30 min")
    assert (now.utc - before.utc).total_seconds() - now.since(before) == pytest.approx(5400.0)
    demo.play("computer.right")
    demo.run(5.0)
    assert demo.sees("clock", "-1 h 30 min")
    demo.play("computer.record.20")
    demo.run(15.0)
    assert demo.sees("record", "the disk is full")
    demo.run(15.0)
    demo.ask(cmd.Acknowledge("4", ""))  # that something was not saved stays until somebody has seen it
    demo.run(2.0)
    assert not demo.sees("record")


def test_what_these_devices_cannot_do_is_refused(demo):
    with pytest.raises(CommandRefused, match=r"no trick 'monitor\.swap'"):
        demo.world.play("4", "monitor.swap")
    with pytest.raises(CommandRefused, match="No device is simulated in Lounge 1"):
        demo.world.play("Lounge 1", "pump.out")
    assert demo.world.tricks("Lounge 1") == ()
