"""All that an export is made of, read once; private texts are withheld here, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clock import Instant
from exomonitor.engine.ports import Archive, Readable, ReadingRow
from exomonitor.engine.stored import Damage
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.exports.chain import chain_breaks
from exomonitor.exports.summary import Summary, summarise
from exomonitor.registry.registry import Registry, load_registry
from exomonitor.registry.sound_tests import SoundTested
from exomonitor.registry.users import staff_names
from exomonitor.session.codec import private_fields
from exomonitor.session.entry import Entry
from exomonitor.session.fold import SENSELESS, fold
from exomonitor.session.kept import fold_kept
from exomonitor.session.narrative import WITHHELD
from exomonitor.session.state import SessionState


@dataclass(frozen=True, slots=True)
class Material:
    """One session as it may be written. `entries` and `state` hold no private text unless `identified`."""

    archive: Archive
    readable: Readable
    session: str
    entries: tuple[Entry, ...]
    rows: tuple[Mapping[str, Any], ...]
    sealed: tuple[Mapping[str, Any], ...]
    staff: Mapping[str, tuple[str, str]]
    registry: Registry
    state: SessionState
    summary: Summary
    protocol: ClinicProtocol
    program: str
    made: Instant
    identified: bool
    breaks: tuple[str, ...]
    """What is wrong with the chain of the record itself; shown, never repaired."""
    sound_tests: tuple[Entry, ...] = ()
    """The sound tests of this session, from the journal of the database."""

    @property
    def head(self) -> str:
        """Hash of the session's newest entry: the record's seal."""
        return self.entries[-1].hash

    @property
    def damage(self) -> Damage:
        """What of the session is lost; it is nowhere in the export but in this count."""
        return self.readable.damage

    @property
    def lists_lost(self) -> str:
        """What of the clinic's lists could not be read for this export, "" = nothing."""
        return self.readable.lists_lost

    @property
    def tz(self) -> str:
        """The session's zone."""
        return self.state.tz

    def readings(self) -> Iterator[tuple[int, ReadingRow]]:
        """(batch, reading) in the order stored."""
        return self.readable.readings()

    def minute(self, at: Instant) -> float | None:
        """Minutes since the start, negative before it; None where the session never started."""
        return None if self.state.started is None else at.since(self.state.started) / 60

    def who(self, actor: str) -> str:
        """A person as this export may name them: the opaque id, with the name where it is identified."""
        known = self.staff.get(actor)
        return f"{known[0]} ({actor})" if known is not None and self.identified else actor

    def role(self, actor: str) -> str:
        """The person's roles, "" where nobody knows."""
        user = self.registry.users.get(actor)
        return user.role_words if user is not None else self.staff.get(actor, ("", ""))[1]


def gather(
    archive: Archive, readable: Readable, protocol: ClinicProtocol, *, program: str, now: Instant, identified: bool
) -> Material:
    """A session for export, without what of it is damaged. Raises CommandRefused where nothing is left."""
    session, damaged, rows = readable.session, bool(readable.damage.sentence), readable.rows
    if not readable.entries:
        raise CommandRefused(f"There is no entry of session {session} that could be exported")
    entries = readable.entries if identified else tuple(withheld(entry) for entry in readable.entries)
    state = (
        fold_kept(session, entries, simulated=readable.simulated, lost=readable.damage.entries)
        if damaged
        else fold(entries)
    )
    if state is None:
        raise CommandRefused(f"There is no session {session} to export")
    known = readable.registry
    return Material(
        archive=archive,
        readable=readable,
        session=session,
        entries=entries,
        rows=rows,
        sealed=readable.sealed if identified else (),
        staff=_staff(archive, readable) if identified else {},
        registry=load_registry(known if identified else map(withheld, known), passed_over=SENSELESS),
        state=state,
        summary=summarise(state, now, protocol, readable.damage),
        protocol=protocol,
        program=program,
        made=now,
        identified=identified,
        sound_tests=tuple(e for e in known if isinstance(e.event, SoundTested) and e.event.during == session),
        breaks=tuple(f"{where}: {what}" for where, what in chain_breaks(rows)),
    )


def _staff(archive: Archive, readable: Readable) -> Mapping[str, tuple[str, str]]:
    try:
        return archive.staff()
    except EnvironmentFault:
        return staff_names(load_registry(readable.registry, passed_over=SENSELESS).users)


def withheld(entry: Entry) -> Entry:
    """The entry with a mark in place of every private text; empty texts stay empty."""
    kind: Any = type(entry.event)
    hidden = {name: WITHHELD for name in private_fields(kind) if getattr(entry.event, name)}
    return replace(entry, event=replace(entry.event, **hidden)) if hidden else entry
