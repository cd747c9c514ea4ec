"""One difference between what was recorded and what is stored now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exomonitor.bounded import shown


@dataclass(frozen=True, slots=True)
class Finding:
    """`journal`, `row 17`, `was changed (its hash does not fit)`."""

    table: str
    where: str
    what: str

    def __str__(self) -> str:
        return shown(f"{self.table}: {self.where} {self.what}")


def rows_text(numbers: Sequence[int]) -> str:
    """`row 5`, `rows 5-7`, `rows 5, 6, 9`, `rows 1, 2, 3 ... 90`; the numbers rise."""
    if numbers[0] == numbers[-1]:
        return f"row {numbers[0]}"
    if isinstance(numbers, range) or len(numbers) == numbers[-1] - numbers[0] + 1:  # a range may be too long for len()
        return f"rows {numbers[0]}-{numbers[-1]}"
    if len(numbers) <= 8:
        return f"rows {', '.join(map(str, numbers))}"
    return f"rows {', '.join(map(str, numbers[:3]))} ... {numbers[-1]}"
