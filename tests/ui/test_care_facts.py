"""What stands on wristband, bag and arm is in sight whole: smaller and in two lines before anything is cut."""

from __future__ import annotations

import pytest

from tests.ui import scenes
from tests.ui.windows import SMALL, Desk
from ui.frame.facts import Facts, _cut, _rows
from ui.presenters.header import care_facts

LONG = care_facts(scenes.SCENES["long_names"]())


@pytest.fixture
def strip(qtbot):
    desk = Desk(qtbot, scenes.normal(), SMALL)
    desk.settle()
    yield desk.window.care._facts
    desk.close()


def rows(strip: Facts, facts: tuple[tuple[str, str], ...], pixels: int, *, named: bool, lines: int):
    strip.show_facts(facts)
    return _rows(strip._sized(pixels, named=named), strip.width(), lines)


def test_the_usual_facts_stand_in_one_line_with_their_names(strip):
    found = rows(strip, care_facts(scenes.normal()), 13, named=True, lines=1)
    assert found is not None
    assert [fact.name for fact in found[0]][:2] == ["Allergy ", "Product "]


def test_names_that_say_nothing_go_first_and_allergy_iv_and_cuff_never(strip):
    strip.show_facts(care_facts(scenes.normal()))
    kept = [fact.name.strip() for fact in strip._sized(13, named=False) if fact.name]
    assert kept == ["Allergy", "IV", "Cuff"]


def test_the_longest_facts_are_whole_in_two_lines(strip):
    assert rows(strip, LONG, 13, named=True, lines=1) is None
    found = rows(strip, LONG, 11, named=False, lines=2)
    assert found is not None
    assert [fact.words for row in found for fact in row] == [words for _, words in LONG]


def test_where_even_that_is_too_long_the_longest_are_cut_and_all_are_painted(strip):
    strip.show_facts((("Allergy", "latex " * 60), ("IV", "left 22G"), ("Cuff", "right")))
    cut = _cut(strip._sized(11, named=False), 400)
    assert cut[0].words.endswith("…")
    assert [fact.words for fact in cut[1:]] == ["left 22G", "right"]
    assert not strip.grab().isNull()
