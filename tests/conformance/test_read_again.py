"""What a recording of a bad line says when it is read again is what the link told of it, reading for reading."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from devices.commands.decode import facts_in
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.pump import PumpReading
from exomonitor.signals.vitals import VitalReading
from exomonitor.signals.waves import WaveChunk
from tests.conformance import bed, judge, matrix
from tests.conformance.dialogue import SPECS, meaning

ROW = {trouble.name: trouble for trouble in matrix.TROUBLES}
CELLS = [
    ("fresenius-base", "cable out 10 s"),
    ("fresenius-base", "half messages"),
    ("new-era", "cable out 60 s"),
    ("new-era", "bytes dropped"),
    ("new-era", "three pumps on the line, bits flipped"),
    ("harvard-ultra", "cable out 1 s"),
    ("harvard-ultra", "bytes dropped"),
    ("alaris-asena", "false lengths"),
    ("bbraun-space", "messages cut"),
    ("ge-dri", "device starts anew"),
    ("philips-intellivue", "port gone 10 s"),
    ("hl7-pcd01", "bytes changed"),
    ("masimo", "wrong baud rate"),
    ("nellcor", "stall 10 s"),
    ("nonin/df2", "bursts of noise"),
    ("nonin/df7", "half messages"),
    ("nonin/df8", "bytes inserted"),
    ("nonin/df13", "false lengths"),
    ("nonin/ascii", "two programs"),
]


def test_every_family_and_format_is_read_again() -> None:
    assert {key for key, _ in CELLS} == set(SPECS)


@pytest.mark.parametrize(("key", "name"), CELLS)
def test_a_recording_of_a_bad_line_says_again_what_the_link_told(key: str, name: str, tmp_path: Path) -> None:
    spec, trouble = SPECS[key], ROW[name]
    begin = max(matrix.BEGIN_S, 2 * spec.interval_s)
    length = matrix._length(spec, trouble)
    setting = replace(trouble.setting(spec, begin, length), seed=1)
    seconds = begin + length + judge.BACK_OFF_S + 3 * spec.interval_s + 15.0
    result = bed.run(spec, seconds, setting, capture=tmp_path / "raw")
    told = _meant(fact for _, fact in result.facts if getattr(fact, "source", "") == spec.choice)
    assert len(told) > 3
    assert _meant(facts_in(spec.make_driver(spec.choice), tmp_path / "raw")) == told


def _meant(facts: Iterable[DeviceFact]) -> list[tuple[int, object]]:
    return [
        (fact.at.mono_ns, fact.samples.tobytes() if isinstance(fact, WaveChunk) else meaning(fact))
        for fact in facts
        if isinstance(fact, PumpReading | VitalReading | WaveChunk)
    ]
