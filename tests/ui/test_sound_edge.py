"""While nothing can be heard the edge of the window says so; it covers no vital sign and takes no touch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QRegion
from PySide6.QtWidgets import QLabel, QWidget

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.views import AlarmView
from exomonitor.engine.snapshot import OtherPlace, Snapshot
from tests.ui import scenes
from tests.ui.fake_bedside import FakeBedside
from ui.bridge import Bridge
from ui.frame.nav import Nav
from ui.frame.sound_edge import LEFT, THICK, SoundEdge
from ui.main_window import MainWindow
from ui.theme import DARK


@pytest.fixture
def window(qtbot) -> Iterator[MainWindow]:
    bedside = FakeBedside(scenes.normal())
    bridge = Bridge(bedside)
    made = MainWindow(bedside, bridge, DARK)
    qtbot.addWidget(made)
    made.resize(1366, 768)
    made.show()
    yield made
    bridge.close()


def silent() -> Snapshot:
    return replace(scenes.normal(), alarms=(no_sound(),))


def no_sound() -> AlarmView:
    one = scenes.one_alarm().alarms[0]
    return replace(one, key="sound", priority=Priority.MEDIUM, text="NO SOUND - watch the screen (no sound device)")


def test_it_stands_as_long_as_the_alarm_stands(window):
    edge = SoundEdge(DARK, window)
    edge.show_snapshot(scenes.one_alarm())
    assert not edge.isVisible()
    edge.show_snapshot(silent())
    assert edge.isVisible()
    edge.show_snapshot(scenes.normal())
    assert not edge.isVisible()


def test_no_sound_for_another_chair_counts_too(window):
    edge = SoundEdge(DARK, window)
    edge.show_snapshot(replace(scenes.normal(), others=(OtherPlace("5", "DOE, Jane", True, (no_sound(),)),)))
    assert edge.isVisible()


def test_it_is_the_edge_alone_and_follows_the_window(window):
    edge = SoundEdge(DARK, window)
    edge.show_snapshot(silent())
    for size in ((1366, 768), (1600, 900)):
        window.resize(*size)
        inside = window.rect().adjusted(DARK.px(THICK), DARK.px(THICK), -DARK.px(THICK), -DARK.px(THICK))
        assert edge.size() == window.size()
        assert edge.mask().intersected(QRegion(inside)).isEmpty()
        assert edge.mask().contains(QPoint(1, 1))


def test_no_word_lies_under_it_and_it_takes_no_touch(window):
    edge = SoundEdge(DARK, window)
    edge.show_snapshot(silent())
    assert edge.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    tiles = [one for one in window.session_page.findChildren(QWidget) if "tile" in type(one).__name__.lower()]
    assert tiles
    for tile in tiles:
        where = QRegion(tile.rect().translated(tile.mapTo(window, QPoint(0, 0))))
        assert edge.mask().intersected(where).isEmpty(), type(tile).__name__


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_it_touches_no_letter_of_the_words_at_the_left(qtbot, size: tuple[int, int]):
    theme = DARK.scaled_for(*size)
    nav = Nav(theme)
    qtbot.addWidget(nav)
    nav.resize(nav.width(), size[1] - 100)
    nav.show()
    words = next(one for one in nav.findChildren(QLabel) if one.text().startswith("Secondary"))
    picture = words.grab().toImage()
    ground = picture.pixel(0, 0)
    inked = [x for x in range(picture.width()) if any(picture.pixel(x, y) != ground for y in range(picture.height()))]
    assert words.x() + inked[0] >= theme.px(LEFT) + 1
    assert words.x() + inked[-1] < nav.width()
    assert words.height() >= words.heightForWidth(words.width())
