"""The line is blocked at minute 20: the pump's own alarm is passed on, and the standstill is explained.

Played until the infusion runs again: what follows is the same as in the other scenarios.
"""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def occluded(played):
    return played("occlusion@36")


def test_the_occlusion_is_relayed_as_a_high_alarm_and_ends_when_it_is_cleared(occluded):
    changes = [body for body in occluded.bodies("AlarmChanged") if body["key"].startswith("relayed:pump")]
    assert (changes[0]["priority"], changes[0]["to_state"]) == ("high", "active")
    assert "line blocked" in changes[0]["text"]
    assert changes[-1]["to_state"] == "normal"


def test_the_pump_stood_for_four_minutes_less_what_the_pressure_took_to_rise(occluded):
    assert 3.5 <= occluded.line["paused_min"] <= 4.1
    standing = [body for body in occluded.bodies("DeliveryChanged") if body["rate_ml_h"] == 0.0]
    assert len(standing) >= 2  # before the start, and at the occlusion


def test_the_nurse_has_said_what_it_was(occluded):
    pause, resume = occluded.bodies("MeaningGiven")
    assert (pause["meaning"], pause["why"]) == ("pause", "occlusion")
    assert (resume["meaning"], resume["why"]) == ("resume", "occlusion cleared")


def test_the_infusion_goes_on_where_it_stood(occluded):
    assert occluded.line["phase"] == "infuse"
    assert occluded.bodies("DeliveryChanged")[-1]["rate_ml_h"] == pytest.approx(165.5, abs=0.1)
    assert occluded.session["summary"]["verdict"].startswith("Incomplete: end of product not recorded")
