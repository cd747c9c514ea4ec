"""Follow-up while the record writes that somebody looks: the newest wish is shown, once; nobody is pulled there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from exomonitor.engine.bedside import Receipt
from exomonitor.session.parts.trust import ViewRecord
from tests.ui import visit_scenes as vs
from tests.ui.windows import Desk
from ui.main_window import MainWindow
from ui.pages.followup.page import FollowUpPage

ANOTHER = "EXO-another-visit"


def follow_up(desk: Desk) -> FollowUpPage:
    """The page, in front, with the record so slow that nothing is committed until `commit`."""
    desk.window.activateWindow()
    desk.bedside.hold = True
    desk.window.go("followup")
    desk.settle()
    page = desk.window.page("followup")
    assert isinstance(page, FollowUpPage)
    return page


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(qtbot, vs.day_after()[0])
    yield made
    made.close()


def the_visit(desk: Desk) -> str:
    (visit,) = desk.bedside.latest().registry.aftercare
    return visit


def commit(desk: Desk) -> None:
    desk.bedside.settle()
    desk.settle()


def in_front(page: FollowUpPage) -> object:
    return page._right.currentWidget()


ELSEWHERE: dict[str, Callable[[MainWindow], object]] = {
    "another place": lambda window: window.go("patients"),
    "F8": lambda window: window.open_reaction(),
    "F12": lambda window: window.open_staff(),
}


@pytest.mark.parametrize("where", ELSEWHERE)
def test_whoever_works_elsewhere_by_then_keeps_the_keyboard(desk: Desk, where: str):
    page = follow_up(desk)
    page.open_call(the_visit(desk), "h24")
    desk.settle()
    ELSEWHERE[where](desk.window)
    desk.settle()
    here = desk.window.focusWidget()
    commit(desk)
    assert in_front(page) is page.call
    assert desk.window.focusWidget() is here
    QTest.keyClick(desk.window.windowHandle(), Qt.Key.Key_Space)
    QApplication.processEvents()
    assert page.call.answer.value() == "", "nobody has answered a call that is not in sight"


def test_whoever_waits_on_the_page_gets_the_keyboard_of_what_was_opened(desk: Desk):
    page = follow_up(desk)
    page.open_call(the_visit(desk), "h24")
    commit(desk)
    here = desk.window.focusWidget()
    assert here is not None
    assert page.call.isAncestorOf(here)


def test_what_is_recorded_while_somebody_works_elsewhere_takes_no_keyboard(desk: Desk):
    page = follow_up(desk)
    page.open_call(the_visit(desk), "h24")
    commit(desk)
    desk.window.go("patients")
    desk.settle()
    here = desk.window.focusWidget()
    page.call.recorded.emit("Recorded.")
    assert desk.window.focusWidget() is here


def test_a_second_wish_for_the_same_patient_is_the_one_that_is_shown(desk: Desk):
    page = follow_up(desk)
    page.open_call(the_visit(desk), "h24")
    page.open_visit(the_visit(desk))
    assert len(desk.sent(ViewRecord)) == 1, "that somebody looks is recorded once"
    commit(desk)
    assert in_front(page) is page.visit


def test_a_line_that_is_pressed_twice_is_one_look(desk: Desk):
    page = follow_up(desk)
    for _ in range(2):
        page.open_call(the_visit(desk), "h24")
    assert len(desk.sent(ViewRecord)) == 1
    commit(desk)
    assert in_front(page) is page.call


def test_after_a_refusal_the_same_line_is_asked_for_again(desk: Desk):
    page = follow_up(desk)
    desk.bedside.hold, desk.bedside.fault = False, "the disk is full"
    page.open_visit(the_visit(desk))
    desk.settle()
    desk.bedside.fault = ""
    page.open_visit(the_visit(desk))
    desk.settle()
    assert in_front(page) is page.visit
    assert len(desk.sent(ViewRecord)) == 2


def test_an_answer_that_is_settled_by_then_does_not_undo_the_line_pressed_meanwhile(desk: Desk):
    desk.show(vs.urgent_answer()[0])
    page = follow_up(desk)
    opened = page.work.first()
    assert opened is not None
    opened.click()
    commit(desk)
    assert in_front(page) is page.settle
    page.open_visit(ANOTHER)
    page.settle.on_recorded(Receipt())
    commit(desk)
    assert in_front(page) is page.visit
