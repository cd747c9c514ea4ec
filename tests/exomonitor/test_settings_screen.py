"""How the live page is laid out is remembered, and nothing else is touched by that."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.errors import EnvironmentFault
from exomonitor.settings import (
    FILE,
    ScreenSettings,
    Settings,
    WaveSetting,
    keep_screen,
    keep_theme,
    load_settings,
    save_settings,
)

waves = st.lists(st.builds(WaveSetting), max_size=8).map(tuple)
screens = st.builds(ScreenSettings, wave=waves, diagonal_in=st.floats(0, 120))


@given(screens)
def test_the_screen_comes_back_as_it_was_kept(tmp_path_factory: pytest.TempPathFactory, screen: ScreenSettings):
    folder = tmp_path_factory.mktemp("kept")
    save_settings(folder, Settings(chair="7", theme="light"))
    keep_screen(folder, screen)
    assert load_settings(folder) == Settings(chair="7", theme="light", screen=screen)


def test_another_look_leaves_the_layout_alone(tmp_path: Path):
    keep_screen(tmp_path, ScreenSettings(layout="large"))
    keep_theme(tmp_path, "light")
    assert load_settings(tmp_path).screen.layout == "large"


@pytest.mark.parametrize(
    ("data", "place"),
    [("[screen]\nlayout = 'wide'", "screen.layout"), ("[[screen.wave]]\nwave = 'eeg'", "screen.wave.0.wave")],
)
def test_a_layout_or_a_wave_that_nobody_knows_is_named(tmp_path: Path, data: str, place: str):
    (tmp_path / FILE).write_text(data)
    with pytest.raises(EnvironmentFault, match=place):
        load_settings(tmp_path)
