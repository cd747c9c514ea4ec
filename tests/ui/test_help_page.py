"""The help page tells of every key that the window has, and of a visit from the sign-in to the days after."""

from __future__ import annotations

import re

import pytest
from PySide6.QtWidgets import QLabel

from tests.ui import scenes
from tests.ui.windows import Desk
from ui.page_choice import HELP
from ui.pages.help import VISIT, HelpPage
from ui.presenters.help import AFTER, BEFORE, KEYS


@pytest.fixture
def desk(qtbot):
    desk = Desk(qtbot, scenes.normal())
    desk.window.show_over(HELP)
    yield desk
    desk.close()


def page_of(desk: Desk) -> HelpPage:
    page = desk.window.pages[HELP]
    assert isinstance(page, HelpPage)
    return page


def test_every_function_key_stands_on_the_sheet_once():
    named = [number for keys, _ in KEYS for number in re.findall(r"F(\d+)", keys)]
    assert sorted(map(int, named)) == list(range(1, 13))


def test_the_keys_that_switch_chairs_stand_on_the_sheet():
    assert ("Ctrl+1 ... 8", "Another chair, where there are several, from the left") in KEYS


def test_the_steps_of_a_visit_are_counted_through():
    numbers = [int(title.split()[0]) for title, _ in (*BEFORE, *AFTER)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_visit_is_one_touch_away_and_fits_without_scrolling(desk):
    page = page_of(desk)
    page.tabs.key(VISIT).click()
    desk.settle()
    seen = [words for words in page.findChildren(QLabel) if words.isVisible() and words.text()]
    assert {title for title, _ in (*BEFORE, *AFTER)} <= {words.text() for words in seen}
    assert all(words.height() >= words.heightForWidth(words.width()) for words in seen if words.wordWrap())
    assert page.minimumSizeHint().height() <= page.height()


def test_the_keys_fit_too(desk):
    seen = [words for words in page_of(desk).findChildren(QLabel) if words.isVisible() and words.wordWrap()]
    assert all(words.height() >= words.heightForWidth(words.width()) for words in seen)
