"""The symptom checklist of a call: red, amber, green, and what must be asked before anything less than red is said."""

from dataclasses import replace
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.clinical.tables import parse_table
from exomonitor.clinical.triage import (
    FILE,
    Level,
    Report,
    SymptomAnswer,
    TriageTable,
    fatigue_grade,
    suggests_flu,
    triage,
)
from exomonitor.errors import CommandRefused, EnvironmentFault
from tests.exomonitor.clinical.shipped import RULES

TABLE = RULES.triage.content
NO = SymptomAnswer(present=False)
ALL_NO = {row.key: NO for row in TABLE.item}
MILD = SymptomAnswer(present=True, grade=1, onset_h=2, still=True)


def report(
    now_h: float = 24, temp: str | None = "36.8", since: float | None = None, **answers: SymptomAnswer
) -> Report:
    return Report(now_h, {**ALL_NO, **answers}, None if temp is None else Decimal(temp), since)


def yes(*details: str, **changes: Any) -> SymptomAnswer:
    return replace(MILD, details=frozenset(details), **changes)


def level(said: Report) -> Level | None:
    return triage(said, TABLE).level


def test_the_checklist_has_fifteen_questions():
    assert [row.key for row in TABLE.item] == [
        "tired", "fever", "chills", "muscle", "joint", "headache", "cold", "stomach", "skin", "breath", "dizziness",
        "site", "leg", "other", "urgent_care",
    ]  # fmt: skip


def test_no_complaint_is_green():
    seen = triage(report(), TABLE)
    assert (seen.level, seen.reasons, seen.still_to_ask) == (Level.GREEN, (), ())


@pytest.mark.parametrize(
    ("key", "details", "expected"),
    [
        ("breath", ["breathless"], Level.RED),
        ("breath", ["wheezing"], Level.RED),
        ("breath", ["chest_pain"], Level.RED),
        ("skin", ["throat_swelling"], Level.RED),
        ("dizziness", ["fainted"], Level.RED),
        ("other", ["confusion"], Level.RED),
        ("other", ["stroke_signs"], Level.RED),
        ("stomach", ["vomiting"], Level.AMBER),
        ("stomach", ["not_drinking"], Level.AMBER),
        ("skin", ["rash"], Level.AMBER),
        ("skin", ["hives"], Level.AMBER),
        ("leg", ["leg_one_side"], Level.AMBER),
        ("site", ["site_streak"], Level.AMBER),
        ("site", ["site_pain", "site_redness"], Level.AMBER),
        ("site", ["site_redness"], Level.GREEN),
        ("stomach", ["nausea"], Level.GREEN),
        ("skin", ["itch"], Level.GREEN),
        ("dizziness", ["dizzy"], Level.GREEN),
        ("tired", [], Level.GREEN),
        ("headache", [], Level.GREEN),
        ("urgent_care", [], Level.AMBER),
    ],
)
def test_what_one_complaint_means(key, details, expected):
    said: dict[str, Any] = {key: yes(*details)}
    assert level(report(**said)) is expected


@pytest.mark.parametrize("key", ["breath", "dizziness", "stomach"])
def test_hives_with_another_organ_system_are_red(key):
    detail = {"breath": "wheezing", "dizziness": "dizzy", "stomach": "nausea"}[key]
    said: dict[str, Any] = {"skin": yes("hives"), key: yes(detail)}
    seen = triage(report(**said), TABLE)
    assert seen.level is Level.RED
    assert "hives together with another complaint" in seen.reasons


def test_hives_with_tiredness_or_at_the_skin_alone_are_not_red():
    assert level(report(skin=yes("hives"), tired=MILD)) is Level.AMBER
    assert level(report(skin=yes("hives", "itch"))) is Level.AMBER


@pytest.mark.parametrize(
    ("temp", "now_h", "since", "expected"),
    [
        ("40.0", 24, None, Level.RED),
        ("39.95", 24, None, Level.RED),
        ("39.9", 24, None, Level.AMBER),
        ("38.5", 24, None, Level.AMBER),
        ("38.4", 24, 10.0, Level.GREEN),
        ("38.0", 26, 2.0, Level.GREEN),
        ("38.0", 26.1, 2.0, Level.AMBER),
        ("38.0", 48, 24.0, Level.GREEN),
        ("38.0", 48, 24.5, Level.AMBER),
        ("37.9", 100, 1.0, Level.GREEN),
    ],
)
def test_fever_by_height_length_and_start(temp, now_h, since, expected):
    assert level(report(now_h, temp, since)) is expected


def test_a_fever_whose_start_is_not_known_is_not_settled():
    seen = triage(report(temp="38.2"), TABLE)
    assert (seen.level, seen.still_to_ask) == (None, ("Since when is there a fever?",))


def test_who_feels_feverish_measures():
    seen = triage(report(temp=None, fever=replace(MILD, grade=None)), TABLE)
    assert (seen.level, seen.still_to_ask) == (None, ("Measured temperature",))
    assert level(report(temp=None)) is Level.GREEN


@pytest.mark.parametrize(("grade", "expected"), [(1, Level.GREEN), (2, Level.AMBER), (3, Level.AMBER), (4, Level.RED)])
def test_the_grade_of_any_symptom_counts(grade, expected):
    assert level(report(muscle=replace(MILD, grade=grade))) is expected


def test_a_symptom_of_more_than_three_days_is_amber():
    assert level(report(74, tired=MILD)) is Level.GREEN
    assert level(report(74.1, tired=MILD)) is Level.AMBER
    assert level(report(74.1, tired=replace(MILD, still=False))) is Level.GREEN
    unknown = triage(report(74.1, tired=replace(MILD, onset_h=None)), TABLE)
    assert (unknown.level, unknown.still_to_ask) == (None, ("Tiredness: since when?",))


@pytest.mark.parametrize(("score", "expected"), [(None, Level.GREEN), (1, Level.GREEN), (2, Level.AMBER)])
def test_the_score_of_the_site_counts(score, expected):
    assert level(replace(report(), site_score=score)) is expected


def test_what_was_not_asked_is_asked_before_green_is_said_and_red_does_not_wait():
    few = Report(24, {"tired": NO})
    assert level(few) is None
    assert len(triage(few, TABLE).still_to_ask) == 14
    red = triage(Report(24, {"breath": yes("breathless", grade=None)}), TABLE)
    assert (red.level, red.reasons) == (Level.RED, ("trouble breathing",))
    assert red.text == "RED: trouble breathing. Emergency number now"


def test_what_exactly_is_asked_too():
    seen = triage(report(stomach=replace(MILD, grade=None, still=None)), TABLE)
    name = "Nausea, vomiting, drinking too little"
    assert seen.still_to_ask == (f"{name}: what exactly?", f"{name}: grade", f"{name}: still present?")
    assert seen.text.startswith(f"At least AMBER: {name}. Still to ask: ")


ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        row.key: st.builds(
            SymptomAnswer,
            st.just(True),
            st.frozensets(st.sampled_from([d.key for d in row.detail])) if row.detail else st.just(frozenset()),
            st.none() | st.integers(1, 5),
            st.none() | st.floats(0, 24),
            st.none() | st.booleans(),
        )
        | st.just(NO)
        for row in TABLE.item
    },
)


@given(ANSWERS, st.sampled_from([row.key for row in TABLE.item]), st.floats(24, 200))
def test_one_more_complaint_never_lowers_the_level(answers, key, now_h):
    if key in answers and answers[key].present:
        return
    before = triage(Report(now_h, answers), TABLE)
    after = triage(Report(now_h, {**answers, key: MILD}), TABLE)
    assert after.at_least >= before.at_least
    assert (before.level is None) is (bool(before.still_to_ask) and before.at_least is not Level.RED)


@pytest.mark.parametrize(
    ("relieved", "limits_work", "limits_self", "grade"),
    [(True, False, False, 1), (False, False, False, 2), (True, True, False, 2), (False, True, True, 3)],
)
def test_the_grade_of_fatigue_from_its_three_questions(relieved, limits_work, limits_self, grade):
    found = fatigue_grade(
        relieved_by_rest=relieved, stops_shopping_phone_work=limits_work, stops_washing_dressing=limits_self
    )
    assert found == grade


def test_two_complaints_of_the_cluster_without_another_cause_suggest_flu_like_symptoms():
    assert suggests_flu(report(chills=MILD, muscle=MILD), TABLE, other_cause=False)
    assert not suggests_flu(report(chills=MILD, muscle=MILD), TABLE, other_cause=True)
    assert not suggests_flu(report(chills=MILD, tired=MILD), TABLE, other_cause=False)


def test_answers_that_no_question_has_are_refused():
    with pytest.raises(CommandRefused, match="'mood' is not a question"):
        triage(report(mood=MILD), TABLE)
    with pytest.raises(CommandRefused, match="'fainted' does not belong"):
        triage(report(skin=yes("fainted")), TABLE)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('key = "chills"', 'key = "tired"', "the key tired is used twice"),
        ('key = "fever"', 'key = "hot"', "item: fever is missing"),
        ('together = ["hives"]', 'together = ["hive"]', "combination: hive is no item"),
        ("amber_from = 38.5", "amber_from = 40.5", "amber_long_from, amber_from and red_from must rise"),
        ('level = "red"', 'level = "purple"', "line 34: combination.1.level"),
    ],
)
def test_a_wrong_table_is_refused(old, new, said):
    shipped = (files("resources") / "protocols" / FILE).read_text(encoding="utf-8")
    assert old in shipped
    with pytest.raises(EnvironmentFault, match=said):
        parse_table(TriageTable, shipped.replace(old, new, 1).encode(), "ours.toml")


def test_a_table_without_anything_red_is_refused():
    shipped = (files("resources") / "protocols" / FILE).read_text(encoding="utf-8")
    with pytest.raises(EnvironmentFault, match="nothing is red"):
        parse_table(TriageTable, shipped.replace('level = "red" }', 'level = "amber" }').encode(), "ours.toml")
