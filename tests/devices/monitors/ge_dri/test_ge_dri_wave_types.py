"""Every wave type that a monitor has a number for: what a fast line carries, and what a driver makes of it."""

from __future__ import annotations

import numpy as np

from devices.monitors.ge_dri import ASK_WAVES, may_send
from devices.monitors.ge_dri.driver import WANTED_WAVES, GeDriDriver
from devices.monitors.ge_dri.simulator import GeDriSimulator
from devices.monitors.ge_dri.wire import frames, waves
from devices.monitors.ge_dri.wire.records import WAVE, Record, decode_record, encode_record
from devices.monitors.ge_dri.wire.requests import WaveRequest, encode_request
from devices.simulation.patient import PatientWorld
from exomonitor.clock import ManualClock
from exomonitor.signals.waves import WaveChunk, WaveName

NO_SCALE = {waves.TONOMETRY, waves.LOOP_STATUS, waves.BIS, waves.AIRWAY[2]}


def test_waves_of_every_type_whose_scale_is_known_come_with_name_rate_and_unit():
    driver, clock = GeDriDriver("monitor"), ManualClock()
    driver.opened(clock.now())
    part = waves.encode_wave(waves.WavePart(0, 0, np.arange(10, dtype=np.int16)))
    kinds = sorted({*waves.RATE_HZ, 22, 77})
    shown = {}
    for number in range(0, len(kinds), 8):
        for kind in kinds[number : number + 8]:
            record = Record(WAVE, ((kind, part),), number, 10, 0, kind)
            for fact in driver.received(frames.frame(encode_record(record)), clock.now()):
                assert isinstance(fact, WaveChunk)
                shown[kind] = (fact.wave, fact.rate_hz, round(float(fact.physical()[1]), 6), fact.unit)
    assert set(shown) == set(waves.RATE_HZ) - NO_SCALE == set(waves.SCALE)
    assert shown[waves.ECG1] == (WaveName.ECG_II, 300.0, 0.001, "mV")
    assert shown[waves.PRESSURES[0]] == (WaveName.P1, 100.0, 0.01, "mm[Hg]")
    assert shown[waves.GASES[0]] == (WaveName.CO2, 25.0, 0.01, "%")
    assert shown[waves.AIRWAY[0]] == (WaveName.PAW, 25.0, 0.1, "cm[H2O]")
    assert shown[waves.AIRWAY[1]] == (WaveName.FLOW, 25.0, 0.1, "L/min")
    assert shown[waves.EEG[3]] == (WaveName.EEG_4, 100.0, 0.0001, "mV")
    assert shown[waves.RESP_100][0] == shown[waves.RESP][0] == WaveName.RESP
    assert len({name for name, *_ in shown.values()}) == len(shown) - 1


def test_what_is_asked_for_has_a_name_and_a_scale_and_is_all_that_one_request_can_name():
    assert len(WANTED_WAVES) == len(set(WANTED_WAVES)) == 23
    assert set(WANTED_WAVES) == set(waves.SCALE) - {*waves.PRESSURES[6:], waves.RESP_100}
    assert may_send(ASK_WAVES)
    assert not may_send(encode_request(WaveRequest(True, (waves.BIS,))))


def test_at_19200_baud_the_usual_waves_come_first_and_what_the_line_has_room_for():
    simulator = GeDriSimulator(PatientWorld(1), all_modules=True)
    simulator.received(ASK_WAVES, 0.0)
    record = decode_record(frames.unframe(simulator.due(0.25)) or b"")
    assert record is not None
    told = [kind for kind, _ in record.subrecords]
    assert told[:3] == [waves.ECG1, waves.PLETH, waves.RESP]
    assert sum(waves.RATE_HZ[kind] for kind in told) <= waves.SAMPLES_PER_S_BUDGET


def test_a_fast_line_carries_every_wave_that_has_a_module_at_its_own_rate():
    simulator = GeDriSimulator(PatientWorld(1), fast=True)
    simulator.received(encode_request(WaveRequest(True, tuple(sorted(waves.RATE_HZ))[:23])), 0.0)
    record = decode_record(frames.unframe(simulator.due(0.25)) or b"")
    assert record is not None
    parts = {kind: waves.decode_wave(body) for kind, body in record.subrecords}
    told = {kind: len(part.samples) for kind, part in parts.items() if part is not None}
    assert told == {waves.ECG1: 75, waves.ECG2: 75, waves.ECG3: 75, waves.PLETH: 25, waves.RESP: 6}


def test_on_a_fast_line_every_module_is_heard_without_a_gap():
    simulator = GeDriSimulator(PatientWorld(1), all_modules=True, fast=True)
    driver, clock = GeDriDriver("m"), ManualClock()
    driver.opened(clock.now())
    simulator.received(ASK_WAVES, 0.0)
    heard: dict[str, list[bool]] = {}
    for step in range(1, 9):
        for fact in driver.received(simulator.due(0.25 * step), clock.now()):
            assert isinstance(fact, WaveChunk)
            heard.setdefault(fact.wave, []).append(fact.gap_before)
        clock.advance(0.25)
    assert len(heard) == len(WANTED_WAVES)
    assert not any(gap for gaps in heard.values() for gap in gaps[1:])
