"""One bag in quarantine: at once, also while it hangs; back to stock with two people, and released anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.registry.lots import Bag
from exomonitor.registry.registry import load_registry
from exomonitor.registry.shelf import QuarantineBag, QuarantineLot, ReleaseBag, ReturnBag
from exomonitor.session import commands as cmd
from exomonitor.signals.pump import PumpStatus
from tests.exomonitor.engine.bags_at_the_chair import open_chair, scan, why
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, PRESCRIBER, VERIFIER, Bench
from tests.exomonitor.engine.shelf_bench import LOT, released_bag, released_lot

LEAK = "a drop at the port"
BACK = "the drop was from the wipe"


@pytest.fixture
def bench() -> Bench:
    return open_chair()


def the_bag(bench: Bench) -> Bag:
    (found,) = bench.snapshot.registry.bags.values()
    return found


def stopped(bench: Bench) -> str:
    bag = released_bag(bench)
    bench.do(QuarantineBag(CHAIR, bench.by, bag.lower(), LEAK))
    return bag


def test_a_bag_in_quarantine_is_not_given_and_its_lot_is(bench: Bench):
    bag = stopped(bench)
    assert (the_bag(bench).quarantine, the_bag(bench).released_by) == (LEAK, ())
    bench.do(scan(bench))
    assert why(bench) == f"bag {bag} is in quarantine: {LEAK}"
    accept = cmd.OverrideGate(CHAIR, bench.by, "product", "it looks all right to me", bench.proof(VERIFIER))
    assert "Take another bag" in bench.refused(accept)
    assert bench.snapshot.registry.lots[LOT].released
    assert load_registry(bench.recorder.entries).bags == bench.snapshot.registry.bags


def test_a_bag_that_is_stopped_after_the_scan_opens_the_gate_again(bench: Bench):
    bag = released_bag(bench)
    bench.do(scan(bench))
    assert why(bench) == ""
    bench.do(QuarantineBag(CHAIR, bench.by, bag, LEAK))
    assert why(bench) == f"bag {bag} is in quarantine: {LEAK}"


def test_it_goes_back_to_stock_with_two_people_and_is_released_anew(bench: Bench):
    bag = stopped(bench)
    back = ReturnBag(CHAIR, bench.by, bag, BACK)
    assert "second person signs" in bench.refused(back)
    assert "somebody else" in bench.refused(replace(back, by=NURSE, proof=proof_of_the_same(bench)))
    bench.do(replace(back, proof=bench.proof(VERIFIER)))
    assert the_bag(bench).quarantine == ""
    bench.do(scan(bench))
    assert why(bench) == f"bag {bag} is not released"


def proof_of_the_same(bench: Bench) -> str:
    """The nurse at work signs as a verifier."""
    users = bench.engine.registry.users
    bench.engine.know_registry(
        replace(bench.engine.registry, users={**users, NURSE: replace(users[NURSE], roles=("nurse", "verifier"))})
    )
    return bench.proof(NURSE)


def test_a_bag_that_hung_does_not_go_back(bench: Bench):
    bag = released_bag(bench)
    bench.do(scan(bench))
    bench.do(QuarantineBag(CHAIR, bench.by, bag, LEAK))
    assert "was hung in a session" in bench.refused(ReturnBag(CHAIR, bench.by, bag, BACK, bench.proof(PRESCRIBER)))


def test_what_cannot_be_meant_is_refused(bench: Bench):
    bag = released_bag(bench)
    assert bench.refused(QuarantineBag(CHAIR, bench.by, "B-NONE", LEAK)) == "There is no bag B-NONE"
    assert "at least 5 characters" in bench.refused(QuarantineBag(CHAIR, bench.by, bag, "bad"))
    not_stopped = ReturnBag(CHAIR, bench.by, bag, BACK, bench.proof(VERIFIER))
    assert bench.refused(not_stopped) == f"Bag {bag} is not in quarantine"
    bench.do(QuarantineBag(CHAIR, bench.by, bag, LEAK))
    assert "in quarantine already" in bench.refused(QuarantineBag(CHAIR, bench.by, bag, LEAK))
    assert "cannot be released: bag" in bench.refused(ReleaseBag(CHAIR, bench.by, bag, bench.proof(VERIFIER)))


def test_a_bag_that_is_stopped_while_it_runs_is_an_alarm():
    made = Bench()
    released_lot(made)
    bag = released_bag(made)
    made.bind("pump", "monitor")
    made.pump(PumpStatus.STOPPED, 0.0)
    made.prepare()
    made.do(scan(made))
    made.check_all()
    made.time_out()
    made.start()
    made.infuse(60, 100.0)
    made.do(QuarantineBag(CHAIR, made.by, bag, LEAK))
    made.infuse(2, 100.0)
    alarm = made.alarm("product.withdrawn")
    assert alarm is not None
    assert (alarm.priority, alarm.text) == (Priority.MEDIUM, f"BAG {bag} QUARANTINED - call the prescriber")
    made.do(QuarantineLot(CHAIR, made.by, LOT, "sterility test grew"))
    made.infuse(2, 100.0)
    alarm = made.alarm("product.withdrawn")
    assert alarm is not None
    assert alarm.text == f"LOT {LOT} and BAG {bag} QUARANTINED - call the prescriber"
