"""Nonin's frames both ways: published bytes, round trips, nine-bit rates, and what is no frame."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.monitors.nonin import SPEC
from devices.monitors.nonin.wire import frames, packets, requests, short, text
from devices.monitors.nonin.wire.frames import Frame, FrameReader
from devices.monitors.nonin.wire.packets import Packet
from devices.spec import WireFault
from exomonitor.clock import ManualClock

GOLDEN = tomllib.loads((Path(__file__).parent / "golden.toml").read_text())
AT = ManualClock().now()
rates = st.none() | st.integers(0, 510)
saturations = st.none() | st.integers(0, 126)
rates_shown = st.none() | st.integers(0, 321)
saturations_shown = st.none() | st.integers(0, 100)


@pytest.mark.parametrize("name", requests.NUMBER_OF)
def test_the_published_request_chooses_the_format_and_only_its_own_spec_may_send_it(name):
    frame = bytes.fromhex(GOLDEN["select"][name])
    assert requests.encode_select(requests.NUMBER_OF[name]) == frame
    assert requests.decode_request(frame) == requests.Select(requests.NUMBER_OF[name])
    assert [key for key, spec in SPEC.formats.items() if spec.may_send(frame)] == [name]


@pytest.mark.parametrize(
    "command",
    ["027206320c1f0e1e0f03", "02720003", "02700402020000 03", "027002020103", "0270020302 03", "02700202 02", ""],
)
def test_the_clock_and_every_other_request_is_refused(command):
    assert not any(spec.may_send(bytes.fromhex(command)) for spec in SPEC.formats.values())


@pytest.mark.parametrize("row", GOLDEN["first_frames"], ids=lambda row: row["format"])
def test_published_first_frames_read_and_written(row):
    wide = row["format"] == "df7"
    for i, told in enumerate(row["frames"]):
        frame = Frame(row["statuses"][i], row["pleth"][i], row["numbers"][i])
        assert frames.decode_frame(bytes.fromhex(told), 0, wide=wide) == frame
        assert frames.encode_frame(frame, wide=wide) == bytes.fromhex(told)


@pytest.mark.parametrize("row", GOLDEN["printer"], ids=lambda row: row["line"])
def test_published_printer_lines_read_and_written(row):
    told = {name: value for name, value in row.items() if name not in ("source", "format", "line")}
    line = text.TextLine(**({"hr": None, "spo2": None} | told))
    assert text.decode_line(row["line"].encode()) == line
    assert text.encode_line(line) == row["line"].encode() + b"\r\n"


@pytest.mark.parametrize("row", GOLDEN["packet"], ids=lambda row: row["frame"])
def test_packets_by_the_published_rule_read_and_written(row):
    told = {name: value for name, value in row.items() if name not in ("source", "format", "frame")}
    frame = bytes.fromhex(row["frame"])
    if row["format"] == "df8":
        second = short.Second(**({"hr": None, "spo2": None} | told))
        assert short.SecondReader().cutter().feed(frame, AT) == [frame]
        assert short.decode_second(frame) == second
        assert short.encode_second(second) == frame
        return
    spot = short.Spot(**({"hr": None, "spo2": None} | told | {"taken": bytes.fromhex(told["taken"])}))
    [payload] = short.SpotReader().cutter().feed(frame, AT)
    assert isinstance(payload, bytes)
    assert short.decode_spot(payload) == spot
    assert short.encode_spot(spot) == frame


@given(st.integers(0, 511))
def test_a_rate_has_nine_bits_and_its_high_ones_are_shifted_by_seven(rate):
    assert packets.nine_bits(rate >> 7, rate & 0x7F) == rate


def test_a_pulse_of_140_is_not_268():
    """An independent client shifts the high bits by eight; the sample streams would then read 268."""
    high, low = 140 >> 7, 140 & 0x7F
    assert (packets.nine_bits(high, low), high << 8 | low) == (140, 268)


@given(rates, saturations, rates, saturations, st.integers(0, 127), st.integers(0, 127))
def test_what_goes_into_a_packet_comes_out_again(hr, spo2, shown_hr, shown_spo2, revision, status):
    packet = Packet(hr, spo2, shown_hr, shown_spo2, revision, status)
    numbers = packets.encode_packet(packet)
    assert packets.decode_packet(numbers) == packet
    assert max(numbers) <= 127


@given(st.integers(0x80, 0xFF), st.integers(0, 0xFFFF), st.integers(0, 127), st.booleans())
def test_a_frame_survives_and_one_damaged_byte_does_not(status, pleth, number, wide):
    frame = Frame(status, pleth if wide else pleth >> 8, number)
    sent = frames.encode_frame(frame, wide=wide)
    assert frames.decode_frame(sent, 0, wide=wide) == frame
    for place in range(frames.LENGTH):
        for flip in (0x01, 0x10, 0x80, 0xFF):
            bent = sent[:place] + bytes([sent[place] ^ flip]) + sent[place + 1 :]
            assert frames.decode_frame(bent, 0, wide=wide) is None


@given(rates_shown, saturations_shown, st.lists(st.booleans(), min_size=7, max_size=7))
def test_format_8_both_ways(hr, spo2, bits):
    second = short.Second(hr, spo2, *bits)
    assert short.decode_second(short.encode_second(second)) == second


@pytest.mark.parametrize("bent", ["c0480000", "8048e100", "80c86100", "80486180", "80486500", "83106100", "804861"])
def test_format_8_takes_only_what_is_valid_in_syntax_and_range(bent):
    """SpO2 101 and a pulse of 400 are out of range."""
    assert short.decode_second(bytes.fromhex(bent)) is None


@given(rates, saturations, st.binary(min_size=8, max_size=8), st.lists(st.booleans(), min_size=4, max_size=4))
def test_format_13_both_ways_in_22_bytes(hr, spo2, taken, bits):
    spot = short.Spot(hr, spo2, taken, *bits)
    sent = short.encode_spot(spot)
    assert len(sent) == 22
    assert sent[:6] == bytes.fromhex("0002000d000e")
    [found] = short.SpotReader().cutter().feed(sent, AT)
    assert isinstance(found, bytes)
    assert short.decode_spot(found) == spot


def test_format_13_may_grow_and_is_found_behind_noise_in_any_slices():
    body = bytes.fromhex("141a0302090000000200 004800 61") + b"later"
    frame = bytes.fromhex("0002000d") + len(body).to_bytes(2, "big") + body + bytes([sum(body) & 0xFF, 3])
    for size in (1, 2, 7, 100):
        cutter = short.SpotReader().cutter()
        found: list[bytes | WireFault] = []
        stream = b"\x00\x02\x00\x00\x02" + frame
        for begin in range(0, len(stream), size):
            found += cutter.feed(stream[begin : begin + size], AT)
        good = [short.decode_spot(one) for one in found if isinstance(one, bytes)]
        assert [(spot.hr, spot.spo2) for spot in good] == [(72, 97)]


BENT_LINES = (
    "SPO2=98 HR=072",
    "SPO2=0 8 HR=072",
    "SPO2=101 HR=072",
    "SPO2=098 HR=400",
    "SPO2=098 HR=07",
    "SPO2=098",
    "PO2=098 HR=072",
    "SPO2=-98 HR=072",
)


@pytest.mark.parametrize("line", BENT_LINES)
def test_a_printer_line_that_lost_or_changed_a_byte_is_refused(line):
    assert text.decode_line(line.encode()) is None


CLOCKS = st.just("") | st.times().map(lambda time: f"{time:%H:%M:%S}")


@given(rates_shown, saturations_shown, CLOCKS, st.booleans(), st.booleans())
def test_a_printer_line_written_and_read_is_the_same(hr, spo2, clock, fast, marked):
    line = text.TextLine(hr, spo2, clock, fast, marked)
    assert text.decode_line(text.encode_line(line).removesuffix(b"\r\n")) == line


def stream_of(count: int, *, wide: bool = False) -> list[bytes]:
    made = []
    for i in range(count):
        status = 0x80 | (1 if i % 25 == 0 else 0)
        made.append(frames.encode_frame(Frame(status, (i * 37) % 251, i % 128), wide=wide))
    return made


@given(st.integers(1, 12), st.binary(max_size=30), st.booleans())
def test_after_noise_all_frames_but_the_ones_it_touches_are_found_in_any_slices(size, noise, wide):
    sent = stream_of(60, wide=wide)
    cutter = FrameReader(wide=wide).cutter()
    found: list[bytes | WireFault] = []
    stream = b"".join(sent[:30]) + noise + b"".join(sent[30:])
    for begin in range(0, len(stream), size):
        found += cutter.feed(stream[begin : begin + size], AT)
    good = [one for one in found if isinstance(one, bytes)]
    assert good[:30] == sent[:30]
    assert good[-28:] == sent[-28:]


def test_a_lone_frame_between_two_damages_is_not_believed():
    sent = stream_of(12)
    cutter = FrameReader(wide=False).cutter()
    found = cutter.feed(b"".join([*sent[:5], b"\x01\xff\xff", sent[5], b"\xff\xff\xff", *sent[6:]]), AT)
    assert [one for one in found if isinstance(one, bytes)] == sent[:5] + sent[6:]
    assert any(isinstance(one, WireFault) for one in found)
