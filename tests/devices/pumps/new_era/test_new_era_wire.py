"""New Era frames: golden bytes both ways, the numbers, the laws of both modes, and what may be sent at all."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.pumps.new_era import SPEC, wire
from devices.spec import WireFault
from devices.wire.framing import Broken, Found, FrameCutter
from exomonitor.clock import ManualClock

GOLDEN: dict[str, list[dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("golden.toml").read_text(encoding="utf-8")
)
ANY_DATA = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)
REPLIES = st.one_of(
    st.builds(wire.Reply, st.integers(0, 99), st.sampled_from("IWSPTUX"), ANY_DATA),
    st.builds(wire.Reply, st.integers(0, 99), st.just(""), st.just(""), st.sampled_from("RSTEO")),
)
SAFE = wire.safe_packet("00I12.00MH")


def cut(pieces: list[bytes]) -> list[bytes | WireFault]:
    cutter = FrameCutter(wire.find_start, wire.parse_at, wire.MAX_RAW, wire.PARTIAL_TIMEOUT_S)
    at = ManualClock().now()
    return [item for piece in pieces for item in cutter.feed(piece, at)]


def reply_of(row: dict[str, Any]) -> wire.Reply:
    return wire.Reply(0, row.get("status", ""), row.get("data", ""), row.get("alarm", ""))


@pytest.mark.parametrize("row", GOLDEN["packet"], ids=lambda row: str(row["name"]))
def test_golden_safe_packets_read_and_write(row: dict[str, Any]) -> None:
    frame = bytes.fromhex(row["hex"])
    assert wire.safe_packet(row["text"]) == frame
    assert wire.safe_text_at(frame, 0) == row["text"].encode()


@pytest.mark.parametrize("row", GOLDEN["reply"], ids=lambda row: str(row["name"]))
def test_golden_replies_read_and_write(row: dict[str, Any]) -> None:
    frame = bytes.fromhex(row["hex"])
    assert wire.encode_reply(reply_of(row), safe=row["safe"]) == frame
    (text,) = cut([frame])
    assert isinstance(text, bytes)
    assert wire.parse_reply(text) == reply_of(row)


@pytest.mark.parametrize("row", GOLDEN["reply"], ids=lambda row: str(row["name"]))
def test_the_numbers_of_golden_replies_are_read(row: dict[str, Any]) -> None:
    data = row.get("data", "")
    dispensed = tuple(row["dispensed_ml"]) if "dispensed_ml" in row else None
    assert wire.rate_ml_h(data) == row.get("rate_ml_h")
    assert wire.dispensed_ml(data) == dispensed
    assert wire.volume_ml(data) == row.get("volume_ml")
    assert wire.firmware(data) == row.get("firmware")


@pytest.mark.parametrize("row", GOLDEN["question"], ids=lambda row: row["command"] or "status")
def test_golden_questions_are_ours_and_the_simulator_answers_them(row: dict[str, Any]) -> None:
    frame = bytes.fromhex(row["hex"])
    assert wire.request(row["command"]) == frame
    assert SPEC.may_send(frame)
    assert SPEC.make_simulator(None, **row["options"]).received(frame, 0.0) == bytes.fromhex(row["answer"])


@pytest.mark.parametrize(
    ("text", "ml_h"),
    [("12.00MH", 12.0), ("500.0UM", 30.0), ("1.500MM", 90.0), ("1234.UH", 1.234), ("0.001UH", 1e-6), (".5MH", 0.5)],
)
def test_rates_come_in_four_units(text: str, ml_h: float) -> None:
    assert wire.rate_ml_h(text) == pytest.approx(ml_h, abs=1e-9)


@pytest.mark.parametrize(
    "text", ["", "12.00", "12.00MX", "MH", ".MH", "12345MH", "1.2.3MH", "-1.0MH", "1e3MH", "12.00MH "]
)
def test_what_is_no_rate_is_none(text: str) -> None:
    assert wire.rate_ml_h(text) is None


def test_volumes_come_in_two_units() -> None:
    assert wire.volume_ml("250.0UL") == 0.25
    assert wire.dispensed_ml("I12.34W5.000UL") == (0.01234, 0.005)
    assert wire.volume_ml("12.34") is None
    assert wire.dispensed_ml("I1.000ML") is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [("NE1000V3.923", "NE-1000 V3.923"), ("NE1000X2V3.9", "NE-1000X2 V3.9"), ("NE500XV3.60", "NE-500X V3.60")],
)
def test_upgraded_firmware_is_read_too(text: str, shown: str) -> None:
    assert wire.firmware(text) == shown


@given(st.floats(0, 9999))
def test_a_number_is_written_with_four_digits_and_read_back_as_near(value: float) -> None:
    text = wire.number_text(value)
    assert len(text) <= 5
    assert "." in text
    back = wire.volume_ml(text + "ML")
    assert back == pytest.approx(value, rel=1e-3, abs=6e-4)


@given(REPLIES, st.booleans())
def test_what_is_encoded_is_read_back(reply: wire.Reply, safe: bool) -> None:
    (text,) = cut([wire.encode_reply(reply, safe=safe)])
    assert isinstance(text, bytes)
    assert wire.parse_reply(text) == reply


@given(st.lists(st.tuples(REPLIES, st.booleans()), max_size=5), st.data())
def test_any_slicing_gives_the_same_frames(replies: list[tuple[wire.Reply, bool]], data: st.DataObject) -> None:
    stream = b"".join(wire.encode_reply(reply, safe=safe) for reply, safe in replies)
    places = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *places], [*places, len(stream)], strict=True)]
    assert cut(pieces) == [wire.reply_text(reply).encode() for reply, _ in replies]


@given(st.integers(0, len(SAFE) - 1), st.integers(1, 255))
def test_one_damaged_byte_of_a_safe_reply_never_becomes_a_frame(position: int, flip: int) -> None:
    damaged = bytearray(SAFE)
    damaged[position] ^= flip
    assert not [item for item in cut([bytes(damaged)]) if isinstance(item, bytes)]


@given(st.binary(max_size=30), st.binary(max_size=30))
def test_an_intact_reply_survives_noise(before: bytes, after: bytes) -> None:
    before = before.replace(wire.STX, b"")
    good = [item for item in cut([before + SAFE + after]) if isinstance(item, bytes)]
    assert good[:1] == [b"00I12.00MH"]


def test_a_reply_that_lost_its_end_does_not_cost_the_next_one() -> None:
    basic = wire.encode_reply(wire.Reply(0, "I", "12.00MH"))
    assert [item for item in cut([basic[:-3] + basic]) if isinstance(item, bytes)] == [b"00I12.00MH"]


def test_an_endless_reply_is_given_up() -> None:
    assert isinstance(wire.parse_at(b"\x0200I" + b"1" * 60, 0), Broken)
    assert wire.parse_at(b"\x0200S\x03", 0) == Found(b"00S", 5)


@pytest.mark.parametrize("command", ["", "RAT", "DIS", "VOL", "VER"])
@pytest.mark.parametrize("address", [0, 1, 99])
def test_the_five_questions_may_be_sent(command: str, address: int) -> None:
    assert SPEC.may_send(wire.request(command, address))


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\r",
        b"RAT\r",
        b"0RAT",
        b"0RAT12MH\r",
        b"0RAT 12 MH\r",
        b"0VOL50\r",
        b"0VOLML\r",
        b"0RUN\r",
        b"0STP\r",
        b"0PUR\r",
        b"0CLDINF\r",
        b"0PHN1\r",
        b"0ADR5\r",
        b"0*RESET\r",
        b"*RESET\r",
        b"0SAF3\r",
        b"0SAF0\r",
        b"0DIRWDR\r",
        b"0DIA26.59\r",
        b"0rat\r",
        b"00RAT\r",
        b"100RAT\r",
        b"0RAT\r0RUN\r",
        b"0RAT\r\n",
        wire.safe_packet("0RAT"),
        wire.safe_packet("0SAF3"),
    ],
)
def test_nothing_that_could_set_or_move_anything_may_be_sent(frame: bytes) -> None:
    assert not SPEC.may_send(frame)


@given(st.binary(max_size=12))
def test_random_bytes_may_not_be_sent(data: bytes) -> None:
    assert not SPEC.may_send(data) or wire.parse_request(data) is not None
