"""Patient, bag or order become another one while product runs: recorded at once, loud, checked by a second person."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.session import commands as cmd
from exomonitor.session.narrative import sentence
from exomonitor.session.parts.changes import ChangedAfterStart
from exomonitor.session.parts.course import ChangePatient
from exomonitor.session.parts.double_check import BeginDoubleCheck, CompleteDoubleCheck, DoubleCheckDone
from exomonitor.session.parts.supply import ChangeContainer
from exomonitor.session.plan import SourceCell
from exomonitor.session.review import review_reasons
from exomonitor.signals.pump import PumpStatus
from tests.exomonitor.engine.bedside_bench import CHAIR, NAME, NURSE, PRESCRIBER, VERIFIER, Bench

REASON = "read again from the wristband"


@pytest.fixture
def running(bench: Bench) -> Bench:
    """Ten minutes at 100 mL/h."""
    bench.infusing(600, 100.0)
    return bench


def another_bag(bench: Bench, **more: Any) -> cmd.EnterProduct:
    return cmd.EnterProduct(CHAIR, bench.by, SourceCell.MSC, "LOT-2", "2029-01-01", REASON, **more)


def another_patient(bench: Bench, **more: Any) -> cmd.IdentifyPatient:
    who = ("DEMO-OTHER, John", "1950-01-01", "M-2", ("name", "born"), "none known")
    return cmd.IdentifyPatient(CHAIR, bench.by, *who, reason=REASON, **more)


def renamed(bench: Bench, **said: Any) -> ChangePatient:
    """The facts of the patient in the chair, but for `said`."""
    assert bench.state.patient is not None
    facts = {"name": NAME, "born": "1972-03-14", "mrn": "M-1", "allergy_state": "none_known", "reason": REASON, **said}
    return ChangePatient(CHAIR, bench.by, bench.state.patient.id, **facts)


def changes(bench: Bench) -> list[ChangedAfterStart]:
    bench.infuse(2, 100.0)
    return bench.events(ChangedAfterStart)


def alarm(bench: Bench, what: str) -> tuple[Priority, str] | None:
    view = bench.alarm(f"changed.{what}")
    return (view.priority, view.text) if view is not None and str(view.state) in {"active", "acked"} else None


def check(bench: Bench, by: str = VERIFIER, **other: Any) -> CompleteDoubleCheck:
    given: dict[str, Any] = {
        "wristband": "M-1", "dose_billion": Decimal("5.0"), "volume_ml": Decimal(100), "rate_ml_h": Decimal(100),
        "source_cell": "MSC", "lot": "LOT-1", "expiry": "2029-01-01", **other,
    }  # fmt: skip
    return CompleteDoubleCheck(CHAIR, bench.by, bench.proof(by), **given)


def checked(bench: Bench, **other: Any) -> None:
    bench.do(BeginDoubleCheck(CHAIR, bench.by))
    bench.infuse(30, 100.0)
    assert bench.do(check(bench, **other)).answer == "agrees"
    bench.infuse(2, 100.0)


def test_another_bag_is_recorded_at_once_and_an_alarm_until_a_second_person_found_the_same(running: Bench):
    running.do(another_bag(running))
    (change,) = changes(running)
    assert (change.what, change.fields, change.second, change.infusing) == ("bag", ("lot",), "", True)
    assert sentence(change) == f"BAG CHANGED AFTER THE START (lot), SINGLE NURSE, nobody else was there: {REASON}"
    assert alarm(running, "bag") == (Priority.MEDIUM, "BAG CHANGED - check again with a second person")
    assert "bag changed by a single nurse" in review_reasons(running.state)
    assert "bag changed and not checked again" in review_reasons(running.state)
    checked(running, lot="LOT-2")
    assert alarm(running, "bag") is None
    assert "bag changed and not checked again" not in review_reasons(running.state)
    assert running.replayed().changes == running.state.changes


def test_a_second_person_stands_by_and_the_new_bag_is_checked_all_the_same(running: Bench):
    running.do(another_bag(running, proof=running.proof(VERIFIER)))
    (change,) = changes(running)
    assert (change.second, change.prescriber_signed) == (VERIFIER, False)
    assert "with a second person" in sentence(change)
    assert alarm(running, "bag") is not None
    assert "bag changed by a single nurse" not in review_reasons(running.state)


def test_the_one_who_changes_it_is_not_the_second_person_and_a_nurse_has_no_role_for_it(running: Bench):
    assert "somebody else" in another_by(running, VERIFIER, VERIFIER)
    assert "role of verifier or prescriber" in another_by(running, NURSE, NURSE)
    assert changes(running) == []


def another_by(bench: Bench, at_work: str, signs: str) -> str:
    bench.work_as(at_work)
    return bench.refused(renamed(bench, name="DEMO-EXAMPLE, Janet", proof=bench.proof(signs)))


def test_another_patient_is_high_while_product_runs_and_medium_while_it_stands(running: Bench):
    running.do(another_patient(running))
    (change,) = changes(running)
    assert (change.what, change.fields) == ("patient", ("another patient",))
    assert alarm(running, "patient") == (Priority.HIGH, "PATIENT CHANGED - check the wristband")
    running.stand(5)
    assert alarm(running, "patient") == (Priority.MEDIUM, "PATIENT CHANGED - check the wristband")
    running.stand(2, PumpStatus.STOPPED)
    running.do(BeginDoubleCheck(CHAIR, running.by))
    running.stand(30)
    assert running.do(check(running, wristband="M-2")).answer == "agrees"
    running.stand(2)
    assert alarm(running, "patient") is None


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"name": "DEMO-EXAMPLE, Janet"}, ("name",)),
        ({"born": "1972-03-15"}, ("date of birth",)),
        ({"mrn": "M-9"}, ("MRN",)),
    ],
)
def test_who_the_patient_is_is_changed_on_the_patients_page(running: Bench, said: dict[str, str], fields):
    running.do(renamed(running, **said, proof=running.proof(PRESCRIBER)))
    (change,) = changes(running)
    assert (change.fields, change.second, change.prescriber_signed) == (fields, PRESCRIBER, True)
    assert alarm(running, "patient") is not None


def test_facts_that_say_nothing_of_who_it_is_are_no_such_change(running: Bench):
    running.do(renamed(running, weight_kg=Decimal(70), phone="DEMO 1234"))
    running.do(renamed(running, wristband="W-77", weight_kg=Decimal(70), phone="DEMO 1234"))  # there was none before
    assert changes(running) == []
    running.do(renamed(running, wristband="W-78", weight_kg=Decimal(70), phone="DEMO 1234"))
    assert [change.fields for change in changes(running)] == [("wristband",)]


@pytest.mark.parametrize(
    ("other", "fields"),
    [
        ({"dose_billion": Decimal(6)}, ("dose",)),
        ({"volume_ml": Decimal(150)}, ("volume",)),
        ({"minutes": 50}, ("minutes",)),
    ],
)
def test_another_order_is_an_alarm(running: Bench, other: dict[str, Any], fields):
    running.order(reason="changed by phone", **other)
    (change,) = changes(running)
    assert (change.what, change.fields) == ("order", fields)
    assert alarm(running, "order") == (Priority.MEDIUM, "ORDER CHANGED - check again with a second person")


def test_the_same_entered_again_changes_nothing(running: Bench):
    running.order(reason="read again from the paper")
    running.do(replace(another_bag(running), lot="LOT-1"))
    running.do(cmd.IdentifyPatient(CHAIR, running.by, NAME, "1972-03-14", "M-1", ("name", "mrn"), reason=REASON))
    assert changes(running) == []


def test_before_the_start_nothing_is_a_change_of_this_kind(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.order(dose_billion=Decimal(6))
    bench.do(another_patient(bench))
    assert bench.events(ChangedAfterStart) == []
    assert "already started" not in bench.refused(check(bench))


def test_a_check_that_differs_leaves_the_alarm_and_one_that_nobody_needs_is_refused(running: Bench):
    assert "already started" in running.refused(BeginDoubleCheck(CHAIR, running.by))
    running.do(another_bag(running))
    running.do(BeginDoubleCheck(CHAIR, running.by))
    running.infuse(30, 100.0)
    assert running.do(check(running)).answer == "differs"
    running.infuse(2, 100.0)
    assert alarm(running, "bag") is not None
    assert not running.events(DoubleCheckDone)[-1].agrees


def test_what_changes_while_the_second_person_looks_is_not_checked_by_that(running: Bench):
    running.do(another_bag(running))
    running.do(BeginDoubleCheck(CHAIR, running.by))
    running.do(renamed(running, mrn="M-9"))
    running.infuse(30, 100.0)
    assert running.do(check(running, lot="LOT-2", wristband="M-9")).answer == "agrees"
    assert running.state.changes.unchecked == ("patient",)


def test_who_made_the_change_does_not_check_it(running: Bench):
    running.work_as(VERIFIER)
    running.do(renamed(running, mrn="M-9"))
    running.work_as(NURSE)
    running.do(BeginDoubleCheck(CHAIR, running.by))
    assert "you entered what is checked" in running.refused(check(running, wristband="M-9"))


def test_the_rate_of_the_check_is_the_one_that_is_meant_now(bench: Bench):
    bench.infusing(60, 100.0)
    bench.order(reason="slower, she is anxious", minutes=50)
    bench.do(BeginDoubleCheck(CHAIR, bench.by))
    bench.infuse(30, 120.0)
    assert bench.do(check(bench, rate_ml_h=Decimal(120))).answer == "agrees"


def test_a_container_of_another_lot_hangs_with_a_single_nurse_and_is_an_alarm(running: Bench):
    other = ChangeContainer(CHAIR, running.by, source_cell=SourceCell.MSC, lot="LOT-3", expiry="2029-01-01")
    assert "A second person and a reason" in running.refused(other)
    running.do(replace(other, alone=True, reason="it hangs already, nobody is here"))
    (change,) = changes(running)
    assert (change.what, change.fields, change.second) == ("bag", ("lot",), "")
    assert alarm(running, "bag") is not None
    assert "single nurse, a container that does not match" in review_reasons(running.state)
    checked(running, lot="LOT-3")
    assert alarm(running, "bag") is None


def test_a_container_that_matches_is_no_change(running: Bench):
    same = ChangeContainer(CHAIR, running.by, source_cell=SourceCell.MSC, lot="LOT-1", expiry="2029-01-01")
    running.do(replace(same, proof=running.proof(VERIFIER), reason="typed by hand, the code is torn"))
    assert changes(running) == []


def test_the_alarm_stands_again_after_a_restart(running: Bench):
    running.do(another_bag(running))
    again = running.after_restart(20)
    again.tick()
    assert alarm(again, "bag") is not None
