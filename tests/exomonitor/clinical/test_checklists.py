"""The checklists of the visit: what is shipped, what passes, what is missing and how that is said."""

from importlib.resources import files

import pytest

from exomonitor.clinical.checklists import (
    FDA_STATEMENT,
    FILE,
    ChecklistTable,
    check_answers,
    is_complete,
    missing,
    premedication_warning,
)
from exomonitor.clinical.tables import NOT_APPROVED, parse_table
from exomonitor.errors import CommandRefused, EnvironmentFault
from tests.exomonitor.clinical.shipped import RULES

TABLE = RULES.checklists.content
SHIPPED = (files("resources") / "protocols" / FILE).read_bytes()
CONSENT = {
    "told": "yes",
    "form": "v3",
    "ind": "no IND recorded",
    "capacity": "alone",
    "taken_by": "A. Example",
    "taken_at": "2026-03-02T08:40:00+00:00",
}


def test_the_shipped_lists_follow_the_visit_and_nobody_has_approved_them():
    assert [row.key for row in TABLE.list] == [
        "consent", "today", "hydration", "premedication", "readiness", "access", "time_out", "iv_removal",
        "discharge_tasks",
    ]  # fmt: skip
    gates = {row.key for row in TABLE.list if row.gate}
    assert gates == {"consent", "today", "readiness", "access", "time_out", "discharge_tasks"}
    assert TABLE.approval == NOT_APPROVED


def test_every_list_is_short_enough_for_one_page():
    assert all(len(row.item) <= 10 for row in TABLE.list)


def test_consent_shows_the_fda_notice_and_only_a_told_patient_passes():
    consent = TABLE.of("consent")
    assert consent.statement == FDA_STATEMENT
    assert is_complete(CONSENT, consent)
    said = missing({**CONSENT, "told": "no"}, consent)
    assert said == ("Patient told: not FDA-approved: 'no' does not pass, only 'yes' does",)


def test_an_empty_list_says_what_is_missing_one_sentence_each():
    said = missing({}, TABLE.of("readiness"))
    assert said[:2] == ("Epinephrine 1 mg/mL at the chair, in date: not ticked", "Oxygen: not ticked")
    assert said[-1] == "Prescriber reachable (who): not recorded"
    assert len(said) == 5


def test_an_item_that_depends_on_another_is_asked_only_then():
    hydration = TABLE.of("hydration")
    assert is_complete({"route": "none ordered"}, hydration)
    assert missing({"route": "oral"}, hydration) == ("Drunk: not recorded",)
    assert [row.key for row in hydration.asked({"route": "IV"})] == ["route", "iv_ml", "iv_fluid", "at"]


def test_blanks_are_no_answer():
    assert missing({"route": "   "}, TABLE.of("hydration")) == ("Fluid before the infusion: not recorded",)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"nothing": "x"}, "Hydration: there is no item 'nothing'"),
        ({"route": "by ear"}, "'by ear' is not one of none ordered, oral, IV"),
        ({"oral_ml": "49"}, "Drunk: 49 mL is outside 50-2000 mL"),
        ({"oral_ml": "2001"}, "Drunk: 2001 mL is outside 50-2000 mL"),
        ({"oral_ml": "much"}, "Drunk: 'much' is not a number"),
        ({"oral_ml": "NaN"}, "is outside"),
    ],
)
def test_answers_that_an_item_does_not_take_are_refused(answers, said):
    with pytest.raises(CommandRefused) as caught:
        check_answers(answers, TABLE.of("hydration"))
    assert said in str(caught.value)


def test_both_ends_of_a_range_are_taken_and_no_answer_is_no_mistake():
    for answer in ("50", "2000", ""):
        check_answers({"oral_ml": answer}, TABLE.of("hydration"))


def test_a_list_that_the_clinic_does_not_have_is_refused():
    with pytest.raises(CommandRefused, match="no checklist 'tea'"):
        TABLE.of("tea")


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(14.9, "less than 15 min"), (15, ""), (120, ""), (120.1, "more than 120 min")],
)
def test_premedication_is_warned_of_outside_its_window(minutes, said):
    warning = premedication_warning(minutes, TABLE.premedication)
    assert said in warning
    assert bool(said) is bool(warning)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b'kind = "text"', b'kind = "prose"', "line 33: list.1.item.2.kind: Input should be 'tick', 'choice'"),
        (b'options = ["yes", "no"]\nmust', b"must", "options: a choice has two or more"),
        (b'must = "yes"', b'must = "maybe"', "must: 'maybe' is none of the answers"),
        (b"range = [50, 2000]", b"range = [2000, 50]", "a number needs a unit and a rising range"),
        (b'unit = "mL"\nrange = [50, 2000]\n', b"", "a number needs a unit"),
        (b'when = ["ind", "IND number"]', b'when = ["ind", "nothing"]', "when names no answer of this list"),
        (b'usual = "yes"', b'usual = "maybe"', "usual: one of the options"),
        (b'must = "yes"', b'usual = "yes"\nmust = "yes"', "of a choice that has no must"),
        (b'key = "form"', b'key = "told"', "item: a key is used twice"),
        (b'key = "today"', b'key = "consent"', "list: the key consent is used twice"),
        (b'statement = "fda"\n\n', b"\n", "none shows the FDA notice"),
        (b"longest_min = 120", b"longest_min = 10", "premedication: shortest_min must be below longest_min"),
    ],
)
def test_a_wrong_table_is_refused_with_file_line_and_field(old, new, said):
    assert old in SHIPPED
    with pytest.raises(EnvironmentFault) as caught:
        parse_table(ChecklistTable, SHIPPED.replace(old, new, 1), "ours.toml")
    assert str(caught.value).startswith("Table ours.toml")
    assert said in str(caught.value)
