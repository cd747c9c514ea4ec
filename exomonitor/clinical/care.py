"""The clinic's numbers for what happens beside the infusion: how long a patient may be away, when that is loud."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from exomonitor.clinical.tables import SignedTable

FILE = "care.toml"


class CareTable(SignedTable):
    """Minutes and seconds of an absence: the patient's, and the nurse's in a break."""

    count_up_min: int = Field(ge=1, le=60)
    unmonitored_after_min: float = Field(gt=0, le=30)
    sensors_again_s: float = Field(ge=10, le=300)
    break_cover_min: tuple[Annotated[int, Field(ge=1, le=120)], ...] = Field((15, 30), min_length=1, max_length=5)
    """The minutes for which a break is covered, as keys; rising, the longest is the limit."""

    @field_validator("break_cover_min")
    @classmethod
    def _rising(cls, minutes: tuple[int, ...]) -> tuple[int, ...]:
        if list(minutes) != sorted(set(minutes)):
            raise ValueError("the minutes rise, each stands there once")
        return minutes
