"""Eight waves have room on the live page, and a changed limit of the pressure is said on its tile."""

from __future__ import annotations

from dataclasses import replace

from exomonitor.engine.alarm_basis import OwnLimit
from exomonitor.settings import ScreenSettings, WaveSetting
from exomonitor.signals.waves import WaveName
from tests.ui import scenes
from tests.ui.windows import SMALL, Desk
from ui.presenters.screen import KEYS, MOST_WAVES, WAVES
from ui.presenters.tiles import nibp_tile


def test_eight_waves_can_be_shown_and_each_has_room_for_its_words(qtbot):
    assert len(WAVES) == len(set(WaveName))
    desk = Desk(qtbot, scenes.normal(), SMALL)
    try:
        every = tuple(WaveSetting.model_validate({"wave": name}) for name in list(WAVES)[:MOST_WAVES])
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


def test_every_wave_has_a_key_eight_at_a_time_and_the_first_ones_come_again(qtbot):
    desk = Desk(qtbot, scenes.normal(), SMALL)
    try:
        page = desk.window.session_page
        page.screen_panel.show_coming({WaveName.P1})
        seen = []
        for _ in range(4):
            seen += [(wave, key.text()) for wave, key in page.screen_panel.waves.items()]
            assert len(page.screen_panel.waves) <= MOST_WAVES
            page.screen_panel._more.click()
        assert seen == list(KEYS.items())
        assert list(page.screen_panel.waves) == list(KEYS)[:MOST_WAVES]
        page.screen_panel._more.click()
        page.screen_panel.waves[WaveName.P1].click()
        assert desk.window.kept.screen.wave[-1].wave == WaveName.P1.value
    finally:
        desk.close()
