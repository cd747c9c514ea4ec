"""How a device's link stands, in words and figures. No widget."""

from __future__ import annotations

from collections.abc import Iterable

from exomonitor.engine.ports import DeviceChoice
from exomonitor.engine.snapshot import LinkView, Snapshot
from exomonitor.signals.links import LinkState
from ui.presenters.devices import choice_of, clock_words, request_words
from ui.presenters.words import age

_WORDS = {
    LinkState.CLOSED: "○ CLOSED",
    LinkState.OPENING: "◌ OPENING",
    LinkState.SILENT: "◌ OPEN, SILENT",
    LinkState.TALKING: "● TALKING",
    LinkState.STALE: "▲ STALE",
    LinkState.LOST: "✕ LOST",
    LinkState.WRONG_DEVICE: "✕ WRONG DEVICE",
}
NOT_READ = "No device is read for this"


def link_of(snapshot: Snapshot | None, role: str) -> LinkView | None:
    """The link of a role, None where nothing is read."""
    links = snapshot.links if snapshot is not None else ()
    return next((link for link in links if link.role == role), None)


def state_words(link: LinkView | None) -> str:
    """The state as a shape and a word."""
    return _WORDS[link.change.state] if link is not None else "○ NOT READ"


def link_rows(link: LinkView | None, catalogue: Iterable[DeviceChoice] = ()) -> tuple[tuple[str, str], ...]:
    """(label, words) of everything that is counted on a link; the catalogue knows how much may be asked."""
    if link is None:
        return (("", NOT_READ),)
    choice = choice_of(catalogue, link.key)
    change, counters = link.change, link.change.counters
    bad = sum(counters.frames_bad.values())
    why = ", ".join(f"{reason} {count}" for reason, count in sorted(counters.frames_bad.items()))
    told = " · ".join(part for part in (change.model, change.serial) if part)
    return (
        ("Device", told or link.name),
        ("Port", change.port or "--"),
        ("State", change.reason or "--"),
        ("Last frame", f"{age(link.age_s)} ago" if link.age_s is not None else "none yet"),
        ("Frames", f"{counters.frames_ok} good, {bad} bad" + (f" ({why})" if why else "")),
        ("Bytes", f"{counters.bytes_in} in, {counters.bytes_out} out, {counters.bytes_skipped} skipped"),
        ("Reconnects", str(counters.reconnects)),
        ("Requests", request_words(change, choice)),
        ("Its clock", clock_words(change.clock_offset_s)),
    )
