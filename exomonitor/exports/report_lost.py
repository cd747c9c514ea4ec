"""The pass over the report's facts where entries are lost: what is not there may be lost, what is there the least."""

from __future__ import annotations

from collections.abc import Iterable

from exomonitor.exports.material import Material
from exomonitor.exports.report_facts import NOT_RECORDED, Fact
from exomonitor.session.machine_events import WavesStored
from exomonitor.session.not_certain import absent, at_least, unsure

NOTHING = frozenset(
    {
        NOT_RECORDED,
        "-",
        "none",
        "no",
        "never",
        "unknown",
        "not started",
        "not graded",
        "none recorded",
        "none entered",
        "nothing measured",
        "no vital sign known",
        "call not recorded",
        "no call yet",
        "none that anybody has named",
        "none: nothing was read",
        "no criterion ticked",
        "not asked for",
        "NOT SIGNED",
        "NOT YET",
        "STILL OPEN",
    }
)
"""What a fact says where an entry is missing."""
_LISTED = frozenset(
    {"Drugs", "Actions", "Follow-up", "Limits changed", "Audio paused", "Devices read", "Sound test", "Entries"}
)
"""Facts that are lists of what happened: more of it may be lost."""
_UNSURE = frozenset({"Longest unacknowledged high"})
_FROM_LISTS = frozenset({"Sound test", "Thaw", "Certificate", "Particle count"})
"""What does not stand in the session: a lost entry of the clinic's lists may have told it."""


def readings_in_doubt(material: Material) -> int:
    """How much is lost or changed of what the figures of the readings are made of: 0 = they are certain."""
    damage = material.damage
    waves = {e.event.batch for e in material.entries if isinstance(e.event, WavesStored)}
    return damage.entries + damage.readings + len({*damage.changed, *damage.unproved} - waves)


def as_known(material: Material, facts: Iterable[Fact]) -> list[Fact]:
    """The facts as far as the entries that are left can tell them; unchanged where none is lost."""
    lost = material.summary.entries_lost
    around = lost or bool(material.lists_lost)
    return [_as_known(fact, around if fact[0] in _FROM_LISTS else lost) for fact in facts]


def _as_known(fact: Fact, lost: int) -> Fact:
    label, words = fact
    if words in NOTHING:
        return label, or_lost(words, lost)
    if label in _UNSURE:
        return label, unsure(words, lost)
    return (label, at_least(words, lost)) if label in _LISTED else fact


def or_lost(words: str, lost: int) -> str:
    """What says that there is nothing, where entries are lost: there may have been one."""
    return absent(words, lost) if words in NOTHING else words
