"""A record that fails or does not answer: people are told, machines are kept, monitoring goes on, all is answered."""

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


def standing(bench: Bench) -> AlarmState | None:
    """How the alarm about the record stands."""
    alarm = bench.alarm("record")
    return alarm.state if alarm is not None else None


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
    assert standing(bench) is AlarmState.LATCHED  # over, and nobody has said that they have seen it
    bench.do(cmd.Acknowledge(CHAIR, bench.by))
    assert standing(bench) is None
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
    assert standing(bench) is AlarmState.LATCHED  # over, and nobody has said that they have seen it
    bench.do(cmd.Acknowledge(CHAIR, bench.by))
    assert standing(bench) is None
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
    assert standing(bench) is AlarmState.LATCHED  # over, and nobody has said that they have seen it
    bench.do(cmd.Acknowledge(CHAIR, bench.by))
    assert standing(bench) is None


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
    bench.do(cmd.SignOff(CHAIR, bench.by, bench.proof(NURSE)))
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
    answer = bench.ask(cmd.SignOff(CHAIR, bench.by, bench.proof(NURSE)))
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
