"""Another pump on the cable: an alarm until somebody has looked at patient and device; high only while infusing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import AlarmState
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.narrative import sentence
from exomonitor.session.parts.device_check import ConfirmDevice, DeviceConfirmed
from exomonitor.signals.links import LinkChange, LinkState
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench

WANTED = ConfirmDevice(CHAIR, "", "pump", "99999", "80213", "Space", read=True, looked=True)


@pytest.fixture
def bench() -> Bench:
    made = Bench()
    made.prepare()
    return made


def told(bench: Bench, state: LinkState, serial: str) -> None:
    bench.hear(LinkChange("pump", state, "receiving", bench.now, "COM4", serial, "Space"))
    bench.tick()


def test_another_pump_is_a_high_alarm_only_while_infusing(bench):
    bench.bind("pump")
    told(bench, LinkState.WRONG_DEVICE, "99999")
    alarm = bench.alarm("pump.wrong")
    assert alarm is not None
    assert (alarm.text, alarm.priority) == ("PUMP CHANGED - confirm patient", Priority.MEDIUM)
    told(bench, LinkState.TALKING, "80213")
    bench.start("100")
    bench.infuse(20, 100.0)
    told(bench, LinkState.WRONG_DEVICE, "99999")
    alarm = bench.alarm("pump.wrong")
    assert alarm is not None
    assert alarm.priority is Priority.HIGH
    assert bench.snapshot.next_line == "Pump changed: confirm patient and pump (Alt+6)"


def test_patient_and_device_confirmed_stand_in_the_record_with_the_number_pinned_anew(bench):
    bench.do(replace(WANTED, by=bench.by))
    (confirmed,) = bench.events(DeviceConfirmed)
    assert confirmed == DeviceConfirmed("pump", "99999", "80213", "Space", "read")
    assert bench.state.devices["pump"].serial == "99999"
    assert bench.state.devices["pump"].channel == "1/1"
    (known,) = bench.state.device_checks.confirmed
    assert (known.role, known.serial, known.by) == ("pump", "99999", bench.by)
    told = sentence(confirmed)
    assert "PUMP CHANGED, confirmed at this patient: number 99999 in place of 80213" in told
    assert "read on it" in told


def test_confirmed_the_alarm_is_answered_and_ends_with_its_cause(bench):
    bench.bind("pump")
    bench.start("100")
    bench.infuse(20, 100.0)
    told(bench, LinkState.WRONG_DEVICE, "99999")
    bench.do(replace(WANTED, by=bench.by))
    alarm = bench.alarm("pump.wrong")
    assert alarm is not None
    assert (alarm.state, alarm.acked_by) == (AlarmState.ACKED, bench.by)
    told(bench, LinkState.TALKING, "99999")
    assert bench.alarm("pump.wrong") is None


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"role": "kettle"}, "pump or monitor"),
        ({"serial": " "}, "number of the pump"),
        ({"looked": False}, "Compare the number on the pump first: the cable says 99999"),
        ({"read": False}, "Look at the wristband first"),
        ({"read": False, "scanned": "W-unknown"}, "No patient has this wristband"),
    ],
)
def test_what_nobody_looked_at_is_not_confirmed(bench, wrong, why):
    assert why in bench.refused(replace(WANTED, **{"by": bench.by, **wrong}))
    assert bench.events(DeviceConfirmed) == []


def test_a_pump_that_tells_no_number_is_confirmed_by_looking_and_counts_from_elsewhere(bench):
    untold = replace(WANTED, by=bench.by, serial="", model="", untold=True)
    assert "Look at the pump first: it does not tell its number" in bench.refused(replace(untold, looked=False))
    bench.start("100")
    bench.bind("pump")
    bench.infuse(20, 100.0)
    before = bench.state.stretches
    bench.do(untold)
    (confirmed,) = bench.events(DeviceConfirmed)
    told = sentence(confirmed)
    assert "PUMP CHANGED, confirmed at this patient: it does not tell its number, in place of 80213" in told
    assert bench.state.devices["pump"].serial == ""
    assert len(bench.state.stretches) == len(before) + 1


def test_where_values_are_typed_nothing_is_pinned():
    bench = Bench()
    bench.prepare(pump="")
    bench.do(replace(WANTED, by=bench.by))
    assert bench.events(ev.DeviceBound)[-1].serial != "99999"


def test_what_the_other_pump_gave_before_is_not_this_patients(bench):
    bench.start("100")
    bench.bind("pump")
    bench.infuse(20, 100.0)
    before = bench.state.stretches
    bench.do(replace(WANTED, by=bench.by))
    assert len(bench.state.stretches) == len(before) + 1
    assert bench.state.stretches[-1].counter_ml is None


def test_a_pinned_device_has_the_number_that_it_has_told(bench):
    bench.bind("pump")
    told(bench, LinkState.TALKING, "80213")
    bench.do(cmd.PinDevice(CHAIR, bench.by, "pump", "bbraun-space", "pump"))
    pinned = bench.state.devices["pump"]
    assert (pinned.model, pinned.serial) == ("Space", "80213")
    told(bench, LinkState.WRONG_DEVICE, "99999")
    bench.do(cmd.PinDevice(CHAIR, bench.by, "pump", "bbraun-space", "pump"))
    assert bench.state.devices["pump"].serial == ""
    bench.do(cmd.PinDevice(CHAIR, bench.by, "pump", "", ""))
    assert bench.state.devices["pump"].serial == ""
