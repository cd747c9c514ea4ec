"""Less motion, where somebody chose it or the system asks for it: alarms flash, and the heart still proves life."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from exomonitor.settings import ScreenSettings
from tests.ui import scenes
from tests.ui.windows import Desk
from ui import motion
from ui.kept_screen import KeptScreen
from ui.pages.settings import SettingsPage


def looks(widget: QWidget) -> bytes:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return bytes(image.constBits())


def looks_of(heart: QWidget, desk: Desk, beat: int) -> QImage:
    at_beat(desk, beat)
    return heart.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def wide(image: QImage) -> tuple[int, int]:
    """The first and the last column in which anything is drawn."""
    ground = image.pixel(0, 0)
    inked = [x for x in range(image.width()) if any(image.pixel(x, y) != ground for y in range(image.height()))]
    return inked[0], inked[-1]


@pytest.fixture
def desk(qtbot) -> Iterator[Desk]:
    made = Desk(qtbot, scenes.normal())
    yield made
    made.close()


def at_beat(desk: Desk, beat: int) -> None:
    desk.window.show_snapshot(replace(scenes.normal(), beat=beat))


def test_a_running_pump_moves_with_every_beat_and_stands_with_less_motion(desk: Desk):
    word = desk.window.session_page._pump.word
    at_beat(desk, 1)
    before = looks(word)
    at_beat(desk, 2)
    assert looks(word) != before
    desk.window.kept.choose(ScreenSettings(motion="less"))
    still = {looks(word)}
    for beat in range(3, 8):
        at_beat(desk, beat)
        still.add(looks(word))
    assert len(still) == 1


def test_the_large_layout_and_the_locked_screen_obey_it_too(desk: Desk):
    desk.window.show_snapshot(replace(scenes.normal(), locked=True))
    desk.window.kept.choose(ScreenSettings(layout="large", motion="less"))
    words = [desk.window.session_page._large.pump.word, desk.window.pages["locked"].pump.word]  # type: ignore[attr-defined]
    at_beat(desk, 6)
    assert [word._step for word in words] == [0, 0]


def test_the_heart_changes_its_shape_once_a_second_and_stays_as_large_with_less_motion(desk: Desk):
    heart = desk.window.header._heart
    desk.window.kept.choose(ScreenSettings(motion="less"))
    seen = []
    for beat in range(16):
        at_beat(desk, beat)
        seen.append(looks(heart))
    assert len(set(seen)) == 2
    changes = [beat for beat in range(1, 16) if seen[beat] != seen[beat - 1]]
    assert changes == [4, 8, 12]  # four turns of the engine are one second
    assert len({wide(one) for one in (looks_of(heart, desk, 0), looks_of(heart, desk, 4))}) == 1


def test_alarms_flash_all_the_same(desk: Desk):
    desk.window.kept.choose(ScreenSettings(motion="less"))
    desk.show(scenes.three_alarms())
    assert desk.window.alarm_bar.flash.rate == 2.0


def test_the_system_is_heeded_only_where_nobody_has_chosen():
    told: list[bool] = []
    kept = KeptScreen()
    kept.calmed.connect(told.append)
    kept.heed_system(less=True)
    assert kept.calm
    kept.choose(ScreenSettings(motion="usual"))
    assert not kept.calm
    kept.choose(ScreenSettings(motion="less"))
    kept.heed_system(less=False)
    assert kept.calm
    assert told == [True, False, True]


def test_another_window_of_this_screen_heeds_the_same():
    first, second = KeptScreen(), KeptScreen()
    first.heed_system(less=True)
    first.join(second)
    assert second.calm
    first.heed_system(less=False)
    assert not second.calm


def test_it_is_chosen_in_the_settings(desk: Desk):
    desk.window.go("settings")
    page = desk.window.pages["settings"]
    assert isinstance(page, SettingsPage)
    assert page.screen_card.motion.value() == "system"
    page.screen_card.motion.key("less").click()
    assert desk.window.kept.screen.motion == "less"
    assert set(get_args(ScreenSettings.model_fields["motion"].annotation)) == {"system", "less", "usual"}


# --- what the system tells -------------------------------------------------------------------------------------------


def answering(**answers: str):
    def ask(command: Sequence[str]) -> str:
        return answers.get(command[0], "")

    return ask


@pytest.mark.parametrize(("said", "less"), [("false\n", True), ("true\n", False), ("", False)])
def test_gnome_tells_by_its_animations(tmp_path: Path, said: str, less: bool):
    assert motion.wanted_less("linux", answering(gsettings=said), tmp_path) is less


@pytest.mark.parametrize(
    ("path", "content", "less"),
    [
        ("kdeglobals", "[KDE]\nAnimationDurationFactor=0\n", True),
        ("kdeglobals", "[KDE]\nAnimationDurationFactor=0.5\n", False),
        ("kdeglobals", "[KDE]\nAnimationDurationFactor=fast\n", False),
        ("gtk-4.0/settings.ini", "[Settings]\ngtk-enable-animations=false\n", True),
        ("gtk-3.0/settings.ini", "[Settings]\ngtk-enable-animations=0\n", True),
        ("gtk-3.0/settings.ini", "[Settings]\ngtk-enable-animations=1\n", False),
        ("gtk-3.0/settings.ini", "no table at all", False),
    ],
)
def test_other_desktops_tell_by_their_files(tmp_path: Path, path: str, content: str, less: bool):
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text(content)
    assert motion.wanted_less("linux", answering(), tmp_path) is less


@pytest.mark.parametrize(("said", "less"), [("1\n", True), ("0\n", False), ("", False)])
def test_macos_tells_by_its_accessibility(tmp_path: Path, said: str, less: bool):
    assert motion.wanted_less("darwin", answering(defaults=said), tmp_path) is less


def test_a_program_that_is_not_there_says_nothing():
    assert motion.said(("a-program-that-is-nowhere",)) == ""
    assert motion.said(("false",)) == ""
    assert motion.said(("echo", "true")) == "true\n"
