"""Handlers of the emergency steps and of what follows a reaction."""

from __future__ import annotations

from exomonitor.engine.situation import Handler
from exomonitor.session.commands import Command

HANDLERS: dict[type[Command], Handler] = {}
