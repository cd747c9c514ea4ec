"""Five sessions of the field, squeezed into two minutes each, with every kind of fault: all captured, all gaps said."""

from __future__ import annotations

import sys

import pytest

from tests.bench import bench_field
from tests.bench.field_plan import KINDS, MONITORS, day

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
