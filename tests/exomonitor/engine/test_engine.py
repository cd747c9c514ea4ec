"""The engine as a whole: order, alarms, a record that fails, gaps, batches, clock steps, restarts."""

from __future__ import annotations

from concurrent.futures import Future
from decimal import Decimal

import pytest

from exomonitor.alarms.policy import AlarmState
from exomonitor.engine import outbox as outbox_module
from exomonitor.engine.bedside import Receipt
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session import machine_events as mv
from exomonitor.session.phases import Phase
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.links import LinkChange, LinkState
from exomonitor.signals.pump import AlarmKind, PumpStatus
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench

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


# --- commands


def test_commands_are_carried_out_one_at_a_time_in_the_order_in_which_they_were_asked(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.recorder.holds = True
    submits = bench.recorder.submits
    answers = [bench.ask(note(bench, f"note {n}")) for n in range(3)]
    assert bench.recorder.submits == submits + 1
    assert not any(answer.done() for answer in answers)
    for done in range(1, 4):
        bench.recorder.release()
        bench.settle()
        assert sum(answer.done() for answer in answers) == done
    assert [e.text for e in bench.events(ev.NoteAdded)] == ["note 0", "note 1", "note 2"]


def test_a_command_is_true_only_when_it_is_stored(bench: Bench):
    bench.recorder.holds = True
    answer = bench.ask(cmd.OpenSession(CHAIR, ""))
    assert bench.snapshot.session is None
    bench.recorder.release()
    bench.settle()
    assert answer.result(0).entries[0].hash == bench.state.head


def test_a_command_waits_until_the_machines_before_it_are_stored(bench: Bench):
    bench.infusing(60)
    bench.recorder.holds = True
    bench.stand(1)
    answer = bench.ask(cmd.EndProduct(CHAIR, bench.by, "stopped", "reaction"))
    assert not answer.done()
    bench.recorder.holds = False
    bench.recorder.release()
    bench.settle()
    answer.result(0)
    kinds = [type(e.event).__name__ for e in bench.journal()]
    assert kinds.index("ProductEnded") > max(n for n, kind in enumerate(kinds) if kind == "DeliveryChanged")


@pytest.mark.expects_log("a AddNote could not be decided")
def test_a_bug_in_a_handler_is_told_to_whoever_asked_and_blocks_nobody(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    from exomonitor.engine import desk, handlers

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    bench.prepare(pump="", monitor="")
    with monkeypatch.context() as patch:
        patch.setitem(handlers.HANDLERS, cmd.AddNote, broken)
        assert bench.refused(note(bench)) == desk.BUG
    bench.do(note(bench))


def test_acknowledging_and_pausing_do_not_wait_for_the_disk(bench: Bench):
    bench.infusing(60)
    relayed(bench, "air")
    bench.recorder.holds = True
    pending = bench.ask(note(bench))
    acknowledged = bench.ask(cmd.Acknowledge(CHAIR, bench.by))
    paused = bench.ask(cmd.PauseAudio(CHAIR, bench.by))
    assert (acknowledged.done(), paused.done(), pending.done()) == (True, True, False)
    alarm = bench.alarm("relayed:pump:1/1:air")
    assert alarm is not None
    assert alarm.state is AlarmState.ACKED
    bench.recorder.holds = False
    bench.recorder.release()
    bench.tick()
    assert changes(bench, "relayed:pump:1/1:air") == [("normal", "active"), ("active", "acked")]
    assert bench.events(mv.AudioPaused)


# --- alarms in the record


def test_alarm_transitions_are_recorded_in_order_and_pending_ones_are_not(bench: Bench):
    bench.infusing(60)
    for value in [97.0] * 5 + [87.0] * 30 + [97.0] * 30:
        bench.clock.advance(1)
        bench.counter += 100 / 3600
        bench.pump(PumpStatus.INFUSING, 100.0)
        bench.vital(Sign.SPO2, value)
        bench.tick()
    spo2 = [e for e in bench.events(mv.AlarmChanged) if e.key.startswith("spo2")]
    assert spo2
    assert "pending" not in {e.to_state for e in spo2}
    assert [(e.from_state, e.to_state) for e in spo2 if e.key == spo2[0].key] == [
        ("pending", "active"),
        ("active", "normal"),
    ]
    assert bench.state.alarms_raised["medium"] >= 1


def test_an_alarm_that_stands_when_the_session_opens_is_in_its_record(bench: Bench):
    bench.bind("pump", "monitor")
    relayed(bench, "battery")
    bench.tick()
    bench.do(cmd.OpenSession(CHAIR, ""))
    bench.tick()
    assert changes(bench, "relayed:pump:1/1:battery") == [("normal", "active")]


def test_acknowledging_ends_an_alarm_that_the_device_says_only_once(bench: Bench):
    bench.infusing(10)
    relayed(bench, "stall", latched=True)
    bench.do(cmd.Acknowledge(CHAIR, bench.by))
    bench.tick()
    assert bench.alarm("relayed:pump:1/1:stall") is None
    assert changes(bench, "relayed:pump:1/1:stall") == [("normal", "active"), ("active", "normal")]
    assert bench.events(mv.AlarmChanged)[-1].by == bench.by


def test_an_alarm_whose_device_has_gone_is_over(bench: Bench):
    bench.infusing(10)
    relayed(bench, "air")
    link(bench, LinkState.LOST, "pump")
    bench.tick()
    assert changes(bench, "relayed:pump:1/1:air") == [("normal", "active"), ("active", "normal")]


def test_a_condition_that_is_not_spoken_of_any_more_is_over(bench: Bench):
    bench.prepare(pump="", monitor="", first_dose=True)
    bench.start("100")
    bench.ended()
    bench.wait(132 * 60, step_s=60)
    assert bench.alarm("set.post120") is not None
    bench.order(first_dose=False, reason="second dose")
    bench.tick()
    assert bench.alarm("set.post120") is None


def test_a_pump_that_runs_while_checks_are_open_is_an_alarm(bench: Bench):
    bench.bind("pump")
    bench.pump(PumpStatus.STOPPED, 0.0)
    bench.do(cmd.OpenSession(CHAIR, ""))
    bench.do(cmd.PinDevice(CHAIR, "", "pump", "bbraun-space", "pump"))
    bench.infuse(31, 100.0)
    alarm = bench.alarm("pump.unstarted")
    assert alarm is not None
    assert alarm.text == "INFUSION RUNNING - CHECKS INCOMPLETE"


def test_lost_data_alarm_after_their_limit_and_end_with_the_next_frame(bench: Bench):
    bench.infusing(10)
    bench.wait(29)
    assert bench.alarm("pump.lost") is None
    bench.wait(3)
    assert bench.alarm("pump.lost") is not None
    bench.infuse(1, 100.0)
    assert bench.alarm("pump.lost") is None


def test_no_sound_is_an_alarm(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.engine.set_audio(False, "no sound device")
    bench.wait(12)
    alarm = bench.alarm("sound")
    assert alarm is not None
    assert "no sound device" in alarm.text


# --- a record that cannot be written


def test_a_person_is_told_at_once_that_nothing_was_recorded(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.recorder.fails = FULL
    assert bench.refused(note(bench)) == f"Not recorded: {FULL}"
    assert bench.state.notes == 0
    bench.tick()
    assert bench.alarm("record") is not None
    bench.recorder.fails = ""
    bench.do(note(bench))
    bench.tick()
    assert bench.alarm("record") is None
    assert bench.state.notes == 1


def test_a_command_behind_machine_events_that_cannot_be_stored_is_refused_and_does_not_hang(bench: Bench):
    bench.infusing(60)
    bench.recorder.fails = FULL
    bench.stand(5)
    submits = bench.recorder.submits
    assert bench.refused(note(bench)) == f"Not recorded: {FULL}"
    assert bench.recorder.submits <= submits + 2
    assert not bench.engine.busy


def test_machine_events_and_readings_are_kept_and_stored_in_order_when_the_disk_is_back(bench: Bench):
    bench.infusing(60)
    bench.tick()
    bench.recorder.fails = FULL
    stored = len(bench.recorder.readings)
    bench.infuse(20, 120.0)
    bench.stand(20)
    bench.infuse(20, 80.0)
    assert len(bench.recorder.readings) == stored
    alarm = bench.alarm("record")
    assert alarm is not None
    assert alarm.text == f"RECORD NOT SAVED - write on paper ({FULL})"
    assert bench.snapshot.record.fault == FULL
    bench.recorder.fails = ""
    bench.infuse(3, 80.0)
    assert bench.alarm("record") is None
    rates = [e.rate_ml_h for e in bench.events(ev.DeliveryChanged)]
    assert rates[-3:] == [120.0, 0.0, 80.0]
    assert len([r for r in bench.recorder.readings if r.name == "volume_infused"]) >= 103
    assert bench.replayed() == bench.engine.chair(CHAIR).state


def test_what_the_pump_does_is_shown_and_timed_at_once_while_the_disk_fails(bench: Bench):
    bench.infusing(60)
    bench.recorder.fails = FULL
    bench.stand(30)
    assert not bench.progress.running
    assert bench.progress.infusing_s == pytest.approx(59, abs=1.1)
    assert bench.asked() == "stopped"
    bench.recorder.fails = ""
    bench.stand(3)
    assert bench.progress.infusing_s == pytest.approx(59, abs=1.1)


def test_alarms_go_on_while_the_disk_fails(bench: Bench):
    bench.infusing(10)
    bench.recorder.fails = FULL
    relayed(bench, "air")
    assert bench.alarm("relayed:pump:1/1:air") is not None
    bench.recorder.fails = ""
    bench.infuse(3, 100.0)
    assert changes(bench, "relayed:pump:1/1:air") == [("normal", "active")]


def test_a_disk_that_does_not_answer_is_an_alarm(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.recorder.holds = True
    answer = bench.ask(note(bench))
    bench.wait(12)
    alarm = bench.alarm("record")
    assert alarm is not None
    assert "the disk does not answer" in alarm.text
    bench.recorder.holds = False
    bench.recorder.release()
    bench.settle()
    answer.result(0)
    bench.wait(2)
    assert bench.alarm("record") is None


def test_what_is_given_up_is_counted_and_told_when_the_record_works_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(outbox_module, "MAX_READINGS", 50)
    bench.infusing(10)
    bench.recorder.fails = FULL
    bench.infuse(60, 100.0)
    waiting = bench.engine.chair(CHAIR).outbox
    assert len(waiting.readings) <= 50
    lost = waiting.lost_rows
    assert lost > 0
    assert f"{lost} values given up" in bench.snapshot.record.fault
    bench.recorder.fails = ""
    bench.infuse(3, 100.0)
    told = bench.events(mv.RowsLost)
    assert sum(e.readings for e in told) >= lost
    assert waiting.lost_rows == 0


def test_memory_is_bounded_also_while_the_disk_does_not_answer(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(outbox_module, "MAX_READINGS", 50)
    bench.infusing(10)
    bench.recorder.holds = True
    bench.infuse(120, 100.0)
    assert len(bench.engine.chair(CHAIR).outbox.readings) <= 50 + 10


def test_readings_alone_are_tried_again(bench: Bench):
    bench.infusing(10)
    bench.tick()
    bench.recorder.fails = FULL
    bench.vital(Sign.HR, 77)
    bench.wait(2)
    bench.engine.chair(CHAIR).outbox.drafts.clear()  # nothing but readings waits
    bench.recorder.fails = ""
    bench.wait(4)
    assert [r.value for r in bench.recorder.readings if r.name == "hr"] == [77]


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
    bench.do(cmd.SignOff(CHAIR, bench.by, "Nurse Example"))
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


# --- the end


def test_at_the_end_everything_that_waits_is_stored(bench: Bench):
    bench.infusing(10)
    bench.recorder.holds = True
    bench.infuse(3, 120.0)
    bench.vital(Sign.HR, 77)
    bench.engine.flush_all(bench.now)
    for _ in range(5):
        bench.recorder.release()
        bench.settle()
    assert not bench.engine.busy
    assert bench.engine.chair(CHAIR).outbox.empty
    assert 77 in [r.value for r in bench.recorder.readings if r.name == "hr"]


def test_every_receipt_resolves_also_when_the_record_dies_while_many_wait(bench: Bench):
    bench.infusing(10)
    bench.recorder.holds = True
    bench.stand(1)
    answers: list[Future[Receipt]] = [bench.ask(note(bench, f"note {n}")) for n in range(5)]
    bench.recorder.fails = FULL
    for _ in range(10):
        bench.recorder.release()
        bench.settle()
    assert all(answer.done() for answer in answers)


def test_a_signed_session_takes_nothing_more(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.start("100")
    bench.wait(60)
    bench.ended()
    bench.do(cmd.SignOff(CHAIR, bench.by, "Nurse Example"))
    bench.wait(2)
    count = len(bench.journal())
    bench.bind("pump")
    bench.infuse(60, 100.0)
    assert len(bench.journal()) == count
    assert bench.state.phase is Phase.SIGNED


def test_what_is_signed_is_the_end_of_the_chain(bench: Bench):
    bench.infusing(60)
    bench.stand(5)
    bench.do(cmd.RecordFlush(CHAIR, bench.by, False, text="none at hand"))
    bench.vital(Sign.HR, 70)
    bench.recorder.holds = True
    bench.wait(2)  # readings are on their way
    answer = bench.ask(cmd.SignOff(CHAIR, bench.by, "Nurse Example"))
    bench.recorder.holds = False
    bench.recorder.release()
    bench.settle()
    answer.result(0)
    journal = bench.journal()
    place = next(n for n, entry in enumerate(journal) if isinstance(entry.event, ev.SessionSigned))
    signed = journal[place].event
    assert isinstance(signed, ev.SessionSigned)
    assert signed.signed_hash == journal[place - 1].hash


def test_rate_against_plan_alarms_after_a_minute_and_not_in_the_flush(bench: Bench):
    bench.infusing(10, 100.0)
    bench.infuse(65, 150.0)
    assert bench.alarm("pump.rate") is not None
    bench.stand(2)
    bench.do(cmd.EndProduct(CHAIR, bench.by, "stopped", "reaction"))
    bench.infuse(90, 300.0)
    assert bench.alarm("pump.rate") is None
    assert Decimal(str(bench.progress.rate_ml_h)) == 300
