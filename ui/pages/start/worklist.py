"""The start page's share of the follow-up: the most urgent lines, as keys that open them."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from exomonitor.engine.bedside import Bedside
from ui.pages.followup.work_card import WorkCard
from ui.theme import Theme

_ROWS = 3


class Worklist(WorkCard):
    """As on the page of the calls, only shorter."""

    def __init__(self, bedside: Bedside, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, bedside.protocol.rules.follow_up.content, _ROWS, parent=parent)
