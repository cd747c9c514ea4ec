"""Follow-up on screen: the work list, a call with live triage, what the prescriber settles."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from exomonitor.session.parts import leaving_events as lv
from exomonitor.session.parts.trust import ViewRecord
from tests.exomonitor.clinical.shipped import RULES
from tests.ui import visit_scenes as vs
from tests.ui.fake_bedside import FakeBedside
from ui.bridge import Bridge
from ui.pages.followup.page import FollowUpPage
from ui.presenters.followup import short, span, work_view
from ui.theme import DARK, apply

TABLE = RULES.follow_up.content


@pytest.fixture
def office(qtbot):
    """(page, bedside) over the day after."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply(app, DARK)
    snapshot, _ = vs.day_after()
    bedside = FakeBedside(snapshot)
    bridge = Bridge(bedside)
    bridge.start()
    page = FollowUpPage(bedside, bridge, DARK)
    page.resize(1298, 600)
    qtbot.addWidget(page)
    page.show()
    page.show_snapshot(snapshot)
    yield page, bedside
    bridge.close()


def sent(qtbot, bedside, kind):
    qtbot.wait(5)
    return [command for command in bedside.submitted if isinstance(command, kind)]


def opened(key):
    """Press a key that opens a patient, and let it be recorded that somebody looks."""
    key.click()
    QApplication.processEvents()


def test_the_work_list_counts_what_is_overdue_and_says_whom_to_call():
    snapshot, visit = vs.day_after()
    view = work_view(snapshot.registry, snapshot.now.utc, TABLE, names=True)
    assert view.counted == "1 OVERDUE"
    (line,) = view.lines
    assert (line.visit, line.call) == (visit, "h24")
    assert line.head == "OVERDUE 1 h · 24 h call · tried 1×"
    assert line.who == "DEMO-EXAMPLE, Jane"


def test_without_a_sign_in_no_name_is_shown():
    snapshot, _ = vs.day_after()
    view = work_view(snapshot.registry, snapshot.now.utc, TABLE, names=False)
    assert "DEMO" not in str(view)
    assert view.lines[0].who.startswith("DJ · EXO-")


def test_what_is_urgent_for_the_prescriber_stands_first():
    snapshot, _, seq = vs.urgent_answer()
    view = work_view(snapshot.registry, snapshot.now.utc, TABLE, names=True)
    assert view.counted == "1 for the prescriber"
    assert view.tasks[0][0].call_seq == seq


def test_an_unanswered_call_is_two_touches(office, qtbot):
    page, bedside = office
    opened(page.work.first())
    page.call.answer.key("no answer").click()
    assert not page.call.grid.isEnabled()
    page.call.save_key.click()
    (said,) = sent(qtbot, bedside, lv.RecordCallAttempt)
    assert (said.call, said.answer, dict(said.symptoms)) == ("h24", "no answer", {})


def test_answers_are_judged_while_one_speaks(office, qtbot):
    page, bedside = office
    opened(page.work.first())
    form = page.call
    form.grid.choices["tired"].key("yes").click()
    assert form.answer.value() == "reached"
    form.details._tired.key("rest").click()
    assert form.details.grade.value() == "1"
    form.details.still.key("yes").click()
    assert form._level.text() == "at least GREEN"
    form.grid.choices["breath"].key("yes").click()
    form.details._details["breath"].key("breathless").click()
    assert form._level.text() == "RED"
    assert "Emergency number now" in form._why.text()
    form.save_key.click()
    (said,) = sent(qtbot, bedside, lv.RecordCallAttempt)
    assert said.symptoms["tired"] == lv.SymptomTold(True, grade=1, still=True)
    assert said.symptoms["breath"].details == ("breathless",)


def test_a_well_patient_is_one_key_for_all_that_is_left(office, qtbot):
    page, bedside = office
    opened(page.work.first())
    page.call.no_rest.click()
    assert page.call._level.text() == "GREEN"
    page.call.save_key.click()
    (said,) = sent(qtbot, bedside, lv.RecordCallAttempt)
    assert len(said.symptoms) == 15
    assert not any(one.present for one in said.symptoms.values())


def test_a_fever_is_measured(office, qtbot):
    page, bedside = office
    opened(page.work.first())
    page.call.grid.choices["fever"].key("yes").click()
    qtbot.keyClicks(page.call.details._temp.line, "38,6")
    assert page.call._level.text() == "at least AMBER"
    page.call.save_key.click()
    assert sent(qtbot, bedside, lv.RecordCallAttempt)[0].temp == Decimal("38.6")


def test_a_painful_site_is_scored(office, qtbot):
    page, bedside = office
    opened(page.work.first())
    form = page.call
    assert form.details.site.isHidden()
    form.grid.choices["site"].key("yes").click()
    form.details.site.key("2").click()
    assert form._level.text() == "at least AMBER"
    form.grid.choices["site"].key("no").click()
    assert form.command().site_score is None
    form.grid.choices["site"].key("yes").click()
    form.save_key.click()
    assert sent(qtbot, bedside, lv.RecordCallAttempt)[0].site_score == 2


def test_esc_closes_the_call_and_then_there_is_nothing_to_close(office):
    page, _ = office
    opened(page.work.first())
    assert page._right.currentWidget() is page.call
    assert page.back()
    assert not page.back()


def test_a_patient_who_calls_is_found_among_the_latest_visits(office, qtbot):
    page, bedside = office
    opened(page._empty._keys[0])
    page.visit.called_key.click()
    assert page.call.answer.value() == "patient called in"
    page.call.no_rest.click()
    page.call.save_key.click()
    (said,) = sent(qtbot, bedside, lv.RecordCallAttempt)
    assert (said.call, said.answer) == ("", "patient called in")


def test_the_prescriber_settles_an_urgent_answer(office, qtbot):
    page, bedside = office
    snapshot, visit, seq = vs.urgent_answer()
    page.show_snapshot(snapshot)
    opened(page.work.first())
    assert "RED: trouble breathing" in page.settle._level.text()
    qtbot.keyClicks(page.settle.text.line, "seen in the emergency room")
    qtbot.keyClick(page.settle.text.line, Qt.Key.Key_Return)
    page._proving.proven.emit("token", "Dr Example")
    assert sent(qtbot, bedside, lv.SettleTriage) == [
        lv.SettleTriage("4", snapshot.staff_id, visit, seq, "seen in the emergency room", "token")
    ]


def test_the_phone_number_is_for_people_who_are_signed_in(office):
    page, _ = office
    snapshot, _ = vs.day_after()
    opened(page.work.first())
    page.show_snapshot(replace(snapshot, staff="", staff_id=""))
    words = " ".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())
    assert "sign in to see the number" in words


@pytest.mark.parametrize(("minutes", "words"), [(5, "5 min"), (90, "1 h"), (60 * 47, "47 h"), (60 * 72, "3 days")])
def test_a_delay_is_said_in_the_unit_that_fits(minutes, words):
    assert span(timedelta(minutes=minutes)) == words


def test_long_names_are_cut_on_a_key():
    assert short("VAN DER WESTHUIZEN-MONTGOMERY, Alexandrina") == "VAN DER WESTHUIZEN-MONTGOMERY…"


# --- PRO-CTCAE


def test_pro_ctcae_is_offered_on_the_call_of_day_7_alone_and_an_item_is_answered_whole(qtbot, office):
    page, bedside = office
    _, visit = vs.day_after()
    page.open_call(visit, "h24")
    QApplication.processEvents()
    assert not page.call.pro_key.isVisible()
    page.open_call(visit, "day7")
    QApplication.processEvents()
    assert page.call.pro_key.isVisible()
    page.call.answer.key("reached").click()
    page.call.no_rest.click()
    page.call.pro_key.click()
    pro = page.call.pro
    assert pro.isVisible()
    assert "in the last 7 days" in pro._heading.text()
    pro._questions["severity"][1].key("2").click()
    assert pro.unfinished() == "Fatigue, tiredness"
    assert not page.call.is_complete()
    assert "answered in part" in page.call._ask.text()
    pro._questions["interference"][1].key("0").click()
    assert page.call.is_complete()
    assert not pro._questions["frequency"][1].isVisible()
    pro.later.click()
    assert pro._questions["severity"][1].value() == ""
    page.call.save()
    (sent_call,) = sent(qtbot, bedside, lv.RecordCallAttempt)
    assert sent_call.pro_ctcae == {"fatigue": {"severity": 2, "interference": 0}}


def test_a_pro_ctcae_item_can_be_left_out_again_and_is_kept_in_the_draft(office):
    page, _ = office
    _, visit = vs.day_after()
    page.open_call(visit, "day7")
    QApplication.processEvents()
    page.call.answer.key("reached").click()
    page.call.pro_key.click()
    page.call.pro._questions["severity"][1].key("1").click()
    assert '"fatigue"' in page.call._pro_text()
    page.call.pro.skip.click()
    assert page.call.pro.answers() == {}
    assert page.call._pro_text() == ""
    page.call.pro.close_key.click()
    assert page.call.grid.isVisible()


def test_each_look_at_a_patient_s_visit_is_an_entry_and_what_is_not_recorded_is_not_shown(office, qtbot):
    page, bedside = office
    visit = next(iter(bedside.latest().registry.aftercare.values()))
    page.open_visit(visit.id)
    QApplication.processEvents()
    page.open_call(visit.id, "")
    QApplication.processEvents()
    page.back()
    page.open_visit(visit.id)
    QApplication.processEvents()
    looks = sent(qtbot, bedside, ViewRecord)
    assert [(look.what, look.of_session, look.of_patient) for look in looks] == [
        ("patient", visit.id, visit.patient)
    ] * 2
    page.back()
    bedside.refusal = "Sign in first"
    page.open_visit(visit.id)
    QApplication.processEvents()
    qtbot.waitUntil(lambda: page._right.currentWidget() is page._empty)
    assert page._empty._remark.text() == "Not shown: Sign in first"


def test_nobody_is_in_sight_while_the_look_is_being_recorded(office, qtbot):
    page, bedside = office
    visit = next(iter(bedside.latest().registry.aftercare.values()))
    bedside.hold = True
    opened(page.work.first())
    assert page._right.currentWidget() is page._empty
    assert page._left.currentWidget() is page.work
    bedside.settle()
    QApplication.processEvents()
    assert page._right.currentWidget() is page.call
    page.open_visit("another one")
    QApplication.processEvents()
    assert page._right.currentWidget() is page._empty, "who was open before is not typed into any more"
    assert page.back()
    assert not page.back()
    bedside.settle()
    QApplication.processEvents()
    assert page._right.currentWidget() is page._empty, "Esc took the wish back"
    page.open_visit("another one")
    page.open_visit(visit.id)
    bedside.settle()
    QApplication.processEvents()
    assert page._right.currentWidget() is page.visit
    assert page.visit._visit == visit.id
    assert page._seen == visit.id
