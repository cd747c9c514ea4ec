"""The bag at the chair: one scan says all, what does not match keeps the gate open, the next container goes on."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.clinical.certificate import SupplyRules
from exomonitor.registry.lot_events import BagPrepared
from exomonitor.registry.recall import recall
from exomonitor.registry.shelf import QuarantineLot, bag_stop
from exomonitor.session import commands as cmd
from exomonitor.session.events import ProductEntered
from exomonitor.session.narrative import sentence
from exomonitor.session.parts.supply import AcceptPreparedDose, ChangeContainer, ContainerChanged, Supply, product_why
from exomonitor.session.plan import Order, Patient, Product, SourceCell
from exomonitor.signals.pump import PumpStatus
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, VERIFIER, Bench
from tests.exomonitor.engine.shelf_bench import (
    LABEL,
    LOT,
    bag,
    bag_of,
    certificate,
    lot_of,
    released_bag,
    released_lot,
    thaw,
)

SECOND_LABEL = LABEL.replace("000123", "000124")


@pytest.fixture
def bench() -> Bench:
    made = Bench()
    released_lot(made)
    made.do(cmd.OpenSession(CHAIR, made.by))
    made.do(cmd.IdentifyPatient(CHAIR, made.by, "DEMO-EXAMPLE, Jane", "1972-03-14", "M-1", ("name", "born")))
    return made


def scan(bench: Bench, raw: str = LABEL) -> cmd.EnterProduct:
    return cmd.EnterProduct(CHAIR, bench.by, raw=raw)


def why(bench: Bench) -> str:
    """What the gate of the bag says."""
    return next(gate.why for gate in bench.snapshot.gates if gate.key == "product")


def product(bench: Bench) -> Product:
    found = bench.state.product
    assert found is not None
    return found


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


# --- the next container


@pytest.fixture
def running() -> Bench:
    """A session that has run half an hour at 100 mL/h on a scanned bag."""
    made = Bench()
    released_lot(made)
    released_bag(made)
    made.bind("pump", "monitor")
    made.pump(PumpStatus.STOPPED, 0.0)
    made.prepare()
    made.do(scan(made))
    made.check_all()
    made.time_out()
    made.start()
    made.infuse(1800, 100.0, step_s=5.0)
    return made


def change(bench: Bench, raw: str = SECOND_LABEL) -> ChangeContainer:
    return ChangeContainer(CHAIR, bench.by, raw)


def test_the_next_container_goes_on_where_the_first_one_ended(running: Bench):
    released_bag(running, raw=SECOND_LABEL)
    before = running.given
    running.stand(30)
    running.do(change(running))
    changed = running.events(ContainerChanged)[0]
    assert changed.serial == "000124"
    assert changed.delivered_ml == pytest.approx(before, abs=0.2)
    assert changed.differs == ()
    running.counter = 0.0  # the nurse sets the pump's total back for the new bag
    running.infuse(1800, 100.0, step_s=5.0)
    assert running.given == pytest.approx(2 * before, abs=0.5)
    assert [container.product.serial for container in running.state.supply.containers] == ["000124"]
    assert running.replayed().supply == running.state.supply
    assert "Next container hung" in sentence(changed)


def test_a_container_that_does_not_match_takes_two_people_and_a_reason(running: Bench):
    foreign = replace(change(running, ""), source_cell=SourceCell.DENDRITIC, lot="LOT-9", expiry="2029-01-01")
    said = running.refused(foreign)
    assert "lot LOT-9, the first was EXO-A12" in said
    assert "dendritic cell exosomes, the first were MSC" in said
    with_proof = replace(foreign, proof=running.proof(VERIFIER))
    assert "second person and a reason" in running.refused(with_proof)
    running.do(replace(with_proof, reason="prescriber agreed by phone"))
    assert running.events(ContainerChanged)[0].second == VERIFIER
    assert "DIFFERS" in sentence(running.events(ContainerChanged)[0])


def test_a_container_for_another_patient_does_not_match(running: Bench):
    released_bag(running, raw=SECOND_LABEL, label_patient="M-2")
    assert "labelled for another patient" in running.refused(change(running))


def test_an_unreleased_container_does_not_match(running: Bench):
    running.do(bag(running, raw=SECOND_LABEL))
    assert "is not released" in running.refused(change(running))


def test_the_same_bag_is_no_next_one(running: Bench):
    assert "hangs already" in running.refused(change(running, LABEL))


def test_containers_belong_to_a_running_product(running: Bench):
    running.stand(20)
    running.do(cmd.EndProduct(CHAIR, running.by, "stopped", "prescriber"))
    assert "no container follows" in running.refused(change(running))
    assert "not started" in preparing().refused(ChangeContainer(CHAIR, NURSE, SECOND_LABEL))


def preparing() -> Bench:
    made = Bench()
    made.do(cmd.OpenSession(CHAIR, made.by))
    return made


def test_the_in_use_time_of_the_bag_that_hangs_is_an_alarm(running: Bench):
    running.clock.advance(4 * 3600)
    running.tick()
    alarm = running.alarm("product.in_use")
    assert alarm is not None
    assert (alarm.priority, "IN-USE TIME" in alarm.text) == (Priority.MEDIUM, True)
    fresh = thaw(running)
    released_bag(running, raw=SECOND_LABEL, thaw=fresh)
    running.do(change(running))
    running.tick()
    after = running.alarm("product.in_use")
    assert after is None or str(after.state) != "active"


# --- withdrawn after the scan


def test_a_lot_that_is_quarantined_after_the_scan_opens_the_gate_again(bench: Bench):
    released_bag(bench)
    bench.do(scan(bench))
    bench.do(QuarantineLot(CHAIR, bench.by, LOT, "sterility test grew"))
    assert why(bench) == f"lot {LOT} is in quarantine: sterility test grew"
    assert f"Bag and lot (lot {LOT} is in quarantine: sterility test grew)" in bench.refused(
        cmd.StartSession(CHAIR, bench.by)
    )
    accept = cmd.OverrideGate(CHAIR, bench.by, "product", "prescriber said so by phone")
    assert "Take another bag" in bench.refused(accept)
    assert product(bench).stopped == ""


def test_what_was_accepted_at_the_scan_does_not_cover_a_later_quarantine(bench: Bench):
    bench.do(bag(bench))
    bench.do(scan(bench))
    bench.do(cmd.OverrideGate(CHAIR, bench.by, "product", "released by phone, form follows"))
    assert next(gate for gate in bench.snapshot.gates if gate.key == "product").closed
    bench.do(QuarantineLot(CHAIR, bench.by, LOT, "sterility test grew"))
    assert not next(gate for gate in bench.snapshot.gates if gate.key == "product").closed


def test_a_typed_lot_is_known_whatever_its_case(bench: Bench):
    bench.do(cmd.EnterProduct(CHAIR, bench.by, SourceCell.MSC, "lot-77", "2029-01-01", proof=bench.proof(VERIFIER)))
    assert why(bench) == ""
    bench.do(QuarantineLot(CHAIR, bench.by, "LOT-77", "recalled by its maker"))
    assert why(bench) == "lot LOT-77 is in quarantine: recalled by its maker"


def test_a_lot_that_is_quarantined_while_it_runs_is_an_alarm(running: Bench):
    assert running.alarm("product.withdrawn") is None
    running.do(QuarantineLot(CHAIR, running.by, LOT, "sterility test grew"))
    running.infuse(2, 100.0)
    alarm = running.alarm("product.withdrawn")
    assert alarm is not None
    assert (alarm.priority, alarm.text) == (Priority.MEDIUM, f"LOT {LOT} QUARANTINED - call the prescriber")
    again = running.after_restart(30)
    assert again.alarm("product.withdrawn") is not None


# --- a recall


def test_a_recall_finds_the_patient_of_the_first_bag_and_of_the_next(running: Bench):
    released_lot(running, raw=LABEL.replace(LOT, "EXO-C03"))
    other = released_bag(running, lot="EXO-C03", raw=SECOND_LABEL.replace(LOT, "EXO-C03"))
    bag_label = SECOND_LABEL.replace(LOT, "EXO-C03")
    running.do(replace(change(running, bag_label), proof=running.proof(VERIFIER), reason="no more of the first lot"))
    registry = running.snapshot.registry
    for lot in (LOT, "exo-c03 "):
        (found,) = recall(registry, lot)
        assert (found.session, found.study_id) == (running.state.id, running.state.study_id)
    assert recall(registry, "EXO-C03")[0].bags == (other,)
    assert recall(registry, "EXO-Z99") == ()
    assert len(running.events(BagPrepared)) == 2


def test_a_lot_that_was_corrected_away_is_not_recalled_for_this_patient(bench: Bench):
    bench.do(cmd.EnterProduct(CHAIR, bench.by, SourceCell.MSC, "LOT-8", "2029-01-01"))
    bench.do(cmd.EnterProduct(CHAIR, bench.by, SourceCell.MSC, "LOT-9", "2029-01-01"))
    registry = bench.snapshot.registry
    assert [len(recall(registry, lot)) for lot in ("LOT-8", "LOT-9")] == [0, 1]
