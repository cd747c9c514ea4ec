"""Every control has a name for a screen reader, the keyboard comes to every action, and F1 tells of every key."""

from __future__ import annotations

import re
from functools import partial

import pytest
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QPushButton

from tests.ui import alarm_scenes, scenes
from tests.ui.more_acts import GLOVED, OTHERS, Act, Scene
from tests.ui.screen_reader import beyond_the_keyboard, nameless, without_focus
from tests.ui.windows import Desk, make_all
from ui.later import LATER
from ui.presenters.help import KEYS

TYPED = {*"0123456789.", "delete", "⌫", "Delete"}
"""Keys of a keypad: the keyboard has them itself."""
KEYED = {"✚ Reaction", "✚ Reaction open", "Reaction (F8)", "Close: the alarm goes on", "OK"}
"""F8, Esc, and Enter after a PIN."""
OVER = [name for name in LATER if name not in {"prepare"}]
SIGHTS: dict[str, tuple[Scene, Act]] = {
    **{name: (make, lambda _: None) for name, make in scenes.SCENES.items()},
    **{f"page {name}": (alarm_scenes.changed, partial(lambda n, desk: desk.window.show_over(n), name))
       for name in (*OVER, "reaction")},
    **GLOVED,
    **OTHERS,
    "escalated": (alarm_scenes.escalated, lambda _: None),
}  # fmt: skip


@pytest.mark.parametrize("sight", SIGHTS)
def test_every_control_has_a_name_and_a_way_by_the_keyboard(qtbot, sight):
    scene, go = SIGHTS[sight]
    desk = Desk(qtbot, scene())
    try:
        go(desk)
        desk.settle()
        assert nameless(desk.window) == []
        assert without_focus(desk.window) - TYPED - KEYED == set()
        assert beyond_the_keyboard(desk.window) == []
    finally:
        desk.close()


def test_a_key_without_a_name_would_be_found(qtbot):
    desk = Desk(qtbot, scenes.normal())
    try:
        QPushButton("", desk.window.session_page).show()
        assert nameless(desk.window) == ["QPushButton Role.Button"]
    finally:
        desk.close()


def test_f1_tells_of_every_key_that_works_anywhere_in_the_window(qtbot):
    desk = Desk(qtbot, alarm_scenes.several())
    try:
        for name in LATER:
            desk.window.show_over(name)
        make_all(desk.window)
        bound = {shortcut.key().toString() for shortcut in desk.window.findChildren(QShortcut)}
        bound |= {
            key.shortcut().toString()
            for key in desk.window.findChildren(QAbstractButton)
            if not key.shortcut().isEmpty()
        }
        assert bound - _told() == set()
    finally:
        desk.close()


def _told() -> set[str]:
    """The keys of the sheet, each as Qt names it; `Alt+1, 2 ...` stands for the whole row of digits."""
    names = {part for keys, _ in KEYS for part in re.split(r",\s*", keys)}
    digits = {f"{name.split('+')[0]}+{n}" for name in names if re.match(r"\w+\+1", name) for n in range(1, 10)}
    shifted = {f"Shift+{keys}" for keys, words in KEYS if "with Shift" in words}
    return {QKeySequence(name.replace("PgDn", "PgDown")).toString() for name in (*names, *digits, *shifted)}
