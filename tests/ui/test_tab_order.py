"""Tab goes through a form that is made late where it stands on the page, not after everything else in the window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui import scenes
from tests.ui.windows import Desk
from ui.pages.prepare.page import PreparePage
from ui.pages.prepare.steps import LINE, PREMED
from ui.widgets.late_stack import LateStack

MOST = 80
"""More stops than any window has."""


@pytest.fixture
def preparing(qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk(qtbot, scenes.preparing())
    desk.window.activateWindow()
    yield desk
    desk.close()


@pytest.fixture
def running(qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk(qtbot, scenes.normal())
    desk.window.activateWindow()
    yield desk
    desk.close()


def focused() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def way(desk: Desk, key: Qt.Key = Qt.Key.Key_Tab) -> list[QWidget]:
    """Every stop from the present one on, until it comes again."""
    stops = [focused()]
    for _ in range(MOST):
        desk.qtbot.keyClick(stops[-1], key)
        if focused() in stops:
            break
        stops.append(focused())
    assert focused() is stops[0], "the way leads round"
    return stops


def step(desk: Desk, key: str) -> PreparePage:
    page = desk.window.page("prepare")
    assert isinstance(page, PreparePage)
    page.steps.chosen.emit(key)
    desk.settle()
    return page


def test_from_the_last_field_of_a_step_tab_leads_to_next(preparing: Desk):
    step(preparing, PREMED)
    page = step(preparing, LINE)
    form = page.forms[LINE]
    form.first_field().setFocus()
    stops = way(preparing)
    inside = [form.isAncestorOf(one) for one in stops]
    last = inside.count(True)
    assert inside[:last] == [True] * last, "the fields come one after the other"
    assert page.gates.isAncestorOf(stops[last])
    assert stops[last + 1] is page.next_key
    assert page.steps.isAncestorOf(stops[-1]), "and before the first field come the steps"


def test_from_a_note_tab_leads_to_the_keys_at_the_right(running: Desk):
    page = running.window.session_page
    page.open_pump()
    page.back()
    page.open_note()
    running.settle()
    stops = way(running)
    outside = [one for one in stops if not page.note_form.isAncestorOf(one)]
    assert outside[:2] == [page.more_key, page.pump_key]
    assert running.window.nav.isAncestorOf(outside[-1])
    assert not any(page.pump_form.isAncestorOf(one) for one in stops)


@pytest.fixture
def reacting(qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk(qtbot, scenes.reacting())
    desk.window.activateWindow()
    desk.window.open_reaction()
    yield desk
    desk.close()


@pytest.mark.parametrize("part", ["grade", "restart"])
def test_from_the_last_field_of_a_reaction_tab_leads_to_its_own_keys(reacting: Desk, part: str):
    page = reacting.window.reaction_page
    page.toggle_details()
    page.details.parts.key(part).click()
    reacting.settle()
    page.details.parts.key(part).setFocus()
    stops = way(reacting)
    inside = [page.details.isAncestorOf(one) for one in stops]
    last = inside.count(True)
    assert inside[:last] == [True] * last, "the fields come one after the other"
    assert stops[last] is page.details_key
    assert not page.isAncestorOf(stops[-1]), "and before them comes what stands above the page"


def test_in_a_new_pin_tab_leads_to_the_keys_below_it(running: Desk):
    running.window.show_over("start")
    panel = running.window.start_page.staff
    panel.new_pin.begin("made up")
    panel._stack.setCurrentWidget(panel.new_pin)
    panel.new_pin.setFocus()
    running.settle()
    stops = way(running)
    inside = [panel.new_pin.isAncestorOf(one) for one in stops]
    last = inside.index(False)
    assert inside.count(True) >= last > 0
    assert stops[last] is panel.pin_key
    assert stops[last + 1] is panel.out_key


@pytest.mark.parametrize("form", ["note", "live", "new PIN"])
def test_back_with_shift_it_is_the_same_way(running: Desk, form: str):
    page = running.window.session_page
    if form == "note":
        page.open_note()
    elif form == "new PIN":  # over the page, whose own stack stays in sight around it
        over = running.window.staff_panel
        over.toggle_over(running.window.spare())
        over.panel._stack.setCurrentWidget(over.panel.new_pin)
        over.panel.new_pin.setFocus()
    else:
        page.setFocus()
    running.settle()
    there, back = way(running), way(running, Qt.Key.Key_Backtab)
    assert back == [there[0], *reversed(there[1:])]


def test_where_no_such_stack_is_in_sight_qt_goes_its_own_way(running: Desk):
    running.window.show_over("help")
    running.settle()
    assert not any(one.isVisible() for one in running.window.findChildren(LateStack))
    begun = focused()
    running.qtbot.keyClick(begun, Qt.Key.Key_Tab)
    assert focused() is not begun
