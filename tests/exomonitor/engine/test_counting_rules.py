"""What counts for a set, and for how long, is the clinic's: it stands in the protocol."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from importlib.resources import files

import pytest

from exomonitor.clinical.protocol import parse_protocol
from exomonitor.session import events as ev
from exomonitor.session.commands import ValueEntry
from exomonitor.session.late import entry_line
from exomonitor.session.scoring import score_of
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import PROTOCOL, Bench

RULES = replace(
    PROTOCOL.schedule, nibp_counts_s=60, set_counts_s=120, value_counts_s=100, score_rise=4, late_entry_s=120
)
STRICT = replace(PROTOCOL, schedule=RULES)


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


@pytest.mark.parametrize(("age_s", "given"), [(100.0, 5), (101.0, 4)])
def test_a_value_older_than_the_clinic_allows_does_not_count_also_when_the_set_is_read_again(
    bench: Bench, age_s: float, given: int
) -> None:
    values = {
        "hr": ValueEntry(Decimal(80), "monitor", age_s),
        "spo2": ValueEntry(Decimal(97), "monitor", 1.0),
        "rr": ValueEntry(Decimal(15), "counted"),
    }
    bench.do(bench.set_of("extra1", values=values, consciousness="alert", on_oxygen=False))
    event = bench.events(ev.ObservationRecorded)[-1]
    assert event.value_counts_s == 100
    assert score_of(event, bench.state.patient).given == given


@pytest.mark.parametrize(("back_s", "late"), [(119, False), (121, True)])
def test_an_entry_is_late_by_the_rule_of_the_clinic_that_its_session_was_opened_under(
    bench: Bench, back_s: float, late: bool
) -> None:
    typed = {"temp": ValueEntry(Decimal("36.4"), "typed")}
    bench.do(bench.set_of("extra1", values=typed, observed=bench.now.plus(-back_s), reason="written down late"))
    entry = next(one for one in reversed(bench.journal()) if isinstance(one.event, ev.ObservationRecorded))
    assert entry_line(entry, after_s=bench.state.late_entry_s).startswith("LATE ENTRY: ") is late
    assert bench.state.late_entry_s == 120


@pytest.mark.parametrize(
    ("name", "other"),
    [("nibp_counts_s", 60), ("set_counts_s", 120), ("value_counts_s", 100), ("score_rise", 4), ("late_entry_s", 120)],
)
def test_each_of_them_stands_in_the_protocol_and_another_one_is_another_protocol(name: str, other: int) -> None:
    shipped = (files("resources") / "protocols" / "exosome_iv_slow.toml").read_text(encoding="utf-8")
    line = f"\n{name} = {getattr(PROTOCOL.schedule, name):g} #"
    assert line in shipped
    changed = parse_protocol(shipped.replace(line, f"\n{name} = {other} #").encode(), "changed")
    assert getattr(changed.schedule, name) == other
    assert changed.sha256 != PROTOCOL.sha256
