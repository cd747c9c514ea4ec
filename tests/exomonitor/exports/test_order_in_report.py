"""R1 and the auditor's box: who ordered and how it came, the endotoxin load, and doses counted by another method."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from exomonitor.exports.report_audit import audit_lines
from exomonitor.exports.report_identity import identity
from exomonitor.session import events as ev
from tests.exomonitor.exports.made_up_session import whole_session


def facts(material):
    return dict(identity(material))


def scripted(**more):
    """A session whose order is entered once more, otherwise."""
    script = whole_session(reactions=0, sign=False)
    order = next(e.event for e in script.archive.told if isinstance(e.event, ev.OrderEntered))
    script.say(replace(order, **more))
    return script


def weighed(script, kg, eu_ml):
    told = script.archive.told
    patient = next(e.event for e in told if isinstance(e.event, ev.PatientIdentified))
    product = next(e.event for e in told if isinstance(e.event, ev.ProductEntered))
    script.say(replace(patient, weight_kg=Decimal(kg)))
    script.say(replace(product, endotoxin_eu_ml=None if eu_ml is None else Decimal(eu_ml)))
    return script


def test_the_prescriber_stands_by_name_and_id_with_how_the_order_came(made_of):
    script = scripted(prescriber_id="u-31", way="telephone", prescriber="Dr DEMO")
    said = facts(made_of(script, identified=True))["Prescriber"]
    assert said.startswith("Nora Nightshift (u-31), telephone order, read back by ")
    hidden = facts(made_of(script))["Prescriber"]
    assert hidden.startswith("u-31, telephone order, read back by u-")


def test_an_order_from_before_ids_has_the_typed_name(made_of):
    script = scripted(prescriber="Dr Typed DEMO")
    assert facts(made_of(script, identified=True))["Prescriber"] == "Dr Typed DEMO"
    assert facts(made_of(script))["Prescriber"] == "withheld"


def test_a_load_within_the_limit_is_printed_with_it(made_of):
    said = facts(made_of(weighed(scripted(), 70, "0.05")))["Endotoxin"]
    assert said == "0.05 EU/mL in the bag; 0.10 EU/kg/h at the top rate, limit 5"


def test_a_load_above_it_names_who_accepted_it_in_header_and_auditors_box(made_of):
    accepted = {
        "override_reason": "no other lot",
        "endotoxin_eu_kg_h": Decimal("10.09"),
        "endotoxin_limit": Decimal(5),
        "endotoxin_by": "u-31",
        "prescriber_signed": True,
    }
    material = made_of(weighed(scripted(**accepted), 70, "5"), identified=True)
    assert facts(material)["Endotoxin"].endswith("limit 5: ABOVE, accepted by Nora Nightshift (u-31)")
    [line] = [one for one in audit_lines(material) if "endotoxin" in one.what and one.kind == "Override"]
    assert "10.09 EU/kg/h, above the limit of 5: no other lot, signed by Nora Nightshift (u-31)" in line.what


def test_a_load_that_nobody_accepted_says_so(made_of):
    assert facts(made_of(weighed(scripted(), 70, "5")))["Endotoxin"].endswith("ABOVE, accepted by nobody")


def test_a_certificate_without_the_value_is_said(made_of):
    assert facts(made_of(weighed(scripted(), 70, None)))["Endotoxin"] == "not recorded"


def test_without_a_weight_the_load_is_not_known(made_of):
    script = scripted()
    product = next(e.event for e in script.archive.told if isinstance(e.event, ev.ProductEntered))
    script.say(replace(product, endotoxin_eu_ml=Decimal("0.05")))
    assert facts(made_of(script))["Endotoxin"] == "0.05 EU/mL in the bag; weight not recorded"
