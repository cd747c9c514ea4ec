"""Alaris messages: golden bytes both ways, the numbers, the laws of the framing, and what may be sent at all."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.pumps.alaris_asena import SPEC, wire
from devices.spec import WireFault
from devices.wire.framing import PARTIAL, Broken, FrameCutter
from exomonitor.clock import ManualClock

GOLDEN: dict[str, Any] = tomllib.loads(Path(__file__).with_name("golden.toml").read_text(encoding="utf-8"))
REAL = b"!INF^8002-51733^A^HLD^0.00^ml/h^^0.969^ml^530.15^mmHg^00:04:09^EVENT^214725|DB9D\r"
FIELD = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="^\x7f"), max_size=20)
MESSAGES = st.builds(
    wire.Message,
    st.sampled_from(["INF", "INF_VTBI", "ALARM", "INST_SERIALNO", "REMOTE_CTRL"]),
    st.lists(FIELD, max_size=5).map(tuple),
)


def cut(pieces: list[bytes]) -> list[bytes | WireFault]:
    cutter = FrameCutter(wire.find_start, wire.parse_at, wire.MAX_RAW, wire.PARTIAL_TIMEOUT_S)
    at = ManualClock().now()
    return [item for piece in pieces for item in cutter.feed(piece, at)]


def read(body: str) -> wire.Message:
    message = wire.parse(body.encode("latin-1"))
    assert message is not None
    return message


@pytest.mark.parametrize("row", GOLDEN["message"], ids=lambda row: str(row["name"]))
def test_golden_messages_read_and_write(row: dict[str, Any]) -> None:
    frame = row["wire"].encode() + b"\r"
    (body,) = cut([frame])
    assert isinstance(body, bytes)
    message = wire.parse(body)
    assert message is not None
    assert wire.encode(message.body) == frame


@pytest.mark.parametrize("row", GOLDEN["message"], ids=lambda row: str(row["name"]))
def test_golden_messages_mean_what_they_say_and_nothing_else(row: dict[str, Any]) -> None:
    message = read(row["wire"][1:-5])
    vtbi = row.get("vtbi_ml")
    assert wire.vtbi_of(message) == (None if vtbi is None else ((None if vtbi == "none" else vtbi),))
    assert wire.alarm_code_of(message) == row.get("alarm_code")
    assert wire.serial_of(message) == row.get("serial")
    infusion = wire.infusion_of(message)
    assert (infusion is None) == ("infusion" not in row)
    if infusion is not None:
        assert dataclasses.asdict(infusion) == {"drug": ""} | row["infusion"]


def test_the_code_that_enables_remote_control_is_the_checksum_of_the_serial_number() -> None:
    assert wire.checksum(b"8002-51740") == b"3CC1"
    assert wire.checksum(b"8002-51733") == b"9535"


@pytest.mark.parametrize("step", GOLDEN["talk"]["steps"], ids=lambda step: str(step["host"]))
def test_what_an_independent_client_said_is_well_formed(step: dict[str, Any]) -> None:
    bodies = cut([f"{step['host']}\r{step['pump']}\r".encode()])
    assert [wire.encode(body.decode()) for body in bodies if isinstance(body, bytes)] == [
        step["host"].encode() + b"\r",
        step["pump"].encode() + b"\r",
    ]


def test_the_simulated_pump_answers_the_independent_client_as_it_did() -> None:
    simulator = SPEC.make_simulator(None, **GOLDEN["talk"]["options"])
    for step in GOLDEN["talk"]["steps"]:
        assert simulator.received(step["host"].encode() + b"\r", step["t"]) == step["pump"].encode() + b"\r"


def test_the_simulator_in_that_state_says_the_golden_bytes() -> None:
    simulator = SPEC.make_simulator(None, rate_ml_h=12.0, vtbi_ml=10.234, infused_ml=1.234, log_entry=127903)
    simulator.press(0.0, "start")
    assert simulator.received(b"!INF|4961\r", 0.0).startswith(
        b"!INF^8002-51740^-^SET^12.00^ml/h^^1.234^ml^17.91^mmHg^00:45"
    )
    assert simulator.received(b"!ALARM|50B2\r", 0.0) == b"!ALARM^AL_NOALM^ ^ |C73B\r"
    assert simulator.received(b"!SYRINGE_STATUS|4102\r", 0.0) == b"!SYRINGE_STATUS^BD PLASTIPAK^ 50^CONF|1CF8\r"
    assert simulator.received(b"!COMMS_PROTOCOL|E8DA\r", 0.0) == b"!COMMS_PROTOCOL^Asena Rev 2.1.5|661A\r"
    assert simulator.received(b"!COMMS_RESPONSE_MAX|7E29\r", 0.0) == b"!COMMS_RESPONSE_MAX^4000^ms|DFDF\r"
    assert simulator.received(b"!INF_RATE_MAX_SYRINGE|8F30\r", 0.0) == b"!INF_RATE_MAX_SYRINGE^1200.00^ml/h|8575\r"
    assert simulator.received(b"!REMQUERY^DEACT|F295\r", 0.0) == b"!REMQUERY^DEACT^^^^|E5C9\r"


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("12.00", "ml/h", 12.0),
        (" 50", "ml/h", 50.0),
        ("-50.00", "ml/h", -50.0),
        ("", "ml/h", None),
        ("12.00", "ml", None),
        ("12.00", "mg/h", None),
        ("1e3", "ml/h", None),
        ("nan", "ml/h", None),
        ("12,5", "ml/h", None),
        ("12.", "ml/h", None),
        ("1234567", "ml/h", None),
    ],
)
def test_a_number_is_one_only_in_its_own_unit(text: str, unit: str, value: float | None) -> None:
    assert wire.number(text, unit, "ml/h") == value


@pytest.mark.parametrize(
    ("text", "value"), [("00:04:09", 249.0), ("23:59:59", 86399.0), ("24+", None), ("", None), ("00:61:00", None)]
)
def test_more_than_a_day_names_no_time(text: str, value: float | None) -> None:
    assert wire.seconds(text) == value


@given(st.floats(0, 86_399))
def test_a_time_is_written_and_read_back_to_the_second(left_s: float) -> None:
    assert wire.seconds(wire.time_text(left_s)) == int(left_s)


def test_a_pressure_that_cannot_be_is_none() -> None:
    said = wire.infusion_of(read("INF^8002-51740^-^SET^12.00^ml/h^^1.234^ml^-50.00^mmHg^24+^EVENT^"))
    assert said is not None
    assert (said.pressure_mmhg, said.time_left_s, said.log_entry) == (None, None, None)


@pytest.mark.parametrize(
    "body",
    [
        "INF",
        "INF^8002-51740^-^SET^12.00",
        "INF^8002-51740^?^SET^12.00^ml/h^^1.234^ml^17.91^mmHg^00:45:00^EVENT^1",
        "INF_VTBI",
        "INF_VTBI^ACTIV^^ml^STOP",
        "INF_VTBI^ACTIV^11.000^mg^STOP",
        "INF_VTBI^OTHER^11.000^ml^STOP",
        "ALARM",
        "ALARM^ ^ ^ ",
        "ALARM^OCCLUSION",
        "INST_SERIALNO",
        "INST_SERIALNO^",
        "INST_SERIALNO^8002^51740",
    ],
)
def test_what_has_not_the_form_of_an_answer_is_none(body: str) -> None:
    message = read(body)
    told = (wire.infusion_of(message), wire.vtbi_of(message), wire.alarm_code_of(message), wire.serial_of(message))
    assert told == (None, None, None, None)


def test_a_vtbi_of_nothing_but_blanks_is_none_set() -> None:
    assert wire.vtbi_of(read("INF_VTBI^DEACT^^^")) == (None,)
    assert wire.vtbi_of(read("INF_VTBI^ ^")) == (None,)


@given(MESSAGES)
def test_what_is_encoded_is_read_back(message: wire.Message) -> None:
    (body,) = cut([wire.encode(message.body)])
    assert isinstance(body, bytes)
    assert wire.parse(body) == message


@given(st.lists(MESSAGES, max_size=4), st.data())
def test_any_slicing_gives_the_same_messages(messages: list[wire.Message], data: st.DataObject) -> None:
    stream = b"".join(wire.encode(message.body) for message in messages)
    places = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *places], [*places, len(stream)], strict=True)]
    assert cut(pieces) == [message.body.encode("latin-1") for message in messages]


@given(st.integers(0, len(REAL) - 1), st.integers(1, 255))
def test_one_damaged_byte_never_becomes_a_message(position: int, flip: int) -> None:
    damaged = bytearray(REAL)
    damaged[position] ^= flip
    assert not [item for item in cut([bytes(damaged)]) if isinstance(item, bytes)]


@given(st.binary(max_size=30), st.binary(max_size=30))
def test_an_intact_message_survives_noise(before: bytes, after: bytes) -> None:
    assert REAL[1:-6] in cut([before + b"\r" + REAL + after])


def test_a_message_that_lost_its_end_does_not_cost_the_next_one() -> None:
    assert [item for item in cut([REAL[:-9] + REAL]) if isinstance(item, bytes)] == [REAL[1:-6]]


def test_an_aborted_message_is_told_as_what_it_is() -> None:
    first, second = cut([REAL[:20] + b"\x1b" + REAL])
    assert isinstance(first, WireFault)
    assert first.reason == "aborted by the pump"
    assert second == REAL[1:-6]


def test_an_endless_message_is_given_up() -> None:
    assert wire.parse_at(b"!INF^" + b"1" * (wire.MAX_RAW - 6), 0) is PARTIAL
    assert wire.parse_at(b"!INF^" + b"1" * wire.MAX_RAW, 0) == Broken("too long")


@pytest.mark.parametrize("body", ["INF", "INF_VTBI", "ALARM", "INST_SERIALNO"])
def test_the_four_questions_may_be_sent(body: str) -> None:
    assert SPEC.may_send(wire.encode(body))


@pytest.mark.parametrize(
    "body",
    [
        "REMOTE_CTRL^ENABLED^3CC1",
        "REMOTE_CTRL^DISABLED",
        "REMOTE_CTRL",
        "REMOTE_CFG^ENABLED^3CC1",
        "REMOTE_CFG",
        "INF_START",
        "INF_STOP",
        "INF_RATE^12.00^ml/h",
        "INF_RATE",
        "INF_VTBI^ACTIV^11.000^ml^STOP",
        "INF_VTBI^DEACT",
        "INF_VTBI^",
        "INF^",
        "ALARM^AL_NOALM",
        "INST_SERIALNO^8002-51740",
        "SYRINGE_STATUS",
        "SYRINGE_STATUS^BD PLASTIPAK^ 50^CONF",
        "INF_VI_CLEAR",
        "INF_BOLUS^ENABLED",
        "BOLUS",
        "INF_PURGE_RATE^1.356^ml/h",
        "REMQUERY^DEACT",
        "inf",
    ],
)
def test_nothing_that_could_set_or_move_anything_may_be_sent(body: str) -> None:
    assert not SPEC.may_send(wire.encode(body))


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\r",
        b"!",
        b"!INF|4961",
        b"INF|4961\r",
        b"!INF|4962\r",
        b"!INF\r",
        b"!INF|4961\r\n",
        b"!INF|4961\r!INF|4961\r",
    ],
)
def test_a_question_that_is_not_whole_may_not_be_sent(frame: bytes) -> None:
    assert not SPEC.may_send(frame)
