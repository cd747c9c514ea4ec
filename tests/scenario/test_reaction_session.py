"""The reaction at minute 12: stamped with what was known, acted on, graded, and the infusion goes on afterwards."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.timeout(400)  # plays almost four hours


@pytest.fixture(scope="module")
def reaction(played):
    return played("reaction")


def minute(row):
    return float(row["minute"])


def of_type(played, kind):
    return [row for row in played.events if row["type"] == kind]


def test_there_is_one_reaction_stamped_with_the_vitals_of_that_moment(reaction):
    [opened] = reaction.bodies("ReactionOpened")
    assert reaction.line["reactions"] == 1
    assert opened["minute"] == pytest.approx(12.7, abs=0.1)
    assert opened["pump_status"] == "infusing"
    assert opened["rate_ml_h"] == pytest.approx(82.8)
    vitals = {name: float(value["value"]) for name, value in opened["vitals"].items()}
    assert {"hr", "spo2", "rr", "temp", "nibp_sys", "nibp_dia"} <= vitals.keys()
    assert 78 < vitals["hr"] < 112
    assert 88 < vitals["spo2"] < 97
    assert all(value["source"] == "monitor" for value in opened["vitals"].values())


def test_what_it_was_is_recorded_with_grade_2_and_it_is_over(reaction):
    first, last = reaction.bodies("ReactionDetailed")
    assert (first["term"], first["grade"]) == ("Infusion related reaction", 2)
    assert (last["grade"], last["outcome"]) == (2, "resolved")
    assert first["resolved"] is None
    assert last["resolved"] is not None


def test_each_action_has_its_time(reaction):
    actions = [(body["action"], minute(row)) for body, row in zip(
        reaction.bodies("ReactionAction"), of_type(reaction, "ReactionAction"), strict=True
    )]  # fmt: skip
    assert [name for name, _ in actions] == ["call", "stop", "airway"]
    assert [at for _, at in actions] == pytest.approx([12.87, 13.58, 13.87], abs=0.02)


def test_saturation_and_pressure_alarm_and_the_alarms_end(reaction):
    changes = {(body["key"], body["to_state"]) for body in reaction.bodies("AlarmChanged")}
    assert {("spo2_low", "active"), ("nibp_sys_low", "active")} <= changes
    ended = {key for key, state in changes if state == "normal"}
    assert {"spo2_low", "nibp_sys_low"} <= ended


def test_the_pump_stood_until_the_prescriber_let_it_go_on_at_half_the_rate(reaction):
    rates = [(minute(row), body["rate_ml_h"]) for body, row in zip(
        reaction.bodies("DeliveryChanged"), of_type(reaction, "DeliveryChanged"), strict=True
    )]  # fmt: skip
    stopped = next(at for at, rate in rates if rate == 0.0 and at > 1)
    again, rate = next((at, rate) for at, rate in rates if rate > 0 and at > stopped)
    assert stopped == pytest.approx(13.5, abs=0.1)
    assert again - stopped == pytest.approx(21.5, abs=0.1)
    assert rate == pytest.approx(82.75, abs=0.1)
    assert reaction.line["paused_min"] == pytest.approx(again - stopped, abs=0.1)
    assert [body["meaning"] for body in reaction.bodies("MeaningGiven")] == ["stop", "resume"]


def test_the_whole_dose_is_given_in_the_end_and_the_record_is_complete(reaction):
    [ended] = reaction.bodies("ProductEnded")
    assert ended["outcome"] == "complete"
    assert reaction.line["delivered_ml"] == 100.0
    assert (reaction.line["phase"], reaction.session["summary"]["verdict"]) == ("signed", "Complete")
    assert reaction.line["checks"]["missed"] == 0


def test_the_report_tells_the_reaction_on_its_first_page(reaction):
    assert "Reactions: 1 R1: Onset:" in reaction.report
    assert "Infusion related reaction, grade 2 (CTCAE 5.0)" in reaction.report
