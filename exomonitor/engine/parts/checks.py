"""Handlers of the order's checklists."""

from __future__ import annotations

from exomonitor.engine.situation import Handler
from exomonitor.session.commands import Command

HANDLERS: dict[type[Command], Handler] = {}
