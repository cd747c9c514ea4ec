"""The next container at a running session: one scan, or a reason and a second signature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from pytestqt.qtbot import QtBot

from exomonitor.session.parts.supply import ChangeContainer
from exomonitor.session.plan import SourceCell
from tests.exomonitor.engine.shelf_bench import LABEL
from tests.ui.fake_bedside import FakeBedside
from tests.ui.scenes import normal
from ui.bridge import Bridge
from ui.pages.session.container_form import ContainerForm
from ui.theme import DARK
from ui.widgets.entry import TextEntry

REFUSED = "This container does not match: lot LOT-9, the first was EXO-A12. A second person and a reason"


@dataclass
class Room:
    form: ContainerForm
    bedside: FakeBedside
    bridge: Bridge
    qtbot: QtBot

    def sent(self, count: int = 1) -> ChangeContainer:
        self.qtbot.waitUntil(lambda: len(self.bedside.submitted) >= count and not self.form._sending)
        command = self.bedside.submitted[-1]
        assert isinstance(command, ChangeContainer)
        return command


@pytest.fixture
def room(qtbot: QtBot) -> Iterator[Room]:
    bedside = FakeBedside(normal())
    bridge = Bridge(bedside)
    form = ContainerForm(DARK, bridge, "4", bedside)
    qtbot.addWidget(form)
    form.resize(620, 470)
    form.show_snapshot(normal())
    form.show()
    yield Room(form, bedside, bridge, qtbot)
    bridge.close()


def type_into(entry: TextEntry, text: str) -> None:
    entry.set_text(text)
    entry.edited.emit(text)


def test_one_scan_records_the_next_container(room):
    room.bridge.scanned.emit("label", LABEL)
    assert room.sent() == ChangeContainer("4", "u1", raw=LABEL)
    assert not room.form.is_complete()


def test_a_wristband_is_no_container(room):
    room.bridge.scanned.emit("wristband", "0048213")
    assert room.bedside.submitted == []


def test_without_a_scan_lot_and_expiry_are_typed(room):
    assert not room.form.save_key.isEnabled()
    type_into(room.form.lot, "EXO-A12")
    type_into(room.form.expiry, "2027-06-30")
    room.form.save_key.click()
    assert room.sent() == ChangeContainer("4", "u1", "", "", SourceCell.MSC, "EXO-A12", "2027-06-30")


def test_what_does_not_match_asks_for_a_reason_and_a_second_person(room):
    room.bedside.refusal = REFUSED
    room.bridge.scanned.emit("label", LABEL)
    room.qtbot.waitUntil(room.form.sign_key.isVisible)
    room.form.sign_key.click()
    assert room.form.reason.error()
    type_into(room.form.reason, "prescriber agreed by phone")
    room.form.sign_key.click()
    assert room.form.prove.isVisible()
    room.form.save()
    assert len(room.bedside.submitted) == 1
    room.bedside.refusal = ""
    room.form.prove.proven.emit("token-1", "V. DEMO-SANTOS")
    assert room.sent(2) == ChangeContainer("4", "u1", LABEL, proof="token-1", reason="prescriber agreed by phone")


def test_a_spent_signature_is_asked_for_anew(room):
    type_into(room.form.lot, "LOT-9")
    type_into(room.form.expiry, "2029-01-01")
    room.bedside.refusal = REFUSED
    room.form._on_proven("token-2", "V. DEMO-SANTOS")
    assert room.sent().proof == "token-2"
    room.qtbot.waitUntil(room.form.sign_key.isVisible)
    room.form.save()
    assert room.sent(2).proof == ""


def test_who_goes_back_leaves_nothing_behind(room):
    type_into(room.form.lot, "LOT-9")
    room.form.clear()
    assert room.form.lot.text() == ""
    assert not room.form.reason.isVisible()


def test_nobody_else_is_there_and_it_hangs_with_the_reason(room):
    assert room.form.alone_key.isHidden()
    room.bedside.refusal = REFUSED
    room.bridge.scanned.emit("label", LABEL)
    room.qtbot.waitUntil(room.form.alone_key.isVisible)
    room.form.alone_key.click()
    assert room.form.reason.error()
    assert len(room.bedside.submitted) == 1
    type_into(room.form.reason, "it hangs already, night")
    room.bedside.refusal = ""
    room.form.alone_key.click()
    assert room.sent(2) == ChangeContainer("4", "u1", LABEL, reason="it hangs already, night", alone=True)
