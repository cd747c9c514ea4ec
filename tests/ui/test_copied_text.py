"""What was copied out of the program is gone from the clipboard after a minute; what others copied stays."""

from __future__ import annotations

from typing import cast

import pytest
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QClipboard

from ui.clipboard import KEPT_MS, OwnCopies

Mode = QClipboard.Mode


class Board(QObject):
    """A clipboard and a selection, and whose they are."""

    changed = Signal(Mode)

    def __init__(self) -> None:
        super().__init__()
        self.texts = {Mode.Clipboard: "", Mode.Selection: ""}
        self.ours = dict.fromkeys(self.texts, False)

    def put(self, text: str, mode: Mode = Mode.Clipboard, *, ours: bool = True) -> None:
        self.texts[mode], self.ours[mode] = text, ours
        self.changed.emit(mode)

    def ownsClipboard(self) -> bool:
        return self.ours[Mode.Clipboard]

    def ownsSelection(self) -> bool:
        return self.ours[Mode.Selection]

    def clear(self, mode: Mode) -> None:
        self.put("", mode)


@pytest.fixture
def board(qapp):
    return Board()


@pytest.fixture
def copies(board):
    kept = OwnCopies(cast(QClipboard, board))
    yield kept
    kept.deleteLater()


def waits(copies):
    return [timer for timer in copies.findChildren(QTimer) if timer.isActive()]


@pytest.mark.parametrize("mode", [Mode.Clipboard, Mode.Selection])
def test_after_a_minute_our_text_is_gone(board, copies, mode):
    board.put("DEMO-EXAMPLE, Jane", mode)
    (timer,) = waits(copies)
    assert (timer.interval(), timer.isSingleShot()) == (KEPT_MS, True) == (60_000, True)
    assert board.texts[mode]
    timer.timeout.emit()
    assert not board.texts[mode]


def test_what_another_program_copied_stays(board, copies):
    board.put("DEMO-EXAMPLE, Jane")
    board.put("a shopping list", ours=False)
    (timer,) = waits(copies)
    timer.timeout.emit()
    assert board.texts[Mode.Clipboard] == "a shopping list"
    copies.close()
    assert board.texts[Mode.Clipboard] == "a shopping list"


def test_each_copy_has_its_minute_and_an_empty_clipboard_none(board, copies):
    board.put("first")
    (timer,) = waits(copies)
    assert timer.remainingTime() > KEPT_MS // 2
    board.put("second")
    assert waits(copies) == [timer]
    board.put("selected", Mode.Selection)
    assert len(waits(copies)) == 2
    timer.timeout.emit()
    assert not timer.isActive()
    assert board.texts == {Mode.Clipboard: "", Mode.Selection: "selected"}


def test_nothing_is_left_when_the_program_ends(board, copies):
    board.put("DEMO-EXAMPLE, Jane")
    copies.close()
    assert not board.texts[Mode.Clipboard]
    assert not waits(copies)
    board.put("later")
    assert not waits(copies)
