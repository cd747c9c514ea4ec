"""How an order came to be in the record: whose it is, and by which way it reached the nurse who entered it."""

from __future__ import annotations

from typing import Final

WRITTEN: Final = "written"
TELEPHONE: Final = "telephone"
SIGNED: Final = "signed"
WAYS: Final = (WRITTEN, TELEPHONE, SIGNED)
"""On paper and transcribed; by telephone and read back; signed by the prescriber at this station."""
_WORDS = {
    WRITTEN: "written order, transcribed",
    TELEPHONE: "telephone order, read back",
    SIGNED: "signed by the prescriber",
}


def way_words(way: str) -> str:
    """`telephone order, read back`; "" where the record does not say how the order came."""
    return _WORDS.get(way, "")


def by_whom(prescriber: str, way: str) -> str:
    """`Dr EXAMPLE, 4411 (telephone order, read back)`: the prescriber as the record tells of him."""
    words = way_words(way)
    return f"{prescriber} ({words})" if prescriber and words else prescriber
