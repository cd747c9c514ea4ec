"""The first and the last page of a session."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from exomonitor.session import commands as cmd
from exomonitor.session.phases import Phase
from exomonitor.session.state import Signature
from tests.ui import scenes
from tests.ui.windows import Desk


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, replace(scenes.empty_chair(), staff="", staff_id=""))
    yield made
    made.close()


def test_who_is_at_work_is_asked_first(desk):
    page = desk.window.start_page
    assert not page.prepare_key.isEnabled()
    assert page.staff.name.line.hasFocus()
    desk.qtbot.keyClicks(page.staff.name.line, "Ada Testnurse")
    desk.qtbot.keyClick(page.staff.name.line, Qt.Key.Key_Return)
    desk.settle()
    assert desk.sent(cmd.NameStaff) == [cmd.NameStaff("4", "", "Ada Testnurse", "nurse")]
    desk.show(scenes.empty_chair())
    assert page.prepare_key.isEnabled()
    assert page.prepare_key.hasFocus()  # the next Enter prepares
    desk.qtbot.keyClick(page.prepare_key, Qt.Key.Key_Return)
    assert len(desk.sent(cmd.OpenSession)) == 1


def test_one_key_opens_a_session(desk):
    desk.show(scenes.empty_chair())
    desk.window.start_page.prepare_key.setFocus()
    desk.qtbot.keyClick(desk.window.start_page.prepare_key, Qt.Key.Key_Return)
    desk.settle()
    assert desk.sent(cmd.OpenSession) == [cmd.OpenSession("4", "u1")]


def test_a_refused_opening_says_why_and_can_be_tried_again(desk):
    desk.show(scenes.empty_chair())
    desk.bedside.refusal = "Another session is open"
    page = desk.window.start_page
    page.prepare()
    desk.settle()
    assert page._status.text() == "Not recorded: Another session is open"
    desk.show(scenes.empty_chair())
    assert page.prepare_key.isEnabled()


def test_the_statement_and_the_protocol_stand_on_the_start_page(desk):
    texts = " ".join(label.text() for label in desk.window.start_page.findChildren(QLabel))
    assert desk.bedside.protocol.fda.full_text() in texts
    assert desk.bedside.protocol.approval in texts


def test_a_signature_needs_a_name_and_nothing_in_the_way(desk):
    desk.show(scenes.observing())
    desk.window._show_over("signoff")
    form = desk.window.sign_off_page.form
    assert form._name.text() == "R. Okafor"
    form.save()
    desk.settle()
    assert desk.sent(cmd.SignOff) == [cmd.SignOff("4", "u1", "R. Okafor", "performed and reviewed")]


def test_after_the_signature_the_keyboard_is_on_the_next_session(desk):
    desk.show(scenes.observing())
    desk.window._show_over("signoff")
    session = replace(
        scenes.running(), phase=Phase.SIGNED, signature=Signature("R. Okafor", "done", scenes.NOW, "0", "Complete")
    )
    desk.show(replace(scenes.observing(), session=session))
    assert desk.window.sign_off_page.next_key.hasFocus()


def test_an_open_reaction_is_in_the_way(desk):
    desk.show(scenes.reacting())
    desk.window._show_over("signoff")
    assert not desk.window.sign_off_page.form.save_key.isEnabled()
    assert "reaction is still open" in desk.window.sign_off_page.form._obstacles.text()


def test_somebody_else_can_take_over_by_the_name_in_the_header(desk):
    desk.show(scenes.normal())
    desk.window.header.staff_wanted.emit()
    page = desk.window.start_page
    assert page.isVisible()
    desk.qtbot.keyClicks(page.staff.name.line, "B. Other")
    page.staff.save()
    desk.settle()
    assert desk.sent(cmd.NameStaff)[0].name == "B. Other"
    assert desk.window._stack.currentWidget() is desk.window.session_page
