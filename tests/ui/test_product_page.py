"""The page of whoever prepares, as it is used: scans, keys, what is sent, what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from exomonitor.clinical.certificate import Result
from exomonitor.clinical.gs1 import SCANNER_TEST
from exomonitor.clinical.product import Source
from exomonitor.registry.shelf import (
    EnterCertificate,
    LiftQuarantine,
    PrepareBag,
    QuarantineLot,
    ReleaseBag,
    ReleaseLot,
)
from exomonitor.session.commands import Command, EnterProduct
from exomonitor.session.plan import SourceCell
from tests.exomonitor.engine.bedside_bench import Bench
from tests.exomonitor.engine.shelf_bench import GOOD, LABEL, LOT, bag, certificate, released_bag, released_lot
from tests.ui.fake_bedside import FakeBedside
from tests.ui.scenes import empty_chair
from ui.bridge import Bridge
from ui.pages.product.certificate_rows import ChoiceField, MarkerField, NumberField, TextField
from ui.pages.product.page import (
    BAGS,
    CERTIFICATE,
    GS_LOST,
    GS_PASSES,
    LOTS,
    PROVE,
    RECALL,
    RELEASE,
    SHEET,
    ProductPage,
)
from ui.theme import DARK, LIGHT, apply
from ui.widgets.entry import TextEntry

NEW = LABEL.replace(LOT, "EXO-D44")


@dataclass
class Room:
    page: ProductPage
    bedside: FakeBedside
    bridge: Bridge
    bench: Bench
    qtbot: QtBot

    def show(self) -> None:
        """The registry as the bench has it now."""
        snapshot = replace(empty_chair(), now=self.bench.now, registry=self.bench.snapshot.registry)
        self.page.show_snapshot(snapshot)

    def scan(self, raw: str, kind: str = "label") -> None:
        self.bridge.scanned.emit(kind, raw)

    def sent(self) -> Command:
        self.qtbot.waitUntil(lambda: bool(self.bedside.submitted) and not self.page._sending)
        return self.bedside.submitted[-1]


@pytest.fixture
def room(qtbot) -> Iterator[Room]:
    bench = Bench()
    bedside = FakeBedside(empty_chair())
    bridge = Bridge(bedside)
    page = ProductPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.resize(1298, 618)
    page.show()
    made = Room(page, bedside, bridge, bench, qtbot)
    made.show()
    yield made
    bridge.close()


def type_into(entry: TextEntry, text: str) -> None:
    entry.set_text(text)
    entry.edited.emit(text)


def fill_certificate(room: Room) -> None:
    for line in room.page.certificate.lines:
        line.put(GOOD)
    room.page.certificate._on_edited()


# --- a new lot


def test_a_scan_begins_a_new_lot_that_nobody_can_type_over(room):
    room.scan(NEW)
    assert room.page.step() == SHEET
    assert (room.page.sheet.lot.text(), room.page.sheet.expiry.text()) == ("EXO-D44", "2029-06-30")
    assert room.page.sheet.lot.line.isReadOnly()
    assert "EXO-D44" in room.page.sheet.box.words()


def test_a_label_and_a_certificate_are_sent_as_one(room):
    room.scan(NEW)
    room.page.next_key.click()
    assert room.page.step() == SHEET  # the source is not said yet
    room.page.sheet.cell.key("MSC").click()
    room.page.next_key.click()
    assert room.page.step() == CERTIFICATE
    assert "cannot be released" in room.page.certificate.summary()
    fill_certificate(room)
    assert room.page.certificate.summary() == "Nothing blocks the release"
    room.page.next_key.click()
    command = room.sent()
    assert isinstance(command, EnterCertificate)
    assert (command.raw, command.lot, command.source_cell) == (NEW, "EXO-D44", SourceCell.MSC)
    assert command.certificate == GOOD
    assert room.page.step() == RELEASE
    assert room.page.status().startswith("Recorded")


def test_every_kind_of_line_can_be_put_in_by_hand(room):
    room.page.begin()
    panel = room.page.certificate
    endotoxin, sterility = panel.line("endotoxin"), panel.line("sterility")
    assert isinstance(endotoxin.field, NumberField)
    assert isinstance(sterility.field, ChoiceField)
    type_into(endotoxin.field.entry, "0,7")
    assert endotoxin.verdict() == "✗ FAIL"
    type_into(endotoxin.field.entry, "0,5")
    endotoxin.field.less.click()
    assert endotoxin.verdict() == "✓ pass"
    assert sterility.verdict() == "needed"
    sterility.field.choice.key("pending").click()
    assert sterility.verdict() == "… pending"
    markers = panel.line("identity").field
    assert isinstance(markers, MarkerField)
    for name in ("CD9", "CD63", "TSG101"):
        markers.keys[name].click()
    assert panel.line("identity").verdict() == "✓ pass"
    markers.keys["CD9"].click()
    assert panel.line("identity").verdict() == "✗ FAIL"
    text = panel.line("potency").field
    assert isinstance(text, TextField)
    type_into(text.entry, "T-cell assay")
    assert panel.line("potency").verdict() == "noted"
    said = panel.certificate()
    assert said.numbers["endotoxin"].less_than
    assert said.results == {"sterility": Result.PENDING}
    assert said.markers == {"CD9": False, "CD63": True, "TSG101": True}


def test_the_certificates_source_is_held_against_the_label(room):
    room.page.begin()
    room.page.sheet.cell.key("dendritic cell").click()
    source = room.page.certificate.line("source")
    assert isinstance(source.field, ChoiceField)
    source.field.choice.key("MSC").click()
    assert source.verdict() == "✗ FAIL"
    assert room.page.certificate.certificate().source is Source.MSC


@pytest.mark.parametrize(
    ("kind", "raw", "words"),
    [
        ("label", "01006141410004191727063010A", "check digit"),
        ("unknown", "10EXO-A1217270630", "no expiry date"),
        ("isbt", "=A9999", "ISBT 128 label: enter by hand with second check"),
    ],
)
def test_a_scan_that_is_not_certain_says_why(room, kind: str, raw: str, words: str):
    room.scan(raw, kind)
    assert words in room.page.status()
    assert room.page.step() == LOTS


def test_a_certificate_that_is_entered_again_needs_a_reason(room):
    room.bench.do(certificate(room.bench))
    room.show()
    room.page.choose(LOT)
    room.page.open(CERTIFICATE)
    room.page.next_key.click()
    assert room.bedside.submitted == []
    type_into(room.page.certificate.reason, "sterility result arrived")
    room.scan(LABEL)
    room.page.open(CERTIFICATE)
    room.page.next_key.click()
    command = room.sent()
    assert isinstance(command, EnterCertificate)
    assert (command.reason, command.raw) == ("sterility result arrived", LABEL)


def test_the_scanners_test_code_is_no_lot(room):
    room.scan(SCANNER_TEST)
    assert room.page.status() == GS_PASSES
    room.scan(SCANNER_TEST.replace("\x1d", ""))
    assert room.page.status() == GS_LOST
    assert room.page.step() == LOTS


def test_a_refused_certificate_stays_on_the_sheet(room):
    room.scan(NEW)
    room.page.sheet.cell.key("MSC").click()
    room.page.open(CERTIFICATE)
    fill_certificate(room)
    room.bedside.refusal = "Lot EXO-D44 is known with another product code"
    room.page.next_key.click()
    room.qtbot.waitUntil(lambda: room.page.status().startswith("Not recorded"))
    assert room.page.step() == CERTIFICATE
    assert room.page.certificate.certificate() == GOOD


def test_a_date_that_is_none_is_said(room):
    room.page.begin()
    type_into(room.page.sheet.lot, "EXO-E1")
    type_into(room.page.sheet.expiry, "June 2027")
    room.page.sheet.cell.key("MSC").click()
    room.page.next_key.click()
    assert room.page.step() == SHEET
    assert "no date" in room.page.sheet.expiry.error()


# --- release


def test_a_lot_is_released_with_a_second_signature(room):
    room.bench.do(certificate(room.bench))
    room.show()
    room.page.choose(LOT)
    assert room.page.step() == RELEASE
    assert room.page.release.against() == "Nothing speaks against it"
    room.page.release.release_key.click()
    assert room.page.step() == PROVE
    room.page.prove.proven.emit("token-1", "V. DEMO-SANTOS")
    command = room.sent()
    assert isinstance(command, ReleaseLot)
    assert (command.lot, command.proof) == (LOT, "token-1")
    assert room.page.step() == BAGS


def test_who_gives_up_the_signature_is_back_where_he_was(room):
    room.bench.do(certificate(room.bench))
    room.show()
    room.page.choose(LOT)
    room.page.release.release_key.click()
    room.page.prove.closed.emit()
    assert room.page.step() == RELEASE
    assert room.bedside.submitted == []


def test_a_blocked_lot_cannot_be_released(room):
    pending = replace(GOOD, results={**GOOD.results, "sterility": Result.PENDING})
    room.bench.do(certificate(room.bench, certificate=pending))
    room.show()
    room.page.choose(LOT)
    assert not room.page.release.release_key.isEnabled()
    assert "Sterility: result pending" in room.page.release.against()


def test_quarantine_needs_a_reason_and_lifting_it_a_second_person(room):
    released_lot(room.bench)
    room.show()
    room.page.choose(LOT)
    room.page.open(RELEASE)
    room.page.release.quarantine_key.click()
    assert room.page.release.reason.error()
    type_into(room.page.release.reason, "recall by the maker")
    room.page.release.quarantine_key.click()
    command = room.sent()
    assert isinstance(command, QuarantineLot)
    room.bench.do(replace(command, chair=room.bench.snapshot.chair, by=room.bench.by))
    room.show()
    assert "IN QUARANTINE: recall by the maker" in room.page.release.against()
    type_into(room.page.release.reason, "recall withdrawn")
    room.page.release.lift_key.click()
    room.page.prove.proven.emit("token-2", "Dr DEMO-LINDQVIST")
    assert isinstance(room.sent(), LiftQuarantine)


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
    assert room.page.recall.head() == f"Lot {LOT}: 1 sessions, 1 patients"
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
