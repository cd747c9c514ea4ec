"""What counts for a set, and for how long, is the clinic's: it stands in the protocol."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from exomonitor.session.commands import ValueEntry
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import PROTOCOL, Bench

STRICT = replace(PROTOCOL, schedule=replace(PROTOCOL.schedule, nibp_counts_s=60, set_counts_s=120, score_rise=4))


@pytest.fixture
def bench() -> Bench:
    made = Bench(protocol=STRICT)
    made.infusing(300)
    return made


def test_a_pressure_older_than_the_clinic_allows_is_no_part_of_a_set(bench: Bench) -> None:
    old = {"nibp_sys": ValueEntry(Decimal(118), "monitor", 61.0), "nibp_dia": ValueEntry(Decimal(74), "monitor", 61.0)}
    assert "01:01 old: press Start" in bench.refused(bench.set_of("+5", values=old))
    assert bench.snapshot.schedule.nibp_counts_s == 60


@pytest.mark.parametrize(("back_s", "alarms"), [(100, True), (130, False)])
def test_a_set_entered_too_late_is_no_alarm_of_now(bench: Bench, back_s: float, alarms: bool) -> None:
    typed = {"temp": ValueEntry(Decimal("39.4"), "typed")}
    bench.do(bench.set_of("extra1", values=typed, observed=bench.now.plus(-back_s), reason="written down late"))
    bench.wait(31)
    assert (bench.alarm("temp_high") is not None) is alarms
    assert Sign.TEMP not in bench.snapshot.vitals
