"""The 1st, the 2nd, the 3rd ... call to the disk fails: every submit is either recorded or refused, never both, never
neither, and what was refused is not there either when the program dies at that moment."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from exomonitor.clock import ManualClock
from exomonitor.errors import EnvironmentFault
from exomonitor.records.queries import SqlArchive
from exomonitor.records.verify import verify_database
from exomonitor.records.writer import RecorderThread
from exomonitor.session.events import NoteAdded
from exomonitor.session.machine_events import RefusedKept
from tests.exomonitor.records.at_rest import ALL_ENCRYPTED
from tests.exomonitor.records.disk import ENCRYPTED, FULL, Call, Disk, error_of
from tests.exomonitor.records.record_samples import (
    ask,
    draft,
    make_database,
    opened,
    patient,
    reading,
    recording,
    wave_second,
)  # fmt: skip

MOST_CALLS = 400
# A refusal is logged when it begins and when it ends; a failed tidying up is only a warning.
LOGGED = "could not be saved|saved again|stay staged|without tidying up|in the record all the same"

Refuse = Callable[[int, Call], int]


def once(number: int) -> Refuse:
    """Only this call fails."""
    return lambda at, call: error_of(call) if at == number else 0


def from_then_on(number: int) -> Refuse:
    """This call and all after it: the disk is gone."""
    return lambda at, call: error_of(call) if at >= number else 0


def full(number: int) -> Refuse:
    """From here on nothing can be written any more, everything else works."""
    return lambda at, call: FULL if at >= number and call.what == "write" else 0


@dataclass
class Outcome:
    """What the recorder said of each note, and how many calls there were until then."""

    recorded: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    calls: int = 0


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Path:
    """A database without a session."""
    path: Path = tmp_path_factory.mktemp("empty") / "clinic.sqlite3"
    make_database(path, ManualClock())
    return path


def notes(path: Path) -> list[str]:
    """The texts of the notes in the journal."""
    return [str(row[0]) for row in ask(path, "SELECT value FROM sealed WHERE field = 'text' ORDER BY seq")]


def died(path: Path) -> list[str]:
    """The notes that would be there if the program were killed now: only the files speak, no shared memory."""
    copy = path.parent / "died" / path.name
    shutil.rmtree(copy.parent, ignore_errors=True)
    copy.parent.mkdir()
    for end in ("", "-wal"):
        if (file := path.with_name(path.name + end)).exists():
            shutil.copy(file, copy.with_name(copy.name + end))
    return notes(copy)


def work(recorder: RecorderThread, clock: ManualClock, outcome: Outcome, refused: Callable[[str], None]) -> None:
    """A few submits one after the other: events, readings, and enough wave seconds for a chunk."""
    for number in range(3):
        text, now = f"note {number}", clock.advance(10)
        drafts = [opened(now), patient(now)] if number == 0 else []
        waves = [wave_second(now.plus(second), "pleth", 10) for second in range(10)] if number == 1 else []
        receipt = recorder.submit([*drafts, draft(NoteAdded(text), now)], [reading(now)], waves)
        error = receipt.exception(30)
        if error is None:
            outcome.recorded.append(text)
        else:
            assert isinstance(error, EnvironmentFault)
            outcome.refused.append(text)
            refused(text)


def fail(path: Path, refuse: Refuse, *, dies: bool) -> Outcome:
    """Record while calls fail; then the disk is well again, and the same recorder goes on."""
    clock, outcome = ManualClock(), Outcome()

    def refused(text: str) -> None:
        assert not dies or text not in died(path)

    with Disk(path.parent) as disk:
        database = make_database(path, clock)
        disk.calls.clear()
        disk.refuse = lambda number, call: refuse(number, call) if call.path.startswith(str(path)) else 0
        with recording(database) as recorder:
            work(recorder, clock, outcome, refused)
            outcome.calls = len(disk.calls)
            disk.refuse = None
            recorder.submit([draft(NoteAdded("good again"), clock.now())]).result(30)
    assert verify_database(path) == []
    return outcome


def every(empty: Path, folder: Path, how: Callable[[int], Refuse], *, dies: bool) -> Iterator[tuple[Outcome, Path]]:
    """The outcome for every call, until there are no more; for each fifth where this is the encrypted half of both."""
    for number in range(0, MOST_CALLS, 5 if ENCRYPTED["too"] and not ALL_ENCRYPTED else 1):
        path = folder.resolve() / str(number) / empty.name
        path.parent.mkdir()
        shutil.copy(empty, path)
        outcome = fail(path, how(number), dies=dies)
        assert len(outcome.recorded) + len(outcome.refused) == 3
        yield outcome, path
        shutil.rmtree(path.parent)
        if outcome.calls <= number:
            assert number > 15
            return
    pytest.fail("there is no end of calls")


@pytest.mark.expects_log(LOGGED)
@pytest.mark.parametrize("how", [once, full])
def test_every_submit_is_recorded_or_refused_whichever_call_fails(empty, tmp_path, how):
    refused = 0
    for outcome, path in every(empty, tmp_path, how, dies=True):
        assert notes(path) == [*outcome.recorded, "good again"]
        refused += bool(outcome.refused)
    assert refused > 3


@pytest.mark.expects_log(LOGGED)
def test_what_a_dead_disk_kept_although_it_was_refused_is_named(empty, tmp_path):
    """A disk that fails in the middle of a commit and answers nothing more cannot be told to forget: the entry says."""
    named = 0
    for outcome, path in every(empty, tmp_path, from_then_on, dies=False):
        there = notes(path)
        kept = [text for text in outcome.refused if text in there]
        assert [text for text in there if text not in kept] == [*outcome.recorded, "good again"]
        said = [entry.event for entry in SqlArchive(path).entries("") if isinstance(entry.event, RefusedKept)]
        assert len(said) == bool(kept)
        if kept:
            ((first,),) = ask(path, "SELECT seq FROM sealed WHERE value = ?", kept[0])
            assert said[0].first_seq <= int(str(first)) <= said[0].last_seq
            named += 1
    assert named > 0
