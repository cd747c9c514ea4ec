"""The canary: PySide6 6.12 loses references to None, True and False on Python 3.11 until the interpreter aborts."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QLabel

CALLS = 500
SLACK = 100  # what the interpreter itself may do meanwhile; the sick release loses one at almost every call


def test_calls_into_qt_do_not_lose_references(qtbot):
    label = QLabel()
    qtbot.addWidget(label)
    before = [sys.getrefcount(thing) for thing in (None, True, False)]
    for number in range(CALLS):
        label.setText(str(number))
        label.isVisible()
    after = [sys.getrefcount(thing) for thing in (None, True, False)]
    assert all(now > then - SLACK for now, then in zip(after, before, strict=True)), (before, after)
