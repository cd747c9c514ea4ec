"""Eight waves have room on the live page, and a changed limit of the pressure is said on its tile."""

from __future__ import annotations

from dataclasses import replace

from exomonitor.engine.alarm_basis import OwnLimit
from exomonitor.settings import ScreenSettings, WaveSetting
from tests.ui import scenes
from tests.ui.windows import SMALL, Desk
from ui.presenters.screen import MOST_WAVES, WAVES
from ui.presenters.tiles import nibp_tile


def test_there_are_eight_waves_to_choose_from_and_each_has_room_for_its_words(qtbot):
    assert len(WAVES) == MOST_WAVES
    desk = Desk(qtbot, scenes.normal(), SMALL)
    try:
        every = tuple(WaveSetting.model_validate({"wave": name}) for name in WAVES)
        desk.window.kept.choose(ScreenSettings(wave=every))
        desk.settle()
        live = desk.window.session_page._live
        assert live._waves.height() >= 36 * MOST_WAVES
        assert live.trend_card.height() >= live.trend_card.minimumSizeHint().height()
    finally:
        desk.close()


def test_the_tile_of_the_pressure_says_that_its_limit_was_changed_beside_the_baseline():
    own = OwnLimit("nibp_sys_low", "SBP low", 85.0, 90.0, None, "u1", "Usual for this patient")
    tile = nibp_tile(replace(scenes.normal(), limits_changed=(own,)))
    assert tile.own_low
    assert tile.beside.startswith("LIMIT CHANGED")
    assert "baseline" in tile.beside
