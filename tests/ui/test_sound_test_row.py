"""The sound test at the bedside: shown while it is due, plays, asks, and records what was heard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from exomonitor.computer import RESTART, Computer
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.registry import Registry
from exomonitor.registry.sound_tests import SoundTest
from exomonitor.session.parts.sound_test import RecordSoundTest
from tests.ui import made_sessions, scenes
from tests.ui.fake_bedside import FakeBedside
from tests.ui.fake_sounds import Sounds
from tests.ui.prepare_room import open_room, picture
from ui.bridge import Bridge
from ui.pages.prepare.steps import START
from ui.pages.start.page import StartPage
from ui.presenters.sound_test import NOT_HEARD, NOTHING_PLAYS, last_words
from ui.theme import DARK


def at_work() -> Snapshot:
    return replace(scenes.empty_chair(), staff="R. Okafor", staff_id="u1")


def answered(snapshot: Snapshot, key: str, *, full: bool, heard: bool = True) -> Snapshot:
    test = SoundTest(snapshot.now, "u1", full, heard)
    return replace(snapshot, registry=replace(snapshot.registry, sound_tests={key: test}))


@pytest.fixture
def start(qtbot) -> Iterator[StartPage]:
    bedside = FakeBedside(at_work())
    bridge = Bridge(bedside)
    bridge.sounder = Sounds()
    page = StartPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.show()
    page.show_snapshot(at_work())
    yield page
    bridge.close()


def sounds(page: StartPage) -> Sounds:
    found = page._bridge.sounder
    assert isinstance(found, Sounds)
    return found


def sent(page: StartPage) -> list[object]:
    bedside = page._bedside
    assert isinstance(bedside, FakeBedside)
    return [one for one in bedside.submitted if isinstance(one, RecordSoundTest)]


def test_the_full_test_of_the_shift_is_asked_for_before_the_first_session(start):
    assert start.sound.isVisible()
    start.sound.play_key.click()
    assert sounds(start).played == [True]
    start.sound.heard_key.click()
    assert sounds(start).answers == [True]
    assert sent(start) == [RecordSoundTest("4", "u1", full=True, heard=True)]
    start.show_snapshot(answered(at_work(), "full", full=True))
    assert not start.sound.isVisible()


def test_what_was_not_heard_is_recorded_and_asked_for_again(start):
    start.sound.play_key.click()
    start.sound.silent_key.click()
    assert sounds(start).answers == [False]
    assert sent(start) == [RecordSoundTest("4", "u1", full=True, heard=False)]
    assert start.sound.words.text() == NOT_HEARD
    start.show_snapshot(answered(at_work(), "full", full=True, heard=False))
    assert start.sound.isVisible()
    assert start.sound.play_key.isVisible()


def test_without_a_device_it_says_so_and_asks_nothing(start):
    sounds(start).works = False
    start.sound.play_key.click()
    assert start.sound.words.text() == NOTHING_PLAYS
    assert not start.sound.heard_key.isVisible()


def test_without_a_helper_there_is_no_row(start):
    start._bridge.sounder = None
    start.show_snapshot(at_work())
    assert not start.sound.isVisible()


def test_a_restart_that_waits_is_warned_of_before_the_session(start):
    assert not start.restart.isVisible()
    start.show_snapshot(replace(at_work(), computer=Computer(restart_pending=True)))
    assert start.restart.text() == f"⚠ {RESTART}"


def test_the_short_burst_belongs_to_the_time_out_of_each_session(qtbot):
    for room in open_room(qtbot):
        played = Sounds()
        room.page._bridge.sounder = played
        state = made_sessions.filled()
        room.show(state)
        room.page.open_step(START)
        row = room.page.start.sound
        assert row is not None
        assert row.isVisibleTo(room.page.start)
        row.play_key.click()
        row.heard_key.click()
        assert played.played == [False]
        assert room.sent() == [RecordSoundTest("4", "u1", full=False, heard=True)]
        room.page.show_snapshot(answered(picture(state), f"session {state.id}", full=False))
        assert not row.isVisibleTo(room.page.start)
        later = replace(answered(picture(state), f"session {state.id}", full=False).registry, sound_tests={
            f"session {state.id}": SoundTest(picture(state).now, "u1", False, True),
            "newest": SoundTest(picture(state).now, "u1", True, False),
        })  # fmt: skip
        room.page.show_snapshot(replace(picture(state), registry=later))
        assert row.isVisibleTo(room.page.start)  # heard in this session, and not heard since
        waiting = replace(picture(state), computer=Computer(restart_pending=True))
        room.page.show_snapshot(waiting)
        assert RESTART in room.page.start.warning.text()


def test_the_last_full_test_is_told_with_time_and_name():
    before = replace(at_work(), registry=Registry())
    assert "due" in last_words(before, 8)
    assert "heard" in last_words(answered(before, "full", full=True), 8)
    assert "NOT HEARD" in last_words(answered(before, "full", full=True, heard=False), 8)
