"""An expired bag is recorded as scanned and not given; the bag that two people released is."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def expired(played):
    return played("expired-lot")


def test_the_visit_is_signed_off_with_the_other_bag(expired):
    assert expired.line["phase"] == "signed"
    assert expired.line["delivered_ml"] == pytest.approx(20, abs=0.3)
    assert "GateOverridden" not in {row["type"] for row in expired.events}


def test_both_bags_stand_in_the_record_as_they_were_scanned(expired):
    first, second = expired.bodies("ProductEntered")
    assert (first["lot"], first["expiry"], first["scanned"], first["bag"]) == ("DEMO-X01", "2020-01-31", True, "")
    assert (second["lot"], second["expiry"], second["serial"]) == ("DEMO-A12", "2029-06-30", "000002")
    assert second["bag"].startswith("B-")
    assert second["released_by"]
    assert second["raw"] == "]d201006141410004181729063010DEMO-A12\\x1d21000002"
    assert (second["dose_billion"], second["volume_ml"]) == ("5.00", "20")


def test_the_infusion_began_with_nothing_open(expired):
    (started,) = [row for row in expired.events if row["type"] == "SessionStarted"]
    assert "INCOMPLETE" not in started["sentence"]


def test_the_report_names_the_bag_that_was_given(expired):
    assert "DEMO-A12" in expired.report
    assert "DEMO-X01" in expired.report or "DEMO-X01" in str(expired.events)
