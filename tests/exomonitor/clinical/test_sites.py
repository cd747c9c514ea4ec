"""The scales of the IV site: their texts, and the prompt from grade 2 on."""

import itertools
from importlib.resources import files

import pytest

from exomonitor.clinical.sites import (
    FILE,
    INFILTRATION,
    PHLEBITIS,
    SiteScore,
    SiteTable,
    grade_text,
    site_prompt,
)
from exomonitor.clinical.tables import parse_table
from exomonitor.errors import CommandRefused, EnvironmentFault
from tests.exomonitor.clinical.shipped import RULES

TABLE = RULES.sites.content
SHIPPED = (files("resources") / "protocols" / FILE).read_text(encoding="utf-8")


def test_both_scales_have_the_grades_nought_to_four():
    for key in (PHLEBITIS, INFILTRATION):
        assert [bool(grade_text(TABLE.of(key), grade)) for grade in range(5)] == [True] * 5
        for grade in (-1, 5):
            with pytest.raises(CommandRefused, match="has the grades 0-4"):
                grade_text(TABLE.of(key), grade)


@pytest.mark.parametrize(("phlebitis", "infiltration"), list(itertools.product([None, 0, 1, 2, 3, 4], repeat=2)))
def test_the_prompt_comes_from_grade_two_on_either_scale(phlebitis, infiltration):
    prompt = site_prompt(SiteScore(phlebitis, infiltration), TABLE)
    assert bool(prompt) is any(grade in {2, 3, 4} for grade in (phlebitis, infiltration))


def test_the_prompt_says_what_is_seen():
    assert site_prompt(SiteScore(2, 0), TABLE) == "Stop, re-site (Phlebitis 2: pain with redness or oedema)"
    assert "; Infiltration 3: oedema above 15 cm" in site_prompt(SiteScore(2, 3), TABLE)


def test_a_grade_that_does_not_exist_is_refused():
    with pytest.raises(CommandRefused, match="Phlebitis has the grades 0-4, not 7"):
        site_prompt(SiteScore(7), TABLE)


def test_what_was_not_looked_at_is_not_nought():
    assert SiteScore().worst is None
    assert SiteScore(infiltration=1).worst == 1
    assert SiteScore(2, 1).worst == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('key = "infiltration"', 'key = "phlebitis"', "one phlebitis and one infiltration are needed"),
        ("prompt_from = 2", "prompt_from = 9", "line 8: prompt_from"),
    ],
)
def test_a_wrong_table_is_refused(old, new, said):
    assert old in SHIPPED
    data = SHIPPED.replace(old, new, 1).encode()
    with pytest.raises(EnvironmentFault, match=said):
        parse_table(SiteTable, data, "x")


def test_a_prompt_that_no_grade_can_reach_is_refused():
    short = SHIPPED.replace('    "pain with redness or oedema",\n', "").replace(
        '    "pain with redness or oedema, a streak and a cord that can be felt",\n', ""
    )
    short = short.replace('    "as 3, with a cord longer than 2.5 cm (1 inch) or pus",\n', "")
    with pytest.raises(EnvironmentFault, match="a scale has no such grade"):
        parse_table(SiteTable, short.encode(), "x")
