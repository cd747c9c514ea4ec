"""The monitor's own alarms: their record byte for byte, differential mode, and what the driver makes of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.monitors.ge_dri import ASK_ALARMS, may_send
from devices.monitors.ge_dri.driver import GeDriDriver
from devices.monitors.ge_dri.simulator import GeDriSimulator
from devices.monitors.ge_dri.wire import alarms, frames
from devices.monitors.ge_dri.wire.alarms import AlarmLine, AlarmStatus, decode_status, encode_status
from devices.monitors.ge_dri.wire.records import ALARM, Record, decode_record, encode_record
from devices.monitors.ge_dri.wire.requests import AlarmRequest, encode_request
from devices.simulation.patient import Episode, PatientWorld
from exomonitor.clock import ManualClock
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkFault
from exomonitor.signals.vitals import VitalReading

# Frames of a generator that reproduces the six examples of the manual; these three are derived in the same way.
STATUS_ONCE = bytes.fromhex(
    "7e340000000000000000000000000004000000000000ff000000000000000000000000000000000000000000000000000000000000377e"
)
ENTER = bytes.fromhex(
    "7e340000000000000000000000000004000000000000ff000000000000000000000000000000000000020000000000000000000000397e"
)
EXIT = bytes.fromhex(
    "7e340000000000000000000000000004000000000000ff0000000000000000000000000000000000000300000000000000000000003a7e"
)

TEXTS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=79)
LINES = st.builds(AlarmLine, st.just("") | TEXTS, st.integers(0, 3), st.booleans(), st.booleans())


def record(*lines: AlarmLine, number: int = 0, time: int = 0) -> bytes:
    body = encode_status(AlarmStatus(lines))
    return frames.frame(encode_record(Record(ALARM, ((alarms.STATUS, body),), number, 10, 0, time)))


def opened() -> tuple[GeDriDriver, ManualClock]:
    driver, clock = GeDriDriver("monitor"), ManualClock()
    driver.opened(clock.now())
    return driver, clock


def told(facts: list[DeviceFact]) -> list[tuple[str, str, bool]]:
    return [(fact.text, fact.priority, fact.active) for fact in facts if isinstance(fact, RelayedAlarm)]


def test_the_three_requests_are_the_bytes_of_the_reference_and_only_one_of_them_is_ours() -> None:
    assert encode_request(AlarmRequest(alarms.STATUS_ONCE)) == STATUS_ONCE
    assert encode_request(AlarmRequest(alarms.ENTER_DIFFERENTIAL)) == ENTER == ASK_ALARMS
    assert encode_request(AlarmRequest(alarms.EXIT_DIFFERENTIAL)) == EXIT
    assert [may_send(frame) for frame in (STATUS_ONCE, ENTER, EXIT)] == [False, True, False]


def test_a_status_lies_as_the_document_lays_it_out() -> None:
    body = encode_status(AlarmStatus((AlarmLine("HR high", alarms.RED, True, False),), sound_on=True, silenced=5))
    assert len(body) == alarms.STATUS_BYTES == 510
    assert body[2:4] == b"\x01\0"
    assert body[8:10] == b"\x05\0"
    assert body[10:18] == b"HR high\0"
    assert body[90:96] == b"\x01\0\x03\0\0\0"
    assert not any(body[96:])


@given(st.lists(LINES, max_size=5), st.booleans(), st.integers(0, 7))
def test_what_is_written_is_read_back(lines: list[AlarmLine], sound: bool, silenced: int) -> None:
    status = AlarmStatus(tuple(lines), sound, silenced)
    read = decode_status(encode_status(status))
    assert read is not None
    assert read.lines == (*lines, *[AlarmLine()] * (5 - len(lines)))
    assert (read.sound_on, read.silenced) == (sound, silenced)


def test_another_size_is_no_status_and_a_sixth_line_does_not_exist() -> None:
    assert decode_status(bytes(509)) is None
    with pytest.raises(ValueError, match="5 lines"):
        encode_status(AlarmStatus((AlarmLine("x"),) * 6))


def test_a_text_is_kept_verbatim_without_padding_and_control_characters() -> None:
    body = bytearray(encode_status(AlarmStatus((AlarmLine("x", alarms.WHITE),))))
    body[10:90] = "  Puls\x07 erhöht ".encode("latin-1").ljust(80, b"\0")
    read = decode_status(bytes(body))
    assert read is not None
    assert read.lines[0].text == "Puls erhöht"


def test_a_line_begins_and_ends_once_whatever_its_place() -> None:
    driver, clock = opened()
    at = clock.now()
    low, high = AlarmLine("SpO2 low", alarms.YELLOW), AlarmLine("Asystole", alarms.RED)
    assert told(driver.received(record(low, number=1), at)) == [("SpO2 low", "medium", True)]
    assert told(driver.received(record(high, low, number=2), at)) == [("Asystole", "high", True)]
    assert told(driver.received(record(low, high, number=3), at)) == []
    assert told(driver.received(record(low, number=4), at)) == [("Asystole", "high", False)]
    assert told(driver.received(record(number=5), at)) == [("SpO2 low", "medium", False)]


def test_another_colour_is_another_rank_and_an_unknown_one_is_said_to_be_unknown() -> None:
    driver, clock = opened()
    at = clock.now()
    driver.received(record(AlarmLine("SpO2 low", alarms.WHITE), number=1), at)
    said = told(driver.received(record(AlarmLine("SpO2 low", alarms.RED), number=2), at))
    assert said == [("SpO2 low", "high", True)]
    assert told(driver.received(record(AlarmLine("Note", 9), number=3), at))[-1] == ("Note", "unknown", True)


def test_the_same_text_twice_is_one_alarm_of_the_higher_rank() -> None:
    driver, clock = opened()
    lines = (AlarmLine("Probe off", alarms.WHITE), AlarmLine("Probe off", alarms.YELLOW))
    assert told(driver.received(record(*lines), clock.now())) == [("Probe off", "medium", True)]


def test_after_a_new_opening_what_still_stands_begins_anew() -> None:
    driver, clock = opened()
    line = AlarmLine("SpO2 low", alarms.YELLOW)
    driver.received(record(line, number=1), clock.now())
    driver.opened(clock.now())
    assert told(driver.received(record(line, number=2), clock.now())) == [("SpO2 low", "medium", True)]


def test_a_record_of_another_size_is_a_fault_and_no_alarm() -> None:
    driver, clock = opened()
    body = frames.frame(encode_record(Record(ALARM, ((alarms.STATUS, bytes(300)),), 1, 10, 0, 0)))
    (fault,) = driver.received(body, clock.now())
    assert isinstance(fault, LinkFault)
    assert fault.reason == "alarm status"


def heard(tells_alarms: bool, until: float = 200.0) -> list[DeviceFact]:
    """A talk in which SpO2 falls to 80 at second 20 and recovers at 80, and the ECG comes off at 100."""
    world = PatientWorld(
        3,
        episodes=[
            Episode(20.0, 2.0, {"spo2": 80.0}),
            Episode(80.0, 2.0, {"spo2": 97.0}),
            Episode(100.0, 0.0, {}, sensor="ecg", off=True),
        ],
    )
    monitor, (driver, clock) = GeDriSimulator(world, tells_alarms=tells_alarms), opened()
    began, facts = clock.now(), list[DeviceFact]()
    while (t := clock.now().since(began)) < until:
        while (frame := driver.due(clock.now())) is not None:
            assert may_send(frame)
            monitor.received(frame, t)
        facts += driver.received(monitor.due(t), clock.now())
        clock.advance(0.25)
    return facts


def test_a_talk_tells_every_change_once_with_its_rank_and_nothing_else() -> None:
    facts = heard(tells_alarms=True)
    assert [fact for fact in facts if isinstance(fact, LinkFault)] == []
    said = [one for one in told(facts) if one[0] != "SpO2 low" or one[1] == "high"]
    assert said == [("SpO2 low", "high", True), ("SpO2 low", "high", False), ("ECG leads off", "medium", True)]


def test_a_monitor_that_tells_no_alarms_is_read_all_the_same() -> None:
    facts = heard(tells_alarms=False)
    assert told(facts) == []
    assert [fact for fact in facts if isinstance(fact, VitalReading)]


def test_an_end_that_was_lost_on_the_line_is_noticed_when_all_is_asked_anew() -> None:
    world = PatientWorld(3, episodes=[Episode(20.0, 2.0, {"spo2": 80.0}), Episode(40.0, 2.0, {"spo2": 97.0})])
    monitor, (driver, clock) = GeDriSimulator(world, tells_alarms=True), opened()
    began, facts = clock.now(), list[DeviceFact]()
    while (t := clock.now().since(began)) < 130.0:
        while (frame := driver.due(clock.now())) is not None:
            monitor.received(frame, t)
        said = monitor.due(t)
        if not 35.0 < t < 50.0:  # the cable is out
            facts += driver.received(said, clock.now())
        clock.advance(0.25)
    ends = [fact.at.since(began) for fact in facts if isinstance(fact, RelayedAlarm) and not fact.active]
    assert ends
    assert 50.0 < ends[-1] < 125.0


def test_the_status_can_be_asked_once_and_differential_mode_left() -> None:
    monitor = GeDriSimulator(PatientWorld(3, episodes=[Episode(0.0, 0.0, {"spo2": 80.0})]), tells_alarms=True)
    monitor.received(STATUS_ONCE, 10.0)
    once = decode_record(frames.unframe(monitor.due(10.0)) or b"")
    assert once is not None
    status = decode_status(once.subrecords[0][1])
    assert status is not None
    assert [line.text for line in status.lines if line.text] == ["SpO2 low"]
    assert monitor.next_due(10.0) is None
    monitor.received(ENTER, 20.0)
    assert monitor.due(20.0)
    assert monitor.next_due(20.0) == 22.0
    monitor.received(EXIT, 30.0)
    assert monitor.next_due(30.0) is None
