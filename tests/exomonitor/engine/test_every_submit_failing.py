"""The 1st, the 2nd, the 3rd ... submit to the recorder fails: a person's act is recorded or refused, never both, never
neither; what machines said is recorded once, whenever the disk is back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from exomonitor.engine.ports import Draft, ReadingRow, WaveSecond
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.entry import Entry
from exomonitor.session.machine_events import LinkChanged
from exomonitor.signals.links import LinkChange, LinkState
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench, FakeRecorder

NOTES = ("first", "second", "third")


@dataclass
class FailsOnce(FakeRecorder):
    """The submit of this number fails, counted from when the number is set; -1 = none."""

    number: int = -1

    def submit(
        self, drafts: Sequence[Draft], readings: Sequence[ReadingRow] = (), waves: Sequence[WaveSecond] = ()
    ) -> Future[tuple[Entry, ...]]:
        """As usual, or refused."""
        self.number -= 1
        self.fails = "The record could not be saved: the disk is full." if self.number == -1 else ""
        future = super().submit(drafts, readings, waves)
        self.fails = ""
        return future


def work(number: int) -> tuple[Bench, list[str], list[str]]:
    """A piece of an infusion during which that submit fails: the bench, the notes recorded, the notes refused."""
    recorder = FailsOnce()
    bench = Bench(recorder=recorder)
    bench.infusing(10)
    recorder.number = number
    told: dict[str, Future[object]] = {}
    for place, text in enumerate(NOTES):
        told[text] = bench.ask(cmd.AddNote(CHAIR, bench.by, text))  # type: ignore[assignment]
        bench.infuse(4, 100.0 + 20 * place)
        bench.hear(LinkChange("monitor", LinkState.LOST if place % 2 == 0 else LinkState.TALKING, "cable", bench.now))
        bench.wave(200)
    bench.infuse(6, 140.0)
    bench.wait(5)  # what failed last is tried again
    assert all(answer.done() for answer in told.values())
    refused = [text for text, answer in told.items() if answer.exception(0) is not None]
    for text in refused:
        assert isinstance(told[text].exception(0), CommandRefused | EnvironmentFault)
    return bench, [text for text in NOTES if text not in refused], refused


def recorder_of(bench: Bench) -> FailsOnce:
    assert isinstance(bench.recorder, FailsOnce)
    return bench.recorder


def facts_of(bench: Bench) -> Counter[str]:
    """What the pump and the links did, as the journal has it; when it was written down is the disk's matter."""
    kinds = (ev.DeliveryChanged, LinkChanged)
    return Counter(str(entry.event) for entry in bench.journal() if isinstance(entry.event, kinds))


def values_of(bench: Bench) -> Counter[tuple[str, float | None, object]]:
    """Every stored reading and the number of stored samples."""
    readings = Counter((row.name, row.value, row.at) for row in bench.recorder.readings)
    samples = sum(len(second.samples) for second in bench.recorder.waves)
    return readings + Counter({("samples", 0.0, None): samples})


def test_every_act_is_recorded_or_refused_and_every_fact_recorded_once():
    undisturbed, _, _ = work(-1)
    facts, values = facts_of(undisturbed), values_of(undisturbed)
    refusals, number = 0, 0
    while True:
        bench, recorded, refused = work(number)
        assert [event.text for event in bench.events(ev.NoteAdded)] == recorded
        assert len(recorded) + len(refused) == len(NOTES)
        refusals += len(refused)
        assert (facts_of(bench), values_of(bench)) == (facts, values)
        assert bench.replayed() == bench.engine.chair(CHAIR).state
        if recorder_of(bench).number >= 0:  # there was no such submit any more
            break
        number += 1
    assert refusals >= len(NOTES)  # also with a machine's event before it that could not be stored
