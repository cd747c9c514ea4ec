"""In the tests of the screen the page follows an alarm at once, not PAGE_AFTER_MS later (test_bridge.py: as it is)."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture(autouse=True)
def page_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no bridge was imported there is none."""
    if "ui.bridge" in sys.modules:
        monkeypatch.setattr("ui.bridge.PAGE_AFTER_MS", 0)
