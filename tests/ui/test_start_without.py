"""A gate is accepted open in the window: a reason, then whom the clinic's table asks for, or a single nurse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

import pytest
from PySide6.QtCore import Qt

from exomonitor.registry.users import User
from exomonitor.session import commands as cmd
from tests.ui import made_sessions
from tests.ui.prepare_room import Room, open_room, picture
from ui.pages.prepare.steps import BASELINE, ORDER

WHY = "monitor broken, patient stable"
PEOPLE = MappingProxyType(
    {
        "u1": User("u1", "R. DEMO-OKAFOR", ("nurse", "verifier")),
        "u2": User("u2", "V. DEMO-SANTOS", ("nurse", "verifier")),
        "u3": User("u3", "Dr DEMO-LIND", ("prescriber",)),
    }
)


@pytest.fixture
def room(qtbot) -> Iterator[Room]:
    for made in open_room(qtbot):
        with_people(made)
        yield made


def with_people(room: Room) -> None:
    snapshot = picture(made_sessions.prepared())
    snapshot = replace(snapshot, registry=replace(snapshot.registry, users=PEOPLE))
    room.bedside.publish(snapshot)
    room.page.show_snapshot(snapshot)


def asked(room: Room, gate: str, why: str = WHY) -> None:
    room.page.gates.ask(gate)
    room.page.gates.reason.set_text(why)


def test_a_second_person_signs_on_the_page_and_the_one_at_work_is_not_offered(room, qtbot):
    asked(room, BASELINE)
    assert room.page.gates._accept_key.text() == "Second person signs"
    room.page.gates._accept_key.click()
    panel = room.page.signer.panel
    assert panel is not None
    assert panel.isVisible()
    assert {one.id for one in panel._offered(room.bedside.latest())} == {"u2", "u3"}
    panel.choose("u2")
    panel.prove("1111")
    assert room.sent() == [cmd.OverrideGate("4", "u1", BASELINE, WHY, "proof-of-u2")]
    assert room.page.signer.panel is None
    assert room.page._stack.currentWidget() is room.page._pages[room.page.present()]


def test_esc_takes_nobody_and_sends_nothing(room, qtbot):
    asked(room, BASELINE)
    room.page.gates._accept_key.click()
    qtbot.keyClick(room.page.signer.panel, Qt.Key.Key_Escape)
    assert room.page.signer.panel is None
    assert room.bedside.submitted == []
    assert room.page.gates.reason.text() == WHY


def test_what_is_the_prescribers_has_no_key_for_a_single_nurse(room):
    state = replace(made_sessions.prepared(), order=None)
    room.show(state)
    asked(room, ORDER)
    assert room.page.gates._accept_key.text() == "Prescriber signs"
    assert not room.page.gates.alone_key.isVisibleTo(room.page)
    asked(room, BASELINE)
    assert room.page.gates.alone_key.isVisibleTo(room.page)


def test_too_short_a_reason_asks_nobody(room):
    asked(room, BASELINE, "no")
    room.page.gates._accept_key.click()
    room.page.gates.alone_key.click()
    assert room.page.signer.panel is None
    assert "A few words" in room.page.gates.reason.error()


def test_esc_in_the_window_closes_the_panel_first(room):
    asked(room, BASELINE)
    room.page.gates._accept_key.click()
    assert room.page.back()
    assert room.page.signer.panel is None
    assert not room.page.back()


def test_the_panel_stays_while_the_record_moves_on(room):
    asked(room, BASELINE)
    room.page.gates._accept_key.click()
    room.show(made_sessions.filled())
    assert room.page._stack.currentWidget() is room.page.signer.panel
