"""Who may sign in to a record that stands beside one which cannot be opened: the people of that one, read from its
undamaged pages by the reader of `recover`, as far as they prove themselves."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from exomonitor.errors import EnvironmentFault
from exomonitor.folders import DATABASE
from exomonitor.records.beside import FOLDER
from exomonitor.records.mapping import SPOILT, DamagedRow, entry_of
from exomonitor.records.raw_pages import opened
from exomonitor.records.salvage import Salvage, salvage
from exomonitor.records.signed_mark import mark_beside, read_mark
from exomonitor.registry.registry import load_registry
from exomonitor.registry.users import UserAdded, UserChanged, active
from exomonitor.session.entry import Entry, Event
from exomonitor.session.fold import SENSELESS
from exomonitor.session.trust_events import PeopleTakenOver, badges_of

_KINDS = (UserAdded.__name__, UserChanged.__name__, PeopleTakenOver.__name__)
_MARKS = tuple(word.encode() for word in (*_KINDS, "name", "pin_hash", "badge_digest", "phone", "database_id"))
"""One of these stands on every page that holds something of a person, or the database's id."""

log = logging.getLogger(__name__)


def people_beside(database: Path) -> list[Event]:
    """What is recorded first in a new record `database`: the people of the one beside which it stands, by name and PIN,
    and by badge where that one's id is known, by which badges are kept. [] = it stands beside none, or nobody can be
    read there, as where its key is lost: that stops no start."""
    source = database.parent.parent / DATABASE
    if database.parent.name != FOLDER or not source.is_file():
        return []
    try:
        entries, source_id = _read(source)
    except (OSError, EnvironmentFault) as cause:
        log.warning("nobody can be taken over from %s: %s", source.name, cause)
        return []
    people = [one for one in active(load_registry(entries, SENSELESS).users) if one.pin_hash]
    if not people:
        return []
    added = [
        UserAdded(one.id, one.roles, one.name, one.pin_hash, one.badge_digest * bool(source_id), one.phone)
        for one in people
    ]
    return [*added, PeopleTakenOver(source.name, len(people), entries[-1].seq, source_id)]


def _read(source: Path) -> tuple[list[Entry], str]:
    """The entries about people, and the id by which their badges are kept: of the record that this one took its people
    from, else its own, of its first entry or of its signed mark; "" = lost."""
    with opened(source) as raw:
        found = salvage(raw, _MARKS)
    known = ""
    if (first := found.journal.get(1)) is not None:
        with suppress(*SPOILT):
            known = str(json.loads(first["body"])["database_id"])
    mark = read_mark(mark_beside(source))
    entries = list(_entries(found))
    return entries, badges_of(entries, known or (mark.database_id if mark is not None and mark.fits else ""))


def _entries(found: Salvage) -> Iterator[Entry]:
    for seq, row in sorted(found.journal.items()):
        if row["type"] not in _KINDS:
            continue
        texts = {field: text["value"] for (of, field), text in found.sealed.items() if of == seq}
        try:
            yield entry_of(row, texts)
        except DamagedRow as why:
            log.warning("a person is not taken over: %s", why)
