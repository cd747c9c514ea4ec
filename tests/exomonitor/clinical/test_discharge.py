"""The discharge checklist: one criterion broken at a time, the longer times, and who may discharge all the same."""

from dataclasses import fields, replace
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.clinical.discharge import (
    FILE,
    DischargeTable,
    Leaving,
    Reactions,
    State,
    Tasks,
    check_override,
    evaluate,
    required_minutes,
)
from exomonitor.clinical.discharge_vitals import VITAL_RULES, Baseline, VitalSet
from exomonitor.clinical.tables import parse_table
from exomonitor.errors import CommandRefused, EnvironmentFault
from tests.exomonitor.clinical.shipped import RULES

TABLE = RULES.discharge.content
SHIPPED = (files("resources") / "protocols" / FILE).read_text(encoding="utf-8")
AIR = Decimal(0)
WELL = VitalSet(30, "A", 122, 76, 16, 98, AIR, Decimal("36.8"), 0, False)
BASELINE = Baseline(sbp=120, hr=75, spo2=98, oxygen_l_min=AIR, news2=0)
DONE = Tasks(
    open_alarms=0,
    worst_symptom_grade=1,
    site_score=1,
    drank=True,
    walking=True,
    iv_removed=True,
    sedating_given=False,
    instructions_given=True,
    follow_up_booked=True,
    next_dose_decided=True,
)
READY = Leaving(60, 2, True, BASELINE, (WELL, replace(WELL, at_min=60)), (), Reactions(), DONE)


def tasks(**changes: Any) -> Leaving:
    return replace(READY, tasks=replace(DONE, **changes))


def last(**changes: Any) -> Leaving:
    return replace(READY, sets=(WELL, replace(WELL, at_min=60, **changes)))


def first(**changes: Any) -> Leaving:
    return replace(READY, sets=(replace(WELL, **changes), replace(WELL, at_min=60)))


def state_of(leaving: Leaving) -> dict[str, State]:
    return {line.key: line.state for line in evaluate(leaving, TABLE).failing}


def test_a_well_patient_after_an_hour_is_ready():
    seen = evaluate(READY, TABLE)
    assert seen.ready
    assert not seen.overridable
    assert len(seen.criteria) == 21
    assert all(line.text and line.why for line in seen.criteria)


def test_alarms_that_were_acknowledged_keep_nobody_here_but_are_counted():
    found = next(one for one in evaluate(tasks(acknowledged_alarms=5), TABLE).criteria if one.key == "alarms")
    assert (found.state, found.why) == (State.MET, "5 acknowledged, still on")


@pytest.mark.parametrize(
    ("leaving", "key", "state", "why"),
    [
        (replace(READY, since_end_min=59.4), "time", State.NOT_MET, "59 min, 1 min to go"),
        (replace(READY, since_end_min=None), "time", State.NOT_KNOWN, "the infusion has not ended"),
        (replace(READY, open_sets=("+60",)), "sets", State.NOT_MET, "owed: +60"),
        (replace(READY, open_sets=("End", "End +30", "End +60")), "sets", State.NOT_MET, "owed: End, +30, +60"),
        (replace(READY, open_sets=None), "sets", State.NOT_KNOWN, "not recorded yet"),
        (replace(READY, sets=(WELL, replace(WELL, at_min=44))), "apart", State.NOT_MET, "14 min apart"),
        (tasks(worst_symptom_grade=2), "symptoms", State.NOT_MET, "worst grade 2"),
        (tasks(open_alarms=1), "alarms", State.NOT_MET, "1 unanswered"),
        (tasks(site_score=2), "site", State.NOT_MET, "2"),
        (tasks(drank=False), "drank", State.NOT_MET, "no"),
        (tasks(walking=False), "walking", State.NOT_MET, "no"),
        (tasks(iv_removed=False), "iv_out", State.NOT_MET, "no"),
        (tasks(instructions_given=False), "instructions", State.NOT_MET, "no"),
        (tasks(follow_up_booked=None), "follow_up", State.NOT_KNOWN, "not recorded yet"),
        (tasks(next_dose_decided=False), "next_dose", State.NOT_MET, "no"),
        (tasks(sedating_given=True, escort=False), "escort", State.NOT_MET, "no escort"),
        (tasks(sedating_given=True, escort=None), "escort", State.NOT_KNOWN, "not recorded yet"),
        (tasks(sedating_given=None), "escort", State.NOT_KNOWN, "not recorded whether a sedating drug was given"),
    ],
)
def test_one_criterion_that_is_not_met_is_named_with_its_reason(leaving, key, state, why):
    (line,) = evaluate(leaving, TABLE).failing
    assert (line.key, line.state, line.why) == (key, state, why)


def test_an_escort_settles_the_question_of_the_drug():
    assert evaluate(tasks(sedating_given=None, escort=True), TABLE).ready
    assert evaluate(tasks(sedating_given=True, escort=True), TABLE).ready


VITAL_EDGES = [
    ({"acvpu": "A"}, None), ({"acvpu": "C"}, "acvpu"),
    ({"sbp": 96}, None), ({"sbp": 95}, "sbp"), ({"sbp": 144}, None), ({"sbp": 145}, "sbp"),
    ({"hr": 50}, None), ({"hr": 49}, "hr"), ({"hr": 100}, None), ({"hr": 101}, "hr"), ({"hr": 111}, "hr"),
    ({"rr": 12}, None), ({"rr": 11}, "rr"), ({"rr": 20}, None), ({"rr": 21}, "rr"),
    ({"spo2": 96}, None), ({"spo2": 95}, "spo2"), ({"oxygen_l_min": Decimal(2)}, "spo2"),
    ({"temp": Decimal("37.9")}, None), ({"temp": Decimal("37.94")}, None), ({"temp": Decimal("37.95")}, "temp"),
    ({"temp": Decimal("38.0")}, "temp"),
    ({"news2": 1}, None), ({"news2": 2}, "news2"), ({"news2_red": True}, "news2"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "key"), VITAL_EDGES, ids=str)
@pytest.mark.parametrize("which", [first, last])
def test_vital_signs_at_their_limits_in_either_of_the_last_two_sets(which, changes, key):
    assert state_of(which(**changes)) == ({key: State.NOT_MET} if key else {})


@pytest.mark.parametrize("key", VITAL_RULES)
def test_a_vital_sign_that_was_not_measured_is_not_known(key):
    assert state_of(last(**{key: None})) == {key: State.NOT_KNOWN}


@pytest.mark.parametrize(
    ("field", "changes", "key"),
    [("sbp", {}, "sbp"), ("hr", {"hr": 105}, "hr"), ("spo2", {}, "spo2"), ("news2", {}, "news2")],
)
def test_without_a_baseline_what_depends_on_it_is_not_known(field, changes, key):
    nothing: dict[str, Any] = {field: None}
    baseline = replace(BASELINE, **nothing)
    assert state_of(replace(last(**changes), baseline=baseline)) == {key: State.NOT_KNOWN}


def test_a_heart_rate_above_a_hundred_may_be_the_patients_own():
    assert state_of(replace(last(hr=105), baseline=replace(BASELINE, hr=90))) == {}
    assert state_of(replace(last(hr=105), baseline=replace(BASELINE, hr=87))) == {"hr": State.NOT_MET}


def test_on_scale_two_eighty_eight_is_enough():
    low = replace(last(spo2=88), baseline=replace(BASELINE, spo2=90, scale=2), sets=(replace(WELL, spo2=88),) * 2)
    assert "spo2" not in state_of(low)
    assert state_of(replace(low, baseline=replace(BASELINE, spo2=90)))["spo2"] is State.NOT_MET


def test_a_patient_on_oxygen_goes_home_on_the_same_oxygen():
    two = Decimal(2)
    home = replace(BASELINE, oxygen_l_min=two)
    on_two = tuple(replace(seen, oxygen_l_min=two) for seen in READY.sets)
    assert state_of(replace(READY, baseline=home, sets=on_two)) == {}
    assert state_of(replace(READY, baseline=replace(home, oxygen_l_min=None), sets=on_two)) == {"spo2": State.NOT_KNOWN}


def test_a_patient_with_a_low_baseline_has_a_floor_of_their_own():
    low = replace(READY, baseline=replace(BASELINE, sbp=86, own_sbp_limit=75), sets=(replace(WELL, sbp=84),) * 2)
    assert "sbp" not in state_of(low)
    assert state_of(replace(low, baseline=replace(BASELINE, sbp=86)))["sbp"] is State.NOT_MET


def test_one_set_is_not_two():
    one = state_of(replace(READY, sets=(WELL,)))
    assert one == dict.fromkeys(["apart", *VITAL_RULES], State.NOT_KNOWN)
    assert state_of(replace(READY, sets=(replace(WELL, sbp=80),)))["sbp"] is State.NOT_MET


@pytest.mark.parametrize(
    ("dose", "grade", "minutes"),
    [(2, 0, 60), (2, 1, 60), (2, 2, 120), (1, 0, 120), (1, 2, 120), (None, 0, 120), (2, None, 120), (3, 0, 60)],
)
def test_how_long_a_patient_stays(dose, grade, minutes):
    leaving = replace(READY, dose_number=dose, reactions=Reactions(grade))
    assert required_minutes(leaving, TABLE) == minutes


@pytest.mark.parametrize(
    ("dose", "uneventful", "grade", "minutes"),
    [(3, True, 0, 30), (2, True, 0, 60), (3, False, 0, 60), (3, None, 0, 60), (3, True, 1, 60), (4, True, 2, 120)],
)
def test_a_clinic_may_shorten_from_the_third_uneventful_dose_on(dose, uneventful, grade, minutes):
    data = SHIPPED.replace("short_allowed = false", "short_allowed = true").encode()
    table = parse_table(DischargeTable, data, "ours.toml").content
    leaving = replace(READY, dose_number=dose, uneventful_before=uneventful, reactions=Reactions(grade))
    assert required_minutes(leaving, table) == minutes


def test_a_grade_two_reaction_needs_an_hour_more_and_the_prescriber():
    early = evaluate(replace(READY, reactions=Reactions(2)), TABLE)
    assert [line.key for line in early.failing] == ["time", "sign_off"]
    late = replace(READY, since_end_min=120, reactions=Reactions(2, prescriber_signed=True))
    assert evaluate(late, TABLE).ready


@pytest.mark.parametrize(
    ("reactions", "why"),
    [
        (Reactions(3, prescriber_signed=True), "reaction of grade 3: transfer"),
        (Reactions(1, epinephrine_given=True), "epinephrine was given: transfer"),
        (Reactions(None, anaphylaxis=True), "anaphylaxis: transfer"),
    ],
)
def test_after_a_grave_reaction_there_is_no_discharge_whoever_says_so(reactions, why):
    seen = evaluate(replace(READY, since_end_min=600, reactions=reactions), TABLE)
    assert (seen.ready, seen.overridable, seen.transfer) == (False, False, why)
    assert {line.key: line.state for line in seen.failing}["reaction"] is State.NOT_MET
    with pytest.raises(CommandRefused, match="No discharge from the clinic"):
        check_override(seen, ["prescriber"], "patient insists")


def test_a_reaction_that_is_not_graded_keeps_the_patient():
    assert state_of(replace(READY, reactions=Reactions(None))) == {
        "time": State.NOT_MET,
        "reaction": State.NOT_KNOWN,
        "sign_off": State.NOT_MET,
    }


def test_only_the_prescriber_discharges_against_the_list_and_says_why():
    seen = evaluate(tasks(drank=False), TABLE)
    assert seen.overridable
    check_override(seen, ["nurse", "prescriber"], "fasting for a test")
    with pytest.raises(CommandRefused, match="Only the prescriber"):
        check_override(seen, ["nurse", "administrator"], "fasting for a test")
    with pytest.raises(CommandRefused, match="needs a reason"):
        check_override(seen, ["prescriber"], "  ")


def test_with_nothing_known_nothing_is_met():
    seen = evaluate(Leaving(None, None, None, Baseline(), (), None, Reactions(None)), TABLE)
    assert {line.state for line in seen.failing} == {State.NOT_KNOWN, State.NOT_MET}
    assert [line.key for line in seen.failing if line.state is State.NOT_MET] == ["sign_off"]
    assert seen.failing == seen.criteria


_NO_ANSWERS = {"sedating_given", "escort", "acknowledged_alarms"}


@given(st.sampled_from([each.name for each in fields(Tasks) if each.name not in _NO_ANSWERS]))
def test_forgetting_an_answer_never_makes_a_patient_ready(name):
    assert evaluate(READY, TABLE).ready
    assert not evaluate(tasks(**{name: None}), TABLE).ready


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("first_dose_min = 120", "first_dose_min = 45", "times: short_min, after_end_min and first_dose_min must rise"),
        ("transfer_from_grade = 3", "transfer_from_grade = 2", "reactions: sign_off_from_grade must be below"),
        ("hr = [50, 110]", "hr = [110, 50]", "vitals: hr must rise"),
        ("spo2_at_least = 94", "spo2_at_least = 70", "line 33: vitals.spo2_at_least"),
    ],
)
def test_a_wrong_table_is_refused(old, new, said):
    assert old in SHIPPED
    with pytest.raises(EnvironmentFault, match=said):
        parse_table(DischargeTable, SHIPPED.replace(old, new).encode(), "ours.toml")


def test_news2_is_not_asked_of_a_patient_for_whom_it_is_not_made():
    unscored = tuple(replace(one, news2=None) for one in READY.sets)
    found = evaluate(replace(READY, sets=unscored, news2_unfit="pregnancy"), TABLE)
    line = next(one for one in found.criteria if one.key == "news2")
    assert (line.state, line.why) == (State.NOT_APPLICABLE, "not applicable (pregnancy)")
    assert found.ready
    assert state_of(replace(READY, sets=unscored)) == {"news2": State.NOT_KNOWN}
