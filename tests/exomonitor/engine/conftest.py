"""Each test gets an engine of its own."""

from __future__ import annotations

import pytest

from tests.exomonitor.engine.bedside_bench import Bench


@pytest.fixture
def bench() -> Bench:
    """An engine with nothing bound and nobody at work."""
    return Bench()


@pytest.fixture
def between(bench: Bench) -> Bench:
    """An infusion between two sets of a quarter of an hour, the last pressure more than three minutes old."""
    bench.infusing(290, 100.0)
    for slot in ("+5", "+10", "+15"):
        bench.do(bench.set_of(slot))
        bench.infuse(300, 100.0, step_s=5)
    assert bench.snapshot.next_line.startswith("Set +30 in ")
    return bench
