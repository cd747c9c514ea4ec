"""What every codec and driver must keep whatever bytes arrive; the fuzzers and the tests ask the same."""

from __future__ import annotations

import math
from collections.abc import Sequence

from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.pump import PumpReading
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import PLAUSIBLE, VitalReading
from exomonitor.signals.waves import WaveChunk
from tests.conformance.codecs import Cut
from tests.conformance.dialogue import SPECS, START

LATE_S = 3600.0
ASK_S = 0.25
QUESTIONS = 40
MOST_ML_H, MOST_ML = 20_000.0, 100_000.0


def payloads(key: str, pieces: Sequence[bytes]) -> list[bytes]:
    """What the codec takes for frames, the silence at the end included."""
    cut = Cut(key)
    found = [payload for piece in pieces for payload in cut.feed(piece)]
    return found + cut.feed(b"", START.plus(LATE_S))


def sliced(data: bytes, sizes: Sequence[int]) -> list[bytes]:
    """The data in pieces of these sizes, over and over."""
    pieces, here, number = [], 0, 0
    while here < len(data):
        size = sizes[number % len(sizes)]
        pieces.append(data[here : here + size])
        here, number = here + size, number + 1
    return pieces


def facts_of(key: str, data: bytes, size: int) -> list[DeviceFact]:
    """What a driver, in the middle of its dialogue, makes of bytes that nobody asked for."""
    driver = SPECS[key].make_driver(key)
    driver.opened(START)
    facts: list[DeviceFact] = []
    for number, begin in enumerate(range(0, max(1, len(data)), size)):
        at = START.plus(number * ASK_S)
        for _ in range(QUESTIONS):
            frame = driver.due(at)
            if frame is None:
                break
            assert SPECS[key].may_send(frame), f"{key} wanted to send {frame!r}"
        facts += driver.received(data[begin : begin + size], at)
    counters = driver.counters()
    assert counters.frames_ok >= 0
    assert counters.bytes_skipped >= 0
    return facts + driver.received(b"", START.plus(LATE_S))


def impossible(facts: Sequence[DeviceFact]) -> list[str]:
    """Readings that no device can mean: not finite, below zero, or beyond what the sign or the pump can be."""
    return [told for fact in facts if (told := _impossible(fact))]


def _impossible(fact: DeviceFact) -> str:
    match fact:
        case VitalReading() if fact.value is not None:
            low, high = PLAUSIBLE[fact.sign]
            doubted = fact.validity is Validity.QUESTIONABLE
            if not math.isfinite(fact.value) or not (doubted or low <= fact.value <= high):
                return f"{fact.sign} = {fact.value} ({fact.validity})"
        case PumpReading():
            most = {"mL/h": MOST_ML_H, "mL": MOST_ML}
            for name, (value, unit) in fact.numbers().items():
                if value is not None and not 0 <= value <= most.get(unit, math.inf):
                    return f"{name} = {value} {unit}"
        case WaveChunk() if not (math.isfinite(fact.gain) and fact.rate_hz > 0):
            return f"{fact.wave}: gain {fact.gain}, {fact.rate_hz} Hz"
    return ""


def check(key: str, data: bytes) -> None:
    """Everything at once, for one input; the first bytes choose how it is cut. Raises AssertionError."""
    if not data:
        return
    size = data[0] % 64 + 1
    assert payloads(key, [data]) == payloads(key, sliced(data, [size, data[-1] % 9 + 1])), "slices differ"
    wrong = impossible(facts_of(key, data, size))
    assert not wrong, f"{key}: {wrong[0]}"
