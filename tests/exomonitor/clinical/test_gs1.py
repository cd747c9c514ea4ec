"""GS1 labels: the reference vectors, what is refused and why, and labels put together and taken apart again."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from biip import ParseError
from biip.gs1_messages import GS1Message
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.clinical.gs1 import (
    EXPIRY,
    GS,
    SCANNER_TEST,
    ScanProblem,
    ScanRefused,
    check_digit,
    escaped,
    gs1_date,
    gs1_year,
    parse_label,
    scan_label,
    scanner_passes_gs,
)
from exomonitor.errors import CommandRefused

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"))
YEAR = 2026
GTIN = "00614141000418"
PROBLEM_OF = {
    "GTIN check digit": ScanProblem.CHECK_DIGIT,
    "bad expiry date": ScanProblem.DATE,
    "duplicate AI 17": ScanProblem.DUPLICATE,
    "bad length AI 10": ScanProblem.LENGTH,
    "unknown AI at 16": ScanProblem.UNKNOWN,
}


def refused(raw: str, read=parse_label) -> ScanProblem:
    with pytest.raises(ScanRefused) as caught:
        read(raw, YEAR)
    assert isinstance(caught.value, CommandRefused)
    assert caught.value.raw == escaped(raw)
    return caught.value.problem


@pytest.mark.parametrize("v", VECTORS["gs1"], ids=lambda v: v["raw"])
def test_the_reference_labels(v):
    raw, expected = v["raw"].replace("<GS>", GS), dict(v["result"])
    if error := expected.pop("error", None):
        assert refused(raw) is PROBLEM_OF[error]
        return
    label = parse_label(raw, YEAR)
    assert str(label.expiry) == expected.pop("expiry", "None")
    assert label.elements == expected


@pytest.mark.parametrize("v", VECTORS["gs1_dates"], ids=lambda v: v["yymmdd"])
def test_the_reference_dates(v):
    assert str(gs1_date(v["yymmdd"], v["ref_year"])) == v["date"]


@pytest.mark.parametrize("text", ["26063", "2606300", "26O630", "\u0662\u06660630"])
def test_a_date_is_six_plain_digits(text):
    with pytest.raises(ValueError, match="not a date of six digits"):
        gs1_date(text, YEAR)


@pytest.mark.parametrize(("digits", "check"), [("0506091751001", 1), ("0061414100041", 8), ("0950600013435", 2)])
def test_check_digits(digits, check):
    assert check_digit(digits) == check


@given(st.text("0123456789", min_size=13, max_size=13), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(digits, place, by):
    wrong = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1 :]
    assert check_digit(wrong) != check_digit(digits)


@given(st.integers(2000, 2099), st.integers(0, 99))
def test_two_digits_mean_the_year_nearest_to_now(this_year, yy):
    year = gs1_year(yy, this_year)
    assert year % 100 == yy
    assert -49 <= year - this_year <= 50


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("", ScanProblem.EMPTY),
        (" \r\n", ScanProblem.EMPTY),
        ("]d2" + GS, ScanProblem.EMPTY),
        ("=W00001234567800", ScanProblem.ISBT_128),
        ("&>0260630", ScanProblem.ISBT_128),
        ("]C0=W00001234567800", ScanProblem.ISBT_128),
        ("]E04006381333931", ScanProblem.NOT_GS1),
        ("]d1" + f"01{GTIN}", ScanProblem.NOT_GS1),
        ("4006381333931", ScanProblem.UNKNOWN),
        (f"01{GTIN}1727063", ScanProblem.LENGTH),
        ("0100614141", ScanProblem.LENGTH),
        ("010061414100041A", ScanProblem.LENGTH),
        ("01\u0660\u0660614141000418", ScanProblem.LENGTH),  # digits of another script
        (f"01{GTIN}1727063010", ScanProblem.LENGTH),
        (f"01{GTIN}1727063010{GS}21A", ScanProblem.LENGTH),
        ("10" + "A" * 21, ScanProblem.LENGTH),
        ("10LOT 1", ScanProblem.CHARACTER),
        ("10LÖT", ScanProblem.CHARACTER),
        ("10LOT\x1e", ScanProblem.CHARACTER),
        ("10A" + GS + GS + "21B", ScanProblem.UNKNOWN),
        ("10A" + GS + "715X", ScanProblem.UNKNOWN),
        ("17261301", ScanProblem.DATE),
        ("17260001", ScanProblem.DATE),
        ("17260631", ScanProblem.DATE),
        ("17270229", ScanProblem.DATE),
        ("11260631", ScanProblem.DATE),
        ("10A" + GS + "10A", ScanProblem.DUPLICATE),
    ],
)
def test_what_is_refused(raw, problem):
    assert refused(raw) is problem


def test_an_isbt_label_is_recognised_and_asked_for_by_hand():
    with pytest.raises(ScanRefused, match="ISBT 128 label: enter by hand with second check"):
        scan_label("=A99971234567890", YEAR)


@pytest.mark.parametrize("raw", ["10EXO-A1217270630", f"01{GTIN}10EXO-A1217270630", f"01{GTIN}17270630", f"01{GTIN}"])
def test_a_scan_without_lot_or_expiry_is_not_accepted(raw):
    assert refused(raw, scan_label) is ScanProblem.INCOMPLETE


def test_a_scan_that_is_accepted_keeps_zeros_and_its_raw_text():
    raw = f"]d201{GTIN}1727063010EXO-A12{GS}21000123{GS}71100077\r\n"
    label = scan_label(raw, YEAR)
    assert (label.gtin, label.lot, label.serial) == (GTIN, "EXO-A12", "000123")
    assert "00077" in label.elements.values()
    assert (label.symbology, label.expiry, label.warnings) == ("GS1 DataMatrix", date(2027, 6, 30), ())
    assert label.raw.encode().decode("unicode_escape") == raw
    assert GS not in label.raw


def test_doubtful_labels_are_accepted_with_a_warning():
    assert "day 00" in scan_label(f"01{GTIN}1728020010B1", YEAR).warnings[0]
    assert "no GTIN" in scan_label("1728020110B1", YEAR).warnings[0]
    assert "after its expiry" in scan_label(f"01{GTIN}17270101112702021010", YEAR).warnings[0]


def test_a_scanner_that_translates_gs_can_be_taught():
    raw = f"01{GTIN}1727063010EXO-A12^]21000123"
    assert refused(raw) is ScanProblem.CHARACTER
    assert scan_label(raw, YEAR, separators=["^]"]).serial == "000123"


def test_the_scanner_test_finds_a_scanner_that_drops_gs():
    assert scanner_passes_gs("]d2" + SCANNER_TEST)
    assert scanner_passes_gs(SCANNER_TEST.replace(GS, "|"), separators=["|"])
    assert not scanner_passes_gs(SCANNER_TEST.replace(GS, ""))
    assert not scanner_passes_gs("hello")


FIELD = st.text("ABCXYZabcxyz0123456789-./_+", min_size=1, max_size=20)
DAYS = st.dates(date(YEAR - 40, 1, 1), date(YEAR + 45, 12, 31))


@given(
    st.fixed_dictionaries(
        {}, optional={"01": st.text("0123456789", min_size=13, max_size=13), "17": DAYS, "11": DAYS, "10": FIELD,
                      "21": FIELD, "710": FIELD, "714": FIELD}
    ).filter(bool),
    st.permutations(["01", "17", "11", "10", "21", "710", "714"]),
    st.sampled_from(["", "]d2", "]C1", "]Q3", "]d2" + GS]),
)  # fmt: skip
def test_a_label_taken_apart_is_the_label_put_together(parts, order, start):
    values = {}
    for ai in order:
        value = parts.get(ai)
        if value is None:
            continue
        if isinstance(value, date):
            value = value.strftime("%y%m%d")
        values[ai] = value + str(check_digit(value)) if ai == "01" else value
    raw = start + "".join(ai + value + (GS if ai in {"10", "21", "710", "714"} else "") for ai, value in values.items())
    label = parse_label(raw, YEAR)
    assert label.elements == values
    assert label.expiry == parts.get("17")
    assert label.production == parts.get("11")


@given(st.text(max_size=60) | st.text("0127]dCQ=& \x1d", max_size=60))
def test_whatever_is_scanned_is_read_or_refused(raw):
    try:
        label = parse_label(raw, YEAR)
    except ScanRefused:
        return
    assert label.elements


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_day_zero_is_the_day_before_the_next_month(day):
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    assert gs1_date(day.strftime("%y%m00"), day.year) == following - timedelta(days=1)


SNIPPETS = st.sampled_from(
    [f"01{GTIN}", "17270630", "17270631", "11250101", "10LOT-1", "21000123", "710X", GS, "99A", "1"]
)


@given(st.lists(SNIPPETS, min_size=1, max_size=6).map("".join))
def test_an_independent_parser_reads_the_same_from_every_label_that_is_accepted(raw):
    try:
        label = parse_label(raw, YEAR)
    except ScanRefused:
        return
    judged = {string.ai.ai: string for string in GS1Message.parse(raw.removeprefix(GS)).element_strings}
    assert label.elements == {ai: string.value for ai, string in judged.items()}
    assert label.expiry == (judged[EXPIRY].date if EXPIRY in judged else None)


@given(st.lists(SNIPPETS | st.text("0127A", max_size=3), min_size=1, max_size=6).map("".join))
def test_what_an_independent_parser_refuses_is_refused(raw):
    try:
        GS1Message.parse(raw.removeprefix(GS))
    except (ParseError, ValueError):
        with pytest.raises(ScanRefused):
            parse_label(raw, YEAR)
