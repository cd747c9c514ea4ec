"""The step of the order: dose in billions, volume, minutes, constant or ramp, with the plan drawn while it is typed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clinical.ranges import DEADSPACE_SPAN
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import commands as cmd
from exomonitor.session.commands import Command
from exomonitor.session.plan import Order
from exomonitor.session.state import SessionState
from ui.pages.prepare.order_view import (
    DOSE_TYPED,
    MINUTES_TYPED,
    VOLUME_TYPED,
    OrderTexts,
    OrderView,
    ramp_words,
    read_order,
)
from ui.pages.prepare.step_form import StepForm, say
from ui.plots.palette import plot_colours
from ui.plots.rate_preview import RatePreview
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice
from ui.widgets.entry import NumberEntry

_COURSE = (("first", "First dose"), ("repeat", "Repeat dose"))
_LEAST_REASON = 5


class OrderForm(StepForm):
    """Everything follows from three numbers; a number outside the usual range asks for a reason."""

    meaning_changed = Signal(object)

    def __init__(self, theme: Theme, chair: str, protocol: ClinicProtocol, parent: QWidget | None = None) -> None:
        super().__init__(theme, chair, parent)
        self._protocol = protocol
        self._now: datetime | None = None
        self._view = OrderView()
        self._override = ""
        self._make_numbers(theme)
        self._make_choices(theme)
        self.proposal = self.remark()
        self._make_preview(theme)
        self._make_rest(theme)
        self.rate.chosen.connect(lambda _: self.refresh())
        self.course.chosen.connect(self._on_course)
        self.empty()

    def _make_numbers(self, theme: Theme) -> None:
        self.dose = self.number_entry(NumberEntry(theme, "Dose", DOSE_TYPED, "billion"))
        self.volume = self.number_entry(NumberEntry(theme, "Volume in the bag", VOLUME_TYPED, "mL"))
        self.minutes = self.number_entry(NumberEntry(theme, "Planned time", MINUTES_TYPED, "min"))
        self.row(self.dose, self.volume, self.minutes)
        self.problem = self.remark(role="error")
        self.override = self.entry("Outside the usual range: the reason, and who confirmed it")
        self.column.addWidget(self.override)
        for entry in (self.dose, self.volume, self.minutes):
            entry.edited.connect(lambda _: self.refresh())

    def _make_choices(self, theme: Theme) -> None:
        rates = (("constant", "Constant"), ("ramp", ramp_words(self._protocol.ramp)))
        self.course, self.rate = Choice(theme, _COURSE), Choice(theme, rates)
        for choice in (self.course, self.rate):
            choice.chosen.connect(lambda _: self.touched())
        self.titled_row((("This course", self.course, 2), ("Rate", self.rate, 3)))

    def _make_preview(self, theme: Theme) -> None:
        card = Card(theme)
        self.preview = RatePreview(plot_colours(theme))
        window = self._protocol.window
        self.preview.set_window(window.shortest_min, window.longest_min)
        card.body.addWidget(self.preview)
        card.setMinimumHeight(theme.px(150))
        self.column.addWidget(card, 1)

    def _make_rest(self, theme: Theme) -> None:
        self.line = self.number_entry(NumberEntry(theme, "Volume of the line", DEADSPACE_SPAN, "mL", pixels=18))
        self.prescriber = self.entry("Prescriber and phone")
        self.premedication = self.entry("Premedication, with time")
        self.row(self.line, self.prescriber, self.premedication)
        self.line.edited.connect(lambda _: self.refresh())

    # --- following what is typed -------------------------------------------------------------------------------------

    @property
    def view(self) -> OrderView:
        """What the entries mean now."""
        return self._view

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follow the clock: `ends if started now`."""
        self._now = snapshot.now.utc
        super().show_snapshot(snapshot)
        self.refresh()

    def refresh(self) -> None:
        """Read the entries, and show what they mean."""
        if self._now is None:
            return
        view = read_order(self._texts(), self._protocol, self._now)
        self._view = view
        for name, entry in self._entries().items():
            entry.show_error(view.errors.get(name, ""))
            entry.set_hint(view.hints.get(name, ""))
        first = next(iter(view.errors.values()), "")
        say(self.problem, first or " ".join(view.warnings))
        self.override.setVisible(bool(view.warnings))
        self.preview.show_plan(view.plan, view.plan_words)
        self.meaning_changed.emit(view)

    def _on_course(self, course: str) -> None:
        # The protocol proposes: slowly at first, at one rate later. The nurse may choose otherwise.
        self.rate.set_value("ramp" if course == "first" else "constant")
        self._propose()
        self.refresh()

    def _propose(self) -> None:
        what = "ramp" if self.course.value() == "first" else "constant rate"
        which = "First dose" if self.course.value() == "first" else "Repeat dose"
        say(self.proposal, f"{which} of this course: {what} proposed by protocol {self._protocol.title}")

    def _entries(self) -> dict[str, NumberEntry]:
        return {"dose": self.dose, "volume": self.volume, "minutes": self.minutes, "line": self.line}

    def _texts(self) -> OrderTexts:
        texts = {name: entry.text() for name, entry in self._entries().items()}
        return OrderTexts(**texts, ramp=self.rate.value() == "ramp")

    # --- recording ---------------------------------------------------------------------------------------------------

    def commands(self) -> Sequence[Command] | None:
        """The order as typed."""
        self.refresh()
        view = self._view
        if not view.complete or view.dose is None or view.volume is None or view.minutes is None:
            if not view.errors:
                missing = [
                    n for n, e in (("dose", self.dose), ("volume", self.volume), ("time", self.minutes)) if not e.text()
                ]
                say(self.problem, f"Still needed: {', '.join(missing)}" if missing else view.plan_words)
            return None
        if view.warnings and len(self.override.text()) < _LEAST_REASON:
            self.override.show_error("A reason is needed, in a few words")
            return None
        order = cmd.EnterOrder(
            self.chair,
            self.by,
            view.dose,
            view.volume,
            view.minutes,
            view.ramp,
            view.line,
            self.course.value() == "first",
            self.prescriber.text(),
            self.premedication.text(),
            self.override.text() if view.warnings else "",
        )
        return (order,)

    def recorded_part(self, session: SessionState) -> object:
        """The order, with the reason for what was unusual in it."""
        self._override = session.order_override
        return session.order

    def fill(self, part: object) -> None:
        """As recorded."""
        assert isinstance(part, Order)
        self.dose.set_text(_plain(part.dose_billion))
        self.volume.set_text(_plain(part.volume_ml))
        self.minutes.set_text(_plain(part.minutes))
        self.line.set_text(_plain(part.line_ml) if part.line_ml else "")
        self.prescriber.set_text(part.prescriber)
        self.premedication.set_text(part.premedication)
        self.override.set_text(self._override)
        self.course.set_value("first" if part.first_dose else "repeat")
        self.rate.set_value("ramp" if part.ramp else "constant")
        self._propose()
        self.refresh()

    def empty(self) -> None:
        """No order yet: a first dose with its ramp is proposed."""
        for entry in (*self._entries().values(), self.prescriber, self.premedication, self.override):
            entry.set_text("")
            entry.show_error("")
        self.course.set_value("first")
        self.rate.set_value("ramp")
        self.override.setVisible(False)
        say(self.problem, "")
        self._propose()
        self.refresh()


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")
