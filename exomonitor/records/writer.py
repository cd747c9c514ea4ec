"""The one thread that writes: each submit is one transaction, durable when its future resolves, or none of it."""

from __future__ import annotations

import json
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TextIO

from sqlalchemy.exc import SQLAlchemyError

from exomonitor.engine.ports import Draft, ReadingRow, WaveSecond
from exomonitor.errors import EnvironmentFault
from exomonitor.records.database import Database
from exomonitor.records.doubt import Submit
from exomonitor.records.faults import fault
from exomonitor.records.store import Store
from exomonitor.session.entry import Entry
from exomonitor.signing import StationKey

OnCommit = Callable[[Sequence[Entry]], None]
_GROUP = 64  # submits that may share one transaction when they wait anyway

_STORAGE = (SQLAlchemyError, sqlite3.Error, EnvironmentFault, OSError)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Job:
    submit: Submit
    receipt: Future[tuple[Entry, ...]] = field(default_factory=Future)


class RecorderThread:
    """Implements the Recorder port. Each of `on_commit` is called on its thread after a commit, before the futures
    resolve."""

    def __init__(self, database: Database, *on_commit: OnCommit | None, key: StationKey | None = None) -> None:
        """`key`: signs the ends of the chains where the record is signed, reviewed, added to or exported."""
        self._store = Store(database, key)
        self._on_commit = [tell for tell in on_commit if tell is not None]
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()  # between the last submit and close
        self._closed = False
        self._failing = False
        self.refuses = ""
        """In a demo: why nothing can be saved now, "" = as usual. May be set from any thread."""
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def submit(
        self, drafts: Sequence[Draft], readings: Sequence[ReadingRow] = (), waves: Sequence[WaveSecond] = ()
    ) -> Future[tuple[Entry, ...]]:
        """Append; the future gives the entries as they stand in the journal, batches last, or EnvironmentFault."""
        job = _Job(Submit(tuple(drafts), tuple(readings), tuple(waves)))
        with self._lock:
            if not self._closed:
                self._jobs.put(job)
                return job.receipt
        job.receipt.set_exception(EnvironmentFault("The record could not be saved: it is closed."))
        return job.receipt

    def close(self) -> None:
        """Write what is waiting, merge what is staged, then stop; later submits fail. May be called twice."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (jobs := self._waiting()) is not None:
            self._serve(jobs)
        try:
            self._store.finish()
        except _STORAGE as cause:
            # Nothing is lost by this: what is staged stays staged, what is in the log stays in the log.
            log.warning("the record was closed without tidying up: %s", _first_line(cause))

    def _waiting(self) -> list[_Job] | None:
        """The next submits, or None at the end; the end is put back when submits stand before it."""
        first = self._jobs.get()
        if first is None:
            return None
        jobs = [first]
        with suppress(queue.Empty):
            while len(jobs) < _GROUP:
                job = self._jobs.get_nowait()
                if job is None:
                    self._jobs.put(None)
                    break
                jobs.append(job)
        return jobs

    def _serve(self, jobs: list[_Job]) -> None:
        """Commit the jobs together; if that fails, each by itself, so that only what is at fault fails."""
        try:
            if self.refuses:
                raise EnvironmentFault(f"The record could not be saved: {self.refuses}.")
            answers = self._store.save([job.submit for job in jobs])
        except _STORAGE as cause:
            self._separate(jobs, cause)
            return
        except Exception as cause:
            log.exception("a submit could not be recorded")
            self._separate(jobs, cause)
            return
        if self._failing:
            self._failing = False
            log.warning("the record is being saved again")
        self._tell([entry for entries in answers for entry in entries])
        for job, entries in zip(jobs, answers, strict=True):
            job.receipt.set_result(entries)
        self._tidy()

    def _separate(self, jobs: list[_Job], cause: Exception) -> None:
        if len(jobs) == 1:
            jobs[0].receipt.set_exception(self._told(cause))
            return
        for job in jobs:
            self._serve([job])

    def _told(self, cause: Exception) -> Exception:
        """What the caller gets: a bug as it is, a fault of the world as one sentence, logged when it begins."""
        if not isinstance(cause, _STORAGE):
            return cause
        told = cause
        if not isinstance(cause, EnvironmentFault):
            told = fault(cause)
            told.__cause__ = cause
        if not self._failing:
            self._failing = True
            log.error("%s", told)
        return told

    def _tell(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        for tell in tuple(self._on_commit):
            try:
                tell(entries)
            except OSError as cause:
                log.warning("nobody reads the commits any more: %s", cause)
                self._on_commit.remove(tell)

    def _tidy(self) -> None:
        try:
            while self._store.merge_next() and self._jobs.empty():
                pass
        except _STORAGE as cause:
            log.warning("wave seconds stay staged for now: %s", _first_line(cause))


class NoRecorder:
    """The Recorder port of a program that only reads: nothing is ever recorded, and whoever asks is told why."""

    def __init__(self, why: str) -> None:
        self._why = why

    def submit(
        self, drafts: Sequence[Draft], readings: Sequence[ReadingRow] = (), waves: Sequence[WaveSecond] = ()
    ) -> Future[tuple[Entry, ...]]:
        """Refused."""
        refused: Future[tuple[Entry, ...]] = Future()
        refused.set_exception(EnvironmentFault(self._why))
        return refused

    def close(self) -> None:
        """Nothing waits."""


def _first_line(cause: Exception) -> str:
    """What a person can use of a foreign message: SQLAlchemy's go on with advice to programmers."""
    return str(cause).partition("\n")[0]


def commit_lines(stream: TextIO) -> OnCommit:
    """Print one flushed JSON line per journal row: {"kind": "recorded", "seq", "hash"}."""

    def tell(entries: Sequence[Entry]) -> None:
        lines = (json.dumps({"kind": "recorded", "seq": entry.seq, "hash": entry.hash}) + "\n" for entry in entries)
        stream.write("".join(lines))
        stream.flush()

    return tell
