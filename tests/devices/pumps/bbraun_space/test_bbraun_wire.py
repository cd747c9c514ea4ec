"""Laws of the BCC frame: round trip, any slicing, one damaged byte, noise, and what may be sent at all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from devices.pumps.bbraun_space import SPEC, wire
from devices.spec import WireFault
from devices.wire.framing import Broken, FrameCutter
from exomonitor.clock import ManualClock

BED_IDS = st.text("".join(map(chr, [*range(47, 58), *range(65, 123)])), min_size=1, max_size=15)
INFORMATION = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=60).map(
    lambda text: text.replace("x", "\x1e")
)
FRAME = wire.encode("ComSystem", "215,50113,INRT,12.50\x1e215,50113,INSOL,Dextrose\x1e215,50113,INA3,1")


def cut(pieces: list[bytes]) -> list[bytes | WireFault]:
    cutter = FrameCutter(wire.find_start, wire.parse_at, wire.MAX_RAW, wire.PARTIAL_TIMEOUT_S)
    at = ManualClock().now()
    return [item for piece in pieces for item in cutter.feed(piece, at)]


@given(st.binary(max_size=80))
def test_unstuffing_undoes_stuffing(data: bytes) -> None:
    assert wire.unstuff(wire.stuff(data)) == data


def test_an_escaped_escape_is_read_from_left_to_right() -> None:
    assert wire.stuff(b"ED ed") == b"EEEX eeex"
    assert wire.unstuff(b"EEX") == b"EX"
    assert wire.unstuff(b"EA") is None
    assert wire.unstuff(b"D") is None
    assert wire.unstuff(b"e") is None


@given(BED_IDS, INFORMATION, st.booleans(), st.booleans())
def test_what_is_encoded_decodes(bed_id: str, information: str, last: bool, stuffed: bool) -> None:
    block = wire.decode(wire.encode(bed_id, information, last=last, stuffed=stuffed))
    assert not isinstance(block, Broken)
    assert (block.bed_id, block.information, block.last) == (bed_id, information, last)
    assert block.stuffed in (None, stuffed)


@given(st.lists(st.sampled_from([FRAME, wire.encode("B", "1,50111,INRT,1.0", stuffed=False)]), max_size=5), st.data())
def test_any_slicing_gives_the_same_frames(frames: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(frames)
    places = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *places], [*places, len(stream)], strict=True)]
    assert cut(pieces) == frames


@given(st.integers(0, len(FRAME) - 1), st.integers(1, 255), st.booleans())
def test_one_damaged_byte_never_becomes_a_frame(position: int, flip: int, stuffed: bool) -> None:
    whole = FRAME if stuffed else wire.unstuff(FRAME) or b""
    position %= len(whole)
    damaged = bytearray(whole)
    damaged[position] ^= flip
    assert not [item for item in cut([bytes(damaged)]) if isinstance(item, bytes)]


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_an_intact_frame_survives_noise_on_both_sides(before: bytes, after: bytes) -> None:
    assert [item for item in cut([before + FRAME + after]) if isinstance(item, bytes)] == [FRAME]


def test_a_frame_that_lost_its_tail_does_not_cost_the_next_one() -> None:
    good = [item for item in cut([FRAME[:-9] + FRAME]) if isinstance(item, bytes)]
    assert good == [FRAME]


def test_a_false_length_does_not_blind_the_stream() -> None:
    false = FRAME[:1] + b"04000" + FRAME[6:]
    good = [item for item in cut([false + FRAME]) if isinstance(item, bytes)]
    assert good == [FRAME]
    assert cut([FRAME[:1] + b"99999"]) == []
    assert [item.reason for item in cut([FRAME[:1] + b"99999\x02"]) if isinstance(item, WireFault)] == ["length"]


def test_a_value_keeps_its_commas_and_a_missing_one_is_none() -> None:
    rows = wire.entries("7,50113,INSOL,a,b,c\x1e7,50113,INRT,_NV\x1e7,50113,INVI,_NA\x1egarbage\x1e-1,50113,INRT,5")
    assert [(row.name, row.value) for row in rows] == [("INSOL", "a,b,c"), ("INRT", None), ("INVI", None)]


@given(BED_IDS, st.sampled_from(sorted(wire.READ_ONLY_REQUESTS)), st.booleans())
def test_the_three_reading_requests_may_be_sent(bed_id: str, request: str, stuffed: bool) -> None:
    assert SPEC.may_send(wire.encode(bed_id, request, stuffed=stuffed))


def test_ack_and_nak_may_be_sent_alone_only() -> None:
    assert SPEC.may_send(b"\x06")
    assert SPEC.may_send(b"\x15")
    assert not SPEC.may_send(b"\x06\x06")
    assert not SPEC.may_send(b"")


def test_anything_else_may_not_be_sent() -> None:
    good = wire.encode("ComSystem", wire.MEM_GET)
    for information in ("MEM:SET", "MEM:GET ", "mem:get", "MEM:GETSLOT#13", "ADMIN:RESET", "", "MEM:GET,MEM:SET"):
        assert not SPEC.may_send(wire.encode("ComSystem", information))
    assert not SPEC.may_send(good + b"\x06")
    assert not SPEC.may_send(good + good)
    assert not SPEC.may_send(good[:-1])
    assert not SPEC.may_send(wire.encode("ComSystem", wire.MEM_GET, last=False))
    assert not SPEC.may_send(wire.encode("Bad Bed", wire.MEM_GET))


@given(st.binary(max_size=40))
def test_random_bytes_may_not_be_sent(data: bytes) -> None:
    assert SPEC.may_send(data) == (data in (b"\x06", b"\x15"))
