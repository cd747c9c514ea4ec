"""What is stored of devices, gaps, clock steps, and taking a session up again after a restart."""

from __future__ import annotations

import pytest

from exomonitor.alarms.policy import AlarmState
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session import machine_events as mv
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.links import LinkChange, LinkState
from exomonitor.signals.pump import AlarmKind
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, Bench

FULL = "The record could not be saved: the disk is full."


def note(bench: Bench, text: str = "a note") -> cmd.AddNote:
    return cmd.AddNote(CHAIR, bench.by, text)


def link(bench: Bench, state: LinkState, source: str = "monitor") -> None:
    bench.hear(LinkChange(source, state, f"it is {state}", bench.now))


def relayed(bench: Bench, code: str, *, active: bool = True, latched: bool = False) -> None:
    bench.hear(
        RelayedAlarm(
            "pump", "1/1", code, AlarmKind.OTHER, f"alarm {code}", "medium", active, bench.now, latched=latched
        )
    )


def changes(bench: Bench, key: str) -> list[tuple[str, str]]:
    """The recorded transitions of one alarm."""
    return [(e.from_state, e.to_state) for e in bench.events(mv.AlarmChanged) if e.key == key]


# --- what is stored of devices


def test_a_cuff_measurement_is_stored_once_however_often_it_is_told(bench: Bench):
    bench.infusing(10)
    measured = bench.now
    for _ in range(5):
        bench.clock.advance(5)
        bench.vital(Sign.NIBP_SYS, 121, measured_at=measured)
    bench.clock.advance(5)
    bench.vital(Sign.NIBP_SYS, 118, measured_at=bench.now)
    bench.wait(2)
    assert [r.value for r in bench.recorder.readings if r.name == "nibp_sys"] == [121, 118]


def test_a_standing_measurement_belongs_to_the_next_session_too(bench: Bench):
    bench.bind("monitor")
    measured = bench.now
    for _ in range(2):
        bench.do(cmd.OpenSession(CHAIR, ""))
        bench.vital(Sign.NIBP_SYS, 121, measured_at=measured)
        bench.do(cmd.AbandonSession(CHAIR, "", "a test"))
        bench.wait(2)
    assert len([r for r in bench.recorder.readings if r.name == "nibp_sys"]) == 2


def test_a_missing_value_is_stored_as_missing_with_its_reason(bench: Bench):
    bench.infusing(10)
    bench.vital(Sign.SPO2, None)
    bench.wait(2)
    (row,) = [r for r in bench.recorder.readings if r.name == "spo2"]
    assert (row.value, row.validity) == (None, "sensor_off")


def test_pump_numbers_are_stored_when_they_change_and_every_five_seconds(bench: Bench):
    bench.infusing(10)
    bench.stand(1)
    bench.tick()
    before = len([r for r in bench.recorder.readings if r.name == "rate"])
    bench.stand(20)
    bench.wait(2)
    assert len([r for r in bench.recorder.readings if r.name == "rate"]) == before + 4


def test_wave_seconds_are_whole_and_never_joined_across_a_gap(bench: Bench):
    bench.infusing(5)
    for gap in (False, False, True, False):
        bench.clock.advance(0.5)
        bench.wave(50, gap=gap)
    bench.clock.advance(0.25)
    bench.wave(25)
    bench.clock.advance(10)  # a silence that the driver does not call a gap
    bench.wave(50)
    bench.clock.advance(0.5)
    bench.wave(50)
    bench.wait(2)
    assert [len(second.samples) for second in bench.recorder.waves] == [100, 100, 25, 100]
    assert len(bench.waves_seen) == 7


def test_unfinished_wave_seconds_are_stored_when_the_session_ends(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.bind("monitor")
    bench.wave(30)
    bench.start("100")
    bench.ended()
    bench.do(cmd.SignOff(CHAIR, bench.by, bench.proof(NURSE)))
    bench.wait(3)
    assert [len(second.samples) for second in bench.recorder.waves] == [30]


def test_nothing_is_stored_while_no_session_is_open(bench: Bench):
    bench.bind("pump", "monitor")
    bench.vital(Sign.HR, 77)
    bench.infuse(10, 100.0)
    bench.wave(200)
    bench.wait(3)
    assert not bench.recorder.readings
    assert not bench.recorder.waves


# --- gaps and links


def test_a_gap_is_recorded_per_source_when_it_ends(bench: Bench):
    bench.infusing(10)
    bench.vital(Sign.HR, 70)
    for _ in range(23):
        bench.infuse(1, 100.0)
    bench.vital(Sign.HR, 70)
    bench.tick()
    (gap,) = bench.events(mv.GapClosed)
    assert (gap.source, gap.seconds) == ("monitor", 23.0)
    assert [g.source for g in bench.state.gaps] == ["monitor"]


def test_a_silence_within_the_stale_limit_is_no_gap(bench: Bench):
    bench.infusing(10)
    bench.wait(10)
    bench.infuse(1, 100.0)
    bench.tick()
    assert [g.seconds for g in bench.events(mv.GapClosed)] == [11.0]
    bench.wait(9)
    bench.infuse(1, 100.0)
    assert len(bench.events(mv.GapClosed)) == 1


def test_of_a_gap_only_what_lies_in_the_session_is_its_gap(bench: Bench):
    bench.bind("monitor")
    bench.vital(Sign.HR, 70)
    bench.wait(3600, step_s=60)
    bench.do(cmd.OpenSession(CHAIR, ""))
    bench.wait(15)
    bench.vital(Sign.HR, 70)
    bench.tick()
    assert [g.seconds for g in bench.events(mv.GapClosed)] == [15.0]


def test_link_changes_are_recorded_once_each(bench: Bench):
    bench.infusing(10)
    for state in (LinkState.TALKING, LinkState.TALKING, LinkState.LOST, LinkState.LOST, LinkState.TALKING):
        link(bench, state)
    bench.tick()
    assert [e.state for e in bench.events(mv.LinkChanged)] == ["talking", "lost", "talking"]


def test_a_step_of_the_wall_clock_is_an_event_and_moves_no_timer(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.start("100")
    bench.wait(60)
    bench.clock.step_wall(-3600)
    bench.wait(60)
    assert [e.seconds for e in bench.events(mv.ClockJumped)] == [pytest.approx(-3600)]
    assert bench.progress.infusing_s == pytest.approx(120)


def test_a_small_correction_of_the_clock_is_no_event(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.wait(5)
    bench.clock.step_wall(1.5)
    bench.wait(5)
    assert not bench.events(mv.ClockJumped)


# --- restart


@pytest.mark.parametrize("boot_id", ["simulated", "another boot"])
def test_after_a_restart_the_timers_go_on_and_the_gap_is_recorded(bench: Bench, boot_id: str):
    bench.infusing(600)
    bench.wait(1)
    later = bench.after_restart(30, boot_id=boot_id)
    (resumed,) = later.events(mv.MonitoringResumed)
    assert resumed.gap_s == pytest.approx(30, abs=2)
    assert resumed.same_boot == (boot_id == "simulated")
    assert later.progress.elapsed_s == pytest.approx(631, abs=1)
    assert later.progress.delivered_ml == pytest.approx(631 / 36, abs=0.2)
    assert later.progress.delivered_by == "estimated"
    later.bind("pump", "monitor")
    later.counter += 31 / 36
    later.infuse(1, 100.0)
    assert later.progress.delivered_by == "pump"
    assert later.progress.delivered_ml == pytest.approx(632 / 36, abs=0.1)


@pytest.mark.parametrize("away_s", [3, 900])
def test_after_a_restart_each_source_says_from_where_to_where_it_is_unknown(bench: Bench, away_s: float):
    bench.infusing(60)
    left_off = bench.now
    bench.wait(2)
    later = bench.after_restart(away_s, pump=left_off, monitor=left_off)
    later.bind("pump", "monitor")
    later.wait(1)
    later.infuse(1, 100.0)
    later.tick()
    (gap,) = later.events(mv.GapClosed)
    assert (gap.source, gap.began, gap.cause) == ("pump", left_off, "the program was not running")
    assert gap.seconds == pytest.approx(away_s + 4, abs=0.5)
    later.infuse(1, 100.0)
    assert len(later.events(mv.GapClosed)) == 1


@pytest.mark.parametrize(("ago", "opened_ago", "gap"), [({}, 0, 0), ({"pump": 3720, "monitor": 120}, 3720, 120)])
def test_of_a_session_of_which_nothing_is_left_nothing_was_watched_since_the_source_heard_last(
    bench: Bench, ago: dict[str, float], opened_ago: float, gap: float
):
    left_off = {source: bench.now.plus(-seconds) for source, seconds in ago.items()}
    bench.engine.restore(CHAIR, (), bench.now, left_off, lost=3, session="s-x")
    bench.tick()
    (resumed,) = bench.events(mv.MonitoringResumed)
    assert (resumed.gap_s, resumed.known) == (gap, False)
    assert bench.now.since(bench.state.opened) == opened_ago


def test_a_source_that_spoke_when_the_session_ended_is_no_gap_of_the_next(bench: Bench):
    bench.infusing(60)
    later = bench.after_restart(30, monitor=bench.now)
    later.engine.chair(CHAIR).live.begin_anew(later.now)
    later.bind("monitor")
    later.vital(Sign.HR, 70)
    later.tick()
    assert not later.events(mv.GapClosed)


def test_after_a_restart_one_question_is_asked_until_it_is_answered(bench: Bench):
    bench.infusing(60)
    later = bench.after_restart(30)
    assert later.snapshot.resume_offer == "Still DEMO-EXAMPLE, Jane in chair 4?"
    later.do(cmd.ConfirmPatient(CHAIR, ""))
    assert later.snapshot.resume_offer == ""
    assert later.events(ev.PatientConfirmed)


def test_after_a_restart_a_latched_alarm_and_an_open_reaction_stand(bench: Bench):
    bench.infusing(60)
    bench.do(cmd.OpenReaction(CHAIR, ""))
    for value in [97.0] * 4 + [80.0] * 20 + [97.0] * 30:
        bench.clock.advance(1)
        bench.vital(Sign.SPO2, value)
        bench.tick()
    before = {a.key: a.state for a in bench.snapshot.alarms if a.state is AlarmState.LATCHED}
    assert before
    later = bench.after_restart(30)
    assert {a.key: a.state for a in later.snapshot.alarms if a.state is AlarmState.LATCHED} == before
    assert later.state.open_reaction is not None
    later.bind("monitor")
    later.vital(Sign.NIBP_SYS, 88, measured_at=later.now)
    later.tick()
    assert any("SBP low" in a.text and a.priority.name == "HIGH" for a in later.snapshot.alarms)  # as in a reaction


def test_the_state_after_a_restart_is_the_state_before_it(bench: Bench):
    bench.infusing(600)
    bench.do(bench.set_of("+5", observed=bench.now.plus(-290)))
    bench.wait(1)
    before = bench.engine.chair(CHAIR).state
    assert bench.replayed() == before
