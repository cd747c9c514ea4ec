"""The same session in real time over pseudo-terminals: the same record, row for row."""

from __future__ import annotations

import re
import sys

import numpy as np
import numpy.typing as npt
import pytest

from exomonitor.clock import Instant
from exomonitor.records.queries import open_archive
from tests.commands.program import Said, of, running
from tests.scenario.conftest import LONG
from tests.scenario.played import finished

pytestmark = [
    pytest.mark.timeout(500),
    pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals"),
]

_KEY = re.compile(r"key [0-9a-f]{8}\b")


@pytest.fixture(scope="module")
def both(played, tmp_path_factory):
    """The run over memory and the run over ptys, which takes 75 s of real time and hardly any of the processor's."""
    out = tmp_path_factory.mktemp("over-ptys")
    with running("demo", "--headless", "--wire", "pty", "--speed", "1", "--scenario", "short", "--out", out) as process:
        over_memory = played("short")
        for name in LONG:  # others need them anyway, and they can be played while this one waits
            played(name)
        said, complaint = process.communicate(timeout=150)
    of(process.stdout).close()
    return over_memory, finished(Said(process.returncode, said, complaint), out)


def samples(played):
    """Every wave, joined, with the minute of its first sample."""
    [(session,)] = played.ask("SELECT DISTINCT session FROM wave_chunks")
    joined: dict[str, list[npt.NDArray[np.int16]]] = {}
    began: dict[str, Instant] = {}
    for _, second in open_archive(played.database).waves(session):
        joined.setdefault(second.wave, []).append(second.samples)
        began.setdefault(second.wave, second.began)
    return {wave: (began[wave].mono_ns, np.concatenate(parts)) for wave, parts in joined.items()}


def test_the_real_wire_gives_the_same_record_as_memory(both):
    """Not nearly the same: time is simulated in both and waits for every byte, so there is nothing to tolerate."""
    memory, ptys = both
    same = [name for name in memory.line if name != "export"]
    assert {name: ptys.line[name] for name in same} == {name: memory.line[name] for name in same}
    columns = ("minute", "type", "sentence")
    # Two stations have two keys, and two exports two names.
    told = [
        [tuple(_KEY.sub("key", row[c].replace(one.export.name, "EXO")) for c in columns) for row in one.events]
        for one in (memory, ptys)
    ]
    assert told[0] == told[1]
    measured = ("minute", "mono_ns", "source", "channel", "name", "value", "unit", "validity", "origin")
    rows = [[tuple(row[c] for c in measured) for row in one.readings] for one in (memory, ptys)]
    assert rows[0] == rows[1]


def test_the_waves_are_the_same_sample_for_sample(both):
    memory, ptys = map(samples, both)
    assert memory.keys() == ptys.keys() == {"ecg_ii", "pleth", "resp"}
    for wave, (began, joined) in memory.items():
        assert began == ptys[wave][0]
        assert np.array_equal(joined, ptys[wave][1])
