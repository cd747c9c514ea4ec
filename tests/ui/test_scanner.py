"""A keyboard-wedge scanner in the window: scans are caught wherever one is, and nothing that hands type is lost."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from exomonitor.settings import ScanCodes
from tests.ui.scenes import normal
from tests.ui.windows import Desk
from ui import scanner
from ui.pages.product.page import ProductPage
from ui.scan_burst import BADGE, ISBT, LABEL, UNKNOWN, WRISTBAND, kind_of
from ui.scanner import Scanner

GS = "\x1d"
BAG = f"]d201006141410004181727063010EXO-A12{GS}21000123"
SCANNER_MS, HAND_MS = 5, 140
SLACK = 10
"""Tests may run on a busy machine: the time stamps are exact, the waiting is not."""


@dataclass
class Keyboard:
    """Real keys, through the native window, with time stamps of the test's choice."""

    qtbot: QtBot
    window: QWidget
    now_ms: int = 1000
    caught: list[tuple[str, str]] = field(default_factory=list)

    def time_of(self, _: QKeyEvent) -> int:
        return self.now_ms

    def press(self, key: Qt.Key | str, gap_ms: int = HAND_MS, modifier: Qt.KeyboardModifier | None = None) -> None:
        self.now_ms += gap_ms
        handle = self.window.windowHandle()
        QTest.keyClick(handle, key, modifier or Qt.KeyboardModifier.NoModifier)  # type: ignore[arg-type]

    def send(self, text: str, gap_ms: int, *, enter: bool = True) -> None:
        for sign in text:
            if sign == GS:
                self.press(Qt.Key.Key_BracketRight, gap_ms, Qt.KeyboardModifier.ControlModifier)
            else:
                self.press(sign, gap_ms)
        if enter:
            self.press(Qt.Key.Key_Return, gap_ms)

    def scan(self, text: str) -> None:
        self.send(text, SCANNER_MS)

    def type(self, text: str, *, enter: bool = True) -> None:
        self.send(text, HAND_MS, enter=enter)


@dataclass
class Room:
    keys: Keyboard
    line: QLineEdit
    button: QPushButton
    scanner: Scanner
    entered: list[str]


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    window = QWidget()
    column = QVBoxLayout(window)
    line, button = QLineEdit(), QPushButton("Save")
    column.addWidget(line)
    column.addWidget(button)
    qtbot.addWidget(window)
    keys = Keyboard(qtbot, window)
    scanner = Scanner(window, time_of=keys.time_of)
    scanner.slack = SLACK
    scanner.scanned.connect(lambda kind, raw: keys.caught.append((kind, raw)))
    entered: list[str] = []
    line.returnPressed.connect(lambda: entered.append(line.text()))
    with qtbot.waitActive(window):
        window.show()
    line.setFocus()
    return Room(keys, line, button, scanner, entered)


def test_a_scan_is_caught_and_the_field_stays_as_it_was(room):
    room.line.setText("half a word")
    room.keys.scan(BAG)
    assert room.keys.caught == [(LABEL, BAG)]
    assert room.line.text() == "half a word"
    assert room.entered == []


def test_a_scan_is_caught_where_no_field_has_the_keyboard(room):
    room.button.setFocus()
    pressed: list[bool] = []
    room.button.clicked.connect(lambda: pressed.append(True))
    room.keys.scan("PATIENT:0048213")
    assert room.keys.caught == [(WRISTBAND, "0048213")]
    assert pressed == []


def test_slow_typing_is_not_taken_and_arrives_whole(room):
    room.keys.type("EXO-A12")
    assert room.keys.caught == []
    assert room.entered == ["EXO-A12"]


def test_the_last_letter_typed_arrives_without_another_key(room):
    room.keys.type("abc", enter=False)
    room.keys.qtbot.waitUntil(lambda: room.line.text() == "abc", timeout=8000)
    assert room.keys.caught == []


def test_fast_hands_that_roll_over_a_few_keys_are_not_a_scanner(room):
    room.keys.type("lo", enter=False)
    room.keys.press("t", 20)
    room.keys.press("s", 20)
    room.keys.press(Qt.Key.Key_Return, 200)
    assert room.keys.caught == []
    assert room.entered == ["lots"]


def test_three_fast_keys_and_an_enter_are_no_scan(room):
    room.keys.send("123", SCANNER_MS)
    assert room.keys.caught == []
    assert room.entered == ["123"]


def test_a_burst_without_its_enter_is_typed_after_all(room):
    room.keys.send("0123456789", SCANNER_MS, enter=False)
    assert room.line.text() == ""
    room.keys.qtbot.waitUntil(lambda: room.line.text() == "0123456789", timeout=20000)
    assert room.keys.caught == []


def test_what_was_typed_arrives_on_a_screen_that_always_stands_still(room, monkeypatch):
    monkeypatch.setattr(scanner, "_STALL_MS", -10_000)  # every look comes too late
    room.scanner.slack = 1
    room.keys.send("0123456789", SCANNER_MS, enter=False)
    room.keys.qtbot.waitUntil(lambda: room.line.text() == "0123456789", timeout=20000)
    assert room.keys.caught == []


def test_a_slow_scanner_is_caught_when_it_announces_itself(room):
    room.keys.send("]d2", 30, enter=False)
    room.keys.send(BAG.removeprefix("]d2"), 70)
    assert room.keys.caught == [(LABEL, BAG)]
    room.keys.send(f"{GS}01006141410004181727063010A", 70)
    assert room.keys.caught[1] == (LABEL, f"{GS}01006141410004181727063010A")
    assert room.line.text() == ""


def test_a_key_held_down_is_no_scanner(room):
    for _ in range(9):
        repeated = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "a", True)
        room.keys.now_ms += 30
        QApplication.sendEvent(room.keys.window.windowHandle(), repeated)
    room.keys.press(Qt.Key.Key_Return, 30)
    assert room.keys.caught == []
    assert room.entered == ["a" * 9]


def test_keys_without_a_time_stamp_count_as_typed(room):
    room.keys.now_ms = -10_000
    room.keys.scan("PATIENT:0048213")
    assert room.keys.caught == []
    assert room.entered == ["PATIENT:0048213"]


def test_a_click_elsewhere_first_brings_what_was_typed_into_its_field(room):
    room.keys.press("7", HAND_MS)
    middle = room.button.mapTo(room.keys.window, QPoint(room.button.width() // 2, room.button.height() // 2))
    QTest.mouseClick(room.keys.window.windowHandle(), Qt.MouseButton.LeftButton, pos=middle)
    assert room.line.text() == "7"


def test_corrections_and_commands_keep_their_order(room):
    room.keys.type("ab", enter=False)
    room.keys.press(Qt.Key.Key_Backspace)
    room.keys.type("c", enter=False)
    room.keys.press("a", HAND_MS, Qt.KeyboardModifier.ControlModifier)
    assert room.line.text() == "ac"
    assert room.line.selectedText() == "ac"


def test_a_space_presses_a_key_at_once(room):
    pressed: list[bool] = []
    room.button.clicked.connect(lambda: pressed.append(True))
    room.button.setFocus()
    room.keys.press(Qt.Key.Key_Space)
    assert len(pressed) == 1


def test_two_scans_one_after_the_other(room):
    room.keys.scan("BADGE:a81f0")
    room.keys.scan(BAG)
    assert room.keys.caught == [(BADGE, "a81f0"), (LABEL, BAG)]


def test_a_substitute_of_gs_is_put_right(room):
    room.scanner.use_codes(ScanCodes(gs="~"))
    room.keys.scan(BAG.replace(GS, "~"))
    assert room.keys.caught == [(LABEL, BAG)]


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (BAG, LABEL),
        (f"010506091751001110628S93R{GS}17241000218898847482518646", LABEL),
        ("01006141410004191727063010A", LABEL),  # a wrong check digit: the page that reads it says so
        ("1727063010EXO-A12", LABEL),
        ("=A9999 26 123456", ISBT),
        ("]C1=A9999", ISBT),
        ("&,1abc", ISBT),
        ("BADGE:77", BADGE),
        ("PATIENT:0048213", WRISTBAND),
        ("0048213", UNKNOWN),
        ("BADGE:", UNKNOWN),
        ("https://example.org", UNKNOWN),
    ],
)
def test_the_kind_is_told_by_the_content(raw, kind):
    assert kind_of(raw, ScanCodes())[0] == kind


def test_without_prefixes_a_plain_code_stays_unknown():
    assert kind_of("0048213", ScanCodes(badge="", wristband="")) == (UNKNOWN, "0048213")


def test_keys_that_waited_while_the_screen_stood_still_a_moment_are_still_one_scan(room):
    room.line.setText("half a word")
    room.keys.press(BAG[0], SCANNER_MS)
    room.scanner._patience.stop()
    room.scanner._patience.timeout.emit()  # the timer was seen before the keys that wait
    room.keys.scan(BAG[1:])
    assert room.keys.caught == [(LABEL, BAG)]
    assert room.line.text() == "half a word"


def test_one_key_alone_reaches_its_field_after_a_last_look(room, qtbot):
    room.scanner.slack = 1
    room.keys.press("E", SCANNER_MS)
    qtbot.waitUntil(lambda: room.line.text() == "E")


def test_the_window_tells_every_page_of_a_scan(qtbot):
    desk = Desk(qtbot, normal())
    keys = Keyboard(qtbot, desk.window)
    desk.window.scanner._time_of = keys.time_of
    desk.window.scanner.slack = SLACK
    heard: list[tuple[str, str]] = []
    desk.bridge.scanned.connect(lambda kind, raw: heard.append((kind, raw)))
    keys.scan(BAG)
    assert heard == [(LABEL, BAG)]
    keys.press(Qt.Key.Key_F8)
    desk.settle()
    assert [type(command).__name__ for command in desk.bedside.submitted] == ["OpenReaction"]
    desk.close()


def test_a_scan_with_real_keys_opens_its_lot_on_the_product_page(qtbot):
    desk = Desk(qtbot, normal())
    keys = Keyboard(qtbot, desk.window)
    desk.window.scanner._time_of = keys.time_of
    desk.window.scanner.slack = SLACK
    desk.window.go("product")
    keys.scan(BAG)
    page = desk.window.pages["product"]
    assert isinstance(page, ProductPage)
    assert (page.sheet.lot.text(), page.sheet.expiry.text(), page.sheet.raw) == ("EXO-A12", "2027-06-30", BAG)
    desk.close()
