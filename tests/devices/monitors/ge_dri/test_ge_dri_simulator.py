"""The simulated GE monitor by itself: what it obeys, what it ignores, and that its bytes do not depend on the steps."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.monitors.ge_dri.simulator import UNIX_START, GeDriSimulator
from devices.monitors.ge_dri.wire import frames, numerics, requests, waves
from devices.monitors.ge_dri.wire.records import PHDB, WAVE, Record, decode_record
from devices.monitors.ge_dri.wire.requests import AlarmRequest, PhdbRequest, WaveRequest, encode_request
from devices.simulation.patient import PatientWorld
from exomonitor.clock import ManualClock

NUMBERS = encode_request(PhdbRequest())
WAVES = encode_request(WaveRequest(True, (1, 8, 15)))


def records(data: bytes) -> list[Record]:
    found = []
    for payload in frames.make_cutter().feed(data, ManualClock().now()):
        record = decode_record(payload) if isinstance(payload, bytes) else None
        assert record is not None
        found.append(record)
    return found


def monitor(**options: float) -> GeDriSimulator:
    return GeDriSimulator(PatientWorld(2), **options)  # type: ignore[arg-type]


def test_it_says_nothing_until_it_is_asked():
    simulator = monitor()
    assert simulator.due(1000) == b""
    assert simulator.next_due(1000) is None
    assert simulator.received(b"hello\x7e", 1000) == b""
    assert simulator.due(2000) == b""


def test_numbers_come_in_the_asked_interval_with_the_monitors_clock_and_rising_numbers():
    simulator = monitor()
    simulator.received(encode_request(PhdbRequest(interval_s=10)), 3.0)
    found = records(simulator.due(60))
    assert [record.time - UNIX_START for record in found] == [3, 13, 23, 33, 43, 53]
    assert [record.number for record in found] == list(range(6))
    assert {(record.maintype, record.level, len(record.subrecords[0][1])) for record in found} == {(PHDB, 10, 278)}
    assert simulator.next_due(60) == 63


def test_record_numbers_go_on_at_zero_after_255():
    simulator = monitor()
    simulator.received(WAVES, 0.0)
    assert [record.number for record in records(simulator.due(70))] == [i % 256 for i in range(280)]


def test_waves_come_in_four_records_a_second_with_all_their_samples():
    simulator = monitor()
    simulator.received(WAVES, 0.0)
    found = records(simulator.due(8))
    assert len(found) == 32
    totals = {kind: 0 for kind, _ in found[0].subrecords}
    for record in found:
        assert record.maintype == WAVE
        for kind, body in record.subrecords:
            part = waves.decode_wave(body)
            assert part is not None
            totals[kind] += len(part.samples)
    assert totals == {1: 2400, 8: 800, 15: 200}


def test_a_request_of_the_same_kind_within_five_seconds_is_ignored():
    simulator = monitor()
    simulator.received(NUMBERS, 0.0)
    simulator.received(WAVES, 0.0)  # another kind
    simulator.received(encode_request(PhdbRequest(interval_s=0)), 4.9)
    assert simulator.next_due(4.9) is not None
    kinds = [record.maintype for record in records(simulator.due(10))]
    assert (kinds.count(PHDB), kinds.count(WAVE)) == (3, 40)


def test_stop_stops():
    simulator = monitor()
    simulator.received(NUMBERS + WAVES, 0.0)
    simulator.due(10)
    simulator.received(encode_request(PhdbRequest(interval_s=0)) + encode_request(WaveRequest(False)), 10.0)
    assert simulator.due(100) == b""
    assert simulator.next_due(100) is None


def test_once_is_once():
    simulator = monitor()
    simulator.received(encode_request(PhdbRequest(interval_s=requests.ONCE)), 0.0)
    assert len(records(simulator.due(100))) == 1


def test_more_waves_than_the_line_carries_are_silently_left_out():
    simulator = monitor()
    simulator.received(encode_request(WaveRequest(True, (1, 2, 8, 15, 99))), 0.0)
    assert [kind for kind, _ in records(simulator.due(0.25))[0].subrecords] == [1, 2]


def test_the_time_of_a_cuff_pressure_comes_along_where_the_monitor_tells_it():
    simulator = GeDriSimulator(PatientWorld(1), tells_nibp_time=True, unix_start=1000)
    simulator.received(encode_request(PhdbRequest()), 0.0)
    told = [
        numerics.decode_nibp_time(body) for r in records(simulator.due(80)) for kind, body in r.subrecords if kind == 4
    ]
    assert set(told) == {1050}
    assert len(told) == 7


def test_a_new_list_of_waves_replaces_the_old_without_a_break_in_those_that_go_on():
    simulator = monitor()
    simulator.received(WAVES, 0.0)
    simulator.due(10)
    simulator.received(encode_request(WaveRequest(True, (8,))), 10.0)
    after = records(simulator.due(10.5))
    assert [[kind for kind, _ in record.subrecords] for record in after] == [[8], [8]]
    part = waves.decode_wave(after[0].subrecords[0][1])
    assert part is not None
    assert len(part.samples) == 25


def test_trends_alarms_and_denied_classes_are_not_sent():
    simulator = monitor()
    simulator.received(encode_request(PhdbRequest(requests.TREND_60_S, 60)), 0.0)
    simulator.received(encode_request(AlarmRequest(2)), 0.0)
    simulator.received(encode_request(PhdbRequest(classes=requests.DENY_BASIC)), 6.0)
    simulator.received(encode_request(PhdbRequest(interval_s=3)), 12.0)
    assert simulator.due(100) == b""


@given(st.lists(st.floats(0.01, 7), max_size=25))
@settings(max_examples=15)
def test_the_bytes_do_not_depend_on_the_steps_in_which_they_are_fetched(steps):
    whole, stepped = monitor(nibp_interval_s=40), monitor(nibp_interval_s=40)
    t, out = 0.0, b""
    for simulator in (whole, stepped):
        simulator.received(NUMBERS + WAVES, 0.0)
    for step in steps:
        t += step
        out += stepped.due(t)
    assert out + stepped.due(max(t, 50)) == whole.due(max(t, 50))


def test_the_line_is_fast_enough_for_what_is_sent():
    simulator = monitor()
    simulator.received(NUMBERS + WAVES, 0.0)
    bits_per_byte = 11  # start, eight, parity, stop
    assert len(simulator.due(600)) * bits_per_byte / 600 < 0.75 * 19200


def test_a_key_that_does_not_exist_is_refused():
    simulator = monitor()
    simulator.press(0, "admit")
    with pytest.raises(ValueError, match="no key 'start'"):
        simulator.press(1, "start")
    with pytest.raises(ValueError, match="no key 'nibp'"):
        simulator.press(1, "nibp", cuff="adult")
