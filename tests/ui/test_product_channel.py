"""Several pumps behind one link: the Devices page asks through which one the product runs, and records the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QFocusEvent
from pytestqt.qtbot import QtBot

from exomonitor.engine.next_line import cable_line
from exomonitor.engine.snapshot import LivePump, Snapshot
from exomonitor.session.commands import PinDevice
from exomonitor.session.plan import BoundDevice
from exomonitor.signals.pump import PumpReading, PumpStatus
from tests.ui import scenes
from tests.ui.fake_bedside import FakeBedside
from tests.ui.fake_devices import FakeDevices
from tests.ui.windows import Desk
from ui.bridge import Bridge
from ui.main_window import MainWindow
from ui.pages.device_channel import ChannelChoice
from ui.pages.devices import DevicesPage
from ui.presenters.devices import channel_options
from ui.theme import DARK

Way = Callable[[MainWindow], None]


@dataclass
class Room:
    page: DevicesPage
    bedside: FakeBedside
    wait: Callable[[Callable[[], bool]], None]

    @property
    def asked(self) -> ChannelChoice:
        return self.page.channel


@pytest.fixture
def room(qtbot) -> Iterator[Room]:
    bedside = FakeBedside(scenes.normal(), devices=FakeDevices())
    bridge = Bridge(bedside)
    page = DevicesPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.resize(1290, 610)
    page.show()
    page.show_view("connect")
    yield Room(page, bedside, qtbot.waitUntil)
    bridge.close()


def pump(channel: str, serial: str = "", status: PumpStatus = PumpStatus.INFUSING) -> LivePump:
    reading = PumpReading("pump", channel, status, status.value, scenes.NOW, rate_ml_h=50.0, serial=serial)
    return LivePump(reading, 0.4, stale=False, lost=False)


def told(pinned: str, product: LivePump | None, *others: LivePump, key: str = "bbraun-space") -> Snapshot:
    normal = scenes.normal()
    assert normal.session is not None
    device = BoundDevice("pump", key, "pump", pinned, "Space", "80213", "clinical")
    session = replace(normal.session, devices={**normal.session.devices, "pump": device})
    return replace(normal, session=session, pump=product, other_pumps=others)


def test_one_pump_alone_is_not_asked_about(room: Room) -> None:
    room.page.show_snapshot(told("1/3", pump("1/3")))
    assert room.asked.isHidden()
    room.page.show_snapshot(told("", pump("1/3")))
    assert room.asked.isHidden()


def test_where_nothing_is_pinned_several_are_asked_about_and_the_answer_is_recorded(room: Room) -> None:
    room.page.show_snapshot(told("", None, pump("1/3", "100113"), pump("1/2", "100112")))
    assert "through which one does the product run?" in room.asked.title.text()
    assert room.asked.choice.value() == ""
    room.asked.choice.key("1/3").click()
    assert room.bedside.submitted == [
        PinDevice("4", "u1", "pump", "bbraun-space", "pump", "1/3", "Space", "100113", "clinical")
    ]


def test_a_pump_that_moved_to_another_slot_is_said_to_be_missing_and_can_be_chosen(room: Room) -> None:
    room.page.show_snapshot(told("1/3", None, pump("2/1")))
    assert room.asked.title.text().startswith("The product's pump 1/3 is not on this link")
    room.asked.choice.key("2/1").click()
    (wanted,) = room.bedside.submitted
    assert isinstance(wanted, PinDevice)
    assert (wanted.channel, wanted.serial) == ("2/1", "80213")


def test_a_pump_that_fell_silent_is_one_of_several_and_the_products_is_not_on_the_link(room: Room) -> None:
    silent = replace(pump("1/3"), stale=True, silent=True)
    room.page.show_snapshot(told("", None, silent, pump("1/2")))
    assert not room.asked.isHidden()
    assert "through which one does the product run?" in room.asked.title.text()
    room.page.show_snapshot(told("1/3", None, silent, pump("1/2")))
    assert room.asked.title.text().startswith("The product's pump 1/3 is not on this link")
    room.asked.choice.key("1/2").click()
    (wanted,) = room.bedside.submitted
    assert isinstance(wanted, PinDevice)
    assert (wanted.channel, wanted.serial) == ("1/2", "80213")


def test_a_pump_that_was_taken_out_is_none_that_the_product_can_run_through(room: Room) -> None:
    gone = pump("1/2", status=PumpStatus.REMOVED)
    room.page.show_snapshot(told("", pump("1/3"), gone))
    assert room.asked.isHidden()
    room.page.show_snapshot(told("1/3", pump("1/3"), gone))
    assert room.asked.isHidden()
    room.page.show_snapshot(told("1/2", gone, pump("1/3", "100113")))
    assert room.asked.title.text().startswith("The product's pump 1/2 is not on this link")
    assert channel_options((gone, pump("1/3", "100113"))) == (("1/3", "1/3 · 100113"),)
    room.asked.choice.key("1/3").click()
    (wanted,) = room.bedside.submitted
    assert isinstance(wanted, PinDevice)
    assert (wanted.channel, wanted.serial) == ("1/3", "100113")


def test_a_neighbour_that_has_not_told_its_number_is_not_recorded_with_that_of_the_pump_before(room: Room) -> None:
    room.page.show_snapshot(told("1/3", pump("1/3", "80213"), pump("1/2")))
    room.asked.choice.key("1/2").click()
    (wanted,) = room.bedside.submitted
    assert isinstance(wanted, PinDevice)
    assert (wanted.channel, wanted.model, wanted.serial) == ("1/2", "", "")


def test_a_key_stays_the_same_while_pictures_come_and_the_chosen_one_records_nothing(room: Room) -> None:
    for _ in range(2):
        room.page.show_snapshot(told("1/3", pump("1/3"), pump("1/2")))
        key = room.asked.choice.key("1/3")
    room.page.show_snapshot(told("1/3", pump("1/3"), pump("1/2")))
    assert room.asked.choice.key("1/3") is key
    key.click()
    assert room.bedside.submitted == []


def test_what_is_refused_is_said(room: Room) -> None:
    room.bedside.refusal = "Sign in first"
    room.page.show_snapshot(told("1/3", pump("1/3"), pump("1/2")))
    room.asked.choice.key("1/2").click()
    room.wait(lambda: room.page.status() == "Sign in first")
    assert room.asked.choice.value() == "1/3"


def test_where_values_are_typed_nothing_is_asked(room: Room) -> None:
    room.page.show_snapshot(told("", None, pump("1/3"), pump("1/2"), key=""))
    assert room.asked.isHidden()


def test_where_next_leads_here_the_page_turns_to_what_is_asked(room: Room) -> None:
    asked = told("1/3", None, pump("2/1"))
    room.page.show_view("links")
    room.page.show_snapshot(asked)
    front(room)
    assert room.page.view.value() == "links", "nobody was led here"
    room.page.show_snapshot(replace(asked, next_line=cable_line("", "1/3")))
    front(room)
    assert room.page.view.value() == "connect"
    assert room.asked.isVisible()
    room.page.confirms["pump"].show()
    front(room)
    assert room.page.view.value() == "links", "another pump is confirmed first"


def test_who_has_turned_elsewhere_is_not_turned_back_when_only_the_keyboard_returns(room: Room) -> None:
    line = cable_line("", "1/3")
    room.page.show_snapshot(replace(told("1/3", None, pump("2/1")), next_line=line))
    front(room)
    room.page.show_view("wire")
    room.page.show_snapshot(replace(told("1/3", None, pump("2/1")), next_line=f"{line} · Set +15 overdue by 01:00"))
    front(room)
    assert room.page.view.value() == "wire", "F12 and Esc, or another program was in front for a moment"
    room.page.show_snapshot(replace(told("1/3", None, pump("2/1")), next_line=cable_line("pump", "")))
    front(room)
    assert room.page.view.value() == "connect", "something else is asked"


def test_who_is_led_here_again_is_shown_again_what_is_asked(room: Room) -> None:
    room.page.show_snapshot(replace(told("1/3", None, pump("2/1")), next_line=cable_line("", "1/3")))
    front(room)
    room.page.show_view("wire")
    room.page.hide()
    room.page.show()
    front(room)
    assert room.page.view.value() == "connect"


def test_with_the_window_nothing_turns_when_the_sign_in_was_opened_and_closed(qtbot: QtBot) -> None:
    desk = Desk(qtbot, replace(scenes.normal(), next_line=cable_line("", "1/1")))
    desk.window.activateWindow()
    desk.window.session_page.do_next("devices")
    desk.settle()
    page = desk.window.page("devices")
    assert isinstance(page, DevicesPage)
    page.show_view("wire")
    desk.window.open_staff()
    desk.settle()
    desk.window.back()
    desk.settle()
    assert page.view.value() == "wire"
    desk.close()


@pytest.mark.parametrize("way", [lambda w: w.session_page.do_next("devices"), lambda w: w.nav.wanted.emit("devices")])
def test_nexts_key_and_the_key_of_the_navigation_lead_to_the_devices_in_one_way(qtbot: QtBot, way: Way) -> None:
    desk = Desk(qtbot, replace(scenes.normal(), next_line=cable_line("", "1/1")))
    window = desk.window
    way(window)
    assert window.stack.currentWidget() is window.page("devices")
    assert window.nav._keys["devices"].isChecked()
    window.open_reaction()
    window.close_over()
    assert window.stack.currentWidget() is window.page("devices"), "after a reaction one is where one was"
    window.back()
    assert window.stack.currentWidget() is window.session_page
    desk.close()


def front(room: Room) -> None:
    room.page.focusInEvent(QFocusEvent(QEvent.Type.FocusIn))
