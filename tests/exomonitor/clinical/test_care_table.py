"""The minutes of an absence: the shipped table, and what a clinic cannot write into it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from exomonitor.clinical.care import CareTable
from tests.exomonitor.clinical.shipped import RULES

CARE = RULES.care.content


def test_a_break_is_covered_for_ten_to_thirty_minutes():
    assert CARE.break_cover_min == (10, 15, 20, 30)


@pytest.mark.parametrize("minutes", [(), (0,), (121,), (15, 10), (10, 10), (5, 10, 15, 20, 25, 30)])
def test_the_keys_of_a_break_rise_and_are_few(minutes):
    with pytest.raises(ValidationError, match="break_cover_min"):
        CareTable(**{**dict(CARE), "break_cover_min": minutes})
