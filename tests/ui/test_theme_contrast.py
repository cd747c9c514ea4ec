"""Every text can be read on what it stands on, in both looks."""

from __future__ import annotations

import pytest

from exomonitor.alarms.limits import Priority
from ui.theme import DARK, LIGHT, THEMES, Theme

READABLE = 4.5


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
@pytest.mark.parametrize("ground", ["bg", "panel", "raised"])
@pytest.mark.parametrize("ink", ["text", "dim", "hr", "spo2", "resp", "nibp", "temp", "rate", "error"])
def test_every_ink_is_readable_on_every_ground(theme: Theme, ground: str, ink: str):
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= READABLE


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
@pytest.mark.parametrize(
    ("ink", "ground"),
    [("accent_text", "accent"), ("chosen_text", "chosen"), ("reaction_text", "reaction"), ("sim_white", "sim_blue")],
)
def test_every_filled_key_is_readable(theme: Theme, ink: str, ground: str):
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= READABLE


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
@pytest.mark.parametrize("priority", list(Priority))
def test_every_alarm_is_readable(theme: Theme, priority: Priority):
    assert contrast(theme.alarm_text(priority), theme.alarm_fill(priority)) >= READABLE


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_alarm_fills_are_used_for_nothing_else(theme: Theme):
    fills = {theme.alarm_fill(priority) for priority in Priority}
    others = [value for name, value in _colours(theme).items() if not name.startswith("alarm_")]
    assert fills.isdisjoint(others)


def _colours(theme: Theme) -> dict[str, str]:
    return {
        name: getattr(theme, name)
        for name in theme.__dataclass_fields__
        if isinstance(getattr(theme, name), str) and getattr(theme, name).startswith("#")
    }


def test_the_layout_grows_with_the_screen_and_never_below_its_smallest():
    assert DARK.scaled_for(1366, 768).px(44) == 44
    assert DARK.scaled_for(1920, 1080).px(44) == 62
    assert DARK.scaled_for(1024, 600).scale == 1.0


def test_the_style_sheet_names_the_colours_of_its_look():
    assert LIGHT.panel in LIGHT.qss()
    assert DARK.panel not in LIGHT.qss()
