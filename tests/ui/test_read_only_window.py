"""A window that only reads says so above everything, for as long as it is open."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QMainWindow

from ui.frame.read_only import say_read_only
from ui.theme import DARK, THEMES, apply


def test_a_window_that_only_reads_says_who_records(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    strip = say_read_only(window, THEMES["dark"], "bay-1 records here since 09:00")
    assert strip is not None
    assert window.menuWidget() is strip
    assert strip.text().startswith("READ ONLY: NOTHING IS WATCHED")
    assert strip.text().endswith("bay-1 records here since 09:00")


def test_a_long_name_of_a_computer_pushes_nothing_out_of_sight(qtbot):
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply(app, DARK)
    window = QMainWindow()
    qtbot.addWidget(window)
    longest = "recovery" * 8
    strip = say_read_only(window, DARK, f"{longest} records here since 2026-11-23 09:00:12 (process 1234567)")
    assert strip is not None
    assert strip.minimumSizeHint().width() <= DARK.px(40), "the window stays as wide as its screen"
    window.resize(1366, 200)
    window.show()
    seen = strip.grab().toImage()
    for left in (0, seen.width() - 2):
        edge = {seen.pixel(x, y) for x in (left, left + 1) for y in range(seen.height() - 2)}
        assert len(edge) == 1, "all of it is inside the window"


def test_the_window_of_the_program_that_records_has_no_such_strip(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    assert say_read_only(window, THEMES["dark"], "") is None
