"""The second check as hands do it: nothing of the first person is in sight, and what differs stands side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget

from exomonitor.engine.bedside import Receipt
from exomonitor.session.parts.double_check import (
    BeginDoubleCheck,
    CompleteDoubleCheck,
    DoubleCheck,
    SingleNurse,
)
from tests.ui import scenes
from tests.ui.prepare_sheet import Sheet, page_of, picture, type_into, unchecked
from tests.ui.windows import Desk
from ui.pages.prepare.page import PreparePage
from ui.pages.prepare.steps import DOUBLE


@pytest.fixture
def desk(qtbot) -> Iterator[Sheet]:
    made = Sheet(qtbot)
    yield made
    made.bridge.close()


def all_words(desk: Desk) -> str:
    """Every word in sight, painted ones by their accessible names."""
    shown = [w for w in desk.window.findChildren(QWidget) if w.isVisible() and not w.visibleRegion().isEmpty()]
    texts = [w.text() for w in shown if isinstance(w, QLabel | QAbstractButton | QLineEdit)]
    return " ".join([*texts, *(w.accessibleName() for w in shown)])


def handed_over(desk: Sheet | Desk) -> PreparePage:
    page = page_of(desk, DOUBLE)
    page.double.hand_over_key.click()
    desk.qtbot.waitUntil(lambda: page.double.blind)
    page.double._on_proven("token-1", "V. DEMO-SANTOS")
    return page


def test_nothing_that_was_entered_is_in_sight_of_the_second_person(qtbot):
    desk = Desk(qtbot, picture(unchecked()))
    try:
        _look_around(desk)
    finally:
        desk.close()


def _look_around(desk: Desk) -> None:
    page = handed_over(desk)
    desk.show(picture(unchecked()))
    desk.settle()
    words = all_words(desk)
    for secret in ("DOE", "1972-03-14", "0048213", "EXO-A12", "2027-06-30", "5.0", "41.4", "165.5", "100 mL", "45 min"):
        assert secret not in words, secret
    assert "V. DEMO-SANTOS" in words
    page.double.hand_back()
    desk.show(picture(unchecked()))
    desk.settle()
    assert "DOE, Jane" in all_words(desk)


def test_two_scans_and_three_numbers_are_the_whole_check(desk: Sheet):
    page = handed_over(desk)
    desk.bridge.scanned.emit("wristband", "0048213")
    desk.bridge.scanned.emit("label", "]d20100...")
    sheet = page.double.sheet
    for entry, text in ((sheet.dose, "5,0"), (sheet.volume, "100"), (sheet.rate, "41.4")):
        type_into(entry, text)
    sheet.ready_key.click()
    desk.qtbot.waitUntil(lambda: bool(desk.sent(CompleteDoubleCheck)))
    (sent,) = desk.sent(CompleteDoubleCheck)
    assert (sent.proof, sent.wristband, sent.label) == ("token-1", "0048213", "]d20100...")
    assert (sent.typed, sent.born) == (False, "")
    assert (sent.dose_billion, sent.volume_ml, sent.rate_ml_h) == (Decimal("5.0"), Decimal(100), Decimal("41.4"))
    desk.qtbot.waitUntil(lambda: not page.double.blind)


def test_what_is_missing_on_the_blind_sheet_is_said_one_thing_after_the_other(desk: Sheet):
    page = handed_over(desk)
    sheet = page.double.sheet
    sheet.ready_key.click()
    assert "Scan the wristband" in sheet.problem.text()
    type_into(sheet.wristband, "0048213")
    sheet.ready_key.click()
    assert "Type the date of birth too" in sheet.problem.text()
    type_into(sheet.born, "1972-03-14")
    sheet.ready_key.click()
    assert "Scan the bag" in sheet.problem.text()
    sheet.cell.set_value("MSC")
    type_into(sheet.lot, "EXO-A12")
    type_into(sheet.expiry, "2027-06-30")
    sheet.ready_key.click()
    assert "typed by hand" in sheet.problem.text()
    type_into(sheet.dose, "5000000000")
    sheet.ready_key.click()
    assert "billion" in sheet.problem.text()
    assert desk.sent(CompleteDoubleCheck) == []


def test_handing_back_forgets_what_the_second_person_entered(desk: Sheet):
    page = handed_over(desk)
    type_into(page.double.sheet.dose, "5")
    page.double.sheet.back_key.click()
    assert not page.double.blind
    assert page.double.sheet.dose.text() == ""
    assert page._left.isVisible()


def test_a_difference_shows_both_values_side_by_side(desk: Sheet):
    checked = scenes.preparing().session
    assert checked is not None
    done = checked.double_check.done
    assert done is not None
    other = replace(done.entered, dose_billions=Decimal("0.5"))
    differs = DoubleCheck(done=replace(done, entered=other, differing=("dose_billions",)))
    page = page_of(desk, DOUBLE)
    desk.show(picture(replace(checked, double_check=differs)))
    words = [w.text() for w in page.double.findChildren(QLabel) if w.isVisibleTo(page)]
    assert {"Dose", "5 billion", "0.5 billion"} <= set(words)
    assert not page.double.on_receipt(Receipt(answer="differs")) or not page.double.blind


def test_single_nurse_needs_a_few_words(desk: Sheet):
    page = page_of(desk, DOUBLE)
    type_into(page.double.reason, "no")
    page.next_step()
    assert "printed" in page.double.problem.text()
    type_into(page.double.reason, "alone at night")
    page.next_step()
    desk.qtbot.waitUntil(lambda: bool(desk.sent(SingleNurse)))
    assert desk.sent(SingleNurse)[0].reason == "alone at night"
    assert desk.sent(BeginDoubleCheck) == []


def test_a_code_of_the_clinic_s_own_bag_is_no_wristband(desk: Sheet):
    sheet = handed_over(desk).double.sheet
    sheet.take_scan("unknown", "0048213")
    sheet.take_scan("unknown", "B-6T2T5A", is_bag=True)
    assert sheet.wristband.text() == "0048213"
    assert not sheet.born.isEnabled()
    assert sheet.command("4", "u1", "token-1").label == "B-6T2T5A"
