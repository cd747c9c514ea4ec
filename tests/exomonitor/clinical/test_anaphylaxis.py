"""Anaphylaxis on partial data, against the reference vectors and a three-valued second reading of the criteria."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.clinical.anaphylaxis import (
    SKIN,
    Brown,
    Criterion,
    Exposure,
    Findings,
    RingMessmer,
    Saturation,
    Sign,
    assess,
    brown,
    check_own_limit,
    hypotension,
    low_by_wao,
    measured_hypoxaemia,
    ring_messmer,
)
from exomonitor.clinical.tables import parse_table
from exomonitor.errors import CommandRefused, EnvironmentFault
from tests.exomonitor.clinical.shipped import RULES

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"))
RULE = RULES.anaphylaxis.content.hypoxaemia
SIGN_OF = {
    "skin": Sign.HIVES,
    "bronch": Sign.WHEEZE,
    "gi_sev": Sign.SEVERE_GI,
    "gi_pers": Sign.PERSISTENT_GI,
    "resp": Sign.DYSPNOEA,
    "laryng": Sign.VOICE_OR_SWALLOWING,
    "endorgan": Sign.SYNCOPE,
}


def found(*signs: Sign, **numbers) -> Findings:
    return Findings(frozenset(signs), **numbers)


@pytest.mark.parametrize("v", VECTORS["hypotension_wao"], ids=lambda v: f"{v['base']}-{v['cur']}")
def test_low_pressure_by_wao(v):
    assert low_by_wao(v["cur"], v["base"]) is v["met"]


@pytest.mark.parametrize("v", VECTORS["anaphylaxis"], ids=lambda v: "+".join(f"{k}" for k in v["input"]))
def test_the_worked_examples(v):
    given_ = v["input"]
    signs = frozenset(sign for name, sign in SIGN_OF.items() if given_.get(name))
    findings = Findings(signs, frozenset(Sign) - signs, given_.get("sbp", 120), given_.get("base", 120))
    seen = assess(findings, Exposure(known_allergen=bool(given_.get("known"))))
    assert [name.name for name in seen.met] == v["criteria"]
    assert seen.open == ()


def test_partial_data_met_is_met_and_the_prompt_is_exact():
    seen = assess(found(Sign.HIVES, Sign.DYSPNOEA))
    assert seen.met == (Criterion.WAO1, Criterion.NIAID1, Criterion.NIAID2)
    assert Criterion.WAO2 in seen.open
    only_first = assess(found(Sign.HIVES, Sign.SEVERE_GI), Exposure(likely=False))
    assert only_first.text == ("Anaphylaxis criteria may be met (WAO 1). STOP infusion and follow emergency protocol.")
    assert assess(found(Sign.HIVES)).text == ""


def test_with_nothing_known_everything_is_open_and_nothing_met():
    seen = assess(Findings(), Exposure(known_allergen=None))
    assert seen.met == ()
    assert seen.open == tuple(Criterion)


def test_stridor_is_both_breathing_and_larynx():
    assert assess(found(Sign.STRIDOR)).met == (Criterion.WAO2,)
    assert Criterion.WAO1 in assess(found(Sign.STRIDOR, Sign.ITCHING_FLUSHING)).met


def all_of(*facts):
    return False if False in facts else (None if None in facts else True)


def any_of(*facts):
    return True if True in facts else (None if None in facts else False)


def kleene(findings, exposure):
    """The criteria once more, in three-valued logic, fact by fact."""

    def sign(*names):
        facts = [True if n in findings.present else (False if n in findings.absent else None) for n in names]
        return any_of(*facts)

    if findings.sbp is None:
        low = None
    elif findings.sbp < 90:
        low = True
    else:
        low = None if findings.baseline_sbp is None else findings.sbp * 10 < findings.baseline_sbp * 7
    skin = sign(Sign.HIVES, Sign.ITCHING_FLUSHING, Sign.SWELLING)
    breath = sign(Sign.DYSPNOEA, Sign.WHEEZE, Sign.STRIDOR, Sign.LOW_PEAK_FLOW, Sign.HYPOXAEMIA)
    organ = sign(Sign.COLLAPSE, Sign.SYNCOPE, Sign.INCONTINENCE)
    gut = sign(Sign.SEVERE_GI, Sign.PERSISTENT_GI)
    groups = [skin, breath, any_of(low, organ), gut]
    at_least_two = (groups.count(True) >= 2, groups.count(True) + groups.count(None) >= 2)
    two = {(True, True): True, (False, False): False}.get(at_least_two)
    return {
        Criterion.WAO1: all_of(exposure.acute, skin, any_of(breath, low, organ, sign(Sign.SEVERE_GI))),
        Criterion.WAO2: all_of(
            exposure.acute,
            exposure.likely,
            any_of(low, sign(Sign.WHEEZE), sign(Sign.STRIDOR, Sign.VOICE_OR_SWALLOWING)),
        ),
        Criterion.NIAID1: all_of(exposure.acute, skin, any_of(breath, low, organ)),
        Criterion.NIAID2: all_of(exposure.likely, two),
        Criterion.NIAID3: all_of(exposure.known_allergen, low),
    }


FACT = st.sampled_from([True, False, None])
FINDINGS = st.builds(
    lambda seen, sbp, base: Findings(
        frozenset(k for k, v in seen.items() if v), frozenset(k for k, v in seen.items() if v is False), sbp, base
    ),
    st.fixed_dictionaries(dict.fromkeys(Sign, FACT)),
    st.none() | st.integers(60, 200),
    st.none() | st.integers(90, 200),
)
EXPOSURES = st.builds(Exposure, FACT, FACT, FACT)


@given(FINDINGS, EXPOSURES)
def test_a_three_valued_reading_of_the_criteria_agrees(findings, exposure):
    seen = assess(findings, exposure)
    expected = kleene(findings, exposure)
    assert {
        name: True if name in seen.met else (None if name in seen.open else False) for name in Criterion
    } == expected


@given(FINDINGS, st.sampled_from(list(Sign)), EXPOSURES)
def test_learning_more_never_takes_a_met_criterion_away(findings, sign, exposure):
    before = assess(findings, exposure).met
    if sign in findings.present | findings.absent:
        return
    for more in (
        Findings(findings.present | {sign}, findings.absent, findings.sbp, findings.baseline_sbp),
        Findings(findings.present, findings.absent | {sign}, findings.sbp, findings.baseline_sbp),
    ):
        assert set(before) <= set(assess(more, exposure).met)


@pytest.mark.parametrize(
    ("sbp", "base", "low"),
    [(None, 120, None), (None, None, None), (89, None, True), (110, None, None), (89, 120, True), (100, 120, False)],
)
def test_low_pressure_is_not_known_without_its_numbers(sbp, base, low):
    assert hypotension(Findings(sbp=sbp, baseline_sbp=base)) is low


def test_a_low_baseline_needs_a_limit_of_its_own():
    check_own_limit(90, None)
    check_own_limit(88, 75)
    with pytest.raises(CommandRefused, match="a limit for this patient is needed first"):
        check_own_limit(89, None)
    with pytest.raises(CommandRefused, match="from 60 to below the baseline"):
        check_own_limit(88, 88)
    with pytest.raises(CommandRefused, match="the limit of 90 applies"):
        check_own_limit(120, 80)
    assert low_by_wao(84, 88) is True
    assert low_by_wao(84, 88, 75) is False
    assert low_by_wao(74, 88, 75) is True
    assert low_by_wao(89, 120, 75) is True


def low(*seconds: float, percent: float = 92, good: bool = True) -> list[Saturation]:
    return [Saturation(at, percent, good) for at in seconds]


def test_low_saturation_counts_after_fifteen_seconds_of_good_signal_with_a_skin_symptom():
    assert measured_hypoxaemia(low(0, 5, 10, 15), 97, RULE, skin_open=True) is True
    assert measured_hypoxaemia(low(0, 5, 10, 14.9), 97, RULE, skin_open=True) is False
    assert measured_hypoxaemia(low(0, 5, 10, 15), 97, RULE, skin_open=False) is None
    assert measured_hypoxaemia([], 97, RULE, skin_open=True) is None
    assert measured_hypoxaemia(low(0, 5, 10, 15, good=False), 97, RULE, skin_open=True) is None


def test_a_fall_of_four_counts_only_below_ninety_four():
    assert measured_hypoxaemia(low(0, 5, 10, 15, percent=93), 97, RULE, skin_open=True) is True
    assert measured_hypoxaemia(low(0, 5, 10, 15, percent=93), 96, RULE, skin_open=True) is False
    assert measured_hypoxaemia(low(0, 5, 10, 15, percent=94), 99, RULE, skin_open=True) is False
    assert measured_hypoxaemia(low(0, 5, 10, 15, percent=93), None, RULE, skin_open=True) is False


def test_a_gap_or_a_good_value_starts_the_fifteen_seconds_anew():
    assert measured_hypoxaemia(low(0, 5, 20, 25), 97, RULE, skin_open=True) is False
    mixed = [*low(0, 5), Saturation(7, 97), *low(10, 15, 20)]
    assert measured_hypoxaemia(mixed, 97, RULE, skin_open=True) is False
    questionable = [*low(0, 5), Saturation(7, 99, good=False), *low(10, 15)]
    assert measured_hypoxaemia(questionable, 97, RULE, skin_open=True) is True


@pytest.mark.parametrize(
    ("findings", "grade"),
    [
        (Findings(), Brown.NONE),
        (found(Sign.HIVES), Brown.MILD),
        (found(Sign.HIVES, Sign.NAUSEA), Brown.MODERATE),
        (found(Sign.PRESYNCOPE), Brown.MODERATE),
        (found(Sign.CONFUSION), Brown.SEVERE),
        (found(Sign.HIVES, spo2=92), Brown.SEVERE),
        (found(Sign.HIVES, spo2=93), Brown.MILD),
        (found(sbp=89), Brown.SEVERE),
        (found(sbp=90), Brown.NONE),
    ],
)
def test_the_grade_by_brown(findings, grade):
    assert brown(findings) is grade


@pytest.mark.parametrize(
    ("findings", "grade"),
    [
        (Findings(), RingMessmer.NONE),
        (found(Sign.ITCHING_FLUSHING), RingMessmer.I),
        (found(Sign.HIVES, Sign.COUGH), RingMessmer.II),
        (found(Sign.HIVES, hr=91, baseline_hr=70), RingMessmer.II),
        (found(Sign.HIVES, hr=90, baseline_hr=70), RingMessmer.I),
        (found(Sign.HIVES, sbp=109, baseline_sbp=130), RingMessmer.II),
        (found(Sign.HIVES, sbp=110, baseline_sbp=130), RingMessmer.I),
        (found(Sign.WHEEZE), RingMessmer.III),
        (found(sbp=85, baseline_sbp=120), RingMessmer.III),
        (found(Sign.CYANOSIS, Sign.ARREST), RingMessmer.IV),
    ],
)
def test_the_grade_by_ring_and_messmer(findings, grade):
    assert ring_messmer(findings) is grade


@given(FINDINGS, st.sampled_from(list(Sign)))
def test_another_sign_never_lowers_a_grade(findings, sign):
    more = Findings(findings.present | {sign}, findings.absent, findings.sbp, findings.baseline_sbp)
    assert brown(more) >= brown(findings)
    assert ring_messmer(more) >= ring_messmer(findings)


def test_exposure_lasts_while_product_runs_and_four_hours_after():
    table = RULES.anaphylaxis.content
    assert table.exposure(600, None, None) == Exposure(True, True, None)
    assert table.exposure(3600 + 240 * 60, 3600, False) == Exposure(True, True, False)
    assert table.exposure(3601 + 240 * 60, 3600, True) == Exposure(False, False, True)


def test_every_tile_of_the_table_exists_on_the_page():
    table = RULES.anaphylaxis.content
    assert set(table.tile) <= {tile.key for tile in RULES.symptoms.content.symptom}
    assert table.signs_of(["hives", "wheeze", "site"]) == {Sign.HIVES, Sign.WHEEZE}
    assert table.signs_of(["flushing", "itching", "swelling"]) <= SKIN


def test_a_table_without_skin_tiles_is_refused():
    shipped = (
        'version = "1"\nauthor = "A"\nacute_min = 240\n[hypoxaemia]\nat_most = 92\nfall = 4\nfall_below = 94\n'
        'held_s = 15\nmin_samples = 3\nlongest_gap_s = 10\n[tile]\ncough = ["cough"]\n'
    )
    with pytest.raises(EnvironmentFault, match="no tile stands for a skin sign"):
        parse_table(type(RULES.anaphylaxis.content), shipped.encode(), "ours.toml")
