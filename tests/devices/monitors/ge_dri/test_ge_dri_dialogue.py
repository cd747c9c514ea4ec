"""Driver and simulated monitor talking over bytes: what is asked, what is read, and what damage and silence do."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.monitors.ge_dri import ASK_ALARMS, ASK_NUMBERS, ASK_WAVES, SPEC, may_send
from devices.monitors.ge_dri.driver import GeDriDriver
from devices.monitors.ge_dri.simulator import GeDriSimulator
from devices.monitors.ge_dri.wire import frames, numerics, requests, waves
from devices.monitors.ge_dri.wire.records import PHDB, WAVE, Record, decode_record, encode_record
from devices.simulation.patient import Episode, PatientWorld
from devices.spec import WireFault
from exomonitor.clock import Instant, ManualClock
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkFault
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign, VitalReading
from exomonitor.signals.waves import MISSING_SAMPLE, WaveChunk, WaveName

SOURCE = "monitor"


class Bedside:
    """A driver and a simulated monitor on one cable, in simulated time; the cable may be out."""

    def __init__(self, world: PatientWorld | None = None, **options: Any) -> None:
        self.world = world or PatientWorld(3)
        self.monitor = GeDriSimulator(self.world, **options)
        self.driver = GeDriDriver(SOURCE)
        self.clock = ManualClock()
        self.began = self.clock.now()
        self.sent: list[tuple[float, bytes]] = []
        self.cable = True
        self.driver.opened(self.began)

    @property
    def t(self) -> float:
        return self.clock.now().since(self.began)

    def run(self, until: float) -> list[DeviceFact]:
        facts: list[DeviceFact] = []
        while True:
            facts += self._exchange()
            due = self.driver.next_due(self.clock.now())
            assert due is not None
            later = [due.since(self.began), until]
            if (sends := self.monitor.next_due(self.t)) is not None:
                later.append(sends)
            step = min(later) - self.t
            if self.t >= until:
                return facts
            self.clock.advance(max(step, 1e-6))

    def _exchange(self) -> list[DeviceFact]:
        while (request := self.driver.due(self.clock.now())) is not None:
            self.sent.append((self.t, request))
            if self.cable:
                assert self.monitor.received(request, self.t) == b""
        data = self.monitor.due(self.t)
        return self.driver.received(data, self.clock.now()) if data and self.cable else []


def vitals(facts: Iterable[DeviceFact], sign: Sign) -> list[VitalReading]:
    return [fact for fact in facts if isinstance(fact, VitalReading) and fact.sign is sign]


def chunks(facts: Iterable[DeviceFact], wave: WaveName) -> list[WaveChunk]:
    return [fact for fact in facts if isinstance(fact, WaveChunk) and fact.wave is wave]


def plain(fact: DeviceFact) -> object:
    """A fact without its instants, comparable."""
    if isinstance(fact, WaveChunk):
        return (fact.wave, fact.samples.tolist(), fact.gap_before, fact.lead_off, fact.rate_hz, fact.gain, fact.unit)
    if isinstance(fact, VitalReading):
        return (fact.sign, fact.value, fact.validity, fact.note)
    return (type(fact), getattr(fact, "reason", ""))


def wave_frame(number: int, samples: int = 75, time: int = 0, **parts: int) -> bytes:
    part = waves.WavePart(parts.get("status", 0), 0, np.arange(samples, dtype=np.int16))
    body = waves.encode_wave(part)
    return frames.frame(encode_record(Record(WAVE, ((parts.get("kind", waves.ECG1), body),), number, 10, 0, time)))


# --- asking --------------------------------------------------------------------------------------------------------


def test_the_spec_is_what_the_manual_says_and_makes_driver_and_simulator():
    assert SPEC.settings.text() == "19200 8E1 RTS/CTS"
    assert (SPEC.interval_s, SPEC.has_checksum) == (5.0, True)
    assert isinstance(SPEC.make_driver("m"), GeDriDriver)
    assert isinstance(SPEC.make_simulator(PatientWorld(), nibp_interval_s=60), GeDriSimulator)


def test_a_driver_asks_for_numbers_waves_and_alarms_when_opened_and_never_for_anything_else():
    driver, clock = GeDriDriver(SOURCE), ManualClock()
    assert driver.due(clock.now()) is None
    assert driver.next_due(clock.now()) is None
    driver.opened(clock.now())
    assert [driver.due(clock.now()) for _ in range(4)] == [ASK_NUMBERS, ASK_WAVES, ASK_ALARMS, None]


def test_into_silence_it_asks_again_but_never_sooner_than_the_monitor_listens():
    bedside = Bedside()
    bedside.cable = False
    bedside.run(600)
    for request in (ASK_NUMBERS, ASK_WAVES):
        times = [t for t, frame in bedside.sent if frame == request]
        assert min(np.diff(times)) > 5.0
        assert max(np.diff(times)) <= 10.01
    assert [t for t, frame in bedside.sent if frame == ASK_ALARMS] == [60.0 * n for n in range(11)]
    assert {frame for _, frame in bedside.sent} == {ASK_NUMBERS, ASK_WAVES, ASK_ALARMS}
    assert all(may_send(frame) for _, frame in bedside.sent)
    assert len(bedside.sent) / 600 < SPEC.request_budget_per_s


def test_while_everything_comes_nothing_is_asked_again():
    bedside = Bedside()
    bedside.run(300)
    assert [ask for ask in bedside.sent if ask[1] != ASK_ALARMS] == [(0.0, ASK_NUMBERS), (0.0, ASK_WAVES)]


def test_after_a_new_opening_everything_is_asked_anew():
    bedside = Bedside()
    bedside.run(20)
    bedside.driver.opened(bedside.clock.now())
    facts = bedside.run(30)
    assert [frame for t, frame in bedside.sent if t >= 20] == [ASK_NUMBERS, ASK_WAVES, ASK_ALARMS]
    assert chunks(facts, WaveName.PLETH)[0].gap_before


# --- reading -------------------------------------------------------------------------------------------------------


def test_two_minutes_of_waves_are_the_patients_samples_without_loss_or_repetition():
    bedside = Bedside()
    facts = bedside.run(120)
    for wave, rate, gain, unit in [
        (WaveName.ECG_II, 300, 0.001, "mV"),
        (WaveName.PLETH, 100, 0.01, "%"),
        (WaveName.RESP, 25, 0.01, "Ohm"),
    ]:
        found = chunks(facts, wave)
        physical = np.concatenate([chunk.physical() for chunk in found])
        assert len(physical) == rate * 120
        assert np.abs(physical - bedside.world.wave(wave.value, 0, len(physical), rate)).max() <= gain / 2 + 1e-9
        assert {(chunk.rate_hz, chunk.gain, chunk.unit, chunk.lead_off) for chunk in found} == {
            (rate, gain, unit, False)
        }
        assert [chunk.gap_before for chunk in found] == [True] + [False] * (len(found) - 1)


def test_the_numbers_are_the_patients_and_come_every_five_seconds():
    bedside = Bedside(PatientWorld(4, episodes=[Episode(60, 30, {"hr": 125, "spo2": 87, "rr": 27, "temp": 38.2})]))
    facts = bedside.run(120)
    rates = vitals(facts, Sign.HR)
    assert [round(reading.at.since(bedside.began)) for reading in rates] == list(range(0, 121, 5))
    for reading in rates:
        assert reading.value == round(bedside.world.vitals(reading.at.since(bedside.began)).hr)
    truth = bedside.world.vitals(120)
    last = {sign: vitals(facts, sign)[-1].value for sign in Sign}
    assert last[Sign.SPO2] == round(truth.spo2)
    assert last[Sign.RR] == round(truth.rr)
    assert last[Sign.PULSE] == round(truth.hr)
    assert last[Sign.TEMP] == pytest.approx(truth.temp, abs=0.051)
    assert last[Sign.PI] == pytest.approx(truth.pi, abs=0.051)


def test_the_cuff_measures_in_its_cycle_and_by_the_key_and_each_result_has_one_instant():
    bedside = Bedside(nibp_interval_s=120)
    facts = bedside.run(200)
    bedside.monitor.press(200, "nibp")
    facts += bedside.run(260)
    results = [reading for reading in vitals(facts, Sign.NIBP_SYS) if reading.measured_at is not None]
    instants: list[Instant] = []
    for reading in results:
        assert reading.measured_at is not None
        if reading.measured_at not in instants:
            instants.append(reading.measured_at)
    assert [round(instant.since(bedside.began)) for instant in instants] == [50, 170, 230]
    measuring = [r.at.since(bedside.began) for r in vitals(facts, Sign.NIBP_SYS) if r.validity is Validity.MEASURING]
    cycle = [20, 25, 30, 35, 40, 45, 140, 145, 150, 155, 160, 165]
    assert [round(t) for t in measuring] == [*cycle, 205, 210, 215, 220, 225, 260]


def test_sensors_that_come_off_take_values_and_samples_away_and_bring_them_back():
    world = PatientWorld(3, episodes=[
        Episode(21, 0, sensor="ecg", off=True), Episode(41, 0, sensor="ecg", off=False),
        Episode(21, 0, sensor="spo2", off=True), Episode(41, 0, sensor="spo2", off=False),
        Episode(21, 0, sensor="temp", off=True), Episode(15, 0, sensor="nibp", off=True),
    ])  # fmt: skip
    bedside = Bedside(world)
    before, off, after = bedside.run(20.9), bedside.run(40.9), bedside.run(60)
    for sign in (Sign.HR, Sign.PULSE, Sign.SPO2, Sign.RR, Sign.PI):
        assert all(reading.validity is Validity.VALID for reading in vitals(before, sign) + vitals(after, sign))
        assert {(reading.value, reading.validity) for reading in vitals(off, sign)} == {(None, Validity.SENSOR_OFF)}
    assert vitals(off, Sign.TEMP)[-1].validity is Validity.SENSOR_OFF
    assert vitals(after, Sign.NIBP_SYS)[-1].validity is Validity.UNAVAILABLE  # the measurement failed
    for wave in (WaveName.ECG_II, WaveName.PLETH, WaveName.RESP):
        missing = np.concatenate([chunk.samples for chunk in chunks(off, wave)[1:]])
        assert set(missing.tolist()) == {MISSING_SAMPLE}
        assert np.isnan(chunks(off, wave)[-1].physical()).all()
        assert MISSING_SAMPLE not in np.concatenate([chunk.samples for chunk in chunks(after, wave)[1:]])
    assert chunks(off, WaveName.ECG_II)[-1].lead_off
    assert not chunks(after, WaveName.ECG_II)[-1].lead_off


# --- silence, loss and damage --------------------------------------------------------------------------------------


def test_twenty_seconds_without_a_cable_are_one_gap_and_no_invented_sample():
    bedside = Bedside()
    before = bedside.run(61)
    bedside.cable = False
    assert bedside.run(81) == []
    bedside.cable = True
    after = bedside.run(120)
    back = chunks(after, WaveName.ECG_II)
    assert back[0].gap_before
    assert not any(chunk.gap_before for chunk in back[1:])
    assert back[0].at.since(bedside.began) < 81.5
    assert vitals(after, Sign.HR)[0].at.since(bedside.began) <= 86
    samples = sum(len(chunk.samples) for chunk in chunks(before + after, WaveName.ECG_II))
    assert samples == pytest.approx(300 * 100, abs=75)


def test_waves_that_stop_are_asked_for_again_and_begin_behind_a_gap():
    bedside = Bedside()
    bedside.run(30)
    bedside.monitor.received(requests.encode_request(requests.WaveRequest(False)), bedside.t)
    facts = bedside.run(50)
    # The monitor does not listen to the first: it comes too soon after the stop.
    assert [(round(t, 3), frame) for t, frame in bedside.sent if t > 0] == [(33.0, ASK_WAVES), (38.5, ASK_WAVES)]
    renewed = chunks(facts, WaveName.ECG_II)
    assert renewed[0].gap_before
    assert renewed[0].at.since(bedside.began) < 40
    assert len(vitals(facts, Sign.HR)) == 4


def test_a_lost_wave_record_is_a_gap_in_every_wave_and_a_lost_number_record_in_none():
    driver, at = GeDriDriver(SOURCE), ManualClock().now()
    driver.opened(at)
    numbers = [254, 255, 0, 2, 3]
    found = [f for n in numbers for f in driver.received(wave_frame(n), at) if isinstance(f, WaveChunk)]
    assert [chunk.gap_before for chunk in found] == [True, False, False, True, False]


def test_a_monitor_with_one_counter_for_everything_and_one_without_a_counter_show_no_gaps():
    driver, at = GeDriDriver(SOURCE), ManualClock().now()
    driver.opened(at)
    basic = numerics.encode_basic(numerics.BasicValues(5, {}, class_word=numerics.class_word(10, 1)))
    number_record = frames.frame(encode_record(Record(PHDB, ((1, basic),), 2, 10)))
    stream = [wave_frame(0), wave_frame(1), number_record, wave_frame(3), wave_frame(3, 74), wave_frame(3, 76)]
    found = [f for data in stream for f in driver.received(data, at) if isinstance(f, WaveChunk)]
    assert [chunk.gap_before for chunk in found] == [True, False, False, False, False]


def test_the_monitors_own_gap_and_lead_off_bits_are_passed_on():
    driver, at = GeDriDriver(SOURCE), ManualClock().now()
    driver.opened(at)
    stream = [wave_frame(0), wave_frame(1, status=waves.GAP), wave_frame(2, status=waves.LEAD_OFF)]
    found = [f for data in stream for f in driver.received(data, at) if isinstance(f, WaveChunk)]
    assert [(chunk.gap_before, chunk.lead_off) for chunk in found] == [(True, False), (True, False), (False, True)]


def test_a_long_silence_is_a_gap_even_if_the_record_number_happens_to_fit():
    driver, clock = GeDriDriver(SOURCE), ManualClock()
    driver.opened(clock.now())
    driver.received(wave_frame(0), clock.now())
    (late,) = driver.received(wave_frame(1), clock.advance(64))
    assert isinstance(late, WaveChunk)
    assert late.gap_before


@pytest.mark.parametrize(
    ("lead", "wave"),
    [(0, WaveName.ECG_II), (1, WaveName.ECG_I), (2, WaveName.ECG_II), (3, WaveName.ECG_III), (7, WaveName.ECG_V)],
)
def test_the_ecg_is_named_after_the_lead_that_the_monitor_shows(lead, wave):
    assert [chunk.wave for chunk in _with_lead(lead)] == [wave]


@pytest.mark.parametrize("lead", [4, 5, 6, 12])
def test_a_lead_without_a_name_here_is_not_shown_under_another_leads_name(lead):
    assert _with_lead(lead) == []


def _with_lead(lead: int) -> list[WaveChunk]:
    driver, at = GeDriDriver(SOURCE), ManualClock().now()
    driver.opened(at)
    ecg = replace(numerics.empty_group("ecg"), label=numerics.ecg1_label(lead))
    basic = numerics.BasicValues(5, {"ecg": ecg}, class_word=numerics.class_word(10, 1))
    driver.received(frames.frame(encode_record(Record(PHDB, ((1, numerics.encode_basic(basic)),), 2, 10))), at)
    return [fact for fact in driver.received(wave_frame(0), at) if isinstance(fact, WaveChunk)]


def _stream(seconds: float, request: bytes = ASK_NUMBERS + ASK_WAVES) -> bytes:
    monitor = GeDriSimulator(PatientWorld(3))
    monitor.received(request, 0.0)
    return monitor.due(seconds)


def test_an_echoed_record_is_no_new_measurement():
    driver, at = GeDriDriver(SOURCE), ManualClock().now()
    driver.opened(at)
    data = _stream(0.0)
    assert len(driver.received(data, at)) == 9
    (fault,) = driver.received(data, at)
    assert isinstance(fault, LinkFault)
    assert fault.reason == "repeated record"
    counted = driver.counters()
    assert (counted.frames_ok, dict(counted.frames_bad)) == (1, {"repeated record": 1})


@given(st.lists(st.integers(1, 400), max_size=40))
@settings(max_examples=40)
def test_any_slicing_of_the_stream_gives_the_same_facts(lengths):
    data = b"\x55\x7e" + _stream(6.0)[100:]
    at = ManualClock().now()
    whole, sliced = GeDriDriver(SOURCE), GeDriDriver(SOURCE)
    expected = [plain(fact) for fact in whole.received(data, at) if not isinstance(fact, LinkFault)]
    found: list[object] = []
    rest = data
    for length in [*lengths, len(data)]:
        piece, rest = rest[:length], rest[length:]
        found += [plain(fact) for fact in sliced.received(piece, at) if not isinstance(fact, LinkFault)]
    assert found == expected
    assert len(expected) > 60
    assert sliced.counters().frames_ok == whole.counters().frames_ok


def _awkward_wave_frame() -> bytes:
    """A frame full of flag and escape bytes, so that damage makes and breaks stuffing."""
    samples = np.array([0x7D7E, 0x7E7D, 0x5D7D, 0x5E7D, 0x7D5D, 0x7E5E, 1, -1], np.int16)
    body = waves.encode_wave(waves.WavePart(0, 0x7E, samples))
    return frames.frame(encode_record(Record(WAVE, ((1, body), (8, body)), 0x7D, 10, 0, 0x7E7D7E7D)))


@pytest.mark.parametrize("which", ["numbers", "awkward wave", "request"])
def test_no_single_damaged_byte_gives_a_record_and_the_next_frame_is_never_lost(which):
    frame = {"numbers": _stream(0.0, ASK_NUMBERS), "awkward wave": _awkward_wave_frame(), "request": ASK_WAVES}[which]
    intact = ASK_NUMBERS
    payload = frames.unframe(intact)
    at = ManualClock().now()
    for position in range(len(frame)):
        head, tail = frame[:position], frame[position + 1 :] + intact
        for byte in range(256):
            if byte != frame[position]:
                found = frames.make_cutter().feed(head + bytes([byte]) + tail, at)
                assert [one for one in found if not isinstance(one, WireFault)] == [payload], (position, byte)


def test_noise_between_frames_costs_no_frame():
    rng = random.Random(11)
    records = [wave_frame(number) for number in range(200)]
    # Noise may hold flags; what follows its last flag must not be able to eat the next frame's own flag.
    noisy = b"".join(rng.randbytes(rng.randrange(60)) + record for record in records)
    driver, at = GeDriDriver(SOURCE), ManualClock().now()
    driver.opened(at)
    found = [fact for fact in driver.received(noisy, at) if isinstance(fact, WaveChunk)]
    assert len(found) == 200
    assert sum(driver.counters().frames_bad.values()) > 100


@given(st.binary(max_size=2000))
@settings(max_examples=100)
def test_noise_alone_gives_no_reading_and_no_exception(noise):
    driver, at = GeDriDriver(SOURCE), ManualClock().now()
    driver.opened(at)
    facts = driver.received(noise, at)
    assert all(isinstance(fact, LinkFault) for fact in facts)


@given(st.binary(min_size=1, max_size=400), st.sampled_from([PHDB, WAVE, 4, 5]), st.integers(0, 255))
@settings(max_examples=200)
def test_well_framed_nonsense_is_survived(body, maintype, kind):
    driver, at = GeDriDriver(SOURCE), ManualClock().now()
    driver.opened(at)
    facts = driver.received(frames.frame(encode_record(Record(maintype, ((min(kind, 254), body),)))), at)
    assert not any(isinstance(fact, VitalReading) for fact in facts) or len(body) == numerics.SUBRECORD_BYTES


def test_a_record_whose_subrecords_lie_outside_it_is_a_fault():
    raw = bytearray(encode_record(Record(WAVE, ((1, b"\0" * 10),))))
    raw[16] = 200
    assert decode_record(bytes(raw)) is None
    driver, at = GeDriDriver(SOURCE), ManualClock().now()
    (fault,) = driver.received(frames.frame(bytes(raw)), at)
    assert isinstance(fault, LinkFault)
    assert fault.reason == "subrecords do not fit"
