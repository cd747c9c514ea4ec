"""What is half entered in the steps of a preparation: kept while somebody types, put back after a restart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.bridge import Bridge
from ui.pages.prepare.step_form import StepForm
from ui.pages.prepare.steps import CONSENT, COURSE, LINE, ORDER, OWN_LIMIT, PATIENT, PREMED, PRODUCT, READINESS
from ui.theme import TOUCH, Theme
from ui.widgets.drafting import Drafting, DraftStrip

KEPT = (PATIENT, COURSE, PRODUCT, ORDER, CONSENT, LINE, PREMED, READINESS, OWN_LIMIT)
"""Not the second check, which is blind, and not what is chosen at the devices or ticked at the time-out."""


class StepDrafts:
    """One Drafting for each step; the strip belongs to the step in front."""

    def __init__(self, bridge: Bridge, forms: Mapping[str, StepForm], theme: Theme, refill: Callable[[], None]) -> None:
        """`refill`: what the record knows is shown again in a form that was emptied."""
        self._desk, self._forms, self._refill = bridge.drafts, forms, refill
        self.strip = DraftStrip(theme, height=TOUCH)
        self._from: dict[str, datetime | None] = {}
        self._present, self._session = "", ""
        self._drafting: dict[str, Drafting] = {}
        self.strip.discarded.connect(self.discard)

    def add(self, key: str, form: StepForm) -> None:
        """A form was made: it is as somebody left it, if a session has come up already."""
        if key not in KEPT:
            return
        made = Drafting(self._desk, partial(self._key, key), form.draft_parts, partial(self._note_from, key))
        form.edited.connect(made.note)
        self._drafting[key] = made
        if self._session and self._session == self._desk.session:
            made.begin_again()

    def beside(self, heading: QWidget) -> QHBoxLayout:
        """The strip stands at the right of the step's heading."""
        row = QHBoxLayout()
        row.addWidget(heading, 1)
        row.addWidget(self.strip)
        return row

    def follow(self) -> None:
        """A session has come up that was not here before: every step is as somebody left it."""
        if self._desk.session == self._session:
            return
        self._session = self._desk.session
        for drafting in self._drafting.values():
            drafting.begin_again()

    def show(self, step: str) -> None:
        """This step is in front."""
        self._present = step
        self.strip.show_draft(self._from.get(step))

    def recorded(self, form: StepForm) -> None:
        """What a step said is in the record."""
        for key, drafting in self._drafting.items():
            if self._forms[key] is form:
                drafting.forget()
                drafting.emptied()

    def discard(self) -> None:
        """One touch: the step in front is as the record has it."""
        drafting, form = self._drafting.get(self._present), self._forms.get(self._present)
        if drafting is None or form is None:
            return
        drafting.forget()
        form.begin_anew()
        self._refill()
        drafting.emptied()

    def _key(self, step: str) -> tuple[str, str]:
        return self._desk.session, f"step {step}"

    def _note_from(self, step: str, at: datetime | None) -> None:
        self._from[step] = at
        if step == self._present:
            self.strip.show_draft(at)
