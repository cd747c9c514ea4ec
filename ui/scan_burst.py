"""Tells a scanner that types from hands that type, and what kind of code it read. No Qt."""

from __future__ import annotations

import re
from dataclasses import dataclass

from exomonitor.clinical.gs1 import GS, ScanRefused, parse_label
from exomonitor.settings import ScanCodes

LABEL, ISBT, BADGE, WRISTBAND, UNKNOWN = "label", "isbt", "badge", "wristband", "unknown"
PACE_MS, MARKED_PACE_MS, ENTER_MS = 35, 80, 120
"""Longest time between two keys of a scanner; of one that has announced itself; and before its Enter."""
SHORTEST = 4
_HOLD_MS, _SURE_HOLD_MS, _SURE_KEYS = 60, 250, 3
_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_GS1_SYMBOLOGIES = ("]d2", "]C1", "]Q3")
_GTIN_FIRST = re.compile(r"01\d{14}")
_SAMPLE_YEAR = 2026  # only the kind is asked for here: dates are read where the label is used
_ELEMENTS = 2


@dataclass(slots=True)
class Burst:
    """Keys that may come from a scanner. Times are the keys' own time stamps (ms)."""

    text: str = ""
    last_ms: int = 0

    @property
    def marked(self) -> bool:
        """Whether it has begun as only a scanner begins: with FNC1 or a whole symbology id."""
        return self.text.startswith(GS) or _SYMBOLOGY.match(self.text) is not None

    @property
    def hold_ms(self) -> int:
        """How long the keys may be kept from the field they were meant for while nothing more comes."""
        return _SURE_HOLD_MS if len(self.text) >= _SURE_KEYS else _HOLD_MS

    def goes_on(self, at_ms: int) -> bool:
        """Whether a key at `at_ms` comes too soon after the last one for hands."""
        pace = MARKED_PACE_MS if self.marked else PACE_MS
        return not self.text or 0 <= at_ms - self.last_ms <= pace

    def add(self, text: str, at_ms: int) -> None:
        """One more key of it."""
        self.text += text
        self.last_ms = at_ms

    def is_scan(self, enter_ms: int) -> bool:
        """Whether an Enter at `enter_ms` makes it a scan for sure."""
        return len(self.text) >= SHORTEST and 0 <= enter_ms - self.last_ms <= ENTER_MS


def kind_of(raw: str, codes: ScanCodes) -> tuple[str, str]:
    """(kind, content) of a scan: badge and wristband without their prefix, a label with GS in its place."""
    for kind, prefix in ((BADGE, codes.badge), (WRISTBAND, codes.wristband)):
        if prefix and raw.startswith(prefix) and len(raw) > len(prefix):
            return kind, raw[len(prefix) :]
    body = _SYMBOLOGY.sub("", raw, count=1) if raw.startswith("]") else raw
    if body.startswith(("=", "&")):
        return ISBT, raw
    with_gs = raw.replace(codes.gs, GS) if codes.gs else raw
    return (LABEL, with_gs) if _is_label(with_gs) else (UNKNOWN, raw)


def _is_label(raw: str) -> bool:
    """Whether this is meant as a GS1 label, be it whole or not: a damaged one must be named as such."""
    if raw.startswith(_GS1_SYMBOLOGIES) or GS in raw or _GTIN_FIRST.match(raw):
        return True
    try:
        return len(parse_label(raw, _SAMPLE_YEAR).elements) >= _ELEMENTS
    except ScanRefused:
        return False
