"""F8 and F9 within seconds of each other before product has run: a first start is no restart; one in an open reaction
alarms all the same."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.narrative import sentence
from exomonitor.session.parts import leaving_events as lv
from exomonitor.session.phases import Phase
from exomonitor.session.restarts import awaiting_order, unordered_restart
from exomonitor.session.review import review_missing
from exomonitor.signals.pump import PumpStatus
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, PRESCRIBER, Bench

TERM = "Infusion related reaction"


@pytest.fixture
def ready() -> Bench:
    """Everything is prepared; the pump stands."""
    bench = Bench()
    bench.bind("pump", "monitor")
    bench.prepare()
    bench.stand(3)
    return bench


def told(bench: Bench) -> str:
    view = bench.alarm("restart.unordered")
    return view.text if view is not None else ""


def over(bench: Bench, outcome: str = "resolved", **more: object) -> None:
    said = {"outcome": outcome, "resolved": True, **more}
    bench.do(cmd.DetailReaction(CHAIR, bench.by, "R1", (), TERM, 1, **said))  # type: ignore[arg-type]


def test_f8_two_seconds_after_f9_makes_the_first_start_no_restart(ready: Bench) -> None:
    ready.do(cmd.StartSession(CHAIR, ready.by))
    ready.stand(2)
    ready.do(cmd.OpenReaction(CHAIR, ""))
    ready.infuse(20, 100.0)
    assert told(ready) == ""
    assert unordered_restart(ready.state) is None


def test_f9_refused_in_the_reaction_and_a_pump_that_starts_by_itself_is_no_restart_either(ready: Bench) -> None:
    ready.do(cmd.OpenReaction(CHAIR, ""))
    ready.clock.advance(1)
    assert "A reaction is open" in ready.refused(cmd.StartSession(CHAIR, ready.by))
    ready.infuse(40, 100.0)
    assert ready.state.phase is Phase.INFUSE
    assert told(ready) == ""


def test_a_run_after_that_first_one_takes_an_order_as_ever(ready: Bench) -> None:
    ready.do(cmd.StartSession(CHAIR, ready.by))
    ready.do(cmd.OpenReaction(CHAIR, ""))
    ready.infuse(10, 100.0)
    ready.stand(60, PumpStatus.STOPPED)
    ready.infuse(5, 100.0)
    assert told(ready) == "RESTARTED WITHOUT ORDER"


def test_a_first_start_long_after_the_moment_of_an_open_reaction_alarms_by_its_own_name(ready: Bench) -> None:
    ready.do(cmd.OpenReaction(CHAIR, ""))
    ready.stand(120)
    ready.infuse(40, 100.0)
    assert told(ready) == "STARTED IN AN OPEN REACTION"


def test_a_reaction_that_was_over_before_the_start_asks_for_no_order(ready: Bench) -> None:
    ready.do(cmd.OpenReaction(CHAIR, ""))
    ready.stand(60)
    over(ready)
    ready.do(cmd.StartSession(CHAIR, ready.by))
    ready.infuse(30, 100.0)
    assert told(ready) == ""
    assert awaiting_order(ready.state) is None
    ready.stand(60, PumpStatus.PAUSED)
    ready.do(cmd.GiveMeaning(CHAIR, ready.by, "pause", "toilet"))
    ready.infuse(5, 100.0)
    ready.do(cmd.GiveMeaning(CHAIR, ready.by, "resume", "toilet"))
    assert told(ready) == ""


# --- outcomes, and a reaction that is not over


@pytest.fixture
def ended(ready: Bench) -> Bench:
    """The infusion was stopped for a reaction, which is still open in the observation."""
    ready.do(cmd.StartSession(CHAIR, ready.by))
    ready.infuse(60, 100.0)
    ready.do(cmd.OpenReaction(CHAIR, ""))
    ready.stand(5, PumpStatus.STOPPED)
    return ready


def finish(bench: Bench) -> None:
    bench.do(cmd.EndProduct(CHAIR, bench.by, "stopped", "reaction"))
    bench.do(cmd.RecordFlush(CHAIR, bench.by, False, text="line was removed"))


def test_an_outcome_that_no_key_offers_is_refused(ended: Bench) -> None:
    command = cmd.DetailReaction(CHAIR, ended.by, "R1", outcome="recovered", resolved=True)
    assert ended.refused(command).startswith("Outcome: 'recovered' is none of resolved, resolving")


def test_what_is_not_over_cannot_be_closed_while_the_infusion_may_go_on(ended: Bench) -> None:
    command = cmd.DetailReaction(CHAIR, ended.by, "R1", (), TERM, 1, outcome="resolving", resolved=True)
    assert "It is not over" in ended.refused(command)


@pytest.mark.parametrize("outcome", ["resolving", "not_resolved", "transferred"])
def test_handed_over_it_is_closed_and_not_over_and_the_record_can_be_signed(ended: Bench, outcome: str) -> None:
    finish(ended)
    assert "still open" in ended.refused(cmd.SignOff(CHAIR, ended.by, ended.proof(NURSE)))
    ended.do(lv.Transfer(CHAIR, ended.by, "DEMO hospital", "Dr DEMO-EXAMPLE"))
    over(ended, outcome, present_grade=1)
    reaction = ended.state.reactions[-1]
    assert (reaction.is_open, reaction.resolved, reaction.handed_over) == (False, None, ended.now)
    assert ended.events(ev.ReactionDetailed)[-1].present_grade == 1
    assert sentence(ended.events(ev.ReactionDetailed)[-1]).endswith("handed over, NOT over")
    assert "a reaction not over at the end" in review_missing(ended.state)
    ended.do(cmd.SignOff(CHAIR, ended.by, ended.proof(NURSE)))
    assert ended.state.phase is Phase.SIGNED
    assert ended.replayed() == ended.state


def test_nobody_goes_home_with_a_reaction_that_is_not_over_unless_a_prescriber_signs(ended: Bench) -> None:
    finish(ended)
    over(ended, "resolving", present_grade=1)
    assert "A reaction is not over" in ended.refused(lv.Discharge(CHAIR, ended.by, reason="wants to go home"))
    ended.do(lv.Discharge(CHAIR, ended.by, ended.proof(PRESCRIBER), "mild flush, husband drives"))
    assert ended.state.leaving.left is not None


def test_what_was_handed_over_can_be_said_to_be_over_later_with_a_reason(ended: Bench) -> None:
    finish(ended)
    over(ended, "resolving", present_grade=1)
    ended.wait(60)
    again = cmd.DetailReaction(CHAIR, ended.by, "R1", (), TERM, 1, outcome="resolved", resolved=True)
    assert "reason for the correction" in ended.refused(again)
    over(ended, reason="gone within the hour")
    reaction = ended.state.reactions[-1]
    assert (reaction.resolved, reaction.handed_over) == (ended.now, None)
    assert Decimal(ended.state.amendments) == 1
