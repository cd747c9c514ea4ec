"""NEXT while other devices than the session's are on the cable: the patient comes first, nothing else is dropped."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.engine.next_line import cable_line
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.parts.handover import Handover
from exomonitor.session.ramp import seen_step
from tests.ui import scenes
from ui.presenters.handover import cover_reminder
from ui.presenters.next_step import next_step

LINE = cable_line("", "1/1")
LOW = scenes.alarm("spo2_low", "SpO₂ low", Priority.HIGH)


CLOSED = replace(scenes.observing(), next_slot=None)


@pytest.mark.parametrize("base", [scenes.normal(), CLOSED], ids=("infusing", "all sets closed"))
def test_while_a_vital_sign_alarms_the_patient_comes_before_the_devices(base: Snapshot):
    calm = next_step(replace(base, next_line=LINE, alarms=()))
    assert (calm.line, calm.action) == (LINE, "devices")
    view = next_step(replace(base, next_line=LINE, alarms=(LOW,)))
    assert (view.line, view.action) == (f"Look at the patient, then BP · {LINE}", "set"), (
        "the key takes the pressure that the line asks for"
    )
    assert view.below == calm.below


def test_the_nurse_who_takes_back_is_named_beside_the_devices_too():
    covered = Handover(nurse="u2", cover_until=scenes.NOW.plus(-60), relieved="u1")
    base = replace(scenes.normal(), session=replace(scenes.running(), handover=covered))
    assert cover_reminder(base) != ""
    assert next_step(replace(base, next_line=LINE)).below.startswith(cover_reminder(base))


def test_a_step_that_the_pump_has_just_taken_is_told_beside_the_devices_too():
    base = scenes.normal()
    assert base.session is not None
    assert base.session.delivery is not None
    just = replace(base, now=base.session.delivery.began.plus(30), next_line=LINE)
    step = seen_step(base.session, just.now)
    assert step is not None
    assert f"Ramp {step.number} of {step.of} seen: " in next_step(just).below
