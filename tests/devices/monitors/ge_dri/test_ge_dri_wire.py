"""GE DRI on the wire: golden frames both ways, stuffing and records against a slow second implementation."""

from __future__ import annotations

import hashlib
import struct
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.monitors.ge_dri import may_send
from devices.monitors.ge_dri.wire import frames, numerics, waves
from devices.monitors.ge_dri.wire.records import PHDB, WAVE, Record, decode_record, encode_record
from devices.monitors.ge_dri.wire.requests import (
    AlarmRequest,
    PhdbRequest,
    Request,
    WaveRequest,
    encode_request,
    read_request,
)

HERE = Path(__file__).parent
GOLDEN: dict[str, list[dict[str, Any]]] = tomllib.loads((HERE / "golden.toml").read_text(encoding="utf-8"))


def _request(entry: dict[str, Any]) -> Request:
    fields = entry["fields"]
    if entry["kind"] == "phdb":
        return PhdbRequest(**fields)
    if entry["kind"] == "wave":
        return WaveRequest(fields["start"], tuple(fields["types"]))
    return AlarmRequest(**fields)


@pytest.mark.parametrize("entry", GOLDEN["request"], ids=lambda entry: entry["name"])
def test_published_requests_are_made_and_read_byte_for_byte(entry):
    golden = bytes.fromhex(entry["frame"])
    assert encode_request(_request(entry)) == golden
    assert read_request(golden) == _request(entry)


@pytest.mark.parametrize("entry", GOLDEN["request"], ids=lambda entry: entry["name"])
def test_only_our_own_kind_of_request_may_be_sent(entry):
    assert may_send(bytes.fromhex(entry["frame"])) is entry["allowed"]


@pytest.mark.parametrize("entry", GOLDEN["capture"], ids=lambda entry: entry["name"])
def test_a_real_frame_is_decoded_and_encoded_to_the_same_bytes(entry):
    raw = (HERE / entry["file"]).read_bytes()
    assert (len(raw), hashlib.sha256(raw).hexdigest()) == (entry["bytes"], entry["sha256"])
    unframed = frames.unframe(raw)
    assert unframed is not None
    record = decode_record(unframed)
    assert record is not None
    assert (record.maintype, record.level, len(record.subrecords)) == (PHDB, entry["level"], entry["subrecords"])
    assert frames.frame(encode_record(record)) == raw
    basic = numerics.decode_basic(record.subrecords[0][1])
    assert numerics.encode_basic(basic) == record.subrecords[0][1]
    assert [numerics.is_displayed_basic(body, 1) for _, body in record.subrecords] == [True, False, False, False]
    assert basic.groups["co2"].values["amb"] == entry["not_special"]["co2_amb"]
    assert basic.groups["nmt"].values["ptc"] == entry["not_special"]["nmt_ptc"]


def test_other_bytes_than_exactly_one_allowed_frame_may_not_be_sent():
    ask = encode_request(PhdbRequest())
    assert may_send(ask)
    assert may_send(encode_request(WaveRequest(True, (1, 8, 15))))
    forbidden = [
        b"",
        ask[:-1],
        ask + ask,
        b"\x00" + ask,
        ask + b"\x00",
        encode_request(PhdbRequest(interval_s=4)),
        encode_request(PhdbRequest(interval_s=-2)),
        encode_request(PhdbRequest(classes=2)),
        encode_request(WaveRequest(True)),
        encode_request(WaveRequest(False, (1,))),
        encode_request(WaveRequest(True, (1, 1))),
        encode_request(WaveRequest(True, (1, 22))),
        frames.frame(encode_record(Record(5, ((0, b"\0" * 9),)))),
    ]
    assert not any(may_send(frame) for frame in forbidden)


def test_a_request_with_anything_in_its_reserved_fields_may_not_be_sent():
    record = frames.unframe(encode_request(PhdbRequest()))
    assert record is not None
    for at in [*range(2, 14), *range(22, 40), 47, 48]:
        changed = bytearray(record)
        changed[at] ^= 0x21
        assert not may_send(frames.frame(bytes(changed))), at


# --- a second, slow implementation as the judge ---------------------------------------------------------------------


def _slow_stuff(data: bytes) -> bytes:
    out = bytearray()
    for byte in data:
        if byte in (0x7D, 0x7E):
            out += bytes([0x7D, byte & ~0x20])
        else:
            out.append(byte)
    return bytes(out)


def _slow_unstuff(data: bytes) -> bytes | None:
    out = bytearray()
    at = 0
    while at < len(data):
        if data[at] != 0x7D:
            out.append(data[at])
            at += 1
        elif data[at + 1 : at + 2] in (b"\x5d", b"\x5e"):
            out.append(data[at + 1] | 0x20)
            at += 2
        else:
            return None
    return bytes(out)


_awkward = st.lists(st.sampled_from([0x7D, 0x7E, 0x5D, 0x5E, 0x00, 0xFF]) | st.integers(0, 255), max_size=80).map(bytes)


@given(_awkward)
def test_stuffing_is_what_the_slow_way_gives_and_comes_back(data):
    stuffed = frames.stuff(data)
    assert stuffed == _slow_stuff(data)
    assert 0x7E not in stuffed
    assert frames.unstuff(stuffed) == data


@given(_awkward)
def test_unstuffing_any_bytes_is_what_the_slow_way_gives(data):
    assert frames.unstuff(data) == _slow_unstuff(data)


_bodies = st.lists(st.tuples(st.integers(0, 254), st.binary(max_size=60)), max_size=8).map(tuple)


@given(_bodies, st.integers(-100, 100), st.integers(0, 255), st.integers(0, 255), st.integers(0, 2**32 - 1))
def test_records_come_back_and_their_header_is_where_the_specification_says(subrecords, maintype, number, level, time):
    record = Record(maintype, subrecords, number, level, 7, time)
    data = encode_record(record)
    assert decode_record(data) == record
    assert data[0] + 256 * data[1] == len(data)
    assert (data[2], data[3], data[4]) == (number, level, 7)
    assert sum(byte << 8 * i for i, byte in enumerate(data[6:10])) == time
    assert data[14] + 256 * data[15] == maintype % 65536
    offset = 0
    for i, (kind, body) in enumerate(subrecords):
        assert data[16 + 3 * i] + 256 * data[17 + 3 * i] == offset
        assert data[18 + 3 * i] == kind
        assert data[40 + offset : 40 + offset + len(body)] == body
        offset += len(body)
    if len(subrecords) < 8:
        assert data[18 + 3 * len(subrecords)] == 0xFF


@given(st.binary(max_size=120))
def test_a_record_of_any_bytes_is_decoded_or_refused(data):
    record = decode_record(data)
    assert record is None or sum(len(body) for _, body in record.subrecords) <= max(len(data) - 40, 0)


@given(st.binary(min_size=278, max_size=278))
def test_any_basic_subrecord_comes_back_byte_for_byte_with_its_fields_where_the_specification_says(data):
    basic = numerics.decode_basic(data)
    assert numerics.encode_basic(basic) == data
    # Offsets counted by hand from the table of group sizes.
    for name, field, offset in [
        ("ecg", "hr", 4 + 6), ("ecg", "imp_rr", 4 + 14), ("nibp", "sys", 76 + 6), ("nibp", "mean", 76 + 10),
        ("t1", "temp", 90 + 6), ("t4", "temp", 114 + 6), ("spo2", "spo2", 122 + 6), ("spo2", "ir_amp", 122 + 10),
        ("co2", "rr", 136 + 10), ("ecg_extra", "hr_ecg", 4 + 226), ("p6", "hr", 4 + 266),
    ]:  # fmt: skip
        assert basic.groups[name].values[field] == struct.unpack_from("<h", data, offset)[0], (name, field)
    assert basic.groups["nibp"].status == struct.unpack_from("<I", data, 76)[0]
    assert basic.groups["nibp"].label == struct.unpack_from("<H", data, 80)[0]
    assert basic.class_word == data[276] + 256 * data[277]


@given(st.lists(st.integers(-32768, 32767), max_size=200), st.integers(0, 65535), st.integers(0, 65535))
def test_wave_subrecords_come_back_and_are_plain_little_endian_words(values, status, label):
    data = waves.encode_wave(waves.WavePart(status, label, np.array(values, np.int16)))
    assert data == b"".join(word.to_bytes(2, "little") for word in (len(values), status, label)) + b"".join(
        value.to_bytes(2, "little", signed=True) for value in values
    )
    part = waves.decode_wave(data)
    assert part is not None
    assert (part.status, part.label, part.samples.tolist()) == (status, label, values)


def test_a_wave_that_says_more_samples_than_it_has_is_refused():
    data = waves.encode_wave(waves.WavePart(0, 0, np.zeros(10, np.int16)))
    assert waves.decode_wave(data[:-1]) is None
    assert waves.decode_wave(b"\xff\xff" + data[2:]) is None
    assert waves.decode_wave(data[:5]) is None


def test_what_does_not_fit_a_record_is_not_encoded():
    with pytest.raises(ValueError, match="at most 8"):
        encode_record(Record(WAVE, ((1, b""),) * 9))
    with pytest.raises(ValueError, match="1450"):
        encode_record(Record(WAVE, ((1, b"\0" * 1451),)))
    with pytest.raises(ValueError, match="23 waves"):
        encode_request(WaveRequest(True, tuple(range(24))))


def test_the_time_of_the_last_cuff_measurement_is_read_from_the_auxiliary_subrecord():
    assert numerics.decode_nibp_time(numerics.encode_nibp_time(1_609_601_756)) == 1_609_601_756
    assert numerics.decode_nibp_time(numerics.encode_nibp_time(0)) is None
    assert numerics.decode_nibp_time(b"\1" * 113) is None
