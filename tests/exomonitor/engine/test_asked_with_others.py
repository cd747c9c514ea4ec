"""A pressure that is asked for hides neither a wrong pump rate nor a step of the ramp, and has its own key (H17)."""

from __future__ import annotations

from decimal import Decimal

from exomonitor.clinical.rates import RampStep
from exomonitor.session import commands as cmd
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, Bench
from ui.presenters.next_step import next_step

ASKED = "HR 25 above baseline: measure BP now"


def fast(bench: Bench, by: float = 25.0) -> None:
    if Sign.HR not in bench.snapshot.vitals:
        bench.vital(Sign.HR, 80.0)
        bench.tick()
    baseline = bench.snapshot.vitals[Sign.HR].baseline
    assert baseline is not None
    bench.vital(Sign.HR, baseline + by)
    bench.tick()


def test_a_rate_that_is_not_as_planned_is_told_beside_it(between: Bench):
    between.infuse(60, 200.0, step_s=5)
    fast(between)
    assert between.snapshot.questions == ("rate",)
    view = next_step(between.snapshot)
    assert (view.line, view.action) == (f"{ASKED} · pump rate is not as planned (F9)", "pump")


def test_its_next_set_stands_below(between: Bench):
    fast(between)
    view = next_step(between.snapshot)
    assert (view.line, view.action) == (ASKED, "set")
    assert view.below.startswith("set +30 in ")


def test_the_line_asks_for_the_pressure_once(between: Bench):
    for _ in range(12):
        between.infuse(5, 100.0, step_s=5)
        fast(between, 55.0)
    assert next_step(between.snapshot).line == "Look at the patient · HR 55 above baseline: measure BP now"


def test_a_step_of_the_ramp_is_seen_beside_it():
    bench = Bench()
    ramp = (RampStep(Decimal("0.25"), Decimal(5)), RampStep(Decimal("0.5"), Decimal(10)))
    bench.infusing(60, 41.4, minutes=45, ramp=ramp)
    bench.infuse(160, 41.4, step_s=5)
    bench.do(bench.set_of("+5"))
    bench.infuse(190, 41.4, step_s=5)
    fast(bench)
    assert bench.snapshot.next_line == f"{ASKED} · Ramp 2 of 3: set 82.8 mL/h at the pump"


def test_the_rate_is_told_with_whatever_stands_in_the_line(between: Bench):
    between.do(cmd.OpenReaction(CHAIR, ""))
    between.do(cmd.DetailReaction(CHAIR, between.by, "R1", outcome="resolved", resolved=True))
    between.infuse(60, 200.0, step_s=5)
    assert "Say who made 1 entry" in between.snapshot.next_line
    assert between.snapshot.next_line.endswith(" · pump rate is not as planned (F9)")


def test_with_all_sets_closed_its_key_is_a_set_and_not_the_discharge(bench: Bench):
    bench.infusing(120, 100.0)
    bench.stand(2)
    bench.do(cmd.EndProduct(CHAIR, bench.by, "stopped", "order"))
    bench.do(cmd.RecordFlush(CHAIR, bench.by, True, Decimal(20)))
    for slot in ("end", "post30", "post60"):
        bench.stand(1 if slot == "end" else 1800, step_s=5)
        bench.do(bench.set_of(slot))
    bench.stand(300, step_s=5)
    assert next_step(bench.snapshot).action == "leave"
    fast(bench)
    view = next_step(bench.snapshot)
    assert (view.line, view.action, view.action_text) == (ASKED, "set", "Record a set")
    bench.do(cmd.SignOff(CHAIR, bench.by, bench.proof(NURSE)))
    assert bench.snapshot.pressure_asked == ""


def test_a_set_that_is_due_hides_no_wrong_rate(between: Bench):
    between.infuse(590, 100.0, step_s=5)
    between.infuse(20, 200.0, step_s=5)
    assert between.snapshot.next_line.startswith("Set +30 due")
    assert between.snapshot.next_line.endswith(" · pump rate is not as planned (F9)")
