"""Damaged bytes on the way from an IntelliVue: no reading that was not sent, no intact frame lost, no exception."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.monitors.philips_intellivue.driver import PhilipsIntellivueDriver
from devices.monitors.philips_intellivue.simulator import PhilipsIntellivueSimulator
from devices.monitors.philips_intellivue.wire import codes, fields, frames
from devices.monitors.philips_intellivue.wire import operations as ops
from devices.simulation.patient import PatientWorld
from devices.spec import WireFault
from exomonitor.clock import ManualClock
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkFault
from exomonitor.signals.vitals import Sign, VitalReading
from exomonitor.signals.waves import WaveChunk
from tests.devices.monitors.philips_intellivue.philips_bed import LATENCY_S, SOURCE, Bedside, faults, vitals
from tests.devices.monitors.philips_intellivue.test_philips_golden import BY_NAME


def meaning(fact: DeviceFact) -> object:
    if isinstance(fact, VitalReading):
        return (fact.sign, fact.value, fact.validity)
    if isinstance(fact, WaveChunk):
        return (fact.wave, fact.samples.tobytes(), fact.gain)
    return None


def stream(seconds: float = 6.0) -> bytes:
    simulator = PhilipsIntellivueSimulator(PatientWorld(3), linked=3)
    out = simulator.received(BY_NAME["aarq_msg"], 0.0) + simulator.due(0.0)
    for index, name in enumerate(
        ("mds_create_result", "set_rtsa_five", "ext_poll_numerics_30s", "ext_poll_waves_600s", "ext_poll_alerts_600s")
    ):
        out += simulator.received(BY_NAME[name], 0.1 + index / 10)
    return out + simulator.due(seconds)


WHOLE = stream()
FRAMES = [b"\xc0" + piece for piece in WHOLE.split(b"\xc0")[1:]]


def read(data: bytes, size: int = 0) -> list[object]:
    driver, at = PhilipsIntellivueDriver(SOURCE), ManualClock().now()
    driver.opened(at)
    size = size or len(data)
    facts = [fact for begin in range(0, len(data), size) for fact in driver.received(data[begin : begin + size], at)]
    return [meaning(fact) for fact in facts if not isinstance(fact, LinkFault)]


EXPECTED = read(WHOLE)


@given(st.integers(1, 300))
@settings(max_examples=30, deadline=None)
def test_any_slicing_of_the_stream_gives_the_same_facts(size):
    assert read(b"\x55\x7d" + WHOLE, size) == EXPECTED


def test_no_single_damaged_byte_gives_a_message_and_the_next_frame_is_never_lost():
    rng = random.Random(5)
    intact, at = BY_NAME["mds_create_result"], ManualClock().now()
    payload = frames.unframe(intact)
    for frame in (BY_NAME["numerics_reply"], BY_NAME["abort"], max(FRAMES, key=len)):
        for position in range(len(frame)):
            head, tail = frame[:position], frame[position + 1 :] + intact
            for byte in {0xC0, 0xC1, 0x7D, 0x00, *rng.randbytes(6)} - {frame[position]}:
                found = frames.make_cutter().feed(head + bytes([byte]) + tail, at)
                assert [one for one in found if not isinstance(one, WireFault)] == [payload], (position, byte)


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_a_frame_that_is_cut_doubled_or_missing_invents_nothing(data):
    index = data.draw(st.integers(0, len(FRAMES) - 1))
    frame = FRAMES[index]
    cut = data.draw(st.integers(0, len(frame)))
    for changed in (b"", frame[:cut], frame[cut:], frame + frame, frame[:cut] + frame, frame[:cut] + b"\x7d\xc1"):
        got = read(b"".join([*FRAMES[:index], changed, *FRAMES[index + 1 :]]))
        for one in got:
            assert one in EXPECTED or _is_absence(one)
        if changed.endswith(frame):
            assert got == EXPECTED


def _is_absence(one: object) -> bool:
    return isinstance(one, tuple) and one[1] is None


@given(st.binary(max_size=2000))
@settings(max_examples=60, deadline=None)
def test_noise_alone_gives_no_reading_and_no_exception(noise):
    driver, at = PhilipsIntellivueDriver(SOURCE), ManualClock().now()
    driver.opened(at)
    assert all(isinstance(fact, LinkFault) for fact in driver.received(noise, at))


@given(st.binary(max_size=200), st.sampled_from([1, 2, 3, 5]), st.integers(0, 9))
@settings(max_examples=150, deadline=None)
def test_well_framed_nonsense_is_survived(body, kind, command):
    driver, at = PhilipsIntellivueDriver(SOURCE), ManualClock().now()
    driver.opened(at)
    part = b"\x01\x01" if kind == ops.LINKED else b""
    message = b"\xe1\x00\x00\x02" + fields.u16(kind) + fields.sized(part + fields.u16(1, command) + fields.sized(body))
    facts = driver.received(frames.frame(message), at)
    assert not any(isinstance(fact, VitalReading | WaveChunk) for fact in facts)


@given(st.sampled_from([codes.NUMERICS, codes.WAVES, codes.ALERT_MONITOR, codes.MDS]), st.binary(max_size=60))
@settings(max_examples=150, deadline=None)
def test_nonsense_in_an_attribute_of_a_good_result_is_survived(kind, value):
    driver, at = PhilipsIntellivueDriver(SOURCE), ManualClock().now()
    driver.opened(at)
    numbers = (codes.VALUE, codes.COMPOUND_VALUE, codes.SAMPLES, codes.COMPOUND_SAMPLES, codes.SAMPLE_SPEC, codes.UNIT)
    others = (codes.SCALE_RANGE, codes.SAMPLE_PERIOD, codes.FIXED_VALUES, codes.P_ALARMS, codes.T_ALARMS, codes.MODEL)
    for number in (*numbers, *others, codes.PRODUCTION, codes.TIME_STAMP, codes.RELATIVE_TIME):
        told = fields.u16(1, 1) + fields.encode_attributes({number: value})
        contexts = fields.u16(1) + fields.sized(fields.u16(0, 1) + fields.sized(told[2:]))
        body = fields.u16(1, 1) + fields.u32(99) + b"\xff" * 8 + fields.u16(1, kind, 0) + contexts
        argument = fields.u16(0x21, 0, 0, codes.POLL_EXTENDED) + fields.sized(body)
        driver.received(frames.frame(ops.encode_operation(ops.Result(1, ops.CONFIRMED_ACTION, argument))), at)


@pytest.mark.parametrize("rate", [0.0005, 0.003])
def test_a_minute_of_flipped_bytes_gives_only_what_was_sent_and_talk_goes_on(rate):
    bedside, rng = Bedside(), random.Random(9)
    truth = {(sign, round(second)): _rounded(bedside.world, sign, second) for second in range(62) for sign in _TRUE}
    driver = bedside.driver
    reply, facts = b"", []
    while bedside.t < 60.0:
        heard, reply = reply + bedside.monitor.due(bedside.t), b""
        damaged = bytes(byte ^ rng.randrange(1, 256) if rng.random() < rate else byte for byte in heard)
        facts += driver.received(damaged, bedside.clock.now()) if damaged else []
        while (frame := driver.due(bedside.clock.now())) is not None:
            reply += bedside.monitor.received(frame, bedside.t)
        bedside.clock.advance(LATENCY_S)
    assert faults(facts)
    told = [reading for sign in _TRUE for reading in vitals(facts, sign) if reading.value is not None]
    assert len(told) > 40
    for reading in told:
        seconds = {int(reading.at.since(bedside.began)) - back for back in range(3)}
        assert reading.value in {truth.get((reading.sign, second)) for second in seconds}
    last = max(reading.at.since(bedside.began) for reading in told)
    assert last > 45.0


_TRUE = {Sign.HR: "hr", Sign.SPO2: "spo2", Sign.RR: "rr"}


def _rounded(world: PatientWorld, sign: Sign, second: float) -> float:
    return float(round(getattr(world.vitals(second), _TRUE[sign])))


def test_what_a_recording_gives_depends_on_the_monitors_bytes_alone():
    bedside = Bedside()
    heard: list[tuple[float, bytes]] = []
    live, reply = [], b""
    while bedside.t < 40.0:
        data, reply = reply + bedside.monitor.due(bedside.t), b""
        if data and not 10 < bedside.t < 18:  # a cable that was out: a new association
            heard.append((bedside.t, data))
            live += bedside.driver.received(data, bedside.clock.now())
        while (frame := bedside.driver.due(bedside.clock.now())) is not None:
            reply += bedside.monitor.received(frame, bedside.t)
        bedside.clock.advance(LATENCY_S)
    again = PhilipsIntellivueDriver(SOURCE)
    again.opened(bedside.began)
    replayed = [fact for t, data in heard for fact in again.received(data, bedside.began.plus(t))]
    assert [meaning(fact) for fact in replayed] == [meaning(fact) for fact in live]
    assert again.identity == bedside.driver.identity
