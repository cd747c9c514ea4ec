"""Five sessions of the field, squeezed into two minutes each, with every kind of fault: all captured, all gaps said."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from exomonitor.session.events import SessionSigned
from tests.bench import bench_field
from tests.bench.field_judge import Heard, LifeTold, judge
from tests.bench.field_plan import KINDS, MONITORS, day
from tests.exomonitor.records.record_samples import draft, fill, make_database, recording

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL, and no limit on file sizes")
TROUBLE = (
    ("cable pull", "kill"),
    ("power cut", "cable silent"),
    ("disk full", "clock step"),
    ("suspend", "device reboot"),
    ("wrong device", "bad cable"),
)
MINUTES = 2.0


def test_every_kind_of_fault_is_among_them():
    assert {kind for both in TROUBLE for kind in both} == set(KINDS)


def test_nothing_is_lost_and_every_gap_is_stated():
    sessions = bench_field.played_with(TROUBLE, MINUTES)
    wrong = [row for row in bench_field.rows(sessions, len(TROUBLE)) if row.get("ok") is False]
    assert wrong == []
    assert sum(one["counts"]["lives"] for one in sessions) == len(TROUBLE) + 2
    assert sum(one["counts"]["gaps of restarts"] for one in sessions) >= 3


def test_the_same_seed_draws_the_same_day():
    assert day(7) == day(7)
    assert {day(seed).scenario.monitor for seed in range(40)} == set(MONITORS)
    kinds = {kind for seed in range(80) for kind in day(seed).faults}
    assert kinds == set(KINDS)
    assert any(day(seed).together for seed in range(40))


def heard(*lines: str) -> LifeTold:
    """A life that heard this much, from a boot whose clock the scenario has."""
    told = Heard()
    for line in lines:
        told.take(line)
    return LifeTold(0, "boot", 0, 0.0, False, 0, "signed", [(1, "another hash")], told)


def test_the_judge_sees_what_is_missing_and_what_never_came(tmp_path, clock):
    path = tmp_path / "clinic.sqlite3"
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 3)
        recorder.submit([draft(SessionSigned("performed", "00", "complete", "N"), clock.advance(1))]).result()
    boot, end = clock.now().boot_id, clock.now().mono_ns
    life = replace(heard(f"V monitor {10**8} spo2 - 97.0", f"W monitor {10**8} pleth 500", f"T {end}"), boot=boot)
    found = judge(day(1), [life], path)
    counts = found["counts"]
    assert isinstance(counts, dict)
    assert found["captured"]
    assert counts["acknowledged lost"] == 1
    assert counts["values lost"] == 1
    assert counts["values invented"] > 0
    assert counts["wave samples lost"] == 1
