"""A dose nine days after the last one: the record says that it was early, and that a prescriber signed for it."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def early(played):
    return played("early-dose-override")


def test_the_early_dose_is_signed_for_before_the_start_and_the_visit_is_signed_off(early):
    assert early.line["phase"] == "signed"
    kinds = [row["type"] for row in early.events]
    assert kinds.index("DoseTimed") < kinds.index("DoseTimingAccepted") < kinds.index("SessionStarted")
    assert "GateOverridden" not in kinds


def test_the_record_says_by_how_much_and_hides_the_reason_from_strangers(early):
    told = {row["type"]: row["sentence"] for row in early.events}
    assert "is EARLY by 5 days" in told["DoseTimed"]
    assert told["DoseTimingAccepted"] == "The prescriber accepted this dose: [text withheld]"


def test_nothing_stood_open_at_the_start(early):
    (started,) = [row for row in early.events if row["type"] == "SessionStarted"]
    assert "INCOMPLETE" not in started["sentence"]
