"""Handlers of follow-up calls, triage and the next dose."""

from __future__ import annotations

from exomonitor.engine.situation import Handler
from exomonitor.session.commands import Command

HANDLERS: dict[type[Command], Handler] = {}
