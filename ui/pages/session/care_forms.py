"""Forms beside the infusion: patient away and back, the site, a new line, what the patient says."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from exomonitor.clinical.ranges import FLUSH_SPAN
from exomonitor.clinical.sites import SiteTable
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import Command
from exomonitor.session.parts import care_events as ev
from ui.bridge import Bridge
from ui.pages.session.panels import NoteForm, SessionForm
from ui.presenters import care
from ui.theme import Theme
from ui.widgets.choice import Choice, MultiChoice
from ui.widgets.entry import NumberEntry, TextEntry
from ui.widgets.rows import row_of
from ui.widgets.text import MEDIUM, Elided, label, set_text

_ROW = 58


class AwayForm(SessionForm):
    """A tap on the reason records that the patient has left the chair."""

    def __init__(self, theme: Theme, bridge: Bridge, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, bridge, chair, "Patient away: where to?", parent)
        self.why = Choice(theme, care.AWAY, columns=2, height=92, pixels=18)
        self.why.chosen.connect(lambda _: self.save())
        self.column.addWidget(self.why)
        self.column.addWidget(
            label(theme, "Sensors become one quiet line. Pump alarms stay loud. Come back with F10.", 16, wrap=True)
        )
        self.column.addStretch(1)
        self.save_key.hide()
        self.setFocusProxy(self.why.first())
        self.changed()

    def commands(self) -> Sequence[Command]:
        """One statement."""
        return (ev.MarkAway(self.chair, self.by, self.why.value()),) if self.why.value() else ()

    def clear(self) -> None:
        """Nothing chosen."""
        self.why.set_value("")


class BackForm(SessionForm):
    """The patient is back: one key; line and sensors are two taps more."""

    def __init__(self, theme: Theme, bridge: Bridge, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, bridge, chair, "Patient is back", parent)
        self.save_key.set_text("Patient is back")
        self._since = Elided(theme, "", 18, MEDIUM)
        self.line = Choice(theme, care.LINE, height=72, pixels=17)
        self.sensors = Choice(theme, care.SENSORS, height=72, pixels=17)
        for widget in (self._since, self.line, self.sensors):
            self.column.addWidget(widget)
        for choice in (self.line, self.sensors):
            choice.chosen.connect(lambda _: self.changed())
        self.column.addWidget(label(theme, "Then one set: BP, SpO₂, symptoms, site.", 16))
        self.column.addStretch(1)
        self.setFocusProxy(self.save_key)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """How long the patient was away."""
        super().show_snapshot(snapshot)
        set_text(self._since, care.away_words(snapshot))

    def commands(self) -> Sequence[Command]:
        """One statement; what nobody said stays unsaid."""
        sensors = {"on": True, "off": False}.get(self.sensors.value())
        return (ev.MarkBack(self.chair, self.by, self.line.value(), sensors),)

    def clear(self) -> None:
        """Nothing chosen."""
        self.line.set_value("")
        self.sensors.set_value("")


class SiteForm(SessionForm):
    """The site between sets: looked at, or a problem with what was seen and done."""

    draft_name = "site"

    def __init__(
        self, theme: Theme, bridge: Bridge, chair: str, table: SiteTable, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, bridge, chair, "Site and line", parent)
        self._table = table
        self.what = Choice(theme, care.PROBLEM, height=_ROW, pixels=15)
        self.phlebitis = Choice(theme, care.GRADES, height=_ROW)
        self.infiltration = Choice(theme, care.GRADES, height=_ROW)
        self._meaning = label(theme, "", 14, role="dim", wrap=True)
        self.signs = MultiChoice(theme, care.SIGNS, columns=4, height=_ROW, pixels=14)
        self.measures = MultiChoice(theme, care.ACTIONS, columns=5, height=_ROW, pixels=14)
        self.column.setSpacing(theme.px(6))
        self.column.addWidget(self.what)
        for words, choice in (("Phlebitis", self.phlebitis), ("Infiltration", self.infiltration)):
            name = label(theme, words, 15, MEDIUM)
            name.setFixedWidth(theme.px(100))
            row = row_of(theme, choice)
            layout = row.layout()
            assert layout is not None
            layout.removeWidget(choice)
            layout.addWidget(name)
            layout.addWidget(choice)
            self.column.addWidget(row)
            choice.chosen.connect(lambda _: self._follow())
        self.column.addWidget(self._meaning)
        self._headings = [label(theme, words, 14, role="dim") for words in ("What is seen", "What was done")]
        for heading, many in zip(self._headings, (self.signs, self.measures), strict=True):
            self.column.addWidget(heading)
            self.column.addWidget(many)
        self.column.addStretch(1)
        self.what.chosen.connect(lambda _: self._follow())
        for many in (self.signs, self.measures):
            many.changed.connect(self.changed)
        self.setFocusProxy(self.what.first())
        self._follow()

    def _follow(self) -> None:
        words, urgent = care.site_words(self.phlebitis.value(), self.infiltration.value(), self._table)
        set_text(self._meaning, f"▲ {words}" if urgent else words or "0 = nothing, on either scale")
        problem = self.what.value() in {"stopped", "runs"}
        for widget in (*self._headings, self.signs, self.measures):
            widget.setVisible(problem)
        self.changed()

    def missing(self) -> Sequence[str]:
        """A look needs a grade; a problem is one with nothing more said."""
        graded = bool(self.phlebitis.value() or self.infiltration.value())
        if not self.what.value():
            return ("looked at, or a problem",)
        return ("a grade",) if self.what.value() == "look" and not graded else ()

    def commands(self) -> Sequence[Command]:
        """One statement."""
        phlebitis, infiltration = (
            int(choice.value()) if choice.value() else None for choice in (self.phlebitis, self.infiltration)
        )
        if self.what.value() == "look":
            return (ev.CheckSite(self.chair, self.by, phlebitis, infiltration),)
        stopped = self.what.value() == "stopped"
        actions = (*(("stopped",) if stopped else ()), *self.measures.values())
        if not stopped and not (self.signs.values() or actions or phlebitis or infiltration):
            self.say("Say what is wrong: tap a sign or a grade", wrong=True)
            return ()
        return (
            ev.ReportSiteProblem(self.chair, self.by, stopped, phlebitis, infiltration, self.signs.values(), actions),
        )

    def clear(self) -> None:
        """Nothing chosen."""
        for choice in (self.what, self.phlebitis, self.infiltration):
            choice.set_value("")
        self.signs.set_values(())
        self.measures.set_values(())
        self._follow()


class LineForm(SessionForm):
    """A new access in mid-session; a discarded set takes its volume off the dose."""

    draft_name = "line"

    def __init__(self, theme: Theme, bridge: Bridge, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, bridge, chair, "New line", parent)
        self._before = Elided(theme, "", 14, role="dim")
        self.side = Choice(theme, care.SIDES, height=_ROW)
        self.site = Choice(theme, care.SITES, height=_ROW)
        self.gauge = Choice(theme, care.GAUGES, height=_ROW)
        self.old_set = Choice(theme, care.OLD_SET, height=_ROW)
        self.primed = Choice(theme, care.PRIMED, height=_ROW)
        self.volume = NumberEntry(theme, "Volume of the old set", FLUSH_SPAN, "mL", "empty = as in the order")
        self.text = TextEntry(theme, "Words (may stay empty)")
        self.column.setSpacing(theme.px(6))
        self.column.addWidget(self._before)
        for words, widget in (
            ("Side and size", row_of(theme, self.side, self.gauge)),
            ("Place", self.site),
            ("The old set, with what is in it", self.old_set),
        ):
            self.column.addWidget(label(theme, words, 14, role="dim"))
            self.column.addWidget(widget)
        self.column.addWidget(self.primed)
        self.column.addWidget(row_of(theme, self.volume, self.text))
        for choice in self._choices():
            choice.chosen.connect(lambda _: self._follow())
        for entry in (self.volume, self.text):
            entry.edited.connect(lambda _: self.changed())
            entry.confirmed.connect(self.save)
        self.column.addStretch(1)
        self.setFocusProxy(self.side.first())
        self._follow()

    def _choices(self) -> tuple[Choice, ...]:
        return (self.side, self.site, self.gauge, self.old_set, self.primed)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """The accesses so far."""
        super().show_snapshot(snapshot)
        set_text(self._before, care.access_words(snapshot))

    def _follow(self) -> None:
        discarded = self.old_set.value() == "discarded"
        self.volume.setVisible(discarded)
        self.primed.setVisible(discarded)
        self.changed()

    def missing(self) -> Sequence[str]:
        """Where, how thick, and what became of the old set."""
        asked = {"side": self.side, "size": self.gauge, "place": self.site, "old set": self.old_set}
        return tuple(name for name, choice in asked.items() if not choice.value())

    def commands(self) -> Sequence[Command]:
        """One statement."""
        discarded = self.old_set.value() == "discarded"
        if discarded and not self.volume.check():
            return ()
        return (
            ev.ReplaceLine(
                self.chair, self.by, self.site.value(), self.side.value(), self.gauge.value(),
                old_set_discarded=discarded, set_ml=self.volume.number() if discarded else None,
                primed_with=self.primed.value() if discarded else "", text=self.text.text(),
            ),
        )  # fmt: skip

    def clear(self) -> None:
        """Nothing chosen."""
        for choice in self._choices():
            choice.set_value("")
        for entry in (self.volume, self.text):
            entry.set_text("")
            entry.show_error("")
        self._follow()


class SaidForm(NoteForm):
    """The patient's own words."""

    draft_name = "said"

    def __init__(self, theme: Theme, bridge: Bridge, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, bridge, chair, parent)
        self.set_heading("The patient says")

    def commands(self) -> Sequence[Command]:
        """One statement."""
        return (ev.RecordPatientSaid(self.chair, self.by, self.words()),)
