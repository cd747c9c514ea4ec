"""What happens is on the disk at once, not at the next tick; what comes meanwhile goes together."""

from __future__ import annotations

import pytest

from exomonitor.clock import Instant, ManualClock
from exomonitor.engine.chair import Chair
from exomonitor.engine.runtime import TICK_S
from exomonitor.session import commands as cmd
from exomonitor.session import machine_events as mv
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.pump import AlarmKind
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign, VitalReading
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench, FakeRecorder
from tests.exomonitor.engine.test_runtime_and_conductor import made, open_session


def say(bench: Bench, code: str, *, active: bool = True) -> None:
    bench.hear(RelayedAlarm("monitor", "", code, AlarmKind.OTHER, f"alarm {code}", "medium", active, bench.now))


def stored(bench: Bench) -> list[str]:
    return [f"{e.key.rpartition(':')[2]} {e.to_state}" for e in bench.events(mv.AlarmChanged)]


def test_an_alarm_is_stored_without_waiting_for_the_tick_and_its_readings_with_it(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.vital(Sign.SPO2, 84)
    assert not bench.recorder.readings
    say(bench, "A")
    assert stored(bench)[-1] == "A active"
    assert bench.recorder.readings[-1].value == 84
    say(bench, "A", active=False)
    assert stored(bench)[-1] == "A normal"


def test_while_the_disk_is_busy_alarms_wait_and_then_go_in_one_batch_in_their_order(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.recorder.holds = True
    submits = bench.recorder.submits
    for code in "ABCD":
        say(bench, code)
    assert bench.recorder.submits == submits + 1
    bench.recorder.release()
    bench.settle()
    assert bench.recorder.submits == submits + 2
    bench.recorder.release()
    bench.settle()
    assert stored(bench)[-4:] == ["A active", "B active", "C active", "D active"]


def test_the_picture_is_made_before_the_disk_is_asked(bench: Bench):
    bench.prepare(pump="", monitor="")
    seen: list[int] = []
    publish = bench.engine.publish_chair

    def watched(chair: Chair, now: Instant) -> None:
        seen.append(bench.recorder.submits)
        publish(chair, now)

    bench.engine.publish_chair = watched  # type: ignore[method-assign]
    bench.vital(Sign.SPO2, 84)
    say(bench, "A")
    assert seen == [bench.recorder.submits - 1]
    assert stored(bench)[-1] == "A active"


def test_an_acknowledgement_is_stored_at_once_and_a_pause_too(bench: Bench):
    bench.prepare(pump="", monitor="")
    say(bench, "A")
    bench.do(cmd.Acknowledge(CHAIR, bench.by))
    assert stored(bench)[-1] == "A acked"
    bench.do(cmd.PauseAudio(CHAIR, bench.by))
    assert len(bench.events(mv.AudioPaused)) == 1


def test_a_disk_that_refuses_is_not_asked_again_for_every_alarm(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.recorder.fails = "the disk is full"
    submits = bench.recorder.submits
    for code in "ABC":
        say(bench, code)
    assert bench.recorder.submits == submits + 1
    bench.recorder.fails = ""
    bench.wait(3.0)
    assert {"A active", "B active", "C active"} <= set(stored(bench))


def test_on_simulated_time_nothing_is_on_its_way_to_the_disk_when_time_passes(clock: ManualClock):
    """Else it would depend on the speed of a disk what a tick finds, and two runs would differ."""
    runtime = made(FakeRecorder(), clock)
    open_session(runtime)
    runtime.settle()
    found: list[bool] = []
    tick = runtime.engine.tick

    def watched(now: object) -> None:
        found.append(runtime.engine.busy)
        tick(clock.now())

    runtime.engine.tick = watched  # type: ignore[method-assign]
    for number in range(5):
        clock.advance(TICK_S)
        alarm = RelayedAlarm("monitor", "", f"{number}", AlarmKind.OTHER, "alarm", "medium", True, clock.now())
        runtime.post_facts(CHAIR, alarm)
        runtime.settle()
    assert found == [False] * 5


def test_what_a_device_said_at_once_is_stored_at_once_and_together(clock: ManualClock):
    """A gap begins with the last moment that is stored: what came with it must be stored too."""
    recorder = FakeRecorder()
    runtime = made(recorder, clock)
    open_session(runtime)
    runtime.settle()
    submits = recorder.submits
    alarm = RelayedAlarm("monitor", "", "A", AlarmKind.OTHER, "alarm", "medium", True, clock.now())
    signs = [VitalReading("monitor", sign, 90.0, Validity.VALID, clock.now()) for sign in (Sign.SPO2, Sign.PULSE)]
    runtime.post_facts(CHAIR, signs[0], alarm, signs[1])
    runtime.settle()
    assert recorder.submits == submits + 1
    assert [row.name for row in recorder.readings] == ["spo2", "pulse"]


@pytest.mark.expects_log("engine: a step failed")
def test_what_the_engine_cannot_take_keeps_nothing_else_of_it_away(clock: ManualClock, monkeypatch):
    recorder = FakeRecorder()
    runtime = made(recorder, clock)
    open_session(runtime)
    runtime.settle()
    take = runtime.engine.on_device

    def broken(chair: str, fact: DeviceFact, now: Instant) -> None:
        if isinstance(fact, VitalReading) and fact.sign is Sign.SPO2:
            raise ZeroDivisionError("spo2")
        take(chair, fact, now)

    monkeypatch.setattr(runtime.engine, "on_device", broken)
    signs = [VitalReading("monitor", sign, 90.0, Validity.VALID, clock.now()) for sign in (Sign.SPO2, Sign.PULSE)]
    runtime.post_facts(CHAIR, *signs)
    clock.advance(2)
    runtime.settle()
    assert [row.name for row in recorder.readings] == ["pulse"]
