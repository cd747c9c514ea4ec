"""A pump that is silent may have gone on: what the record holds of it is an estimate, and no more than hung."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from exomonitor.errors import CommandRefused
from exomonitor.session import commands as cmd
from exomonitor.session.contents import bag_ml
from exomonitor.session.events import DeliveryChanged
from exomonitor.session.narrative import sentence
from exomonitor.session.parts.device_check import ConfirmDevice
from exomonitor.session.state import Signature
from exomonitor.session.verdict import ESTIMATED, shortcomings
from exomonitor.signals.links import LinkChange, LinkState
from exomonitor.signals.pump import PumpStatus
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench
from tests.exomonitor.engine.test_a_count_that_does_not_fit import GIVEN, begun, told

STANDS = pytest.mark.parametrize("serial", ["DEMO-1", ""])


def silent(seconds: float, serial: str = "DEMO-1") -> Bench:
    bench = begun(Bench(), serial, 10)
    bench.wait(seconds)
    return bench


def confirmed(bench: Bench) -> Bench:
    """Another pump in its place, which counts from 0."""
    bench.hear(LinkChange("pump", LinkState.WRONG_DEVICE, "other", bench.now, model="made up", serial="DEMO-2"))
    bench.do(ConfirmDevice(CHAIR, bench.by, "pump", "DEMO-2", "DEMO-1", "made up", read=True, looked=True))
    bench.hear(LinkChange("pump", LinkState.TALKING, "", bench.now, model="made up", serial="DEMO-2"))
    bench.counter = 0.0
    return bench


@pytest.mark.parametrize(("seconds", "given"), [(300, GIVEN + 300 * 100 / 3600), (4 * 3600, 100.0)])
def test_the_end_of_a_silent_pump_holds_what_its_counter_said_and_rate_times_time_and_no_more_than_hung(seconds, given):
    bench = silent(seconds)
    assert bench.given == pytest.approx(GIVEN, abs=0.001)
    assert bench.progress.by_now_ml == pytest.approx(given, abs=0.05)
    assert (bench.progress.delivered_by, bench.progress.by_now_by) == ("pump", "estimated")
    bench.do(cmd.EndProduct(CHAIR, bench.by, "complete"))
    end = bench.state.product_end
    assert end is not None
    assert end.delivered_ml == pytest.approx(given, abs=0.05)
    assert end.source.value == "estimated"
    assert bench.progress.delivered_by == "estimated"
    assert ESTIMATED in shortcomings(bench.state, bench.progress, ())


def test_a_reaction_beside_a_silent_pump_is_stamped_with_no_more_than_hung():
    bench = silent(4 * 3600)
    bench.do(cmd.OpenReaction(CHAIR, bench.by))
    assert bench.state.reactions[-1].delivered_ml == pytest.approx(100.0)


def test_a_pump_that_has_not_spoken_since_the_start_of_the_program_has_given_no_more_than_hung():
    again = begun(Bench(), "DEMO-1", 10).after_restart(10 * 3600)
    again.bind("pump", "monitor")
    assert again.given == pytest.approx(100.0)
    assert again.progress.delivered_by == "estimated"


def test_what_a_pump_gave_unheard_before_another_took_its_place_stays_an_estimate_and_ends_nothing():
    bench = confirmed(silent(1800))
    given = GIVEN + 1800 * 100 / 3600
    bench.infuse(30, 100.0, serial="DEMO-2")
    assert bench.given == pytest.approx(given + 30 * 100 / 3600, abs=0.1)
    assert bench.progress.delivered_by == "estimated"
    bench.infuse(570, 100.0, step_s=10, serial="DEMO-2")
    alarm = bench.alarm("pump.volume")
    assert alarm is not None
    assert alarm.text == "DOSE IS ESTIMATED - compare with the pump"
    told(bench, 2, PumpStatus.COMPLETE, serial="DEMO-2")
    assert bench.state.product_end is None
    tale = [sentence(event) for event in bench.events(DeliveryChanged)]
    by_rate = tale.index("84.2 mL given by rate and time (estimated)")
    assert tale[by_rate + 1].startswith("Another pump is read from here on")


def test_another_pump_within_a_minute_takes_the_dose_on_as_the_pumps_word():
    bench = confirmed(silent(60))
    bench.infuse(30, 100.0, serial="DEMO-2")
    assert bench.progress.delivered_by == "pump"
    assert bench.given == pytest.approx(GIVEN + 90 * 100 / 3600, abs=0.1)


@STANDS
@pytest.mark.parametrize(
    ("seconds", "counter", "status"), [(5400, 120.0, PumpStatus.COMPLETE), (61, 450.0, PumpStatus.COMPLETE)]
)
def test_a_counter_that_moved_by_more_than_hung_or_faster_than_any_pump_ends_nothing(serial, seconds, counter, status):
    bench = silent(seconds, serial)
    bench.counter = counter
    told(bench, 2, status, serial=serial)
    assert bench.state.product_end is None
    assert bench.progress.delivered_by == "estimated"
    assert bench.given <= 100.0


@STANDS
def test_one_damaged_digit_ends_nothing_and_brings_no_dose(serial):
    bench = begun(Bench(), serial, 10)
    right = bench.counter
    bench.counter = right + 60
    told(bench, 1, PumpStatus.INFUSING, 100.0, serial=serial)
    bench.counter = right
    bench.infuse(60, 100.0, serial=serial)
    assert bench.given == pytest.approx(GIVEN + 60 * 100 / 3600, abs=0.2)
    assert bench.state.product_end is None


def test_a_bolus_of_the_fastest_pump_is_its_own_word():
    bench = begun(Bench(), "", 10)
    for _ in range(30):
        bench.clock.advance(2)
        bench.counter += 1200 * 2 / 3600
        bench.pump(PumpStatus.BOLUS, 100.0)
        bench.tick()
    assert bench.progress.delivered_by == "pump"
    assert bench.given == pytest.approx(GIVEN + 20, abs=0.01)


def test_more_than_hung_is_typed_with_words_alone():
    bench = silent(4 * 3600)
    with pytest.raises(CommandRefused, match=r"625.0 mL is more than the 100.0 mL that hung: say why in words"):
        bench.do(cmd.EndProduct(CHAIR, bench.by, "complete", "", Decimal(625)))
    assert bench.state.product_end is None
    bench.do(cmd.EndProduct(CHAIR, bench.by, "complete", "", Decimal(112), "a second bag hung"))
    assert bench.state.product_end is not None
    assert bench.state.product_end.delivered_ml == 112


def test_the_same_pump_is_believed_also_where_the_clock_went_back_over_a_restart():
    again = begun(Bench(), "DEMO-1", 10).after_restart(-600)
    again.bind("pump", "monitor")
    told(again, 2, PumpStatus.INFUSING, 100.0, serial="DEMO-1")
    assert again.progress.delivered_by == "pump"
    assert again.given == pytest.approx(GIVEN, abs=0.1)


def chosen(bench: Bench, serial: str = "DEMO-1", channel: str = "1/9") -> None:
    bench.do(cmd.PinDevice(CHAIR, bench.by, "pump", "bbraun-space", "pump", channel, "made up", serial))


def test_a_choice_that_is_taken_back_within_seconds_makes_no_estimate():
    bench = begun(Bench(), "DEMO-1", 10)
    slot = bench.state.devices["pump"].channel
    for channel in ("1/9", slot):
        chosen(bench, channel=channel)
        bench.wait(5)
    bench.infuse(30, 100.0, serial="DEMO-1")
    assert bench.progress.delivered_by == "pump"
    assert bench.given == pytest.approx(GIVEN + 40 * 100 / 3600, abs=0.2)


def test_a_long_silence_is_an_estimate_whatever_number_the_chosen_pump_has():
    """The number may have come with the choice and not from the pump."""
    bench = silent(1800)
    chosen(bench)
    assert bench.progress.delivered_by == "estimated"
    bench.do(cmd.EndProduct(CHAIR, bench.by, "complete"))
    assert bench.state.product_end is not None
    assert bench.state.product_end.source.value == "estimated"


def test_a_pump_that_is_chosen_away_and_back_after_hours_ends_nothing_by_itself():
    bench = silent(4 * 3600)
    slot = bench.state.devices["pump"].channel
    for channel in ("1/9", slot):
        chosen(bench, channel=channel)
    told(bench, 3, PumpStatus.COMPLETE, serial="DEMO-1")
    assert bench.state.product_end is None
    assert bench.progress.delivered_by == "estimated"


def test_pumps_that_are_chosen_one_after_the_other_and_never_tell_make_an_estimate_together():
    bench = begun(Bench(), "DEMO-1", 10)
    for number in range(2, 6):
        bench.wait(150)
        chosen(bench, f"DEMO-{number}")
    bench.counter = 0.0
    bench.infuse(30, 100.0, serial="DEMO-5", channel="1/9")
    assert bench.progress.delivered_by == "estimated"


def test_what_a_full_bag_gave_beyond_its_label_is_an_estimate_as_soon_as_nobody_hears_it():
    bench = begun(Bench(), "DEMO-1", 10)
    bench.infuse(2520, 100.0, step_s=10, serial="DEMO-1")
    told(bench, 2, PumpStatus.PAUSED, serial="DEMO-1")
    bench.infuse(2, 100.0, serial="DEMO-1")
    again = bench.after_restart(600)
    again.bind("pump", "monitor")
    assert again.given == pytest.approx(104.2, abs=0.1)
    assert again.progress.delivered_by == "estimated"


def test_a_verdict_that_was_signed_says_the_same_for_ever():
    bench = silent(4 * 3600)
    bench.do(cmd.EndProduct(CHAIR, bench.by, "complete"))
    signed = Signature(bench.by, "responsible nurse", bench.now, "", "Complete")
    assert ESTIMATED in shortcomings(bench.state, bench.progress, ())
    assert ESTIMATED not in shortcomings(replace(bench.state, signature=signed), bench.progress, ())
    said = replace(signed, verdict=f"Incomplete: {ESTIMATED}")
    assert ESTIMATED in shortcomings(replace(bench.state, signature=said), bench.progress, ())


def test_a_session_that_moves_to_the_lounge_or_is_typed_from_then_on_keeps_that_its_dose_is_estimated():
    bench = silent(4 * 3600)
    bench.do(cmd.EndProduct(CHAIR, bench.by, "complete"))
    assert ESTIMATED in shortcomings(replace(bench.state, devices={}), bench.progress, ())


def test_what_hung_counts_where_less_is_ordered_after_the_start():
    bench = begun(Bench(), "DEMO-1", 10)
    bench.order(volume_ml=Decimal(40), reason="prescriber lowered it")
    assert bag_ml(bench.state) == 100
    bench.wait(60)
    bench.counter += 10
    told(bench, 2, PumpStatus.INFUSING, 100.0, serial="DEMO-1")
    assert bench.progress.delivered_by == "pump"
    assert bench.given == pytest.approx(GIVEN + 10, abs=0.1)
