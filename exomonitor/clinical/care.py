"""The clinic's numbers for what happens beside the infusion: how long a patient may be away, when that is loud."""

from __future__ import annotations

from pydantic import Field

from exomonitor.clinical.tables import SignedTable

FILE = "care.toml"


class CareTable(SignedTable):
    """Minutes and seconds of an absence."""

    count_up_min: int = Field(ge=1, le=60)
    unmonitored_after_min: float = Field(gt=0, le=30)
    sensors_again_s: float = Field(ge=10, le=300)
