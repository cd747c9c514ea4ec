"""A link's card on the Devices page: everything that was counted can be read, and what its catalogue entry says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF

from devices.telling import choices
from exomonitor.engine.snapshot import LinkView
from exomonitor.signals.links import LinkChange, LinkCounters, LinkState
from tests.ui import scenes
from tests.ui.windows import LARGE, SMALL
from ui.pages.device_link_card import LinkCard
from ui.theme import DARK, Theme

BAD = {"checksum": 1250, "false length": 61, "incomplete": 7, "noise": 104}
COUNTERS = LinkCounters(bytes_in=44_192_003, bytes_out=182_441, bytes_skipped=71_002, frames_ok=160_214,
                        frames_bad=BAD, reconnects=12, requests=40_311, held_back=17)  # fmt: skip


def card(qtbot, size: tuple[int, int], key: str = "ge-dri") -> tuple[LinkCard, Theme]:
    theme = DARK.scaled_for(*size)
    made = LinkCard(theme, "monitor")
    qtbot.addWidget(made)
    made.set_catalogue(choices())
    change = LinkChange("monitor", LinkState.TALKING, "receiving", scenes.NOW, "/dev/ttyUSB1", "", "", COUNTERS)
    name = next(one.name for one in choices() if one.key == key)
    links = (LinkView("monitor", key, name, change, 0.4),)
    made.resize(theme.px(634), theme.px(540))
    made.show()
    made.show_snapshot(replace(scenes.normal(), links=links))
    qtbot.wait(1)
    return made, theme


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_nothing_that_was_counted_on_a_link_is_cut_off(qtbot, size: tuple[int, int]) -> None:
    made, _ = card(qtbot, size)
    shown = {name.text(): words for name, words in made._rows}
    assert "160214 good, 1422 bad (checksum 1250, false length 61, incomplete 7, noise 104)" in shown["Frames"].text()
    for words in shown.values():
        smallest = QFont(words.font())
        smallest.setPixelSize(words._smallest)
        whole = QFontMetricsF(smallest).size(int(Qt.TextFlag.TextSingleLine), words.text()).width()
        assert whole <= words.width(), words.text()


@pytest.mark.parametrize("key", [one.key for one in choices()])
def test_what_its_catalogue_entry_says_is_whole_beside_the_figures(qtbot, key: str) -> None:
    made, _ = card(qtbot, SMALL, key)
    font = QFont(made.facts._font)
    font.setPixelSize(made.facts._smallest)
    flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap)
    needed = QFontMetrics(font).boundingRect(made.facts.rect(), flags, made.facts.text())
    assert needed.height() <= made.facts.height()
