"""Commands in order, one in flight; alarms in the record as they happened."""

from __future__ import annotations

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import AlarmState
from exomonitor.engine.ports import STATION_ACTOR
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session import machine_events as mv
from exomonitor.session.entry import Event
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


def actors(bench: Bench, kind: type[Event]) -> list[str]:
    """Who did each event of this kind."""
    return [entry.actor for entry in bench.journal() if isinstance(entry.event, kind)]


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
        ("active", "latched"),
    ]
    assert [e.visual_only for e in spo2] == [False, True]  # shorter than half a minute: a mark is left
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


def test_data_that_grow_old_are_a_low_alarm_until_they_are_lost_or_come_again(bench: Bench):
    bench.infusing(10)
    bench.infuse(1, 100.0)
    bench.wait(9)
    assert bench.alarm("pump.stale") is None
    bench.wait(3)
    old = bench.alarm("pump.stale")
    assert old is not None
    assert (old.text, old.priority) == ("PUMP DATA OLD - look at the pump", Priority.LOW)
    bench.infuse(1, 100.0)
    assert bench.alarm("pump.stale") is None
    bench.wait(29)
    assert bench.alarm("pump.stale") is not None
    bench.wait(3)
    assert (bench.alarm("pump.stale"), bench.alarm("pump.lost") is not None) == (None, True)


def test_old_monitor_data_send_to_the_patient(bench: Bench):
    bench.infusing(5)
    bench.vital(Sign.SPO2, 97.0)
    bench.infuse(12, 100.0)
    old = bench.alarm("monitor.stale")
    assert old is not None
    assert (old.text, old.priority) == ("MONITOR DATA OLD - look at the patient", Priority.LOW)


def test_a_device_that_was_just_bound_is_not_old_yet(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.bind("monitor")
    bench.wait(9)
    assert bench.alarm("monitor.stale") is None
    bench.wait(3)
    assert bench.alarm("monitor.stale") is not None


def test_a_port_that_has_gone_is_lost_and_not_old(bench: Bench):
    bench.infusing(5)
    link(bench, LinkState.LOST, "pump")
    bench.wait(12)
    assert (bench.alarm("pump.stale"), bench.alarm("pump.lost") is not None) == (None, True)


def test_without_a_session_old_data_are_no_alarm(bench: Bench):
    bench.bind("pump", "monitor")
    bench.wait(20)
    assert bench.snapshot.alarms == ()


# --- who did it


def test_who_acknowledged_and_who_paused_the_sound_is_the_actor_of_it(bench: Bench):
    bench.infusing(10)
    relayed(bench, "air")
    bench.do(cmd.Acknowledge(CHAIR, bench.by))
    bench.do(cmd.PauseAudio(CHAIR, bench.by))
    relayed(bench, "air", active=False)
    bench.tick()
    told = [e for e in bench.journal() if isinstance(e.event, mv.AlarmChanged) and e.event.key.endswith(":air")]
    assert [(e.event.to_state, e.actor) for e in told if isinstance(e.event, mv.AlarmChanged)] == [
        ("active", STATION_ACTOR),
        ("acked", bench.by),
        ("normal", STATION_ACTOR),
    ]
    assert actors(bench, mv.AudioPaused) == [bench.by]


def test_silence_by_somebody_without_a_name_is_still_a_person_s(bench: Bench):
    bench.infusing(10)
    relayed(bench, "air")
    bench.do(cmd.Acknowledge(CHAIR, ""))
    bench.do(cmd.PauseAudio(CHAIR, ""))
    bench.tick()
    assert actors(bench, mv.AudioPaused) == ["unnamed"]
    acked = [e.actor for e in bench.journal() if isinstance(e.event, mv.AlarmChanged) and e.event.to_state == "acked"]
    assert acked == ["unnamed"]


@pytest.mark.parametrize("runs", [False, True])
def test_the_nurse_starts_the_record_and_the_station_says_what_the_pump_does(bench: Bench, runs: bool):
    bench.bind("pump")
    bench.pump(PumpStatus.STOPPED, 0.0)
    bench.prepare(monitor="")
    if runs:
        bench.infuse(5, 100.0)
    bench.start()
    assert actors(bench, ev.SessionStarted) == [bench.by]
    assert actors(bench, ev.DeliveryChanged) == [STATION_ACTOR]


def test_what_the_nurse_types_of_the_pump_is_the_nurse_s(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.start("100")
    assert actors(bench, ev.DeliveryChanged) == [bench.by]


# --- sound


def test_no_sound_is_an_alarm(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.engine.set_audio(False, "no sound device")
    bench.wait(12)
    alarm = bench.alarm("sound")
    assert alarm is not None
    assert "no sound device" in alarm.text
