"""A frame that may go on: silence ends it, whoever looks and however often; what begins nothing is one noise."""

from __future__ import annotations

from devices.pumps.harvard_ultra import wire
from devices.pumps.harvard_ultra.driver import HarvardUltraDriver
from devices.spec import WireFault
from devices.wire.framing import PARTIAL, Broken, Buffer, Found, FrameCutter, Partial
from exomonitor.clock import ManualClock

AT = ManualClock().now()
IDLE = b"\n00:12 ml/hr\r\n00:"


def test_a_colon_is_a_prompt_when_silence_says_so_with_the_time_of_its_last_byte():
    cutter = wire.make_cutter()
    assert cutter.feed(IDLE, AT) == []
    assert cutter.waits_until == AT.plus(wire.QUIET_S)
    assert cutter.feed(b"", AT.plus(wire.QUIET_S - 0.001)) == []
    assert list(cutter.dated(b"", AT.plus(7))) == [(IDLE, AT)]
    assert cutter.waits_until is None


def test_a_star_behind_the_colon_makes_it_another_prompt_also_in_the_next_piece():
    cutter = wire.make_cutter()
    assert cutter.feed(IDLE, AT) == []
    assert cutter.feed(b"*", AT.plus(0.04)) == [IDLE + b"*"]
    assert cutter.frames_bad == {}


def test_a_running_pumps_prompt_is_certain_at_once():
    assert wire.make_cutter().feed(b"\n00:12 ml/hr\r\n00>", AT) == [b"\n00:12 ml/hr\r\n00>"]


def test_an_answer_that_dribbles_in_until_its_patience_is_over_is_whole_all_the_same():
    cutter, found = wire.make_cutter(), []
    for number in range(len(IDLE)):
        found += cutter.feed(IDLE[number : number + 1], AT.plus(0.5 * number / len(IDLE)))
    assert found + cutter.feed(b"", AT.plus(0.5)) == [IDLE]


def test_an_answer_that_came_in_time_is_not_asked_for_again_while_silence_is_waited_for():
    driver = HarvardUltraDriver("pump")
    driver.opened(AT)
    assert driver.due(AT) == b"00status\r\n"
    assert driver.received(b"\n00:0 0 0 i.....\r\n00:", AT.plus(0.48)) == []
    assert driver.next_due(AT) == AT.plus(0.48 + wire.QUIET_S)
    assert driver.due(AT.plus(0.51)) is None
    driver.received(b"", AT.plus(0.53))
    assert driver.due(AT.plus(0.53)) == b"00irate\r\n"


def test_a_byte_that_might_have_begun_a_frame_does_not_cut_the_noise_in_two():
    def begins(buffer: Buffer, pos: int) -> int:
        whole = buffer.find(b"AB", pos)
        return len(buffer) - 1 if whole < 0 and len(buffer) > pos and buffer.endswith(b"A") else whole

    def parse(buffer: Buffer, start: int) -> Found | Broken | Partial:
        return PARTIAL if len(buffer) < start + 3 else Found(bytes(buffer[start : start + 3]), start + 3)

    whole, fine = (FrameCutter(begins, parse, 3, 1.0) for _ in range(2))
    expected = [WireFault("noise", b"xAyAz"), b"ABC"]
    assert whole.feed(b"xAyAzABC", AT) == expected
    assert [item for byte in b"xAyAzABC" for item in fine.feed(bytes([byte]), AT)] == expected


def test_noise_and_the_half_behind_it_are_told_as_of_their_own_times_whoever_looks_late():
    def half(buffer: Buffer, start: int) -> Found | Broken | Partial:
        return PARTIAL

    often, late = (FrameCutter(lambda buffer, pos: buffer.find(b"A", pos), half, 9, 1.0) for _ in range(2))
    for cutter in (often, late):
        assert cutter.feed(b"xx", AT) == []
        assert cutter.feed(b"A1", AT.plus(0.4)) == []
    told = [item for look in (1.0, 1.2, 1.4, 2.4, 9.0) for item in often.dated(b"", AT.plus(look))]
    assert told == list(late.dated(b"", AT.plus(9.0)))
    assert [(item.reason, when.since(AT)) for item, when in told if isinstance(item, WireFault)] == [
        ("noise", 1.0), ("incomplete", 1.4)
    ]  # fmt: skip
