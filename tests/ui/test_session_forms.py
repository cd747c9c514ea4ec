"""Notes, the pump's story and the flush: recorded means committed, and nothing typed is lost."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt

from exomonitor.session import commands as cmd
from exomonitor.session.phases import Phase
from tests.ui import scenes
from tests.ui.windows import Desk


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, scenes.set_due())
    yield made
    made.close()


@pytest.fixture
def page(desk):
    return desk.window.session_page


# --- note ----------------------------------------------------------------------------------------------------------


def test_a_note_is_recorded_by_enter_and_the_form_closes_when_it_is(desk, page):
    page.open_note()
    desk.bedside.hold = True
    desk.qtbot.keyClicks(page.note_form._text, "says the arm is warm")
    desk.qtbot.keyClick(page.note_form._text, Qt.Key.Key_Return)
    assert page.note_form.status() == "Recording ..."
    assert page.current_form() is page.note_form
    desk.bedside.settle()
    desk.qtbot.waitUntil(lambda: page.current_form() is None)
    assert desk.sent(cmd.AddNote) == [cmd.AddNote("4", "u1", "says the arm is warm")]
    assert page._live.log_card._remark.text().startswith("Recorded 14:")


def test_what_was_typed_stays_when_it_is_not_recorded(desk, page):
    page.open_note()
    desk.bedside.fault = "the disk is full"
    desk.qtbot.keyClicks(page.note_form._text, "says the arm is warm")
    page.note_form.save()
    desk.settle()
    assert page.note_form.status() == "Not recorded: the disk is full"
    assert page.note_form._text.toPlainText() == "says the arm is warm"
    desk.bedside.fault = ""
    page.note_form.save()
    desk.settle()
    assert page.current_form() is None


def test_a_half_written_note_survives_leaving_it(desk, page):
    page.open_note()
    desk.qtbot.keyClicks(page.note_form._text, "half")
    page.back()
    page.open_note()
    assert page.note_form._text.toPlainText() == "half"


def test_pressing_save_twice_sends_once(desk, page):
    desk.bedside.hold = True
    page.open_note()
    desk.qtbot.keyClicks(page.note_form._text, "once")
    page.note_form.save()
    page.note_form.save()
    assert len(desk.sent(cmd.AddNote)) == 1


# --- pump ----------------------------------------------------------------------------------------------------------


def test_a_pause_needs_a_reason(desk, page):
    page.open_pump()
    form = page.pump_form
    form._meaning.key("pause").click()
    assert not form.save_key.isEnabled()
    form._why.key("toilet").click()
    form.save()
    desk.settle()
    assert desk.sent(cmd.GiveMeaning) == [cmd.GiveMeaning("4", "u1", "pause", "toilet")]


def test_stopped_for_good_is_two_statements_in_this_order(desk, page):
    page.open_pump()
    form = page.pump_form
    form._meaning.key("stop").click()
    form._why.key("reaction").click()
    form.save()
    desk.settle()
    assert [type(c) for c in desk.bedside.submitted] == [cmd.GiveMeaning, cmd.EndProduct]


def test_what_the_pump_did_chooses_the_question(desk, page):
    desk.show(replace(scenes.normal(), questions=("rate",)))
    page.open_pump()
    assert page.pump_form._meaning.value() == "rate"
    assert page.pump_form._heading.text() == "The pump's rate has changed. What was it?"


def test_the_form_says_what_the_pump_says(desk, page):
    page.open_pump()
    assert page.pump_form._now.text() == "The pump says: INFUSING 165.5 mL/h"


def test_without_a_pump_rate_and_total_are_typed(desk, page):
    desk.show(scenes.no_data())
    page.open_pump()
    form = page.pump_form
    form._meaning.key("rate").click()
    assert not form.save_key.isEnabled()
    form._rate.line.setFocus()
    desk.qtbot.keyClicks(form._rate.line, "133,3")
    form.save()
    desk.settle()
    assert desk.sent(cmd.TypeDelivery) == [cmd.TypeDelivery("4", "u1", Decimal("133.3"), None)]


def test_what_a_silent_pump_said_does_not_look_like_now(desk, page):
    lost = scenes.lost()
    desk.show(lost)
    page.open_pump()
    assert page.pump_form._now.text() == "The pump said last: INFUSING"
    assert lost.pump is not None
    desk.show(replace(lost, pump=replace(lost.pump, lost=True)))
    assert page.pump_form._now.text() == "No data from the pump"


def test_more_than_hung_asks_for_words_before_anything_is_sent(desk, page):
    normal = scenes.normal()
    assert normal.progress is not None
    desk.show(replace(normal, progress=replace(normal.progress, by_now_ml=80.03, by_now_by="estimated")))
    page.open_pump()
    form = page.pump_form
    form._meaning.key("complete").click()
    desk.qtbot.keyClicks(form._total.line, "625")
    assert (form.missing(), form.save_key.isEnabled()) == (("words: it is more than hung",), False)
    desk.qtbot.keyClicks(form._text.line, "the display says so")
    assert form.save_key.isEnabled()


def test_where_the_dose_is_an_estimate_the_end_asks_what_was_given_in_all(desk, page):
    normal = scenes.normal()
    assert normal.progress is not None
    # The pump is silent: the screen shows what it had counted, the record would hold what it may have given since.
    desk.show(replace(normal, progress=replace(normal.progress, by_now_ml=80.03, by_now_by="estimated")))
    page.open_pump()
    form = page.pump_form
    assert form._now.text().endswith("· dose is estimated: 80.0 mL")
    form._meaning.key("pause").click()
    assert not form._total.isVisible()
    form._meaning.key("stop").click()
    assert (form._total.isVisible(), form._rate.isVisible()) == (True, False)
    form._why.key("reaction").click()
    desk.qtbot.keyClicks(form._total.line, "62,5")
    form.save()
    desk.settle()
    assert [one.volume_infused_ml for one in desk.sent(cmd.EndProduct)] == [Decimal("62.5")]


def test_a_pump_whose_counter_is_believed_is_asked_nothing(desk, page):
    page.open_pump()
    page.pump_form._meaning.key("stop").click()
    assert not page.pump_form._total.isVisible()


def test_a_typed_rate_that_is_none_is_not_sent(desk, page):
    desk.show(scenes.no_data())
    page.open_pump()
    form = page.pump_form
    form._meaning.key("rate").click()
    desk.qtbot.keyClicks(form._rate.line, "1,000")
    form.save()
    desk.settle()
    assert "could mean two numbers" in form._rate.error()
    assert desk.bedside.submitted == []


def test_after_the_product_f9_records_the_flush(desk, page):
    session = replace(scenes.observing().session or scenes.running(), flush=None, phase=Phase.INFUSE)
    desk.show(replace(scenes.observing(), session=session))
    page.open_pump()
    assert page.current_form() is page.flush_form
    page.flush_form._done.key("yes").click()
    desk.qtbot.keyClicks(page.flush_form._volume.line, "20")
    page.flush_form.save()
    desk.settle()
    assert desk.sent(cmd.RecordFlush) == [cmd.RecordFlush("4", "u1", True, Decimal(20), None)]


def test_a_pump_that_says_it_is_finished_still_leads_to_the_flush(desk, page):
    base = scenes.observing()
    assert base.session is not None
    open_flush = replace(base.session, phase=Phase.INFUSE, flush=None)
    desk.show(replace(base, session=open_flush, questions=("ended",)))
    desk.window.open_pump()
    assert page.current_form() is page.flush_form


def test_no_flush_needs_a_reason(desk, page):
    page._open(page.flush_form)
    page.flush_form._done.key("no").click()
    assert not page.flush_form.save_key.isEnabled()
    desk.qtbot.keyClicks(page.flush_form._text.line, "line was changed")
    page.flush_form.save()
    desk.settle()
    assert desk.sent(cmd.RecordFlush)[0].text == "line was changed"
