"""How figures are said that are reckoned from a record of which entries are lost."""

from __future__ import annotations

NOT_CERTAIN = "not certain"
"""Of a volume, a time or a rate: without the lost entries it may be more or less."""
MISSED_OR_LOST = "missed or lost"
"""Of a set without an entry: its own may be among those that are lost."""


def counted(number: int, lost: int, none: str = "none") -> str:
    """How many there were: `2`, `at least 2`, `none`, `none that can be read`."""
    if lost:
        return f"at least {number}" if number else "none that can be read"
    return str(number) if number else none


def at_least(words: str, lost: int) -> str:
    """A list of what there was, where some of it may be lost."""
    return f"at least: {words}" if lost else words


def absent(words: str, lost: int) -> str:
    """What says that an entry is not there (`not recorded`, `-`), where it may be lost."""
    return f"{words} or lost" if lost else words


def unsure(words: str, lost: int) -> str:
    """A volume, a time or a rate with that word behind it, where entries are lost."""
    return f"{words}, {NOT_CERTAIN}" if lost else words
