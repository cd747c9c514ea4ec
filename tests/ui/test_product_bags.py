"""Bags on the page of whoever prepares, the list of lots, and who had one of them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from PySide6.QtWidgets import QApplication

from exomonitor.registry.shelf import (
    PrepareBag,
    QuarantineBag,
    ReleaseBag,
    ReturnBag,
)
from exomonitor.session.commands import Command, EnterProduct
from tests.exomonitor.engine.bedside_bench import CHAIR, VERIFIER, Bench
from tests.exomonitor.engine.shelf_bench import LABEL, LOT, bag, certificate, released_bag, released_lot
from tests.ui.fake_bedside import FakeBedside
from tests.ui.product_room import Room, open_room, type_into
from tests.ui.scenes import empty_chair
from ui.bridge import Bridge
from ui.pages.product.page import (
    BAGS,
    PROVE,
    RECALL,
    ProductPage,
)
from ui.theme import DARK, LIGHT, apply

NEW = LABEL.replace(LOT, "EXO-D44")


@pytest.fixture
def room(qtbot) -> Iterator[Room]:
    with open_room(qtbot) as made:
        yield made


# --- bags


def open_bags(room: Room) -> None:
    released_lot(room.bench)
    room.show()
    room.page.choose(LOT)
    assert room.page.step() == BAGS


def test_a_bag_is_recorded_with_its_thaw(room):
    open_bags(room)
    room.scan(LABEL)
    room.scan("M-1", "wristband")
    bags = room.page.bags
    type_into(bags.drawn, "2,5")
    type_into(bags.volume, "100")
    assert bags.content().startswith("5.00 billion particles in 100 mL")
    type_into(bags.removed, f"{room.bench.now.plus(-1800).utc.astimezone():%H:%M}")
    type_into(bags.until, f"{room.bench.now.plus(3 * 3600).utc.astimezone():%H:%M}")
    type_into(bags.storage, "-80")
    bags.cycles.key("1").click()
    bags.looks.key("ok").click()
    bags.diluent.key("NaCl 0.9 %").click()
    bags.labelled.click()
    bags.record_key.click()
    command = room.sent()
    assert isinstance(command, PrepareBag)
    assert (command.lot, command.product_ml, command.serial, command.raw) == (LOT, Decimal("2.5"), "000123", LABEL)
    assert (command.label_patient, command.labelled, command.diluent) == ("M-1", True, "NaCl 0.9 %")
    assert (command.thaw.cycles, command.thaw.appearance_ok, command.thaw.storage_c) == (1, True, Decimal(-80))
    assert command.thaw.in_use_until > room.bench.now.iso()
    assert command.thaw.complete_at == ""
    assert bags.drawn.text() == ""


def test_a_bag_that_cannot_be_read_says_what_is_wrong(room):
    open_bags(room)
    type_into(room.page.bags.removed, "noon")
    room.page.bags.record_key.click()
    assert room.bedside.submitted == []
    assert "no time" in room.page.bags.removed.error()
    assert room.page.bags.drawn.error() == "Needed, in mL"


def test_a_bag_that_takes_two_people_asks_for_the_second_one(room):
    open_bags(room)
    bags = room.page.bags
    type_into(bags.drawn, "2.5")
    type_into(bags.volume, "100")
    type_into(bags.reason, "refrozen by the maker")
    room.bedside.refusal = "A second person signs with badge or PIN"
    bags.record_key.click()
    room.qtbot.waitUntil(lambda: room.page.step() == PROVE)
    room.bedside.refusal = ""
    room.page.prove.proven.emit("token-3", "V. DEMO-SANTOS")
    command = room.sent()
    assert isinstance(command, PrepareBag)
    assert (command.proof, command.reason) == ("token-3", "refrozen by the maker")


def test_a_bag_is_released_from_its_line(room):
    released_lot(room.bench)
    room.bench.do(bag(room.bench))
    room.show()
    room.page.choose(LOT)
    (line,) = room.page.bags._lines
    line.key.click()
    room.page.prove.proven.emit("token-4", "V. DEMO-SANTOS")
    command = room.sent()
    assert isinstance(command, ReleaseBag)
    assert command.bag == line._bag


def test_no_bag_of_a_lot_that_is_not_released(room):
    room.bench.do(certificate(room.bench))
    room.show()
    room.page.choose(LOT)
    room.page.open(BAGS)
    assert not room.page.bags.record_key.isEnabled()
    assert "not released" in room.page.bags.content()


def test_a_new_picture_keeps_what_is_typed(room):
    open_bags(room)
    type_into(room.page.bags.drawn, "2.5")
    room.bench.clock.advance(5)
    room.show()
    assert room.page.bags.drawn.text() == "2.5"


# --- the list and the recall


def test_the_list_opens_a_lot(room):
    released_lot(room.bench)
    room.show()
    assert room.page.lots.model.rows[0][:2] == (LOT, "MSC")
    room.page.lots.table.clicked.emit(room.page.lots.model.index(0, 0))
    assert room.page.step() == BAGS


def test_a_scan_on_the_recall_page_asks_who_had_the_lot(room):
    released_lot(room.bench)
    released_bag(room.bench)
    room.bench.prepare()
    room.bench.do(certificate_scan(room.bench))
    room.show()
    room.page.open(RECALL)
    room.scan(LABEL)
    assert room.page.recall.head() == f"Lot {LOT}: 1 session, 1 patient"
    assert room.page.recall.model.rows[0][0] == room.bench.state.study_id


def certificate_scan(bench: Bench) -> Command:
    return EnterProduct(bench.snapshot.chair, bench.by, raw=LABEL)


def test_a_page_that_is_not_in_front_hears_no_scan(room):
    room.page.hide()
    room.scan(NEW)
    assert room.page.sheet.lot.text() == ""


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_every_step_fits_the_small_screen(qtbot, theme):
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply(app, theme)
    bedside = FakeBedside(empty_chair())
    bridge = Bridge(bedside)
    page = ProductPage(bedside, bridge, theme)
    qtbot.addWidget(page)
    needed = page.minimumSizeHint()
    assert needed.width() <= 1298
    assert needed.height() <= 600
    bridge.close()


# --- one bag in quarantine


def stopped_bag(room: Room) -> str:
    open_bags(room)
    made = released_bag(room.bench)
    room.show()
    line = room.page.bags._lines[0]
    line.stop_key.click()
    assert "type the reason here first" in room.page.bags.reason.error()
    assert room.bedside.submitted == []
    type_into(room.page.bags.reason, "a drop at the port")
    line.stop_key.click()
    assert isinstance(sent := room.sent(), QuarantineBag)
    assert (sent.bag, sent.reason) == (made, "a drop at the port")
    room.bench.do(QuarantineBag(CHAIR, room.bench.by, made, "a drop at the port"))
    room.show()
    return made


def test_a_bag_is_put_into_quarantine_with_a_reason(room):
    stopped_bag(room)
    line = room.page.bags._lines[0]
    assert line._state.text() == "IN QUARANTINE: a drop at the port"
    assert not line.key.isVisible()
    assert not line.stop_key.isVisible()
    assert line.return_key.isVisible()


def test_it_goes_back_to_stock_with_a_second_person(room):
    bag_id = stopped_bag(room)
    type_into(room.page.bags.reason, "it was from the wipe")
    room.page.bags._lines[0].return_key.click()
    assert room.page.step() == PROVE
    room.page.prove.proven.emit("token-2", "V. DEMO-SANTOS")
    assert isinstance(sent := room.sent(), ReturnBag)
    assert (sent.bag, sent.reason, sent.proof) == (bag_id, "it was from the wipe", "token-2")
    room.bench.do(ReturnBag(CHAIR, room.bench.by, bag_id, "it was from the wipe", room.bench.proof(VERIFIER)))
    room.show()
    assert room.page.bags._lines[0].key.isVisible(), "it is released anew"
