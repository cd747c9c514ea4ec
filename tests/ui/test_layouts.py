"""The layouts of the live page: nothing is cut at any size, figures are as large as asked, and a key changes them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QWidget

from exomonitor.settings import ScreenSettings, WaveSetting
from exomonitor.signals.vitals import Sign
from tests.ui import scenes
from tests.ui.live_waves import show_past, show_waves
from tests.ui.test_layout_fits import _wrong
from tests.ui.windows import LARGE, SMALL, Desk
from ui.pages.session.large import CAP
from ui.pages.session.page import SessionPage
from ui.pages.settings import SettingsPage

ROOT = Path(__file__).parents[2]
PX_PER_MM = 1366 / 345
"""Of a screen of 15.6 inch and 1366x768."""
FOUR_K = (3840, 2160)
CROWDED = ("three_alarms", "long_names", "lost", "no_data")
ALL_WAVES = tuple(
    WaveSetting.model_validate({"wave": w}) for w in ("ecg_i", "ecg_ii", "ecg_iii", "ecg_v", "pleth", "resp")
)
SCREENS = {
    "large": ScreenSettings(layout="large"),
    "trend": ScreenSettings(layout="trend", span="15"),
    "six waves": ScreenSettings(wave=ALL_WAVES),
    "no waves": ScreenSettings(wave=()),
}


@pytest.fixture
def desk(qtbot) -> Iterator[Desk]:
    made = Desk(qtbot, scenes.normal())
    yield made
    made.close()


def page_of(desk: Desk) -> SessionPage:
    return desk.window.session_page


def place(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


@pytest.mark.parametrize("size", [SMALL, LARGE, FOUR_K], ids=["1366x768", "1920x1080", "3840x2160"])
def test_nothing_is_cut_or_covered_in_any_layout(qtbot, size):
    desk = Desk(qtbot, scenes.normal(), size)
    found = {}
    try:
        for scene in CROWDED:
            desk.show(scenes.SCENES[scene]())
            for name, screen in SCREENS.items():
                desk.window.kept.choose(screen)
                desk.settle()
                found[scene, name] = list(_wrong(desk))
        desk.window.session_page.open_waves()
        desk.settle()
        found["panel", ""] = list(_wrong(desk))
    finally:
        desk.close()
    assert {key: wrong for key, wrong in found.items() if wrong} == {}


_SCALED = """
import sys
from PySide6.QtWidgets import QApplication
from exomonitor.settings import ScreenSettings
from tests.ui import scenes
from tests.ui.fake_bedside import FakeBedside
from tests.ui.live_waves import show_past, show_waves
from tests.ui.test_layout_fits import _wrong
from ui.bridge import Bridge
from ui.main_window import MainWindow
from ui.theme import DARK, apply
app = QApplication([])
assert app.devicePixelRatio() == 1.5
wide, high = int(sys.argv[1]), int(sys.argv[2])
theme = DARK.scaled_for(wide, high, ratio=app.devicePixelRatio())
apply(app, theme)
bedside = FakeBedside(scenes.long_names())
bridge = Bridge(bedside)
class Desk:
    pass
Desk.bedside, Desk.theme = bedside, theme
Desk.window = MainWindow(bedside, bridge, theme)
Desk.window.setFixedSize(wide, high)
Desk.window.show()
for layout in ("standard", "large", "trend"):
    Desk.window.kept.choose(ScreenSettings(layout=layout))
    for _ in range(5):
        app.processEvents()
    for wrong in _wrong(Desk):
        print(layout, wrong)
bridge.close()
"""


@pytest.mark.parametrize(("wide", "high"), [(1280, 720), (2560, 1440)], ids=["1920x1080", "3840x2160"])
def test_nothing_is_cut_where_everything_is_shown_at_150_percent(wide, high):
    told = {**os.environ, "QT_SCALE_FACTOR": "1.5", "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", _SCALED, str(wide), str(high)],
        env=told,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == ""


def test_large_figures_are_twenty_millimetres_high(desk):
    assert CAP >= 20 * PX_PER_MM
    desk.window.kept.choose(SCREENS["large"])
    large = page_of(desk)._large
    assert large.isVisible()
    assert {tile._cap for sign, tile in large.tiles.items() if sign.value in {"hr", "spo2"}} == {CAP}
    assert large.nibp._cap == large.pump.word._cap == CAP


def test_one_key_leads_through_the_layouts_and_each_is_remembered(qtbot, desk):
    chosen: list[str] = []
    desk.window.kept.changed.connect(lambda screen: chosen.append(screen.layout))
    for _ in range(3):
        qtbot.keyClick(desk.window, Qt.Key.Key_Insert)
    assert chosen == ["large", "trend", "standard"]
    assert not page_of(desk)._large.isVisible()


def test_beside_a_form_the_figures_stand_as_in_the_standard_layout(desk):
    desk.window.kept.choose(SCREENS["large"])
    desk.window.open_note()
    assert not page_of(desk)._large.isVisible()
    assert page_of(desk)._pump.isVisible()
    desk.window.back()
    assert page_of(desk)._large.isVisible()


def test_the_list_of_alarms_covers_no_large_figure(desk):
    desk.show(scenes.three_alarms())
    desk.window.kept.choose(SCREENS["large"])
    desk.window.open_alarms()
    page, listed = page_of(desk), place(desk.window.alarm_list, desk.window)
    watched = [*page._tiles.values(), page._nibp, page._pump, page.reaction_key]
    assert [one for one in watched if one.isVisible() and place(one, desk.window).intersects(listed)] == []
    assert page._pump.isVisible()
    desk.window.open_alarms()
    desk.show(scenes.three_alarms())
    assert page._large.isVisible()


def test_large_figures_follow_the_picture_and_their_keys_work(desk):
    desk.window.kept.choose(SCREENS["large"])
    desk.show(scenes.one_alarm())
    large = page_of(desk)._large
    assert large.tiles[Sign.SPO2].view.value == "89"
    assert large.tiles[Sign.SPO2].view.filled
    large.keys.reaction.click()
    assert desk.window.stack.currentWidget() is desk.window.reaction_page


def test_waves_are_chosen_by_touch_and_say_whether_they_come(qtbot, desk):
    page = page_of(desk)
    qtbot.keyClick(desk.window, Qt.Key.Key_PageUp)
    panel = page.screen_panel
    assert panel.isVisible()
    panel.waves["ecg_v"].click()
    panel.waves["resp"].click()
    panel.gains["pleth"].click()
    assert [(one.wave, one.gain) for one in desk.window.kept.screen.wave] == [
        ("ecg_ii", "1"), ("ecg_v", "1"), ("pleth", "2"),
    ]  # fmt: skip
    assert list(page._live._sweep._lanes) == ["ecg_ii", "ecg_v", "pleth"]
    panel.speed.key("50").click()
    panel.span.key("15").click()
    assert page._live._sweep._mm_per_s == 50
    assert page._live._trend.view().until_min == pytest.approx(17.8)
    panel.show_coming({"pleth"})
    assert [panel.waves[wave].accessibleDescription() for wave in ("pleth", "resp")] == ["coming", "nothing comes"]
    assert "NOT CALIBRATED" in panel._note.text()


def test_a_slip_of_the_hand_leaves_no_entry_half_made(qtbot, desk):
    desk.window.open_set()
    qtbot.keyClick(desk.window, Qt.Key.Key_PageUp)
    assert page_of(desk).current_form() is page_of(desk).set_form


def test_the_trend_is_read_by_keys_and_esc_ends_it(qtbot, desk):
    live = page_of(desk)._live
    for minute in range(18):
        live._trend.add_vitals(minute, {Sign.HR: 70.0 + minute})
    live.next_card.setFocus()
    for _ in range(11):
        qtbot.keyClick(desk.window.focusWidget(), Qt.Key.Key_Left)
    words = live.trend_card._words.text()
    assert "minute 7.8" in words
    assert "HR 77 /min" not in words  # said at minute 7, longer ago than a line would bridge
    assert "82.8 mL/h, planned 82.8" in words
    desk.window.back()
    assert live.trend_card._words.text().startswith("Session")


def test_a_cursor_that_nobody_moves_goes_away(desk):
    live = page_of(desk)._live
    live.move_cursor(0)
    assert live._trend.reading() is not None
    for seconds in range(0, 70, 5):
        desk.show(replace(scenes.normal(), now=scenes.NOW.plus(seconds)))
    assert live._trend.reading() is None


def test_the_measured_diagonal_makes_the_speed_true(desk):
    desk.window.go("settings")
    page = desk.window.pages["settings"]
    assert isinstance(page, SettingsPage)
    assert "NOT CALIBRATED" in page.screen_card.words.text()
    page.screen_card.diagonal.set_text("15,6")
    page.screen_card.keep_key.click()
    assert desk.window.kept.screen.diagonal_in == 15.6
    assert "true speed" in page.screen_card.words.text()
    page.screen_card.diagonal.set_text("2")
    page.screen_card.keep_key.click()
    assert desk.window.kept.screen.diagonal_in == 15.6
    page.screen_card.ask_key.click()
    assert "NOT CALIBRATED" in page.screen_card.words.text()


def test_made_up_waves_are_drawn_in_every_lane(desk):
    desk.window.kept.choose(ScreenSettings(wave=ALL_WAVES, diagonal_in=15.6))
    desk.settle()
    page = page_of(desk)
    show_past(page)
    show_waves(page)
    sweep = page._live._sweep
    assert [lane.problem() for lane in sweep._lanes.values()] == [""] * 6
    image = sweep.grab().toImage()
    for lane in sweep._lanes.values():
        rows = range(round(lane.place.top()) + 12, round(lane.place.bottom()))
        colour = lane.pen.color()
        assert any(image.pixelColor(x, y) == colour for x in range(0, image.width(), 2) for y in rows), lane.wave
