"""A faster heart or a lower saturation than at baseline asks for a pressure before the next set does (H17)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exomonitor.session import commands as cmd
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench


def line(bench: Bench) -> str:
    return bench.snapshot.next_line


def baseline(bench: Bench, sign: Sign) -> float:
    live = bench.snapshot.vitals[sign].baseline
    assert live is not None
    return live


@pytest.mark.parametrize(
    ("sign", "by", "words"),
    [
        (Sign.HR, 19, ""),
        (Sign.HR, 20, "HR 20 above baseline: measure BP now"),
        (Sign.HR, 31, "HR 31 above baseline: measure BP now"),
        (Sign.SPO2, -3, ""),
        (Sign.SPO2, -4, "SpO₂ 4 % below baseline: measure BP now"),
    ],
)
def test_it_is_asked_for_between_two_sets(between: Bench, sign: Sign, by: float, words: str):
    between.vital(sign, 80.0)
    between.tick()
    between.vital(sign, baseline(between, sign) + by)
    between.tick()
    assert line(between) == words or (not words and line(between).startswith("Set +30 in "))


@pytest.mark.parametrize(("by", "words"), [(19, ""), (20, "HR 20 above baseline: measure BP now")])
def test_a_pulse_is_judged_as_heart_rate_where_there_is_no_other(between: Bench, by: float, words: str):
    between.vital(Sign.PULSE, 72.0 + by)
    between.tick()
    assert baseline(between, Sign.PULSE) == 72.0
    assert line(between) == words or (not words and line(between).startswith("Set +30 in "))
    between.vital(Sign.HR, 74.0)  # of two rates the heart's counts
    between.tick()
    assert line(between).startswith("Set +30 in ")
    between.vital(Sign.HR, None)
    between.tick()
    assert line(between) == words or (not words and line(between).startswith("Set +30 in "))


def test_a_pressure_in_a_set_is_as_old_as_the_cuff_said(bench: Bench):
    bench.infusing(290, 100.0)
    for slot in ("+5", "+10"):
        bench.do(bench.set_of(slot))
        bench.infuse(300, 100.0, step_s=5)
    whole = bench.set_of("+15")
    pressure = {name: replace(whole.values[name], source="monitor", age_s=100.0) for name in ("nibp_sys", "nibp_dia")}
    bench.do(replace(whole, values={**whole.values, **pressure}))
    for seconds, asked in ((75, False), (10, True)):
        bench.infuse(seconds, 100.0, step_s=5)
        bench.vital(Sign.HR, 97.0)
        bench.tick()
        assert (line(bench) == "HR 25 above baseline: measure BP now") is asked, seconds


def test_a_pressure_that_was_just_measured_is_enough_until_it_is_old(between: Bench):
    between.vital(Sign.HR, 80.0)
    between.tick()
    fast = baseline(between, Sign.HR) + 25
    between.vital(Sign.HR, fast)
    between.vital(Sign.NIBP_SYS, 118.0, measured_at=between.now)
    between.tick()
    assert line(between).startswith("Set +30 in ")
    between.infuse(185, 100.0, step_s=5)
    between.vital(Sign.HR, fast)
    between.tick()
    assert line(between) == "HR 25 above baseline: measure BP now"


def test_a_doubtful_value_asks_for_nothing(between: Bench):
    between.vital(Sign.HR, 80.0)
    between.tick()
    between.vital(Sign.HR, baseline(between, Sign.HR) + 40, validity=Validity.QUESTIONABLE)
    between.tick()
    assert line(between).startswith("Set +30 in ")


def test_an_open_reaction_and_a_set_that_is_due_come_first(between: Bench):
    between.vital(Sign.HR, 80.0)
    between.tick()
    fast = baseline(between, Sign.HR) + 25
    between.infuse(600, 100.0, step_s=5)
    between.vital(Sign.HR, fast)
    between.tick()
    assert line(between).startswith("Set +30 due")
    between.do(cmd.OpenReaction(CHAIR, between.by))
    assert line(between) == "Reaction open: look at the patient, then BP"
