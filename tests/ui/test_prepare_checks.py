"""The checks of the preparation as hands do them: ticks, what does not pass, premedication, room and keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from exomonitor.clinical.protocol import load_protocol
from exomonitor.drafts import DraftField
from exomonitor.session.commands import EnterLine, EnterOrder
from exomonitor.session.parts.checks import Checks, GiveHydration, GivePremedication, RecordChecklist
from tests.ui import scenes
from tests.ui.prepare_sheet import NOW, Sheet, listed, page_of, picture, type_into, unchecked
from ui.pages.prepare.line import LineForm
from ui.pages.prepare.page import PreparePage
from ui.pages.prepare.premed import PremedForm
from ui.pages.prepare.steps import CONSENT, DOUBLE, LINE, PREMED, READINESS
from ui.presenters.day_time import minutes_ago, read_time, shown_answer, time_answer


@pytest.fixture
def desk(qtbot) -> Iterator[Sheet]:
    made = Sheet(qtbot)
    yield made
    made.bridge.close()


# --- lists


def test_consent_shows_the_whole_statement_and_says_what_is_missing(desk: Sheet):
    page = page_of(desk, CONSENT)
    words = [w.text() for w in page.forms[CONSENT].findChildren(QLabel)]
    assert load_protocol().fda.full_text() in words
    page.next_step()
    assert "Patient told: not FDA-approved: not recorded" in listed(page, CONSENT).problem.text()
    assert desk.bedside.submitted == []


def test_consent_knows_who_is_at_work_and_the_time(desk: Sheet):
    form = listed(page_of(desk, CONSENT), CONSENT)
    answers = form.answers("consent")
    assert answers["taken_by"] == "u1"
    assert shown_answer(answers["taken_at"]) == f"{NOW.utc.astimezone():%H:%M}"


def test_who_took_the_consent_is_a_tile_and_never_typed(desk: Sheet):
    form = listed(page_of(desk, CONSENT), CONSENT)
    person = form.fields["consent"]["taken_by"].person
    assert person is not None
    assert person.text() == "R. Okafor"
    person.click()
    assert form.picker.isVisible()
    assert not form.fields["consent"]["told"].isVisible()
    assert not form.picker.outside_key.isVisible()
    form.picker.tiles.tile("u2").click()
    assert not form.picker.isVisible()
    assert form.fields["consent"]["told"].isVisible()
    assert form.answers("consent")["taken_by"] == "u2"
    person.click()
    form.picker.back_key.click()
    assert form.answers("consent")["taken_by"] == "u2"


def test_only_prescribers_are_offered_as_who_can_be_reached(desk: Sheet):
    form = listed(page_of(desk, READINESS), READINESS)
    person = form.fields["readiness"]["prescriber"].person
    assert person is not None
    assert {one.id for one in person.people} == {"u3"}


def test_who_put_the_line_in_is_whoever_is_at_work_another_of_the_list_or_somebody_outside(desk: Sheet):
    form = page_of(desk, LINE).forms[LINE]
    assert isinstance(form, LineForm)
    form.begin_anew()
    form.side.set_value("left")
    form.site.set_value("forearm")
    form.gauge.set_value("22 G")
    form.inserted_by.set_value("u1")
    (mine,) = form.commands() or ()
    assert isinstance(mine, EnterLine)
    assert (mine.inserted_by, mine.placed_outside) == ("u1", False)
    form.inserted_by.click()
    form.picker.outside_key.click()
    assert form.inserted_by.text() == "Somebody else (outside)"
    (theirs,) = form.commands() or ()
    assert isinstance(theirs, EnterLine)
    assert (theirs.inserted_by, theirs.placed_outside) == ("", True)
    kept = form.draft_parts()["inserted_by"]
    assert kept.read() == "outside"
    kept.put(DraftField("u2", NOW.utc))
    assert form.inserted_by.text() == "V. Santos"


def test_a_whole_consent_is_two_commands_by_touch(desk: Sheet):
    page = page_of(desk, CONSENT)
    fields = listed(page, CONSENT).fields
    for item, option in (("told", "yes"), ("ind", "no IND recorded"), ("capacity", "alone")):
        choice = fields["consent"][item].choice
        assert choice is not None
        choice.key(option).click()
    type_into(fields["consent"]["form"].entry, "C 2.1")
    for item in ("infection", "anticoagulant"):
        choice = fields["today"][item].choice
        assert choice is not None
        choice.key("no").click()
    page.next_step()
    desk.qtbot.waitUntil(lambda: len(desk.sent(RecordChecklist)) == 2)
    consent, today = desk.sent(RecordChecklist)
    assert (consent.checklist, consent.answers["told"], consent.answers["form"]) == ("consent", "yes", "C 2.1")
    assert today.answers == {"infection": "no", "anticoagulant": "no"}


def test_an_item_is_asked_only_where_it_matters(desk: Sheet):
    page = page_of(desk, CONSENT)
    fields = listed(page, CONSENT).fields["consent"]
    assert not fields["ind_number"].isVisibleTo(page)
    choice = fields["ind"].choice
    assert choice is not None
    choice.key("IND number").click()
    assert fields["ind_number"].isVisibleTo(page)


def test_what_does_not_pass_is_recorded_on_the_second_enter(desk: Sheet):
    page = page_of(desk, READINESS)
    form = listed(page, READINESS)
    oxygen = form.fields["readiness"]["oxygen"].tick
    assert oxygen is not None
    oxygen.click()
    page.next_step()
    assert "not ticked" in form.problem.text()
    assert "Enter again" in form.problem.text()
    assert desk.bedside.submitted == []
    page.next_step()
    desk.qtbot.waitUntil(lambda: bool(desk.sent(RecordChecklist)))
    assert desk.sent(RecordChecklist)[0].answers["oxygen"] == "yes"


def test_readiness_is_one_touch_where_the_protocol_allows_it(desk: Sheet):
    page = page_of(desk, READINESS)
    listed(page, READINESS).all_key.click()
    desk.qtbot.waitUntil(lambda: bool(desk.sent(RecordChecklist)))
    (sent,) = desk.sent(RecordChecklist)
    ticked = {"epinephrine", "oxygen", "suction", "bag_valve_mask"}
    assert {key for key, answer in sent.answers.items() if answer == "yes"} == ticked
    assert sent.answers["prescriber"] == "u3"


def test_a_time_that_is_none_is_said(desk: Sheet):
    page = page_of(desk, CONSENT)
    type_into(listed(page, CONSENT).fields["consent"]["taken_at"].entry, "25:10")
    page.next_step()
    assert "13:20" in listed(page, CONSENT).problem.text()
    assert desk.bedside.submitted == []


# --- hydration and premedication


def premed(page: PreparePage) -> PremedForm:
    form = page.forms[PREMED]
    assert isinstance(form, PremedForm)
    return form


def test_none_ordered_is_two_touches(desk: Sheet):
    page = page_of(desk, PREMED)
    form = premed(page)
    form.fluid_route.key("none ordered").click()
    form.answer.key("none ordered").click()
    page.next_step()
    desk.qtbot.waitUntil(lambda: len(desk.sent(RecordChecklist)) == 2)
    assert [c.answers for c in desk.sent(RecordChecklist)] == [{"route": "none ordered"}, {"given": "none ordered"}]


def test_a_drug_is_given_at_a_time_and_proposes_who_ordered_it(desk: Sheet):
    page = page_of(desk, PREMED)
    form = premed(page)
    form.answer.key("given").click()
    type_into(form.drug, "cetirizine")
    type_into(form.dose, "10 mg")
    type_into(form.at, f"{NOW.plus(-1800).utc.astimezone():%H:%M}")
    page.next_step()
    assert "makes drowsy" in form.problem.text()
    form.route.key("oral").click()
    form.drowsy.key("yes").click()
    page.next_step()
    desk.qtbot.waitUntil(lambda: bool(desk.sent(GivePremedication)))
    (sent,) = desk.sent(GivePremedication)
    assert (sent.drug, sent.dose, sent.route, sent.ordered_by, sent.sedating) == (
        "cetirizine", "10 mg", "oral", "Dr Lindqvist · 4411", True,
    )  # fmt: skip
    assert Decimal(29) < sent.ago_min < Decimal(32)
    desk.qtbot.waitUntil(lambda: not form.drug.text())


def test_iv_fluid_names_the_fluid_and_the_reason_is_asked_for_a_drug_not_given(desk: Sheet):
    page = page_of(desk, PREMED)
    form = premed(page)
    form.fluid_route.key("IV").click()
    type_into(form.volume, "500")
    page.next_step()
    assert "which" in form.problem.text()
    type_into(form.fluid, "saline 0.9 %")
    form.answer.key("ordered, not given").click()
    page.next_step()
    assert desk.bedside.submitted == []
    type_into(form.why_not, "vomited")
    page.next_step()
    desk.qtbot.waitUntil(lambda: bool(desk.sent(RecordChecklist)))
    assert desk.sent(GiveHydration)[0].fluid == "saline 0.9 %"
    assert desk.sent(RecordChecklist)[0].answers == {"given": "ordered, not given", "why_not": "vomited"}


def test_a_drug_that_was_given_too_late_or_too_early_is_warned_of(desk: Sheet):
    page = page_of(desk, PREMED)
    state = unchecked()
    given = scenes.prepared().checks.premedication[0]
    for minutes, words in ((5, "may not work yet"), (60, ""), (150, "may have worn off")):
        drug = replace(given, when=NOW.plus(-60 * minutes))
        desk.show(picture(replace(state, checks=Checks(premedication=(drug,)))))
        assert f"({minutes} min before a start now)" in premed(page).given.text()
        assert words in premed(page).notice.text()
        assert bool(words) == premed(page).notice.isVisibleTo(page)


# --- keys and room


@pytest.mark.parametrize("step", [CONSENT, LINE, PREMED, READINESS, DOUBLE, "order", "start", "patient", "product"])
def test_every_step_stands_on_one_page(desk: Sheet, step: str):
    page = page_of(desk, step)
    bar = page._pages[step].verticalScrollBar()  # type: ignore[attr-defined]
    desk.qtbot.wait(30)
    assert bar.maximum() == 0


def test_an_own_ramp_outside_the_usual_range_still_stands_on_one_page(desk: Sheet):
    page = page_of(desk, "order")
    page.order.rate.kind.key("own").click()
    type_into(page.order.minutes, "90")
    bar = page._pages["order"].verticalScrollBar()  # type: ignore[attr-defined]
    desk.qtbot.wait(30)
    assert bar.maximum() == 0
    assert "second person" in page.order.problem.text()
    for entry, text in zip(page.order.rate.rows[0], ("25", "5"), strict=True):
        type_into(entry, text)
    assert page.order.view.plan is not None
    assert [str(step.rate_ml_h) for step in page.order.view.plan.steps] == ["17.4", "69.6"]
    type_into(page.order.rate.rows[1][0], "50")
    assert page.order.view.plan is None
    page.next_step()
    assert desk.bedside.submitted == []


def test_an_unusual_order_carries_the_second_person_s_signature(desk: Sheet):
    page = page_of(desk, "order")
    type_into(page.order.minutes, "90")
    page.next_step()
    assert "reason is needed" in page.order.problem.text()
    type_into(page.order.override, "frail patient")
    page.order.second_key.click()
    assert page.order.prove.isVisibleTo(page)
    page.order.prove.proven.emit("token-2", "V. DEMO-SANTOS")
    assert page.order.second_key.text() == "Second person has signed"
    page.next_step()
    desk.qtbot.waitUntil(lambda: bool(desk.sent(EnterOrder)))
    (sent,) = desk.sent(EnterOrder)
    assert (sent.override_reason, sent.override_proof) == ("frail patient", "token-2")


def test_the_slider_moves_the_plan_by_keys_and_touch(desk: Sheet):
    page = page_of(desk, "order")
    desk.qtbot.keyClick(page.order.stepper.slider, Qt.Key.Key_Right)
    assert page.order.minutes.text() == "46"
    page.order.stepper.less.click()
    assert page.order.minutes.text() == "45"
    rows = dict(page.order.view.meaning)
    assert rows["Full rate"] == "165.5 mL/h"
    assert rows["Window 30–60 min"] == "inside"


def test_the_endotoxin_load_is_shown_where_weight_and_lot_are_known(desk: Sheet):
    state = unchecked()
    assert state.patient is not None
    assert state.product is not None
    heavy = replace(
        state,
        patient=replace(state.patient, weight_kg=Decimal(60)),
        product=replace(state.product, endotoxin_eu_ml=Decimal(2)),
    )
    page = page_of(desk, "order")
    desk.show(picture(heavy))
    assert dict(page.order.view.meaning)["Endotoxin"] == "5.52 EU/kg/h: above 5"


def test_enter_in_a_tick_goes_on_and_space_ticks(desk: Sheet):
    page = page_of(desk, READINESS)
    tick = listed(page, READINESS).fields["readiness"]["suction"].tick
    assert tick is not None
    desk.qtbot.keyClick(tick, Qt.Key.Key_Space)
    assert tick.isChecked()
    assert tick.accessibleName().endswith("ticked")
    desk.qtbot.keyClick(tick, Qt.Key.Key_Return)
    assert "not ticked" in listed(page, READINESS).problem.text()


def test_times_of_day_are_todays_or_yesterdays():
    now = NOW.utc
    local = now.astimezone()
    ahead = f"{(local.hour + 2) % 24:02d}:00"
    yesterday = read_time(ahead, now)
    assert yesterday is not None
    assert yesterday <= local
    assert minutes_ago(f"{local:%H:%M}", now) == pytest.approx(local.second / 60, abs=0.01)
    assert minutes_ago("1320", now) == minutes_ago("13:20", now)
    assert read_time("24:00", now) is read_time("soon", now) is None
    assert time_answer("soon", now) == ""
    assert shown_answer("soon") == "soon"
