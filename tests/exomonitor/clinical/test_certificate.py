"""The certificate of analysis: every line judged, and what follows for the lot."""

from dataclasses import replace
from decimal import Decimal
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.clinical.certificate import (
    FILE,
    Amount,
    Certificate,
    CertificateTable,
    Consequence,
    Result,
    Verdict,
    check_certificate,
    particles_per_ug,
)
from exomonitor.clinical.product import Source
from exomonitor.clinical.tables import parse_table
from exomonitor.errors import EnvironmentFault
from tests.exomonitor.clinical.shipped import RULES

TABLE = RULES.certificate.content
GOOD = Certificate(
    numbers={
        "concentration": Amount(Decimal("2.0")),
        "protein": Amount(Decimal("0.05")),
        "size_mode": Amount(Decimal(110)),
        "endotoxin": Amount(Decimal("0.05"), less_than=True),
    },
    results={
        "sterility": Result.NEGATIVE,
        "mycoplasma": Result.NEGATIVE,
        "adventitious_virus": Result.NEGATIVE,
    },
    markers={"CD9": True, "CD63": True, "CD81": False, "TSG101": True, "calnexin": False},
    texts={
        "count_method": "NTA",
        "morphology": "cup-shaped",
        "donor_screening": "eligible",
        "residuals": "below detection",
        "potency": "NF-kB inhibition",
    },
    source=Source.MSC,
    excursion=False,
)


def line(certificate: Certificate, key: str, ordered: Source = Source.MSC):
    return next(row for row in check_certificate(certificate, ordered, TABLE).lines if row.key == key)


def test_a_good_certificate_passes_every_line():
    check = check_certificate(GOOD, Source.MSC, TABLE)
    assert {row.verdict for row in check.lines} == {Verdict.PASS, Verdict.NOTED}
    assert (check.quarantine, check.blocking, check.need_reason) == (False, (), ())
    assert line(GOOD, "potency").why == "NF-kB inhibition; not standardised"
    assert line(GOOD, "concentration").why == "2 billion/mL"


@pytest.mark.parametrize(
    ("test", "result", "verdict", "consequence"),
    [
        ("sterility", Result.PENDING, Verdict.PENDING, Consequence.BLOCK),
        ("sterility", Result.POSITIVE, Verdict.FAIL, Consequence.QUARANTINE),
        ("sterility", None, Verdict.MISSING, Consequence.BLOCK),
        ("mycoplasma", Result.PENDING, Verdict.PENDING, Consequence.BLOCK),
        ("adventitious_virus", Result.PENDING, Verdict.PENDING, Consequence.BLOCK),
        ("adventitious_virus", None, Verdict.MISSING, Consequence.REASON),
    ],
)
def test_what_is_not_negative_yet_blocks(test, result, verdict, consequence):
    results = {key: value for key, value in GOOD.results.items() if key != test}
    seen = line(replace(GOOD, results=results | ({test: result} if result else {})), test)
    assert (seen.verdict, seen.consequence) == (verdict, consequence)


def test_an_empty_certificate_releases_nothing():
    check = check_certificate(Certificate(), Source.MSC, TABLE)
    assert {row.verdict for row in check.lines} == {Verdict.MISSING}
    assert [row.key for row in check.blocking] == ["concentration", "sterility", "mycoplasma", "endotoxin", "source"]


@pytest.mark.parametrize(
    ("key", "value", "less_than", "verdict"),
    [
        ("size_mode", "30", False, Verdict.PASS),
        ("size_mode", "29.9", False, Verdict.FAIL),
        ("size_mode", "200", False, Verdict.PASS),
        ("size_mode", "200.1", False, Verdict.FAIL),
        ("size_mode", "150", True, Verdict.FAIL),
        ("endotoxin", "0.49", False, Verdict.PASS),
        ("endotoxin", "0.5", False, Verdict.FAIL),
        ("endotoxin", "0.5", True, Verdict.PASS),
        ("endotoxin", "0.6", True, Verdict.FAIL),
    ],
)
def test_numbers_at_their_limits(key, value, less_than, verdict):
    seen = line(replace(GOOD, numbers={**GOOD.numbers, key: Amount(Decimal(value), less_than)}), key)
    assert seen.verdict is verdict
    assert seen.consequence is (Consequence.NONE if verdict is Verdict.PASS else Consequence.REASON)


@pytest.mark.parametrize(
    ("billions", "protein", "verdict"),
    [("3", "0.1", Verdict.PASS), ("2.99", "0.1", Verdict.FAIL), ("3", "0", Verdict.MISSING)],
)
def test_the_purity_ratio_is_computed_and_judged(billions, protein, verdict):
    numbers = {**GOOD.numbers, "concentration": Amount(Decimal(billions)), "protein": Amount(Decimal(protein))}
    assert line(replace(GOOD, numbers=numbers), "purity").verdict is verdict


def test_the_purity_ratio_needs_both_numbers_and_no_bound():
    assert particles_per_ug(GOOD) == Decimal("4E+10")
    assert particles_per_ug(Certificate(numbers={"concentration": Amount(Decimal(2))})) is None
    bound = {**GOOD.numbers, "concentration": Amount(Decimal(2), less_than=True)}
    assert particles_per_ug(replace(GOOD, numbers=bound)) is None


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(["CD9", "CD63", "CD81", "TSG101", "ALIX"], st.booleans())))
def test_identity_takes_two_membrane_markers_and_one_from_inside(markers):
    seen = line(replace(GOOD, markers=markers), "identity")
    membrane = sum(markers.get(name, False) for name in ("CD9", "CD63", "CD81"))
    inside = markers.get("TSG101", False) or markers.get("ALIX", False)
    if not markers:
        assert seen.verdict is Verdict.MISSING
    else:
        assert (seen.verdict is Verdict.PASS) is (membrane >= 2 and inside)


def test_what_is_lacking_is_named():
    seen = line(replace(GOOD, markers={"CD9": True, "TSG101": False}), "identity")
    assert seen.why == "only 1 of 2 of CD9/CD63/CD81, 0 of 1 of TSG101/ALIX"
    assert seen.consequence is Consequence.BLOCK


def test_a_marker_that_must_be_absent_is_named():
    seen = line(replace(GOOD, markers={"calnexin": False, "GM130": True}), "impurity_markers")
    assert (seen.verdict, seen.why) == (Verdict.FAIL, "GM130 present, must be absent")


def test_the_source_must_equal_the_order():
    seen = line(GOOD, "source", Source.DENDRITIC)
    assert (seen.verdict, seen.why, seen.consequence) == (
        Verdict.FAIL,
        "MSC, ordered is dendritic cell",
        Consequence.BLOCK,
    )


def test_an_excursion_means_quarantine():
    check = check_certificate(replace(GOOD, excursion=True), Source.MSC, TABLE)
    assert check.quarantine
    assert check.blocking
    assert line(replace(GOOD, excursion=None), "storage").consequence is Consequence.REASON


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('key = "sterility"', 'key = "sterile"', "line: sterility is missing"),
        ('key = "morphology"', 'key = "sterility"', "a missing sterility result must block"),
        ('key = "count_method"', 'key = "concentration"', "line: concentration is there twice"),
        ("below = 0.5\n", "", "a number needs below or at_most"),
        ("lo = 30_000_000_000\n", "", "purity needs lo"),
        (
            'on_fail = "quarantine"\non_missing = "block"',
            'on_missing = "none"',
            "a missing sterility result must block",
        ),
        ('rule = "negative"', 'rule = "noted"', "sterility must have the rule negative"),
        ('rule = "noted"', 'rule = "admired"', "line 78: line.7.rule"),
    ],
)
def test_a_wrong_table_is_refused(old, new, said):
    shipped = (files("resources") / "protocols" / FILE).read_text(encoding="utf-8")
    assert old in shipped
    with pytest.raises(EnvironmentFault, match=said):
        parse_table(CertificateTable, shipped.replace(old, new, 1).encode(), "ours.toml")
