"""The figures of a session and its one verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exomonitor.clock import Instant
from exomonitor.exports.local_time import local_iso
from exomonitor.exports.summary import Summary, summarise
from exomonitor.session import events as ev
from exomonitor.session.fold import fold
from exomonitor.session.phases import DeliverySource
from exomonitor.session.state import SessionState
from tests.exomonitor.exports.made_up_session import SESSION, STUDY, Script, whole_session


def state_of(script: Script) -> SessionState:
    state = fold(script.archive.told)
    assert state is not None
    return state


@pytest.fixture
def figures(protocol):
    def run(script: Script, later_s: float = 0.0) -> Summary:
        return summarise(state_of(script), script.clock.now().plus(later_s), protocol)

    return run


def test_a_session_s_figures(figures, played):
    summary = figures(played)
    assert (summary.study_id, summary.simulated, summary.phase) == (STUDY, True, "signed")
    assert (summary.planned_ml, summary.delivered_ml, summary.delivered_by) == (100.0, 100.0, "pump")
    assert summary.dose_given_billion == 5.0
    # 300 + 300 + 17 + 2 x 148 s before the pause, 22 + 1800 s after it; the pause of 240 s.
    assert summary.infusing_min == pytest.approx((300 + 300 + 17 + 296 + 22 + 1800) / 60, abs=0.005)
    assert summary.paused_min == 4.0
    assert summary.elapsed_min == pytest.approx(summary.infusing_min + summary.paused_min, abs=0.011)
    assert summary.reactions == 2
    assert (summary.alarms, dict(summary.alarms_by_priority)) == (1, {"medium": 1})
    assert [(gap.source, gap.seconds) for gap in summary.gaps] == [("monitor", 22.0)]
    assert summary.readings == len(played.archive.stored)


def test_figures_hold_at_the_last_entry_whenever_they_are_read(figures, played):
    assert figures(played) == figures(played, later_s=86_400)


def test_an_open_session_does_not_grow_after_its_last_entry(figures):
    script = whole_session(reactions=0, flush=False, sign=False)
    assert figures(script) == figures(script, later_s=3600)


def test_a_session_without_flush_says_what_may_remain_in_the_line(figures):
    summary = figures(whole_session(reactions=0, flush=False))
    assert "no flush: dose not completed: about 18 % may remain in the line" in summary.verdict
    assert summary.dose_given_billion == 4.1


def test_an_unsigned_session_is_incomplete(figures):
    summary = figures(whole_session(reactions=0, sign=False))
    assert summary.verdict.endswith("not signed")
    assert not summary.complete


def test_a_missed_set_is_named(figures, played):
    assert "sets missed (+30, End +90, End +120)" in figures(played).verdict


def test_a_late_set_is_not_counted_as_done(figures):
    summary = figures(whole_session(reactions=6))
    assert summary.checks.late == 2
    assert "late" in summary.plain()["checks"]


def test_a_session_that_was_stopped_says_why_and_how_much_was_given(protocol, played):
    state = state_of(played)
    assert state.product_end is not None
    end = replace(state.product_end, outcome="stopped", why="reaction", delivered_ml=25.5)
    summary = summarise(replace(state, product_end=end), played.clock.now(), protocol)
    assert "stopped early (reaction), 25.5 mL of 100.0 mL given" in summary.verdict


def test_a_pump_that_calls_half_a_bag_complete_is_not_believed(protocol, played):
    state = state_of(played)
    assert state.product_end is not None
    summary = summarise(
        replace(state, product_end=replace(state.product_end, delivered_ml=50.0)), played.clock.now(), protocol
    )
    assert "less than ordered, 50.0 mL of 100.0 mL given" in summary.verdict


def test_an_open_reaction_is_an_open_matter(protocol, played):
    state = state_of(played)
    opened = replace(state.reactions[0], resolved=None, details=None)
    verdict = summarise(state.with_reaction(opened), played.clock.now(), protocol).verdict
    assert "a reaction is still open" in verdict
    assert "a reaction is not graded" in verdict


def test_nothing_missing_is_complete(protocol, played):
    state = state_of(played)
    done = state.observations["post60"]
    order = replace(state.order, first_dose=False) if state.order is not None else None
    graded = tuple(
        replace(r, details=replace(r.details, grade=1)) if r.details is not None else r for r in state.reactions
    )
    whole = replace(state, order=order, reactions=graded, missed={}, observations={**state.observations, "+30": done})
    assert summarise(whole, played.clock.now(), protocol).verdict == "Complete"


def test_a_session_that_never_started_has_no_figures(protocol, clock):
    script = Script(clock=clock)
    script.say(ev.SessionOpened(STUDY, "4", False, "p", "1", "ab" * 32, "x"))
    summary = summarise(state_of(script), clock.now(), protocol)
    assert (summary.planned_ml, summary.delivered_ml, summary.verdict) == (None, None, "Incomplete: not started")
    script.say(ev.SessionAbandoned("patient_left"))
    assert summarise(state_of(script), clock.now(), protocol).verdict == "Incomplete: closed without a start"


def test_typed_volumes_are_said_to_be_typed(protocol, clock):
    script = Script(clock=clock)
    script.say(ev.SessionOpened(STUDY, "4", False, "p", "1", "ab" * 32, "x"))
    script.say(ev.SessionStarted(clock.now(), DeliverySource.TYPED))
    script.say(ev.ProductEnded(clock.now(), "stopped", 12.34, DeliverySource.TYPED, "other"))
    summary = summarise(state_of(script), clock.now(), protocol)
    assert (summary.delivered_ml, summary.delivered_by) == (12.3, "typed")
    assert state_of(script).id == SESSION


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Europe/Vienna", "2026-03-02T10:00:00+01:00"),
        ("UTC+05:30", "2026-03-02T14:30:00+05:30"),
        ("UTC-03:00", "2026-03-02T06:00:00-03:00"),
        ("Nowhere/Else", "2026-03-02T09:00:00+00:00"),
    ],
)
def test_local_times_follow_the_session_s_zone(clock, zone, shown):
    now: Instant = clock.now()
    assert local_iso(now.utc, zone) == shown
