"""Threads meet Qt in one place: pictures are coalesced, alarms never wait, answers come back on the GUI thread."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import replace

import numpy as np
import pytest

from exomonitor.engine.bedside import Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.session.commands import AddNote
from exomonitor.signals.waves import WaveChunk, WaveName
from tests.ui.fake_bedside import FakeBedside
from tests.ui.scenes import NOW, normal, one_alarm
from ui.bridge import WAVES_PER_TURN, Bridge

NOTE = AddNote("4", "u1", "coffee")


@pytest.fixture
def bedside() -> FakeBedside:
    return FakeBedside(normal())


@pytest.fixture
def bridge(qtbot, bedside):
    made = Bridge(bedside)
    yield made
    made.close()


def test_of_many_pictures_in_one_turn_the_newest_is_shown(qtbot, bedside, bridge):
    shown: list[Snapshot] = []
    bridge.snapshot.connect(shown.append)
    bridge.start()
    for beat in range(50):
        bedside.publish(replace(normal(), beat=beat))
    qtbot.waitUntil(lambda: bool(shown) and shown[-1].beat == 49)
    assert len(shown) <= 3


def test_a_new_alarm_does_not_wait_for_the_pace(qtbot, bedside, bridge):
    shown: list[Snapshot] = []
    bridge.snapshot.connect(shown.append)
    bridge.start()
    qtbot.waitUntil(lambda: len(shown) == 1)
    bedside.publish(one_alarm())
    with qtbot.waitSignal(bridge.snapshot, timeout=100):
        pass
    assert shown[-1].alarms


def test_the_page_follows_the_alarm_a_moment_later_with_the_newest_picture(qtbot, bedside, bridge):
    bridge._page.setInterval(300)
    told: list[tuple[str, int]] = []
    bridge.start()
    with qtbot.waitSignal(bridge.snapshot):
        pass
    bridge.alarmed.connect(lambda picture: told.append(("bar", picture.beat)))
    bridge.snapshot.connect(lambda picture: told.append(("page", picture.beat)))
    bedside.publish(replace(one_alarm(), beat=7))
    with qtbot.waitSignal(bridge.alarmed):
        pass
    assert told == [("bar", 7)]
    bedside.publish(replace(normal(), beat=8))
    with qtbot.waitSignal(bridge.snapshot, timeout=1_000):
        pass
    assert told == [("bar", 7), ("bar", 8), ("page", 8)]


def test_alarms_that_go_on_changing_do_not_put_the_page_off(qtbot, bedside, bridge):
    bridge._page.setInterval(30)  # longer than the alarms take to change
    bridge.start()
    with qtbot.waitSignal(bridge.snapshot):
        pass
    shown: list[Snapshot] = []
    bridge.snapshot.connect(shown.append)
    bridge.alarmed.connect(lambda picture: bedside.publish(normal() if picture.alarms else one_alarm()))
    bedside.publish(one_alarm())
    qtbot.waitUntil(lambda: len(shown) >= 2, timeout=1_000)


def test_waves_come_in_order_and_in_turns(qtbot, bedside, bridge):
    turns: list[list[WaveChunk]] = []
    bridge.waves.connect(turns.append)
    bridge.start()
    sent = [_chunk(i) for i in range(3 * WAVES_PER_TURN)]
    sender = threading.Thread(target=lambda: [bedside.send_wave(chunk) for chunk in sent])
    sender.start()
    sender.join()
    qtbot.waitUntil(lambda: sum(map(len, turns)) == len(sent))
    assert [chunk for turn in turns for chunk in turn] == sent
    assert max(map(len, turns)) <= WAVES_PER_TURN


def test_an_answer_comes_on_the_gui_thread_and_only_after_the_commit(qtbot, bedside, bridge):
    bedside.hold = True
    answers: list[tuple[Receipt, threading.Thread]] = []
    bridge.submit(NOTE, lambda receipt: answers.append((receipt, threading.current_thread())), pytest.fail)
    qtbot.wait(20)
    assert not answers
    engine = threading.Thread(target=bedside.settle)
    engine.start()
    engine.join()
    qtbot.waitUntil(lambda: bool(answers))
    assert answers[0][1] is threading.main_thread()


@pytest.mark.parametrize("error", [CommandRefused("no session is open"), EnvironmentFault("the disk is full")])
def test_a_refusal_comes_back_as_its_sentence(qtbot, bedside, bridge, error):
    bedside.refusal, bedside.fault = (str(error), "") if isinstance(error, CommandRefused) else ("", str(error))
    said: list[str] = []
    bridge.submit(NOTE, lambda _: pytest.fail("it was refused"), said.append)
    qtbot.waitUntil(lambda: said == [str(error)])


@pytest.mark.expects_log("a request of the screen failed")
def test_a_bug_in_the_core_leaves_no_form_waiting(qtbot, bedside, bridge):
    def broken(_: object) -> Future[Receipt]:
        future: Future[Receipt] = Future()
        future.set_exception(ZeroDivisionError())
        return future

    bedside.submit = broken
    said: list[str] = []
    bridge.submit(NOTE, lambda _: pytest.fail("it failed"), said.append)
    qtbot.waitUntil(lambda: bool(said))
    assert "in the log" in said[0]


def test_slow_work_is_done_elsewhere_and_its_answer_comes_here(qtbot, bridge):
    seen: list[tuple[str, threading.Thread]] = []
    where: list[threading.Thread] = []

    def work() -> str:
        where.append(threading.current_thread())
        return "done"

    bridge.run(work, lambda answer: seen.append((answer, threading.current_thread())), pytest.fail)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [("done", threading.main_thread())]
    assert where[0] is not threading.main_thread()


def test_nothing_is_delivered_after_closing(qtbot, bedside):
    bridge = Bridge(bedside)
    shown: list[object] = []
    bridge.snapshot.connect(shown.append)
    bridge.start()
    bridge.close()
    bedside.publish(one_alarm())
    bedside.send_wave(_chunk(0))
    qtbot.wait(30)
    assert shown == []


def _chunk(number: int) -> WaveChunk:
    return WaveChunk("monitor", WaveName.ECG_II, 300, np.zeros(3, np.int16), 0.01, "mV", NOW.plus(number * 0.01))
