"""Handlers of what happens beside the infusion itself."""

from __future__ import annotations

from exomonitor.engine.situation import Handler
from exomonitor.session.commands import Command

HANDLERS: dict[type[Command], Handler] = {}
