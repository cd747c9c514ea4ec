"""Every wave type that a monitor has a number for: what a fast line carries, and what a driver makes of it."""

from __future__ import annotations

import numpy as np

from devices.monitors.ge_dri.driver import GeDriDriver
from devices.monitors.ge_dri.simulator import GeDriSimulator
from devices.monitors.ge_dri.wire import frames, waves
from devices.monitors.ge_dri.wire.records import WAVE, Record, decode_record, encode_record
from devices.monitors.ge_dri.wire.requests import WaveRequest, encode_request
from devices.simulation.patient import PatientWorld
from exomonitor.clock import ManualClock
from exomonitor.signals.waves import WaveChunk, WaveName


def test_waves_of_every_type_are_passed_over_but_for_the_three_that_are_asked_for():
    driver, clock = GeDriDriver("monitor"), ManualClock()
    driver.opened(clock.now())
    part = waves.encode_wave(waves.WavePart(0, 0, np.arange(10, dtype=np.int16)))
    kinds = sorted({*waves.RATE_HZ, 22, 77})
    shown = []
    for number in range(0, len(kinds), 8):
        body = tuple((kind, part) for kind in kinds[number : number + 8])
        facts = driver.received(frames.frame(encode_record(Record(WAVE, body, number // 8, 10, 0, 0))), clock.now())
        shown += [(type(fact).__name__, getattr(fact, "wave", "")) for fact in facts]
    assert shown == [(WaveChunk.__name__, wave) for wave in (WaveName.ECG_II, WaveName.PLETH, WaveName.RESP)]


def test_a_fast_line_carries_every_wave_that_has_a_module_at_its_own_rate():
    simulator = GeDriSimulator(PatientWorld(1), fast=True)
    simulator.received(encode_request(WaveRequest(True, tuple(sorted(waves.RATE_HZ))[:23])), 0.0)
    record = decode_record(frames.unframe(simulator.due(0.25)) or b"")
    assert record is not None
    parts = {kind: waves.decode_wave(body) for kind, body in record.subrecords}
    told = {kind: len(part.samples) for kind, part in parts.items() if part is not None}
    assert told == {waves.ECG1: 75, waves.ECG2: 75, waves.ECG3: 75, waves.PLETH: 25, waves.RESP: 6}
