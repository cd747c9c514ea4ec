"""The form of an observation set: all as shown, three taps, reasons for what is missing, and nothing typed is lost."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import pytest
from PySide6.QtCore import Qt

from exomonitor.clinical.observations import SlotStatus
from exomonitor.session import commands as cmd
from exomonitor.session.commands import ValueEntry
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign
from tests.ui import scenes
from tests.ui.windows import Desk
from ui.pages.observation.page import ObservationPage
from ui.pages.observation.values import COUNT_S


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, scenes.set_due())
    yield made
    made.close()


@pytest.fixture
def set_form(desk):
    desk.window.open_set()
    return desk.window.session_page.set_form


def answer(form: ObservationPage, *, oxygen: str = "air") -> None:
    for choice, code in (
        (form.consciousness, "alert"),
        (form.oxygen, oxygen),
        (form.symptoms, "none"),
        (form.site, "0"),
    ):
        choice.key(code).click()


# --- sets ----------------------------------------------------------------------------------------------------------


def test_all_as_shown_needs_only_the_answers_and_nothing_is_preset(desk, set_form):
    assert set_form.save_key.text() == "Still open: consciousness, symptoms, site"
    assert set_form.oxygen.key("air").text() == "Room air, as last set"
    assert not set_form.save_key.isEnabled()
    for choice, code in ((set_form.consciousness, "alert"), (set_form.symptoms, "none"), (set_form.site, "0")):
        choice.key(code).click()
    assert set_form.save_key.text() == "All as shown: save"
    set_form.save()
    desk.settle()
    sent = desk.sent(cmd.RecordObservation)[0]
    assert (sent.slot, sent.consciousness, sent.on_oxygen, sent.symptoms_asked) == ("+30", "alert", False, True)
    assert (sent.site_score, sent.oxygen_carried) == (0, True)
    assert sent.values["hr"] == ValueEntry(Decimal(88), "monitor", 2.0)
    assert sent.values["nibp_sys"] == ValueEntry(Decimal(118), "monitor", 168.0)


def test_the_form_follows_the_monitor_until_somebody_types(desk, set_form):
    desk.show(replace(scenes.normal(), vitals=scenes.vitals(hr=95.0)))
    assert set_form.values._entries["hr"].text() == "95"
    line = set_form.values._entries["hr"].line
    line.setFocus()
    desk.qtbot.keyClicks(line, "90")
    desk.show(replace(scenes.normal(), vitals=scenes.vitals(hr=97.0)))
    assert line.text() == "90"
    answer(set_form)
    set_form.save()
    desk.settle()
    assert desk.sent(cmd.RecordObservation)[0].values["hr"] == ValueEntry(Decimal(90), "typed", 0.0)


def test_a_value_that_goes_stale_disappears_from_the_form(desk, set_form):
    stale = replace(scenes.live(Sign.HR, 88.0), stale=True)
    desk.show(replace(scenes.normal(), vitals={**scenes.vitals(), Sign.HR: stale}))
    assert set_form.values._entries["hr"].text() == ""


def test_a_missing_pressure_is_said_on_the_key(desk, set_form):
    old = {s: scenes.live(s, 100.0, 400.0) for s in (Sign.NIBP_SYS, Sign.NIBP_DIA)}
    desk.show(replace(scenes.normal(), vitals={**scenes.vitals(), **old}))
    answer(set_form)
    assert set_form.save_key.text() == "No BP: why?"
    set_form.save()
    assert desk.sent(cmd.RecordObservation) == []
    set_form.reasons.choices["BP"].key("refused").click()
    desk.settle()
    sent = desk.sent(cmd.RecordObservation)[0]
    assert sent.not_taken == {"nibp_sys": "refused", "nibp_dia": "refused"}


def test_one_tap_says_why_several_values_are_missing(desk, set_form):
    desk.show(replace(scenes.set_due(), vitals={}))
    answer(set_form)
    set_form.save()
    set_form.reasons.choices["all of them"].key("device_fault").click()
    desk.settle()
    sent = desk.sent(cmd.RecordObservation)[0]
    assert set(sent.not_taken.values()) == {"device_fault"}
    assert set(sent.not_taken) == {"hr", "spo2", "rr", "nibp_sys", "nibp_dia", "temp"}


def test_a_reason_for_one_of_several_leaves_the_others_asked(desk, set_form):
    desk.show(replace(scenes.set_due(), vitals={}))
    answer(set_form)
    set_form.save()
    set_form.reasons.choices["RR"].key("refused").click()
    assert desk.sent(cmd.RecordObservation) == []
    assert set_form.step_back()
    assert not set_form.step_back()


def test_another_answer_about_oxygen_is_no_longer_the_last_sets(desk, set_form):
    answer(set_form, oxygen="oxygen")
    set_form.save()
    desk.settle()
    sent = desk.sent(cmd.RecordObservation)[0]
    assert (sent.on_oxygen, sent.oxygen_carried) == (True, False)


def test_the_score_is_shown_in_its_parts_before_the_set_is_saved(desk, set_form):
    assert set_form._title.text().startswith("NEWS2 6 of 7, at least 0 · RR 0, SpO₂ 0, O₂ 0, SBP 0, HR 0, ACVPU --")
    set_form.consciousness.key("confused").click()
    assert set_form._title.text().startswith("NEWS2 3 · RR 0,")
    assert set_form._remark.text() == "MAP 89 mmHg"


def test_typing_half_of_a_pressure_makes_the_other_half_typed(desk, set_form):
    line = set_form.values._entries["nibp_sys"].line
    line.setFocus()
    desk.qtbot.keyClicks(line, "121")
    answer(set_form)
    set_form.save()
    desk.settle()
    sent = desk.sent(cmd.RecordObservation)[0].values
    assert (sent["nibp_sys"].source, sent["nibp_dia"].source) == ("typed", "typed")


def test_fahrenheit_is_asked_about_once_and_then_recorded_in_celsius(desk, set_form):
    line = set_form.values._entries["temp"].line
    line.setFocus()
    desk.qtbot.keyClicks(line, "98.6")
    answer(set_form)
    set_form.save()
    assert "Fahrenheit" in set_form.status()
    assert desk.bedside.submitted == []
    set_form.save()
    desk.settle()
    sent = desk.sent(cmd.RecordObservation)[0]
    assert sent.values["temp"].value == Decimal("37.0")
    assert sent.text == "temperature typed as 98.6 °F"


def test_a_refused_set_keeps_every_entry(desk, set_form):
    desk.bedside.refusal = "Set +30 is not on the schedule now"
    answer(set_form)
    set_form.save()
    desk.settle()
    assert set_form.status() == "Not recorded: Set +30 is not on the schedule now"
    assert set_form.consciousness.value() == "alert"


def test_symptoms_are_tapped_and_sent(desk, set_form):
    answer(set_form)
    set_form.symptoms.key("some").click()
    assert set_form.save_key.isHidden()
    set_form.symptom_tiles.key("flushing").click()
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_Escape)
    set_form.save()
    desk.settle()
    assert desk.sent(cmd.RecordObservation)[0].symptoms == ("flushing",)


def test_symptoms_that_nobody_named_keep_the_set_open(set_form):
    answer(set_form)
    set_form.symptoms.key("some").click()
    set_form.step_back()
    assert set_form.save_key.text() == "Still open: symptoms"


def test_after_the_end_fatigue_flu_and_hydration_are_asked(desk):
    desk.show(scenes.observing())
    desk.window.open_set()
    form = desk.window.session_page.set_form
    assert form.after_key.isVisible()
    answer(form)
    assert form.fatigue.isVisible()  # the last of the three answers turns to them
    form.fatigue.key("mild").click()
    form.flu.key("none").click()
    desk.qtbot.keyClicks(form.hydration.line, "250")
    form.save()
    desk.settle()
    sent = desk.sent(cmd.RecordObservation)[0]
    assert (sent.slot, sent.fatigue, sent.flu_like, sent.hydration_ml) == ("post30", "mild", "none", Decimal(250))


def test_during_the_infusion_they_are_not_asked(set_form):
    assert not set_form.after_key.isVisible()
    assert not set_form.hydration.isVisible()


def test_breaths_are_counted_over_thirty_seconds(desk, set_form):
    counter = set_form.values.counter
    for _ in range(8):
        counter.click()
    for _ in range(COUNT_S):
        counter._second()
    assert set_form.values._entries["rr"].text() == "16"
    answer(set_form)
    set_form.save()
    desk.settle()
    assert desk.sent(cmd.RecordObservation)[0].values["rr"] == ValueEntry(Decimal(16), "counted", 0.0)


def test_the_keypad_types_into_the_entry_that_was_touched(desk, set_form):
    entry = set_form.values._entries["spo2"]
    entry.line.setFocus()
    pad = set_form.pad.keys
    for sign in ("9", "4"):
        pad._press(sign)
    assert entry.text() == "94"
    pad._press("⌫")
    assert entry.text() == "9"


def test_an_earlier_set_is_corrected_with_a_reason(desk, set_form):
    set_form.open_slot("+15")
    answer(set_form)
    assert not set_form.save_key.isEnabled()
    assert set_form.values._entries["hr"].text() == "78"
    desk.qtbot.keyClicks(set_form.reason.line, "typed wrong")
    set_form.save()
    desk.settle()
    sent = desk.sent(cmd.RecordObservation)[0]
    assert (sent.slot, sent.reason, sent.values["hr"].source) == ("+15", "typed wrong", "typed")


def test_a_missed_set_needs_one_coded_tap(desk, set_form):
    late = scenes.slot("+15", 15, SlotStatus.OVERDUE)
    desk.show(replace(scenes.normal(), slots=(late,)))
    set_form._choose_set()
    assert set_form._chooser._sets.value() == "+15"
    set_form._chooser._why.key("patient_away").click()
    desk.settle()
    assert desk.sent(cmd.MissObservation) == [cmd.MissObservation("4", "u1", "+15", "patient_away")]


def test_with_the_sensor_off_nothing_is_prefilled(desk, set_form):
    off = scenes.live(Sign.SPO2, None, 1.0, Validity.SENSOR_OFF)
    desk.show(replace(scenes.normal(), vitals=MappingProxyType({Sign.SPO2: off})))
    assert set_form.values.given() == set()


def test_the_flow_is_asked_only_where_oxygen_is_given(desk, set_form):
    assert set_form.flow.isHidden()
    answer(set_form, oxygen="oxygen")
    assert not set_form.flow.isHidden()
    assert set_form.flow.line.hasFocus()
    desk.qtbot.keyClicks(set_form.flow.line, "2,5")
    set_form.save()
    desk.settle()
    sent = desk.sent(cmd.RecordObservation)[0]
    assert (sent.on_oxygen, sent.oxygen_l_min) == (True, Decimal("2.5"))
