"""Keys, steps and names where room is short: lower, smaller, but never too low to be touched and never cut."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QScrollArea

from tests.ui import scenes
from tests.ui.windows import Desk
from ui.frame.header import HeaderStrip
from ui.pages.prepare.page import PreparePage
from ui.pages.prepare.step_list import StepList
from ui.theme import DARK, TOUCH
from ui.widgets.keys import BigButton
from ui.widgets.text import BOLD

BELOW_TITLE_BAR = (1366, 746)


def test_a_key_that_gives_way_wants_fifteen_millimetres_and_keeps_the_least(qtbot):
    key = BigButton(DARK, "None", height=58)
    qtbot.addWidget(key)
    key.give_way(TOUCH)
    assert (key.sizeHint().height(), key.minimumSizeHint().height(), key.maximumHeight()) == (58, TOUCH, 58)


def test_twelve_steps_fit_below_strips_and_a_title_bar(qtbot):
    steps = StepList(DARK)
    qtbot.addWidget(steps)
    assert steps.minimumSizeHint().height() <= 768 - 22 - 48 - 30 - 50 - 20


def test_the_longest_patient_name_is_written_out_in_the_header(qtbot):
    strip = HeaderStrip(DARK)
    qtbot.addWidget(strip)
    strip.resize(1366, strip.height())
    strip.show()
    strip.show_snapshot(scenes.long_names())
    layout = strip.layout()
    assert layout is not None
    layout.activate()
    words = strip._name.text()
    assert len(words) > 50
    room = strip._name.rect()
    needed = QFontMetrics(DARK.font(11, BOLD)).boundingRect(QRect(room), 0x1000, words)  # at its smallest, wrapped
    assert needed.height() <= room.height()
    assert needed.width() <= room.width()


def test_the_baseline_does_not_draw_anybody_away_from_the_blind_sheet(qtbot):
    desk = Desk(qtbot, scenes.preparing(), BELOW_TITLE_BAR)
    try:
        page = desk.window.pages["prepare"]
        assert isinstance(page, PreparePage)
        page._on_step_chosen("double_check")
        page.double._turn_to(page.double.sheet)
        desk.window.open_set()
        assert page.present() == "double_check"
    finally:
        desk.close()


def test_no_step_of_the_preparation_scrolls_below_a_title_bar(qtbot):
    desk = Desk(qtbot, scenes.preparing(), BELOW_TITLE_BAR)
    try:
        page = desk.window.pages["prepare"]
        assert isinstance(page, PreparePage)
        for step in page._pages:
            page._on_step_chosen(step)
            desk.settle()
            shown = [area for area in page.findChildren(QScrollArea) if area.isVisible()]
            assert shown
            assert {area.verticalScrollBar().maximum() for area in shown} == {0}, step
    finally:
        desk.close()
