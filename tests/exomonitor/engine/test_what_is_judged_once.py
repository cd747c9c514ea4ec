"""What the judging keeps from second to second is what it would find anew: compared at every question of a storm."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from exomonitor.clinical import observations
from exomonitor.engine import judging
from exomonitor.session import commands as cmd
from exomonitor.session.recent import Recent
from exomonitor.signals.pump import PumpStatus
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench

RANGES = {
    Sign.SPO2: (78, 99), Sign.HR: (36, 160), Sign.RR: (5, 34), Sign.NIBP_SYS: (72, 150), Sign.NIBP_DIA: (40, 95),
}  # fmt: skip


@pytest.fixture
def asked(monkeypatch):
    """Counts the questions by whether the answer was kept, and compares each answer with the one worked out anew."""
    counts = {"kept": 0, "anew": 0}
    answer, laid_out = Recent.answer, observations._laid_out

    def compared(self, first, second, work_out):
        worked: list[object] = []

        def work():
            worked.append(work_out())
            return worked[0]

        found = answer(self, first, second, work)
        counts["anew" if worked else "kept"] += 1
        assert found == work_out()
        return found

    def compared_sets(*asked):
        found = laid_out(*asked)
        assert found == laid_out.__wrapped__(*asked)
        return found

    monkeypatch.setattr(Recent, "answer", compared)
    monkeypatch.setattr(observations, "_laid_out", compared_sets)
    return counts


def in_the_long_way(chair, station, fault, now, found):
    """The conditions as they are judged when nothing has been asked before."""
    judging._OF_STATE._kept.clear()
    judging._OF_REGISTRY._kept.clear()
    assert tuple(judging._found(chair, station, fault, now)) == found


@pytest.mark.parametrize("seed", [1, 2])
def test_in_a_storm_every_answer_is_as_if_it_were_worked_out_anew(monkeypatch, asked, seed):
    dice, bench = random.Random(seed), Bench()
    found = judging._found
    judged: list[int] = []

    def twice(chair, station, fault, now):
        first = tuple(found(chair, station, fault, now))
        monkeypatch.setattr(judging, "_found", found)
        in_the_long_way(chair, station, fault, now, first)
        monkeypatch.setattr(judging, "_found", twice)
        judged.append(sum(one.active for one in first))
        return first

    monkeypatch.setattr(judging, "_found", twice)
    bench.infusing(30)
    for step in range(45):
        for sign, (low, high) in RANGES.items():
            if dice.random() < 0.5:
                bench.vital(sign, None if dice.random() < 0.1 else float(dice.randint(low, high)))
        what = dice.random()
        if what < 0.5:
            bench.infuse(dice.choice((1, 5, 20)), dice.choice((100.0, 100.0, 140.0)), step_s=1.0)
        elif what < 0.75:
            bench.wait(dice.choice((1, 12, 40)))
        else:
            bench.stand(dice.choice((1, 8)), dice.choice((PumpStatus.STOPPED, PumpStatus.PAUSED)))
        if step in {20, 35}:
            values = {"hr": "118", "spo2": "88", "rr": "26", "nibp_sys": "84", "nibp_dia": "50", "temp": "38.4"}
            typed = {name: cmd.ValueEntry(Decimal(text), "typed") for name, text in values.items()}
            bench.do(bench.set_of(f"extra{step}", values=typed, site_score=dice.choice((0, 3))))
        if step == 40:
            bench.do(cmd.OpenReaction(CHAIR, bench.by))
    assert sum(judged) > 100
    assert asked["kept"] > asked["anew"] > 0


def test_the_sets_of_an_open_reaction_go_on_although_nothing_else_changes(asked):
    bench = Bench()
    bench.infusing(60)
    bench.do(cmd.OpenReaction(CHAIR, bench.by))
    before = [one.slot.key for one in bench.snapshot.slots]
    bench.wait(11 * 60, step_s=30.0)
    after = [one.slot.key for one in bench.snapshot.slots]
    assert {"R1+5", "R1+10", "R1+15"} - set(before)
    assert {"R1+5", "R1+10", "R1+15"} <= set(after)
