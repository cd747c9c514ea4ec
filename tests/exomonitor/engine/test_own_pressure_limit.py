"""A baseline below 90 mmHg: "low" is written down for this patient before the start, and judged by it until the end."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exomonitor.engine.parts.leaving_facts import leaving_facts
from exomonitor.session import commands as cmd
from exomonitor.session.parts.emergency_events import OwnSbpLimitSet, SetOwnSbpLimit
from tests.exomonitor.engine.bedside_bench import CHAIR, PROTOCOL, Bench

WHY = "always low, Dr Example knows it"


def baseline_of(bench: Bench, systolic: int, reason: str = "") -> None:
    typed = {
        "nibp_sys": cmd.ValueEntry(Decimal(systolic), "typed"),
        "nibp_dia": cmd.ValueEntry(Decimal(52), "typed"),
    }
    bench.do(bench.set_of("baseline", values=typed, reason=reason))


def gate_why(bench: Bench) -> str | None:
    """Why the gate is open, "" = it is done, None = nobody asks."""
    return next((gate.why for gate in bench.snapshot.gates if gate.key == "own_limit"), None)


@pytest.fixture
def prepared(bench: Bench) -> Bench:
    bench.prepare(pump="", monitor="")
    return bench


@pytest.mark.parametrize(("systolic", "asked"), [(91, False), (90, False), (89, True)])
def test_the_gate_is_there_only_below_the_ordinary_limit(prepared: Bench, systolic: int, asked: bool):
    baseline_of(prepared, systolic, "read again")
    assert (gate_why(prepared) is not None) is asked


def test_nobody_starts_without_the_limit_and_it_cannot_be_left_out(prepared: Bench):
    baseline_of(prepared, 86, "read again")
    assert gate_why(prepared) == "baseline 86 mmHg: from which pressure is it low?"
    assert "Own pressure limit" in prepared.refused(cmd.StartSession(CHAIR, prepared.by, Decimal(100)))
    refused = prepared.refused(cmd.OverrideGate(CHAIR, prepared.by, "own_limit", "no time for that"))
    assert "write down this patient's limit" in refused
    prepared.do(SetOwnSbpLimit(CHAIR, prepared.by, 75, WHY))
    assert gate_why(prepared) == ""
    prepared.do(cmd.StartSession(CHAIR, prepared.by, Decimal(100)))
    assert prepared.events(OwnSbpLimitSet) == [OwnSbpLimitSet(75, 86, WHY)]
    assert prepared.replayed().emergency.own_sbp_limit == 75


def test_a_lower_baseline_read_again_opens_the_gate_when_the_limit_no_longer_fits(prepared: Bench):
    baseline_of(prepared, 86, "read again")
    prepared.do(SetOwnSbpLimit(CHAIR, prepared.by, 80, WHY))
    baseline_of(prepared, 80, "read once more")
    assert gate_why(prepared) == "The patient's own limit must be from 60 to below the baseline of 80 mmHg"
    baseline_of(prepared, 118, "the cuff was on the wrong arm")
    assert gate_why(prepared) is None


def test_the_discharge_judges_by_the_same_limit(prepared: Bench):
    baseline_of(prepared, 86, "read again")
    prepared.do(SetOwnSbpLimit(CHAIR, prepared.by, 75, WHY))
    facts = leaving_facts(prepared.state, prepared.snapshot.now, PROTOCOL, prepared.snapshot.registry, ())
    assert (facts.baseline.sbp, facts.baseline.own_sbp_limit) == (86, 75)
