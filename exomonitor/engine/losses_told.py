"""How much of a session an alarm has told to be lost, read from its text: whoever acknowledged it has seen so much."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

UNCOUNTED = "its readings and waves could not be counted"
_OF_PLACE = re.compile(
    r"RECORD NOT INTACT - (?:chair .|Lounge ).*?: "
    r"(?P<told>(?:\d+ (?:entr|private text|reading|wave second|batch)|nothing proves \d).*?)\.(?: |$)"
)
"""What an alarm says of the session that is in its place comes first, from its first amount up to a full stop: a clinic
may call a chair `Nr. 4`. What it says of the clinic's lists is no part of it."""
_LIST = re.compile(r"(\d+) (entr|private text|reading|wave second)")
_LEFT = re.compile(r"(\d+) of the (readings|wave seconds)")
_FIRST = re.compile(r"\d+")
_NUMBERS = re.compile(r"\(([\d, ]+)")


def amounts(lost: str) -> Counter[str]:
    """What Damage.lost_of says, as numbers: of each kind how many, and each entry that is named by its number."""
    found: Counter[str] = Counter()
    for part in lost.split("; "):
        first = _FIRST.search(part)
        number = int(first[0]) if first is not None else 0
        if part == UNCOUNTED:
            found[part] = 1
        elif part.startswith("nothing proves"):
            found.update({f"unproved {what}": int(many) for many, what in _LEFT.findall(part)})
        elif " may be" in part:
            found["entries, perhaps"] += number
        elif re.match(r"\d+ batch", part):
            found["changed" if part.endswith("a changed value") else "left out"] = number
        else:
            found.update({what: int(many) for many, what in _LIST.findall(part)})
            found["entries, perhaps"] += found["entr"]
            for named in _NUMBERS.findall(part):
                found.update({f"entry {one.strip()}": 1 for one in named.split(",")})
    return +found


def told_in(texts: Iterable[str]) -> Counter[str]:
    """The most that any of these alarms has told of the session in its place, kind by kind."""
    most: Counter[str] = Counter()
    for text in texts:
        if own := _OF_PLACE.match(text):
            most |= amounts(own["told"])
    return most
