"""The CTCAE table and the symptom tiles: what exists, what is refused, what is suggested."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from exomonitor.clinical import reactions
from exomonitor.clinical.reactions import (
    ALLERGIC,
    CTCAE_VERSION,
    IRR,
    NOTHING_MORE,
    check_grade,
    check_terms,
    grade_text,
    grades_of,
    load_ctcae,
    load_symptoms,
    suggest_fever_grade,
    suggested_terms,
)
from exomonitor.errors import CommandRefused, EnvironmentFault

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"), parse_float=Decimal)


def test_the_shipped_table_is_the_version_that_events_are_marked_with():
    table = load_ctcae()
    assert (table.version, table.published) == (CTCAE_VERSION, "2017-11-27")
    assert len(table.terms) == 47


def test_no_code_is_used_twice():
    codes = [term.code for term in load_ctcae().terms.values()]
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
    assert grades_of(term) == grades
    for grade in grades:
        assert grade_text(term, grade)
    for grade in set(range(7)) - set(grades):
        with pytest.raises(CommandRefused, match=f"no grade {grade} for {term}"):
            check_grade(term, grade)


def test_a_term_that_is_not_in_the_table_is_refused():
    with pytest.raises(CommandRefused, match="not a term"):
        check_grade("Bad luck", 1)


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
    tiles = load_symptoms()
    assert len(tiles) == 18
    assert [tile.label for tile in tiles[:3]] == ["Flushing", "Itching", "Hives"]
    assert tiles[-1].key == NOTHING_MORE
    assert len({tile.key for tile in tiles}) == 18


def test_every_tile_suggests_terms_of_the_table():
    for tile in load_symptoms():
        assert all(term in load_ctcae().terms for term in tile.terms)
        assert bool(tile.terms) is (tile.key != NOTHING_MORE)


def test_symptoms_suggest_the_infusion_related_reaction_first_and_each_term_once():
    assert suggested_terms(["chills", "flushing"]) == (IRR, "Flushing", "Chills", "Fever")
    assert suggested_terms(["other"]) == (IRR,)
    assert suggested_terms([]) == suggested_terms([NOTHING_MORE]) == ()


def test_a_table_that_cannot_be_read_is_named(monkeypatch):
    monkeypatch.setattr(reactions, "_CTCAE_FILE", "no_such_table.toml")
    load_ctcae.cache_clear()
    try:
        with pytest.raises(EnvironmentFault, match="no_such_table"):
            load_ctcae()
    finally:
        load_ctcae.cache_clear()
