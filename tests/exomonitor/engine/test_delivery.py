"""What the pump does becomes the record's facts by itself: start, running, rates, resets, end of product, flush."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.phases import DeliverySource, Fluid, Phase
from exomonitor.signals.pump import PumpStatus
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench


def ready(bench: Bench) -> Bench:
    """Prepared, the pump read and standing."""
    bench.bind("pump", "monitor")
    bench.pump(PumpStatus.STOPPED, 0.0)
    bench.prepare()
    return bench


# --- the start


def test_the_record_starts_by_itself_after_thirty_seconds_of_infusing_and_counts_from_the_beginning(bench: Bench):
    ready(bench)
    bench.counter = 12.0
    bench.infuse(31, 100.0)
    assert bench.state.started is None
    bench.infuse(1, 100.0)
    assert bench.state.phase is Phase.INFUSE
    assert bench.state.started_by is DeliverySource.PUMP
    assert bench.progress.infusing_s == pytest.approx(31)
    assert bench.progress.delivered_ml == pytest.approx(31 * 100 / 3600, abs=0.002)


def test_a_record_that_starts_by_itself_lists_the_open_gates(bench: Bench):
    bench.bind("pump")
    bench.pump(PumpStatus.STOPPED, 0.0)
    bench.do(cmd.OpenSession(CHAIR, ""))
    bench.do(cmd.PinDevice(CHAIR, "", "pump", "bbraun-space", "pump"))
    bench.infuse(32, 100.0)
    assert bench.state.phase is Phase.INFUSE
    assert bench.state.gates_open_at_start == (
        "patient", "product", "order", "consent", "today", "line", "devices", "readiness", "double_check", "baseline",
        "time_out",
    )  # fmt: skip


@pytest.mark.parametrize("status", [PumpStatus.PURGING, PumpStatus.BOLUS, PumpStatus.KVO, PumpStatus.WITHDRAWING])
def test_priming_purging_a_bolus_and_kvo_start_no_record(bench: Bench, status: PumpStatus):
    ready(bench)
    for _ in range(60):
        bench.clock.advance(1)
        bench.pump(status, 100.0)
    assert bench.state.phase is Phase.PREPARE


def test_an_interruption_begins_the_thirty_seconds_anew(bench: Bench):
    ready(bench)
    bench.infuse(25, 100.0)
    bench.stand(2)
    bench.infuse(25, 100.0)
    assert bench.state.phase is Phase.PREPARE


def test_a_pump_that_nobody_pinned_starts_no_record(bench: Bench):
    bench.bind("pump")
    bench.do(cmd.OpenSession(CHAIR, ""))
    bench.infuse(60, 100.0)
    assert bench.state.phase is Phase.PREPARE


def test_a_pump_that_still_runs_for_the_last_patient_counts_for_the_next_from_the_change_on(bench: Bench):
    ready(bench)
    bench.infuse(20, 100.0)
    bench.do(cmd.AbandonSession(CHAIR, bench.by, "wrong chair"))
    bench.infuse(5, 100.0)
    bench.prepare()
    bench.infuse(40, 100.0)
    assert bench.state.started is not None
    assert bench.state.started.since(bench.state.opened) > -6


def test_the_start_key_before_the_pump_runs_begins_a_standing_session(bench: Bench):
    ready(bench)
    bench.start()
    assert (bench.state.phase, bench.progress.infusing_s, bench.progress.delivered_ml) == (Phase.INFUSE, 0.0, 0.0)
    bench.stand(9)
    bench.infuse(60, 100.0)
    assert bench.progress.infusing_s == pytest.approx(59, abs=1)  # the first report of the run begins it
    assert bench.progress.elapsed_s == pytest.approx(69)
    assert bench.state.started_by is DeliverySource.TYPED


def test_the_start_key_after_the_pump_ran_begins_where_the_pump_began(bench: Bench):
    ready(bench)
    bench.counter = 7.0
    bench.infuse(20, 120.0)
    bench.start()
    assert bench.progress.elapsed_s == pytest.approx(19)
    assert bench.progress.delivered_ml == pytest.approx(19 * 120 / 3600, abs=0.002)


def test_a_pump_that_measures_no_rate_runs_at_the_rate_that_is_set(bench: Bench):
    ready(bench)
    for _ in range(40):
        bench.clock.advance(1)
        bench.pump(PumpStatus.INFUSING, None, rate_set_ml_h=90.0)
    assert [s.rate_ml_h for s in bench.state.stretches] == [90.0]


# --- running


def test_a_rate_change_and_a_stop_become_events_once_each(bench: Bench):
    bench.infusing(60, 100.0)
    before = len(bench.events(ev.DeliveryChanged))
    bench.infuse(30, 150.0)
    bench.stand(30)
    bench.infuse(30, 150.0)
    changes = bench.events(ev.DeliveryChanged)[before:]
    assert [(c.rate_ml_h, c.status) for c in changes] == [(150.0, "infusing"), (0.0, "stopped"), (150.0, "infusing")]
    assert bench.progress.paused_s == pytest.approx(30)
    assert bench.replayed() == bench.engine.chair(CHAIR).state


def test_a_jitter_of_the_rate_below_the_pump_step_is_no_event(bench: Bench):
    bench.infusing(10, 100.0)
    before = len(bench.events(ev.DeliveryChanged))
    bench.infuse(5, 100.02)
    assert len(bench.events(ev.DeliveryChanged)) == before


def test_a_counter_reset_in_mid_infusion_loses_nothing(bench: Bench):
    bench.infusing(600, 100.0)
    given = bench.given
    assert given == pytest.approx(600 * 100 / 3600, abs=0.01)
    bench.counter = 0.0
    bench.infuse(300, 100.0)
    assert bench.progress.delivered_ml == pytest.approx(given + 300 * 100 / 3600, abs=0.01)
    assert bench.progress.delivered_by == "pump"


def test_a_counter_reset_while_the_record_could_not_answer_loses_nothing(bench: Bench):
    bench.infusing(600, 100.0)
    bench.recorder.holds = True
    bench.infuse(5, 120.0)
    bench.counter = 0.0
    bench.infuse(60, 120.0)
    bench.recorder.holds = False
    bench.recorder.release()
    bench.settle()
    bench.infuse(5, 120.0)
    assert bench.progress.delivered_ml == pytest.approx((600 * 100 + 70 * 120) / 3600, abs=0.05)


def test_a_counter_reset_while_the_pump_stands_adds_nothing(bench: Bench):
    bench.infusing(360, 100.0)
    bench.stand(10)
    given = bench.given
    bench.counter = 0.0
    bench.stand(10)
    bench.infuse(36, 100.0)
    assert bench.progress.delivered_ml == pytest.approx(given + 1.0, abs=0.03)


def test_only_the_pinned_channel_counts(bench: Bench):
    bench.infusing(60, 100.0)
    given, events = bench.progress.delivered_ml, len(bench.recorder.entries)
    bench.pump(PumpStatus.INFUSING, 500.0, channel="1/2", volume_infused_ml=400.0)
    assert bench.progress.delivered_ml == given
    assert len(bench.recorder.entries) == events
    assert [p.reading.channel for p in bench.snapshot.other_pumps] == ["1/2"]


def test_of_two_channels_behind_one_link_none_is_taken_for_the_product_without_a_pin(bench: Bench):
    bench.bind("pump")
    bench.do(cmd.OpenSession(CHAIR, ""))
    bench.do(cmd.PinDevice(CHAIR, "", "pump", "bbraun-space", "pump"))
    for _ in range(60):
        bench.clock.advance(1)
        bench.pump(PumpStatus.INFUSING, 100.0, channel="1/1")
        bench.pump(PumpStatus.INFUSING, 100.0, channel="1/2")
    assert bench.state.phase is Phase.PREPARE
    assert bench.snapshot.pump is None


def test_of_two_pumps_on_the_link_of_which_nobody_chose_one_the_next_line_asks_until_it_is_said(bench: Bench):
    asks = "Several pumps are on the link: choose the product's pump (Alt+6)"
    ready(bench)
    bench.do(cmd.PinDevice(CHAIR, bench.by, "pump", "bbraun-space", "pump"))
    for channel in ("1/1", "1/2"):
        bench.pump(PumpStatus.STOPPED, 0.0, channel=channel)
    assert not bench.snapshot.next_line.startswith(asks)  # the preparation asks by itself
    bench.start()
    for channel in ("1/1", "1/2"):
        bench.pump(PumpStatus.STOPPED, 0.0, channel=channel)
    assert bench.snapshot.next_line.startswith(asks)
    bench.do(cmd.PinDevice(CHAIR, bench.by, "pump", "bbraun-space", "pump", "1/2"))
    bench.pump(PumpStatus.STOPPED, 0.0, channel="1/2")
    assert not bench.snapshot.next_line.startswith(asks)


def test_pinning_while_one_channel_speaks_holds_that_channel(bench: Bench):
    bench.bind("pump")
    bench.pump(PumpStatus.STOPPED, 0.0)
    bench.do(cmd.OpenSession(CHAIR, ""))
    bench.do(cmd.PinDevice(CHAIR, "", "pump", "bbraun-space", "pump"))
    assert bench.state.devices["pump"].channel == "1/1"


def test_a_pump_that_is_taken_away_stands(bench: Bench):
    bench.infusing(60, 100.0)
    bench.stand(5, PumpStatus.REMOVED)
    assert not bench.progress.running
    assert bench.asked() == "stopped"


def test_the_only_pump_taken_away_stands_also_when_no_channel_was_pinned(bench: Bench):
    bench.bind("pump", "monitor")
    bench.prepare()  # pins a channel that is silent
    bench.do(cmd.PinDevice(CHAIR, bench.by, "pump", "new-era", "pump", ""))
    bench.infuse(40, 100.0)
    assert bench.progress.running
    bench.stand(2, PumpStatus.REMOVED)
    assert not bench.progress.running


def test_a_bolus_in_mid_infusion_is_product(bench: Bench):
    bench.infusing(60, 100.0)
    for _ in range(36):
        bench.clock.advance(1)
        bench.counter += 1000 / 3600
        bench.pump(PumpStatus.BOLUS, 1000.0)
    assert bench.progress.delivered_ml == pytest.approx(60 * 100 / 3600 + 10, abs=0.3)


def test_a_status_that_says_nothing_changes_nothing(bench: Bench):
    bench.infusing(60, 100.0)
    before = len(bench.recorder.entries)
    bench.pump(PumpStatus.UNKNOWN, None)
    assert len(bench.recorder.entries) == before
    assert bench.progress.running


def test_another_pump_in_mid_session_counts_from_where_it_stands(bench: Bench):
    bench.infusing(360, 100.0)
    given = bench.given
    bench.stand(2)
    bench.do(cmd.PinDevice(CHAIR, bench.by, "pump", "bbraun-space", "pump", "1/2"))
    bench.counter = 80.0
    for _ in range(37):
        bench.clock.advance(1)
        bench.counter += 100 / 3600
        bench.pump(PumpStatus.INFUSING, 100.0, channel="1/2")
    assert bench.progress.delivered_ml == pytest.approx(given + 1.0, abs=0.05)


def test_a_pump_that_is_bound_anew_in_mid_session_keeps_its_channel_and_its_neighbour_is_not_taken_for_it(bench: Bench):
    bench.infusing(360, 100.0)
    given = bench.given
    bench.do(cmd.PinDevice(CHAIR, bench.by, "pump", bench.state.devices["pump"].key, "pump"))
    bench.bind("pump")
    bench.clock.advance(1)
    bench.pump(PumpStatus.INFUSING, 900.0, channel="1/2")
    assert bench.snapshot.pump is None
    assert bench.state.devices["pump"].channel == "1/1"
    bench.infuse(36, 100.0)
    assert bench.progress.delivered_ml == pytest.approx(given + 1.0, abs=0.1)
    bench.do(cmd.PinDevice(CHAIR, bench.by, "pump", "new-era", "pump"))
    assert bench.state.devices["pump"].channel == ""


def test_a_pump_first_heard_after_the_start_does_not_bring_another_patients_volume(bench: Bench):
    bench.bind("pump", "monitor")
    bench.prepare()
    bench.start()
    bench.counter = 37.0
    bench.stand(3)
    assert bench.progress.delivered_ml == 0.0
    bench.infuse(37, 100.0)
    assert bench.progress.delivered_ml == pytest.approx(1.0, abs=0.05)


def test_a_typed_rate_during_a_silence_is_bridged_by_the_counter(bench: Bench):
    bench.infusing(360, 100.0)
    bench.wait(60)
    bench.do(cmd.TypeDelivery(CHAIR, bench.by, Decimal(100)))
    assert bench.progress.delivered_by == "estimated"
    bench.wait(300)
    bench.counter += 9.0
    bench.infuse(1, 100.0)
    assert bench.progress.delivered_by == "pump"
    assert bench.progress.delivered_ml == pytest.approx(10 + 9.0, abs=0.05)


# --- the end


@pytest.mark.parametrize(
    "inferred", [frozenset[str](), frozenset({"status"})]
)  # B. Braun says it, New Era's is inferred
def test_complete_at_the_ordered_volume_ends_the_product_by_itself(bench: Bench, inferred: frozenset[str]):
    bench.infusing(3601, 100.0)
    bench.clock.advance(1)
    bench.pump(PumpStatus.COMPLETE, 0.0, inferred=inferred)
    end = bench.state.product_end
    assert end is not None
    assert (end.outcome, end.source) == ("complete", DeliverySource.PUMP)
    assert end.delivered_ml == pytest.approx(100.0, abs=0.1)
    assert bench.asked() == "ended"


def test_kvo_after_the_whole_volume_ends_the_product_and_counts_no_further(bench: Bench):
    bench.infusing(3601, 100.0)
    for _ in range(120):
        bench.clock.advance(1)
        bench.counter += 3 / 3600
        bench.pump(PumpStatus.KVO, 3.0)
        bench.tick()
    assert bench.state.product_end is not None
    assert bench.progress.delivered_ml == bench.state.product_end.delivered_ml
    assert bench.progress.infusing_s == pytest.approx(3597, abs=1)
    assert bench.state.stretches[-1].fluid is Fluid.KVO
    assert bench.alarm("pump.rate") is None


def test_complete_before_the_ordered_volume_ends_nothing_and_asks(bench: Bench):
    bench.infusing(600, 100.0)
    bench.clock.advance(1)
    bench.pump(PumpStatus.COMPLETE, 0.0)
    assert bench.state.product_end is None
    assert bench.asked() == "stopped"


def test_kvo_before_the_ordered_volume_is_no_product(bench: Bench):
    bench.infusing(600, 100.0)
    given = bench.given
    for _ in range(60):
        bench.clock.advance(1)
        bench.counter += 0.01
        bench.pump(PumpStatus.KVO, 36.0)
    assert bench.progress.delivered_ml == pytest.approx(given, abs=0.02)
    bench.infuse(36, 100.0)
    assert bench.progress.delivered_ml == pytest.approx(given + 1.0, abs=0.05)


def test_a_flush_on_the_same_pump_is_no_product_and_has_its_own_volume(bench: Bench):
    bench.infusing(3601, 100.0)
    bench.clock.advance(1)
    bench.pump(PumpStatus.COMPLETE, 0.0)
    given = bench.given
    bench.stand(30, PumpStatus.COMPLETE)
    bench.infuse(360, 100.0)
    bench.stand(5)
    assert bench.progress.delivered_ml == given
    bench.do(cmd.RecordFlush(CHAIR, bench.by, True))
    flush = bench.state.flush
    assert flush is not None
    assert (flush.source, flush.rate_ml_h) == (DeliverySource.PUMP, 100.0)
    assert flush.volume_ml == pytest.approx(10.0, abs=0.05)
    assert bench.state.phase is Phase.OBSERVE


def test_a_flush_after_a_counter_reset_counts_from_zero(bench: Bench):
    bench.infusing(3601, 100.0)
    bench.clock.advance(1)
    bench.pump(PumpStatus.COMPLETE, 0.0)
    bench.stand(2)
    bench.counter = 0.0
    bench.infuse(360, 100.0)
    bench.stand(2)
    bench.do(cmd.RecordFlush(CHAIR, bench.by, True))
    assert bench.state.flush is not None
    assert bench.state.flush.volume_ml == pytest.approx(10.0, abs=0.1)


def test_a_purge_in_mid_infusion_does_not_make_a_flush_of_the_product(bench: Bench):
    bench.infusing(600, 100.0)
    bench.clock.advance(1)
    bench.pump(PumpStatus.PURGING, 500.0)
    bench.infuse(3000, 100.0, step_s=5)
    bench.stand(1)
    bench.do(cmd.EndProduct(CHAIR, bench.by, "complete"))
    bench.stand(2)
    bench.infuse(36, 100.0)
    bench.stand(2)
    bench.do(cmd.RecordFlush(CHAIR, bench.by, True))
    assert bench.state.flush is not None
    assert bench.state.flush.volume_ml == pytest.approx(1.0, abs=0.05)
