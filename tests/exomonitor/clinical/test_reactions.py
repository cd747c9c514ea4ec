"""The CTCAE table and the symptom tiles: what exists, what is refused, what is suggested."""

import json
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest
from pydantic import ValidationError

from exomonitor.clinical.anaphylaxis import Sign
from exomonitor.clinical.reactions import (
    ALLERGIC,
    CTCAE_FILES,
    CTCAE_VERSION,
    IRR,
    NOTHING_MORE,
    Ctcae,
    SymptomTable,
    check_grade,
    check_terms,
    grade_text,
    grades_of,
    load_ctcae,
    suggest_fever_grade,
    suggested_terms,
)
from exomonitor.clinical.tables import parse_table
from exomonitor.errors import CommandRefused, EnvironmentFault
from tests.exomonitor.clinical.shipped import RULES

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"), parse_float=Decimal)
V5, V6, TILES = load_ctcae().content, load_ctcae("6.0").content, RULES.symptoms.content


def test_the_shipped_table_is_the_version_that_events_are_marked_with():
    assert (V5.version, V5.published) == (CTCAE_VERSION, date(2017, 11, 27))
    assert len(V5.terms) == 48


def test_no_code_is_used_twice():
    for table in (V5, V6):
        codes = [term.code for term in table.terms.values() if term.code]
        assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(
    ("term", "grades"),
    [
        (IRR, (1, 2, 3, 4, 5)),
        ("Anaphylaxis", (3, 4, 5)),
        ("Fatigue", (1, 2, 3)),
        ("Hypothermia", (2, 3, 4, 5)),
        ("Palpitations", (1, 2)),
        ("Presyncope", (2,)),
        ("Syncope", (3,)),
        ("Vasovagal reaction", (3, 4, 5)),
        ("Phlebitis", (2,)),
        ("Anxiety", (1, 2, 3, 4)),
        ("Stridor", (3, 4, 5)),
        ("Hypoxia", (2, 3, 4, 5)),
    ],
)
def test_only_grades_that_exist_are_offered(term, grades):
    assert grades_of(term, V5) == grades
    for grade in grades:
        assert grade_text(term, grade, V5)
    for grade in set(range(7)) - set(grades):
        with pytest.raises(CommandRefused, match=f"no grade {grade} for {term}"):
            check_grade(term, grade, V5)


def test_a_term_that_is_not_in_the_table_is_refused():
    with pytest.raises(CommandRefused, match="not a term"):
        check_grade("Bad luck", 1, V5)


def test_one_event_is_never_both_infusion_related_and_allergic():
    check_terms([IRR, "Flushing"])
    with pytest.raises(CommandRefused, match="not both"):
        check_terms([IRR, ALLERGIC])


@pytest.mark.parametrize("v", VECTORS["ctcae_fever"], ids=lambda v: str(v["temp_c"]))
def test_the_grade_of_a_fever(v):
    assert suggest_fever_grade(v["temp_c"]) == (v["grade"] or None)


def test_a_fever_is_rounded_to_a_tenth_first():
    assert suggest_fever_grade(37.95) == 1
    assert suggest_fever_grade(37.94) is None


def test_there_are_eighteen_tiles_in_the_order_of_the_page():
    tiles = [tile for tile in TILES.symptom if tile.page == 1]
    assert len(tiles) == 18
    assert [tile.label for tile in tiles[:3]] == ["Flushing", "Itching", "Hives"]
    assert tiles[-1].key == NOTHING_MORE
    assert len({tile.key for tile in tiles}) == 18


def test_the_second_page_has_a_tile_for_each_sign_that_the_criteria_and_scales_still_need():
    table = RULES.anaphylaxis.content
    tiles = [tile.key for tile in TILES.symptom]
    assert len([tile for tile in TILES.symptom if tile.page == 2]) == 12
    seen = table.signs_of(tiles)
    assert set(Sign) - seen == {Sign.HYPOXAEMIA, Sign.LOW_PEAK_FLOW}  # these two are measured


def test_every_tile_suggests_terms_of_the_table():
    for tile in TILES.symptom:
        assert all(term in V5.terms for term in tile.terms)
        assert tile.terms or tile.page == 2 or tile.key == NOTHING_MORE


def test_symptoms_suggest_the_infusion_related_reaction_first_and_each_term_once():
    assert suggested_terms(["chills", "flushing"], TILES, V5) == (IRR, "Flushing", "Chills", "Fever")
    assert suggested_terms(["other"], TILES, V5) == (IRR,)
    assert suggested_terms([], TILES, V5) == suggested_terms([NOTHING_MORE], TILES, V5) == ()


def test_a_version_that_is_not_shipped_is_refused():
    with pytest.raises(CommandRefused, match=r"CTCAE 4\.03 is not shipped; there are 5\.0 and 6\.0"):
        load_ctcae("4.03")


def test_version_6_has_its_own_names_grades_and_notes():
    assert (V6.version, V6.published) == ("6.0", date(2025, 7, 22))
    renamed = {V6.resolve(name): term.grades.keys() for name, term in V5.terms.items()}
    assert list(renamed) == list(V6.terms)
    other = {name for name, grades in renamed.items() if grades != V6.terms[name].grades.keys()}
    assert other == {"Hypertension"}
    assert list(V6.terms["Hypertension"].grades) == [2, 3, 4, 5], "grade 1 is gone"
    assert V6.resolve("Edema limbs") == "Peripheral edema"
    assert V6.resolve("Thromboembolic event") == "Venous thromboembolism"
    assert V6.terms["Venous thromboembolism"].code == "10066899"
    assert V5.terms["Edema limbs"].code == "10050068"
    assert "%" not in " ".join(V6.terms["Peripheral edema"].grades.values()), "no longer measured in per cent"
    assert V6.terms["Peripheral edema"].code == "10034570"
    assert V6.terms[IRR].note == "if allergic, consider Allergic reaction; do not report both"
    assert V6.terms["Fever"].note == "consider Infusion related reaction"
    told = {name: term.note for name, term in V5.terms.items() if term.note}
    assert told == {
        IRR: "never graded together with Allergic reaction: choose one",
        ALLERGIC: "never graded together with Infusion related reaction: choose one",
    }


def test_the_version_in_force_decides_which_terms_exist():
    assert grade_text("Edema limbs", 1, V5)
    with pytest.raises(CommandRefused, match=r"not a term of CTCAE 6\.0"):
        check_grade("Edema limbs", 1, V6)
    with pytest.raises(CommandRefused, match=r"CTCAE 6\.0 has no grade 1 for Anaphylaxis"):
        check_grade("Anaphylaxis", 1, V6)


def test_tiles_that_name_a_term_of_the_version_before_suggest_its_new_name():
    tiles = SymptomTable.model_validate(
        {**TILES.model_dump(), "symptom": [{"key": NOTHING_MORE, "label": "x", "terms": ["Edema limbs"]}]}
    )
    assert suggested_terms([NOTHING_MORE], tiles, V6) == (IRR, "Peripheral edema")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b'code = "10051792"', b'code = "X"', "line 14: term.1.code: String should match"),
        (
            b'name = "Allergic reaction"',
            b'name = "Infusion related reaction"',
            "term: Infusion related reaction is there",
        ),
        (b'g2 = "present"', b"", "Phlebitis has no grade"),
    ],
)
def test_a_wrong_table_is_refused_with_line_and_field(old, new, said):
    data = (files("resources") / "protocols" / CTCAE_FILES["5.0"]).read_bytes()
    assert old in data
    with pytest.raises(EnvironmentFault) as caught:
        parse_table(Ctcae, data.replace(old, new, 1), "ours.toml")
    assert said in str(caught.value)


def test_tiles_have_keys_of_their_own_and_one_for_nothing_more():
    row = {"key": "x", "label": "X", "terms": []}
    for rows, said in (([row, row], "the key x is used twice"), ([row], "nothing_more is missing")):
        with pytest.raises(ValidationError, match=said):
            SymptomTable.model_validate({**TILES.model_dump(), "symptom": rows})
