"""IntelliVue on the wire: laws, and escaping and the FCS against a slow second implementation."""

from __future__ import annotations

import contextlib
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.monitors.philips_intellivue.wire import codes, fields, frames, requests, results, session, values
from devices.monitors.philips_intellivue.wire import operations as ops
from devices.monitors.philips_intellivue.wire.fields import Malformed, Reader, Special
from devices.monitors.philips_intellivue.wire.values import Alarm, Number, SampleBlock, SampleSpec, Scale
from devices.wire.framing import PARTIAL, Broken

HERE = Path(__file__).parent
GOLDEN: dict[str, list[dict[str, Any]]] = tomllib.loads((HERE / "golden.toml").read_text(encoding="utf-8"))
BY_NAME = {entry["name"]: bytes.fromhex(entry["frame"]) for entry in GOLDEN["message"] + GOLDEN["from_monitor"]}

# --- a second, slow implementation as the judge ---------------------------------------------------------------------


def _slow_fcs(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
    return crc ^ 0xFFFF


def _slow_escape(data: bytes) -> bytes:
    out = bytearray()
    for byte in data:
        out += bytes([0x7D, byte ^ 0x20]) if byte in (0x7D, 0xC0, 0xC1) else bytes([byte])
    return bytes(out)


def _slow_unescape(data: bytes) -> bytes | None:
    out = bytearray()
    at = 0
    while at < len(data):
        if data[at] == 0x7D:
            if at + 1 == len(data):
                return None
            out.append(data[at + 1] ^ 0x20)
            at += 2
        else:
            out.append(data[at])
            at += 1
    return bytes(out)


_awkward = st.lists(st.sampled_from([0x7D, 0xC0, 0xC1, 0x5D, 0xE0, 0xE1, 0x11]) | st.integers(0, 255), max_size=60).map(
    bytes
)


@given(_awkward)
def test_the_fcs_is_what_the_slow_way_gives(data):
    assert frames.fcs(data) == _slow_fcs(data)
    whole = data + frames.fcs(data).to_bytes(2, "little")
    assert _slow_fcs(whole) ^ 0xFFFF == 0xF0B8


@given(_awkward)
def test_escaping_is_what_the_slow_way_gives_and_comes_back(data):
    escaped = frames.escape(data)
    assert escaped == _slow_escape(data)
    assert b"\xc0" not in escaped
    assert b"\xc1" not in escaped
    assert frames.unescape(escaped) == data
    assert frames.unescape(data) == _slow_unescape(data)


@given(_awkward)
def test_any_payload_comes_back_from_its_frame(payload):
    wire = frames.frame(payload)
    assert frames.unframe(wire) == payload
    assert frames.unframe(wire + b"\xc1") is None
    assert frames.unframe(b"\x00" + wire) is None


def test_a_frame_that_is_begun_anew_or_given_up_is_no_frame():
    wire = frames.frame(b"hello")
    assert frames.unframe(wire[:5] + b"\x7d\xc1") is None
    assert frames.parse_at(wire[:5] + wire, 0) == Broken("begun anew")
    assert frames.parse_at(wire[:5] + b"\x7d\xc1", 0) == Broken("given up")
    assert frames.parse_at(wire[:-1], 0) == PARTIAL
    body = b"\x22\x01\x00\x05hello"
    other = b"\xc0" + frames.escape(body + frames.fcs(body).to_bytes(2, "little")) + b"\xc1"
    assert frames.parse_at(other, 0) == Broken("another protocol")
    body = b"\x11\x01\x00\x06hello"
    short = b"\xc0" + frames.escape(body + frames.fcs(body).to_bytes(2, "little")) + b"\xc1"
    assert frames.parse_at(short, 0) == Broken("length")


# --- laws -----------------------------------------------------------------------------------------------------------


@given(st.integers(-8_000_000, 8_000_000), st.integers(0, 4))
def test_a_float_comes_back_with_its_decimals(mantissa, decimals):
    value = mantissa / 10**decimals
    assert fields.decode_float(fields.encode_float(value, decimals)) == value


@given(st.integers(0, 0xFFFF_FFFF))
def test_every_word_is_a_float_or_special(word):
    value = fields.decode_float(word)
    mantissa = word & 0xFFFFFF
    if not isinstance(value, Special):
        signed = mantissa - 0x1000000 if mantissa >= 0x800000 else mantissa
        assert (value > 0) == (signed > 0)


def test_a_float_without_room_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        fields.encode_float(9_000_000.0)


_numbers = st.builds(
    Number,
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFF),
    st.integers(-9999, 9999).map(float) | st.sampled_from(Special),
)


@given(st.lists(_numbers, min_size=1, max_size=6).map(tuple))
def test_numbers_come_back_single_and_compound(numbers):
    single = {codes.VALUE: values.encode_number(numbers[0])}
    assert values.decode_numbers(single) == numbers[:1]
    assert values.decode_numbers({codes.COMPOUND_VALUE: values.encode_compound(numbers)}) == numbers


_attributes = st.dictionaries(st.integers(0, 65535), st.binary(max_size=20))


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9), _attributes), max_size=5),
    st.none() | st.integers(0, 65535),
    st.none() | st.datetimes(datetime(1970, 1, 1), datetime(2099, 1, 1)),  # noqa: DTZ001
    st.none() | st.tuples(st.sampled_from([1, 2, 3]), st.integers(0, 255)),
)  # fmt: skip
def test_results_come_back_with_all_their_objects(objects, sequence, clock, part):
    told = tuple(sorted((results.Observed(*one) for one in objects), key=lambda one: one.context))
    moment = None if clock is None else clock.replace(microsecond=0, tzinfo=UTC)
    result = results.PollResult(3, codes.WAVES, 0, 99, told, sequence, moment)
    operation = ops.decode_operation(results.encode_poll_result(result, 7, part))
    assert isinstance(operation, ops.Result)
    assert (operation.number, operation.part) == (7, part)
    assert operation.is_last == (part is None or part[0] == 3)
    assert results.decode_poll_result(operation) == result


_texts = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=20).map(str.strip)


@given(
    st.lists(st.builds(Alarm, *[st.integers(0, 65535)] * 4, _texts, st.integers(0, 2**32 - 1)), max_size=4).map(tuple)
)
def test_alarms_come_back_with_their_texts(alarms):
    assert values.decode_alarms(values.encode_alarms(alarms)) == alarms


def test_an_alarm_that_only_numbers_its_text_has_none():
    general = fields.u16(0x4182, 0x28, 0x0200, 8) + fields.u16(6, 0, 1) + fields.u16(513)
    general += fields.sized(fields.u16(1) + fields.u32(0x12345678) + fields.u32(0))
    unknown = fields.u16(0x4182, 0x28, 0x0200, 8) + fields.u16(6, 0, 1) + fields.u16(999) + fields.sized(b"??")
    first, second = values.decode_alarms(fields.counted([general, unknown]))
    assert (first.text, first.text_id) == ("", 0x12345678)
    assert (second.text, second.text_id) == ("", 0)


@given(st.lists(st.integers(0, 65535), max_size=50))
def test_samples_come_back_and_are_plain_big_endian_words(samples):
    raw = values.pack_samples(np.array(samples, np.uint16))
    assert raw == b"".join(sample.to_bytes(2, "big") for sample in samples)
    spec = SampleSpec(len(samples), 16, 14)
    assert values.unpack_samples(raw, spec).tolist() == samples
    block = SampleBlock(codes.PLETH, 0x0400, raw)
    assert values.decode_blocks({codes.SAMPLES: values.encode_block(block)}) == (block,)
    both = fields.counted([values.encode_block(block)] * 2)
    assert values.decode_blocks({codes.COMPOUND_SAMPLES: both}) == (block, block)


def test_the_context_of_a_wave_comes_back():
    spec = SampleSpec(128, 16, 14, 0x3000)
    assert values.decode_spec(values.encode_spec(spec)) == spec
    scale = Scale(-40.96, 40.955, 0, 16383)
    assert values.decode_scale(values.encode_scale(scale, 3)) == scale
    relative = Scale(Special.NAN, Special.NAN, 0, 4095)
    assert values.decode_scale(values.encode_scale(relative)) == relative
    assert values.decode_fixed(values.encode_fixed({1: 0x8000, 5: 0x4000})) == {1: 0x8000, 5: 0x4000}
    assert values.unpack_samples(b"\x01\xff", SampleSpec(2, 8, 8)).tolist() == [1, 255]
    for spec, raw in ((SampleSpec(1, 12, 12), b"\0\0"), (SampleSpec(1, 16, 12), b"\0")):
        with pytest.raises(Malformed):
            values.unpack_samples(raw, spec)


def test_a_serial_number_is_found_among_other_specifications():
    other = fields.u16(2, 1) + fields.sized(b"M8007A\0\0")
    serial = fields.u16(1, 1) + fields.sized(b"DE00000042")
    assert results.decode_serial(fields.counted([other, serial])) == "DE00000042"
    assert results.decode_serial(fields.counted([other])) == ""
    assert results.decode_serial(results.encode_serial("DE1")) == "DE1"


def test_a_clock_that_does_not_say_is_none():
    assert fields.decode_clock(b"\xff" * 8) is None
    assert fields.decode_clock(bytes.fromhex("2026133299999900")) is None
    assert fields.decode_clock(b"\x20\x26") is None
    assert fields.encode_clock(None) == b"\xff" * 8


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused_but_nothing_else_happens(data):
    for read in (
        lambda: ops.decode_operation(b"\xe1\x00\x00\x02" + data),
        lambda: values.decode_alarms(data),
        lambda: values.decode_numbers({codes.VALUE: data, codes.COMPOUND_VALUE: data}),
        lambda: values.decode_blocks({codes.SAMPLES: data, codes.COMPOUND_SAMPLES: data}),
        lambda: results.decode_poll_result(ops.Result(1, ops.CONFIRMED_ACTION, data)),
        lambda: results.decode_create(ops.Invoke(1, ops.CONFIRMED_EVENT, data)),
        lambda: results.decode_model(data),
        lambda: fields.decode_attributes(Reader(data)),
    ):
        with contextlib.suppress(Malformed):
            read()
    session.session_kind(data)
    session.read_request(b"\x0d" + data)
    session.read_accept(data)
    requests.decode_request(data)


@given(st.data())
def test_one_changed_byte_of_an_answer_is_read_or_refused_but_nothing_else_happens(data):
    payload = frames.unframe(BY_NAME["numerics_reply"])
    assert payload is not None
    at = data.draw(st.integers(0, len(payload) - 1))
    changed = payload[:at] + bytes([data.draw(st.integers(0, 255))]) + payload[at + 1 :]
    with contextlib.suppress(Malformed):
        operation = ops.decode_operation(changed)
        result = results.decode_poll_result(operation) if isinstance(operation, ops.Result) else None
        for one in result.objects if result is not None else ():
            values.decode_numbers(one.attributes)
