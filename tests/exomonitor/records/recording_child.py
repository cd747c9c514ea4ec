"""A process that records until it is killed or its disk is full, and prints each commit: run by test_crashes.py."""

from __future__ import annotations

import sys
from pathlib import Path

from exomonitor.clock import ManualClock
from exomonitor.errors import EnvironmentFault
from exomonitor.records.writer import RecorderThread, commit_lines
from exomonitor.session.events import NoteAdded
from tests.exomonitor.records.record_samples import draft, make_database, opened, patient, reading, wave_second


def record_for_ever(path: Path) -> None:
    """One second of readings and waves after the other, several submits in flight."""
    clock = ManualClock()
    recorder = RecorderThread(make_database(path, clock), commit_lines(sys.stdout))
    recorder.submit([opened(clock.now()), patient(clock.now())]).result()
    while True:
        now = clock.advance(1)
        waves = [wave_second(now, "ecg_ii", 100), wave_second(now, "pleth", 50)]
        recorder.submit([], [reading(now)], waves)
        recorder.submit([draft(NoteAdded("made-up note"), now)]).result()


def record_until_the_disk_is_full(path: Path, limit: int) -> None:
    """No file may grow beyond `limit` bytes; say what the first refusal said, lift the limit and record once more."""
    import resource

    clock = ManualClock()
    recorder = RecorderThread(make_database(path, clock), commit_lines(sys.stdout))
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        while True:
            recorder.submit([draft(NoteAdded("made-up note " * 40), clock.advance(1))]).result()
    except EnvironmentFault as told:
        sys.stdout.write(f'{{"kind": "refused", "why": "{told}"}}\n')
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    recorder.submit([draft(NoteAdded("room again"), clock.advance(1))]).result()
    recorder.close()


if __name__ == "__main__":
    if sys.argv[1] == "full":
        record_until_the_disk_is_full(Path(sys.argv[2]), 400_000)
    else:
        record_for_ever(Path(sys.argv[2]))
