"""Every driver ends its waits in silence by the times of its bytes alone, whoever looks, how often and how late."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.pumps.harvard_ultra import wire as harvard
from devices.silence import half_holder, look_as_of
from devices.spec import Driver
from devices.wire.framing import FrameCutter
from devices.wire.lines import LineCutter
from exomonitor.clock import Instant
from exomonitor.signals.facts import DeviceFact
from tests.conformance import hostile
from tests.conformance.codecs import MAKERS, Cut
from tests.conformance.dialogue import SPECS, START, meaning
from tests.conformance.test_hostile_bytes import frames_of, spoilt

each_device = pytest.mark.parametrize("key", sorted(SPECS))
some = settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
Pieces = Sequence[tuple[float, bytes]]
"""Bytes, and how many seconds after those before they come."""


def pieces_of(key: str) -> st.SearchStrategy[list[tuple[float, bytes]]]:
    pauses = st.sampled_from([0.0, 0.01, 0.3, 0.5, 0.7, 1.0, 3.0, 5.0, 12.0])
    return st.lists(st.tuples(pauses, spoilt(key)), min_size=1, max_size=6)


def look(driver: Driver, at: Instant) -> list[DeviceFact]:
    moment = look_as_of(half_holder(driver), at)
    return [] if moment is None else driver.received(b"", moment)


def told(key: str, pieces: Pieces, looks: int) -> list[tuple[int, object]]:
    """What is told of these pieces, each with its time; between two of them it is looked so often."""
    driver = SPECS[key].make_driver(key)
    driver.opened(START)
    facts: list[DeviceFact] = []
    t = 0.0
    for pause, data in [*pieces, (hostile.LATE_S, b"")]:
        while driver.due(START.plus(t)) is not None:
            pass
        for number in range(looks):
            facts += look(driver, START.plus(t + pause * (number + 1) / (looks + 1)))
        t += pause
        facts += look(driver, START.plus(t))
        facts += driver.received(data, START.plus(t)) if data else []
    return [(fact.at.mono_ns, meant) for fact in facts if (meant := meaning(fact)) is not None]


@each_device
@some
@given(data=st.data())
def test_what_is_told_and_when_does_not_depend_on_who_looks(key: str, data: st.DataObject) -> None:
    pieces = data.draw(pieces_of(key))
    assert told(key, pieces, 0) == told(key, pieces, data.draw(st.integers(1, 5)))


@each_device
@some
@given(data=st.data())
def test_after_a_look_nothing_waits_that_should_have_ended(key: str, data: st.DataObject) -> None:
    driver = SPECS[key].make_driver(key)
    driver.opened(START)
    driver.received(data.draw(spoilt(key)), START)
    holder = half_holder(driver)
    assert holder is not None
    for _ in range(10):
        until = holder.waits_until
        if until is None:
            return
        assert until.since(START) > 0
        driver.received(b"", until)
        left = holder.waits_until
        assert left is None or left.since(until) > 0
    raise AssertionError("it waits for ever")


@each_device
@some
@given(data=st.data())
def test_a_frame_is_as_old_as_its_last_byte(key: str, data: st.DataObject) -> None:
    if not isinstance(MAKERS[key](), FrameCutter):  # a line has ended when its end is there
        return
    stream = b"".join(data.draw(st.lists(st.one_of(spoilt(key), st.sampled_from(frames_of(key))), max_size=4)))
    cut, moments = Cut(key), list[Instant]()
    clear = harvard.without_flow_control(stream) if key == "harvard-ultra" else stream
    for number, piece in enumerate(hostile.sliced(clear, data.draw(st.lists(st.integers(1, 60), min_size=1)))):
        moments += [START.plus(0.001 * number)] * len(piece)
        cut.feed(piece, moments[-1])
    cut.feed(b"", START.plus(hostile.LATE_S))
    ends = {(moments[at + len(raw) - 1], raw) for raw in set(cut.raws) for at in places(clear, raw)}
    assert set(zip(cut.moments, cut.raws, strict=True)) <= ends
    assert cut.moments == sorted(cut.moments, key=lambda at: at.mono_ns)


def places(stream: bytes, raw: bytes) -> list[int]:
    """Where it stands, also where one overlaps another."""
    return [at for at in range(len(stream)) if stream.startswith(raw, at)]


@each_device
def test_a_half_is_waited_for_longer_than_the_longest_frame_takes_at_the_slowest_speed(key: str) -> None:
    cutter, line = MAKERS[key](), SPECS[key].settings
    if not isinstance(cutter, FrameCutter | LineCutter):  # HL7 comes over a network, and may stall there
        return
    bits = 1 + line.data_bits + (line.parity != "N") + line.stop_bits
    longest_s = max(map(len, frames_of(key))) * bits / min(SPECS[key].usual_bauds)
    assert longest_s < cutter._partial_timeout_s
