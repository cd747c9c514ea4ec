"""Nothing on the live page stands empty, and no window makes it smaller than its look was made for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtGui import QFontMetrics

from tests.ui import scenes
from tests.ui.live_waves import show_waves
from tests.ui.windows import SMALL, Desk
from ui.frame.read_only import READ_ONLY
from ui.theme import DARK


@pytest.fixture
def desk(qtbot) -> Iterator[Desk]:
    made = Desk(qtbot, scenes.normal())
    yield made
    made.close()


def test_where_no_monitor_is_read_no_lanes_stand_empty(desk: Desk):
    waves = desk.window.session_page._live._waves
    assert waves.isVisible()
    desk.show(replace(scenes.normal(), links=()))
    assert not waves.isVisible()
    show_waves(desk.window.session_page)
    desk.show(replace(scenes.normal(), links=()))
    assert waves.isVisible()  # something comes all the same


def test_a_monitor_that_is_lost_keeps_its_lanes(desk: Desk):
    desk.show(scenes.lost())
    assert desk.window.session_page._live._waves.isVisible()


def test_the_channel_on_the_pump_is_whole_beside_its_age(desk: Desk):
    title = desk.window.session_page._pump._title
    assert title.text().endswith("PRODUCT")
    assert QFontMetrics(DARK.font(11)).horizontalAdvance(title.text()) < title.width()


@pytest.mark.parametrize(("size", "least"), [((1366, 768), (1024, 700)), ((1024, 600), (1024, 700))])
def test_on_a_small_screen_a_window_may_be_a_little_smaller(size, least):
    assert DARK.scaled_for(*size).least_window == least


@pytest.mark.parametrize("size", [(1920, 1080), (2560, 1440), (3840, 2160)])
def test_on_a_large_screen_a_window_is_never_smaller_than_the_look_needs(size):
    theme = DARK.scaled_for(*size)
    wide, high = theme.least_window
    assert wide / theme.scale >= SMALL[0] - 20
    assert high / theme.scale >= SMALL[1] - 40
    assert wide <= size[0]
    assert high <= size[1] - 37  # a title bar


def test_the_strip_of_a_window_that_only_reads_takes_its_room_from_everything_alike():
    theme = DARK.scaled_for(*SMALL, READ_ONLY)
    assert theme.scale == pytest.approx(768 / (768 + READ_ONLY))
    assert theme.fine_font().pixelSize() == DARK.fine_font().pixelSize()
