"""What is really on the screen can be read: each text against what it stands on, in both looks; and eyes that lack a
cone still tell the alarms apart, and the traces by colour or by their place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget

from exomonitor.alarms.limits import Priority
from tests.ui import alarm_scenes, scenes
from tests.ui.colour_sight import MATRICES, apart, ciede2000, contrast, linear
from tests.ui.windows import Desk
from ui.presenters.tiles import vital_tile
from ui.theme import THEMES, Theme
from ui.widgets.flash import RATES
from ui.widgets.text import Fitted

READABLE = 4.5
ALIKE = 10.0
"""Two colours nearer to each other than this (CIEDE2000) are told apart by something else as well."""
PAGES = (
    "session", "help", "settings", "history", "patients", "people", "devices", "product", "followup", "alarms",
    "changes", "leaving", "emergency", "reaction", "signoff",
)  # fmt: skip
LINEAR = np.array([linear(f"#{value:02x}0000")[0] for value in range(256)])
TRACES = ("hr", "spo2", "resp", "nibp", "temp", "rate")
THEME = pytest.mark.parametrize("look", THEMES.values(), ids=list(THEMES))
SIGHT = pytest.mark.parametrize("sight", ["", *MATRICES], ids=["all cones", *MATRICES])


def in_sight(window: QWidget) -> Iterator[tuple[str, QRect]]:
    """Every text of the window and the box that it stands in, a little inside of its frame."""
    for widget in window.findChildren(QWidget):
        if isinstance(widget, QLabel | QAbstractButton | QLineEdit | Fitted) and widget.isVisible():
            box = widget.visibleRegion().boundingRect().translated(widget.mapTo(window, QPoint(0, 0)))
            if widget.text().strip() and box.width() > 8 and box.height() > 8:
                yield widget.text(), box.adjusted(3, 3, -3, -3)


def ink_and_ground(pixels: np.ndarray, box: QRect) -> tuple[str, str]:
    """The colour that fills most of the box, and the one that stands out most from it: the lightest or the darkest."""
    part = pixels[box.top() : box.bottom() + 1, box.left() : box.right() + 1].reshape(-1)
    colours, counts = np.unique(part, return_counts=True)
    light = sum(share * LINEAR[colours >> shift & 255] for share, shift in ((0.2126, 16), (0.7152, 8), (0.0722, 0)))
    ground, *ends = (_name(colours[int(place)]) for place in (counts.argmax(), np.argmin(light), np.argmax(light)))
    return max(ends, key=lambda name: contrast(name, ground)), ground


def _name(colour: np.uint32) -> str:
    return f"#{int(colour) & 0xFFFFFF:06x}"


def unreadable(window: QWidget) -> list[str]:
    """Texts whose ink is too near to their ground."""
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    found = []
    for words, box in in_sight(window):
        ink, ground = ink_and_ground(pixels, box.intersected(image.rect()))
        if contrast(ink, ground) < READABLE:
            found.append(f"{words!r}: {ink} on {ground} is {contrast(ink, ground):.2f}")
    return found


@THEME
@pytest.mark.parametrize("page", PAGES)
def test_every_text_on_every_page_can_be_read(qtbot, look, page):
    desk = Desk(qtbot, alarm_scenes.changed(), look=look)
    try:
        desk.window.show_over(page)
        desk.settle()
        assert unreadable(desk.window) == []
    finally:
        desk.close()


@THEME
@pytest.mark.parametrize("scene", ["normal", "lost", "no_data", "observing", "preparing", "empty", "reacting"])
def test_every_text_of_every_sight_can_be_read(qtbot, look, scene):
    desk = Desk(qtbot, scenes.SCENES[scene](), look=look)
    try:
        desk.settle()
        assert unreadable(desk.window) == []
    finally:
        desk.close()


@THEME
def test_the_words_of_an_escalated_alarm_can_be_read_in_both_halves_of_a_flash(qtbot, look):
    desk = Desk(qtbot, alarm_scenes.escalated(), look=look)
    try:
        panel = desk.window.escalation.panel
        for lit in (True, False):
            panel.light(lit)
            assert unreadable(panel) == []
    finally:
        desk.close()


def test_a_text_that_cannot_be_read_would_be_found(qtbot):
    words = QLabel("not to be read")
    qtbot.addWidget(words)
    words.setStyleSheet("background: #777777; color: #888888; padding: 8px;")
    words.show()
    qtbot.waitExposed(words)
    holder = QWidget()
    qtbot.addWidget(holder)
    words.setParent(holder)
    holder.resize(200, 60)
    words.show()
    holder.show()
    qtbot.waitExposed(holder)
    assert len(unreadable(holder)) == 1


# --- eyes that lack a cone -------------------------------------------------------------------------------------------


@THEME
@SIGHT
def test_alarm_priorities_look_different_to_every_eye(look: Theme, sight: str):
    for one, other in combinations(Priority, 2):
        assert apart(look.alarm_fill(one), look.alarm_fill(other), sight) > 20


def test_alarm_priorities_differ_in_mark_and_rate_too():
    assert len({priority.marks for priority in Priority}) == 3
    assert len({RATES[priority] for priority in Priority}) == 3


@THEME
@SIGHT
def test_traces_that_look_alike_have_a_name_of_their_own_beside_them(look: Theme, sight: str):
    """Each trace has a lane of its own with its name; no two of one look share a lane, and their tiles are named."""
    alike = [(a, b) for a, b in combinations(TRACES, 2) if apart(getattr(look, a), getattr(look, b), sight) < ALIKE]
    tiles = [(sign.value, vital_tile(scenes.normal(), sign)) for sign in scenes.VALUES if sign.value in TRACES]
    labels: dict[str, str] = {name: tile.label for name, tile in tiles}
    for one, other in alike:
        assert labels.get(one, one) != labels.get(other, other)
    if not sight:
        assert alike == []


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_distance_of_colours_is_the_published_one(one, other, far):
    assert ciede2000(one, other) == pytest.approx(far, abs=1e-4)


@SIGHT
def test_white_and_black_are_the_same_to_every_eye(sight: str):
    assert apart("#ffffff", "#000000", sight) == pytest.approx(100, abs=0.5)
