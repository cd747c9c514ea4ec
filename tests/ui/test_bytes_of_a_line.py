"""The bytes of a line beside their meaning: a message that is longer than the page keeps its time and what it says."""

from __future__ import annotations

from exomonitor.engine.ports import WireRow
from tests.ui import scenes
from ui.presenters.devices import WORDS_IN_LINE, wire_lines

LONG = bytes(n % 256 for n in range(660))
PUMP = "pump 1/3: infusing, rate 41.4 mL/h, volume infused 12.3 mL, volume to be infused 100 mL, pressure pct 20 %"


def row(data: bytes, *said: str, sent: bool = False, after: float = 0.0) -> WireRow:
    return WireRow(scenes.NOW.plus(after), sent, data, said)


def test_of_a_message_longer_than_the_page_both_ends_its_time_and_its_meaning_are_in_sight() -> None:
    lines = wire_lines([row(LONG, "rate 41.4 mL/h"), row(b"\x06", sent=True, after=0.1)], 20)
    assert [(line.data, line.left_out) for line in lines] == [
        (LONG[:16], 0), (LONG[16:32], 0), (LONG[32:48], 0), (LONG[48:64], 0), (b"", 592), (LONG[-4:], 0), (b"\x06", 0),
    ]  # fmt: skip
    assert (lines[0].way, lines[0].said) == ("<", "rate 41.4 mL/h")
    assert lines[0].time
    assert [line.way for line in lines[1:]] == ["", "", "", "", "", ">"]


def test_a_message_of_a_few_lines_is_shown_whole() -> None:
    assert b"".join(line.data for line in wire_lines([row(LONG[:96])], 20)) == LONG[:96]


def test_no_message_is_in_sight_without_its_beginning() -> None:
    rows = [row(LONG[:64], "an older one"), row(LONG[:64], "the newest", after=1.0)]
    assert [line.said for line in wire_lines(rows, 6)] == ["the newest", "", "", ""]
    assert [line.said for line in wire_lines(rows[1:], 2)] == ["the newest", ""]


def test_what_a_message_says_stands_whole_beside_it() -> None:
    lines = wire_lines([row(LONG, PUMP, "alarm of the device: Air in line")], 20)
    assert all(len(line.said) <= WORDS_IN_LINE for line in lines)
    assert " ".join(line.said.strip() for line in lines if line.said) == f"{PUMP} alarm of the device: Air in line"
    assert lines[1].said.startswith("   ")
