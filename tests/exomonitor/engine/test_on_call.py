"""A high alarm that nobody acknowledges for a minute is told to whoever is on call: once, without a name, recorded."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field, replace

import pytest

from exomonitor.errors import CommandRefused
from exomonitor.session import commands as cmd
from exomonitor.session.machine_events import AudioPaused
from exomonitor.session.narrative import sentence
from exomonitor.session.parts.alarm_limits import OnCallTold
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.pump import AlarmKind
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench


@dataclass
class Pager:
    """Keeps what it was told; `why`: it fails."""

    lines: list[str] = field(default_factory=list)
    why: str = ""

    def tell(self, line: str) -> Future[str]:
        self.lines.append(line)
        answer: Future[str] = Future()
        answer.set_result(self.why)
        return answer


@pytest.fixture
def pager() -> Pager:
    return Pager()


@pytest.fixture
def bench(pager: Pager) -> Bench:
    made = Bench()
    made.engine._config = replace(made.engine._config, on_call=pager)
    made.prepare(pump="", monitor="")
    return made


def say(bench: Bench, priority: str = "high", code: str = "APNEA") -> None:
    kind = AlarmKind.OTHER
    bench.hear(RelayedAlarm("monitor", "", code, kind, "apnoea", priority, True, bench.now))


def test_after_a_minute_without_an_answer_it_is_told_once_and_recorded(bench: Bench, pager: Pager):
    say(bench)
    bench.wait(59.5, 0.5)
    assert not pager.lines
    bench.wait(0.5, 0.5)
    assert len(pager.lines) == 1
    assert pager.lines[0].startswith("ExoMonitor, chair 4: high alarm, nobody has acknowledged it for 60 s: ")
    assert "DEMO-EXAMPLE" not in pager.lines[0]
    bench.wait(120)
    assert len(pager.lines) == 1
    told = bench.events(OnCallTold)
    assert [one.told for one in told] == [True]
    assert sentence(told[0]).startswith("On call was told: nobody had acknowledged ")
    assert bench.state.alarm_limits.on_call[0][1] == told[0]
    assert bench.alarm("on_call") is None


def test_an_acknowledged_alarm_is_not_told(bench: Bench, pager: Pager):
    say(bench)
    bench.wait(40)
    bench.do(cmd.Acknowledge(CHAIR, bench.by))
    bench.wait(100)
    assert not pager.lines


def test_a_pause_of_the_sound_is_no_answer_and_cannot_be_pressed_again_and_again(bench: Bench, pager: Pager):
    say(bench)
    bench.wait(20)
    bench.do(cmd.PauseAudio(CHAIR, bench.by))
    bench.wait(41)
    assert len(pager.lines) == 1
    bench.wait(80)
    assert (bench.snapshot.audio.paused_until, bench.snapshot.audio.escalated) == (None, True)
    with pytest.raises(CommandRefused, match="already: acknowledge it"):
        bench.do(cmd.PauseAudio(CHAIR, bench.by))
    assert bench.snapshot.audio.paused_until is None
    assert len(bench.events(AudioPaused)) == 1
    bench.do(cmd.Acknowledge(CHAIR, bench.by))
    bench.do(cmd.PauseAudio(CHAIR, bench.by))
    assert len(bench.events(AudioPaused)) == 2
    assert len(pager.lines) == 1


def test_a_medium_alarm_is_not_told_however_long_it_stands(bench: Bench, pager: Pager):
    say(bench, "medium")
    bench.wait(300)
    assert not pager.lines


def test_an_alarm_that_sounds_again_is_told_again(bench: Bench, pager: Pager):
    say(bench)
    bench.wait(61)
    bench.do(cmd.Acknowledge(CHAIR, bench.by))
    bench.wait(180)
    bench.wait(61)
    assert len(pager.lines) == 2


def test_when_nobody_could_be_told_an_alarm_says_so(bench: Bench, pager: Pager):
    pager.why = "page ended with 3"
    say(bench)
    bench.wait(61)
    alarm = bench.alarm("on_call")
    assert alarm is not None
    assert alarm.text == "ON CALL NOT TOLD (page ended with 3) - call somebody yourself"
    assert [(one.told, one.why) for one in bench.events(OnCallTold)] == [(False, "page ended with 3")]
