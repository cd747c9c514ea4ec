"""Lines out of a stream: a damaged line costs no other, half lines time out, noise is bounded."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.spec import WireFault
from devices.wire.lines import LineCutter
from exomonitor.clock import ManualClock

AT = ManualClock().now()
_LINE = re.compile(rb"<\d+>")


def cutter() -> LineCutter:
    return LineCutter(lambda line: "" if _LINE.fullmatch(line) else "no line", re.compile(rb"<\d"), 20, 1.0)


def told(found: list[bytes | WireFault]) -> list[str]:
    return [one.reason if isinstance(one, WireFault) else one.decode() for one in found]


def test_any_line_end_will_do_and_empty_lines_are_nothing():
    assert told(cutter().feed(b"<1>\r\n<2>\n<3>\r\r\n\n <4> \n\x11<5>\n", AT)) == ["<1>", "<2>", "<3>", "<4>", "<5>"]


def test_the_rest_of_a_line_that_was_under_way_is_skipped_in_silence_once():
    lines = cutter()
    assert told(lines.feed(b"1>\n<2>\n3>\n", AT)) == ["<2>", "no line"]
    lines.reset()
    assert told(lines.feed(b"4>\n<5>\n", AT)) == ["<5>"]


def test_a_half_line_that_is_too_old_does_not_join_what_comes_later():
    lines = cutter()
    lines.feed(b"<0>\n<1", AT)
    assert told(lines.feed(b"2>\n<3>\n", AT.plus(1.5))) == ["incomplete", "no line", "<3>"]


def test_a_dribble_within_the_time_is_one_line():
    lines = cutter()
    found = [one for i, byte in enumerate(b"<123>\n") for one in lines.feed(bytes([byte]), AT.plus(i * 0.1))]
    assert told(found) == ["<123>"]


def test_noise_without_an_end_is_bounded_and_the_line_behind_it_is_found():
    lines = cutter()
    lines.feed(b"<0>\n", AT)
    found = [one for _ in range(100) for one in lines.feed(b"#" * 17, AT)]
    found += lines.feed(b"<7>\n", AT)
    assert told(found)[-1] == "<7>"
    assert len(found) < 100
    assert lines.bytes_skipped == 1700


def test_a_line_behind_one_without_an_end_is_found():
    lines = cutter()
    lines.feed(b"<0>\n", AT)
    assert told(lines.feed(b"<12<34>\n", AT)) == ["noise", "<34>"]
    assert (lines.frames_ok, lines.frames_bad) == (2, {"noise": 1})


@given(
    st.lists(st.sampled_from([b"<1>\n", b"<22>\r\n", b"<3", b"x", b"\xff\n", b"\r"]), max_size=12), st.integers(1, 9)
)
def test_any_slicing_gives_the_same_lines(pieces, size):
    stream = b"".join(pieces)
    sliced = cutter()
    found = [one for i in range(0, len(stream), size) for one in sliced.feed(stream[i : i + size], AT)]
    good = [one for one in cutter().feed(stream, AT) if isinstance(one, bytes)]
    assert [one for one in found if isinstance(one, bytes)] == good


@pytest.mark.parametrize("size", [1, 7, 64, 400])
def test_what_is_too_long_is_given_up_the_same_way_however_it_comes(size):
    stream = b"<0>\n" + b"#" * 30 + b"<5>" + b" " * 70 + b"\n" + b"#" * 90 + b"<6>\n"
    lines = cutter()
    found = [one for i in range(0, len(stream), size) for one in lines.feed(stream[i : i + size], AT)]
    assert [one for one in found if isinstance(one, bytes)] == [b"<0>", b"<6>"]
