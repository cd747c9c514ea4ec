"""An endotoxin load above the clinic's limit is given only with a prescriber's signature and a reason."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.endotoxin import endotoxin_why, load_of, unknown_why
from exomonitor.session.narrative import sentence
from exomonitor.session.parts.course import ChangePatient
from exomonitor.session.plan import Order, Patient, Product, SourceCell
from exomonitor.session.review import review_reasons
from tests.exomonitor.engine.bedside_bench import CHAIR, PRESCRIBER, PROTOCOL, VERIFIER, Bench
from tests.exomonitor.engine.shelf_bench import LABEL, released_bag, released_lot

LIMIT = Decimal(5)
BAG = Product(SourceCell.MSC, "LOT-1", "2029-01-01", endotoxin_eu_ml=Decimal("2.5"))
HEAVY = Patient("DEMO-EXAMPLE, Jane", "1972-03-14", "M-1", ("name", "born"), "", weight_kg=Decimal(50))
ORDER = Order(Decimal(5), Decimal(100), Decimal(60))
"""Constant: 100 mL/h, so that this bag brings exactly 5 EU/kg/h."""


def test_exactly_the_limit_is_allowed_and_anything_above_is_not():
    load = load_of(BAG, ORDER, HEAVY, LIMIT)
    assert load is not None
    assert (load.eu_kg_h, load.ok) == (Decimal(5), True)
    assert endotoxin_why(BAG, ORDER, HEAVY, LIMIT) == ""
    above = replace(HEAVY, weight_kg=Decimal("49.9"))
    assert endotoxin_why(BAG, ORDER, above, LIMIT) == "Endotoxin load 5.01 EU/kg/h, ABOVE the limit of 5"


def test_the_top_rate_of_a_ramp_counts():
    ramped = replace(ORDER, ramp=PROTOCOL.ramp)
    assert ramped.rate_plan().full_rate_ml_h > 100
    assert "ABOVE" in endotoxin_why(BAG, ramped, HEAVY, LIMIT)


def test_what_was_accepted_holds_up_to_that_load():
    light = replace(HEAVY, weight_kg=Decimal(40))
    accepted = replace(ORDER, endotoxin_eu_kg_h=Decimal("6.25"))
    assert endotoxin_why(BAG, accepted, light, LIMIT) == ""
    assert endotoxin_why(BAG, accepted, replace(light, weight_kg=Decimal(39)), LIMIT) != ""


@pytest.mark.parametrize(
    ("bag", "patient", "why"),
    [
        (replace(BAG, endotoxin_eu_ml=None), HEAVY, "endotoxin not recorded"),
        (None, HEAVY, "endotoxin not recorded"),
        (BAG, replace(HEAVY, weight_kg=None), "weight not recorded"),
        (BAG, None, "weight not recorded"),
        (BAG, HEAVY, ""),
    ],
)
def test_what_is_missing_is_said_and_is_no_gate(bag: Product | None, patient: Patient | None, why: str):
    assert unknown_why(bag, patient) == why
    assert endotoxin_why(bag, ORDER, patient, LIMIT) == ""


# --- at the chair


@pytest.fixture
def chair() -> Bench:
    """A bag of 0.00125 EU/mL for a patient of 40 kg, in a clinic whose limit is 0.0025 EU/kg/h."""
    table = PROTOCOL.rules.certificate
    content = table.content.model_copy(update={"endotoxin_limit_eu_kg_h": Decimal("0.0025")})
    rules = replace(PROTOCOL.rules, certificate=replace(table, content=content))
    made = Bench(protocol=replace(PROTOCOL, rules=rules))
    released_lot(made)
    released_bag(made)
    made.do(cmd.OpenSession(CHAIR, made.by))
    patient = ("DEMO-EXAMPLE, Jane", "1972-03-14", "M-1", ("name", "born"))
    made.do(cmd.IdentifyPatient(CHAIR, made.by, *patient))
    known = made.state.patient
    assert known is not None
    weigh(made, "40")
    made.do(cmd.EnterProduct(CHAIR, made.by, raw=LABEL))
    return made


def weigh(bench: Bench, kg: str) -> None:
    known = bench.state.patient
    assert known is not None
    change = ChangePatient(CHAIR, bench.by, known.id, known.name, known.born, known.mrn, weight_kg=Decimal(kg))
    bench.do(change)


def order(bench: Bench, **more: object) -> cmd.EnterOrder:
    given: dict[str, object] = {
        "prescriber_id": PRESCRIBER, "way": "written", "source_cell": SourceCell.MSC, "first_dose": False, **more,
    }  # fmt: skip
    return cmd.EnterOrder(CHAIR, bench.by, Decimal(5), Decimal(100), Decimal(60), **given)  # type: ignore[arg-type]


def gate(bench: Bench) -> str:
    return next((one.why for one in bench.snapshot.gates if one.key == "endotoxin"), "")


def test_an_order_above_the_limit_takes_a_prescriber_and_a_reason(chair: Bench):
    assert "a prescriber signs for it" in chair.refused(order(chair))
    nobody = order(chair, override_reason="no other lot is left")
    assert "a prescriber signs for it" in chair.refused(nobody)
    by_nurse = order(chair, override_reason="no other lot is left", override_proof=chair.proof(VERIFIER))
    assert "a prescriber signs for it" in chair.refused(by_nurse)
    no_reason = order(chair, override_proof=chair.proof(PRESCRIBER))
    assert "a prescriber signs for it" in chair.refused(no_reason)
    chair.do(order(chair, override_reason="no other lot is left", override_proof=chair.proof(PRESCRIBER)))
    event = chair.events(ev.OrderEntered)[-1]
    assert (event.endotoxin_eu_kg_h, event.endotoxin_by) == (Decimal("0.003125"), PRESCRIBER)
    assert "with an endotoxin load of" in sentence(event)
    assert gate(chair) == ""
    assert "order outside its usual range" not in review_reasons(chair.state), "a prescriber has signed that very thing"


def test_the_prescriber_who_signs_the_order_signs_for_its_load(chair: Bench):
    signed = {"way": "signed", "prescriber_proof": chair.proof(PRESCRIBER)}
    chair.do(order(chair, **signed, override_reason="no other lot is left"))
    assert chair.events(ev.OrderEntered)[-1].endotoxin_by == PRESCRIBER


def test_a_load_that_rises_after_the_order_opens_a_gate_that_only_a_prescriber_closes(chair: Bench):
    weigh(chair, "50")
    chair.do(order(chair))
    assert gate(chair) == "", "exactly the limit"
    weigh(chair, "40")
    assert "ABOVE the limit" in gate(chair)
    left_out = cmd.OverrideGate(CHAIR, chair.by, "endotoxin", "nobody else is here")
    assert "a prescriber signs for it" in chair.refused(left_out)
    chair.do(order(chair, override_reason="no other lot is left", override_proof=chair.proof(PRESCRIBER)))
    assert gate(chair) == ""
