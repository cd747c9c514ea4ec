"""Keeps half-filled forms while people type: in memory at once, on the disk a moment later and on another thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from exomonitor.drafts import DraftField, FormDraft
from exomonitor.engine.ports import DraftBook
from exomonitor.engine.snapshot import Snapshot
from exomonitor.errors import EnvironmentFault

log = logging.getLogger(__name__)
WRITE_AFTER_MS = 700
NOT_KEPT = "Half-filled forms cannot be kept for a restart ({why}). Save each form as soon as it is complete"
Run = Callable[[Callable[[], Any], Callable[[Any], None], Callable[[str], None]], None]
Key = tuple[str, str]


class DraftDesk(QObject):
    """The drafts of one window. Without a book (no data folder) nothing is kept and nothing is offered.

    failed(words): the disk refuses; said once, and the forms go on."""

    failed = Signal(str)

    def __init__(self, book: DraftBook | None, run: Run, parent: QObject | None = None) -> None:
        """`run` does something slow away from the GUI thread and brings the answer back to it."""
        super().__init__(parent)
        self._book, self._run = book, run
        self.session = ""
        self._now: datetime | None = None
        self._drafts: dict[Key, FormDraft] = {}
        self._gone: set[Key] = set()
        self._waiting: dict[Key, Callable[[], None]] = {}
        self._doing: Callable[[], None] | None = None
        self._told = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(WRITE_AFTER_MS)
        self._soon.timeout.connect(self._write)

    @property
    def now(self) -> datetime | None:
        """The clock of the last picture, None before the first."""
        return self._now

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follow the clock and the session; of one that has ended nothing is kept."""
        self._now = snapshot.now.utc
        session = snapshot.session
        present = session.id if session is not None and session.phase.is_open else ""
        if present == self.session:
            return
        gone, self.session = self.session, present
        if session is not None and session.id == gone:  # else it has only moved to another place
            self.forget_scope(gone)

    def find(self, scope: str, form: str) -> FormDraft | None:
        """What was entered in this form and is not recorded yet."""
        if self._book is None or self._now is None or not scope or (scope, form) in self._gone:
            return None
        known = self._drafts.get((scope, form))
        return known if known is not None else self._book.find(scope, form, self._now)

    def note(self, scope: str, form: str, texts: Mapping[str, str]) -> None:
        """What stands in this form now; a field that stays as it was keeps the time when it was entered."""
        if self._book is None or self._now is None or not scope:
            return
        before = self.find(scope, form)
        old = before.fields if before is not None else {}
        fields = {
            name: old[name] if name in old and old[name].text == text else DraftField(text, self._now)
            for name, text in texts.items()
        }
        if not any(texts.values()):
            self.forget(scope, form)
            return
        if fields == old:
            return
        draft = self._drafts[scope, form] = FormDraft(scope, form, fields)
        self._gone.discard((scope, form))
        self._later((scope, form), partial(self._book.keep, draft))

    def forget(self, scope: str, form: str) -> None:
        """It is recorded, or discarded."""
        if self._book is None or not scope:
            return
        self._drafts.pop((scope, form), None)
        self._gone.add((scope, form))  # at once, whenever the disk comes to it
        self._later((scope, form), partial(self._book.forget, scope, form))

    def forget_scope(self, scope: str) -> None:
        """The session has ended."""
        if self._book is None:
            return
        for key in [key for key in self._drafts if key[0] == scope]:
            del self._drafts[key]
        for key in [key for key in self._waiting if key[0] == scope]:
            del self._waiting[key]
        self._later((scope, ""), partial(self._book.forget_scope, scope))

    def flush(self) -> None:
        """The window closes, and no other thread of it works any more: write what waits, now and here."""
        self._soon.stop()
        left = [*([self._doing] if self._doing is not None else []), *self._waiting.values()]
        self._doing, self._waiting = None, {}
        for work in left:
            try:
                work()
            except EnvironmentFault as fault:
                log.warning("a half-filled form is not kept: %s", fault)

    # --- the disk ----------------------------------------------------------------------------------------------------

    def _later(self, key: Key, work: Callable[[], None]) -> None:
        self._waiting.pop(key, None)
        self._waiting[key] = work  # only the newest of each form, in the order in which they were touched
        if not self._soon.isActive() and self._doing is None:
            self._soon.start()

    def _write(self) -> None:
        """One piece of work at a time: two threads of the screen must not write one form in the wrong order."""
        if self._doing is not None or not self._waiting:
            return
        self._doing = self._waiting.pop(next(iter(self._waiting)))
        self._run(self._doing, lambda _: self._written(), self._refused)

    def _written(self) -> None:
        self._doing = None
        self._write()

    def _refused(self, why: str) -> None:
        if not self._told:
            self._told = True
            self.failed.emit(NOT_KEPT.format(why=why))
        self._written()
