"""The frame cutter with a toy protocol: STX, length, payload, CRC-16."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from devices.spec import WireFault
from devices.wire.checksums import crc16_ccitt_false
from devices.wire.framing import PARTIAL, Broken, Found, FrameCutter, Partial
from exomonitor.clock import Instant, ManualClock

STX = 0x02
MAX_LEN = 64
TIMEOUT_S = 2.0
START = ManualClock().now()


def frame(payload: bytes) -> bytes:
    body = bytes([len(payload)]) + payload
    return bytes([STX]) + body + crc16_ccitt_false(body).to_bytes(2, "big")


def find_start(buffer: bytes | bytearray, pos: int) -> int:
    return buffer.find(STX, pos)


def parse_at(buffer: bytes | bytearray, index: int) -> Found | Broken | Partial:
    if len(buffer) < index + 2:
        return PARTIAL
    end = index + 4 + buffer[index + 1]
    if len(buffer) < end:
        return PARTIAL
    if crc16_ccitt_false(buffer[index + 1 : end - 2]) != int.from_bytes(buffer[end - 2 : end], "big"):
        return Broken("checksum")
    return Found(bytes(buffer[index + 2 : end - 2]), end)


def cutter() -> FrameCutter:
    return FrameCutter(find_start, parse_at, max_len=MAX_LEN, partial_timeout_s=TIMEOUT_S)


def payloads(items: list[bytes | WireFault]) -> list[bytes]:
    return [item for item in items if isinstance(item, bytes)]


def faults(items: list[bytes | WireFault]) -> list[str]:
    return [item.reason for item in items if isinstance(item, WireFault)]


def is_subsequence(wanted: list[bytes], seen: list[bytes]) -> bool:
    rest = iter(seen)
    return all(any(item == other for other in rest) for item in wanted)


damage = st.one_of(
    st.binary(max_size=12),
    st.binary(min_size=1, max_size=20).map(lambda payload: frame(payload)[:-1]),  # cut short
    st.binary(min_size=1, max_size=20).map(lambda payload: frame(payload)[1:]),  # head lost
    st.just(bytes([STX, 0xFF])),  # a false length that would blind the link
)
good = st.binary(max_size=MAX_LEN - 4)


@given(st.lists(st.tuples(damage, good), max_size=8), damage)
def test_nothing_intact_is_lost_after_damage(pairs: list[tuple[bytes, bytes]], tail: bytes) -> None:
    cut = cutter()
    stream = b"".join(noise + frame(payload) for noise, payload in pairs) + tail
    seen = cut.feed(stream, START) + cut.feed(b"", START.plus(TIMEOUT_S + 1))
    assert is_subsequence([payload for _, payload in pairs], payloads(seen))


@given(st.lists(st.tuples(damage, good), max_size=6), st.data())
def test_any_slicing_gives_the_same_frames_and_counters(pairs: list[tuple[bytes, bytes]], data: st.DataObject) -> None:
    stream = b"".join(noise + frame(payload) for noise, payload in pairs)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    edges = [0, *cuts, len(stream)]
    whole, sliced = cutter(), cutter()
    at_once = whole.feed(stream, START)
    in_pieces = [item for a, b in itertools.pairwise(edges) for item in sliced.feed(stream[a:b], START)]
    late = START.plus(TIMEOUT_S + 1)
    at_once += whole.feed(b"", late)
    in_pieces += sliced.feed(b"", late)
    assert payloads(in_pieces) == payloads(at_once)
    assert faults(in_pieces) == faults(at_once)
    assert (sliced.frames_ok, sliced.frames_bad, sliced.bytes_skipped) == (
        whole.frames_ok,
        whole.frames_bad,
        whole.bytes_skipped,
    )


@given(good, st.data())
def test_one_damaged_byte_never_gives_a_frame_that_was_not_sent(payload: bytes, data: st.DataObject) -> None:
    stream = bytearray(frame(payload))
    stream[data.draw(st.integers(0, len(stream) - 1))] ^= data.draw(st.integers(1, 255))
    cut = cutter()
    seen = cut.feed(bytes(stream), START) + cut.feed(b"", START.plus(TIMEOUT_S + 1))
    # A frame that lies inside the payload may be laid bare; the damaged one itself may not.
    assert payload not in payloads(seen) or len(payload) == 0


@given(st.binary(max_size=600))
def test_every_byte_is_either_in_a_frame_or_counted_as_skipped(stream: bytes) -> None:
    cut = cutter()
    seen = cut.feed(stream, START) + cut.feed(b"", START.plus(TIMEOUT_S + 1))
    in_frames = sum(len(frame(payload)) for payload in payloads(seen))
    assert in_frames + cut.bytes_skipped == len(stream)


def test_a_broken_frame_is_one_fault_that_keeps_its_bytes() -> None:
    damaged = bytearray(frame(b"hello"))
    damaged[4] ^= 0x40
    cut = cutter()
    items = cut.feed(bytes(damaged) + frame(b"next"), START)
    assert items == [WireFault("checksum", bytes(damaged)), b"next"]
    assert cut.frames_bad == {"checksum": 1}
    assert cut.bytes_skipped == len(damaged)


def test_noise_between_frames_is_one_fault() -> None:
    items = cutter().feed(frame(b"a") + b"no" + b"ise" + frame(b"b"), START)
    assert items == [b"a", WireFault("noise", b"noise"), b"b"]


def test_endless_noise_is_reported_in_pieces_of_256_bytes() -> None:
    items = cutter().feed(b"x" * 600, START)
    assert [len(item.raw) for item in items if isinstance(item, WireFault)] == [256, 256]


def test_noise_at_the_end_is_reported_when_nothing_follows() -> None:
    cut = cutter()
    assert cut.feed(b"zzz", START) == []
    assert cut.feed(b"", START.plus(TIMEOUT_S + 0.1)) == [WireFault("noise", b"zzz")]


def test_a_false_length_blinds_for_no_longer_than_the_time_out() -> None:
    cut = cutter()
    assert cut.feed(bytes([STX, 60]) + frame(b"hidden"), START) == []
    items = cut.feed(frame(b"later"), START.plus(TIMEOUT_S + 0.1))
    assert payloads(items) == [b"hidden", b"later"]
    assert faults(items) == ["incomplete"]


def test_a_length_beyond_the_bound_is_broken() -> None:
    cut = cutter()
    items = cut.feed(bytes([STX, 0xFF]) + b"." * (MAX_LEN - 1) + frame(b"ok"), START)
    assert faults(items) == ["too long"]
    assert payloads(items) == [b"ok"]


def test_a_frame_longer_than_the_bound_is_refused_even_when_its_checksum_is_right() -> None:
    items = cutter().feed(frame(b"." * MAX_LEN), START)
    assert faults(items) == ["too long"]


def test_a_late_tail_does_not_complete_an_expired_head() -> None:
    cut = cutter()
    whole = frame(b"split")
    assert cut.feed(whole[:4], START) == []
    assert payloads(cut.feed(whole[4:], START.plus(TIMEOUT_S + 0.1))) == []
    assert "incomplete" in cut.frames_bad


def test_a_tail_within_the_time_out_completes_the_frame() -> None:
    cut = cutter()
    whole = frame(b"split")
    cut.feed(whole[:4], START)
    assert cut.feed(whole[4:], START.plus(TIMEOUT_S - 0.1)) == [b"split"]


def test_reset_forgets_a_half_frame_and_keeps_the_counters() -> None:
    cut = cutter()
    cut.feed(frame(b"one") + frame(b"two")[:3], START)
    cut.reset()
    assert cut.feed(frame(b"two")[3:] + frame(b"three"), START) == [
        WireFault("noise", frame(b"two")[3:]),
        b"three",
    ]
    assert cut.frames_ok == 2


def test_only_the_age_of_the_half_frame_itself_counts() -> None:
    cut = cutter()
    cut.feed(b"old noise without a start", START)
    at: Instant = START.plus(TIMEOUT_S)
    cut.feed(frame(b"new")[:3], at)
    assert payloads(cut.feed(frame(b"new")[3:], at.plus(1.0))) == [b"new"]
