"""The bag at the chair: one scan says all, and what does not match keeps the gate open."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from exomonitor.clinical.certificate import SupplyRules
from exomonitor.registry.recall import recall
from exomonitor.registry.shelf import QuarantineLot, bag_stop
from exomonitor.session import commands as cmd
from exomonitor.session.events import ProductEntered
from exomonitor.session.parts.supply import AcceptPreparedDose, Supply, product_why
from exomonitor.session.plan import Order, Patient, Product, SourceCell
from tests.exomonitor.engine.bags_at_the_chair import SECOND_LABEL, open_chair, product, scan, why
from tests.exomonitor.engine.bedside_bench import CHAIR, VERIFIER, Bench
from tests.exomonitor.engine.shelf_bench import (
    LABEL,
    LOT,
    bag,
    bag_of,
    certificate,
    lot_of,
    released_bag,
)


@pytest.fixture
def bench() -> Bench:
    return open_chair()


# --- one scan


def test_one_scan_of_a_released_bag_says_everything(bench: Bench):
    made = released_bag(bench)
    bench.do(scan(bench))
    bag_here = product(bench)
    assert (bag_here.lot, bag_here.expiry, bag_here.source_cell) == (LOT, "2029-06-30", SourceCell.MSC)
    assert (bag_here.bag, bag_here.serial, bag_here.released_by) == (made, "000123", VERIFIER)
    assert (bag_here.concentration, bag_here.dose_billion, bag_here.volume_ml) == (
        Decimal("2.0"),
        Decimal(5),
        Decimal(100),
    )
    assert bag_here.endotoxin_eu_ml == Decimal("0.00125")
    assert bag_here.scanned
    assert bag_here.raw == LABEL.replace("\x1d", "\\x1d")
    assert why(bench) == ""
    assert bag_of(bench, made).used_in == bench.state.id


def test_the_bags_own_code_says_the_same(bench: Bench):
    made = released_bag(bench)
    bench.do(scan(bench, made.lower()))
    assert (product(bench).bag, product(bench).scanned) == (made, True)


def test_a_bag_chosen_from_the_list_is_not_scanned(bench: Bench):
    made = released_bag(bench)
    bench.do(cmd.EnterProduct(CHAIR, bench.by, bag=made))
    assert (product(bench).bag, product(bench).scanned) == (made, False)
    assert "There is no bag" in bench.refused(cmd.EnterProduct(CHAIR, bench.by, bag="B-NONE"))


def test_a_label_that_may_mean_two_bags_is_refused(bench: Bench):
    released_bag(bench, raw="", serial="1")
    released_bag(bench, raw="", serial="2")
    no_serial = LABEL.partition("\x1d")[0]
    assert "2 bags of lot" in bench.refused(scan(bench, no_serial))


def test_the_scan_survives_the_journal(bench: Bench):
    released_bag(bench)
    bench.do(scan(bench))
    assert bench.replayed().product == bench.state.product


# --- what keeps the gate open


def test_a_bag_that_is_not_released_is_recorded_and_stays_open(bench: Bench):
    made = bench.do(bag(bench)).answer
    bench.do(scan(bench))
    assert why(bench) == f"bag {made} is not released"
    assert bench.events(ProductEntered)[0].bag == made


def test_a_quarantined_lot_is_recorded_and_stays_open(bench: Bench):
    released_bag(bench)
    bench.do(QuarantineLot(CHAIR, bench.by, LOT, "recall by the maker"))
    bench.do(scan(bench))
    assert why(bench) == f"lot {LOT} is in quarantine: recall by the maker"


def test_a_lot_that_nobody_released_stays_open_without_a_bag_too(bench: Bench):
    bench.do(certificate(bench, raw=LABEL.replace(LOT, "EXO-B02")))
    bench.do(scan(bench, LABEL.replace(LOT, "EXO-B02")))
    assert why(bench) == "lot EXO-B02 is not released"


def test_a_bag_of_a_visit_that_never_began_may_hang_elsewhere(bench: Bench):
    made = released_bag(bench)
    bench.do(scan(bench))
    bench.do(cmd.AbandonSession(CHAIR, bench.by, "patient_unwell"))
    assert bag_of(bench, made).used_in == ""
    assert recall(bench.snapshot.registry, LOT) == ()
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    bench.do(scan(bench))
    assert why(bench) == ""


def test_a_bag_that_hung_elsewhere_stays_open(bench: Bench):
    made = released_bag(bench)
    bench.do(scan(bench))
    bag_there = replace(bag_of(bench, made), used_in="s-another")
    assert bag_stop(bag_there, lot_of(bench), bench.state.id) == f"bag {made} was hung in another session"
    assert bag_stop(bag_of(bench, made), lot_of(bench), bench.state.id) == ""


def test_a_bag_past_its_in_use_time_stays_open(bench: Bench):
    released_bag(bench)
    bench.do(scan(bench))
    bench.clock.advance(4 * 3600 + 1)
    assert "in-use time ended at" in why(bench)


def test_the_bag_of_another_patient_stays_open(bench: Bench):
    released_bag(bench, label_patient="M-2")
    bench.do(scan(bench))
    assert why(bench) == "the bag is labelled for another patient"


def test_the_other_cell_stays_open(bench: Bench):
    released_bag(bench)
    bench.do(scan(bench))
    bench.order(source_cell=SourceCell.DENDRITIC)
    assert why(bench) == "the bag holds MSC, ordered is dendritic cell"


def test_a_bag_corrected_before_the_start_frees_the_first_one(bench: Bench):
    first = released_bag(bench)
    bench.do(scan(bench))
    second = released_bag(bench, raw=SECOND_LABEL)
    bench.do(scan(bench, SECOND_LABEL))
    assert (bag_of(bench, first).used_in, bag_of(bench, second).used_in) == ("", bench.state.id)


# --- typed


def test_a_typed_bag_is_recorded_and_waits_for_a_second_person(bench: Bench):
    bench.do(cmd.EnterProduct(CHAIR, bench.by, SourceCell.MSC, "LOT-9", "2029-01-01"))
    assert (product(bench).scanned, why(bench)) == (False, "typed by hand: a second person checks it")


def test_a_typed_bag_keeps_its_second_person(bench: Bench):
    typed = cmd.EnterProduct(CHAIR, bench.by, SourceCell.MSC, "LOT-9", "2029-01-01", proof=bench.proof(VERIFIER))
    bench.do(typed)
    assert (product(bench).second, why(bench)) == (VERIFIER, "")
    bench.work_as(VERIFIER)
    assert "somebody else" in bench.refused(replace(typed, by=bench.by, proof=bench.proof(VERIFIER)))


@pytest.mark.parametrize(
    ("raw", "words"),
    [("10EXO-A1217270630", "Enter it by hand, with a second person"), ("=A9999", "enter by hand with second check")],
)
def test_a_label_without_expiry_and_an_isbt_label_are_entered_by_hand(bench: Bench, raw: str, words: str):
    assert words in bench.refused(scan(bench, raw))
    assert bench.state.product is None


def test_a_scan_of_a_foreign_lot_needs_its_source_cell(bench: Bench):
    foreign = "]d20105060917510011172901011012345"
    assert "Choose what the exosomes come from" in bench.refused(scan(bench, foreign))
    bench.do(replace(scan(bench, foreign), source_cell=SourceCell.DENDRITIC))
    assert (product(bench).lot, product(bench).scanned, why(bench)) == ("12345", True, "")
    assert "holds MSC exosomes, not" in bench.refused(replace(scan(bench), source_cell=SourceCell.DENDRITIC))


# --- the pure gate

BAG = Product(SourceCell.MSC, LOT, "2029-06-30")
JANE = Patient("DEMO-EXAMPLE, Jane", "1972-03-14", "M-1", ("name",), "", id="p-1")


def gate(bag_here: Product | None, order: Order | None = None, **rules: bool) -> str:
    return product_why(bag_here, JANE, order, Supply(), Bench().now.utc, SupplyRules(**rules))


def test_the_rules_of_the_clinic_decide_about_typed_and_foreign_bags():
    assert gate(None) == "source cell, lot and expiry"
    assert gate(BAG) == ""
    assert gate(BAG, typed_needs_second=True) == "typed by hand: a second person checks it"
    assert gate(replace(BAG, second="u-2"), typed_needs_second=True) == ""
    assert gate(replace(BAG, scanned=True), typed_needs_second=True) == ""
    assert gate(BAG, released_bag_only=True) == f"lot {LOT} is not from a released bag"
    assert gate(replace(BAG, released_by="u-2"), released_bag_only=True) == ""


def test_a_label_names_its_patient_by_mrn_or_by_the_clinics_id():
    assert gate(replace(BAG, label_patient=" m-1 ")) == ""
    assert gate(replace(BAG, label_patient="p-1")) == ""
    assert "another patient" in gate(replace(BAG, label_patient="M-11"))


# --- prepared against ordered


def prepared(bench: Bench, product_ml: str) -> None:
    released_bag(bench, product_ml=Decimal(product_ml))
    bench.do(scan(bench))
    bench.order()


@pytest.mark.parametrize("product_ml", ["2.25", "2.5", "2.75"])
def test_ten_per_cent_off_is_ordinary(bench: Bench, product_ml: str):
    prepared(bench, product_ml)
    assert why(bench) == ""


@pytest.mark.parametrize("product_ml", ["2.24", "2.0", "3.0"])
def test_ten_to_twenty_per_cent_take_a_reason_and_a_second_person(bench: Bench, product_ml: str):
    prepared(bench, product_ml)
    assert "needs a reason and a second person" in why(bench)
    accept = AcceptPreparedDose(CHAIR, bench.by, "last container of the lot")
    assert "second person" in bench.refused(accept)
    bench.do(replace(accept, proof=bench.proof(VERIFIER)))
    assert why(bench) == ""
    bench.order(dose_billion=Decimal("5.1"))
    assert why(bench) != ""


@pytest.mark.parametrize("product_ml", ["1.99", "3.01"])
def test_more_than_twenty_per_cent_is_not_the_ordered_dose(bench: Bench, product_ml: str):
    prepared(bench, product_ml)
    assert "% apart" in why(bench)
    accept = AcceptPreparedDose(CHAIR, bench.by, "last container", bench.proof(VERIFIER))
    assert "prepare another bag" in bench.refused(accept)


def test_there_is_nothing_to_accept_where_the_dose_is_right(bench: Bench):
    prepared(bench, "2.5")
    assert "nothing is to be accepted" in bench.refused(AcceptPreparedDose(CHAIR, bench.by, "why not", "x"))
