"""The emergency page: a second F8, timed taps, drugs with dose and route, wrong taps, names afterwards."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt

from exomonitor.session import commands as cmd
from exomonitor.session.parts.emergency_events import (
    AttributeActions,
    DoEmergencyStep,
    GiveDrug,
    VoidEmergencyEntry,
)
from tests.ui import scenes
from tests.ui.windows import Desk


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, scenes.emergency())
    yield made
    made.close()


@pytest.fixture
def page(desk):
    press(desk, Qt.Key.Key_F8)
    return desk.window.pages["emergency"]


def press(desk, key):
    desk.settle()
    desk.qtbot.keyClick(desk.window, key)
    desk.settle()


def front(desk):
    return desk.window.stack.currentWidget()


def test_one_key_leads_there_from_any_page(desk):
    for place in ("history", "settings"):
        desk.window.go(place)
        press(desk, Qt.Key.Key_F8)
        assert front(desk) is desk.window.pages["emergency"]


def test_two_quick_presses_stamp_the_moment_and_open_the_page_before_the_record_has_answered(qtbot):
    desk = Desk(qtbot, scenes.normal())
    try:
        desk.bedside.hold = True
        for _ in range(2):
            press(desk, Qt.Key.Key_F8)
        assert len(desk.sent(cmd.OpenReaction)) == 1
        assert front(desk) is desk.window.pages["emergency"]
        front(desk).steps["called_ems"].click()
        assert [c.step for c in desk.sent(DoEmergencyStep)] == ["called_ems"]
    finally:
        desk.close()


def test_a_step_is_one_tap_and_a_done_one_is_not_recorded_twice(desk, page):
    page.steps["fluids"].click()
    desk.settle()
    page.steps["oxygen"].click()
    assert [c.step for c in desk.sent(DoEmergencyStep)] == ["fluids"]
    assert page.steps["oxygen"].isChecked()
    assert "recorded already" in page._status.text()


def test_every_dose_of_epinephrine_is_a_tap_of_its_own(desk, page):
    page.steps["epinephrine"].click()
    desk.settle()
    page.steps["epinephrine"].click()
    desk.settle()
    assert [c.step for c in desk.sent(DoEmergencyStep)] == ["epinephrine", "epinephrine"]


def test_it_works_with_nobody_signed_in(desk, page):
    desk.show(replace(scenes.emergency(), staff="", staff_id=""))
    page.steps["cpr"].click()
    desk.settle()
    assert desk.sent(DoEmergencyStep)[0].by == ""


def test_the_prescriber_is_called_by_the_name_on_the_order(desk, page):
    page.steps["prescriber_called"].click()
    desk.settle()
    assert desk.sent(DoEmergencyStep)[0].text == "Dr Lindqvist · 4411"


def test_the_count_up_goes_from_the_last_dose_and_says_when_the_mark_is_reached(desk, page):
    assert page._count_up.text() == "05:40"
    assert page._mark.text() == "5-min mark reached: next dose per order"
    assert page._amount.text() == "Weight not recorded: at most 0.5 mg"
    assert page._says.text().endswith(
        "1 mg/mL IM, mid-outer thigh: 0.01 mg/kg, at most 0.5 mg, again after 5-15 min if ordered"
    )


def test_the_amount_for_the_weight_stands_on_the_card(desk, page):
    base = scenes.emergency()
    assert base.session is not None
    assert base.session.patient is not None
    heavy = replace(base.session, patient=replace(base.session.patient, weight_kg=Decimal(42)))
    desk.show(replace(base, session=heavy))
    assert page._amount.text() == "For 42 kg: 0.42 mg = 0.42 mL of 1 mg/mL"


def test_a_drug_that_nobody_gave_says_so_and_a_tapped_dose_says_that_its_amount_is_missing(desk, page):
    below = {name: page.drugs[name]._below for name in ("epinephrine", "cetirizine", "saline")}
    assert below["epinephrine"] == "amount missing: 1 tap"
    assert below["cetirizine"] == "not given"
    assert below["saline"].startswith("500 mL IV ")


def test_a_drug_takes_amount_route_and_one_key(desk, page):
    page.drugs["methylprednisolone"].click()
    panel = page.drug_panel
    assert not panel.give_key.isEnabled()
    panel.doses.key("125").click()
    panel.give_key.click()
    desk.settle()
    (given,) = desk.sent(GiveDrug)
    assert (given.drug, given.dose, given.unit, given.route, given.reaction) == (
        "methylprednisolone", Decimal(125), "mg", "IV", "R1",
    )  # fmt: skip
    assert page._stack.currentIndex() == 0


def test_the_amount_of_a_tapped_dose_is_added_to_that_tap(desk, page):
    page.drugs["epinephrine"].click()
    assert "the dose tapped at" in page.drug_panel._heading.text()
    page.drug_panel.other.line.setText("0,42")
    page.drug_panel.other.line.textEdited.emit("0,42")
    page.drug_panel.give_key.click()
    desk.settle()
    (given,) = desk.sent(GiveDrug)
    assert (given.dose, given.completes) == (Decimal("0.42"), 103)


def test_an_amount_beyond_the_highest_cannot_be_given(page):
    page.drugs["epinephrine"].click()
    page.drug_panel.other.line.setText("5")
    page.drug_panel.other.line.textEdited.emit("5")
    assert not page.drug_panel.give_key.isEnabled()
    assert "outside" in page.drug_panel.other.error()


def test_what_was_given_stands_on_the_drug(page):
    assert page.drugs["diphenhydramine"]._below.startswith("50 mg IV 14:")


def test_a_wrong_tap_is_taken_back_by_name(desk, page):
    assert page.undo_key.text() == "Wrong tap: take back “Saline 0.9 % 500 mL”"
    page.undo_key.click()
    desk.settle()
    assert [c.seq for c in desk.sent(VoidEmergencyEntry)] == [121]


def test_the_names_are_asked_for_afterwards(desk, page):
    assert page.who_key.text() == "Who did it? 7 entries without a name"
    page.who_key.click()
    told = page.who_panel._list.text().splitlines()
    assert any("Reaction: STOP" in line for line in told)
    unseen = 7 - sum("more, on" not in line for line in told)
    assert unseen == 0 or told[-1] == f"and {unseen} more, on the History page"
    assert page.who_panel.mine_key.text() == "All 7 were mine: R. Okafor"
    page.who_panel.mine_key.click()
    desk.settle()
    (said,) = desk.sent(AttributeActions)
    assert said.by == "u1"
    assert len(said.seqs) == 7


def test_nobody_signed_in_can_own_nothing(desk, page):
    desk.show(replace(scenes.emergency(), staff="", staff_id=""))
    page.who_key.click()
    assert not page.who_panel.mine_key.isEnabled()
    assert "Sign in first" in page.who_panel._hint.text()


def test_f7_asks_for_the_names_when_the_reaction_is_over(desk):
    base = scenes.emergency()
    assert base.session is not None
    over = replace(base.session.reactions[0], resolved=base.now)
    desk.show(replace(base, session=replace(base.session, reactions=(over,))))
    press(desk, Qt.Key.Key_F7)
    assert front(desk) is desk.window.pages["emergency"]
    assert front(desk)._stack.currentWidget() is front(desk).who_panel


def test_esc_closes_the_panel_then_leads_to_the_reaction_then_to_the_session(desk, page):
    page.drugs["saline"].click()
    desk.window.back()
    assert page._stack.currentIndex() == 0
    desk.window.back()
    assert front(desk) is desk.window.reaction_page
    desk.window.back()
    assert front(desk) is desk.window.session_page


def test_what_is_not_recorded_is_said(desk, page):
    desk.bedside.fault = "the disk is full"
    page.steps["fluids"].click()
    desk.settle()
    assert page._status.text() == "Not recorded: the disk is full"
