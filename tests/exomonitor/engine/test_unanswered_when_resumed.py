"""A high alarm that nobody answered, and the program is killed and taken up again: its time goes on from the record."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from exomonitor.session.commands import Acknowledge
from exomonitor.session.machine_events import AlarmChanged
from exomonitor.session.parts.alarm_limits import OnCallTold
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench


@dataclass
class Pager:
    """Whoever is on call; `late`: answers when the test says so."""

    lines: list[str] = field(default_factory=list)
    answers: list[Future[str]] = field(default_factory=list)
    late: bool = False

    def tell(self, line: str) -> Future[str]:
        self.lines.append(line)
        self.answers.append(Future())
        if not self.late:
            self.answers[-1].set_result("")
        return self.answers[-1]


def low(bench: Bench, seconds: int, value: float | None = 80.0) -> None:
    for _ in range(seconds):
        bench.clock.advance(1)
        bench.vital(Sign.SPO2, value)
        bench.tick()


def with_pager(bench: Bench) -> Pager:
    pager = Pager()
    bench.engine._config = replace(bench.engine._config, on_call=pager)
    return pager


def alarming(seconds: int) -> tuple[Bench, Pager]:
    """A saturation of 80 % that has been an alarm for so many seconds."""
    bench = Bench()
    pager = with_pager(bench)
    bench.bind("monitor")
    bench.prepare(pump="")
    low(bench, 11)
    assert bench.alarm("spo2_low") is not None
    low(bench, seconds)
    return bench, pager


def test_escalation_and_on_call_go_on_from_the_record():
    bench, pager = alarming(45)
    began = next(e.at for e in bench.journal() if isinstance(e.event, AlarmChanged) and e.event.priority == "high")
    later = bench.after_restart(3)
    pager = with_pager(later)
    later.bind("monitor")
    low(later, 12)
    view = later.alarm("spo2_low")
    assert view is not None
    assert (view.raised_at, view.escalated) == (began, True)
    low(later, 3)
    assert len(pager.lines) == 1
    assert "for 6" in pager.lines[0]


def test_a_second_restart_still_knows_the_first_moment():
    bench, _ = alarming(20)
    began = next(e.at for e in bench.journal() if isinstance(e.event, AlarmChanged) and e.event.priority == "high")
    for _ in range(2):
        bench = bench.after_restart(30)
        bench.bind("monitor")
        low(bench, 12)
    view = bench.alarm("spo2_low")
    assert view is not None
    assert view.raised_at == began


def test_who_is_on_call_is_not_told_a_second_time():
    bench, pager = alarming(61)
    assert len(pager.lines) == 1
    later = bench.after_restart(5, boot_id=bench.now.boot_id)
    pager = with_pager(later)
    later.bind("monitor")
    low(later, 90)
    assert not pager.lines
    assert len(later.events(OnCallTold)) == 1


def test_a_late_answer_counts_for_the_rise_that_was_told_of():
    bench, pager = alarming(50)
    pager.late = True
    low(bench, 11)
    assert len(pager.lines) == 1
    bench.do(Acknowledge(CHAIR, bench.by))
    low(bench, 60, 97.0)
    low(bench, 20)
    assert bench.alarm("spo2_low") is not None
    pager.answers[0].set_result("")
    bench.tick()
    assert [one.told for one in bench.events(OnCallTold)] == [True]
    later = bench.after_restart(5, boot_id=bench.now.boot_id)
    pager = with_pager(later)
    later.bind("monitor")
    low(later, 90)
    assert len(pager.lines) == 1, "nobody was told of the second rise"


def test_on_call_is_told_once_though_the_monitor_comes_back_only_later():
    bench, _ = alarming(20)
    later = bench.after_restart(60)
    pager = with_pager(later)
    later.wait(2)
    assert len(pager.lines) == 1
    later.bind("monitor")
    low(later, 20)
    assert later.alarm("spo2_low") is not None
    assert len(pager.lines) == 1


def test_a_sign_that_was_measured_before_the_restart_is_missed_after_it():
    bench = Bench()
    bench.bind("monitor")
    bench.prepare(pump="")
    low(bench, 5, 97.0)
    bench.measured = (Sign.SPO2,)
    later = bench.after_restart(5)
    later.bind("monitor")
    low(later, 12, None)
    assert later.alarm("sensor_off_spo2") is not None
