"""From the wire to the journal: the engine's own entry of a gap, with its cause, for a sample of faults."""

from __future__ import annotations

from itertools import pairwise

import pytest

from devices.simulation.faults import Fault, FaultKind
from devices.spec import Role
from exomonitor.engine.live import SourceInfo
from exomonitor.session import commands as cmd
from exomonitor.session import machine_events as mv
from exomonitor.session.narrative import sentence
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange
from tests.conformance.bed import Setting, run
from tests.conformance.dialogue import SPECS
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench

BEGIN_S, LENGTH_S, AFTER_S = 20.0, 40.0, 20.0
FAMILIES = ("new-era", "masimo")
"""One that is asked, one that speaks by itself."""
CAUSES = {
    "cable out": (FaultKind.OUT, None, "nothing heard"),
    "port gone": (FaultKind.GONE, None, "memory"),
    "garbage": (FaultKind.GARBLE, 0.9, "no valid frame"),
    "stall": (FaultKind.FREEZE, None, "nothing heard"),
    "wrong baud rate": (FaultKind.WRONG_BAUD, None, "no valid frame"),
    "device starts anew": (FaultKind.REBOOT, None, "nothing heard"),
}
UNHEARD = {("new-era", "wrong baud rate"): "nothing heard"}
"""A pump that does not understand a question gives no answer, so there is nothing to be misread."""


def after(key: str, *faults: Fault) -> Bench:
    """A session at which this device was heard through these faults."""
    spec, bench = SPECS[key], Bench()
    role = "pump" if spec.role is Role.PUMP else "monitor"
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    bench.engine.bind(CHAIR, SourceInfo(role, role, key, spec.name, stale_s=spec.stale_s), bench.now)

    def hear(fact: DeviceFact) -> None:
        bench.hear(fact)
        if isinstance(fact, LinkChange):
            bench.tick()

    result = run(spec, BEGIN_S + LENGTH_S + AFTER_S, Setting(faults), source=role, clock=bench.clock, hear=hear)
    assert result.escaped == []
    bench.tick()
    return bench


@pytest.mark.parametrize("key", FAMILIES)
@pytest.mark.parametrize("name", CAUSES)
def test_the_gap_stands_in_the_journal_once_with_its_cause_before_it(key: str, name: str) -> None:
    kind, amount, cause = CAUSES[name]
    bench = after(key, Fault(kind, BEGIN_S, LENGTH_S, amount))
    [gap] = bench.events(mv.GapClosed)
    assert LENGTH_S - SPECS[key].interval_s <= gap.seconds <= LENGTH_S + 5.0 + 3 * SPECS[key].interval_s
    journal = bench.journal()
    closed = next(entry for entry in journal if isinstance(entry.event, mv.GapClosed))
    told = [
        entry.event.why
        for entry in journal
        if isinstance(entry.event, mv.LinkChanged)
        and entry.event.state in ("stale", "lost")
        and gap.began.mono_ns <= entry.at.mono_ns
        and entry.seq < closed.seq
    ]
    assert told
    assert any(UNHEARD.get((key, name), cause) in why for why in told), told
    assert UNHEARD.get((key, name), cause) in gap.cause
    assert " s" not in gap.cause.replace(" s ", "")
    assert sentence(gap).endswith(f": {gap.cause}")
    assert [one.source for one in bench.state.gaps] == [gap.source]


@pytest.mark.parametrize("key", FAMILIES)
def test_on_a_good_line_there_is_no_gap_and_nothing_is_told_twice(key: str) -> None:
    bench = after(key)
    assert bench.events(mv.GapClosed) == []
    states = [event.state for event in bench.events(mv.LinkChanged)]
    assert all(one != two for one, two in pairwise(states))
    assert "lost" not in states
