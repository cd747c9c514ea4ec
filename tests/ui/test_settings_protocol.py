"""The protocol panel of the settings: what is in force, what another one changes, checking and adopting it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

import pytest
from PySide6.QtCore import Qt

from exomonitor.clinical.protocol import DEFAULT_FILE, load_protocol
from exomonitor.errors import EnvironmentFault
from exomonitor.library import ProtocolLibrary
from exomonitor.registry.library import Adopted
from exomonitor.session.parts.protocol import AdoptProtocol
from tests.ui import scenes
from tests.ui.fake_bedside import FakeBedside
from ui.bridge import Bridge
from ui.pages.settings import SettingsPage
from ui.pages.settings_protocol import ProtocolPanel
from ui.presenters.protocol import FROM_NEXT_START, active_rows, adopted_words, compared_words, option_words
from ui.theme import DARK

SHIPPED = load_protocol()


@dataclass
class Room:
    """A settings page over a data folder, and a clinic's own protocol beside it."""

    page: SettingsPage
    panel: ProtocolPanel
    bedside: FakeBedside
    library: ProtocolLibrary
    clinic: Path


def own(folder: Path, name: str, old: str, new: str) -> None:
    folder.mkdir(exist_ok=True)
    text = (files("resources") / "protocols" / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


@pytest.fixture
def room(qtbot, tmp_path) -> Iterator[Room]:
    library = ProtocolLibrary(tmp_path / "data")
    library.keep(SHIPPED)
    clinic = tmp_path / "clinic"
    own(clinic, DEFAULT_FILE, 'version = "1.0"', 'version = "2.0"')
    own(clinic, "course.toml", "latest_days = 28", "latest_days = 21")
    bedside = FakeBedside(scenes.empty_chair())
    bedside.library = library
    bridge = Bridge(bedside)
    page = SettingsPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.resize(1296, 660)
    page.show()
    page.protocol_key.click()
    panel = page.protocol_panel
    assert panel is not None
    qtbot.waitUntil(panel.listed.has_options)
    yield Room(page, panel, bedside, library, clinic)
    bridge.close()


def checked(qtbot, room: Room, path: Path) -> None:
    room.panel.path.set_text(str(path))
    room.panel.check()
    qtbot.waitUntil(lambda: room.panel.said.text() != "Checking ...")


def rows(room: Room) -> set[tuple[str, ...]]:
    return set(room.panel.model.rows)


def test_the_panel_opens_from_the_settings_and_leads_back(qtbot, room):
    assert room.panel.isVisible()
    assert room.panel.path.text() == str(room.library.folder)
    room.panel.closed.emit()
    assert not room.panel.isVisible()
    assert room.page.protocol_key.isVisible()


def test_the_protocol_in_force_stands_in_the_list_and_is_not_adopted_again(room):
    room.panel.listed.key("0").click()
    assert room.panel.model.rowCount() == 0
    assert "every field is as in force" in room.panel.compared.text()
    assert not room.panel.adopt_key.isEnabled()


def test_a_folder_is_checked_and_compared_field_by_field(qtbot, room):
    checked(qtbot, room, room.clinic)
    assert rows(room) == {
        ("protocol", "version", "1.0", "2.0"),
        ("course.toml", "initial.latest_days", "28", "21"),
    }
    assert "2 fields differ" in room.panel.compared.text()
    assert room.panel.adopt_key.isEnabled()
    model = room.panel.model
    assert [model.headerData(n, Qt.Orientation.Horizontal) for n in range(4)] == [
        "File",
        "Field",
        "In force",
        "This one",
    ]
    assert model.data(model.index(0, 3)) == "2.0"


def test_a_mistake_is_said_with_file_line_and_field_and_nothing_can_be_adopted(qtbot, room):
    own(room.clinic, "sites.toml", 'version = "1.0"', "version = 1")
    checked(qtbot, room, room.clinic)
    assert "sites.toml, line " in room.panel.said.text()
    assert ": version: " in room.panel.said.text()
    assert not room.panel.adopt_key.isEnabled()
    assert room.panel.model.rowCount() == 0


def test_what_is_adopted_is_kept_first_and_then_recorded(qtbot, room):
    checked(qtbot, room, room.clinic)
    protocol = room.panel.other
    assert protocol is not None
    room.panel.adopt(protocol, "a-proof")
    qtbot.waitUntil(lambda: room.panel.said.text().startswith("Adopted"))
    (command,) = [one for one in room.bedside.submitted if isinstance(one, AdoptProtocol)]
    assert (command.name, command.version, command.proof) == (protocol.name, "2.0", "a-proof")
    assert (command.sha256, command.rules_sha256) == (protocol.sha256, protocol.rules.sha256)
    assert room.library.load(protocol.sha256, protocol.rules.sha256) == protocol
    assert FROM_NEXT_START in room.panel.said.text()
    qtbot.waitUntil(lambda: len(room.panel._kept) == 2)


def test_a_refusal_is_said_and_it_can_be_tried_again(qtbot, room):
    checked(qtbot, room, room.clinic)
    room.bedside.refusal = "That takes the role of administrator"
    room.panel.adopt(room.panel.other, "a-proof")
    qtbot.waitUntil(lambda: room.panel.said.text() == "Not adopted: That takes the role of administrator")
    assert room.panel.adopt_key.isEnabled()


def test_an_administrator_signs_before_anything_is_recorded(qtbot, room):
    checked(qtbot, room, room.clinic)
    room.panel.adopt_key.click()
    panel = room.panel._stack.currentWidget()
    assert room.bedside.submitted == []
    panel.proven.emit("token-9", "A. DEMO-ADMIN")
    qtbot.waitUntil(lambda: any(isinstance(one, AdoptProtocol) for one in room.bedside.submitted))
    assert room.bedside.submitted[-1].proof == "token-9"
    assert room.panel._stack.count() == 1


def test_going_back_from_the_signature_changes_nothing(qtbot, room):
    checked(qtbot, room, room.clinic)
    room.panel.adopt_key.click()
    room.panel._stack.currentWidget().closed.emit()
    assert room.panel.adopt_key.isVisible()
    assert room.bedside.submitted == []


def test_without_a_data_folder_the_panel_says_so(qtbot):
    bedside = FakeBedside(scenes.empty_chair())
    bridge = Bridge(bedside)
    panel = ProtocolPanel(bedside, bridge, DARK)
    qtbot.addWidget(panel)
    panel.look()
    assert "no data folder" in panel.said.text()
    assert not panel.check_key.isEnabled()
    bridge.close()


def test_what_was_adopted_and_waits_for_the_next_start_is_said(room):
    snapshot = scenes.empty_chair()
    adopted = Adopted("7", 7, "Ours", "2.0", "a" * 64, "b" * 64, scenes.NOW, "u9")
    registry = replace(snapshot.registry, library=MappingProxyType({"7": adopted}))
    room.page.show_snapshot(replace(snapshot, registry=registry))
    assert room.panel.adopted.text() == f"Adopted: Ours v2.0. {FROM_NEXT_START}"
    room.page.show_snapshot(snapshot)
    assert not room.panel.adopted.isVisible()


def test_the_words_of_a_protocol():
    found = dict(active_rows(SHIPPED))
    assert found["Name, version"] == SHIPPED.title
    assert "approved by no clinic" in found["Tables"]
    assert SHIPPED.sha256[:12] in found["Fingerprint"]
    assert SHIPPED.rules.sha256[:12] in found["Fingerprint"]
    assert option_words(SHIPPED, SHIPPED).endswith("in force\nnot approved")
    assert adopted_words({}, SHIPPED) == ""
    assert compared_words(SHIPPED, ()).endswith("every field is as in force")


def test_a_store_that_cannot_be_written_is_said(qtbot, room, monkeypatch):
    checked(qtbot, room, room.clinic)

    def full(protocol):
        raise EnvironmentFault("the disk is full")

    monkeypatch.setattr(room.library, "keep", full)
    room.panel.adopt(room.panel.other, "a-proof")
    qtbot.waitUntil(lambda: room.panel.said.text() == "Not adopted: the disk is full")
    assert room.bedside.submitted == []
