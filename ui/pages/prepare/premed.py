"""The step of hydration and premedication: what was given and when, or that none was ordered. It binds nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtWidgets import QWidget

from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import Command
from exomonitor.session.gate_rules import HYDRATION, PREMEDICATION, premedication_notice
from exomonitor.session.parts.checks import (
    INTRAVENOUS,
    NONE_ORDERED,
    ORAL,
    Checks,
    GiveHydration,
    GivePremedication,
    RecordChecklist,
)
from exomonitor.session.state import SessionState
from exomonitor.units import ML, Span, rounded
from ui.pages.prepare.item_fields import NO_TIME
from ui.pages.prepare.step_form import StepForm, need, say
from ui.presenters.day_time import minutes_ago
from ui.presenters.words import hm
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.entry import NumberEntry
from ui.widgets.text import SEMIBOLD, label

_FLUIDS = ((NONE_ORDERED, "None ordered"), (ORAL, "Drinks"), (INTRAVENOUS, "IV fluid"))
_GIVEN, _NOT_GIVEN = "given", "ordered, not given"
_DRUGS = ((NONE_ORDERED, "None ordered"), (_GIVEN, "Given"), (_NOT_GIVEN, "Ordered, not given"))
_ROUTES = ((ORAL, "Oral"), (INTRAVENOUS, "IV"), ("other", "Other"))
_DROWSY = (("no", "No"), ("yes", "Yes"))
_ML = Span("Fluid", ML, Decimal(1), Decimal(5000), 0)


class PremedForm(StepForm):
    """Two answers; each gift is an entry of its own, so that a second drug is added by choosing `Given` again."""

    def __init__(self, theme: Theme, chair: str, protocol: ClinicProtocol, parent: QWidget | None = None) -> None:
        super().__init__(theme, chair, parent)
        self._table = protocol.rules.checklists.content
        self._snapshot: Snapshot | None = None
        self._make_hydration(theme)
        self._make_premedication(theme)
        self.given = self.remark()
        self.notice = self.remark()
        self.problem = self.remark(role="error")
        self.column.addStretch(1)
        self.empty()

    def _make_hydration(self, theme: Theme) -> None:
        self.column.addWidget(label(theme, "Hydration", 16, SEMIBOLD))
        self.fluid_route = self.choice("Fluid before the infusion", _FLUIDS, height=48)
        self.volume = self.number_entry(NumberEntry(theme, "Amount", _ML, "mL", pixels=18))
        self.fluid = self.entry("Which fluid")
        self.fluid_at = self.entry("Begun at", hint="like 13:20")
        self.row(self.volume, self.fluid, self.fluid_at)
        self.fluid_route.chosen.connect(lambda _: self._sync())

    def _make_premedication(self, theme: Theme) -> None:
        self.column.addWidget(label(theme, "Premedication", 16, SEMIBOLD))
        self.answer = self.choice("Drugs before the infusion", _DRUGS, height=48)
        self.drug, self.dose = self.entry("Drug"), self.entry("Dose", hint="with its unit, like 10 mg")
        self.at, self.ordered_by = self.entry("Given at", hint="like 13:20"), self.entry("Ordered by")
        self.row(self.drug, self.dose, self.at, self.ordered_by)
        self.route, self.drowsy = Choice(theme, _ROUTES), Choice(theme, _DROWSY)
        for choice in (self.route, self.drowsy):
            choice.chosen.connect(lambda _: self.touched())
        self.titled_row((("Route", self.route, 3), ("Makes drowsy", self.drowsy, 2)))
        self.why_not = self.entry("Why it was not given")
        self.column.addWidget(self.why_not)
        self.answer.chosen.connect(lambda _: self._sync())

    # --- following what is touched -----------------------------------------------------------------------------------

    def _sync(self) -> None:
        fluid, answer = self.fluid_route.value(), self.answer.value()
        for entry in (self.volume, self.fluid_at):
            entry.setVisible(fluid in {ORAL, INTRAVENOUS})
        self.fluid.setVisible(fluid == INTRAVENOUS)
        for one in (self.drug, self.dose, self.at, self.ordered_by, self.route, self.drowsy):
            one.setEnabled(answer == _GIVEN)
        self.why_not.setVisible(answer == _NOT_GIVEN)
        now = self._snapshot.now if self._snapshot is not None else None
        for entry, asked in ((self.at, answer == _GIVEN), (self.fluid_at, fluid in {ORAL, INTRAVENOUS})):
            if asked and not entry.text() and now is not None:
                entry.set_text(hm(now))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """What has been given so far, and how long that would be before a start now."""
        self._snapshot = snapshot
        super().show_snapshot(snapshot)
        session = snapshot.session
        if session is None:
            return
        if session.order is not None and not self.ordered_by.text():
            self.ordered_by.set_text(session.order.prescriber)
            self.ordered_by.line.setCursorPosition(0)
        say(self.given, _given_words(session.checks, snapshot))
        say(self.notice, _with_sign(premedication_notice(session.checks, snapshot.now, self._table)))

    # --- recording ---------------------------------------------------------------------------------------------------

    def commands(self) -> Sequence[Command] | None:
        """What was given now, or that nothing was ordered."""
        say(self.problem, "")
        made = [*self._fluid_command(), *self._drug_command()]
        if self.problem.text():
            return None
        if not made:
            say(self.problem, "Say what was given, or that none was ordered")
            return None
        return tuple(made)

    def _fluid_command(self) -> list[Command]:
        route = self.fluid_route.value()
        if route == NONE_ORDERED:
            return [RecordChecklist(self.chair, self.by, HYDRATION, {"route": NONE_ORDERED})]
        if not route:
            return []
        volume, ago = self.volume.number(), self._ago(self.fluid_at.text())
        if volume is None or (route == INTRAVENOUS and not self.fluid.text()):
            say(self.problem, self.volume.error() or "Fluid: how much, and which")
            return []
        return [GiveHydration(self.chair, self.by, volume, route, self.fluid.text(), ago)] if ago is not None else []

    def _drug_command(self) -> list[Command]:
        answer = self.answer.value()
        if answer == NONE_ORDERED:
            return [RecordChecklist(self.chair, self.by, PREMEDICATION, {"given": NONE_ORDERED})]
        if answer == _NOT_GIVEN:
            if not need([(self.why_not, "The reason is needed")]):
                say(self.problem, "Why it was not given")
                return []
            return [
                RecordChecklist(
                    self.chair, self.by, PREMEDICATION, {"given": _NOT_GIVEN, "why_not": self.why_not.text()}
                )
            ]
        if answer != _GIVEN:
            return []
        good = need([(self.drug, "The drug is needed"), (self.dose, "The dose is needed")])
        if not good or not self.route.value() or not self.drowsy.value():
            say(self.problem, "Premedication: drug, dose, route, and whether it makes drowsy")
            return []
        ago = self._ago(self.at.text())
        if ago is None:
            return []
        given = GivePremedication(
            self.chair, self.by, self.drug.text(), self.dose.text(), self.route.value(), ago, self.ordered_by.text(),
            self.drowsy.value() == "yes",
        )  # fmt: skip
        return [given]

    def _ago(self, text: str) -> Decimal | None:
        minutes = minutes_ago(text, self._snapshot.now.utc) if self._snapshot is not None else None
        if minutes is None:
            say(self.problem, NO_TIME)
            return None
        return rounded(minutes, 1)

    def on_recorded(self) -> None:
        """The next drug begins with empty entries."""
        super().on_recorded()
        self.empty()

    def recorded_part(self, session: SessionState) -> object:
        """The answers; gifts stand in the list below."""
        checks = session.checks
        return (checks.answers(HYDRATION).get("route", ""), checks.answers(PREMEDICATION).get("given", ""))

    def fill(self, part: object) -> None:
        """`None ordered` as recorded."""
        assert isinstance(part, tuple)
        for choice, answer in zip((self.fluid_route, self.answer), part, strict=True):
            if answer == NONE_ORDERED:
                choice.set_value(answer)
        self._sync()

    def empty(self) -> None:
        """Nothing said."""
        for choice in (self.fluid_route, self.answer, self.route, self.drowsy):
            choice.set_value("")
        for entry in (self.volume, self.fluid, self.fluid_at, self.drug, self.dose, self.at, self.why_not):
            entry.set_text("")
            entry.show_error("")
        say(self.problem, "")
        self._sync()


def _given_words(checks: Checks, snapshot: Snapshot) -> str:
    """`Given: cetirizine 10 mg oral 13:20 (32 min before a start now) · 500 mL oral 13:25`."""
    words = []
    for one in checks.premedication:
        before = rounded(max(0.0, snapshot.now.since(one.when)) / 60, 0)
        words.append(f"{one.words()} {hm(one.when)} ({before} min before a start now)")
    words += [f"{one.words()} {hm(one.when)}" for one in checks.hydration]
    return f"Given: {' · '.join(words)}" if words else ""


def _with_sign(notice: str) -> str:
    return f"⚠ {notice}" if notice else ""
