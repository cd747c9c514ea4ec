"""A session that was taken up again works by its own protocol; the pages of the next one by the protocol in force."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from exomonitor.session import commands as cmd
from tests.ui import scenes
from tests.ui.windows import Desk


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, scenes.preparing())
    yield made
    made.close()


def test_another_protocol_in_force_makes_the_pages_of_the_preparation_anew(desk: Desk):
    before = desk.window.pages["prepare"]
    desk.show(scenes.preparing())
    desk.settle()
    assert desk.window.pages["prepare"] is before, "the same protocol: what was typed stays"
    other = replace(desk.bedside.protocol, name="Another protocol", sha256="1" * 64)
    desk.bedside._protocol = other
    desk.bedside.publish(scenes.preparing())
    desk.qtbot.waitUntil(lambda: desk.window.pages.get("prepare") not in {before, None})
    after = desk.window.pages["prepare"]
    assert desk.window.stack.currentWidget() is after
    assert "Another protocol" in after.order.proposal.text()  # type: ignore[attr-defined]


def adopt(desk: Desk, snapshot) -> None:
    """Another protocol is in force from this picture on."""
    desk.bedside._protocol = replace(desk.bedside.protocol, name="Another protocol", sha256="2" * 64)
    before = desk.window.session_page
    desk.bedside.publish(snapshot)
    desk.qtbot.waitUntil(lambda: desk.window.session_page is not before)


def test_the_pages_that_stand_there_from_the_start_follow_too_and_their_keys_still_work(desk: Desk):
    window = desk.window
    before = [window.session_page, window.reaction_page, window.sign_off_page, window.start_page]
    adopt(desk, scenes.normal())
    after = [window.session_page, window.reaction_page, window.sign_off_page, window.start_page]
    assert not {id(page) for page in before} & {id(page) for page in after}
    assert window.stack.currentWidget() is window.session_page
    assert not any(page.isVisible() for page in before)
    window.session_page.reaction_wanted.emit()
    desk.settle()
    assert window.stack.currentWidget() is window.reaction_page
    assert [type(one) for one in desk.bedside.submitted] == [cmd.OpenReaction]
    desk.qtbot.keyClick(window, Qt.Key.Key_Escape)
    desk.settle()
    assert window.stack.currentWidget() is window.session_page


def test_how_the_live_page_is_laid_out_outlives_its_page(desk: Desk):
    desk.show(scenes.normal())
    desk.window.session_page.next_layout()
    kept, chosen = desk.window.kept, desk.window.kept.screen
    adopt(desk, scenes.normal())
    assert desk.window.session_page.kept is kept
    assert kept.screen == chosen
    desk.window.session_page.next_layout()
    assert kept.screen != chosen


def test_an_answer_that_an_old_page_waits_for_still_finds_it(desk: Desk):
    desk.show(scenes.empty_chair())
    old = desk.window.start_page
    old._opening = True
    adopt(desk, scenes.preparing())
    old._on_refused("the disk is full")
    assert "the disk is full" in old._status.text()


def test_the_new_start_page_names_the_new_protocol(desk: Desk):
    adopt(desk, scenes.empty_chair())
    texts = [one.text() for one in desk.window.start_page.findChildren(QLabel)]
    assert any("Another protocol" in text for text in texts)
