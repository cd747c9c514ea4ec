"""A running bag: the next container, what is withdrawn after the scan, and whom a recall finds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.registry.lot_events import BagPrepared
from exomonitor.registry.recall import recall
from exomonitor.registry.shelf import QuarantineLot
from exomonitor.session import commands as cmd
from exomonitor.session.narrative import sentence
from exomonitor.session.parts.supply import ChangeContainer, ContainerChanged
from exomonitor.session.plan import SourceCell
from exomonitor.signals.pump import PumpStatus
from tests.exomonitor.engine.bags_at_the_chair import SECOND_LABEL, open_chair, product, scan, why
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, VERIFIER, Bench
from tests.exomonitor.engine.shelf_bench import (
    LABEL,
    LOT,
    bag,
    released_bag,
    released_lot,
    thaw,
)


@pytest.fixture
def bench() -> Bench:
    return open_chair()


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
    bench.do(cmd.OverrideGate(CHAIR, bench.by, "product", "released by phone, form follows", alone=True))
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
