"""The step that is there only for a low baseline: from which pressure it is low for this patient, and who says so."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from exomonitor.clinical.anaphylaxis import LOW_SBP_MMHG
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import Command
from exomonitor.session.gate_rules import baseline_sbp
from exomonitor.session.parts.emergency_events import OwnSbpLimitSet, SetOwnSbpLimit
from exomonitor.session.state import SessionState
from exomonitor.units import MMHG, Span, shown_unit
from ui.pages.prepare.step_form import StepForm, need, say
from ui.theme import Theme
from ui.widgets.entry import NumberEntry

_SPAN = Span("Own limit", MMHG, Decimal(60), Decimal(LOW_SBP_MMHG - 1), 0)


class OwnLimitForm(StepForm):
    """A number and a reason; reaction alarms and discharge judge by it from then on."""

    def __init__(self, theme: Theme, chair: str) -> None:
        super().__init__(theme, chair)
        self.words = self.remark()
        self.limit = self.number_entry(
            NumberEntry(
                theme,
                "Low is a systolic pressure below",
                _SPAN,
                shown_unit(MMHG),
                "the prescriber says which",
                pixels=18,
            )
        )
        self.reason = self.entry("Why, and who said so")
        self.row(self.limit, self.reason)
        self.column.addStretch(1)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """The baseline that asks for it stands above the number."""
        super().show_snapshot(snapshot)
        session = snapshot.session
        baseline = baseline_sbp(session) if session is not None else None
        told = "" if baseline is None else f"The baseline is {baseline} mmHg systolic. "
        say(
            self.words,
            f"{told}Below {LOW_SBP_MMHG} mmHg counts as low: for this patient that would always be so. "
            f"Anaphylaxis criteria and discharge need a limit of the patient's own, below the baseline.",
        )

    def commands(self) -> Sequence[Command] | None:
        """The limit; None = something is missing, and the form has said what."""
        if not need(((self.limit, "A number is needed"), (self.reason, "A few words are needed"))):
            return None
        limit = self.limit.number()
        return None if limit is None else (SetOwnSbpLimit(self.chair, self.by, int(limit), self.reason.text()),)

    def recorded_part(self, session: SessionState) -> object:
        """The limit as recorded."""
        return session.emergency.own_limit

    def fill(self, part: object) -> None:
        """As recorded."""
        if isinstance(part, OwnSbpLimitSet):
            self.limit.set_text(str(part.limit_mmhg))
            self.reason.set_text(part.reason)

    def empty(self) -> None:
        """No limit."""
        for entry in (self.limit, self.reason):
            entry.set_text("")
            entry.show_error("")
