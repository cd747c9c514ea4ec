"""How many gaps a journal may have before counting what stood in them is felt at a start."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from exomonitor.records.holes import _may_be_the_clinics

MANY = 2000


@dataclass
class _Entry:
    """One of the clinic's entries, which counts how often somebody asks what it is."""

    seq: int
    session_seq: int
    kind: str
    asked: Counter[str]
    hash: str = "same"
    prev_in_session: str = "same"

    @property
    def type(self) -> str:
        self.asked["type"] += 1
        return self.kind


@pytest.mark.parametrize("kind", ["KeyTaken", "RecordTaken"])
def test_of_two_thousand_gaps_each_entry_behind_them_is_looked_at_a_few_times_and_not_once_for_each(kind):
    asked: Counter[str] = Counter()
    rows: list[Any] = [_Entry(2 * n, n, kind, asked) for n in range(1, MANY + 1)]
    gaps = [(2 * n - 1, 2 * n - 1) for n in range(1, MANY + 1)]
    assert _may_be_the_clinics(rows, gaps) == gaps
    assert asked["type"] <= 4 * MANY


def test_a_gap_before_the_clinics_work_is_none_of_its_own_and_one_that_a_start_has_seen_may_be():
    asked: Counter[str] = Counter()
    kinds = ["UserAdded", "KeyTaken", "RecordDoubted", "UserAdded", "KeyTaken"]
    rows: list[Any] = [_Entry(2 * n, n, kind, asked) for n, kind in enumerate(kinds, 1)]
    gaps = [(2 * n - 1, 2 * n - 1) for n in range(1, len(kinds) + 2)]
    assert _may_be_the_clinics(rows, gaps) == [(3, 3), (5, 5), (9, 9), (11, 11)]
