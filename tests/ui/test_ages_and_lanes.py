"""Ages have large figures and small units; the trend names its lanes; waves and large figures keep clear of words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QImage, QPainter
from PySide6.QtWidgets import QApplication

from exomonitor.settings import ScreenSettings
from tests.ui import scenes
from tests.ui.windows import LARGE, SMALL, Desk
from ui.plots.palette import DARK_PLOT
from ui.theme import DARK
from ui.widgets.aged import AgedLabel, aged_parts, draw_aged, note_parts

SMALL_FONT, LARGE_FONT = DARK.font(13), DARK.fine_font()


@pytest.mark.parametrize(
    ("age", "large"), [("2 s", ["2"]), ("0.4 s", ["0.4"]), ("15 min", ["15"]), ("2 h 05", ["2", "05"]), ("OLD", [])]
)
def test_only_the_figures_of_an_age_are_large(age, large):
    parts = aged_parts(age, SMALL_FONT, LARGE_FONT)
    assert "".join(words for words, _ in parts) == age
    assert [words for words, font in parts if font is LARGE_FONT] == large


def test_a_time_of_day_beside_an_age_stays_small():
    parts = note_parts("mean 89 · 14:22, 2 s ago", "2 s", SMALL_FONT, LARGE_FONT)
    assert [words for words, font in parts if font is LARGE_FONT] == ["2"]


def test_an_age_that_grows_is_given_its_room(qtbot):
    made = AgedLabel(DARK, "0.4 s")
    qtbot.addWidget(made)
    made.enlarge()
    before = made.sizeHint().width()
    made.setText("OLD 12 s")
    assert made.minimumSizeHint().width() == made.sizeHint().width() > before
    assert not made.grab().isNull()


@pytest.mark.parametrize("room", [200, 46, 30, 12])
def test_no_age_is_painted_past_its_room(qapp, room):
    picture = QImage(240, 40, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.white)
    painter = QPainter(picture)
    draw_aged(painter, DARK, ("OLD: 12 min 45 s",), "12 min 45 s", QPointF(0, 30), room, (16, 12), QFont.Weight.Medium)
    painter.end()
    inked = [x for x in range(240) for y in range(40) if picture.pixelColor(x, y) != Qt.GlobalColor.white]
    assert max(inked) <= room + 1


def test_lines_grow_with_the_screen_and_are_never_thinner_than_on_the_smallest():
    assert DARK_PLOT.pen(1.4) == 1.4
    assert replace(DARK_PLOT, scale=2.8).pen(1.0) == 2.8
    assert replace(DARK_PLOT, scale=0.9).pen(1.0) == 1.0


@pytest.fixture(params=[SMALL, LARGE], ids=["1366x768", "1920x1080"])
def desk(qtbot, request):
    made = Desk(qtbot, scenes.normal(), request.param)
    made.settle()
    yield made
    made.close()


def test_the_trend_names_its_lanes_with_colour_and_unit_until_the_cursor_reads(desk):
    card = desk.window.session_page._live.trend_card
    assert card._words.accessibleName() == "Session · HR /min · SpO₂ % · NIBP mmHg · Rate mL/h"
    assert f'color:{DARK.hr}">HR<' in card._words.text()
    desk.window.session_page._live.move_cursor(-1)
    assert "<" not in card._words.text()


def test_a_wave_keeps_clear_of_its_name(desk):
    sweep = desk.window.session_page._live._sweep
    for lane in sweep._lanes.values():
        name = min(sweep._colours.px(18), lane.place.height() / 2)
        assert lane.top / sweep.devicePixelRatioF() >= lane.place.top() + name - 0.01


def test_the_large_pump_says_infused_and_dose_whole(desk):
    desk.window.kept.choose(ScreenSettings.model_validate({"layout": "large"}))
    QApplication.processEvents()
    pump = desk.window.session_page._large.pump
    said = pump._rows.text().replace("\N{NO-BREAK SPACE}", " ")
    assert said == "Infused 25.0 of 100 mL · Dose, estimated 1.25 of 5.0 billion"
    assert pump._rows.height() >= pump.theme.px(34)
