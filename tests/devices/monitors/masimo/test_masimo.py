"""Masimo's line: published lines both ways, what a number is worth, exceptions as alarms, damage, on a cable."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.monitors.masimo import SPEC, may_send, wire
from devices.monitors.masimo.driver import MasimoDriver
from devices.monitors.masimo.simulator import MasimoSimulator
from devices.monitors.masimo.wire import LAYOUTS, MasimoLine
from devices.simulation.patient import Episode, PatientWorld
from exomonitor.clock import ManualClock
from exomonitor.errors import CommandRefused
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign
from tests.devices.monitors.oximeter_talk import Cable, alarms, faults, plain, vitals

HERE = Path(__file__).parent
ROWS: list[dict[str, Any]] = tomllib.loads((HERE / "golden.toml").read_text())["line"]
AT = ManualClock().now()
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row["source"][:24])


def read(*lines: str, driver: MasimoDriver | None = None, since: float = 0.0) -> list[DeviceFact]:
    """One line a second."""
    driver = driver or MasimoDriver("monitor")
    facts: list[DeviceFact] = []
    for i, line in enumerate(lines):
        facts += driver.received(line.encode() + b"\r\n", AT.plus(since + i))
    return facts


def line(**changes: Any) -> str:
    told: dict[str, Any] = {"clock": "03/02/26 09:00:00", "spo2": 97, "pulse": 72, "pi": 2.5, "serial": "1"}
    made = MasimoLine(**(told | changes))
    return wire.encode_line(made, LAYOUTS["radical-7"]).decode().strip()


@each_row
def test_a_published_line_reads_as_it_should(row):
    found = wire.decode_line(row["text"].encode())
    assert found is not None
    assert (found.clock, found.serial) == (row["clock"], row.get("serial", ""))
    assert (found.spo2, found.pulse, found.pi) == (row.get("spo2"), row.get("pulse"), row.get("pi"))
    assert found.exceptions == row["exceptions"]


@pytest.mark.parametrize("row", [row for row in ROWS if "layout" in row], ids=lambda row: row["layout"])
def test_a_published_line_is_written_to_the_byte(row):
    made = MasimoLine(
        row["clock"], row.get("spo2"), row.get("pulse"), row.get("pi"),
        serial=row.get("serial", ""), exceptions=row["exceptions"],
    )  # fmt: skip
    assert wire.encode_line(made, LAYOUTS[row["layout"]]) == row["text"].encode() + b"\r\n"


@each_row
def test_a_published_line_gives_values_or_says_why_not(row):
    facts = read(row["text"])
    for sign, name in ((Sign.SPO2, "spo2"), (Sign.PULSE, "pulse"), (Sign.PI, "pi")):
        [told] = vitals(facts, sign)
        assert told.validity == row["validity"]
        assert told.value == (row.get(name) or None)


def test_the_published_file_gives_both_lines():
    driver = MasimoDriver("monitor")
    facts = driver.received((HERE / "lines.bin").read_bytes(), AT)
    assert [one.value for one in vitals(facts, Sign.SPO2)] == [97.0, None]
    assert [one.value for one in vitals(facts, Sign.PI)] == [4.69, None]
    assert driver.identity == ("", "0000070986")


@given(
    st.none() | st.integers(0, 100), st.none() | st.integers(0, 300), st.none() | st.integers(0, 9999),
    st.integers(0, 0xFFF), st.integers(0, 0x3F), st.sampled_from(sorted(LAYOUTS)),
)  # fmt: skip
def test_encode_then_decode_is_the_identity(spo2, pulse, pi, exceptions, alarm_bits, layout):
    made = MasimoLine(
        "03/02/26 09:00:00", spo2, pulse, None if pi is None else pi / 100,
        serial="0000000001", exceptions=exceptions, alarms=alarm_bits,
    )  # fmt: skip
    found = wire.decode_line(wire.encode_line(made, LAYOUTS[layout]).strip())
    assert found is not None
    assert (found.spo2, found.pulse, found.pi) == (made.spo2, made.pulse, made.pi)
    assert (found.exceptions, found.alarms, found.serial) == (exceptions, alarm_bits, "0000000001")


@pytest.mark.parametrize("unknown", ["SPX=12.1", "NEW=--", "X1=abc"])
def test_words_that_are_not_known_and_a_missing_percent_sign_do_no_harm(unknown):
    text = line().replace("% BPM", " BPM").replace(" PVI", f" {unknown} PVI")
    assert [one.value for one in vitals(read(text), Sign.SPO2)] == [97.0]


@pytest.mark.parametrize(
    ("bits", "kept", "missing"),
    [
        (wire.NO_SENSOR, Validity.HELD, Validity.SENSOR_OFF),
        (wire.SENSOR_OFF, Validity.HELD, Validity.SENSOR_OFF),
        (wire.DEFECTIVE, Validity.HELD, Validity.INVALID),
        (wire.UNRECOGNISED, Validity.HELD, Validity.INVALID),
        (wire.PULSE_SEARCH, Validity.HELD, Validity.UNAVAILABLE),
        (wire.LOW_PERFUSION, Validity.QUESTIONABLE, Validity.LOW_PERFUSION),
        (wire.INTERFERENCE, Validity.QUESTIONABLE, Validity.ARTIFACT),
        (wire.AMBIENT_LIGHT, Validity.QUESTIONABLE, Validity.ARTIFACT),
        (wire.LOW_SIGNAL_IQ, Validity.QUESTIONABLE, Validity.ARTIFACT),
        (wire.SET, Validity.VALID, Validity.UNAVAILABLE),
        (0, Validity.VALID, Validity.UNAVAILABLE),
    ],
)
def test_an_exception_says_what_a_number_is_worth_and_why_there_is_none(bits, kept, missing):
    shown = vitals(read(line(exceptions=bits)), Sign.SPO2)[0]
    none = vitals(read(line(exceptions=bits, spo2=None)), Sign.SPO2)[0]
    zero = vitals(read(line(exceptions=bits, spo2=0)), Sign.SPO2)[0]
    assert (shown.validity, none.validity) == (kept, missing)
    assert (shown.value, none.value, zero.value) == (97.0 if kept.carries_value else None, None, None)
    assert zero.validity is not Validity.HELD


def test_exceptions_are_technical_alarms_that_begin_and_end_once():
    driver = MasimoDriver("monitor")
    bits = [0, wire.SENSOR_OFF | wire.SET, wire.SENSOR_OFF | wire.LOW_PERFUSION, 0x1000, wire.SET]
    facts = read(*(line(exceptions=one, clock=f"03/02/26 09:00:0{i}") for i, one in enumerate(bits)), driver=driver)
    assert alarms(facts) == [
        ("EXC-20", True), ("EXC-4", True), ("EXC-4", False), ("EXC-20", False), ("EXC-1000", True), ("EXC-1000", False),
    ]  # fmt: skip
    assert not any(fact.physiological for fact in facts if isinstance(fact, RelayedAlarm))


def test_limit_alarms_are_about_the_patient_and_are_told_anew_when_the_port_was_reopened():
    driver = MasimoDriver("monitor")
    facts = read(line(alarms=wire.SPO2_LOW | wire.ALARMING), driver=driver)
    driver.opened(AT.plus(5))
    facts += read(line(alarms=wire.SPO2_LOW), line(), driver=driver, since=6)
    assert alarms(facts) == [("ALARM-2", True), ("ALARM-2", True), ("ALARM-2", False)]
    assert all(fact.physiological for fact in facts if isinstance(fact, RelayedAlarm))


# --- damage ----------------------------------------------------------------------------------------------------------


def test_a_line_that_lost_any_one_byte_gives_no_other_number():
    whole = line(spo2=100, pulse=123, pi=2.5, serial="0000070986")
    before = line(spo2=98, clock="03/02/26 08:59:59")
    for place in range(len(whole)):
        facts = read(before, whole[:place] + whole[place + 1 :])[3:]
        assert {one.value for one in vitals(facts, Sign.SPO2)} <= {100.0, None}
        assert {one.value for one in vitals(facts, Sign.PULSE)} <= {123.0, None}


def test_a_line_cut_off_at_any_place_gives_no_number():
    whole = line()
    for end in range(1, whole.index("EXC=")):
        assert not vitals(read(line(clock="03/02/26 08:59:59"), whole[:end])[3:], Sign.SPO2)


def test_an_intact_line_is_found_behind_one_that_lost_its_end():
    driver = MasimoDriver("monitor")
    first, second = line(spo2=91), line(spo2=92, clock="03/02/26 09:00:01")
    read(line(clock="03/02/26 08:59:59"), driver=driver)
    facts = driver.received((first[:30] + second + "\r\n").encode(), AT.plus(2))
    facts += driver.received(b"\xff\xfe\x00" * 300 + (line(spo2=93) + "\n").encode(), AT.plus(3))
    assert [one.value for one in vitals(facts, Sign.SPO2)] == [92.0, 93.0]
    assert "noise" in faults(facts)


def test_an_echo_is_told_once_and_a_clock_that_stands_still_is_no_echo():
    driver = MasimoDriver("monitor")
    twice = driver.received((line() + "\r\n").encode() * 2, AT)
    assert (len(vitals(twice, Sign.SPO2)), faults(twice)) == (1, ["repeated line"])
    assert len(vitals(read(line(), driver=driver, since=1), Sign.SPO2)) == 1


def test_the_first_half_line_after_opening_is_no_fault():
    driver = MasimoDriver("monitor")
    driver.opened(AT)
    facts = driver.received(b"% PIDELTA=+-- EXC=0000\r\n" + line().encode() + b"\r\n", AT)
    assert (faults(facts), len(vitals(facts, Sign.SPO2))) == ([], 1)


@given(
    st.lists(st.sampled_from([row["text"] for row in ROWS]), min_size=1, max_size=6, unique=True), st.integers(1, 60)
)
def test_any_slicing_says_the_same(lines, size):
    stream = "".join(f"{text}\r\n" for text in lines).encode()
    whole, sliced = MasimoDriver("m"), MasimoDriver("m")
    facts: list[DeviceFact] = []
    for begin in range(0, len(stream), size):
        facts += sliced.received(stream[begin : begin + size], AT)
    assert [plain(fact) for fact in facts] == [plain(fact) for fact in whole.received(stream, AT)]


@settings(max_examples=50)
@given(st.binary(max_size=600))
def test_noise_gives_faults_and_nothing_else(noise):
    driver = MasimoDriver("monitor")
    facts = driver.received(noise, AT) + driver.received(b"", AT.plus(9))
    assert not vitals(facts, Sign.SPO2)


# --- on the cable ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_minutes_on_a_cable_with_the_finger_gone_and_back(layout):
    world = PatientWorld(
        3, episodes=[Episode(30, 0, sensor="spo2", off=True), Episode(60, 0, sensor="spo2", off=False)]
    )
    cable = Cable("masimo", world, layout=layout)
    facts = cable.run(90)
    assert cable.sent == []
    assert faults(facts) == []
    story = [one.validity for one in vitals(facts, Sign.PULSE)]
    changes = [a for a, b in zip(story, [None, *story], strict=False) if a is not b]
    assert changes == [Validity.VALID, Validity.SENSOR_OFF, Validity.UNAVAILABLE, Validity.VALID]
    assert alarms(facts) == [("EXC-20", True), ("EXC-20", False), ("EXC-8", True), ("EXC-8", False)]
    assert not {sign for sign in Sign if vitals(facts, sign)} - {Sign.SPO2, Sign.PULSE, Sign.PI}


def test_a_patient_who_desaturates_brings_the_oximeters_alarm():
    world = PatientWorld(3, episodes=[Episode(10, 20, {"spo2": 82.0, "pi": 0.1})])
    cable = Cable("masimo", world)
    facts = cable.run(60)
    assert ("ALARM-2", True) in alarms(facts)
    assert ("EXC-4", True) in alarms(facts)
    assert vitals(facts, Sign.SPO2)[-1].validity is Validity.QUESTIONABLE


def test_a_bad_cable_then_none_then_a_good_one():
    rng = random.Random(4)
    cable = Cable("masimo")
    cable.run(10)
    cable.bend = lambda data: bytes(byte for byte in data if rng.random() > 0.01)
    worse = cable.run(120)
    assert {one.value for one in vitals(worse, Sign.SPO2)} <= {96.0, 97.0, 98.0, 99.0, None}
    assert faults(worse)
    cable.bend, cable.out = (lambda data: data), True
    assert cable.run(20) == [] or not vitals(cable.run(1), Sign.SPO2)
    cable.out = False
    cable.reopen()
    assert len(vitals(cable.run(5), Sign.SPO2)) >= 4


def test_the_simulators_keys_are_the_ones_it_has():
    oximeter = MasimoSimulator(PatientWorld())
    oximeter.press(0.0, "exception", bits=wire.INTERFERENCE)
    oximeter.press(0.0, "mute")
    oximeter.press(0.0, "nibp")
    oximeter.due(0.0)
    text = oximeter.due(1.0).decode()
    assert "EXC=0000810" in text
    assert "ALARM=000020" in text
    with pytest.raises(ValueError, match="no key"):
        oximeter.press(0.0, "start")
    with pytest.raises(CommandRefused, match="no Masimo layout"):
        MasimoSimulator(PatientWorld(), layout="rad-9")


@given(st.binary(max_size=8))
def test_nothing_may_be_sent(data):
    assert not may_send(data)
    assert SPEC.has_checksum is False
