"""Which protocol a chair works by: a session keeps the one it was opened with, also after a restart."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.engine.chair import Chair
from exomonitor.engine.ports import ProtocolStore
from exomonitor.errors import EnvironmentFault
from exomonitor.session.entry import Entry
from exomonitor.session.events import SessionOpened
from exomonitor.session.parts.protocol import PinnedProtocolGone

log = logging.getLogger(__name__)


def pinned_by(entries: Sequence[Entry], present: ClinicProtocol, store: ProtocolStore | None) -> ClinicProtocol | None:
    """The protocol that a session was opened with; None when its copy is gone."""
    opened = next((entry.event for entry in entries if isinstance(entry.event, SessionOpened)), None)
    if opened is None or _is(present, opened.protocol_sha256, opened.rules_sha256):
        return present
    return store.load(opened.protocol_sha256, opened.rules_sha256) if store is not None else None


def pin(chair: Chair, entries: Sequence[Entry], store: ProtocolStore | None) -> PinnedProtocolGone | None:
    """Give the chair the protocol of the session it takes up again; the note for the journal when that one is gone."""
    pinned = pinned_by(entries, chair.protocol, store)
    if pinned is not None:
        chair.protocol = pinned
        return None
    used = chair.protocol
    opened = next(entry.event for entry in entries if isinstance(entry.event, SessionOpened))
    said = any(
        isinstance(e.event, PinnedProtocolGone)
        and (e.event.used_sha256, e.event.used_rules_sha256) == (used.sha256, used.rules.sha256)
        for e in entries
    )
    if said:
        return None
    name = f"{opened.protocol} {opened.protocol_version}"
    log.warning("the pinned protocol %s is gone: %s is used", name, used.title)
    return PinnedProtocolGone(
        name, opened.protocol_sha256, f"{used.name} {used.version}", used.sha256, used.rules.sha256
    )


def unpin(chair: Chair, present: ClinicProtocol, store: ProtocolStore | None) -> bool:
    """A new session begins: it works by the present protocol, of which a copy is kept. Whether that is another one."""
    if store is not None:
        try:
            store.keep(present)
        except EnvironmentFault as fault:  # the session goes on: its hash is in the record, the copy is a convenience
            log.warning("no copy of the protocol was kept: %s", fault)
    changed = chair.protocol is not present
    chair.protocol = present
    return changed


def _is(protocol: ClinicProtocol, sha256: str, rules_sha256: str) -> bool:
    """Whether it has these hashes; sessions of older programs pinned no tables."""
    return protocol.sha256 == sha256 and rules_sha256 in {"", protocol.rules.sha256}
