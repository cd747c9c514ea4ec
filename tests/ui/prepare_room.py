"""The page of the preparation over a made-up bedside and made-up devices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType

from pytestqt.qtbot import QtBot

from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.patients import PatientRecord, PatientRegistered
from exomonitor.registry.registry import Registry
from exomonitor.session import commands as cmd
from exomonitor.session.checklist import gates
from exomonitor.session.state import SessionState
from tests.ui import made_sessions
from tests.ui.fake_bedside import SHIPPED, FakeBedside
from tests.ui.fake_devices import FakeDevices
from ui.bridge import Bridge
from ui.pages.prepare.page import PreparePage
from ui.theme import DARK
from ui.widgets.dressing import dressed_when_made
from ui.widgets.entry import TextEntry

NOW = made_sessions.at(-5)
JANE = PatientRegistered("p-1", "none_known", name="DOE, Jane", born="1972-03-14", mrn="0048213")
KNOWN = Registry(patients=MappingProxyType({"p-1": PatientRecord("p-1", JANE, NOW)}))


def picture(state: SessionState | None) -> Snapshot:
    found = gates(state, NOW, SHIPPED) if state is not None else ()
    return Snapshot("4", NOW, 1, True, session=state, gates=found, staff="R. Okafor", staff_id="u1", registry=KNOWN)


@dataclass
class Room:
    """A page with its made-up bedside."""

    page: PreparePage
    bedside: FakeBedside
    devices: FakeDevices
    wait: Callable[[Callable[[], bool]], None]

    def show(self, state: SessionState) -> None:
        self.page.show_snapshot(picture(state))

    def sent(self, count: int = 1) -> list[cmd.Command]:
        self.wait(lambda: len(self.bedside.submitted) >= count and not self.page._sending)
        return self.bedside.submitted


def open_room(qtbot: QtBot) -> Iterator[Room]:
    """The page as the window of 1366x768 shows it; closed again after the test."""
    devices = FakeDevices()
    bedside = FakeBedside(picture(made_sessions.prepared()), devices=devices)
    bridge = Bridge(bedside)
    with dressed_when_made():
        page = PreparePage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.resize(1296, 618)
    page.show()
    made = Room(page, bedside, devices, qtbot.waitUntil)
    made.show(made_sessions.prepared())
    yield made
    bridge.close()


def type_into(entry: TextEntry, text: str) -> None:
    entry.set_text(text)
    entry.edited.emit(text)
