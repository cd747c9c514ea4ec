"""ULTRA frames: golden bytes both ways, the numbers, any slicing, and what may be sent at all."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.pumps.harvard_ultra import SPEC, wire
from devices.spec import WireFault
from exomonitor.clock import ManualClock

GOLDEN: dict[str, list[dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("golden.toml").read_text(encoding="utf-8")
)
PROMPTS = st.sampled_from([wire.IDLE, wire.INFUSING, wire.WITHDRAWING, wire.STALLED, wire.AT_TARGET])
ADDRESSES = st.one_of(st.none(), st.integers(0, 99))
LINES = st.from_regex(r"[a-z][a-z0-9 ./]{0,60}[a-z]", fullmatch=True)
STATUSES = st.builds(
    wire.Status,
    st.integers(0, 10**13),
    st.integers(0, 10**9),
    st.integers(0, 10**16),
    st.sampled_from("IiWw"),
    st.sampled_from("IiWw."),
    st.booleans(),
    st.booleans(),
    st.sampled_from("IWiw."),
    st.booleans(),
)
# Everything of the command set that moves the pump, changes a setting or clears a counter.
CONTROL = (
    "run", "irun", "wrun", "rrun", "stp", "stop", "civolume", "cwvolume", "cvolume", "ctvolume", "cttime", "citime",
    "cwtime", "ctime", "irate 5 m/m", "irate max", "wrate 5 m/m", "tvolume 5 ml", "ttime 60", "diameter 10",
    "svolume 5 ml", "force 50", "address 5", "baud 9600", "poll on", "nvram none", "echo on", "dim 5", "boot", "cmd",
    "input", "output 1 high", "valve on", "time 10:00:00", "load", "quickstart", "config", "iramp 1 m/m 2 m/m 5",
    "wrate", "ttime", "diameter", "ver", "crate", "metrics", "",
)  # fmt: skip


def cut(pieces: list[bytes]) -> list[bytes | WireFault]:
    """What is found in these pieces and in the silence behind them."""
    cutter = wire.make_cutter()
    at = ManualClock().now()
    found = [item for piece in pieces for item in cutter.feed(piece, at)]
    return found + cutter.feed(b"", at.plus(wire.QUIET_S))


def replies(pieces: list[bytes]) -> list[wire.Reply | None]:
    items = cut(pieces)
    assert all(isinstance(item, bytes) for item in items), items
    return [wire.parse_reply(item) for item in items if isinstance(item, bytes)]


@pytest.mark.parametrize("row", GOLDEN["reply"], ids=lambda row: str(row["name"]))
def test_golden_replies_read_and_write(row: dict[str, Any]) -> None:
    frame = row["raw"].encode("ascii")
    (reply,) = replies([frame])
    assert reply == wire.Reply(row.get("address"), tuple(row["lines"]), row["prompt"])
    if not row.get("no_encode"):
        assert wire.encode_reply(reply.lines, reply.prompt, reply.address) == frame


@pytest.mark.parametrize("row", GOLDEN["reply"], ids=lambda row: str(row["name"]))
def test_the_numbers_and_names_of_golden_replies_are_read(row: dict[str, Any]) -> None:
    (reply,) = replies([row["raw"].encode("ascii")])
    assert reply is not None
    rate, volume = wire.rate_ml_h(reply.text), wire.volume_ml(reply.text)
    assert (None if rate is None else float(rate.value)) == row.get("rate_ml_h")
    assert (None if volume is None else float(volume.value)) == row.get("volume_ml")
    if "model" in row:
        assert wire.model_and_serial(reply.lines) == (row["model"], row.get("serial", ""))


def test_a_status_line_counts_in_femtolitres() -> None:
    status = wire.parse_status("3333333333 372000 1240000000000 I....I")
    assert status is not None
    assert float(status.rate_fl_s * wire.ML_H_PER_FL_S) == pytest.approx(12.0, abs=1e-8)
    assert status.volume_fl * wire.ML_PER_FL == Decimal("1.24")
    assert (status.time_ms, status.motor, status.stalled, status.at_target) == (372_000, "I", False, False)


@pytest.mark.parametrize("row", GOLDEN["question"], ids=lambda row: str(row["word"]))
def test_golden_questions_are_ours_and_the_simulator_answers_them(row: dict[str, Any]) -> None:
    frame = row["raw"].encode("ascii")
    assert wire.request(row["word"]) == frame
    assert SPEC.may_send(frame)
    assert SPEC.make_simulator(None, **row["options"]).received(frame, 0.0) == row["answer"].encode("ascii")


@pytest.mark.parametrize(
    ("text", "ml_h", "last_digit"),
    [
        ("12 ml/hr", "12", "1"),
        ("0.5 ml/min", "30.0", "6.0"),
        ("1.2000 ul/sec", "4.32000", "0.00036"),
        ("250.00 nl/min", "0.0150000", "6E-7"),
        ("5 ML/H", "5", "1"),
    ],
)
def test_rates_come_in_many_units_with_the_worth_of_their_last_digit(text: str, ml_h: str, last_digit: str) -> None:
    quantity = wire.rate_ml_h(text)
    assert quantity is not None
    assert (quantity.value, quantity.last_digit) == (Decimal(ml_h), Decimal(last_digit))


@pytest.mark.parametrize("text", ["", "12", "12 ml", "-1 ml/hr", "1e3 ml/hr", "nan ml/hr", "12 ml/day", "12 ml/hr x"])
def test_what_is_no_rate_is_none(text: str) -> None:
    assert wire.rate_ml_h(text) is None


@given(STATUSES)
def test_a_status_line_written_and_read_is_the_same(status: wire.Status) -> None:
    assert wire.parse_status(wire.status_text(status)) == status


@given(st.lists(st.tuples(LINES, PROMPTS, ADDRESSES), min_size=1, max_size=4), st.data())
def test_any_slicing_gives_the_same_answers(told: list[tuple[str, str, int | None]], data: st.DataObject) -> None:
    stream = b"".join(wire.encode_reply((line,), prompt, address) for line, prompt, address in told)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=12)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert replies(pieces) == [wire.Reply(address, (line,), prompt) for line, prompt, address in told]


def test_a_version_table_waits_for_its_last_line_although_each_begins_like_a_prompt() -> None:
    raw = GOLDEN["reply"][-1]["raw"].encode("ascii")
    assert replies([raw[i : i + 1] for i in range(len(raw))]) == replies([raw])


def test_prompts_alone_and_empty_lines_are_no_answers() -> None:
    assert replies([b"\n00>\n\n00:12 ml/hr\r\n00>"]) == [wire.Reply(0, (), ">"), wire.Reply(0, ("12 ml/hr",), ">")]


def test_two_addresses_in_one_answer_are_no_answer() -> None:
    assert replies([b"\n00:12 ml/hr\r\n01>"]) == [None]


@given(st.binary(max_size=200))
def test_after_noise_the_next_answer_is_heard(noise: bytes) -> None:
    assert b"\n00:12.5 ml/hr\r\n00>" in cut([noise, b"\r\n00>\n00:12.5 ml/hr\r\n00>"])


@given(st.integers(0, 99), st.sampled_from(sorted(wire.READ_ONLY_WORDS)))
def test_only_whole_words_with_an_address_may_be_sent(address: int, word: str) -> None:
    frame = wire.request(word, address)
    assert SPEC.may_send(frame)
    for altered in (frame[2:], frame[:-1], frame[:-2], frame + b"\r", b"\r\n" + frame, frame.upper(), frame + frame):
        assert not SPEC.may_send(altered)
    assert not SPEC.may_send(f"{address:02d}{word} 1\r\n".encode())
    assert not SPEC.may_send(f"{address:02d}{word} 1 ml\r\n".encode())


@pytest.mark.parametrize("command", CONTROL)
def test_no_command_can_be_sent(command: str) -> None:
    for text in (command, f"00{command}", f"0{command}", f"7 {command}", f"00{command} "):
        for end in ("", "\r", "\n", "\r\n"):
            assert not SPEC.may_send((text + end).encode())


@given(st.binary(max_size=24))
def test_nothing_else_may_be_sent(data: bytes) -> None:
    assert not SPEC.may_send(data) or wire.parse_request(data) is not None
