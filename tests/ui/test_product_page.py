"""Lots on the page of whoever prepares: labels, certificates, release, quarantine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from exomonitor.clinical.certificate import Result
from exomonitor.clinical.gs1 import SCANNER_TEST
from exomonitor.clinical.product import Source
from exomonitor.registry.shelf import (
    EnterCertificate,
    LiftQuarantine,
    QuarantineLot,
    ReleaseLot,
)
from exomonitor.session.plan import SourceCell
from tests.exomonitor.engine.shelf_bench import GOOD, LABEL, LOT, certificate, released_lot
from tests.ui.product_room import Room, open_room, type_into
from ui.pages.product.certificate_rows import ChoiceField, MarkerField, NumberField, TextField
from ui.pages.product.page import (
    BAGS,
    CERTIFICATE,
    GS_LOST,
    GS_PASSES,
    LOTS,
    PROVE,
    RELEASE,
    SHEET,
)

NEW = LABEL.replace(LOT, "EXO-D44")


@pytest.fixture
def room(qtbot) -> Iterator[Room]:
    with open_room(qtbot) as made:
        yield made


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
    room.page.sheet.donor.key("allogeneic").click()
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
    assert command.receipt.donor == "allogeneic"
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
