"""The patient leaves the chair while the pump runs; a site that swells is left for another one."""

from __future__ import annotations

import pytest

from exomonitor.clinical.protocol import load_protocol
from exomonitor.exports.summary import summarise
from exomonitor.records.queries import open_archive
from exomonitor.session.fold import fold


@pytest.fixture(scope="module")
def away(played):
    return played("patient-away")


@pytest.fixture(scope="module")
def resited(played):
    return played("site-problem")


def alarms(one, state="active"):
    told = [b for b in one.bodies("AlarmChanged") if b["to_state"] == state and not b["escalated"]]
    return [(b["key"], b["priority"]) for b in told]


def test_an_absence_is_one_low_line_and_a_pump_that_runs_unwatched(away):
    delivered = ("relayed:pump:1/3:INA7", "medium")  # the pump's volume is in: of the product, then of the flush
    assert alarms(away) == [("care.away", "low"), ("care.unmonitored", "medium"), delivered, delivered]
    assert [body["why"] for body in away.bodies("PatientAway")] == ["toilet"]


def test_the_return_ends_both_and_asks_for_one_set(away):
    over = [key for key, _ in alarms(away, "normal")]
    assert {"care.away", "care.unmonitored"} <= set(over)
    assert [body["line"] for body in away.bodies("PatientBack")] == ["ok"]
    assert "return1" in {body["slot"] for body in away.bodies("ObservationRecorded")}
    assert away.line["checks"]["missed"] == 0


def test_a_bad_site_is_a_pause_with_its_reason_and_a_prompt_until_the_new_line(resited):
    assert [(b["meaning"], b["why"]) for b in resited.bodies("MeaningGiven")] == [
        ("pause", "site"),
        ("resume", "solved"),
    ]
    assert ("care.site", "medium") in alarms(resited)
    assert "care.site" in {key for key, _ in alarms(resited, "normal")}
    assert resited.line["paused_min"] == pytest.approx(5.0, abs=0.1)


def test_the_discarded_set_comes_off_the_dose(resited):
    (line,) = resited.bodies("LineReplaced")
    assert (line["site"], line["old_set_discarded"], line["discarded_ml"]) == ("hand", True, "18")
    reached = float(line["pumped_ml"]) - 18
    dose = dose_when(resited, "LineReplaced")
    assert dose == pytest.approx(reached * 5 / 100, abs=0.01), "what the new set has taken in so far still stands in it"
    at_the_end = float(resited.session["summary"]["dose_given_billion"])
    assert at_the_end == pytest.approx((100 - 18) * 5 / 100, abs=0.01)


def dose_when(one, kind):
    """The dose given, in billions, as it stood when the last entry of this type was made."""
    archive = open_archive(one.database)
    entries = archive.entries(archive.resolve("last"))
    last = max(number for number, entry in enumerate(entries) if type(entry.event).__name__ == kind)
    state = fold(entries[: last + 1])
    assert state is not None
    return float(summarise(state, state.opened, load_protocol()).plain()["dose_given_billion"])
