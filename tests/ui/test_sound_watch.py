"""What the sound helper decides, without sound and without time passing."""

from __future__ import annotations

import json

from exomonitor.alarms.bursts import BURSTS
from exomonitor.alarms.limits import Priority
from ui.sound.watch import HUSH_S, PATIENCE_S, SoundWatch


def said(**content: object) -> str:
    return json.dumps(content)


def watching(at_s: float = 0.0) -> SoundWatch:
    watch = SoundWatch()
    watch.hear(said(beat=1), at_s)
    return watch


def test_a_sound_begins_at_once_and_returns_after_its_period():
    watch = watching()
    watch.hear(said(sound="high"), 0.0)
    assert watch.due(0.0) == ["high"]
    period_s = BURSTS[Priority.HIGH].period_ms / 1000
    begun = []
    for tick in range(200):
        now_s = tick * 0.1
        watch.hear(said(beat=tick), now_s)
        begun += [now_s] * len(watch.due(now_s))
    assert len(begun) == 2
    assert begun[1] - begun[0] - period_s < 0.11


def test_a_louder_sound_interrupts_and_silence_is_silence():
    watch = watching()
    watch.hear(said(sound="low"), 0.0)
    assert watch.due(0.0) == ["low"]
    watch.hear(said(sound="high"), 0.5)
    assert watch.due(0.5) == ["high"]
    watch.hear(said(sound=None), 0.6)
    watch.hear(said(beat=2), 30.0)
    assert watch.due(30.0) == []


def test_a_softer_sound_waits_for_the_end_of_the_burst():
    watch = watching()
    watch.hear(said(sound="high"), 0.0)
    watch.due(0.0)
    watch.hear(said(sound="low"), 1.0)
    watch.hear(said(beat=2), 1.0)
    assert watch.due(1.1) == []
    assert watch.due(1.0 + BURSTS[Priority.HIGH].length_ms / 1000 + 1.0) in (["low"], ["failure"])


def test_the_same_sound_asked_for_twice_is_not_begun_twice():
    watch = watching()
    watch.hear(said(sound="medium"), 0.0)
    assert watch.due(0.0) == ["medium"]
    watch.hear(said(sound="medium"), 0.3)
    assert watch.due(0.3) == []


def test_without_a_heartbeat_the_failure_tone_comes_and_goes_with_it():
    watch = watching()
    assert watch.due(PATIENCE_S) == []
    assert watch.due(PATIENCE_S + 0.1) == ["failure"]
    assert watch.due(PATIENCE_S + 0.2) == []
    assert watch.due(PATIENCE_S + 3.2) == ["failure"]
    watch.hear(said(beat=2), PATIENCE_S + 4)
    assert not watch.frozen
    assert watch.due(PATIENCE_S + 4.1) == []


def test_before_the_first_heartbeat_nothing_is_frozen():
    watch = SoundWatch()
    assert watch.due(1000.0) == []


def test_after_bye_nothing_sounds():
    watch = watching()
    watch.hear(said(sound="high"), 0.0)
    watch.hear(said(bye=True), 0.0)
    assert watch.due(100.0) == []
    assert watch.closing


def test_an_alarm_ends_a_sound_test_and_is_heard_alone():
    watch = watching()
    watch.hear(said(test="full"), 0.0)
    watch.hear(said(beat=1), 0.0)
    assert watch.due(0.0) == ["high"]
    watch.hear(said(sound="medium"), 0.3)
    watch.hear(said(beat=2), 0.3)
    assert watch.due(0.3) == ["medium"]
    watch.hear(said(sound=None), 2.0)
    heard = []
    for tick in range(20, 120):
        watch.hear(said(beat=tick), tick * 0.1)
        heard += watch.due(tick * 0.1)
    assert heard == []


def test_a_test_that_is_asked_for_during_an_alarm_is_not_played_into_it():
    watch = watching()
    watch.hear(said(sound="high"), 0.0)
    watch.hear(said(test="short"), 0.0)
    watch.hear(said(beat=1), 0.0)
    assert watch.due(0.0) == ["high"]


def test_the_full_test_is_three_sounds_and_the_short_one_is_one():
    watch = watching()
    watch.hear(said(test="full"), 0.0)
    heard = []
    for tick in range(120):
        watch.hear(said(beat=tick), tick * 0.1)
        heard += watch.due(tick * 0.1)
    assert heard == ["high", "medium", "low"]
    watch.hear(said(test="short"), 20.0)
    watch.hear(said(beat=1), 20.0)
    assert watch.due(20.0) == ["low"]


def test_lines_that_mean_nothing_are_named_and_change_nothing():
    watch = watching()
    assert watch.hear("garbage", 0.0) == "not JSON"
    assert watch.hear("[1]", 0.0) == "not an object"
    assert "whistle" in watch.hear(said(sound="whistle"), 0.0)
    assert watch.due(0.1) == []


def test_a_frozen_screen_that_somebody_silenced_is_called_out_again_after_two_minutes():
    watch = watching()
    assert watch.due(PATIENCE_S + 0.1) == ["failure"]
    watch.hush(4.0)
    quiet = [watch.due(4.0 + tick) for tick in range(int(HUSH_S))]
    assert quiet == [[]] * len(quiet)
    assert (watch.frozen, watch.calling) == (True, False)
    assert watch.due(4.0 + HUSH_S) == ["failure"]
    assert watch.calling


def test_a_screen_that_moved_after_it_was_silenced_and_stands_again_is_called_out_at_once():
    watch = watching()
    watch.due(PATIENCE_S + 0.1)
    watch.hush(4.0)
    watch.hear(said(beat=2), 10.0)
    assert watch.due(10.0) == []
    assert watch.due(10.1 + PATIENCE_S) == ["failure"]
