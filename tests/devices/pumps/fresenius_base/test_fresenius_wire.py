"""Fresenius frames: golden bytes both ways, the numbers, the laws of the framing, and what may be sent at all."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.pumps.fresenius_base import SPEC, wire
from devices.spec import WireFault
from devices.wire.framing import PARTIAL, Broken, FrameCutter
from exomonitor.clock import ManualClock

GOLDEN: dict[str, Any] = tomllib.loads(Path(__file__).with_name("golden.toml").read_text(encoding="utf-8"))
ANSWER = b"\x021C;a0000;e0000;m02;d007D;r003039" + wire.checksum(b"1C;a0000;e0000;m02;d007D;r003039") + b"\x03"
TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
FRAMES = st.builds(
    wire.Frame,
    st.none() | st.integers(0, 9),
    st.sampled_from(["C", "I", "E", "M", "DC", "LE", "LP"]),
    st.none() | TEXT,
)


def cut(pieces: list[bytes]) -> list[bytes | WireFault]:
    cutter = FrameCutter(wire.find_start, wire.parse_at, wire.MAX_RAW, wire.PARTIAL_TIMEOUT_S)
    at = ManualClock().now()
    return [item for piece in pieces for item in cutter.feed(piece, at)]


@pytest.mark.parametrize("row", GOLDEN["frame"], ids=lambda row: str(row["name"]))
def test_golden_frames_read_and_write(row: dict[str, Any]) -> None:
    raw = row["wire"].encode()
    frame = wire.Frame(row["address"], row["command"], row.get("arguments"))
    assert wire.encode(frame) == raw
    (text,) = cut([raw])
    assert isinstance(text, bytes)
    assert wire.parse(text) == frame
    assert wire.variables(frame.arguments) == row.get("variables")
    assert SPEC.may_send(raw) == row.get("ours", False)


def test_the_simulated_base_answers_the_independent_client_as_it_did() -> None:
    simulator = SPEC.make_simulator(None, **GOLDEN["talk"]["options"])
    for step in GOLDEN["talk"]["steps"]:
        assert simulator.received(step["host"].encode(), step["t"]) == step["base"].encode()


def test_the_simulated_base_tells_by_itself_what_it_was_asked_to_tell() -> None:
    simulator = SPEC.make_simulator(None, rate_ml_h=12.5, infused_ml=12.345)
    for host in (b"\x020DC48\x03", b"\x06\x021DC47\x03"):
        simulator.received(host, 0.0)
    assert simulator.received(b"\x021DE;dA6\x03", 0.0) == b"\x06\x021C8B\x03"
    assert simulator.due(1.0) == b""
    simulator.press(1.5, "start", rate_ml_h=10.0)
    assert simulator.due(1.5) == b"\x021E;d0064;r00303944\x03"
    assert simulator.received(b"\x06\x021E89\x03", 1.6) == b"\x06"
    assert simulator.due(1.9) == b""
    assert simulator.due(2.0) == b"\x05"
    assert simulator.received(b"\x14", 2.0) == b""


def test_the_simulator_in_that_state_says_the_golden_numbers() -> None:
    simulator = SPEC.make_simulator(None, rate_ml_h=12.5, infused_ml=12.345, running=True)
    for host in (b"\x020DC48\x03", b"\x06\x021DC47\x03"):
        simulator.received(host, 0.0)
    assert simulator.received(b"\x021LE;d9E\x03", 0.0) == b"\x06\x021C;d007D11\x03"
    assert simulator.received(b"\x021LE;r90\x03", 0.0) == b"\x06\x021C;r003039AF\x03"


@pytest.mark.parametrize(
    "arguments", [None, "", "d", "d007d", "d007D;", "d007D;x", "D007D", "d007D;d0064", "d123456789", "PROPOFOL"]
)
def test_what_is_not_all_variables_is_none(arguments: str | None) -> None:
    assert wire.variables(arguments) is None


def test_codes_are_kept_as_they_were_sent() -> None:
    assert wire.digits("a0040;m02;d007D") == {"a": "0040", "m": "02", "d": "007D"}
    assert wire.modules_in(0x105) == (1, 3, 9)
    assert wire.modules_in(0xFE00) == ()


@given(FRAMES)
def test_what_is_encoded_is_read_back(frame: wire.Frame) -> None:
    (text,) = cut([wire.encode(frame)])
    assert isinstance(text, bytes)
    assert wire.parse(text) == frame


@given(st.lists(FRAMES.map(wire.encode) | st.sampled_from([b"\x05", b"\x06", b"\x156"]), max_size=5), st.data())
def test_any_slicing_gives_the_same_frames(raws: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(raws)
    places = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *places], [*places, len(stream)], strict=True)]
    assert cut(pieces) == [raw[1:-3] if raw[:1] == wire.STX else raw for raw in raws]


@given(st.integers(0, len(ANSWER) - 1), st.integers(1, 255))
def test_one_damaged_byte_never_becomes_a_frame(position: int, flip: int) -> None:
    damaged = bytearray(ANSWER)
    damaged[position] ^= flip
    assert not [item for item in cut([bytes(damaged)]) if isinstance(item, bytes) and len(item) > 2]


@given(st.binary(max_size=30), st.binary(max_size=30))
def test_an_intact_frame_survives_noise(before: bytes, after: bytes) -> None:
    assert ANSWER[1:-3] in cut([before.replace(wire.NAK, b"") + ANSWER + after])


def test_a_frame_that_lost_its_end_does_not_cost_the_next_one() -> None:
    assert [item for item in cut([ANSWER[:-4] + ANSWER]) if isinstance(item, bytes)] == [ANSWER[1:-3]]


def test_an_endless_frame_is_given_up() -> None:
    assert wire.parse_at(b"\x021C;" + b"A" * (wire.MAX_RAW - 5), 0) is PARTIAL
    assert wire.parse_at(b"\x021C;" + b"A" * wire.MAX_RAW, 0) == Broken("too long")


def test_bytes_with_the_eighth_bit_are_the_wrong_parity_and_no_frame() -> None:
    wrong = bytes(byte | (0x80 if byte.bit_count() % 2 else 0) for byte in ANSWER)
    assert not [item for item in cut([wrong]) if isinstance(item, bytes) and len(item) > 2]


@pytest.mark.parametrize("word", [b"\x06", b"\x14", b"\x152"])
def test_the_link_words_that_are_owed_may_be_sent(word: bytes) -> None:
    assert SPEC.may_send(word)
    assert not SPEC.may_send(word + word)


@pytest.mark.parametrize(
    "text", ["0DC", "0FC", "0LE;b", "0LF;b", "1DC", "9DC", "1LE;aemdr", "1LE;dr", "1LF;b", "1LP", "0E", "1E", "1M"]
)
def test_the_questions_and_receipts_may_be_sent(text: str) -> None:
    assert SPEC.may_send(wire.STX + text.encode() + wire.checksum(text.encode()) + wire.ETX)


CONTROL = ["MO", "PR", "PO", "PB", "PF", "PV", "RV", "PP", "PS", "OF", "SI", "RZ", "EP", "EN", "AP", "DM", "AM"]


@pytest.mark.parametrize("command", CONTROL)
def test_no_control_word_may_be_sent_in_any_form(command: str) -> None:
    for address, arguments in itertools.product(["", "0", "1", "9"], ["", ";", ";2", ";007D", ";b"]):
        text = f"{address}{command}{arguments}".encode()
        assert not SPEC.may_send(wire.STX + text + wire.checksum(text) + wire.ETX)


@pytest.mark.parametrize(
    "text",
    ["DC", "LE;b", "1FC", "0LP", "0LE;dr", "1LE;b", "1LE;drx", "1LE", "1DC;1", "1LN", "1DE;d", "1AE", "1C", "1E;d0064"],
)
def test_nothing_else_may_be_sent(text: str) -> None:
    assert not SPEC.may_send(wire.STX + text.encode() + wire.checksum(text.encode()) + wire.ETX)


@pytest.mark.parametrize(
    "frame",
    [b"", b"\x05", b"\x15", b"\x151", b"0DC48", b"\x020DC48", b"\x020DC49\x03", b"\x020DC48\x03\x06", b"\x020dc08\x03"],
)
def test_a_frame_that_is_not_whole_may_not_be_sent(frame: bytes) -> None:
    assert not SPEC.may_send(frame)
