"""A link to a simulated IntelliVue through every fault of a cable: true values only, and back soon afterwards."""

from __future__ import annotations

import pytest

from devices.link import Link
from devices.monitors.philips_intellivue import SPEC
from devices.simulation.faults import Fault, FaultKind, FaultPlan
from devices.simulation.patient import PatientWorld
from devices.simulation.server import SimServer
from devices.transport.memory import pair
from exomonitor.clock import ManualClock
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkFault
from exomonitor.signals.vitals import Sign, VitalReading
from exomonitor.signals.waves import WaveChunk, WaveName

FAULT_AT_S, FAULT_S, END_S = 20.0, 15.0, 60.0
BACK_WITHIN_S = 6.0
"""The link's longest back-off, or a new association, and one second until the next numbers."""


def play(kind: FaultKind, seconds: float = FAULT_S) -> tuple[list[DeviceFact], ManualClock, Link]:
    client, device = pair("monitor port")
    device.open()
    clock = ManualClock()
    plan = FaultPlan([Fault(kind, FAULT_AT_S, seconds)], seed=4)
    server = SimServer(SPEC.make_simulator(PatientWorld(6)), device, plan)
    facts: list[DeviceFact] = []
    link = Link(SPEC, client, "monitor", clock, facts.append)
    began = clock.now()
    while (t := clock.now().since(began)) < END_S:
        server.step(t)
        link.step(0.0)
        clock.advance(0.02)
    link.close()
    server.close()
    return facts, clock, link


@pytest.mark.parametrize("kind", FaultKind)
def test_after_every_fault_numbers_and_waves_are_back_and_no_value_is_invented(kind):
    facts, _, _ = play(kind)
    began, world = ManualClock().now(), PatientWorld(6)
    told = [fact for fact in facts if isinstance(fact, VitalReading) and fact.sign is Sign.SPO2 and fact.value]
    # Bytes may be late by as much as the fault lasts: each value was true at some second since it began.
    true = {float(round(world.vitals(second / 2).spo2)) for second in range(2 * round(END_S))}
    assert {reading.value for reading in told} <= true
    after = [reading.at.since(began) for reading in told if reading.at.since(began) > FAULT_AT_S + FAULT_S]
    assert after[0] <= FAULT_AT_S + FAULT_S + BACK_WITHIN_S
    assert after[-1] > END_S - 1.1
    waves = [fact for fact in facts if isinstance(fact, WaveChunk) and fact.wave is WaveName.ECG_II]
    assert waves[-1].at.since(began) > END_S - 0.5
    samples = [chunk.samples.tobytes() for chunk in waves]
    assert len(set(samples)) == len(samples)  # the ECG's noise makes every piece another


@pytest.mark.parametrize("kind", [FaultKind.GARBLE, FaultKind.CUT, FaultKind.NOISE])
def test_bytes_that_were_no_frame_are_kept_and_counted(kind):
    facts, _, link = play(kind)
    bad = [fact for fact in facts if isinstance(fact, LinkFault)]
    assert bad
    assert sum(link.counters().frames_bad.values()) == len(bad)
    assert any(fact.raw for fact in bad)
