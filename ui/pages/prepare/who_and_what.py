"""The step of the bag, as its label says it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtWidgets import QWidget

from exomonitor.session import commands as cmd
from exomonitor.session.commands import Command
from exomonitor.session.plan import Product, SourceCell
from exomonitor.session.state import SessionState
from ui.pages.prepare.step_form import StepForm, need, say
from ui.theme import Theme


def is_date(text: str) -> bool:
    """Whether this is a date as the record writes it."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2027-06-30")
