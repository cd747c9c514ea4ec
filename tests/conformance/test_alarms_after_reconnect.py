"""The engine forgets what a device reported when its link is lost: the driver must report it anew."""

from __future__ import annotations

import pytest

from devices.catalogue import CATALOGUE
from devices.simulation.patient import Episode, PatientWorld
from devices.spec import DeviceSpec, Role, Simulator
from exomonitor.clock import ManualClock
from exomonitor.signals.alarms_relayed import RelayedAlarm
from tests.conformance.dialogue import LATENCY_S, SPECS

PUMPS = [spec for spec in CATALOGUE.values() if spec.role is Role.PUMP]
MONITORS = [spec for spec in SPECS.values() if spec.role is Role.MONITOR and not spec.key.startswith("nonin")]
"""A Nonin relays but a weak battery, which its simulator does not have."""
ANNOUNCES = {"hl7-pcd01"}  # an alarm is said in messages of its own: begun, goes on, ended
RUNNING = {"running": True, "rate_ml_h": 120.0, "vtbi_ml": 100.0}
OPTIONS = {"ge-dri": {"tells_alarms": True}}
LOW_SPO2 = Episode(10.0, 1.0, {"spo2": 70.0})
SAYS_ONCE = {"new-era"}  # the first answer clears it at the pump: the alarm manager holds it until it is acknowledged


def press(simulator: Simulator, spec: DeviceSpec, t: float) -> None:
    """An alarm begins at this device, or is said again, where the patient is not what it alarms about."""
    if spec.role is Role.PUMP:
        simulator.press(t, "occlude")
    elif spec.key in ANNOUNCES:
        simulator.press(t, "alarm")


def alarms(spec: DeviceSpec, *, reopen: bool) -> list[list[RelayedAlarm]]:
    """What a pump that is occluded, or a monitor of a patient whose SpO2 is low, reports before and after its port was
    opened again."""
    clock = ManualClock()
    driver = spec.make_driver("pump")
    options = RUNNING if spec.role is Role.PUMP else OPTIONS.get(spec.key, {})
    simulator = spec.make_simulator(PatientWorld(episodes=[LOW_SPO2]), **options)
    heard: list[list[RelayedAlarm]] = [[], []]
    driver.opened(clock.now())
    t, reply = 0.0, b""
    while t < 60.0:
        at = clock.now()
        if abs(t - 12.0) < LATENCY_S / 2:
            press(simulator, spec, t)
        if spec.key in ANNOUNCES and abs(t - 42.0) < LATENCY_S / 2:
            press(simulator, spec, t)
        if reopen and abs(t - 36.0) < LATENCY_S / 2:
            driver.opened(at)
            reply = b""
        data, reply = reply + simulator.due(t), b""
        facts = driver.received(data, at) if data else []
        heard[t > 36.0 - LATENCY_S / 2] += [fact for fact in facts if isinstance(fact, RelayedAlarm)]
        while (frame := driver.due(at)) is not None:
            reply += simulator.received(frame, t)
        t = round(t + LATENCY_S, 6)
        clock.advance(LATENCY_S)
    return heard


@pytest.mark.parametrize(
    "spec", [*(pump for pump in PUMPS if pump.key not in SAYS_ONCE), *MONITORS], ids=lambda spec: spec.choice
)
def test_an_alarm_that_still_stands_is_reported_again_after_the_port_was_opened_anew(spec):
    before, after = alarms(spec, reopen=True)
    standing = {one.code for one in before if one.active} - {one.code for one in before if not one.active}
    assert standing, "an occluded pump alarms, and so does a monitor"
    assert standing <= {one.code for one in after if one.active}


@pytest.mark.parametrize(
    "spec", [*PUMPS, *(one for one in MONITORS if one.key not in ANNOUNCES)], ids=lambda spec: spec.choice
)
def test_an_alarm_that_stands_is_reported_once_while_the_link_lasts(spec):
    before, after = alarms(spec, reopen=False)
    begun = [one.code for one in before + after if one.active]
    assert len(begun) == len(set(begun))
