"""Each test gets an engine of its own."""

from __future__ import annotations

import pytest

from tests.exomonitor.engine.bedside_bench import Bench


@pytest.fixture
def bench() -> Bench:
    """An engine with nothing bound and nobody at work."""
    return Bench()
