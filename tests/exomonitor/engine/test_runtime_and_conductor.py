"""The engine's inbox and thread, and simulated time that waits for everything."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from itertools import pairwise

import pytest

from exomonitor.clock import Instant, ManualClock, SystemClock
from exomonitor.engine import conductor as conductor_module
from exomonitor.engine.bedside import Receipt
from exomonitor.engine.conductor import Conductor
from exomonitor.engine.engine import Engine, EngineConfig
from exomonitor.engine.runtime import TICK_S, Runtime
from exomonitor.errors import EnvironmentFault
from exomonitor.session import commands as cmd
from exomonitor.session.phases import Phase
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign, VitalReading
from tests.exomonitor.engine.bedside_bench import CHAIR, KNOWN, NURSE, PROTOCOL, FakeRecorder


def made(recorder: FakeRecorder, clock: ManualClock | SystemClock) -> Runtime:
    def engine(post: Callable[[Callable[[Instant], None]], None]) -> Engine:
        made = Engine(EngineConfig(PROTOCOL, "test", True), recorder, post)
        made.know_registry(KNOWN)
        made.chair(CHAIR).staff_id = NURSE
        return made

    return Runtime(clock, engine)


@pytest.fixture
def recorder() -> FakeRecorder:
    return FakeRecorder()


@pytest.fixture
def runtime(recorder: FakeRecorder, clock: ManualClock) -> Runtime:
    return made(recorder, clock)


def open_session(runtime: Runtime) -> Future[Receipt]:
    return runtime.submit(cmd.OpenSession(CHAIR, NURSE))


# --- runtime


def test_a_step_does_what_waits_and_ticks_when_it_is_time(runtime: Runtime, clock: ManualClock):
    answer = open_session(runtime)
    runtime.settle()
    assert answer.result(0).answer.startswith("EXO-")
    beat = runtime.engine.snapshot(CHAIR, clock.now()).beat
    runtime.step()
    assert runtime.engine.snapshot(CHAIR, clock.now()).beat == beat
    clock.advance(TICK_S)
    runtime.step()
    assert runtime.engine.snapshot(CHAIR, clock.now()).beat == beat + 1


def test_a_chatty_device_does_not_keep_the_tick_away(runtime: Runtime, clock: ManualClock):
    runtime.step()
    beat = runtime.engine.snapshot(CHAIR, clock.now()).beat
    for _ in range(100):
        clock.advance(0.05)
        runtime.post_facts(CHAIR, VitalReading("monitor", Sign.HR, 70, Validity.VALID, clock.now()))
        runtime.step()
    assert runtime.engine.snapshot(CHAIR, clock.now()).beat >= beat + 19


def test_on_its_own_thread_every_command_is_answered(recorder: FakeRecorder):
    runtime = made(recorder, SystemClock())
    runtime.start()
    assert open_session(runtime).result(5).answer
    runtime.close()


@pytest.mark.expects_log("engine: a step failed")
def test_a_piece_of_work_that_fails_does_not_end_the_thread(recorder: FakeRecorder):
    def broken(_: Instant) -> None:
        raise ZeroDivisionError

    runtime = made(recorder, SystemClock())
    runtime.start()
    runtime.post(broken)
    assert open_session(runtime).result(5).answer
    runtime.close()


def test_after_the_close_a_command_is_refused_and_before_it_every_one_is_answered(recorder: FakeRecorder):
    runtime = made(recorder, SystemClock())
    runtime.start()
    answers: list[Future[Receipt]] = []
    door = threading.Event()

    def ask() -> None:
        while not door.is_set():
            answers.append(open_session(runtime))

    asker = threading.Thread(target=ask)
    asker.start()
    runtime.close()
    door.set()
    asker.join()
    assert all(answer.done() for answer in answers)
    with pytest.raises(EnvironmentFault, match="closing"):
        open_session(runtime).result(0)


# --- conductor


class World:
    """Devices whose bytes take some turns to be read."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.unread = 0
        self.steps: list[tuple[float, bool]] = []
        self.dues = [1.0, 2.5]

    def step(self, t: float) -> None:
        self.steps.append((round(t, 6), self.settled()))
        if self.dues and t >= self.dues[0]:
            self.dues.pop(0)
            self.unread = 3

    def next_due(self, t: float) -> float:
        return self.dues[0] if self.dues else t + 100

    def settled(self) -> bool:
        return self.unread == 0


class Link:
    """Reads one piece a step."""

    def __init__(self, world: World) -> None:
        self.world = world

    def step(self, wait_s: float = 0.0) -> None:
        self.world.unread = max(0, self.world.unread - 1)

    def next_due(self) -> Instant:
        return self.world.clock.now().plus(10)


@pytest.fixture
def world(clock: ManualClock) -> World:
    return World(clock)


def test_time_goes_on_only_when_everything_is_read_and_stored(runtime: Runtime, clock: ManualClock, world: World):
    conductor = Conductor(clock, runtime, world, lambda: [Link(world)])
    answer = open_session(runtime)
    assert conductor.run_until(4.0)
    assert answer.done()
    first = dict(reversed(world.steps))
    assert all(first.values()), "a later second began with bytes unread"
    assert not world.dues
    assert conductor.t == pytest.approx(4.0)


def test_no_step_is_longer_than_a_tick_and_none_passes_what_is_due(runtime: Runtime, clock: ManualClock, world: World):
    Conductor(clock, runtime, world, lambda: [Link(world)]).run_until(4.0)
    times = sorted({t for t, _ in world.steps})
    assert {1.0, 2.5} <= set(times)
    assert max(b - a for a, b in pairwise(times)) <= 0.25 + 1e-6


def test_a_resumed_run_counts_from_where_it_was(runtime: Runtime, clock: ManualClock, world: World):
    conductor = Conductor(clock, runtime, world, list, began_s=600.0)
    world.dues = []
    assert conductor.t == pytest.approx(600.0)
    conductor.run_until(601.0)
    assert clock.now().since(ManualClock().now()) == pytest.approx(1.0)


def test_the_pace_holds_simulated_time_back(
    runtime: Runtime, clock: ManualClock, world: World, monkeypatch: pytest.MonkeyPatch
):
    real = iter(n * 0.01 for n in range(100_000))
    monkeypatch.setattr(conductor_module, "stopwatch", lambda: next(real))
    at_once = runtime.step
    monkeypatch.setattr(runtime, "step", lambda wait_s=0.0: at_once())
    world.dues = []
    conductor = Conductor(clock, runtime, world, list, speed=10.0)
    conductor.run_until(5.0)
    assert next(real) >= 0.5


def test_another_thread_can_stop_it(runtime: Runtime, clock: ManualClock, world: World):
    world.dues = []
    conductor = Conductor(clock, runtime, world, list, speed=1.0)
    ended: list[bool] = []
    thread = threading.Thread(target=lambda: ended.append(conductor.run_until(float("inf"))))
    thread.start()
    conductor.stop()
    thread.join(5)
    assert ended == [False]


def test_commands_are_done_while_the_pace_holds_back(runtime: Runtime, clock: ManualClock, world: World):
    world.dues = []
    conductor = Conductor(clock, runtime, world, list, speed=1.0)
    thread = threading.Thread(target=lambda: conductor.run_until(float("inf")))
    thread.start()
    assert open_session(runtime).result(5).answer
    conductor.stop()
    thread.join(5)
    state = runtime.engine.snapshot(CHAIR, clock.now()).session
    assert state is not None
    assert state.phase is Phase.PREPARE
