"""After the start: another bag, another order, and the second person's check, in the window's own page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
from pytestqt.qtbot import QtBot

from exomonitor.session.parts.changes import ChangedAfterStart
from exomonitor.session.parts.course import RegisterPatient
from exomonitor.session.parts.double_check import DoubleCheckDone
from exomonitor.session.plan import SourceCell
from tests.exomonitor.engine.bedside_bench import CHAIR, VERIFIER, Bench
from tests.exomonitor.engine.shelf_bench import LABEL
from tests.ui.bench_bedside import BenchBedside
from tests.ui.prepare_room import type_into
from ui.bridge import Bridge
from ui.pages.changes.page import BAG, CHECK, ORDER, PATIENT, ChangesPage
from ui.theme import DARK

WHY = "read from the bag again"


@dataclass
class Room:
    page: ChangesPage
    bedside: BenchBedside
    bridge: Bridge
    bench: Bench
    qtbot: QtBot

    def look(self) -> None:
        """Time goes on, and the next picture."""
        self.bench.infuse(2, 100.0)
        self.page.show_snapshot(self.bench.snapshot)

    def settled(self, count: int = 1) -> None:
        self.qtbot.waitUntil(lambda: len(self.bedside.submitted) >= count and not self.page._sending)
        self.qtbot.waitUntil(lambda: not self.page.bag._sending and not self.page.order._sending)
        self.look()


@pytest.fixture
def room(qtbot) -> Iterator[Room]:
    bench = Bench()
    bench.infusing(60)
    bedside = BenchBedside(bench)
    bridge = Bridge(bedside)
    page = ChangesPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.resize(1296, 618)
    page.show()
    yield Room(page, bedside, bridge, bench, qtbot)
    bridge.close()


def another_bag(room: Room, lot: str = "LOT-2") -> None:
    room.page.tabs.key(BAG).click()
    bag = room.page.bag
    bag.cell.key(SourceCell.MSC.value).click()
    type_into(bag.lot, lot)
    type_into(bag.expiry, "2029-01-01")
    type_into(bag.reason, WHY)


def test_nothing_waits_for_anybody(room):
    assert room.page.head.text().startswith("Nothing was changed")
    assert room.page.double.hand_over_key.isHidden()
    assert not room.page.bag.save_key.isEnabled()
    assert not room.page.bag.alone_key.isEnabled()


def test_another_bag_with_a_second_person_then_the_check_of_it(room):
    another_bag(room)
    room.page.bag.save_key.click()
    assert room.page._stack.currentWidget() is room.page.second
    room.page.second.proven.emit(room.bench.proof(VERIFIER), "Verifier Example")
    room.settled()
    (change,) = room.bench.events(ChangedAfterStart)
    assert (change.what, change.fields, change.second, change.reason) == ("bag", ("lot",), VERIFIER, WHY)
    assert room.page._stack.currentWidget() is room.page.double
    assert room.page.head.text().startswith("Changed after the start: bag (lot)")
    gone: list[bool] = []
    room.page.back_wanted.connect(lambda: gone.append(True))
    checked(room, "LOT-2")
    assert room.bench.events(DoubleCheckDone)[-1].agrees
    assert gone == [True]
    assert room.page.head.text().startswith("Nothing was changed")


def checked(room: Room, lot: str) -> None:
    page = room.page
    blind: list[bool] = []
    page.blind_changed.connect(blind.append)
    assert page.double.reason.isHidden(), "nobody does without this check"
    page.double.hand_over_key.click()
    room.settled(len(room.bedside.submitted))
    assert blind == [True]
    assert page.head.isHidden()
    assert page.tabs.isHidden()
    assert not page.reaction_key.isHidden()
    page.double.prove.proven.emit(room.bench.proof(VERIFIER), "Verifier Example")
    sheet = page.double.sheet
    type_into(sheet.wristband, "M-1")
    type_into(sheet.born, "1972-03-14")
    sheet.cell.key(SourceCell.MSC.value).click()
    for entry, text in ((sheet.lot, lot), (sheet.expiry, "2029-01-01")):
        type_into(entry, text)
    for number, text in ((sheet.dose, "5"), (sheet.volume, "100"), (sheet.rate, "100")):
        type_into(number, text)
    before = len(room.bedside.submitted)
    sheet.ready_key.click()
    room.settled(before + 1)
    assert blind == [True, False]


def test_a_single_nurse_records_it_at_once(room):
    another_bag(room)
    room.page.bag.alone_key.click()
    room.settled()
    assert [change.second for change in room.bench.events(ChangedAfterStart)] == [""]
    assert "single nurse" in room.page.head.text()
    assert room.page.bag.reason.text() == ""


def test_a_scan_is_enough_for_the_bag(room):
    room.page.open_tab(BAG)
    room.bridge.scanned.emit("label", LABEL)
    assert room.page.bag.box.words() == "Scanned: the label of the bag. "
    room.page.bag.cell.key(SourceCell.MSC.value).click()
    type_into(room.page.bag.reason, WHY)
    room.page.bag.alone_key.click()
    room.settled()
    (change,) = room.bench.events(ChangedAfterStart)
    assert "lot" in change.fields


def test_another_order_keeps_what_was_not_changed(room):
    before = room.bench.state.order
    assert before is not None
    room.page.tabs.key(ORDER).click()
    order = room.page.order
    assert (order.dose.text(), order.volume.text(), order.minutes.text()) == ("5", "100", "60")
    type_into(order.minutes, "50")
    type_into(order.reason, "she has to leave by three")
    assert not order.save_key.isEnabled(), "how it came was not said"
    order.way.key("telephone").click()
    order.save_key.click()
    room.page.second.proven.emit(room.bench.proof(VERIFIER), "Verifier Example")
    room.settled()
    after = room.bench.state.order
    assert after is not None
    assert (after.minutes, after.dose_billion, after.prescriber_id) == (
        Decimal(50), before.dose_billion, before.prescriber_id,
    )  # fmt: skip
    assert [change.fields for change in room.bench.events(ChangedAfterStart)] == [("minutes",)]


def test_a_refusal_stands_on_the_form_and_what_was_typed_stays(room):
    another_bag(room)
    type_into(room.page.bag.expiry, "soon")
    room.page.bag.alone_key.click()
    room.qtbot.waitUntil(lambda: "not a date" in room.page.bag.status())
    assert room.page.bag.lot.text() == "LOT-2"


def test_back_leaves_the_signature_then_the_page(room):
    another_bag(room)
    room.page.bag.save_key.click()
    assert room.page.back()
    assert room.page._stack.currentWidget() is room.page.bag
    assert not room.page.back()


def test_what_is_more_urgent_closes_the_sheet_of_the_second_person(room):
    another_bag(room)
    room.page.bag.alone_key.click()
    room.settled()
    room.page.open_tab(CHECK)
    room.page.double.hand_over_key.click()
    room.settled(2)
    assert room.page.double.blind
    room.page.hide()
    assert not room.page.double.blind


def test_another_patient_sits_there(room):
    room.bench.do(
        RegisterPatient(CHAIR, room.bench.by, "DEMO-OTHER, John", "1950-01-01", "M-2", allergies="none known")
    )
    room.page.tabs.key(PATIENT).click()
    form = room.page.patient
    assert form._heading.text().startswith("In the chair is not: DEMO-EXAMPLE, Jane")
    room.bridge.scanned.emit("wristband", "M-2")
    type_into(form.reason, "two wristbands were swapped")
    assert not form.alone_key.isEnabled(), "nobody has asked for name and date of birth"
    form.asked.setChecked(True)
    form.alone_key.click()
    room.qtbot.waitUntil(lambda: not form._sending)
    room.look()
    (change,) = room.bench.events(ChangedAfterStart)
    assert (change.what, change.fields, change.second) == ("patient", ("another patient",), "")
    assert room.bench.state.patient is not None
    assert room.bench.state.patient.name == "DEMO-OTHER, John"
