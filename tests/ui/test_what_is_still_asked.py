"""What a form still asks, which entry the keypad types into, and lists in one size: seen without reading twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from exomonitor.session.narrative import set_words
from tests.ui import scenes
from tests.ui.windows import Desk
from ui.pages.leaving.criteria import CriteriaCard
from ui.pages.session.care_forms import SiteForm
from ui.widgets.entry import TextEntry
from ui.widgets.text import Elided


@pytest.fixture
def desk(qtbot) -> Iterator[Desk]:
    made = Desk(qtbot, scenes.observing())
    yield made
    made.close()


def test_a_key_says_what_is_missing_until_nothing_is(desk: Desk):
    desk.window.session_page.open_one("site")
    (form,) = desk.window.session_page.findChildren(SiteForm)
    usual = form.save_key.text()
    form.what.key("look").click()
    assert form.save_key.text() == "Still open: a grade"
    assert not form.save_key.isEnabled()
    form.phlebitis.key("0").click()
    assert form.save_key.isEnabled()
    assert form.save_key.text() != usual
    assert "Still open" not in form.save_key.text()


def test_a_compact_entry_keeps_its_title_while_something_is_typed(desk: Desk):
    entry = TextEntry(desk.window.theme, "Oxygen", "L/min O₂", compact=True)
    desk.qtbot.addWidget(entry)
    entry.show()
    entry.set_text("2")
    caption = next(part for part in entry.line.findChildren(Elided) if part.text() == "Oxygen")
    assert caption.isVisible()
    assert entry.line.textMargins().top() >= caption.fontMetrics().height()


def test_the_entry_that_the_keypad_types_into_has_the_keyboard(desk: Desk):
    desk.window.open_set()
    form = desk.window.session_page.set_form
    line = form.values._entries["hr"].line
    line.touched.emit()
    assert form.focusWidget() is line


def test_the_leaving_list_stands_in_one_size_and_nothing_of_it_is_cut(desk: Desk):
    desk.window.show_over("leaving")
    (card,) = desk.window.findChildren(CriteriaCard)
    shown = [part for row in card._rows for part in row[1:] if part.isVisible()]
    assert shown
    assert len({part.font().pixelSize() for part in shown}) == 1
    assert all(part.fontMetrics().horizontalAdvance(part.text()) <= part.width() for part in shown)


@pytest.mark.parametrize(
    ("slot", "words", "inside"),
    [
        ("+5", "Set +5", "set +5"),
        ("baseline", "Baseline set", "baseline set"),
        ("step2-before", "Set before ramp 2", "set before ramp 2"),
        ("step2-after", "Set after ramp 2", "set after ramp 2"),
        ("post30", "Set End +30", "set End +30"),
        ("extra2", "Extra set 2", "extra set 2"),
    ],
)
def test_a_set_is_called_as_one_says_it(slot: str, words: str, inside: str):
    assert set_words(slot) == words
    assert set_words(slot, inside=True) == inside
