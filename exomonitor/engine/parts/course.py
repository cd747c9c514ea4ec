"""Handlers of patients and of the course: who it is, and whether the dose's time has come."""

from __future__ import annotations

from exomonitor.engine.parts import identify, patients, timing
from exomonitor.engine.situation import Handler
from exomonitor.session.commands import Command

HANDLERS: dict[type[Command], Handler] = {**identify.HANDLERS, **patients.HANDLERS, **timing.HANDLERS}
