"""What the neighbours of the product's pump did beside it says whether one of them may run the product now."""

from __future__ import annotations

import pytest

from exomonitor.engine.health import MISSING_PUMP
from exomonitor.session import commands as cmd
from exomonitor.signals.pump import PumpStatus
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench

STANDS, RUNS, PAUSED, OUT = PumpStatus.STOPPED, PumpStatus.INFUSING, PumpStatus.PAUSED, PumpStatus.REMOVED
LOOK = "PUMP 1/1 NOT ON THE LINK - look at the pump"
CHOOSE = "PUMP 1/1 NOT ON THE LINK - choose the product's pump"


def speak(bench: Bench, seconds: int, *told: PumpStatus | None) -> None:
    """Slots 1/1 (the product's), 1/2 and so on say this once a second; None = silent."""
    for _ in range(seconds):
        bench.clock.advance(1)
        for slot, status in enumerate(told, 1):
            if status is not None:
                rate = 100.0 if status is RUNS else 0.0
                bench.counter += rate / 3600 if slot == 1 else 0.0
                bench.pump(status, rate, channel=f"1/{slot}")
        bench.tick()


def said(bench: Bench) -> str:
    alarm = bench.alarm(MISSING_PUMP)
    return alarm.text if alarm is not None else ""


@pytest.fixture
def beside(bench: Bench) -> Bench:
    """The product runs, and a second pump gives a fluid beside it."""
    bench.infusing(60, 100.0)
    speak(bench, 30, RUNS, RUNS)
    return bench


def test_a_fluid_that_is_paused_while_the_products_pump_is_out_may_go_on(beside: Bench):
    speak(beside, 1, OUT, RUNS)
    speak(beside, 20, None, RUNS)
    speak(beside, 5, None, PAUSED)
    speak(beside, 30, None, RUNS)
    assert said(beside) == ""


def test_a_fluid_that_was_paused_for_the_taking_out_may_go_on(beside: Bench):
    speak(beside, 5, RUNS, PAUSED)
    speak(beside, 1, OUT, PAUSED)
    speak(beside, 30, None, RUNS)
    assert said(beside) == ""


def test_one_that_began_just_before_the_products_pump_was_told_to_be_out_did_not_infuse_beside_it(bench: Bench):
    bench.infusing(60, 100.0)
    speak(bench, 10, RUNS, STANDS)
    speak(bench, 1, None, RUNS)
    speak(bench, 1, OUT, RUNS)
    speak(bench, 12, None, RUNS)
    assert said(bench) == LOOK


def test_one_that_gave_a_bolus_beside_it_goes_back_to_its_rate_while_it_is_out(bench: Bench):
    bench.infusing(60, 100.0)
    speak(bench, 30, RUNS, PumpStatus.BOLUS)
    speak(bench, 1, OUT, PumpStatus.BOLUS)
    speak(bench, 30, None, RUNS)
    assert said(bench) == ""


@pytest.mark.parametrize("ended", [PumpStatus.KVO, PumpStatus.COMPLETE])
@pytest.mark.parametrize("ran_s", [0, 30], ids=["never heard to infuse", "infused beside it"])
def test_one_that_had_ended_beside_it_and_infuses_while_it_is_out_begins_anew(
    bench: Bench, ended: PumpStatus, ran_s: int
):
    bench.infusing(60, 100.0)
    speak(bench, ran_s, RUNS, RUNS)
    speak(bench, 10, RUNS, ended)
    speak(bench, 1, OUT, ended)
    speak(bench, 30, None, ended)
    assert said(bench) == ""
    speak(bench, 12, None, RUNS)
    assert said(bench) == LOOK


def test_one_that_ends_while_it_is_out_and_infuses_again_begins_anew(beside: Bench):
    speak(beside, 1, OUT, RUNS)
    speak(beside, 30, None, PumpStatus.KVO)
    speak(beside, 12, None, RUNS)
    assert said(beside) == LOOK


def test_one_that_began_in_the_last_report_of_the_products_pump_infused_beside_it(bench: Bench):
    bench.infusing(60, 100.0)
    speak(bench, 30, RUNS, STANDS)
    speak(bench, 1, RUNS, RUNS)
    speak(bench, 1, OUT, RUNS)
    speak(bench, 30, None, RUNS)
    assert said(bench) == ""


@pytest.mark.parametrize("after_s", [0.3, -0.3], ids=["told after it", "told before it"])
def test_the_last_round_in_which_the_link_told_of_it_is_one_report_also_where_each_pump_answers_for_itself(
    bench: Bench, after_s: float
):
    bench.infusing(60, 100.0)
    for products, neighbours in (*[(RUNS, STANDS)] * 30, (RUNS, RUNS), (OUT, RUNS), *[(None, RUNS)] * 30):
        order = [("1/1", products), ("1/2", neighbours)]
        for channel, status in order if after_s > 0 else reversed(order):
            bench.clock.advance(0.3 if channel == order[1 if after_s > 0 else 0][0] else 0.7)
            if status is not None:
                bench.pump(status, 100.0 if status is RUNS else 0.0, channel=channel)
        bench.tick()
    assert said(bench) == ""


@pytest.mark.parametrize("round_s", [1.0, 3.0])
def test_one_that_began_a_round_later_did_not_infuse_beside_it(bench: Bench, round_s: float):
    bench.infusing(60, 100.0)
    for products, neighbours in (*[(RUNS, STANDS)] * 10, (None, STANDS), (OUT, RUNS), *[(None, RUNS)] * 15):
        bench.clock.advance(round_s - 0.3)
        if products is not None:
            bench.pump(products, 100.0 if products is RUNS else 0.0)
        bench.clock.advance(0.3)
        bench.pump(neighbours, 100.0 if neighbours is RUNS else 0.0, channel="1/2")
        bench.tick()
    assert said(bench) == LOOK


@pytest.mark.parametrize("stood", [STANDS, PAUSED])
@pytest.mark.parametrize("beside_s", [1, 30])
@pytest.mark.parametrize("round_s", [0.3, 1.0, 5.0, 9.0])
def test_one_that_began_while_the_products_pump_stood_may_have_been_given_the_product(
    bench: Bench, stood: PumpStatus, beside_s: int, round_s: float
):
    bench.infusing(60, 100.0)
    moved = [(stood, STANDS)] * 4 + [(stood, RUNS)] * beside_s + [(OUT, RUNS)] + [(None, RUNS)] * 40
    for told in [(RUNS, STANDS)] * 10 + moved:
        for slot, status in enumerate(told, 1):
            bench.clock.advance(round_s / 2)
            if status is not None:
                bench.pump(status, 100.0 if status is RUNS else 0.0, channel=f"1/{slot}")
        bench.tick()
    assert said(bench) == LOOK


def test_one_that_began_while_it_stood_and_ran_on_when_it_infused_again_gave_its_own(bench: Bench):
    bench.infusing(60, 100.0)
    speak(bench, 10, STANDS, STANDS)
    speak(bench, 10, STANDS, RUNS)
    speak(bench, 1, RUNS, RUNS)
    speak(bench, 1, OUT, RUNS)
    speak(bench, 30, None, RUNS)
    assert said(bench) == ""


def test_a_fluid_that_ran_beside_it_goes_on_where_it_was_stopped_before_it_was_taken_out(beside: Bench):
    speak(beside, 10, STANDS, RUNS)
    speak(beside, 1, OUT, RUNS)
    speak(beside, 30, None, RUNS)
    assert said(beside) == ""


def test_before_the_products_pump_has_infused_no_neighbour_runs_its_product(bench: Bench):
    bench.bind("pump", "monitor")
    speak(bench, 1, STANDS, STANDS)
    bench.prepare()
    speak(bench, 5, RUNS, STANDS)  # for the patient before
    speak(bench, 5, STANDS, STANDS)
    bench.do(cmd.AbandonSession(CHAIR, bench.by, "wrong_chair"))
    bench.prepare()
    speak(bench, 20, STANDS, RUNS)
    speak(bench, 1, OUT, RUNS)
    speak(bench, 30, None, RUNS)
    assert said(bench) == ""


def test_one_that_was_taken_out_and_put_back_meanwhile_is_another_one(beside: Bench):
    speak(beside, 1, OUT, RUNS)
    speak(beside, 1, None, OUT)
    speak(beside, 12, None, RUNS)
    assert said(beside) == CHOOSE


def test_what_ran_beside_the_products_pump_before_it_was_put_back_is_forgotten(beside: Bench):
    speak(beside, 1, OUT, RUNS)
    speak(beside, 2, None, STANDS)
    speak(beside, 10, RUNS, STANDS)
    speak(beside, 1, OUT, STANDS)
    speak(beside, 12, None, RUNS)
    assert said(beside) == LOOK


def test_neighbours_that_lost_their_contact_together_are_not_offered_in_each_others_place(bench: Bench):
    bench.infusing(60, 100.0)
    speak(bench, 30, RUNS, RUNS, STANDS)
    speak(bench, 20, None, None, STANDS)
    speak(bench, 15, None, RUNS, STANDS)
    assert said(bench) == LOOK
    assert bench.snapshot.next_line.startswith("Pump 1/1 is not on the link: look at the pump")


@pytest.mark.parametrize(("neighbour", "alarm"), [(STANDS, MISSING_PUMP), (None, "pump.lost")])
def test_while_the_pump_is_not_heard_its_volume_is_in_nobodys_doubt(
    bench: Bench, neighbour: PumpStatus | None, alarm: str
):
    bench.infusing(60, 100.0)
    speak(bench, 5, RUNS, neighbour)
    speak(bench, 1200, None, neighbour)
    assert [view.key for view in bench.snapshot.alarms if view.key.startswith("pump.")] == [alarm]
    assert bench.progress.delivered_by == "pump"  # what it had counted, while the timer goes on
    speak(bench, 90, RUNS, neighbour)  # it did not count meanwhile
    assert bench.alarm("pump.volume") is not None


@pytest.mark.parametrize(("speaks_s", "still_s"), [(45, 14), (30, 29)])
def test_a_volume_that_disagrees_is_told_also_where_the_contact_drops_every_minute(
    bench: Bench, speaks_s: int, still_s: int
):
    bench.infusing(60, 100.0)
    for _ in range(8):
        for _ in range(speaks_s):  # it says that it infuses, and its counter stands still
            bench.clock.advance(1)
            bench.pump(RUNS, 100.0)
            bench.tick()
        bench.wait(still_s)
    assert bench.alarm("pump.volume") is not None
