"""The tables that the program ships, read once for the tests."""

from __future__ import annotations

from exomonitor.clinical.rulebook import load_rulebook

RULES = load_rulebook()
