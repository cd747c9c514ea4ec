"""The ten scenarios of the bedside protocol: each ends as the protocol asks, its record and its export are intact.

Each scenario states by itself what must be refused and what must be true (`refused`, `expect`): a run that differs
fails. Here its journal is read back, independently of the program that played it.
"""

from __future__ import annotations

import random
import sys
from decimal import Decimal

import pytest

from devices.simulation.scenarios import scenario_text
from exomonitor.exports.verify import verify_export
from exomonitor.headless import read_script
from exomonitor.records.queries import open_archive
from exomonitor.records.verify import verify_database
from exomonitor.session.fold import fold
from tests.scenario.killed import done_by_people, ended_well, kill, resume

PROTOCOL = (
    "first-dose-ramp",
    "grade2-restart",
    "grade3-transfer",
    "early-dose-override",
    "expired-lot",
    "double-check-mismatch",
    "handover",
    "patient-away",
    "site-problem",
    "no-devices",
)
DISCHARGED = {"first-dose-ramp", "grade2-restart", "handover", "patient-away", "site-problem", "no-devices"}
COMPLETE = DISCHARGED - {"site-problem"}


@pytest.fixture(params=PROTOCOL)
def name(request):
    return request.param


@pytest.fixture
def state_of(played):
    def read_back(scenario):
        archive = open_archive(played(scenario).database)
        found = fold(archive.entries(archive.resolve("last")))
        assert found is not None
        return found

    return read_back


def test_each_ends_signed_and_the_record_and_the_export_are_intact(name, played, state_of):
    run = played(name)
    state = state_of(name)
    assert state.phase == "signed"
    assert state.overrides == state.gates_open_at_start == ()
    assert verify_database(run.database) == []
    assert verify_export(run.export) == []
    assert (state.signature.verdict == "Complete") is (name in COMPLETE), state.signature.verdict
    left = state.leaving.left
    assert (left is not None and left.event.kind == "discharged") is (name in DISCHARGED)


def test_each_says_by_itself_what_must_be_true_at_its_end(name):
    rows = read_script(scenario_text(name))
    assert rows[-1].do == "expect"
    assert rows[-1].values["phase"] == "signed"


def test_a_first_dose_is_raised_in_steps_with_a_set_before_each_and_watched_for_two_hours(state_of):
    state = state_of("first-dose-ramp")
    rates = [one.rate_ml_h for one in state.stretches if one.runs_product]
    assert rates == pytest.approx([41.4, 82.8, 165.5])
    assert {"step2-before", "step3-before", "post90", "post120"} <= set(state.observations)
    left = state.leaving.left.event
    assert left.when.since(state.end) >= 120 * 60
    assert {one.state for one in left.criteria} == {"met"}
    assert state.leaving.next_dose.timing == "in"


def test_a_bag_of_the_clinics_own_preparation_fills_what_the_record_says_of_the_product(state_of):
    state = state_of("first-dose-ramp")
    bag = state.product
    assert (bag.scanned, bag.serial, bool(bag.released_by)) == (True, "000102", True)
    assert (bag.dose_billion, bag.volume_ml, bag.endotoxin_eu_ml) == (5, 100, Decimal("0.00125"))
    assert bag.in_use_expiry
    order = state.order
    assert (order.way, order.prescriber_id[:2], len(order.order_date)) == ("written", "u-", 10)


def test_after_grade_2_the_restart_is_ordered_checked_and_at_half_the_rate(state_of):
    state = state_of("grade2-restart")
    (restart,) = state.emergency.restarts
    assert (restart.rate_ml_h, restart.worst_grade, restart.present_grade) == (40, 2, 0)
    assert restart.rate_at_onset_ml_h == 80
    assert restart.second != ""
    assert {"R1+5", "R1+10", "restart1+5", "restart1+10", "restart1+15", "post120"} <= set(state.observations)
    assert state.handover.reviews
    assert state.leaving.next_dose.prescriber


def test_after_grade_3_nothing_is_given_any_more_and_the_patient_is_transferred(state_of, played):
    state = state_of("grade3-transfer")
    assert (state.product_end.outcome, state.product_end.why, state.flush.done) == ("stopped", "reaction", False)
    assert state.product_end.delivered_ml == pytest.approx(16.2, abs=0.1)
    assert state.emergency.restarts == ()
    assert state.emergency.epinephrine("R1")
    left = state.leaving.left.event
    assert (left.kind, left.to) == ("transferred", "DEMO hospital, emergency department")
    assert any("grade 3" in hold for hold in state.leaving.next_dose.holds)
    assert any("edwatch" in path.name for path in played("grade3-transfer").export.iterdir())


def test_a_wrong_volume_is_found_by_the_second_person_and_corrected_before_the_start(state_of, played):
    found = played("double-check-mismatch").bodies("DoubleCheckDone")
    assert [one["agrees"] for one in found] == [False, True]
    assert set(found[0]["mismatches"]) == {"volume_ml", "rate_ml_h"}
    state = state_of("double-check-mismatch")
    assert state.order.volume_ml == 20
    assert state.double_check.alone is None


def test_without_devices_every_value_is_typed_and_the_record_is_complete(state_of, played):
    state = state_of("no-devices")
    values = [value for one in state.observations.values() for value in one.event.values.values()]
    assert len(values) == 8 * 6
    assert {value.source for value in values} == {"typed"}
    assert {device.key for device in state.devices.values()} == {""}
    assert (played("no-devices").line["readings"], played("no-devices").line["paused_min"]) == (0, 3.0)


def test_what_was_thrown_away_with_a_set_is_missing_from_the_dose(state_of):
    state = state_of("site-problem")
    assert state.care.discarded_ml == 18
    assert state.signature.verdict.startswith("Incomplete: less than ordered, 82.0 mL of 100.0 mL given")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_program_that_dies_in_the_middle_of_a_reaction_goes_on_with_it(tmp_path, played):
    killed = kill(tmp_path, random.Random(3), after=45, scenario="grade3-transfer", speed=0)
    assert (killed.died, killed.lost, killed.findings) == (True, [], ())
    again = ended_well(resume(tmp_path, "grade3-transfer"), tmp_path)
    assert again is not None
    assert again.line["phase"] == "signed"
    assert verify_database(again.database) == []
    machine = {"AnaphylaxisAssessed"}
    done, undisturbed = done_by_people(again), done_by_people(played("grade3-transfer"))
    assert {k: v for k, v in done.items() if k not in machine} == {
        k: v for k, v in undisturbed.items() if k not in machine
    }
