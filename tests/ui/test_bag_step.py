"""The step of the bag: what a scan says, what typing asks for, and who signs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from exomonitor.session import commands as cmd
from exomonitor.session.parts.supply import AcceptPreparedDose
from exomonitor.session.plan import SourceCell
from tests.exomonitor.engine.bedside_bench import CHAIR, VERIFIER, Bench
from tests.exomonitor.engine.shelf_bench import LABEL, LOT, released_bag, released_lot
from tests.ui.fake_bedside import FakeBedside
from tests.ui.scenes import empty_chair
from ui.bridge import Bridge
from ui.pages.prepare.page import PreparePage
from ui.pages.prepare.product import ProductForm
from ui.pages.prepare.steps import ORDER, PRODUCT
from ui.scan_burst import ISBT, UNKNOWN
from ui.scan_burst import LABEL as LABEL_KIND
from ui.theme import DARK
from ui.widgets.entry import TextEntry


@dataclass
class Room:
    """The sheet over a bench: what it sends, the bench does."""

    form: ProductForm
    bedside: FakeBedside
    bench: Bench
    qtbot: QtBot

    def show(self) -> None:
        self.form.show_snapshot(self.bench.snapshot)

    def record(self) -> None:
        """What the page does with the sheet's commands."""
        for command in self.form.commands() or ():
            self.bench.do(command)
        self.form.on_recorded()
        self.show()

    def sent(self) -> cmd.Command:
        self.qtbot.waitUntil(lambda: bool(self.bedside.submitted))
        return self.bedside.submitted[-1]


@pytest.fixture
def room(qtbot: QtBot) -> Iterator[Room]:
    bench = Bench()
    released_lot(bench)
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    bench.do(
        cmd.IdentifyPatient(CHAIR, bench.by, "DEMO-EXAMPLE, Jane", "1972-03-14", "M-1", ("name", "born"), "none known")
    )
    bedside = FakeBedside(empty_chair())
    bridge = Bridge(bedside)
    form = ProductForm(DARK, CHAIR, bedside, bridge)
    window = QWidget()
    QVBoxLayout(window).addWidget(form)
    qtbot.addWidget(window)
    window.resize(700, 520)
    window.show()
    made = Room(form, bedside, bench, qtbot)
    made.show()
    yield made
    bridge.close()


def type_into(entry: TextEntry, text: str) -> None:
    entry.set_text(text)
    entry.edited.emit(text)


def test_nothing_is_asked_for_but_a_scan(room):
    assert room.form.box.words().startswith("Scan the bag")
    assert not room.form.sign_key.isVisible()


def test_one_scan_of_a_released_bag_is_all(room):
    released_bag(room.bench)
    room.show()
    assert room.form.take_scan(LABEL_KIND, LABEL)
    assert room.form.commands() == (cmd.EnterProduct(CHAIR, room.bench.by, SourceCell.MSC, raw=LABEL),)
    room.record()
    assert room.form.box.words().startswith(f"MSC exosomes, lot {LOT}, expires 2029-06-30. 5 billion in 100 mL")
    assert room.form.box.words().endswith("released by Verifier Example")
    assert room.form.standing.text() == ""


def test_the_code_of_the_bag_is_known_wherever_it_is_scanned(room):
    made = released_bag(room.bench)
    room.show()
    assert room.form.knows(made.lower())
    assert room.form.take_scan(UNKNOWN, made)
    room.record()
    product = room.bench.state.product
    assert product is not None
    assert (product.bag, product.scanned) == (made, True)


def test_a_foreign_lot_asks_for_the_source(room):
    foreign = "]d20105060917510011172901011012345"
    assert not room.form.take_scan(LABEL_KIND, foreign)
    assert room.form.problem.text() == "Choose what the exosomes come from"
    room.form.cell.key("dendritic cell").click()
    (command,) = room.form.commands()
    assert command == cmd.EnterProduct(CHAIR, room.bench.by, SourceCell.DENDRITIC, raw=foreign)


@pytest.mark.parametrize(
    ("kind", "raw", "words"),
    [
        (ISBT, "=A9999", "ISBT 128 label: enter by hand with second check"),
        (LABEL_KIND, "10EXO-A1217270630", "no expiry date"),
        (UNKNOWN, "0048213", "not on a bag"),
    ],
)
def test_a_code_that_is_no_good_says_why(room, kind: str, raw: str, words: str):
    assert not room.form.take_scan(kind, raw)
    assert words in room.form.problem.text()


def test_typing_after_a_scan_makes_it_a_typed_bag(room):
    released_bag(room.bench)
    room.show()
    room.form.take_scan(LABEL_KIND, LABEL)
    type_into(room.form.lot, "LOT-9")
    (command,) = room.form.commands()
    assert command == cmd.EnterProduct(CHAIR, room.bench.by, SourceCell.MSC, "LOT-9", "2029-06-30")


def test_a_bag_that_may_not_be_given_says_so_large(room):
    room.bench.do(cmd.EnterProduct(CHAIR, room.bench.by, SourceCell.MSC, "LOT-9", "2020-01-01"))
    room.show()
    assert room.form.standing.text() == "✗ Lot LOT-9 expired on 2020-01-01"


def test_a_typed_bag_is_signed_by_a_second_person(room):
    room.bench.do(cmd.EnterProduct(CHAIR, room.bench.by, SourceCell.MSC, "LOT-9", "2029-01-01"))
    gate = next(gate for gate in room.bench.snapshot.gates if gate.key == "product")
    asked = replace(gate, done=False, why="typed by hand: a second person checks it")
    room.form.show_snapshot(replace(room.bench.snapshot, gates=(asked,)))
    room.form.sign_key.click()
    assert room.form.prove is not None
    assert room.form.prove.isVisible()
    token = room.bench.proof(VERIFIER)
    room.form.prove.proven.emit(token, "Verifier Example")
    command = room.sent()
    assert command == cmd.EnterProduct(CHAIR, room.bench.by, SourceCell.MSC, "LOT-9", "2029-01-01", proof=token)
    room.bench.do(command)
    product = room.bench.state.product
    assert product is not None
    assert product.second == VERIFIER


def test_a_dose_that_is_off_is_accepted_with_a_reason_and_a_second_person(room):
    released_bag(room.bench, product_ml=Decimal("2.1"))
    room.show()
    room.form.take_scan(LABEL_KIND, LABEL)
    room.record()
    room.bench.order()
    room.show()
    assert "16.0 % apart" in room.form.standing.text()
    room.form.sign_key.click()
    assert room.form.reason.error()
    type_into(room.form.reason, "last container of the lot")
    room.form.sign_key.click()
    token = room.bench.proof(VERIFIER)
    assert room.form.prove is not None
    room.form.prove.proven.emit(token, "Verifier Example")
    command = room.sent()
    assert command == AcceptPreparedDose(CHAIR, room.bench.by, "last container of the lot", token)
    room.bench.do(command)
    room.show()
    assert room.form.standing.text() == ""
    assert not room.form.sign_key.isVisible()


def test_a_scan_at_any_step_records_the_bag_and_goes_on(room, qtbot):
    released_bag(room.bench)
    bridge = Bridge(room.bedside)
    page = PreparePage(room.bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.show()
    page.show_snapshot(room.bench.snapshot)
    page.open_step(ORDER)
    bridge.scanned.emit("label", LABEL)
    assert room.sent() == cmd.EnterProduct(CHAIR, room.bench.by, SourceCell.MSC, raw=LABEL)
    bridge.scanned.emit("label", "10EXO-A1217270630")
    qtbot.waitUntil(lambda: not page._sending)
    bridge.scanned.emit("label", "10EXO-A1217270630")
    assert page.present() == PRODUCT
    assert "no expiry date" in page.product.problem.text()
    bridge.close()


def test_who_gives_up_signing_is_back_on_the_sheet(room):
    released_bag(room.bench, product_ml=Decimal("2.1"))
    room.bench.do(cmd.EnterProduct(CHAIR, room.bench.by, raw=LABEL))
    room.bench.order()
    room.show()
    type_into(room.form.reason, "last container")
    room.form.sign_key.click()
    assert room.form.prove is not None
    room.form.prove.closed.emit()
    assert room.form.box.isVisible()
    assert room.bedside.submitted == []
