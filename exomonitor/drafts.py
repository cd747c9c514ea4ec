"""Half-filled forms, kept field by field beside the record until they are saved, discarded or their session ends."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from exomonitor.clock import iso_utc, parse_utc
from exomonitor.errors import EnvironmentFault
from exomonitor.folders import make_private

log = logging.getLogger(__name__)
FOLDER = "drafts"
REGISTRATION, CALLS = "registration", "calls"
LASTING = (REGISTRATION, CALLS)
"""Scopes of forms that belong to no open session."""
LONGEST_H = 24
"""What nobody has saved for so long is of no use to anybody any more; hours."""
MOST_DRAFTS = 64
MOST_BYTES = 32_768
_SUFFIX = ".json"
_SEAL_BYTES = 64
"""A box may make a file so much longer."""


class Box(Protocol):
    """What keeps the files of an encrypted record's drafts from other eyes."""

    def close(self, content: bytes) -> bytes:
        """As it is written."""
        ...

    def open(self, content: bytes) -> bytes:
        """As it was. Raises ValueError for what this box has not closed."""
        ...


class _Clear:
    """Beside a record in the clear drafts are too."""

    def close(self, content: bytes) -> bytes:
        return content

    def open(self, content: bytes) -> bytes:
        return content


CLEAR = _Clear()


@dataclass(frozen=True, slots=True)
class DraftField:
    """What stands in one field, and when (UTC) a person entered it."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FormDraft:
    """One form of one session (`scope`; a word of its own for what belongs to none), by the names of its fields."""

    scope: str
    form: str
    fields: Mapping[str, DraftField] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        """When somebody last entered something."""
        return max(one.at for one in self.fields.values())


class DraftStore:
    """One small file for each draft, readable by its owner alone, replaced as a whole. It is no part of the record:
    no journal, no log and no export ever has a word of it. May be used from any thread; what writes may block."""

    def __init__(self, data: Path, box: Box = CLEAR) -> None:
        """`data`: the data folder; what an earlier run left there is read now, what cannot be read is thrown away."""
        self._folder, self._box = data / FOLDER, box
        self._lock = threading.Lock()  # never held while the disk works: whoever only asks must not wait for it
        self._disk = threading.Lock()
        self._drafts = {(draft.scope, draft.form): draft for draft in self._read_all()}

    def find(self, scope: str, form: str, now: datetime) -> FormDraft | None:
        """The draft of this form, None where there is none or it is too old."""
        with self._lock:
            draft = self._drafts.get((scope, form))
        return draft if draft is not None and now - draft.at <= timedelta(hours=LONGEST_H) else None

    def keep(self, draft: FormDraft) -> None:
        """Replace the draft of this form. EnvironmentFault where it cannot be written or is larger than any form."""
        content = json.dumps(_plain(draft), ensure_ascii=False).encode()
        with self._lock:
            new = (draft.scope, draft.form) not in self._drafts
            if len(content) > MOST_BYTES or (new and len(self._drafts) >= MOST_DRAFTS):
                raise EnvironmentFault("there are too many half-filled forms, or one is too long")
            self._drafts[draft.scope, draft.form] = draft
        with self._disk:
            self._write(self._path(draft.scope, draft.form), self._box.close(content))

    def forget(self, scope: str, form: str) -> None:
        """Delete the draft of this form, if there is one. EnvironmentFault where its file cannot be deleted."""
        with self._lock:
            known = self._drafts.pop((scope, form), None)
        if known is not None:
            with self._disk:
                _delete(self._path(scope, form))

    def forget_scope(self, scope: str) -> None:
        """The session has ended: delete all its drafts. EnvironmentFault where a file cannot be deleted."""
        self._forget_all([key for key in tuple(self._drafts) if key[0] == scope])

    def keep_only(self, scopes: Collection[str], now: datetime) -> None:
        """After a start: only sessions that are still open, and words of these names, have drafts; no old ones."""
        longest = timedelta(hours=LONGEST_H)
        drafts = tuple(self._drafts.items())
        self._forget_all([key for key, draft in drafts if key[0] not in scopes or now - draft.at > longest])

    def _forget_all(self, keys: Collection[tuple[str, str]]) -> None:
        for scope, form in keys:
            self.forget(scope, form)

    def _path(self, scope: str, form: str) -> Path:
        name = hashlib.sha256(f"{scope}\n{form}".encode()).hexdigest()[:32]
        return self._folder / (name + _SUFFIX)

    def _write(self, path: Path, content: bytes) -> None:
        aside = path.with_suffix(".new")
        try:
            make_private(self._folder)
            self._folder.chmod(0o700)
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        except OSError as cause:
            raise EnvironmentFault(cause.strerror or str(cause)) from cause

    def _read_all(self) -> list[FormDraft]:
        if not self._folder.is_dir():
            return []
        found = []
        for path in sorted(self._folder.iterdir())[: 4 * MOST_DRAFTS]:
            draft = _read(path, self._box)
            if draft is not None and path == self._path(draft.scope, draft.form):
                found.append(draft)
                continue
            try:
                _delete(path)
            except EnvironmentFault as fault:
                log.warning("a useless draft stays in %s: %s", self._folder, fault)
        return found[:MOST_DRAFTS]


def open_drafts(data: Path, open_sessions: Collection[str], now: datetime, box: Box | None = None) -> DraftStore:
    """The drafts of a data folder at a start: those of sessions that are over are nobody's business any more. `box`:
    beside an encrypted record."""
    store = DraftStore(data, box or CLEAR)
    try:
        store.keep_only({*open_sessions, *LASTING}, now)
    except EnvironmentFault as fault:
        log.warning("old drafts stay in %s: %s", data / FOLDER, fault)
    return store


def _plain(draft: FormDraft) -> dict[str, Any]:
    fields = {name: [one.text, iso_utc(one.at)] for name, one in draft.fields.items()}
    return {"scope": draft.scope, "form": draft.form, "fields": fields}


def _read(path: Path, box: Box) -> FormDraft | None:
    """The draft of a file, None for everything that none of ours can be."""
    try:
        if path.suffix != _SUFFIX or path.stat().st_size > MOST_BYTES + _SEAL_BYTES:
            return None
        plain = json.loads(box.open(path.read_bytes()).decode("utf-8"))
        fields = {str(name): DraftField(str(text), parse_utc(at)) for name, (text, at) in plain["fields"].items()}
        return FormDraft(str(plain["scope"]), str(plain["form"]), fields) if fields else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _delete(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as cause:
        raise EnvironmentFault(cause.strerror or str(cause)) from cause
