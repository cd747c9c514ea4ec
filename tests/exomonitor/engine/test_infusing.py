"""Typed sessions, and what people say of a pump that is read."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exomonitor.session import commands as cmd
from exomonitor.session.phases import DeliverySource
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench


@pytest.fixture
def typed(bench: Bench) -> Bench:
    """A session without any device, running at 100 mL/h."""
    bench.prepare(pump="", monitor="", line_ml=Decimal(18))
    bench.start("100")
    return bench


def order(bench: Bench, **more: object) -> cmd.EnterOrder:
    given = {"dose_billion": Decimal(5), "volume_ml": Decimal(100), "minutes": Decimal(45), **more}
    return cmd.EnterOrder(CHAIR, bench.by, **given)  # type: ignore[arg-type]


def value(text: str, source: str = "typed") -> cmd.ValueEntry:
    return cmd.ValueEntry(Decimal(text), source)


# --- typed sessions


def test_a_session_without_devices_is_typed_and_says_so(typed: Bench):
    typed.wait(360, step_s=60)
    told = typed.progress
    assert told.delivered_ml == pytest.approx(10.0)
    assert told.delivered_by == "estimated"
    assert typed.state.started_by is DeliverySource.TYPED
    typed.do(cmd.TypeDelivery(CHAIR, typed.by, Decimal(0), Decimal("10.4")))
    assert (typed.progress.delivered_ml, typed.progress.delivered_by) == (10.4, "typed")
    assert typed.asked() == "stopped"
    typed.do(cmd.GiveMeaning(CHAIR, typed.by, "pause", "patient_request"))
    assert typed.asked() == ""
    typed.wait(60, step_s=60)
    typed.do(cmd.GiveMeaning(CHAIR, typed.by, "resume", ""))
    typed.wait(360, step_s=60)
    assert typed.progress.delivered_ml == pytest.approx(20.4)
    assert (typed.progress.infusing_s, typed.progress.paused_s) == pytest.approx((720, 60))


def test_a_typed_pause_and_stop_end_the_typed_running(typed: Bench):
    typed.do(cmd.GiveMeaning(CHAIR, typed.by, "stop", "reaction"))
    assert [s.status for s in typed.state.stretches] == ["infusing", "stopped"]
    assert not typed.progress.running


def test_an_end_without_a_total_is_an_estimate_and_not_typed(typed: Bench):
    typed.wait(360, step_s=60)
    typed.do(cmd.EndProduct(CHAIR, typed.by, "stopped", "reaction"))
    end = typed.state.product_end
    assert end is not None
    assert end.source is DeliverySource.ESTIMATED
    assert end.delivered_ml == pytest.approx(10.0)
    assert typed.progress.delivered_by == "estimated"
    typed.wait(360, step_s=60)
    assert typed.progress.infusing_s == 360
    assert typed.progress.delivered_ml == pytest.approx(10.0)


def test_an_end_with_the_total_from_the_display_is_typed(typed: Bench):
    typed.wait(3600, step_s=300)
    typed.ended()
    assert typed.state.product_end is not None
    assert typed.state.product_end.source is DeliverySource.TYPED
    assert (typed.progress.delivered_ml, typed.progress.delivered_by) == (100.0, "typed")
    assert typed.state.flush is not None
    assert typed.state.flush.source is DeliverySource.TYPED


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (cmd.TypeDelivery(CHAIR, "", Decimal(-1)), "Rate: -1 mL/h is outside"),
        (cmd.TypeDelivery(CHAIR, "", Decimal(100_000)), "is outside"),
        (cmd.TypeDelivery(CHAIR, "", Decimal("NaN")), "not a number"),
        (cmd.TypeDelivery(CHAIR, "", Decimal(100), Decimal(-3)), "Volume infused"),
        (cmd.GiveMeaning(CHAIR, "", "explode", ""), "none of: pause, stop, resume, rate"),
        (cmd.GiveMeaning(CHAIR, "", "pause", " "), "The reason is missing"),
        (cmd.EndProduct(CHAIR, "", "perhaps"), "either complete or stopped"),
        (cmd.EndProduct(CHAIR, "", "stopped"), "The reason is missing"),
        (cmd.EndProduct(CHAIR, "", "complete", volume_infused_ml=Decimal(90_000)), "is outside"),
        (cmd.RecordFlush(CHAIR, "", True), "Type the volume of the flush"),
        (cmd.RecordFlush(CHAIR, "", True, Decimal(-2)), "Flush"),
        (cmd.RecordFlush(CHAIR, "", False), "The reason is missing"),
        (cmd.SignOff(CHAIR, "", "Nurse"), "The end of the product is not recorded"),
        (cmd.AddNote(CHAIR, "", "  "), "The note is missing"),
        (cmd.AddNote(CHAIR, "", "new text", 1, "a slip"), "Entry 1 is not a note of this session"),
        (cmd.DoReactionAction(CHAIR, "", "R7", "stop"), "There is no reaction R7"),
        (cmd.DetailReaction(CHAIR, "", "R7"), "There is no reaction R7"),
    ],
)
def test_nonsense_is_refused_in_a_sentence_and_leaves_no_trace(typed: Bench, command: cmd.Command, sentence: str):
    before = len(typed.recorder.entries)
    assert sentence in typed.refused(command)
    assert len(typed.recorder.entries) == before


def test_a_start_needs_a_possible_rate(bench: Bench):
    bench.prepare(pump="", monitor="")
    assert "Type the rate" in bench.refused(cmd.StartSession(CHAIR, bench.by))
    assert "outside" in bench.refused(cmd.StartSession(CHAIR, bench.by, Decimal(-100)))


# --- a pump that is read


def test_what_the_pump_says_is_not_typed(bench: Bench):
    bench.infusing(60)
    assert "its own rate counts" in bench.refused(cmd.TypeDelivery(CHAIR, bench.by, Decimal(50)))


@pytest.mark.parametrize(
    "command",
    [
        cmd.EndProduct(CHAIR, "", "complete"),
        cmd.RecordFlush(CHAIR, "", True, Decimal(20)),
        cmd.RecordFlush(CHAIR, "", False, text="none"),
    ],
)
def test_an_end_is_refused_while_the_pump_infuses(bench: Bench, command: cmd.Command):
    bench.infusing(60, 165.5, minutes=45)
    assert bench.refused(command) == "PUMP STILL INFUSING 165.5 mL/h: stop it at the pump first"


def test_a_silent_pump_leaves_the_end_to_the_nurse(bench: Bench):
    bench.infusing(360)
    bench.wait(40)
    bench.do(cmd.EndProduct(CHAIR, bench.by, "stopped", "reaction", Decimal("11.5")))
    end = bench.state.product_end
    assert end is not None
    assert (end.delivered_ml, end.source) == (11.5, DeliverySource.TYPED)
    seconds = bench.progress.infusing_s
    bench.wait(60)
    assert bench.progress.infusing_s == seconds


def test_a_stop_recorded_while_the_pump_runs_on_is_an_alarm(bench: Bench):
    bench.infusing(60, 100.0)
    bench.do(cmd.GiveMeaning(CHAIR, bench.by, "stop", "reaction"))
    bench.infuse(9, 100.0)
    assert bench.alarm("pump.still_runs") is None
    bench.infuse(3, 100.0)
    alarm = bench.alarm("pump.still_runs")
    assert alarm is not None
    assert alarm.text == "PUMP STILL INFUSING 100.0 mL/h - recorded as stopped"
    bench.stand(2)
    assert bench.alarm("pump.still_runs") is None


def test_a_pump_started_again_after_a_recorded_stop_is_asked_about_and_then_an_alarm(bench: Bench):
    bench.infusing(60, 100.0)
    bench.do(cmd.GiveMeaning(CHAIR, bench.by, "stop", "reaction"))
    bench.stand(30)
    bench.infuse(50, 100.0)
    assert bench.asked() == "resumed"
    assert bench.alarm("pump.still_runs") is None
    bench.infuse(15, 100.0)
    assert bench.alarm("pump.resumed") is not None
    bench.do(cmd.GiveMeaning(CHAIR, bench.by, "resume", ""))
    bench.infuse(2, 100.0)
    assert bench.alarm("pump.resumed") is None
    assert bench.asked() == ""


def test_a_flush_without_an_end_records_both(bench: Bench):
    bench.infusing(360, 100.0)
    bench.stand(10)
    bench.do(cmd.RecordFlush(CHAIR, bench.by, False, text="no saline at the chair"))
    assert bench.state.product_end is not None
    assert bench.state.product_end.outcome == "stopped"
    assert bench.state.flush is not None
    assert "already recorded" in bench.refused(cmd.RecordFlush(CHAIR, bench.by, True, Decimal(20)))
    assert "already recorded" in bench.refused(cmd.EndProduct(CHAIR, bench.by, "complete"))
