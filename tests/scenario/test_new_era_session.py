"""The laboratory syringe pump, stopped by somebody for six minutes: another pump, the same record.

Played until the set at the end of the infusion: the hour of observation is the same as in the other scenarios.
"""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.timeout(400)  # plays more than an hour


@pytest.fixture(scope="module")
def stopped(played):
    return played("pump-stops@72")


def test_it_is_read_from_a_new_era_pump(stopped):
    pump = next(body for body in stopped.bodies("DeviceBound") if body["role"] == "pump")
    assert pump["key"] == "new-era"


def test_the_pause_is_seen_at_the_pump_and_explained_by_the_nurse(stopped):
    rates = [(body["status"], body["rate_ml_h"]) for body in stopped.bodies("DeliveryChanged")]
    assert any(rate == 0.0 for _, rate in rates[2:-1])
    assert stopped.line["paused_min"] == pytest.approx(6.0, abs=0.1)
    pause, resume = stopped.bodies("MeaningGiven")
    assert (pause["meaning"], pause["why"]) == ("pause", "stopped by mistake")
    assert resume["meaning"] == "resume"


def test_product_flush_and_clocks_are_told_apart(stopped):
    line = stopped.line
    assert (line["planned_ml"], line["delivered_ml"]) == (100.0, 100.0)
    assert line["infusing_min"] == pytest.approx(45.0, abs=0.1)
    [flush] = stopped.bodies("FlushRecorded")
    assert flush["done"] is True
    assert flush["volume_ml"] == pytest.approx(20.0, abs=0.3)
    assert (line["phase"], line["checks"]["missed"], line["gaps"]) == ("observe", 0, [])
