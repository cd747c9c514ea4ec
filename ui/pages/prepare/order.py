"""The step of the order: dose in billions, volume, minutes; the plan is drawn while the numbers move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clinical.ranges import DEADSPACE_SPAN
from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.users import PRESCRIBER, VERIFIER, User
from exomonitor.session import commands as cmd
from exomonitor.session.commands import Command
from exomonitor.session.ordering import SIGNED
from exomonitor.session.plan import Order, SourceCell
from exomonitor.session.state import SessionState
from exomonitor.units import rounded
from ui.bridge import Bridge
from ui.pages.prepare.order_known import known_of, wants_ramp
from ui.pages.prepare.order_rate import CONSTANT, OWN, RAMP, RateChoice
from ui.pages.prepare.order_view import (
    DOSE_TYPED,
    MINUTES_TYPED,
    VOLUME_TYPED,
    Known,
    OrderTexts,
    OrderView,
    read_order,
)
from ui.pages.prepare.step_form import StepForm, say
from ui.plots.palette import plot_colours
from ui.plots.rate_preview import RatePreview
from ui.presenters.orderer import CHOOSE, orderer_words
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice
from ui.widgets.drafting import Parts, parts_of
from ui.widgets.entry import NumberEntry, TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.orderer_panel import OrdererPanel
from ui.widgets.prove import ProvePanel
from ui.widgets.stepper import Stepper

_COURSE = (("first", "First dose"), ("repeat", "Repeat dose"))
_CELLS = ((SourceCell.MSC.value, "MSC"), (SourceCell.DENDRITIC.value, "Dendritic cell"))
_LEAST_REASON = 5
_MEANING = "I confirm an order outside the usual range"
_MEANING_ENDOTOXIN = "I accept the endotoxin load above the limit"


class OrderForm(StepForm):
    """Everything follows from three numbers; one outside the usual range asks for a reason and a second person."""

    meaning_changed = Signal(object)

    def __init__(
        self, theme: Theme, chair: str, bedside: Bedside, bridge: Bridge, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, chair, parent)
        self._protocol: ClinicProtocol = bedside.protocol
        self._now: datetime | None = None
        self._known = Known()
        self._view = OrderView()
        self._override = ""
        self._proof = ""
        self._stack, self._sheet = QStackedWidget(), QWidget()
        outer, self.column = self.column, QVBoxLayout(self._sheet)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.px(6))
        outer.addWidget(self._stack)
        self.prove = ProvePanel(theme, bedside, bridge, (VERIFIER, PRESCRIBER), _MEANING)
        self.prove.proven.connect(lambda token, _: self.use_proof(token))
        self.prove.closed.connect(lambda: self._stack.setCurrentWidget(self._sheet))
        self.orderer = OrdererPanel(theme, bedside, bridge, "Who ordered it", "I order what stands here")
        self.orderer.said.connect(self._on_orderer)
        self.orderer.closed.connect(lambda: self._stack.setCurrentWidget(self._sheet))
        self._users: Mapping[str, User] = {}
        self._known_name = ""
        for widget in (self._sheet, self.prove, self.orderer):
            self._stack.addWidget(widget)
        self._make_numbers(theme)
        self._make_choices(theme)
        self._make_preview(theme)
        self._make_rest(theme)
        self.rate.changed.connect(self._on_rate)
        self.course.chosen.connect(self._on_course)
        self.empty()

    def _make_numbers(self, theme: Theme) -> None:
        self.dose = self.number_entry(NumberEntry(theme, "Dose", DOSE_TYPED, "billion"))
        self.volume = self.number_entry(NumberEntry(theme, "Volume in the bag", VOLUME_TYPED, "mL"))
        self.minutes = self.number_entry(NumberEntry(theme, "Planned time", MINUTES_TYPED, "min"))
        self.row(self.dose, self.volume, self.minutes)
        window = self._protocol.window
        self.stepper = Stepper(theme, "Planned time", (window.shortest_min, window.longest_min))
        self.stepper.moved.connect(self._on_minutes_moved)
        self.column.addWidget(self.stepper)
        self.problem = self.remark(role="error")
        self.override = self._watched(TextEntry(theme, "Outside the usual range: the reason", pixels=15, compact=True))
        self.second_key = BigButton(theme, "Second person signs", kind=Kind.NORMAL, pixels=14)
        self.second_key.clicked.connect(self._ask_second)
        self._override_row = QWidget()
        row = QHBoxLayout(self._override_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.override, 3)
        row.addWidget(self.second_key, 1)
        self.column.addWidget(self._override_row)
        for entry in (self.dose, self.volume, self.minutes):
            entry.edited.connect(lambda _: self.refresh())

    def _make_choices(self, theme: Theme) -> None:
        self.cell, self.course = Choice(theme, _CELLS, pixels=14), Choice(theme, _COURSE, pixels=14)
        self.rate = RateChoice(theme, self._protocol.ramp)
        for choice in (self.cell, self.course):
            choice.chosen.connect(lambda _: self.touched())
        self.titled_row((("Ordered product", self.cell, 2), ("This course", self.course, 2)))
        self.proposal = self.titled("Rate", self.rate)

    def _make_preview(self, theme: Theme) -> None:
        card = Card(theme)
        self.preview = RatePreview(plot_colours(theme))
        window = self._protocol.window
        self.preview.set_window(window.shortest_min, window.longest_min)
        self.preview.setMinimumHeight(theme.px(92))
        card.body.addWidget(self.preview)
        self._picture = card
        self.column.addWidget(card, 1)

    def _make_rest(self, theme: Theme) -> None:
        self.line = self.number_entry(NumberEntry(theme, "Line volume", DEADSPACE_SPAN, "mL", pixels=15))
        self.line.hide_below()
        self.prescriber_key = BigButton(theme, CHOOSE, pixels=15, height=52)
        self.prescriber_key.clicked.connect(self._ask_prescriber)
        self.order_date = self._small(theme, "Ordered on, like 2026-03-02")
        self.indication = self._small(theme, "Indication")
        self.premedication = self._small(theme, "Premed ordered")
        self.hydration = self._small(theme, "Hydration ordered")
        self.limits = self._small(theme, "Special limits")
        self.row(self.prescriber_key, self.order_date, self.line)
        self._rare = QWidget()
        rare = QHBoxLayout(self._rare)
        rare.setContentsMargins(0, 0, 0, 0)
        rare.setSpacing(theme.px(12))
        shares = ((self.indication, 4), (self.premedication, 6), (self.hydration, 5), (self.limits, 4))
        for entry, share in shares:
            rare.addWidget(entry, share)
        self.column.addWidget(self._rare)
        self.line.edited.connect(lambda _: self.refresh())

    def _small(self, theme: Theme, title: str) -> TextEntry:
        made = TextEntry(theme, title, pixels=15)
        made.hide_below()
        return self._watched(made)

    # --- following what is typed -------------------------------------------------------------------------------------

    @property
    def view(self) -> OrderView:
        """What the entries mean now."""
        return self._view

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follow the clock (`ends if started now`), and propose what the record knows."""
        self._now = snapshot.now.utc
        self._known = known_of(snapshot)
        self._users = snapshot.registry.users
        super().show_snapshot(snapshot)
        session = snapshot.session
        if session is not None and not self.dirty and self._filled_from is None:
            self._propose_from(session, ramp=wants_ramp(snapshot))
        self.refresh()

    def _propose_from(self, session: SessionState, *, ramp: bool) -> None:
        if session.product is not None and not self.cell.value():
            self.cell.set_value(session.product.source_cell.value)
        if not self.order_date.text() and self._now is not None:
            self.order_date.set_text(f"{self._now.astimezone():%Y-%m-%d}")
        course = "first" if ramp else "repeat"
        if self.course.value() != course:
            self.course.set_value(course)
            self._on_course(course)

    def refresh(self) -> None:
        """Read the entries, and show what they mean."""
        if self._now is None:
            return
        view = read_order(self._texts(), self._protocol, self._now, self._known)
        self._view = view
        for name, entry in self._entries().items():
            entry.show_error(view.errors.get(name, ""))
            entry.set_hint(view.hints.get(name, ""))
        first = next(iter(view.errors.values()), "")
        say(self.problem, first or " ".join(view.warnings))
        self._override_row.setVisible(bool(view.warnings))
        # The page must not scroll: an own ramp takes the place of the slider, a reason that of the picture, and both
        # together that of what is rare.
        has_rows = self.rate.value() == OWN
        is_crowded = bool(view.warnings) and has_rows
        self._picture.setVisible(is_crowded or not view.warnings)
        self.stepper.setVisible(not has_rows)
        self._rare.setVisible(not is_crowded)
        who = "Prescriber" if view.endotoxin_above else "Second person"
        self.second_key.set_text(f"{who} has signed" if self._proof else f"{who} signs")
        self._show_orderer()
        self.preview.show_plan(view.plan, view.plan_words)
        if view.minutes is not None:
            self.stepper.put(float(view.minutes))
        self.meaning_changed.emit(view)

    def _show_orderer(self) -> None:
        name, how = orderer_words(self.orderer.value, self._users, self._known_name)
        self.prescriber_key.set_text(name)
        self.prescriber_key.set_below(how)

    def _ask_prescriber(self) -> None:
        self.orderer.open()
        self._stack.setCurrentWidget(self.orderer)

    def _on_orderer(self) -> None:
        """A prescriber who signs the order here has with it signed for what is unusual in it, unless he enters it."""
        said = self.orderer.value
        if said.proof and said.user != self.by:
            self._proof = said.proof
        self.touched()
        self.refresh()

    def _ask_second(self) -> None:
        above = self._view.endotoxin_above
        self.prove.roles = (PRESCRIBER,) if above else (VERIFIER, PRESCRIBER)
        self.prove.set_meaning(_MEANING_ENDOTOXIN if above else _MEANING)
        self.prove.but = "" if above and not self._view.unusual else self.by
        self.prove.open()
        self._stack.setCurrentWidget(self.prove)

    def use_proof(self, token: str) -> None:
        """A second person has signed for what is unusual."""
        self._proof = token
        self._stack.setCurrentWidget(self._sheet)
        self.touched()
        self.refresh()

    def _on_minutes_moved(self, minutes: float) -> None:
        self.minutes.set_text(_plain(rounded(minutes, 1)))
        self.touched()
        self.refresh()

    def _on_rate(self) -> None:
        self.touched()
        self.refresh()

    def _on_course(self, course: str) -> None:
        # The protocol proposes: slowly at first, at one rate later. The nurse may choose otherwise.
        self.rate.set_value(RAMP if course == "first" else CONSTANT)
        self._propose()
        self.refresh()

    def _propose(self) -> None:
        what = "ramp" if self.course.value() == "first" else "constant rate"
        which = "First dose" if self.course.value() == "first" else "Repeat dose"
        self.proposal.setText(f"Rate · {which} of this course: {what} proposed by protocol {self._protocol.title}")

    def _entries(self) -> dict[str, NumberEntry]:
        return {"dose": self.dose, "volume": self.volume, "minutes": self.minutes, "line": self.line}

    def _texts(self) -> OrderTexts:
        return OrderTexts(
            self.dose.text(), self.volume.text(), self.minutes.text(), self.line.text(), self.rate.value() == RAMP,
            self.rate.own(),
        )  # fmt: skip

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
            say(self.problem, f"{' '.join(view.warnings)}. A reason is needed, in a few words")
            self.override.setFocus()
            return None
        said = self.orderer.value
        if said.way == SIGNED and not said.proof:
            say(self.problem, "The order is changed: the prescriber signs again, or say how the change came")
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
            said.user if said.complete else "",
            self.premedication.text(),
            self.override.text() if view.warnings else "",
            source_cell=SourceCell(self.cell.value()) if self.cell.value() else None,
            indication=self.indication.text(),
            order_date=self.order_date.text(),
            hydration=self.hydration.text(),
            special_limits=self.limits.text(),
            override_proof=self._proof if view.warnings else "",
            way=said.way,
            prescriber_proof=said.proof,
        )
        return (order,)

    def draft_parts(self) -> Parts:
        """The sheet with the rate, but not who ordered: that is signed or said when it is recorded."""
        return {**parts_of(self), **self.rate.draft_parts()}

    def on_recorded(self) -> None:
        """A signature is good for one order."""
        super().on_recorded()
        self._proof = ""

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
        for entry, words in zip(
            self._words(),
            (
                part.order_date,
                part.indication,
                part.premedication,
                part.hydration,
                part.special_limits,
            ),
            strict=True,
        ):
            entry.set_text(words)
            entry.line.setCursorPosition(0)
        self.orderer.put(part.prescriber_id, part.way)
        self._known_name = part.prescriber
        self.override.set_text(self._override)
        self.cell.set_value(part.source_cell.value if part.source_cell is not None else "")
        self.course.set_value("first" if part.first_dose else "repeat")
        own = bool(part.ramp) and part.ramp != self._protocol.ramp
        self.rate.set_value(OWN if own else RAMP if part.ramp else CONSTANT)
        self.rate.put_own(part.ramp if own else ())
        self._propose()
        self.refresh()

    def _words(self) -> tuple[TextEntry, ...]:
        return self.order_date, self.indication, self.premedication, self.hydration, self.limits

    def empty(self) -> None:
        """No order yet: a first dose with its ramp is proposed."""
        for entry in (*self._entries().values(), *self._words(), self.override):
            entry.set_text("")
            entry.show_error("")
        self._proof, self._known_name = "", ""
        self.orderer.clear()
        self._stack.setCurrentWidget(self._sheet)
        self.cell.set_value("")
        self.course.set_value("first")
        self.rate.set_value(RAMP)
        self.rate.put_own(())
        self._override_row.setVisible(False)
        say(self.problem, "")
        self._propose()
        self.refresh()


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")
