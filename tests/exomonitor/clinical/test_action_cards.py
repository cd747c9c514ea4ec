"""The action cards by grade and the guard of a restart: every reason against it, and none when all is well."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files

import pytest

from exomonitor.clinical.action_cards import FILE, ActionTable, Restart, card_for, restart_refusal
from exomonitor.clinical.tables import NOT_APPROVED, parse_table
from exomonitor.errors import CommandRefused, EnvironmentFault
from tests.exomonitor.clinical.shipped import RULES

TABLE = RULES.actions.content
GUARD = TABLE.restart_guard
SHIPPED = (files("resources") / "protocols" / FILE).read_bytes()
GOOD = Restart(
    worst_grade=2,
    present_grade=1,
    anaphylaxis=False,
    rate_at_onset_ml_h=Decimal("165.5"),
    new_rate_ml_h=Decimal("82.7"),
    prescriber="u-prescriber",
    ordered_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    nurse="u-nurse",
    second_user="u-verifier",
)


def test_grade_1_pauses_and_assesses_before_it_is_graded():
    assert TABLE.card(1).title == "Grade 1: pause, assess, then grade"
    assert TABLE.card(1).lines[0] == "Pause at the pump"
    assert any("choice that is recorded" in line for line in TABLE.card(1).lines)


def test_the_cards_say_who_approved_them_and_where_they_come_from():
    assert TABLE.approval == NOT_APPROVED
    assert TABLE.says == "Clinic protocol says"
    assert all(card_for(grade, None, TABLE).sources for grade in range(1, 6))


def test_a_restart_exists_at_half_the_rate_up_to_grade_2_and_never_above():
    assert [TABLE.card(grade).restart_fraction for grade in range(1, 6)] == [
        Decimal("0.5"), Decimal("0.5"), None, None, None,
    ]  # fmt: skip
    assert TABLE.card(4).permanent_stop
    assert TABLE.anaphylaxis.permanent_stop


def test_anaphylaxis_wins_over_the_grade_and_before_a_grade_the_card_says_pause():
    assert card_for(1, True, TABLE) is TABLE.anaphylaxis
    assert card_for(2, None, TABLE) is TABLE.grade_2
    assert card_for(None, False, TABLE) is TABLE.grade_1
    assert card_for(5, False, TABLE) is TABLE.grade_4
    with pytest.raises(CommandRefused, match="no action card for grade 7"):
        TABLE.card(7)


def test_the_anaphylaxis_card_prints_the_numbers_of_the_table():
    text = " ".join(TABLE.anaphylaxis.lines)
    for part in ("1 mg/mL IM", "0.01 mg/kg", "at most 0.5 mg", "5-15 min", "must not stand or walk"):
        assert part in text
    assert (TABLE.epinephrine.mg_per_kg, TABLE.epinephrine.max_mg) == (Decimal("0.01"), Decimal("0.5"))


def test_a_restart_with_everything_is_not_refused():
    assert restart_refusal(GOOD, GUARD) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"worst_grade": 3}, "Worst grade of this session 3: no restart above grade 2"),
        ({"worst_grade": None}, "The reaction has no grade yet"),
        ({"present_grade": 2}, "Grade 2 at present: restart from grade 1 or lower"),
        ({"present_grade": None}, "The grade at present is not recorded"),
        ({"anaphylaxis": True}, "Anaphylaxis in this session: no restart"),
        ({"prescriber": " "}, "The prescriber who ordered the restart is missing"),
        ({"ordered_at": None}, "The time of the prescriber's order is missing"),
        ({"second_user": ""}, "A second person has not checked the restart"),
        ({"second_user": "u-nurse"}, "The second person must be somebody else"),
        ({"new_rate_ml_h": Decimal(0)}, "The new rate is missing"),
        ({"rate_at_onset_ml_h": None}, "The rate at onset is not known: give a reason for the new rate"),
        (
            {"new_rate_ml_h": Decimal("82.8")},
            "New rate 82.8 mL/h is above 50 % of the rate at onset (82.8 mL/h): lower it or give a reason",
        ),
    ],
)
def test_each_thing_that_is_wrong_is_said_in_one_sentence(change, said):
    assert restart_refusal(replace(GOOD, **change), GUARD) == (said,)


def test_exactly_half_the_rate_is_taken():
    assert restart_refusal(replace(GOOD, new_rate_ml_h=Decimal("82.75")), GUARD) == ()


def test_a_reason_overrides_the_rate_but_never_the_grade():
    faster = replace(GOOD, new_rate_ml_h=Decimal(100), override_reason="ordered by phone")
    assert restart_refusal(faster, GUARD) == ()
    assert restart_refusal(replace(faster, override_reason="ok"), GUARD) != ()
    assert restart_refusal(replace(faster, worst_grade=4), GUARD) != ()


def test_everything_that_is_wrong_is_said_at_once():
    nothing = Restart(None, None, True, None, Decimal(0), "", None, "u-nurse", "")
    assert len(restart_refusal(nothing, GUARD)) == 7


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"worst_grade = 2", b"worst_grade = 5", "restart_guard.worst_grade: Input should be less than or equal to 3"),
        (
            b'restart = "No restart in this session"',
            b'restart = "yes"\nrestart_fraction = 0.5',
            "grade_3.restart_fraction: restart_guard.worst_grade forbids it",
        ),
        (b"permanent_stop = true", b"permanent_stop = true\nrestart_fraction = 0.1", "a permanent stop has none"),
        (b"max_mg = 0.5", b"max_mg = 5", "line 22: epinephrine.max_mg"),
        (b'title = "Grade 2: stop, call the prescriber"\n', b"", "grade_2.title: Field required"),
    ],
)
def test_a_wrong_table_is_refused_with_its_field(old, new, said):
    assert old in SHIPPED
    with pytest.raises(EnvironmentFault) as caught:
        parse_table(ActionTable, SHIPPED.replace(old, new, 1), "ours.toml")
    assert said in str(caught.value)
