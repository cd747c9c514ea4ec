"""What counts as a reaction to this product on file, and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest

from exomonitor.clock import local_day
from exomonitor.registry.lot_events import Receipt
from exomonitor.registry.lots import Lot
from exomonitor.registry.on_file import reaction_on_file
from exomonitor.registry.patients import PatientRecord, PatientRegistered
from exomonitor.registry.registry import Registry
from exomonitor.registry.visits import Visit
from exomonitor.session.phases import Phase
from exomonitor.session.plan import Patient, Product, SourceCell
from exomonitor.session.state import SessionState
from tests.ui import made_sessions

WHEN = made_sessions.at(-10)
NOW = replace(
    made_sessions.filled(),
    patient=Patient("DEMO-EXAMPLE, Jane", "1972-03-14", "M-1", ("name", "born"), "none known", id="p-1"),
    product=Product(SourceCell.MSC, "LOT-2", "2027-06-30"),
)
BEFORE = Visit(
    "v-1", "S-1", WHEN, "UTC", patient="p-1", day=date(2026, 2, 1), lots=("LOT-1",), sources=(SourceCell.MSC,),
    reactions={"R1": 2},
)  # fmt: skip


def found(*visits: Visit, told: str = "", names: tuple[str, str] = ("", ""), now: SessionState = NOW) -> str:
    facts = PatientRegistered("p-1", "none_known", reactions_elsewhere=told)
    lots = {lot: Lot(lot, receipt=Receipt(name)) for lot, name in zip(("LOT-1", "LOT-2"), names, strict=True)}
    registry = Registry(
        patients=MappingProxyType({"p-1": PatientRecord("p-1", facts, WHEN)}),
        visits=MappingProxyType({visit.id: visit for visit in visits}),
        lots=MappingProxyType(lots),
    )
    return reaction_on_file(registry, now)


def test_a_graded_reaction_to_the_same_kind_of_exosomes_is_told_with_day_and_lot():
    assert found(BEFORE) == "grade 2 on 2026-02-01, lot LOT-1"
    assert found(replace(BEFORE, reactions={"R1": None})).startswith("not graded on")


@pytest.mark.parametrize(
    "visit",
    [
        replace(BEFORE, reactions={}),
        replace(BEFORE, patient="p-2"),
        replace(BEFORE, day=None),
        replace(BEFORE, id=NOW.id),
        replace(BEFORE, sources=(SourceCell.DENDRITIC,)),
    ],
)
def test_a_calm_dose_another_patient_this_session_or_another_product_does_not_count(visit: Visit):
    assert found(visit) == ""


def test_another_source_counts_where_lot_or_product_is_the_same():
    other = replace(BEFORE, sources=(SourceCell.DENDRITIC,))
    assert found(replace(other, lots=("LOT-2",)))
    assert found(other, names=("ExoMade", "ExoMade"))
    assert not found(other, names=("ExoMade", "ExoOther"))


def test_a_dose_given_elsewhere_and_what_was_told_count():
    assert found(replace(BEFORE, elsewhere=True, lots=(), sources=())) == "grade 2 on 2026-02-01, elsewhere"
    assert found(told="hives after exosomes in 2024") == "told: hives after exosomes in 2024"


@pytest.mark.parametrize("told", ["", "none", "None.", " no ", "-"])
def test_none_told_is_nothing_on_file(told: str):
    assert found(told=told) == ""


def test_nobody_in_the_chair_has_nothing_on_file():
    assert found(BEFORE, now=replace(NOW, patient=None)) == ""
    assert reaction_on_file(Registry(), None) == ""


def test_before_the_bag_is_known_an_earlier_reaction_counts():
    assert found(BEFORE, now=replace(NOW, product=None))


CALM = replace(BEFORE, reactions={})
EMERGENCY = Visit(
    "e-1", "E-1", WHEN, "UTC", patient="p-1", kind="emergency", phase=Phase.SIGNED, reactions={"R1": 3}
)  # fmt: skip


def test_an_emergency_of_the_patient_is_on_file_though_no_infusion_stands_in_its_record():
    day = local_day(WHEN, "UTC")
    assert found(EMERGENCY) == f"grade 3 on {day}, emergency E-1"
    assert found(CALM, replace(EMERGENCY, after="v-1")) == f"grade 3 on {day}, emergency E-1"


def test_an_emergency_after_another_product_or_one_that_is_void_does_not_count():
    other = replace(CALM, sources=(SourceCell.DENDRITIC,))
    assert found(other, replace(EMERGENCY, after="v-1")) == ""
    assert found(replace(EMERGENCY, reactions={}, phase=Phase.ABANDONED)) == ""
    assert found(replace(EMERGENCY, patient="p-2")) == ""


def test_the_newest_of_a_visit_and_an_emergency_is_told_first():
    later = replace(EMERGENCY, opened=made_sessions.at(-5), after="v-1")
    assert found(BEFORE, later).endswith("emergency E-1")
