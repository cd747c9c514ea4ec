"""Limits and ages are painted 4 mm high at the least (S5), in every layout and size: measured in the pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from exomonitor.settings import ScreenSettings
from exomonitor.signals.vitals import Sign
from tests.ui import scenes
from tests.ui.fake_bedside import FakeBedside
from tests.ui.windows import LARGE, SMALL
from ui.bridge import Bridge
from ui.frame.chair_strip import STRIP
from ui.frame.header import ChipView
from ui.main_window import MainWindow
from ui.pages.locked import LockedPage
from ui.pages.session.tiles import News2Tile, VitalTile
from ui.presenters.tiles import TileView, _aged, nibp_tile, vital_tile
from ui.theme import LIGHT, apply
from ui.widgets.card import Card

PX_PER_MM = 1366 / 345
"""Of a screen of 15.6 inches and 1366x768."""
FOUR_MM = 4 * PX_PER_MM
SIZES = {
    "1366x746": (1366, 746, 0), "1366x768": (*SMALL, 0), "1920x1080": (*LARGE, 0), "3840x2160": (3840, 2160, 0),
    "several chairs": (1366, 768, STRIP),
}  # fmt: skip


@pytest.fixture(params=SIZES.values(), ids=list(SIZES))
def window(qtbot, request: pytest.FixtureRequest) -> Iterator[MainWindow]:
    wide, high, strip = request.param
    theme = LIGHT.scaled_for(wide, high, strip)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply(app, theme)
    bedside = FakeBedside(scenes.normal())
    bridge = Bridge(bedside)
    made = MainWindow(bedside, bridge, theme)
    made.setFixedSize(wide, high - round(strip * theme.scale))
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    bridge.close()


def pixels(widget: QWidget) -> np.ndarray:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return rows.copy()


def height_of_change(widget: QWidget, show: Callable[[str], None]) -> int:
    """How many rows differ between a 7 and an 8 in the same place: as high as the figure is painted."""
    show("7")
    seven = pixels(widget)
    show("8")
    rows = np.flatnonzero((seven != pixels(widget)).any(axis=1))
    return int(rows[-1] - rows[0] + 1) if rows.size else 0


def tiles_of(window: MainWindow, layout: str) -> list[VitalTile | News2Tile]:
    window.kept.choose(ScreenSettings.model_validate({"layout": layout}))
    QApplication.processEvents()
    shown: list[VitalTile | News2Tile] = [*window.findChildren(VitalTile), *window.findChildren(News2Tile)]
    return [tile for tile in shown if tile.isVisible()]


def with_age(tile: VitalTile, note: str) -> Callable[[str], None]:
    before, after = note.split("#")

    def show(figure: str) -> None:
        age = f"{figure} min"
        tile.show_view(replace(tile.view, note=f"{before}{age}{after}", brief=f"monitor {age}", age=age))

    return show


def with_limit(tile: VitalTile, name: str) -> Callable[[str], None]:
    def show(figure: str) -> None:
        words = f"9{figure}"
        upper = name == "high"
        tile.show_view(replace(tile.view, high=words if upper else "160", low="90" if upper else words))

    return show


def with_input_age(tile: News2Tile) -> Callable[[str], None]:
    view = tile._view

    def show(figure: str) -> None:
        age = f"{figure} min"
        tile.show_view(replace(view, note=f"set 14:19 · inputs {age} old", age=age))

    return show


def with_tail(chip: ChipView) -> Callable[[str], None]:
    before = chip._chip
    return lambda figure: chip.show_chip(replace(before, tail=f"{figure} s"))


def with_remark(card: Card) -> Callable[[str], None]:
    return lambda figure: card.set_remark(f"{figure} s")


def measured(tile: VitalTile | News2Tile) -> dict[str, int]:
    if isinstance(tile, News2Tile):
        return {"NEWS2": height_of_change(tile, with_input_age(tile))}
    label = tile.view.label
    note = "mean 89 · 14:19, # ago · next 14:34" if label == "NIBP" else "baseline 97, −13 · monitor #"
    found = {f"{label} {limit}": height_of_change(tile, with_limit(tile, limit)) for limit in ("high", "low")}
    return {**found, f"{label} age": height_of_change(tile, with_age(tile, note))}


def test_limits_and_ages_are_four_millimetres_high_in_every_layout(window: MainWindow):
    page, found = window.session_page, {}
    for layout, pump in (("trend", page._pump), ("standard", page._pump), ("large", page._large.pump)):
        tiles = tiles_of(window, layout)
        assert len(tiles) == 6
        for tile in tiles:
            found.update({f"{layout}: {name}": high for name, high in measured(tile).items()})
        found[f"{layout}: pump"] = height_of_change(pump, with_remark(pump))
    for chip in window.header.findChildren(ChipView):
        if chip._chip.key in {"pump", "monitor"}:
            found[f"{chip._chip.key} above"] = height_of_change(chip, with_tail(chip))
    window.show_snapshot(replace(scenes.normal(), locked=True))
    QApplication.processEvents()
    locked = window.pages["locked"]
    assert isinstance(locked, LockedPage)
    for tile in (*locked.tiles.values(), locked.nibp):
        assert tile.isVisible()
        found.update({f"locked: {name}": high for name, high in measured(tile).items()})
    least = int(FOUR_MM * window.theme.whole)
    assert len(found) == 3 * 17 + 2 + 15
    assert {name: high for name, high in found.items() if high < least} == {}


@pytest.mark.parametrize(
    ("note", "age"),
    [
        ("baseline 78, +10 · monitor 2 s", "2 s"),
        ("mean 89 · 14:19, 2 min ago · next 14:34", "2 min"),
        ("14:19, 1 h 40 min ago", "1 h 40 min"),
        ("OLD: 12 s", "12 s"),
        ("lost · last 14:10", ""),
    ],
)
def test_the_age_is_found_in_the_words_of_a_tile(note: str, age: str):
    assert _aged(TileView("HR", "88", "/min", note=note)).age == age


def test_each_tile_of_a_live_picture_has_its_age():
    picture = scenes.normal()
    tiles = [vital_tile(picture, sign) for sign in (Sign.HR, Sign.SPO2, Sign.RR, Sign.TEMP)]
    assert all(tile.age and tile.age in tile.note for tile in (*tiles, nibp_tile(picture)))
