"""Bytes that no device sends: any slicing, single bytes damaged, streams put together from pieces of real ones."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.catalogue import CATALOGUE
from devices.wire.framing import FrameCutter
from devices.wire.lines import LineCutter
from tests.conformance import hostile, matrix
from tests.conformance.codecs import MAKERS, SHORTEST, Cut
from tests.conformance.dialogue import SPECS, START, talk_of
from tests.conformance.test_every_device import COMMANDS
from tests.conformance.test_fault_matrix import SAMPLE

each_device = pytest.mark.parametrize("key", sorted(SPECS))
some = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
DEVICES = Path(__file__).parents[1] / "devices"
LONGEST = 1500
FLIPS = (0x01, 0x02, 0x10, 0x20, 0x40, 0x80, 0xFF)


def stream_of(key: str) -> bytes:
    """Some of what the device says on a good line."""
    return talk_of(key).heard[:LONGEST]


def frames_of(key: str) -> list[bytes]:
    cut = Cut(key)
    cut.feed(talk_of(key).heard)
    return [raw for raw in cut.raws if len(raw) >= SHORTEST]


def spoilt(key: str) -> st.SearchStrategy[bytes]:
    """Real frames with pieces missing, junk in between, and frames within frames."""
    frame = st.sampled_from(sorted(set(frames_of(key))))
    cut = st.tuples(frame, st.integers(0, 40), st.integers(0, 40)).map(lambda t: t[0][t[1] : len(t[0]) - t[2]])
    begin = st.tuples(frame, st.binary(max_size=4)).map(lambda t: t[0][:3] + t[1])
    return st.lists(st.one_of(frame, cut, begin, st.binary(max_size=20)), max_size=8).map(b"".join)


@each_device
@some
@given(data=st.data())
def test_any_slicing_of_any_stream_gives_the_same_frames(key: str, data: st.DataObject) -> None:
    stream = data.draw(spoilt(key))
    sizes = data.draw(st.lists(st.integers(1, 60), min_size=1, max_size=8))
    assert hostile.payloads(key, hostile.sliced(stream, sizes)) == hostile.payloads(key, [stream])


@each_device
@some
@given(data=st.data())
def test_no_bytes_make_a_driver_fail_or_tell_what_cannot_be(key: str, data: st.DataObject) -> None:
    stream = data.draw(spoilt(key))
    size = data.draw(st.integers(1, 64))
    assert hostile.impossible(hostile.facts_of(key, stream, size)) == []


@each_device
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_frames_seen_in_a_run_are_those_seen_one_by_one(key: str, data: st.DataObject) -> None:
    at_once, slow = MAKERS[key](), MAKERS[key]()
    if isinstance(slow, LineCutter) and isinstance(at_once, LineCutter):
        slow._run = None
    elif isinstance(slow, FrameCutter) and isinstance(at_once, FrameCutter) and at_once._run_at is not None:
        slow._run_at = None
    else:
        return
    runs = st.lists(st.sampled_from(frames_of(key)), max_size=40).map(b"".join)
    stream = b"".join(data.draw(st.lists(st.one_of(spoilt(key), runs), max_size=4)))
    for number, piece in enumerate(hostile.sliced(stream, data.draw(st.lists(st.integers(1, 400), min_size=1)))):
        at = START.plus(0.1 * number)
        assert at_once.feed(piece, at) == slow.feed(piece, at)
    assert at_once.feed(b"", START.plus(hostile.LATE_S)) == slow.feed(b"", START.plus(hostile.LATE_S))
    counted = [(one.frames_ok, one.frames_bad, one.bytes_skipped) for one in (at_once, slow)]
    assert counted[0] == counted[1]


@each_device
def test_one_damaged_byte_of_a_frame_with_a_checksum_gives_no_other_frame(key: str) -> None:
    if not SPECS[key].has_checksum:
        return
    frames = frames_of(key)
    frame, following = sorted(frames, key=len)[len(frames) // 2], frames[-1]
    sent = {*Cut(key).feed(frame + following + following), *Cut(key).feed(following + following)}
    for place in range(min(len(frame), 120)):
        for flip in FLIPS:
            damaged = frame[:place] + bytes([frame[place] ^ flip]) + frame[place + 1 :]
            found = hostile.payloads(key, [damaged + following + following])
            assert {payload for payload in found if len(payload) >= SHORTEST} <= sent, (place, flip)


@each_device
@some
@given(data=st.data())
def test_without_a_checksum_a_damaged_byte_gives_only_what_can_be(key: str, data: st.DataObject) -> None:
    if SPECS[key].has_checksum:
        return
    stream = bytearray(stream_of(key))
    for place in data.draw(st.lists(st.integers(0, len(stream) - 1), min_size=1, max_size=6)):
        stream[place] = data.draw(st.integers(0, 255))
    assert hostile.impossible(hostile.facts_of(key, bytes(stream), 50)) == []


@each_device
def test_every_frame_that_was_sent_is_cut_out_again_byte_for_byte(key: str) -> None:
    cut = Cut(key)
    heard = talk_of(key).heard.removeprefix(b"\x06")  # Nonin's answer to the choice of a format
    cut.feed(heard)
    cut.feed(b"", START.plus(hostile.LATE_S))
    assert cut.faults == []
    assert sum(map(len, cut.raws)) >= 0.9 * len(heard)  # the rest: second bytes of line ends, padding


@pytest.mark.parametrize("key", sorted(CATALOGUE))
def test_a_device_that_nobody_tested_is_not_in_the_catalogue(key: str) -> None:
    spec = CATALOGUE[key]
    folder = DEVICES / f"{spec.role}s" / key.replace("-", "_")
    assert (folder / "golden.toml").is_file(), "published or captured frames, with where they are from"
    assert len(list(folder.glob("test_*.py"))) >= 1
    assert key in COMMANDS
    golden = tomllib.loads((folder / "golden.toml").read_text(encoding="utf-8"))
    rows = [row for table in golden.values() if isinstance(table, list) for row in table]
    assert {row.get("format") for row in rows} >= set(spec.formats), "golden frames for each format, not each family"
    assert rows or golden
    choices = {one.choice for one in spec.formats.values()} or {key}
    assert choices <= set(MAKERS)
    assert choices <= {chosen for chosen, _ in SAMPLE}
    assert choices <= set(SPECS)
    assert matrix.TROUBLES
