"""Reads the GS1 label of a product, strictly: what is not certain on it is refused, and the raw scan is kept."""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from exomonitor.errors import CommandRefused

GS = "\x1d"
GTIN, LOT, PRODUCTION, EXPIRY, SERIAL = "01", "10", "11", "17", "21"
NATIONAL = ("710", "711", "712", "713", "714")
_FIXED = {GTIN: 14, PRODUCTION: 6, EXPIRY: 6}
_VARIABLE = (LOT, SERIAL, *NATIONAL)
_LONGEST = 20
_SYMBOLOGIES = {"]d2": "GS1 DataMatrix", "]C1": "GS1-128", "]Q3": "GS1 QR"}
_SYMBOLOGY_ID = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_ALLOWED = frozenset(  # the 82 characters that GS1 allows in such a field
    "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
)
_DAY_00 = "The expiry date has day 00 (end of the month), which healthcare labels no longer use: check the label"
TEST_LOT, TEST_SERIAL = "SCANNER-TEST", "GS-ARRIVED"
SCANNER_TEST = f"0100000000000000{EXPIRY}991231{LOT}{TEST_LOT}{GS}{SERIAL}{TEST_SERIAL}"
"""What the printed test code holds: it can only be read when the scanner passes GS on."""


class ScanProblem(StrEnum):
    """Why a scan is not accepted."""

    EMPTY = "empty"
    ISBT_128 = "ISBT 128"
    NOT_GS1 = "not GS1"
    CHECK_DIGIT = "GTIN check digit"
    DATE = "date"
    DUPLICATE = "duplicate identifier"
    LENGTH = "length"
    CHARACTER = "character"
    UNKNOWN = "unknown identifier"
    INCOMPLETE = "lot or expiry missing"


class ScanRefused(CommandRefused):
    """A scan that cannot be used: `problem` says why, `raw` is what the scanner sent, escaped."""

    def __init__(self, problem: ScanProblem, sentence: str, raw: str) -> None:
        super().__init__(sentence)
        self.problem = problem
        self.raw = escaped(raw)


@dataclass(frozen=True, slots=True)
class Label:
    """What a label says. `raw` is the scan as sent, escaped so that it can be printed and turned back."""

    raw: str
    symbology: str
    elements: Mapping[str, str]
    expiry: date | None
    production: date | None
    warnings: tuple[str, ...] = ()

    @property
    def gtin(self) -> str | None:
        """The trade item number, 14 digits."""
        return self.elements.get(GTIN)

    @property
    def lot(self) -> str | None:
        """The lot, as text: leading zeros belong to it."""
        return self.elements.get(LOT)

    @property
    def serial(self) -> str | None:
        """The serial number, as text."""
        return self.elements.get(SERIAL)


def escaped(raw: str) -> str:
    """The scan with its control characters spelled out (`\\x1d`), reversible."""
    return raw.encode("unicode_escape").decode("ascii")


def check_digit(digits: str) -> int:
    """The check digit of a GTIN-14 from its first 13 digits."""
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits))
    return (10 - weighted % 10) % 10


def gs1_year(yy: int, this_year: int) -> int:
    """The full year of two digits: at most 50 years ahead and 49 back."""
    apart = yy - this_year % 100
    century = this_year // 100 * 100
    if apart >= 51:
        return century - 100 + yy
    return century + 100 + yy if apart <= -50 else century + yy


def gs1_date(yymmdd: str, this_year: int) -> date:
    """The date of six digits; day 00 is the last of the month. ValueError when there is no such day."""
    if not (yymmdd.isascii() and yymmdd.isdigit() and len(yymmdd) == 6):
        raise ValueError(f"{yymmdd!r} is not a date of six digits")
    year, month, day = gs1_year(int(yymmdd[:2]), this_year), int(yymmdd[2:4]), int(yymmdd[4:])
    if not 1 <= month <= 12:
        raise ValueError(f"there is no month {month}")
    return date(year, month, day or calendar.monthrange(year, month)[1])


def scan_label(raw: str, this_year: int, *, separators: Collection[str] = ()) -> Label:
    """A label that carries lot and expiry; ScanRefused for anything else, also for a lot that swallowed its expiry."""
    label = parse_label(raw, this_year, separators=separators)
    missing = [name for ai, name in ((LOT, "lot"), (EXPIRY, "expiry date")) if ai not in label.elements]
    if missing:
        raise ScanRefused(
            ScanProblem.INCOMPLETE,
            f"The scan has no {' and no '.join(missing)}: not accepted. Enter it by hand, with a second person",
            raw,
        )
    return label


def scanner_passes_gs(raw: str, *, separators: Collection[str] = ()) -> bool:
    """Whether a scan of the printed test code arrived whole, its separator included."""
    try:
        label = parse_label(raw, 2026, separators=separators)
    except ScanRefused:
        return False
    return (label.lot, label.serial) == (TEST_LOT, TEST_SERIAL)


def parse_label(raw: str, this_year: int, *, separators: Collection[str] = ()) -> Label:
    """What a GS1 scan holds, be it complete or not; ScanRefused when any part of it is not certain.

    `separators` are texts that this clinic's scanners send in place of GS.
    """
    symbology, body = _without_symbology(raw)
    for substitute in separators:
        body = body.replace(substitute, GS)
    elements = _elements(body.removeprefix(GS), raw)
    expiry, production = (_date_of(elements.get(ai), this_year, raw) for ai in (EXPIRY, PRODUCTION))
    warnings = []
    if EXPIRY in elements and elements[EXPIRY].endswith("00"):
        warnings.append(_DAY_00)
    if expiry and production and production > expiry:
        warnings.append(f"The label says made on {production}, after its expiry on {expiry}: check it")
    if GTIN not in elements:
        warnings.append("The label has no GTIN: the product is not identified by this scan")
    return Label(escaped(raw), symbology, MappingProxyType(elements), expiry, production, tuple(warnings))


def _without_symbology(raw: str) -> tuple[str, str]:
    body = raw.strip(" \t\r\n")  # what a wedge scanner adds at the end
    symbology = ""
    if prefix := _SYMBOLOGY_ID.match(body):
        symbology = _SYMBOLOGIES.get(prefix.group(), "")
        body = body[prefix.end() :]
    if not body.strip(GS):
        raise ScanRefused(ScanProblem.EMPTY, "The scan is empty", raw)
    if body[0] in "=&":
        raise ScanRefused(ScanProblem.ISBT_128, "ISBT 128 label: enter by hand with second check", raw)
    if prefix and not symbology:
        raise ScanRefused(ScanProblem.NOT_GS1, "This is not a GS1 barcode: scan the product's GS1 label", raw)
    return symbology, body


def _elements(body: str, raw: str) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 0
    while at < len(body):
        ai = next((ai for ai in (*_FIXED, *_VARIABLE) if body.startswith(ai, at)), None)
        if ai is None:
            raise ScanRefused(
                ScanProblem.UNKNOWN, f"The scan has an unknown part at position {at + 1}: not accepted", raw
            )
        at += len(ai)
        value = body[at : at + _FIXED[ai]] if ai in _FIXED else body[at:].partition(GS)[0]
        if ai in found:
            raise ScanRefused(ScanProblem.DUPLICATE, f"The scan has the identifier ({ai}) twice: not accepted", raw)
        _check_value(ai, value, raw)
        found[ai] = value
        at += len(value)
        if body.startswith(GS, at):
            at += 1
    return found


def _check_value(ai: str, value: str, raw: str) -> None:
    if ai in _VARIABLE:
        if not 1 <= len(value) <= _LONGEST:
            raise ScanRefused(
                ScanProblem.LENGTH, f"({ai}) has {len(value)} characters, 1 to {_LONGEST} are allowed", raw
            )
        if not set(value) <= _ALLOWED:
            raise ScanRefused(ScanProblem.CHARACTER, f"({ai}) holds a character that a label cannot have", raw)
        return
    digits = len(value) == _FIXED[ai] and value.isascii() and value.isdigit()
    if not digits:
        raise ScanRefused(ScanProblem.LENGTH, f"({ai}) must have {_FIXED[ai]} digits", raw)
    if ai == GTIN and check_digit(value[:13]) != int(value[13]):
        raise ScanRefused(ScanProblem.CHECK_DIGIT, "The check digit of the GTIN is wrong: scan again", raw)


def _date_of(value: str | None, this_year: int, raw: str) -> date | None:
    if value is None:
        return None
    try:
        return gs1_date(value, this_year)
    except ValueError as cause:
        raise ScanRefused(ScanProblem.DATE, f"The date {value} on the label does not exist", raw) from cause
