"""The screen looks as it was looked at: every layout, look and alarm state against its kept image, with tolerance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QFont, QPainter, QPalette
from PySide6.QtWidgets import QLabel

from tests.ui import scenes
from tests.ui.image_compare import TONE, Pixels, as_pixels, difference, read, write
from tests.ui.reference_images import FOLDER, PARTS, Part, kept, pictures, shot, window_of
from ui.main_window import MainWindow
from ui.theme import Theme

MOST_BYTES = 3_000_000
RENEW = "if it should look so now, renew: python -m tests.ui.reference_images, and look at what it names"


@pytest.mark.parametrize("part", PARTS, ids=["-".join(part) for part in PARTS])
def test_the_screen_looks_as_it_was_looked_at(qapp, part: Part, tmp_path):
    wrong = {}
    for name, image in pictures(part):
        found = difference(as_pixels(image), kept(name))
        if not found.same:
            image.save(str(tmp_path / f"{name}.png"))
            wrong[name] = found.told()
    assert wrong == {}, f"as it looks now: {tmp_path}; {RENEW}"


def test_all_that_is_kept_is_small():
    assert sum(path.stat().st_size for path in FOLDER.glob("*.png")) < MOST_BYTES


def _pixels(window: MainWindow) -> Pixels:
    return as_pixels(shot(window))


@pytest.fixture(scope="module")
def usual(qapp) -> Pixels:
    """The quiet picture, made once; nobody can change it."""
    with window_of(scenes.normal(), "dark") as window:
        found = _pixels(window)
    found.setflags(write=False)
    return found


def test_letters_drawn_by_another_renderer_look_the_same(qapp, usual, monkeypatch):
    plain = Theme.font

    def otherwise(theme: Theme, pixels: float, *rest: QFont.Weight, tabular: bool = False) -> QFont:
        font = plain(theme, pixels, *rest, tabular=tabular)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        return font

    monkeypatch.setattr(Theme, "font", otherwise)
    with window_of(scenes.normal(), "dark") as window:
        found = _pixels(window)
    assert (found != usual).any(axis=2).sum() > 10_000
    assert difference(found, usual).same


def test_edges_that_are_smoothed_otherwise_look_the_same(usual):
    """Each pixel takes a quarter of its neighbour's colour, as another smoothing or half a pixel would make it."""
    values = usual.astype(np.float64)
    softer = (0.75 * values + 0.25 * np.roll(values, 1, axis=1)).astype(np.uint8)
    assert not np.array_equal(softer, usual)
    assert difference(softer, usual).same


@pytest.mark.parametrize("offset", [(4, 0), (0, 4), (-8, 0)], ids=["right", "down", "left"])
def test_a_moved_tile_is_found(qapp, usual, offset):
    with window_of(scenes.normal(), "dark") as window:
        tile = next(iter(window.session_page._tiles.values()))
        tile.move(tile.x() + offset[0], tile.y() + offset[1])
        assert not difference(_pixels(window), usual).same


@pytest.mark.parametrize(("sign", "value"), [("hr", 89.0), ("rr", 18.0), ("temp", 36.1)])
def test_one_other_digit_is_found(qapp, usual, sign, value):
    with window_of(scenes.normal(), "dark") as window:
        window.show_snapshot(replace(scenes.normal(), vitals=scenes.vitals(**{sign: value})))
        assert not difference(_pixels(window), usual).same


def test_another_fill_is_found(qapp, usual):
    with window_of(scenes.normal(), "dark") as window:
        image = shot(window)
    painter = QPainter(image)
    painter.fillRect(700, 90, 24, 24, "#c62828")
    painter.end()
    found = difference(as_pixels(image), usual)
    assert not found.same
    assert found.at[0] in range(688, 724)


def test_what_lies_one_pixel_beside_has_the_same_tone(usual):
    beside = np.roll(usual, (1, 1), axis=(0, 1))
    assert difference(beside, usual).tone <= TONE


@pytest.mark.parametrize("words", ["17:48", "00:00", "Ramp 3 of 3"])
def test_a_greyed_word_is_found(qapp, usual, words):
    """#e0e0e0 becomes #a8a8a8: no channel moves by more than what smoothing may do to a pixel."""
    with window_of(scenes.normal(), "dark") as window:
        shown = next(one for one in window.findChildren(QLabel) if one.isVisible() and one.text() == words)
        was = shown.palette().color(QPalette.ColorRole.WindowText)
        shown.setStyleSheet(f"color: rgb({was.red() - 56}, {was.green() - 56}, {was.blue() - 56});")
        found = difference(_pixels(window), usual)
    assert found.worst == 0.0
    assert not found.same, found.told()


def test_an_image_of_another_size_differs(usual):
    assert not difference(usual[:-1], usual).same


def test_what_is_kept_is_read_back_within_the_tolerance(usual, tmp_path):
    write(usual, tmp_path / "quiet.png")
    assert difference(read(tmp_path / "quiet.png"), usual).same


def test_a_state_is_kept_as_what_it_changes(qapp, usual, tmp_path):
    with window_of(scenes.three_alarms(), "dark") as window:
        state = _pixels(window)
    quiet, alone, patch = (tmp_path / f"{name}.png" for name in ("quiet", "alone", "patch"))
    write(usual, quiet)
    write(state, alone)
    write(state, patch, usual)
    assert patch.stat().st_size < alone.stat().st_size
    assert difference(read(patch, read(quiet)), state).same
