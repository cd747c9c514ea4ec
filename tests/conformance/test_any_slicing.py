"""However a stream is cut into pieces, the same frames are found, at the same moments, and as many bad ones counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.spec import WireFault
from devices.wire.framing import FrameCutter
from devices.wire.lines import LineCutter
from exomonitor.clock import Instant
from exomonitor.signals.links import LinkFault
from tests.conformance import hostile
from tests.conformance.codecs import MAKERS, plain
from tests.conformance.dialogue import SPECS, START, meaning, talk_of
from tests.conformance.test_hostile_bytes import spoilt

GAPS_S = (0.0, 0.001, 0.02, 0.049, 0.05, 0.051, 0.3, 0.499, 0.5, 1.0, 1.2, 3.0)
"""Silences around all those that end half a frame."""

Piece = tuple[bytes, Instant]


@dataclass(frozen=True, slots=True)
class Found:
    """What one codec made of a stream."""

    frames: list[tuple[object, Instant]]
    faults: list[tuple[str, Instant]]
    counted: tuple[int, dict[str, int], int]


def found_in(key: str, pieces: Iterable[Piece]) -> Found:
    """With the codec as the driver has it, its look at whole runs included."""
    if key == "hl7-pcd01":
        return found_by_driver(key, pieces)
    cutter = MAKERS[key]()
    assert isinstance(cutter, FrameCutter | LineCutter)
    items = [item for data, at in pieces for item in cutter.dated(plain(key, data), at)]
    items += cutter.dated(b"", START.plus(hostile.LATE_S))
    return Found(
        [(item, when) for item, when in items if isinstance(item, bytes)],
        [(item.reason, when) for item, when in items if isinstance(item, WireFault)],
        (cutter.frames_ok, dict(cutter.frames_bad), cutter.bytes_skipped),
    )


def found_by_driver(key: str, pieces: Iterable[Piece]) -> Found:
    """HL7's driver counts by itself. Of a message that has lost its marks each line is told when it has ended, and no
    later than the bytes behind it: the values are the same, their moments may be those of the next bytes."""
    driver = SPECS[key].make_driver(key)
    driver.opened(START)
    facts = [fact for data, at in pieces for fact in driver.received(data, at)]
    facts += driver.received(b"", START.plus(hostile.LATE_S))
    counted = driver.counters()
    return Found(
        [(told, START) for fact in facts if (told := meaning(fact)) is not None],
        [(fact.reason, fact.at) for fact in facts if isinstance(fact, LinkFault)],
        (counted.frames_ok, dict(counted.frames_bad), counted.bytes_skipped),
    )


@st.composite
def streams(draw: st.DrawFn, key: str) -> list[Piece]:
    """Whole stretches of a line, good ones and damaged ones, each with the moment at which all of it came."""
    whole = talk_of(key).heard
    begin = st.integers(0, max(0, len(whole) - 1))
    real = st.tuples(begin, st.integers(1, 700)).map(lambda t: whole[t[0] : t[0] + t[1]])
    bursts = draw(st.lists(st.tuples(st.one_of(real, spoilt(key)), st.sampled_from(GAPS_S)), min_size=1, max_size=6))
    at, out = START, []
    for data, gap_s in bursts:
        at = at.plus(gap_s)
        out.append((data, at))
    return out


@st.composite
def cut_further(draw: st.DrawFn, stream: list[Piece]) -> list[Piece]:
    """The same bytes at the same moments in other pieces, one by one perhaps, with looks in between."""
    sizes = draw(st.one_of(st.just([1]), st.lists(st.integers(1, 60), min_size=1, max_size=8)))
    looks = draw(st.lists(st.sampled_from((None, 0.0, 0.01, 0.05, 0.5)), min_size=1, max_size=5))
    out, turn = [], 0
    for number, (data, at) in enumerate(stream):
        following = stream[number + 1][1] if number + 1 < len(stream) else at.plus(5)
        for piece in hostile.sliced(data, sizes):
            out.append((piece, at))
            if looks[turn % len(looks)] == 0.0:
                out.append((b"", at))
            turn += 1
        look_s = looks[turn % len(looks)]
        if look_s is not None and following.since(at) >= look_s:
            out.append((b"", at.plus(look_s)))
    return out


@pytest.mark.parametrize("key", sorted(MAKERS))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_slicing_gives_the_same_frames_moments_and_counts(key: str, data: st.DataObject) -> None:
    stream = data.draw(streams(key))
    assert found_in(key, data.draw(cut_further(stream))) == found_in(key, stream)
