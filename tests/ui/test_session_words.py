"""Pump, timer, alarm bar, header, NEXT, reaction and sign-off in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exomonitor.alarms.catalogue import FIXED, Category
from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import AlarmState
from exomonitor.clinical.observations import SlotStatus
from exomonitor.clinical.reactions import IRR
from exomonitor.clinical.rulebook import load_rulebook
from exomonitor.engine.next_line import cable_line
from exomonitor.engine.snapshot import AudioView, LivePump
from exomonitor.session.events import MeaningGiven
from exomonitor.session.timing import progress
from exomonitor.signals.links import LinkState
from exomonitor.signals.pump import PumpStatus
from exomonitor.signals.vitals import Sign
from tests.ui import scenes
from ui.presenters.alarms import alarm_bar
from ui.presenters.header import care_facts, header, short_name
from ui.presenters.next_step import log_lines, next_step
from ui.presenters.pump import Shape, pump_card, pump_word, still_runs
from ui.presenters.reaction import count_up, reaction_view, terms_in_order
from ui.presenters.signoff import sign_off
from ui.presenters.tiles import Look
from ui.presenters.timer import timer


def with_pump(status: PumpStatus, *, stale: bool = False, lost: bool = False, rate: float = 0.0):
    pump = LivePump(scenes.pump_reading(status, rate), 0.4, stale, lost, (), "Infusomat Space")
    return replace(scenes.normal(), pump=pump)


# --- pump ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", list(PumpStatus))
def test_every_state_of_the_pump_has_a_word_and_a_shape(status):
    word, shape, look = pump_word(with_pump(status))
    assert word.isupper()
    assert shape in Shape
    assert look is Look.LIVE


def test_a_lost_pump_has_no_data_and_no_figures():
    view = pump_card(with_pump(PumpStatus.INFUSING, lost=True, rate=165.5))
    assert (view.word, view.shape, view.rate) == ("NO DATA", Shape.CROSS, "-- mL/h")


def test_a_stale_pump_does_not_look_live():
    view = pump_card(with_pump(PumpStatus.INFUSING, stale=True, rate=165.5))
    assert view.look is Look.STALE
    assert view.remark.startswith("OLD")


def test_a_bound_pump_that_never_spoke_has_no_data():
    assert pump_word(replace(scenes.normal(), pump=None))[0] == "NO DATA"


def test_without_a_pump_the_typed_rate_is_marked_typed():
    view = pump_card(scenes.no_data())
    assert (view.word, view.rate, view.rate_name, view.look) == ("INFUSING", "120.0 mL/h", "Rate, typed", Look.EMPTY)
    assert view.rows[0][0] == "Infused, estimated"


def test_a_relayed_pump_alarm_is_said_on_the_card():
    view = pump_card(scenes.three_alarms())
    assert view.word == "ALARM"
    assert view.warning == "ALARM: P1: Pressure high, line blocked"
    assert view.alarm is Priority.MEDIUM
    assert pump_card(scenes.one_alarm()).alarm is None


def test_recorded_as_stopped_while_the_pump_says_otherwise():
    said = MeaningGiven("pause", "toilet", scenes.NOW)
    session = replace(scenes.running(), meanings=((scenes.NOW, said),))
    assert still_runs(replace(scenes.normal(), session=session)) == "PUMP STILL INFUSING 165.5 mL/h"
    stopped = replace(with_pump(PumpStatus.STOPPED), session=session)
    assert still_runs(stopped) == ""


def test_what_the_pump_cannot_report_stands_on_the_card():
    assert pump_card(scenes.lost()).cannot == "This pump cannot report: air in line, occlusion upstream"


# --- timer ---------------------------------------------------------------------------------------------------------


def test_the_ring_shows_what_its_centre_says():
    view = timer(scenes.normal(), 30, 60)
    assert (view.caption, view.centre, view.below) == ("remaining", "27:11", "ends 14:49")
    assert view.share == pytest.approx(27.19 / 44.99, abs=0.01)
    assert (view.infusing, view.paused, view.elapsed) == ("17:48", "00:00", "17:48")
    assert view.title == "Infusion · phase 2 of 4"


def test_after_the_end_the_timer_counts_from_the_end():
    view = timer(scenes.observing(), 30, 60)
    assert (view.caption, view.centre) == ("since the end", "10:00")


def test_before_the_start_nothing_is_counted():
    assert timer(scenes.preparing(), 30, 60).centre == "--"


# --- alarms --------------------------------------------------------------------------------------------------------


def test_the_bar_shows_the_first_alarm_how_many_there_are_and_the_others():
    view = alarm_bar(scenes.three_alarms())
    assert (view.priority, view.filled, view.mark) == (Priority.HIGH, True, "▲ !!!")
    assert view.count_text == "1 of 4"
    assert "SBP low 84 mmHg" in view.detail


def test_an_acknowledged_alarm_keeps_its_place_without_the_fill():
    acked = replace(scenes.normal(), alarms=(scenes.alarm("x", "Set late", Priority.LOW, AlarmState.ACKED),))
    view = alarm_bar(acked)
    assert (view.filled, view.can_acknowledge) == (False, False)


def test_an_audio_pause_is_counted_down():
    view = alarm_bar(scenes.lost())
    assert (view.can_pause, view.pause_text) == (False, "Paused 01:13")


def test_calm_is_said_too():
    assert alarm_bar(scenes.normal()).text == "No active alarms"
    silent = replace(scenes.empty_chair(), audio=AudioView(told=True))
    assert alarm_bar(silent).text == "No active alarms; NO SOUND: one could not be heard"
    assert alarm_bar(replace(silent, audio=AudioView())).text == "No active alarms"  # nothing is known of the sound yet


# --- header --------------------------------------------------------------------------------------------------------


def test_a_talking_device_says_how_old_its_words_are_and_a_silent_one_that_it_is_silent():
    good = {chip.key: chip for chip in header(scenes.normal()).chips}
    assert (good["pump"].strong, good["pump"].tail, good["pump"].bad) == ("Infusomat Space", "0.4 s", False)
    bad = {chip.key: chip for chip in header(scenes.lost()).chips}
    assert (bad["monitor"].strong, bad["monitor"].tail, bad["monitor"].bad) == ("Monitor", "LOST 31 s", True)


@pytest.mark.parametrize("state", list(LinkState))
def test_every_link_state_has_its_chip(state):
    snapshot = replace(scenes.normal(), links=(scenes.link("pump", "X", 3.0, state),))
    chip = next(chip for chip in header(snapshot).chips if chip.key == "pump")
    assert chip.bad is (state is not LinkState.TALKING)


def test_an_unsaved_record_and_a_missing_sound_are_said():
    chips = {chip.key: chip for chip in header(replace(scenes.lost(), audio=AudioView())).chips}
    assert (chips["record"].strong, chips["record"].bad) == ("NOT SAVED", True)
    assert (chips["sound"].strong, chips["sound"].bad) == ("NO SOUND", True)


def test_the_second_strip_begins_with_the_allergy():
    facts = care_facts(scenes.normal())
    assert facts[0] == ("Allergy", "penicillin")
    assert ("Product", "MSC · lot EXO-A12 · 5.0 billion") in facts
    assert ("IV", "L forearm 22G · site 0 14:19") in facts


def test_a_device_name_fits_into_its_chip():
    assert short_name("B. Braun Space (SpaceCom, BCC)") == "B. Braun Space"
    assert short_name("Datex-Ohmeda DRI level 10") == "DRI level 10"
    assert short_name("A very long device name of many words") == ""


def test_a_device_whose_name_is_too_long_is_called_by_its_role_and_never_cut():
    long = replace(scenes.normal(), links=(scenes.link("monitor", "A very long device name of many words", 2.0),))
    assert ("Monitor", "2.0 s") in [(chip.strong, chip.tail) for chip in header(long).chips]


# --- next ----------------------------------------------------------------------------------------------------------


def test_next_is_the_set_and_when():
    view = next_step(scenes.normal())
    assert (view.line, view.action) == ("Set +30 in 12:12", "set")


def test_while_a_vital_sign_alarms_the_patient_comes_first():
    assert next_step(scenes.one_alarm()).line.startswith("Look at the patient, then BP")


def test_a_technical_alarm_does_not_send_anybody_to_the_patient():
    assert not next_step(scenes.lost()).line.startswith("Look at the patient")


@pytest.mark.parametrize("declared", [one for one in FIXED if one.category is Category.TECHNICAL], ids=lambda d: d.key)
def test_no_technical_alarm_of_the_whole_table_is_about_the_patient(declared):
    raised = scenes.alarm(declared.key, declared.text, declared.priorities[0])
    snapshot = replace(scenes.normal(), alarms=(raised,))
    assert not next_step(snapshot).line.startswith("Look at the patient")
    patient = scenes.alarm("spo2_low", "SpO₂ low", Priority.MEDIUM)
    assert next_step(replace(snapshot, alarms=(raised, patient))).line.startswith("Look at the patient")


def test_an_unexplained_stop_is_asked_about():
    view = next_step(replace(scenes.normal(), questions=("stopped",), next_line=""))
    assert (view.line, view.action) == ("The pump has stopped. What was it?", "pump")


def test_an_overdue_set_is_urgent():
    late = scenes.slot("+15", 15, SlotStatus.OVERDUE)
    view = next_step(replace(scenes.normal(), next_slot=late, next_line=""))
    assert view.urgent
    assert "OVERDUE" in view.line


def test_when_all_sets_are_closed_the_signature_is_next():
    assert next_step(replace(scenes.observing(), next_slot=None, next_line="")).action == "leave"


def test_the_log_has_the_newest_line_first():
    lines = log_lines(scenes.one_alarm(), 2)
    assert [time for time, _ in lines] == ["14:21:45", "14:19:22"]


# --- reaction ------------------------------------------------------------------------------------------------------


def test_a_reaction_says_when_it_was_stamped_and_what_was_known_then():
    snapshot = scenes.reacting()
    assert snapshot.session is not None
    view = reaction_view(snapshot, snapshot.session.open_reaction)
    assert view.title == "Reaction · 00:00:14"
    assert view.stamped == "stamped 14:21:53 · minute 17:34 · 165.5 mL/h · 24.4 mL in · vitals and pump kept from 14:11"
    assert view.pressure == "BP now: press Start on the monitor"
    assert [step.done for step in view.steps] == [True, False, False, False]
    assert view.steps[0].below.endswith("done 14:21:58")


def test_a_pressure_taken_since_is_shown_instead_of_the_request():
    snapshot = scenes.reacting()
    fresh = {sign: scenes.live(sign, 101.0, 3.0) for sign in (Sign.NIBP_SYS, Sign.NIBP_DIA)}
    snapshot = replace(snapshot, vitals={**snapshot.vitals, **fresh})
    assert snapshot.session is not None
    assert reaction_view(snapshot, snapshot.session.open_reaction).pressure.startswith("BP 101/101 at")


def test_epinephrine_counts_up_and_says_when_five_minutes_are_over():
    snapshot = scenes.reacting()
    session = replace(scenes.running(), reactions=(scenes.reaction(actions=("stop", "epinephrine")),))
    young = reaction_view(replace(snapshot, session=session), session.reactions[0]).steps[3]
    assert "dose 1 at" in young.below
    old = reaction_view(replace(snapshot, session=session, now=scenes.NOW.plus(400)), session.reactions[0]).steps[3]
    assert "5-min mark reached" in old.below


def test_the_count_up_always_has_hours():
    assert [count_up(s) for s in (-1, 14, 3725)] == ["00:00:00", "00:00:14", "01:02:05"]


RULES = load_rulebook()


def test_suggested_terms_stand_first_and_every_term_is_there_once():
    terms = terms_in_order(("flushing",), RULES)
    assert terms[0] == (IRR, True)
    assert sorted(name for name, _ in terms) == sorted(RULES.ctcae.content.terms)


# --- sign-off ------------------------------------------------------------------------------------------------------


def test_what_is_in_the_way_of_a_signature_is_said():
    view = sign_off(scenes.reacting())
    assert view.obstacles == ("The end of the product is not recorded (F9)", "A reaction is still open (F8)")


def test_open_sets_are_named_before_they_are_signed_as_missed():
    view = sign_off(scenes.observing())
    assert view.obstacles == ()
    assert view.remarks[0] == "Sets not done, signed as missed: End +30"
    assert "IV removal is not recorded (F9)" in view.remarks
    assert ("Product given", "100.0 of 100 mL (pump)") in view.rows


def test_alarms_that_stand_are_named_beside_how_they_began():
    base = scenes.observing()
    assert base.session is not None
    session = replace(base.session, alarms_raised={"low": 6})
    standing = scenes.alarm("set:+45", "Set +45 is overdue", Priority.MEDIUM)
    view = sign_off(replace(base, session=session, alarms=(standing,)))
    assert ("Alarms", "6 low when they began · still on: 1 medium") in view.rows
    assert ("Alarms", "6 low") in sign_off(replace(base, session=session, alarms=())).rows


def test_while_the_pump_stands_the_ring_is_empty_and_the_centre_counts_the_stand():
    session = scenes.running()
    stood = replace(session.stretches[-1], rate_ml_h=0.0, status="stopped", began=scenes.NOW.plus(-65))
    session = replace(session, stretches=(*session.stretches, stood))
    still = scenes.pump_reading(PumpStatus.STOPPED, 0.0, 25.0)
    view = timer(replace(scenes.normal(), session=session, progress=progress(session, scenes.NOW, still)), 30, 60)
    assert (view.caption, view.centre, view.below) == ("paused", "01:05", "75.0 mL left")
    assert view.share is None


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"pressure_pct": 31.4, "pressure_mmhg": None}, "31 %"),
        ({"pressure_pct": None, "pressure_mmhg": 530.15}, "530 mmHg"),
        ({"pressure_pct": None, "pressure_mmhg": None}, "not told"),
    ],
)
def test_the_pressure_in_the_line_stands_in_the_unit_that_the_pump_tells(told, words):
    scene = with_pump(PumpStatus.INFUSING, rate=40.0)
    assert scene.pump is not None
    pump = replace(scene.pump, reading=replace(scene.pump.reading, **told))
    rows = dict(pump_card(replace(scene, pump=pump)).rows)
    assert rows["Pressure · power"].startswith(f"{words} · ")


def test_with_all_sets_closed_the_key_and_the_line_are_about_the_patient_and_the_names_stand_below():
    base, unnamed = scenes.observing(), scenes.emergency().session
    assert base.session is not None
    assert unnamed is not None
    session = replace(base.session, emergency=unnamed.emergency)
    closed = replace(base, session=session, next_slot=None, next_line="")
    view = next_step(closed)
    assert (view.line, view.action) == ("All sets are closed: IV out", "leave")
    assert view.below.endswith("then F7: 7 entries without a name")
    assert "7 entries bear no name (F7)" in sign_off(closed).remarks
    assert "F7" not in next_step(replace(closed, session=base.session)).below


def test_where_the_line_leads_to_the_devices_the_key_does_too():
    line = cable_line("", "1/1")
    view = next_step(replace(scenes.normal(), next_line=line))
    assert (view.line, view.action, view.action_text) == (line, "devices", "Devices")
    assert next_step(replace(scenes.normal(), next_line=cable_line("pump", ""))).action == "devices"
    overdue = replace(scenes.set_due(), next_line=f"{line} · Set +15 overdue by 01:00")
    assert (next_step(overdue).line, next_step(overdue).action) == (overdue.next_line, "set")
