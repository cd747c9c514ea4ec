"""The names of places: chairs with devices, and lounge places where a patient is observed on without any."""

from __future__ import annotations

from collections.abc import Iterable

LOUNGE = "Lounge"
ELSEWHERE = "elsewhere:"
"""Keys of alarm conditions of another place begin so: they belong into no other patient's record."""


def is_lounge(place: str) -> bool:
    """Whether a place has no devices."""
    return place.startswith(LOUNGE)


def place_words(place: str, *, inside: bool = False) -> str:
    """How a place is called where several are spoken of: `Chair 4`, `Lounge 1`; `inside` a sentence: `chair 4`."""
    return place if is_lounge(place) else f"{'chair' if inside else 'Chair'} {place}"


def free_place(taken: Iterable[str]) -> str:
    """The first lounge place where nobody is."""
    held = set(taken)
    number = 1
    while f"{LOUNGE} {number}" in held:
        number += 1
    return f"{LOUNGE} {number}"
