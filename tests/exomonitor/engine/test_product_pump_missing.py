"""The link speaks, and the product's pump is not among those that it tells of: said, and how it is mended."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.clinical.rates import RampStep
from exomonitor.engine.health import MISSING_PUMP
from exomonitor.session import commands as cmd
from exomonitor.signals.links import LinkChange, LinkState
from exomonitor.signals.pump import PumpStatus
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench

WORDS = "PUMP 1/1 NOT ON THE LINK - choose the product's pump"
LOOK = "PUMP 1/1 NOT ON THE LINK - look at the pump"
LINE = "Pump 1/1 is not on the link: choose the product's pump (Alt+6)"


def speak(bench: Bench, seconds: int, channel: str, status: PumpStatus = PumpStatus.STOPPED) -> None:
    for _ in range(seconds):
        bench.clock.advance(1)
        bench.pump(status, 0.0 if status is PumpStatus.STOPPED else 100.0, channel=channel)
        bench.tick()


@pytest.fixture
def moved(bench: Bench) -> Bench:
    """An infusion whose pump was bound anew, and speaks from another slot."""
    bench.infusing(360, 100.0)
    bench.do(cmd.PinDevice(CHAIR, bench.by, "pump", bench.state.devices["pump"].key, "pump"))
    bench.bind("pump")
    speak(bench, 5, "1/2")
    return bench


def test_a_pump_that_was_bound_anew_in_another_slot_and_stops_is_no_pump_that_nobody_misses(moved: Bench):
    assert moved.snapshot.pump is None
    assert moved.alarm(MISSING_PUMP) is None
    assert moved.snapshot.next_line.startswith("Set +5 ")
    speak(moved, 7, "1/2")
    alarm = moved.alarm(MISSING_PUMP)
    assert alarm is not None
    assert (alarm.priority, alarm.text) == (Priority.MEDIUM, WORDS)
    assert moved.snapshot.next_line == f"{LINE} · Set +5 due now"


def test_the_pump_that_is_chosen_ends_it_and_is_asked_about_its_stop(moved: Bench):
    speak(moved, 7, "1/2")
    pinned = moved.state.devices["pump"]
    moved.do(cmd.PinDevice(CHAIR, moved.by, "pump", pinned.key, "pump", "1/2"))
    speak(moved, 2, "1/2")
    assert moved.alarm(MISSING_PUMP) is None
    assert moved.snapshot.next_line == "Pump stopped: say why (F9)"
    assert not moved.progress.running


def test_the_pump_that_is_put_back_ends_it_too(moved: Bench):
    speak(moved, 7, "1/2")
    speak(moved, 2, "1/1", PumpStatus.INFUSING)
    assert moved.alarm(MISSING_PUMP) is None
    assert moved.snapshot.next_line.startswith("Set +5 ")


def test_a_reaction_comes_before_it_in_the_line_and_a_lost_link_in_place_of_it(moved: Bench):
    speak(moved, 7, "1/2")
    moved.do(cmd.OpenReaction(CHAIR, moved.by))
    assert moved.snapshot.next_line == "Reaction open: look at the patient, then BP"
    moved.wait(40)
    assert moved.alarm(MISSING_PUMP) is None
    assert moved.alarm("pump.lost") is not None


def test_it_is_said_before_the_start_as_well_and_not_where_the_rate_is_typed(bench: Bench):
    bench.bind("pump", "monitor")
    bench.prepare()
    speak(bench, 12, "1/2", PumpStatus.INFUSING)
    assert bench.alarm(MISSING_PUMP) is not None
    assert bench.snapshot.next_line == LINE
    bench.do(cmd.PinDevice(CHAIR, bench.by, "pump", "", ""))
    speak(bench, 2, "1/2")
    assert bench.alarm(MISSING_PUMP) is None


def test_a_pump_that_was_pinned_without_a_channel_is_not_missed(bench: Bench):
    bench.bind("pump", "monitor")
    bench.prepare()
    bench.do(cmd.PinDevice(CHAIR, bench.by, "pump", "new-era", "pump"))
    speak(bench, 12, "1/2")
    assert bench.alarm(MISSING_PUMP) is None


def test_a_pump_that_falls_silent_beside_a_neighbour_that_speaks_is_missed_and_shows_nothing_old(bench: Bench):
    bench.infusing(360, 100.0)
    speak(bench, 9, "1/2")
    assert bench.snapshot.pump is not None
    speak(bench, 13, "1/2")
    assert bench.snapshot.pump is None
    assert [(one.reading.channel, one.stale) for one in bench.snapshot.other_pumps] == [("1/1", True), ("1/2", False)]
    alarm = bench.alarm(MISSING_PUMP)
    assert alarm is not None
    assert alarm.text == WORDS
    speak(bench, 2, "1/1", PumpStatus.INFUSING)
    assert bench.alarm(MISSING_PUMP) is None


def test_a_pump_that_was_taken_out_has_said_its_last_word_and_keeps_it(bench: Bench):
    bench.infusing(360, 100.0)
    speak(bench, 1, "1/1", PumpStatus.REMOVED)
    speak(bench, 30, "1/2")
    assert bench.snapshot.pump is not None
    assert bench.snapshot.pump.reading.status is PumpStatus.REMOVED


def test_after_a_silence_of_the_link_no_pump_is_missed_that_speaks_again(bench: Bench):
    bench.infusing(360, 100.0)
    speak(bench, 1, "1/2", PumpStatus.INFUSING)
    bench.wait(60)
    for channel in ("1/2", "1/1"):
        bench.pump(PumpStatus.INFUSING, 100.0, channel=channel)
        bench.tick()
        assert bench.snapshot.pump is not None
    speak(bench, 12, "1/1", PumpStatus.INFUSING)
    assert bench.alarm(MISSING_PUMP) is None


def test_a_pump_that_only_lost_its_contact_is_to_be_looked_at_and_no_neighbour_to_be_chosen(bench: Bench):
    bench.infusing(360, 100.0)
    for _ in range(20):
        bench.clock.advance(0.5)
        bench.pump(PumpStatus.STOPPED, 0.0, channel="1/2")
        bench.clock.advance(0.5)
        bench.pump(PumpStatus.INFUSING, 100.0)
        bench.tick()
    speak(bench, 22, "1/2")
    alarm = bench.alarm(MISSING_PUMP)
    assert alarm is not None
    assert alarm.text == LOOK
    assert bench.snapshot.next_line.startswith("Pump 1/1 is not on the link: look at the pump · Set +5 ")
    speak(bench, 2, "2/1", PumpStatus.INFUSING)  # it stands in another slot now
    alarm = bench.alarm(MISSING_PUMP)
    assert alarm is not None
    assert alarm.text == WORDS


@pytest.mark.parametrize("gone_first", [True, False], ids=["taken out, then told of", "told of, then taken out"])
def test_a_pump_that_is_told_to_be_taken_out_and_infuses_in_another_slot_is_missed(bench: Bench, gone_first: bool):
    bench.infusing(360, 100.0)
    order = [(PumpStatus.REMOVED, "1/1"), (PumpStatus.INFUSING, "1/2")]
    for status, channel in order if gone_first else reversed(order):
        speak(bench, 1, channel, status)
    bench.do(cmd.GiveMeaning(CHAIR, bench.by, "pause", "moved to another slot"))
    assert bench.asked() == ""
    speak(bench, 12, "1/2", PumpStatus.INFUSING)
    alarm = bench.alarm(MISSING_PUMP)
    assert alarm is not None
    assert (alarm.priority, alarm.text) == (Priority.MEDIUM, WORDS)
    assert bench.snapshot.next_line.startswith(LINE)
    pinned = bench.state.devices["pump"]
    bench.do(cmd.PinDevice(CHAIR, bench.by, "pump", pinned.key, "pump", "1/2"))
    speak(bench, 2, "1/2", PumpStatus.INFUSING)
    assert bench.alarm(MISSING_PUMP) is None
    assert bench.progress.running


def test_a_neighbour_that_infused_beside_a_pump_that_is_taken_out_and_goes_on_is_no_alarm(bench: Bench):
    bench.infusing(360, 100.0)
    speak(bench, 2, "1/2", PumpStatus.INFUSING)
    speak(bench, 1, "1/1", PumpStatus.INFUSING)
    speak(bench, 1, "1/1", PumpStatus.REMOVED)
    speak(bench, 60, "1/2", PumpStatus.INFUSING)
    assert bench.alarm(MISSING_PUMP) is None
    assert bench.asked() == "stopped"


def test_the_product_goes_on_through_a_neighbour_that_stood_beside_it(bench: Bench):
    bench.infusing(360, 100.0)
    speak(bench, 2, "1/2")
    speak(bench, 1, "1/1", PumpStatus.INFUSING)
    speak(bench, 1, "1/1", PumpStatus.REMOVED)
    speak(bench, 12, "1/2", PumpStatus.INFUSING)
    alarm = bench.alarm(MISSING_PUMP)
    assert alarm is not None
    assert alarm.text == LOOK


def test_after_the_products_end_nobody_misses_its_pump(bench: Bench):
    bench.infusing(360, 100.0)
    speak(bench, 1, "1/1")
    bench.do(cmd.EndProduct(CHAIR, bench.by, "stopped", "order"))
    speak(bench, 30, "1/2", PumpStatus.INFUSING)
    assert bench.alarm(MISSING_PUMP) is None
    assert bench.snapshot.next_line == "Flush the line, then record it (F9)"


def test_what_cannot_wait_stands_beside_it_in_the_line_and_what_has_time_does_not(bench: Bench):
    bench.infusing(360, 100.0)
    bench.do(bench.set_of("+5"))
    speak(bench, 1, "1/1", PumpStatus.REMOVED)
    speak(bench, 12, "1/2", PumpStatus.INFUSING)
    assert bench.snapshot.next_line == f"{LINE} · Pump stopped: say why (F9)"
    bench.do(cmd.GiveMeaning(CHAIR, bench.by, "pause", "moved to another slot"))
    speak(bench, 1, "1/2", PumpStatus.INFUSING)
    assert bench.snapshot.next_line == LINE


def test_another_monitor_on_the_cable_hides_neither_a_stopped_pump_nor_a_set_that_is_due(bench: Bench):
    bench.infusing(360, 100.0)
    bench.hear(LinkChange("monitor", LinkState.WRONG_DEVICE, "another number", bench.now, "M", "2"))
    bench.infuse(5, 100.0)
    changed = "Monitor changed: confirm patient and monitor (Alt+6)"
    assert bench.snapshot.next_line.startswith(f"{changed} · Set +5 due now")
    bench.stand(3)
    assert bench.snapshot.next_line == f"{changed} · Pump stopped: say why (F9)"


def test_it_hides_no_step_of_the_ramp(bench: Bench):
    ramp = (RampStep(Decimal("0.25"), Decimal(5)), RampStep(Decimal("0.5"), Decimal(10)))
    bench.infusing(230, 41.4, minutes=45, ramp=ramp)
    bench.do(bench.set_of("+5"))
    bench.infuse(80, 41.4, step_s=5)
    bench.hear(LinkChange("monitor", LinkState.WRONG_DEVICE, "another number", bench.now, "M", "2"))
    changed = "Monitor changed: confirm patient and monitor (Alt+6)"
    assert bench.snapshot.next_line == f"{changed} · Ramp 2 of 3: set 82.8 mL/h at the pump"
