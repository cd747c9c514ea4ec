"""Several chairs in one window: a person alone changes the chair, each keeps its pages, the wristband comes first."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from exomonitor.alarms.limits import Priority
from exomonitor.engine.bedside import Receipt
from exomonitor.engine.snapshot import OtherPlace, Snapshot
from exomonitor.errors import WristbandFirst
from exomonitor.session import commands as cmd
from exomonitor.session.commands import Command
from exomonitor.session.parts.wristband import CheckWristband, ShowChair
from exomonitor.settings import ChairSetting, seats_of
from tests.ui import scenes
from tests.ui.fake_bedside import FakeBedside
from tests.ui.test_layout_fits import _wrong
from tests.ui.windows import LARGE, SMALL
from ui.frame.chair_strip import STRIP
from ui.presenters.chairs import FILLS
from ui.scan_burst import WRISTBAND
from ui.station_window import StationWindow
from ui.theme import DARK, LIGHT, apply

THUMB_MM, SMALL_SCREEN_MM = 15.0, 345.0
"""A screen of 15.6 inch is 345 mm wide."""


class ChairBedside(FakeBedside):
    """One chair of a station. `wants`: entries wait for the wristband."""

    def __init__(self, station: Station, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self.station = station
        self.wants = False

    def at(self, chair: str) -> FakeBedside:
        return self.station.chairs[chair]

    def submit(self, command: Command) -> Future[Receipt]:
        if self.wants and not isinstance(command, ShowChair | CheckWristband | cmd.OpenReaction):
            self.submitted.append(command)
            future: Future[Receipt] = Future()
            future.set_exception(WristbandFirst("scan the wristband first"))
            return future
        self.wants = self.wants and not isinstance(command, CheckWristband)
        return super().submit(command)


class Station:
    """Chairs of several scenes and their window."""

    def __init__(self, qtbot: QtBot, scene_of: dict[str, str], size: tuple[int, int], theme: Any = DARK) -> None:
        self.qtbot = qtbot
        self.seats = seats_of(tuple(ChairSetting(name=name) for name in scene_of))
        self.chairs: dict[str, ChairBedside] = {}
        made = {name: replace(scenes.SCENES[scene](), chair=name) for name, scene in scene_of.items()}
        for name, snapshot in made.items():
            others = tuple(OtherPlace(n, "", bool(s.alarms), s.alarms) for n, s in made.items() if n != name)
            whole = replace(snapshot, chairs=self.seats, not_shown=("11", "12"), others=others)
            self.chairs[name] = ChairBedside(self, whole)
        self.theme = theme.scaled_for(*size, STRIP)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply(app, self.theme)
        self.window = StationWindow(next(iter(self.chairs.values())), self.theme)
        self.window.windows[self.window.front]._watch.stop()
        self.window.setFixedSize(*size)
        qtbot.addWidget(self.window)
        self.window.show()
        self.window.start()
        qtbot.waitExposed(self.window)

    def show(self, chair: str, **changes: Any) -> None:
        """The engine has a new picture of that chair."""
        self.chairs[chair].publish(replace(self.chairs[chair].latest(), **changes))
        self.settle(250)

    def sent(self, chair: str) -> list[Command]:
        return self.chairs[chair].submitted

    def settle(self, ms: int = 10) -> None:
        self.qtbot.wait(ms)

    def close(self) -> None:
        self.window.close()
        self.window.close_bridges()


@pytest.fixture
def two(qtbot: QtBot) -> Iterator[Station]:
    station = Station(qtbot, {"4": "normal", "5": "normal"}, SMALL)
    yield station
    station.close()


# --- switching -------------------------------------------------------------------------------------------------------


def test_a_touch_on_its_tile_shows_a_chair_and_tells_the_station(two):
    assert (two.window.front, two.sent("4")) == ("4", [])
    two.window.strip.tiles["5"].click()
    two.settle()
    assert two.window.front == "5"
    assert two.window.stack.currentWidget() is two.window.windows["5"]
    assert two.sent("5") == [ShowChair("5", "u1")]
    assert two.window.windows["5"].header.badge.accessibleName() == "Chair 5"


def test_ctrl_and_a_digit_show_the_chairs_in_their_order(two, qtbot):
    two.window.activateWindow()
    qtbot.keyClick(two.window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert two.window.front == "5"
    qtbot.keyClick(two.window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert two.window.front == "4"


def test_a_half_written_note_is_there_when_one_comes_back(two):
    page = two.window.windows["4"].session_page
    two.window.windows["4"].open_note()
    page.note_form._text.setPlainText("half a sen")
    two.window.show_place("5")
    two.window.windows["5"].open_note()
    assert two.window.windows["5"].session_page.note_form._text.toPlainText() == ""
    two.window.show_place("4")
    assert two.window.windows["4"].session_page is page
    assert page.note_form._text.toPlainText() == "half a sen"
    assert page.note_form.isVisible()


def test_keys_belong_to_the_chair_that_is_shown(two, qtbot):
    two.window.show_place("5")
    two.window.activateWindow()
    qtbot.keyClick(two.window.windows["5"], Qt.Key.Key_F3)
    two.settle()
    assert [type(one) for one in two.sent("5")] == [ShowChair, cmd.PauseAudio]
    assert two.sent("4") == []


def test_a_newer_alarm_in_another_chair_is_told_and_switches_nothing(two):
    high = scenes.three_alarms().alarms
    two.show("4", others=(OtherPlace("5", "ROE", True, high),))
    two.show("5", alarms=high)
    assert two.window.front == "4"
    bar = two.window.windows["4"].alarm_bar
    assert bar.accessibleName() == "Alarm: Chair 5 · SpO₂ low 84 % (limit 85)"
    view = two.window.strip.tiles["5"].view
    assert view is not None
    assert (view.priority, view.filled) == (Priority.HIGH, True)
    bar.place_key.click()
    assert two.window.front == "5"


def test_a_line_of_the_list_leads_to_its_chair_and_acknowledges_nothing(two):
    two.show("4", others=(OtherPlace("5", "ROE", True, scenes.three_alarms().alarms),))
    window = two.window.windows["4"]
    window.open_alarms()
    key = window.alarm_list._rows[0].key
    assert key.text() == "Show chair 5"
    key.click()
    assert two.window.front == "5"
    assert two.sent("4") == []


def test_behind_another_chair_nothing_is_drawn_and_the_newest_picture_is_there_on_return(two):
    two.window.show_place("5")
    behind = two.window.windows["4"]
    two.show("4", staff="N. Demo-Later")
    assert behind.header.staff_key.text() != "N. Demo-Later"
    two.window.show_place("4")
    assert "Demo-Later" in behind.header.staff_key.text().replace("\u00a0", " ")


def test_the_tile_of_a_chair_where_a_second_person_is_at_work_names_nobody(two):
    two.window.windows["4"]._show_blind(True)
    view = two.window.strip.tiles["4"].view
    assert view is not None
    assert view.name == "Second check"
    two.window.windows["4"]._show_blind(False)
    view = two.window.strip.tiles["4"].view
    assert view is not None
    assert view.name == "J. DOE"


def test_a_lounge_has_a_tile_while_somebody_is_there(two):
    lounge = ChairBedside(two, replace(scenes.observing(), chair="Lounge 1", chairs=two.seats))
    two.chairs["Lounge 1"] = lounge
    two.show("4", others=(OtherPlace("5", "", False), OtherPlace("Lounge 1", "DOE, Jane", False)))
    assert "Lounge 1" in two.window.strip.tiles
    two.window.show_place("Lounge 1")
    assert two.window.windows["Lounge 1"].bedside.chair == "Lounge 1"
    two.show("Lounge 1", session=None)
    assert "Lounge 1" in two.window.strip.tiles  # it is the one that is shown
    two.window.show_place("4")
    two.show("Lounge 1", session=None, beat=2)
    assert "Lounge 1" not in two.window.strip.tiles


# --- the wristband ----------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(two: Station) -> Station:
    two.window.show_place("5")
    two.chairs["5"].wants = True
    two.show("5", wristband="wanted")
    window = two.window.windows["5"]
    window.open_note()
    window.session_page.note_form._text.setPlainText("sleeps")
    window.session_page.note_form.save()
    two.settle()
    return two


def test_the_first_entry_waits_for_the_wristband_and_is_sent_again_by_itself(asked):
    window = asked.window.windows["5"]
    assert window.wristband.isVisible()
    asked.window._on_scan(WRISTBAND, "W-5")
    asked.settle(20)
    assert asked.sent("5")[1:] == [
        cmd.AddNote("5", "u1", "sleeps"), CheckWristband("5", "u1", "W-5"), cmd.AddNote("5", "u1", "sleeps"),
    ]  # fmt: skip
    assert not window.wristband.isVisible()
    assert window.session_page.note_form._text.toPlainText() == ""


def test_not_now_leaves_what_was_typed_in_its_form(asked):
    window = asked.window.windows["5"]
    window.back()
    asked.settle()
    assert not window.wristband.isVisible()
    assert window.session_page.note_form._text.toPlainText() == "sleeps"
    assert "wristband" in window.session_page.note_form.status()


def test_two_identifiers_are_typed_or_it_was_read(asked):
    panel = asked.window.windows["5"].wristband
    panel.name.set_text("DOE, Jane")
    panel.mrn.set_text("0048213")
    panel.check_key.click()
    asked.settle(20)
    assert CheckWristband("5", "u1", name="DOE, Jane", mrn="0048213") in asked.sent("5")
    asked.chairs["5"].wants = True
    asked.window.windows["5"].session_page.note_form._text.setPlainText("wakes")
    asked.window.windows["5"].session_page.note_form.save()
    asked.settle()
    panel.read_key.click()
    asked.settle(20)
    assert CheckWristband("5", "u1", read=True) in asked.sent("5")


def test_another_patients_wristband_opens_nothing_and_says_so(asked):
    asked.chairs["5"].answers[CheckWristband] = "another"
    asked.window._on_scan(WRISTBAND, "W-4")
    asked.settle(20)
    panel = asked.window.windows["5"].wristband
    assert panel.isVisible()
    assert panel._status.text() == "This wristband belongs to another patient: look at the chair number and the patient"


def test_a_reaction_waits_for_nothing(asked):
    window = asked.window.windows["5"]
    window.press_reaction()
    asked.settle(20)
    assert any(isinstance(one, cmd.OpenReaction) for one in asked.sent("5"))
    assert not window.wristband.isVisible()


def test_switching_away_gives_up_what_waits(asked):
    asked.window.show_place("4")
    assert "wristband" in asked.window.windows["5"].session_page.note_form.status()


def test_a_wristband_that_is_scanned_before_an_entry_is_checked_at_once(two):
    two.window.show_place("5")
    two.show("5", wristband="wanted")
    two.window._on_scan(WRISTBAND, "W-5")
    two.settle()
    assert two.sent("5")[-1] == CheckWristband("5", "u1", "W-5")
    two.show("4", wristband="")
    assert two.window.windows["5"].toast.text() == "Wristband checked: it is this patient"


# --- how it looks -----------------------------------------------------------------------------------------------------

EIGHT = {
    "4": "normal", "5": "three_alarms", "6": "preparing", "7": "observing", "8": "empty", "9": "one_alarm",
    "10": "reacting", "Bay 2": "long_names",
}  # fmt: skip


@pytest.mark.parametrize(("size", "theme"), [(SMALL, DARK), (LARGE, LIGHT)], ids=["1366x768 dark", "1920x1080 light"])
def test_eight_chairs_fit_and_nothing_is_cut(qtbot, size, theme):
    station = Station(qtbot, EIGHT, size, theme)
    try:
        for place in ("5", "6", "Bay 2"):
            station.window.show_place(place)
            station.window.windows[place]._watch.stop()  # nothing comes from these bedsides while it is measured
            station.settle()
            shown = SimpleNamespace(
                window=station.window.windows[place], bedside=station.chairs[place], theme=station.theme
            )
            assert list(_wrong(shown)) == [], place  # type: ignore[arg-type]
    finally:
        station.close()


def test_a_tile_is_as_high_as_a_thumb_on_the_smallest_screen_and_the_band_has_its_colour(two):
    tile = two.window.strip.tiles["4"]
    assert tile.height() * SMALL_SCREEN_MM / SMALL[0] >= THUMB_MM - 0.5
    assert FILLS["blue"][0] in two.window.strip.band.styleSheet()
    two.window.show_place("5")
    assert FILLS["pink"][0] in two.window.strip.band.styleSheet()
