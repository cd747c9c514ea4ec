"""What a set starts with, and what typed texts mean."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.clinical.protocol import load_protocol
from exomonitor.engine.handlers_observe import MISSED_WHYS, NOT_TAKEN
from exomonitor.signals.quality import Origin, Validity
from exomonitor.signals.vitals import Sign
from tests.ui.scenes import live, lost, normal, reading, slot
from ui.presenters import codes
from ui.presenters.observation import is_after_end, missing_words, prefill, read_typed, slot_title, wanted_answers

LIMITS = load_protocol().entry_limits


def test_live_values_are_prefilled_with_source_and_age():
    begin = prefill(normal())
    assert (begin["hr"].text, begin["hr"].hint, begin["hr"].age_s) == ("88", "monitor, 2.0 s ago", 2.0)
    assert (begin["nibp_sys"].text, begin["temp"].text) == ("118", "36.7")


@given(
    st.sampled_from([Sign.HR, Sign.SPO2, Sign.RR, Sign.TEMP]),
    st.sampled_from(["stale", "lost", "sensor off", "typed"]),
)
def test_a_value_that_is_not_live_is_never_prefilled(sign, wrong):
    shown = {
        "stale": replace(live(sign, 37.0), stale=True),
        "lost": replace(live(sign, 37.0), lost=True),
        "sensor off": live(sign, None, 1.0, Validity.SENSOR_OFF),
        "typed": replace(live(sign, 37.0), reading=replace(reading(sign, 37.0), origin=Origin.TYPED)),
    }[wrong]
    assert prefill(replace(normal(), vitals={sign: shown}))[sign.value].text == ""


def test_an_old_cuff_reading_is_left_empty_and_asks_for_a_new_one():
    old = {sign: live(sign, 120.0, 200.0) for sign in (Sign.NIBP_SYS, Sign.NIBP_DIA)}
    begin = prefill(replace(normal(), vitals=old))["nibp_sys"]
    assert begin.text == ""
    assert begin.hint == "3 min old: press Start"


def test_nothing_is_prefilled_from_a_lost_monitor():
    begin = prefill(lost())
    assert {name: one.text for name, one in begin.items() if one.text} == {"spo2": "93"}


def test_a_number_out_of_range_is_refused_and_one_out_of_the_usual_is_asked_about():
    assert "outside 20-300" in read_typed("hr", "5", LIMITS).error
    asked = read_typed("hr", "225", LIMITS)
    assert (asked.value, asked.question) == (Decimal(225), "Heart rate 225 /min is unusual")
    assert read_typed("hr", "80", LIMITS).question == ""


@pytest.mark.parametrize(("typed", "celsius"), [("98.6", "37.0"), ("100,4", "38.0"), ("86", "30.0"), ("110", "43.3")])
def test_fahrenheit_is_asked_about_and_both_are_kept(typed, celsius):
    meant = read_typed("temp", typed, LIMITS)
    assert meant.value == Decimal(celsius)
    assert "Fahrenheit" in meant.question
    assert typed in meant.remark


def test_a_temperature_between_the_scales_is_refused():
    assert read_typed("temp", "60", LIMITS).error


def test_a_number_that_could_be_two_is_refused():
    assert "could mean two numbers" in read_typed("hr", "1,000", LIMITS).error


def test_what_is_missing_is_said_in_words():
    asked = slot("+30", 30, normal().slots[4].status).slot
    assert missing_words(asked, {"hr", "spo2"}) == "BP, RR, Temperature"
    assert missing_words(asked, {"hr", "spo2", "rr", "nibp_sys", "nibp_dia", "temp"}) == ""


def test_questions_after_the_end_are_asked_after_the_end_alone():
    assert [is_after_end(key) for key in ("baseline", "+15", "end", "post30")] == [False, False, True, True]
    assert wanted_answers(None) == ("acvpu", "o2", "symptoms", "site")


def test_a_set_has_a_title_with_its_time():
    assert slot_title(normal().next_slot) == "Set +30 · due 14:34"
    assert slot_title(None) == "Extra set"


def test_the_keys_for_a_missed_set_are_the_reasons_that_the_record_takes():
    assert {code for code, _ in codes.MISSED} == MISSED_WHYS
    assert {code for code, _ in codes.NOT_TAKEN} == NOT_TAKEN
