"""Nellcor's printer text: published lines both ways, marks and codes, XON, columns and other damage, on a cable."""

from __future__ import annotations

import random
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.monitors.nellcor import SPEC, may_send, wire
from devices.monitors.nellcor.driver import WAKE, NellcorDriver
from devices.monitors.nellcor.simulator import NellcorSimulator
from devices.monitors.nellcor.wire import Header, NellcorLine
from devices.simulation.patient import Episode, PatientWorld
from exomonitor.clock import ManualClock
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.pump import AlarmKind
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign
from tests.devices.monitors.oximeter_talk import Cable, alarms, faults, plain, vitals

HERE = Path(__file__).parent
GOLDEN: dict[str, Any] = tomllib.loads((HERE / "golden.toml").read_text())
AT = ManualClock().now()
CLOCK = "02-MAR-26 09:00:00"
each_row = pytest.mark.parametrize("row", GOLDEN["line"], ids=lambda row: row["text"][10:])


def read(*lines: str, driver: NellcorDriver | None = None, since: float = 0.0) -> list[DeviceFact]:
    """A line every two seconds."""
    driver = driver or NellcorDriver("monitor")
    facts: list[DeviceFact] = []
    for i, line in enumerate(lines):
        facts += driver.received(line.encode() + b"\r\n", AT.plus(since + 2 * i))
    return facts


def line(*codes: str, spo2: int | None = 97, pulse: int | None = 72, **more: Any) -> str:
    made = NellcorLine(more.pop("clock", CLOCK), spo2, pulse, 40, codes=codes, **more)
    return wire.encode_line(made).decode().strip()


def golden_line(row: dict[str, Any]) -> NellcorLine:
    return NellcorLine(
        row["text"][:18], row.get("spo2"), row.get("pulse"), row.get("amplitude"),
        spo2_marked=row.get("spo2_marked", False), codes=tuple(row.get("codes", ())),
    )  # fmt: skip


def test_the_oximeters_own_clock_stands_in_every_line():
    driver = NellcorDriver("monitor")
    assert driver.clock_told is None
    read(line(), driver=driver)
    assert driver.clock_told == (datetime.fromisoformat("2026-03-02T09:00:00"), AT)
    read(line(clock="31-FEB-26 09:00:02"), line(clock="02-ABC-26 09:00:04"), driver=driver, since=2.0)
    assert driver.clock_told == (datetime.fromisoformat("2026-03-02T09:00:00"), AT)


@each_row
def test_a_published_line_reads_and_is_written_to_the_byte(row):
    assert wire.decode_line(row["text"].encode()) == golden_line(row)
    assert wire.encode_line(golden_line(row)) == row["text"].encode() + b"\r\n"


def test_the_published_header_reads_and_is_written_to_the_byte():
    row = GOLDEN["header"]
    header = Header(row["model"], row["version"], "1A2B", tuple(row["spo2_limits"]), tuple(row["pulse_limits"]))
    assert wire.decode_header(row["lines"][0].encode()) == header
    assert wire.encode_header(header) == "".join(f"{one}\r\n" for one in row["lines"]).encode()
    spaced = wire.decode_header(GOLDEN["spaced_header"]["line"].encode())
    assert spaced is not None
    assert [list(spaced.spo2_limits or ()), list(spaced.pulse_limits or ())] == [[70, 100], [60, 160]]


def test_a_header_with_a_byte_that_is_no_letter_is_no_header():
    line = GOLDEN["header"]["lines"][0].encode()
    for place in range(len(line)):
        damaged = line[:place] + b"\xc6" + line[place + 1 :]
        assert wire.decode_header(damaged) is None


def test_the_published_file_gives_its_three_lines():
    driver = NellcorDriver("monitor")
    facts = driver.received((HERE / "lines.bin").read_bytes(), AT)
    assert [one.value for one in vitals(facts, Sign.SPO2)] == [100.0, 84.0, None]
    assert [one.value for one in vitals(facts, Sign.PULSE)] == [120.0, 118.0, None]
    assert driver.identity == ("N-395 2.0.0.0", "")
    assert (faults(facts), driver.counters().frames_ok) == ([], 6)


def test_what_stands_before_a_line_is_noise_in_every_python():
    """Python 3.11.2 took "00-" for a line where a group was repeated possessively."""
    line = wire.encode_line(NellcorLine("02-MAR-26 09:00:02", 98, 76, 55))
    found = wire.make_cutter().feed(line + b"00-" + line, ManualClock().now())
    assert [getattr(one, "reason", one) for one in found] == [line.strip(), "noise", line.strip()]


def test_a_number_outside_the_limits_keeps_its_value_and_its_mark():
    """An independent client loses the value exactly when it matters."""
    told = vitals(read(*GOLDEN["header"]["lines"], GOLDEN["line"][1]["text"]), Sign.SPO2)[0]
    assert (told.value, told.validity) == (84.0, Validity.VALID)
    assert told.note == "outside the oximeter's limits 85-100"
    without_header = vitals(read(GOLDEN["line"][1]["text"]), Sign.SPO2)[0]
    assert without_header.note == "outside the oximeter's limits"


@given(
    st.none() | st.integers(0, 100), st.none() | st.integers(0, 300), st.none() | st.integers(0, 255), st.booleans(),
    st.booleans(), st.lists(st.sampled_from(["SL", "PH", "MO", "BU", "LB"]), max_size=4, unique=True),
)  # fmt: skip
def test_encode_then_decode_is_the_identity(spo2, pulse, amplitude, low, fast, codes):
    made = NellcorLine(CLOCK, spo2, pulse, amplitude, low, fast, tuple(codes))
    assert wire.decode_line(wire.encode_line(made).strip()) == made


@pytest.mark.parametrize(
    ("code", "kept", "missing"),
    [
        ("SD", Validity.HELD, Validity.SENSOR_OFF),
        ("SO", Validity.HELD, Validity.SENSOR_OFF),
        ("LP", Validity.HELD, Validity.INVALID),
        ("LM", Validity.HELD, Validity.ARTIFACT),
        ("PS", Validity.HELD, Validity.UNAVAILABLE),
        ("MO", Validity.QUESTIONABLE, Validity.ARTIFACT),
        ("AS", Validity.VALID, Validity.UNAVAILABLE),
        ("BU", Validity.VALID, Validity.UNAVAILABLE),
    ],
)
def test_a_code_says_what_a_number_is_worth_and_why_there_is_none(code, kept, missing):
    shown, none, zero = (vitals(read(line(code, spo2=value)), Sign.SPO2)[0] for value in (97, None, 0))
    assert (shown.validity, none.validity) == (kept, missing)
    assert (none.value, zero.value) == (None, None)
    assert zero.validity is not Validity.HELD


def test_codes_are_alarms_that_begin_and_end_once_and_unknown_ones_pass_through():
    driver = NellcorDriver("monitor")
    said = [(), ("SL",), ("SL", "AS"), ("BU",), ("LB",), ()]
    facts = read(*(line(*codes, clock=f"02-MAR-26 09:00:0{i}") for i, codes in enumerate(said)), driver=driver)
    assert alarms(facts) == [
        ("SL", True), ("AS", True), ("SL", False), ("AS", False), ("BU", True), ("BU", False), ("LB", True),
        ("LB", False),
    ]  # fmt: skip
    told = {fact.code: fact for fact in facts if isinstance(fact, RelayedAlarm)}
    assert [told[code].physiological for code in ("SL", "AS", "BU", "LB")] == [True, False, False, False]
    assert (told["BU"].text, told["LB"].kind) == ("Oximeter status BU", AlarmKind.BATTERY_LOW)


def test_what_alarms_still_is_told_anew_when_the_port_was_reopened():
    driver = NellcorDriver("monitor")
    facts = read(line("SL"), driver=driver)
    driver.opened(AT.plus(5))
    facts += read(line("SL", clock="02-MAR-26 09:00:06"), driver=driver, since=6)
    assert alarms(facts) == [("SL", True), ("SL", True)]


def test_a_mark_without_a_code_is_an_alarm_too():
    facts = read(line(spo2=80, spo2_marked=True), line("SL", spo2=80, spo2_marked=True, clock="02-MAR-26 09:00:02"))
    assert alarms(facts) == [("S*", True), ("S*", False), ("SL", True)]


# --- XON -------------------------------------------------------------------------------------------------------------


def test_xon_follows_the_opening_and_every_long_silence_only():
    cable = Cable("nellcor")
    cable.run(20)
    assert cable.sent == [(0.0, WAKE)]
    cable.out = True
    cable.run(20)
    assert len(cable.sent) in (3, 4)
    assert all(b[0] - a[0] >= 6 for a, b in zip(cable.sent[1:], cable.sent[2:], strict=False))


def test_a_held_stream_goes_on_after_xon():
    cable = Cable("nellcor", held=True)
    assert len(vitals(cable.run(10), Sign.SPO2)) == 4
    cable.oximeter.received(b"\x13", cable.t)
    assert not vitals(cable.run(5), Sign.SPO2)
    assert vitals(cable.run(6), Sign.SPO2)


def test_the_simulator_has_the_menu_that_hosts_use():
    oximeter = NellcorSimulator(PatientWorld())
    assert oximeter.received(b"\x03", 0.0) + oximeter.received(b"\x03", 0.1) == b""
    assert oximeter.due(10.0) == b""
    assert oximeter.received(b"1\r\n", 10.5).startswith(b"N-595 VERSION ")
    assert oximeter.received(b"0\r\n", 11.0) == b""
    assert b"02-MAR-26 09:00:12" in oximeter.due(12.0)


@given(st.binary(max_size=5))
def test_only_xon_may_be_sent(data):
    assert may_send(data) == (data == b"\x11")
    assert not any(may_send(command) for command in (b"\x03\x03", b"1\r\n", b"0\r\n", b"\x13", b"\x11\x11"))
    assert (SPEC.has_checksum, SPEC.stale_s) == (False, 10.0)


# --- damage ----------------------------------------------------------------------------------------------------------


def test_a_line_that_lost_any_one_byte_gives_no_other_number():
    whole = line(spo2=100, pulse=123)
    before = line(clock="02-MAR-26 08:59:58")
    for place in range(len(whole)):
        facts = read(before, whole[:place] + whole[place + 1 :])[2:]
        assert {one.value for one in vitals(facts, Sign.SPO2)} <= {100.0, None}
        assert {one.value for one in vitals(facts, Sign.PULSE)} <= {123.0, None}


def test_a_model_with_other_columns_loses_its_first_line_only():
    other = [f"02-MAR-26 09:00:0{i}  97   72   40" for i in range(4)]
    facts = read(*other)
    assert faults(facts) == ["columns out of place"]
    assert [one.value for one in vitals(facts, Sign.SPO2)] == [97.0] * 3


def test_after_two_lines_that_lost_a_digit_at_the_same_place_an_intact_line_counts_at_once():
    lost = [line(spo2=98, pulse=p, clock=f"02-MAR-26 09:00:0{p - 70}").replace(f"{p}", "7", 1) for p in (72, 74)]
    facts = read(line(clock="02-MAR-26 08:59:58"), *lost, line(spo2=98, pulse=76, clock="02-MAR-26 09:00:06"))
    assert [one.value for one in vitals(facts, Sign.PULSE)][-1] == 76.0


@pytest.mark.parametrize(
    "bent", [line(spo2=101), line(pulse=301), line().replace("-MAR-", "-mar-"), line() + " x", line()[:25]]
)
def test_a_line_that_is_not_as_it_must_be_is_refused(bent):
    assert wire.decode_line(bent.encode()) is None
    assert faults(read(line(clock="02-MAR-26 08:59:58"), bent)) == ["not a data line"]


def test_an_intact_line_is_found_behind_one_that_lost_its_end_and_an_echo_is_told_once():
    driver = NellcorDriver("monitor")
    read(line(clock="02-MAR-26 08:59:58"), driver=driver)
    first, second = line(spo2=91), line(spo2=92, clock="02-MAR-26 09:00:02")
    facts = driver.received((first[:20] + second + "\r\n" + second + "\r\n").encode(), AT.plus(4))
    assert [one.value for one in vitals(facts, Sign.SPO2)] == [92.0]
    assert faults(facts) == ["noise", "repeated line"]


@given(st.integers(1, 50))
def test_any_slicing_says_the_same(size):
    stream = (HERE / "lines.bin").read_bytes() * 3
    whole, sliced = NellcorDriver("m"), NellcorDriver("m")
    facts: list[DeviceFact] = []
    for begin in range(0, len(stream), size):
        facts += sliced.received(stream[begin : begin + size], AT)
    assert [plain(fact) for fact in facts] == [plain(fact) for fact in whole.received(stream, AT)]


@settings(max_examples=50)
@given(st.binary(max_size=600))
def test_noise_gives_faults_and_nothing_else(noise):
    driver = NellcorDriver("monitor")
    assert not vitals(driver.received(noise, AT) + driver.received(b"", AT.plus(9)), Sign.SPO2)


# --- on the cable ----------------------------------------------------------------------------------------------------


def test_minutes_on_a_cable_with_the_finger_gone_and_back_and_limits_crossed():
    world = PatientWorld(
        3,
        episodes=[
            Episode(30, 0, sensor="spo2", off=True),
            Episode(60, 0, sensor="spo2", off=False),
            Episode(80, 10, {"spo2": 80.0}),
            Episode(110, 10, {"spo2": 97.0}),
        ],
    )
    facts = Cable("nellcor", world).run(150)
    assert faults(facts) == []
    assert alarms(facts) == [("SO", True), ("SO", False), ("PS", True), ("PS", False), ("SL", True), ("SL", False)]
    low = [one for one in vitals(facts, Sign.SPO2) if one.note]
    assert any(one.value is not None and one.value < 85 for one in low)
    assert not {sign for sign in Sign if vitals(facts, sign)} - {Sign.SPO2, Sign.PULSE}


def test_its_own_alarm_limits_come_with_every_number():
    facts = read(*GOLDEN["header"]["lines"], GOLDEN["line"][1]["text"])
    assert [one.device_limits for one in vitals(facts, Sign.SPO2)] == [(85, 100)]
    assert [one.device_limits for one in vitals(facts, Sign.PULSE)] == [(40, 170)]
    assert vitals(read(GOLDEN["line"][1]["text"]), Sign.SPO2)[0].device_limits is None


def test_a_change_of_limits_comes_with_a_new_header():
    cable = Cable("nellcor")
    cable.run(5)
    cable.oximeter.press(cable.t, "set_limits", spo2=(99, 100), pulse=(40, 170))
    cable.oximeter.press(cable.t, "code", name="LB")
    told = vitals(cable.run(5), Sign.SPO2)[-1]
    assert told.note == "outside the oximeter's limits 99-100"
    assert told.device_limits == (99, 100)


def test_a_bad_cable_then_none_then_a_good_one():
    rng = random.Random(4)
    cable = Cable("nellcor")
    cable.run(10)
    cable.bend = lambda data: bytes(byte for byte in data if rng.random() > 0.02)
    worse = cable.run(300)
    assert {one.value for one in vitals(worse, Sign.SPO2)} <= {96.0, 97.0, 98.0, 99.0, None}
    assert faults(worse)
    cable.bend, cable.out = (lambda data: data), True
    assert not vitals(cable.run(20), Sign.SPO2)
    cable.out = False
    cable.reopen()
    assert len(vitals(cable.run(6), Sign.SPO2)) >= 2
