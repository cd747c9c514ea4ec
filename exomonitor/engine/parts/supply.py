"""Handlers of lots, bags and what is scanned at the chair."""

from __future__ import annotations

from exomonitor.engine.situation import Handler
from exomonitor.session.commands import Command

HANDLERS: dict[type[Command], Handler] = {}
