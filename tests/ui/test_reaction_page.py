"""A reaction: the moment first, four taps, symptoms, and a grade that exists, at the end."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest
from PySide6.QtCore import Qt

from exomonitor.clinical.reactions import IRR
from exomonitor.registry.patients import PatientRecord, PatientRegistered
from exomonitor.registry.registry import Registry
from exomonitor.session import commands as cmd
from exomonitor.session.events import ReactionDetailed
from exomonitor.session.parts.emergency_events import ConfirmRestart
from exomonitor.signals.vitals import Sign
from tests.ui import scenes
from tests.ui.windows import Desk


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, scenes.reacting())
    made.window.open_reaction()
    yield made
    made.close()


@pytest.fixture
def page(desk):
    return desk.window.reaction_page


def test_each_step_is_one_timed_tap(desk, page):
    for action in ("call", "airway", "epinephrine", "epinephrine"):
        page.steps[action].click()
        desk.settle()
    assert [c.action for c in desk.sent(cmd.DoReactionAction)] == ["call", "airway", "epinephrine", "epinephrine"]
    assert {c.reaction for c in desk.sent(cmd.DoReactionAction)} == {"R1"}


def test_a_tile_shows_done_only_when_the_record_has_it(desk, page):
    desk.bedside.hold = True
    page.steps["call"].click()
    assert page.steps["stop"].isChecked()
    assert not page.steps["call"].isChecked()
    session = replace(scenes.running(), reactions=(scenes.reaction(actions=("stop", "call")),))
    desk.show(replace(scenes.reacting(), session=session))
    assert page.steps["call"].isChecked()


def test_symptoms_are_sent_with_each_tap_and_keep_what_is_known(desk, page):
    known = ReactionDetailed("R1", ("flushing",), IRR, 1, "5.0", ("oxygen",))
    session = replace(scenes.running(), reactions=(replace(scenes.reaction(), details=known),))
    desk.show(replace(scenes.reacting(), session=session))
    assert page.symptoms.values() == ("flushing",)
    page.symptoms.key("hives").click()
    desk.settle()
    sent = desk.sent(cmd.DetailReaction)[0]
    assert (sent.symptoms, sent.term, sent.grade, sent.actions) == (("flushing", "hives"), IRR, 1, ("oxygen",))


def test_a_picture_from_before_the_tap_does_not_undo_it(desk, page):
    desk.bedside.hold = True
    page.symptoms.key("hives").click()
    desk.show(scenes.reacting())
    assert page.symptoms.values() == ("hives",)


def test_what_is_not_recorded_is_said(desk, page):
    desk.bedside.fault = "the disk is full"
    page.steps["call"].click()
    desk.settle()
    assert page._status.text() == "Not recorded: the disk is full"


def test_only_grades_that_exist_are_offered_and_a_term_needs_one(desk, page):
    page.toggle_details()
    details = page.details
    details._on_term("Fatigue")
    assert list(details.grades._keys) == ["1", "2", "3"]
    assert not page.save_key.isEnabled()
    details.grades.key("2").click()
    details.outcome.key("resolving").click()
    page.save_key.click()
    desk.settle()
    sent = desk.sent(cmd.DetailReaction)[0]
    assert (sent.term, sent.grade, sent.outcome, sent.resolved) == ("Fatigue", 2, "resolving", False)


def test_another_term_forgets_the_grade(page):
    page.toggle_details()
    page.details._on_term("Fatigue")
    page.details.grades.key("2").click()
    page.details._on_term("Anaphylaxis")
    assert page.details.grades.value() == ""
    assert list(page.details.grades._keys) == ["3", "4", "5"]


def test_every_term_can_be_reached_by_paging(page):
    page.toggle_details()
    seen = list(page.details.terms._keys)
    while page.details.later.isEnabled():
        page.details.later.click()
        seen += list(page.details.terms._keys)
    assert sorted(seen) == sorted(name for name, _ in page.details._terms)


def test_it_stays_open_until_it_is_said_to_be_over(desk, page):
    page.toggle_details()
    assert not page.over_key.isEnabled()
    page.details.outcome.key("resolved").click()
    page.over_key.click()
    desk.settle()
    assert desk.sent(cmd.DetailReaction)[0].resolved
    assert desk.window.stack.currentWidget() is desk.window.session_page


def test_the_session_page_says_that_a_reaction_is_open(desk):
    assert desk.window.session_page.reaction_key.text() == "✚ Reaction open"


def test_esc_leads_from_details_to_steps_and_then_back(desk, page):
    page.toggle_details()
    desk.window.back()
    assert page.steps["stop"].isVisible()
    desk.window.back()
    assert desk.window.stack.currentWidget() is desk.window.session_page


def test_the_trend_goes_on_while_the_reaction_is_in_front(desk):
    seen = desk.window.session_page._live._trend._series[Sign.HR].ends()
    later = replace(scenes.reacting(), vitals=scenes.vitals(hr=131.0))
    desk.show(later)
    after = desk.window.session_page._live._trend._series[Sign.HR].ends()
    assert after != seen
    assert after is not None
    assert after[1] == 131.0


def test_term_and_grade_are_chosen_with_the_keyboard(desk, page):
    page.toggle_details()
    for _ in range(2):
        desk.qtbot.keyClick(desk.window.focusWidget(), Qt.Key.Key_Space)
    assert page.details.terms.value()
    assert page.details.grades.value() == "1"


def test_a_reaction_that_cannot_be_ended_yet_says_what_it_needs(page):
    page.toggle_details()
    assert "needs a grade or an outcome" in page.over_key.text()
    page.details.outcome.key("resolved").click()
    assert page.over_key.text() == "It is over: save"


def test_what_is_not_over_is_handed_over_only_after_the_infusion(page):
    page.toggle_details()
    page.details.outcome.key("transferred").click()
    assert page.over_key.text() == "Not over: hand over after the end"
    assert not page.over_key.isEnabled()
    assert page.save_key.isEnabled()


# --- signs, card, several terms


def test_graver_signs_lie_behind_one_key_and_are_sent_with_the_others(desk, page):
    page.symptoms.key("flushing").click()
    page.more_key.click()
    assert page.more_key.text() == "First signs (1 tapped)"
    page.symptoms.key("blue").click()
    desk.settle()
    assert desk.sent(cmd.DetailReaction)[-1].symptoms == ("flushing", "blue")


def test_the_card_says_what_holds_until_it_is_graded(page):
    assert (
        page._says.text()
        == "Clinic protocol “Exosome IV slow” v1.0 says: until it is graded, pause, assess, then grade."
    )
    assert "vital signs every 5 min" in page._lines.text()


def test_the_card_of_met_criteria_names_them_and_what_they_rest_on(desk):
    desk.show(scenes.emergency())
    desk.window.show_over("reaction")
    page = desk.window.reaction_page
    assert page._says.text() == "Anaphylaxis criteria may be met: WAO 1, NIAID 1, NIAID 2"
    assert page._lines.text().startswith("skin + SpO₂ 89 %; Brown 3 of 3, Ring and Messmer 1 of 4. Clinic protocol")


def test_a_term_with_a_note_shows_it_above_its_grades(desk, page):
    page.toggle_details()
    details = page.details
    details._on_term(IRR)
    assert details.note.isVisible()
    assert details.note.text() == "Note: never graded together with Allergic reaction: choose one"
    details._on_term("Chills")
    assert not details.note.isVisible()


def test_the_card_says_that_the_patient_has_reacted_to_this_product_before(desk):
    seen = scenes.emergency()
    assert seen.session is not None
    assert seen.session.patient is not None
    patient = replace(seen.session.patient, id="p-1")
    told = PatientRegistered("p-1", "none_known", reactions_elsewhere="hives after exosomes, 2024")
    known = Registry(patients=MappingProxyType({"p-1": PatientRecord("p-1", told, seen.now)}))
    desk.show(replace(seen, registry=known, session=replace(seen.session, patient=patient)))
    desk.window.show_over("reaction")
    words = desk.window.reaction_page._lines.text()
    assert words.startswith("Reacted to this product before (told: hives after exosomes, 2024) · skin")


def test_several_terms_are_graded_and_one_can_be_dropped(desk, page):
    page.toggle_details()
    details = page.details
    for term, grade in (("Flushing", "1"), ("Chills", "2"), (IRR, "2")):
        details._on_term(term)
        details.grades.key(grade).click()
        if term != IRR:
            details.add_key.click()
    details.more_keys[0].click()
    page.save_key.click()
    desk.settle()
    sent = desk.sent(cmd.DetailReaction)[0]
    assert (sent.term, sent.grade, [(one.term, one.grade) for one in sent.more]) == (IRR, 2, [("Chills", 2)])


def test_a_grade_that_the_numbers_suggest_is_taken_by_one_tap_and_never_by_itself(desk):
    desk.show(scenes.emergency())
    page = desk.window.reaction_page
    desk.window.show_over("reaction")
    page.toggle_details()
    details = page.details
    assert details.hint_keys[0].text() == "Hypoxia 3?"
    assert details._gradings() == []
    details.hint_keys[0].click()
    page.save_key.click()
    desk.settle()
    sent = desk.sent(cmd.DetailReaction)[0]
    assert (sent.term, sent.grade) == ("Hypoxia", 3)


def test_cause_seriousness_and_the_rest_are_sent_together(desk, page):
    page.toggle_details()
    cause = page.details.cause
    page.details.show_part("cause")
    cause.causality.key("probable").click()
    cause.serious.key("hospital").click()
    cause.present.key("1").click()
    cause.response.key("quick").click()
    cause.rechallenge.key("not_done").click()
    cause.photo.key("no").click()
    cause.reason.set_text("graded again")
    page.save_key.click()
    desk.settle()
    sent = desk.sent(cmd.DetailReaction)[0]
    assert (sent.causality, sent.serious, sent.present_grade) == ("probable", ("hospital",), 1)
    assert (sent.response, sent.rechallenge, sent.photo_consent, sent.reason) == (
        "quick", "not_done", "no", "graded again",
    )  # fmt: skip


# --- going on


def graded(desk, worst):
    details = ReactionDetailed("R1", ("flushing",), IRR, worst, "5.0")
    session = replace(scenes.running(), reactions=(replace(scenes.reaction(), details=details),))
    desk.show(replace(scenes.reacting(), session=session))


def test_a_restart_takes_a_rate_an_order_and_a_second_person(desk, page):
    graded(desk, 2)
    page.toggle_details()
    page.details.show_part("restart")
    part = page.details.restart
    assert part.rate._below.text() == "at most 82.8 mL/h = 50 % of 165.5 at onset"
    assert not part.confirm_key.isEnabled()
    part.rate.set_text("80")
    part.prescriber_key.click()
    assert part.orderer.people.value() == "u3", "the only prescriber is chosen"
    part.orderer.ways["telephone"].click()
    assert part.prescriber_key.text() == "Dr Lindqvist"
    assert part.prescriber_key.accessibleDescription() == "telephone order, read back"
    part.ordered.key("5").click()
    part.present.key("1").click()
    part.confirm_key.click()
    assert part.prove.isVisible()
    part.prove.proven.emit("token-7", "V. Santos")
    desk.settle()
    (sent,) = desk.sent(ConfirmRestart)
    assert (str(sent.rate_ml_h), sent.proof, sent.present_grade, str(sent.ordered_min_ago)) == ("80", "token-7", 1, "5")
    assert (sent.prescriber_id, sent.way, sent.prescriber_proof) == ("u3", "telephone", "")
    assert part._status.text().startswith("Recorded")


@pytest.mark.parametrize(("worst", "title"), [(3, "Worst grade 3: no restart in this session"), (None, "no grade yet")])
def test_what_may_not_go_on_says_so(desk, page, worst, title):
    if worst is not None:
        graded(desk, worst)
    page.toggle_details()
    page.details.show_part("restart")
    assert title in page.details.restart._heading.text()
    assert not page.details.restart.rate.isEnabled()


def test_f7_from_another_page_shows_the_details_also_where_they_were_left_open(desk, page):
    page.toggle_details()
    desk.window.close_over()
    desk.window.open_details()
    assert page.details.isVisible()
    desk.window.open_details()
    assert not page.details.isVisible()


def test_f7_shows_the_last_reaction_when_none_is_open_and_corrects_it_with_a_reason(desk, page):
    details = ReactionDetailed("R1", ("flushing",), IRR, 1, "5.0")
    over = replace(scenes.reaction(), details=details, resolved=scenes.NOW)
    desk.show(replace(scenes.reacting(), session=replace(scenes.running(), reactions=(over,))))
    desk.window.close_over()
    desk.window.open_details()
    assert desk.window.stack.currentWidget() is page
    page.details.cause.reason.set_text("read again")
    page.save_key.click()
    desk.settle()
    sent = desk.sent(cmd.DetailReaction)[0]
    assert (sent.reaction, sent.resolved, sent.reason) == ("R1", True, "read again")
    assert desk.window.stack.currentWidget() is desk.window.session_page
