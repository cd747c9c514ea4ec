"""A window that only reads says so above everything, for as long as it is open."""

from __future__ import annotations

from PySide6.QtWidgets import QMainWindow

from ui.frame.read_only import say_read_only
from ui.theme import THEMES


def test_a_window_that_only_reads_says_who_records(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    strip = say_read_only(window, THEMES["dark"], "bay-1 records here since 09:00")
    assert strip is not None
    assert window.menuWidget() is strip
    assert strip.text().startswith("READ ONLY: NOTHING IS WATCHED")
    assert strip.text().endswith("bay-1 records here since 09:00")


def test_a_long_name_of_a_computer_pushes_nothing_out_of_sight(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    strip = say_read_only(
        window, THEMES["dark"], f"{'recovery-' * 9}bay-12 records here since 2026-11-23 09:00 (process 1)"
    )
    assert strip is not None
    assert strip.minimumSizeHint().width() <= THEMES["dark"].px(40), "the window stays as wide as its screen"
    window.resize(1366, 200)
    window.show()
    at_left = strip.grab().toImage().copy(0, 0, 30, strip.height())
    colours = {at_left.pixel(x, y) for x in range(at_left.width()) for y in range(at_left.height() - 2)}
    assert len(colours) == 1, "it begins inside the window"


def test_the_window_of_the_program_that_records_has_no_such_strip(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    assert say_read_only(window, THEMES["dark"], "") is None
