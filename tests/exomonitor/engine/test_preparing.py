"""What people ask before the start: done, or refused in one clear sentence."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from exomonitor.clinical.rates import RampStep
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.parts.double_check import SingleNurse
from exomonitor.session.phases import Phase
from exomonitor.session.plan import SourceCell
from tests.exomonitor.engine.bedside_bench import ADMIN, CHAIR, NAME, NURSE, VERIFIER, Bench


@pytest.fixture
def typed(bench: Bench) -> Bench:
    """A session without any device, running at 100 mL/h."""
    bench.prepare(pump="", monitor="", line_ml=Decimal(18))
    bench.start("100")
    return bench


def order(bench: Bench, **more: object) -> cmd.EnterOrder:
    given = {"dose_billion": Decimal(5), "volume_ml": Decimal(100), "minutes": Decimal(45), **more}
    return cmd.EnterOrder(CHAIR, bench.by, **given)  # type: ignore[arg-type]


def value(text: str, source: str = "typed") -> cmd.ValueEntry:
    return cmd.ValueEntry(Decimal(text), source)


# --- before the start


def test_nothing_can_be_done_without_a_session(bench: Bench):
    for command in (
        cmd.IdentifyPatient(CHAIR, "", NAME, "1972-03-14", "", ("name", "born")),
        order(bench),
        cmd.StartSession(CHAIR, ""),
        cmd.AddNote(CHAIR, "", "a note"),
        cmd.SignOff(CHAIR, "", "Nurse"),
    ):
        assert bench.refused(command) == "No session is open in this chair"


def test_a_reaction_needs_no_session(bench: Bench):
    bench.do(cmd.OpenReaction(CHAIR, ""))
    assert bench.state.is_emergency
    assert bench.state.open_reaction is not None


def test_a_chair_holds_one_open_session(bench: Bench):
    study = bench.do(cmd.OpenSession(CHAIR, "")).answer
    assert study.startswith("EXO-")
    assert "already open in chair 4" in bench.refused(cmd.OpenSession(CHAIR, ""))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (("", "1972-03-14", "", ("name", "born")), "The patient's name is missing"),
        ((NAME, "1972-03-14", "", ("name",)), "Check two identifiers"),
        ((NAME, "1972-03-14", "", ("name", "name")), "Check two identifiers"),
        ((NAME, "1972-03-14", "", ("name", "chair")), "'chair' is not an identifier"),
        ((NAME, "14.3.1972", "", ("name", "born")), "'14.3.1972' is not a date"),
        ((NAME, "2999-01-01", "", ("name", "born")), "is in the future"),
        ((NAME, "", " ", ("name", "mrn")), "The MRN is missing"),
    ],
)
def test_a_patient_needs_two_real_identifiers(bench: Bench, fields: tuple[Any, ...], sentence: str):
    bench.do(cmd.OpenSession(CHAIR, ""))
    assert sentence in bench.refused(cmd.IdentifyPatient(CHAIR, "", *fields))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"dose_billion": Decimal(5_000_000_000)}, "is not accepted"),
        ({"dose_billion": Decimal("0.05")}, "is not accepted"),
        ({"dose_billion": Decimal(20)}, "reason"),
        ({"minutes": Decimal(20)}, "outside the 30-60 min window"),
        ({"minutes": Decimal(3)}, "is not accepted"),
        ({"volume_ml": Decimal(0)}, "is not accepted"),
        ({"volume_ml": Decimal(-5)}, "is not accepted"),
        ({"line_ml": Decimal(120)}, "does not fit a bag of 100 mL"),
        ({"line_ml": Decimal(-1)}, "does not fit"),
        ({"ramp": (RampStep(Decimal("0.5"), Decimal(50)),)}, "the planned time is only 45 min"),
    ],
)
def test_an_order_that_cannot_be_meant_is_refused(bench: Bench, fields: dict[str, Any], sentence: str):
    bench.do(cmd.OpenSession(CHAIR, ""))
    assert sentence in bench.refused(order(bench, **fields))
    assert bench.state.order is None


def test_an_unusual_order_needs_a_reason_of_five_letters(bench: Bench):
    bench.do(cmd.OpenSession(CHAIR, ""))
    bench.refused(order(bench, minutes=Decimal(90), override_reason=" ok "))
    unusual = order(bench, minutes=Decimal(90), override_reason="frail patient")
    assert bench.refused(unusual) == "A second person signs with badge or PIN"
    assert "not the one who enters it" in bench.refused(replace(unusual, override_proof=bench.proof(NURSE)))
    no_role = replace(unusual, override_proof=bench.proof(ADMIN))
    assert "verifier or prescriber" in bench.refused(no_role)
    bench.do(replace(unusual, override_proof=bench.proof(VERIFIER)))
    assert bench.state.order_override == "frail patient"
    assert bench.state.order is not None
    assert bench.state.order.confirmed_by == VERIFIER


def test_an_expired_bag_is_recorded_and_keeps_its_gate_open(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.do(cmd.EnterProduct(CHAIR, bench.by, SourceCell.MSC, "LOT-2", "2020-01-01"))
    bench.do(SingleNurse(CHAIR, bench.by, "nobody else is here"))
    bench.time_out()
    sentence = bench.refused(cmd.StartSession(CHAIR, bench.by, Decimal(100)))
    assert sentence == "Before the start: Bag and lot (lot LOT-2 expired on 2020-01-01)"
    assert "not a date" in bench.refused(cmd.EnterProduct(CHAIR, bench.by, SourceCell.MSC, "L", "soon"))
    assert "not open" in bench.refused(cmd.OverrideGate(CHAIR, bench.by, "order", "no reason at all"))
    assert "at least 5" in bench.refused(cmd.OverrideGate(CHAIR, bench.by, "product", "ok"))
    bypass = cmd.OverrideGate(CHAIR, bench.by, "product", "released by the pharmacist")
    assert bench.refused(bypass) == "Bag and lot: lot LOT-2 expired on 2020-01-01. Take another bag"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"source_cell": SourceCell.DENDRITIC}, "ordered is MSC"),
        ({"expiry": "2020-01-01"}, "expired on 2020-01-01"),
    ],
)
def test_a_reason_that_was_accepted_does_not_cover_a_bag_that_must_not_be_given(bench: Bench, change, why):
    bench.prepare(pump="", monitor="")
    given = cmd.EnterProduct(CHAIR, bench.by, SourceCell.MSC, "LOT-2", "2029-01-01")
    bench.do(given)
    bench.do(cmd.OverrideGate(CHAIR, bench.by, "product", "nobody is here for the second check", alone=True))
    bench.do(replace(given, **change))
    bench.do(SingleNurse(CHAIR, bench.by, "nobody else is here"))
    bench.time_out()
    assert why in bench.refused(cmd.StartSession(CHAIR, bench.by, Decimal(100)))


def test_the_start_lists_all_that_is_missing(bench: Bench):
    bench.do(cmd.OpenSession(CHAIR, ""))
    sentence = bench.refused(cmd.StartSession(CHAIR, ""))
    for label in (
        "Patient", "Bag and lot", "Order and rate", "Consent", "Today's state", "Line and site", "Pump and monitor",
        "Emergency readiness", "Second check", "Baseline set", "Time-out at the chair",
    ):  # fmt: skip
        assert label in sentence
    assert "Hydration" not in sentence


def test_without_any_baseline_nobody_starts(bench: Bench):
    bench.do(cmd.OpenSession(CHAIR, ""))
    gate = next(one for one in bench.snapshot.gates if one.key == "baseline")
    assert not gate.closed
    assert gate.why
    assert gate.why in bench.refused(cmd.StartSession(CHAIR, bench.by, Decimal(100)))


def test_an_old_baseline_opens_its_gate_again(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.wait(31 * 60, step_s=60)
    assert "baseline is 31 min old, limit 30 min" in bench.refused(cmd.StartSession(CHAIR, bench.by, Decimal(100)))


def test_a_device_has_one_of_two_roles(bench: Bench):
    bench.do(cmd.OpenSession(CHAIR, ""))
    assert "pump or monitor" in bench.refused(cmd.PinDevice(CHAIR, "", "kettle", "x", "y"))


def test_a_prepared_session_can_be_closed_with_a_reason_and_a_started_one_cannot(typed: Bench):
    assert "already started" in typed.refused(cmd.AbandonSession(CHAIR, typed.by, "left"))
    assert "already started" in typed.refused(cmd.StartSession(CHAIR, typed.by, Decimal(100)))
    other = Bench()
    other.do(cmd.OpenSession(CHAIR, ""))
    assert other.refused(cmd.AbandonSession(CHAIR, "", " ")) == "The reason is missing"
    other.do(cmd.AbandonSession(CHAIR, "", "patient left"))
    assert other.state.phase is Phase.ABANDONED
    other.do(cmd.OpenSession(CHAIR, ""))


def test_corrections_after_the_start_need_a_reason_and_name_what_they_correct(typed: Bench):
    first = next(e for e in typed.journal() if isinstance(e.event, ev.OrderEntered))
    assert "reason for the correction" in typed.refused(order(typed, minutes=Decimal(50)))
    typed.do(order(typed, minutes=Decimal(50), reason="typed wrongly"))
    assert typed.events(ev.OrderEntered)[-1].supersedes == first.seq
    typed.do(cmd.EnterLine(CHAIR, typed.by, "hand", "right", "20G", reason="site moved"))
    assert typed.state.amendments == 2
