"""The flush of the line: how much, how fast, what the line holds; a flush faster than the product is said at once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from exomonitor.clinical.ranges import DEADSPACE_SPAN, FLUSH_SPAN, RATE_SPAN
from exomonitor.engine.handlers_infuse import is_too_fast, product_rate, running_rate
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import commands as cmd
from exomonitor.session.commands import Command
from exomonitor.signals.pump import PumpStatus
from ui.bridge import Bridge
from ui.pages.session.panels import SessionForm
from ui.presenters import codes
from ui.presenters.words import number, plain
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.entry import NumberEntry, TextEntry
from ui.widgets.rows import row_of
from ui.widgets.text import BOLD, label, set_text

_PRIMED = (("product", "Line was primed with product"), ("diluent", "Primed with diluent"))


class FlushForm(SessionForm):
    """The flush ends the dose; without one the record says so."""

    draft_name = "flush"

    def __init__(self, theme: Theme, bridge: Bridge, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, bridge, chair, "Flush of the line", parent)
        self._reads_pump = False
        self._product_rate: float | None = None
        self._pump_rate: float | None = None
        self._done = Choice(theme, codes.FLUSH, height=58)
        self._done.chosen.connect(self._on_chosen)
        self.column.addWidget(self._done)
        self._volume = NumberEntry(theme, "Volume", FLUSH_SPAN, "mL")
        self._rate = NumberEntry(theme, "Rate", RATE_SPAN, "mL/h")
        self._line = NumberEntry(theme, "The line holds", DEADSPACE_SPAN, "mL")
        self._figures = row_of(theme, self._volume, self._rate)
        self.column.addWidget(self._figures)
        self._fast = label(theme, "", 16, BOLD, wrap=True)
        self.column.addWidget(self._fast)
        self._primed = Choice(theme, _PRIMED, height=58)
        self._primed.chosen.connect(lambda _: self.changed())
        self._holds = row_of(theme, self._line, self._primed)
        self.column.addWidget(self._holds)
        self._text = TextEntry(theme, "Why no flush")
        self.column.addWidget(self._text)
        for entry in (self._volume, self._rate, self._line, self._text):
            entry.edited.connect(lambda _: self.changed())
            entry.confirmed.connect(self.save)
        self._rate.edited.connect(lambda _: self._show_fast())
        self.column.addStretch(1)
        self.setFocusProxy(self._done.first())
        self._on_done("")

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """With a pump that is read the volume may stay empty."""
        super().show_snapshot(snapshot)
        session, pump = snapshot.session, snapshot.pump
        self._reads_pump = pump is not None and not pump.lost
        self._volume.set_hint("empty = as the pump has counted" if self._reads_pump else "as given")
        self._product_rate = product_rate(session) if session is not None else None
        fresh = pump is not None and not pump.stale and pump.reading.status is PumpStatus.INFUSING
        self._pump_rate = running_rate(pump.reading) if pump is not None and fresh else None
        ran = f"product ran at {number(self._product_rate, 1)} mL/h" if self._product_rate is not None else ""
        self._rate.set_hint(f"no faster: {ran}" if ran else "no faster than the product ran")
        ordered = session.order.line_ml if session is not None and session.order is not None else None
        self._line.set_hint(f"empty = {plain(float(ordered))} mL, as ordered" if ordered else "volume of the set")
        self._show_fast()

    def _show_fast(self) -> None:
        typed = self._rate.number() if self._rate.text() and self._rate.check() else None
        rate = float(typed) if typed is not None else self._pump_rate
        fast = is_too_fast(rate, self._product_rate)
        words = f"FASTER THAN PRODUCT ({number(rate, 1)} mL/h): what is in the line comes as a bolus" if fast else ""
        set_text(self._fast, words)
        self._fast.setVisible(fast and self._done.value() == "yes")

    def _on_chosen(self, answer: str) -> None:
        self._on_done(answer)
        (self._volume if answer == "yes" else self._text).setFocus()

    def _on_done(self, answer: str) -> None:
        self._figures.setVisible(answer == "yes")
        self._holds.setVisible(bool(answer))
        self._text.setVisible(answer == "no")
        self._show_fast()
        self.changed()

    def missing(self) -> Sequence[str]:
        """Flushed with so much, or not and why."""
        match self._done.value():
            case "no":
                return () if self._text.text() else ("why no flush",)
            case "yes":
                return () if self._reads_pump or self._volume.text() else ("volume",)
            case _:
                return ("flushed or not",)

    def commands(self) -> Sequence[Command]:
        """One statement."""
        if not self._line.check():
            return ()
        line, primed = self._line.number(), self._primed.value()
        if self._done.value() == "no":
            return (
                cmd.RecordFlush(self.chair, self.by, False, text=self._text.text(), line_ml=line, primed=primed),
            )  # fmt: skip
        if not (self._volume.check() and self._rate.check()):
            return ()
        return (
            cmd.RecordFlush(
                self.chair, self.by, True, self._volume.number(), self._rate.number(), line_ml=line, primed=primed
            ),
        )  # fmt: skip

    def clear(self) -> None:
        """Nothing chosen."""
        self._done.set_value("")
        self._primed.set_value("")
        for entry in (self._volume, self._rate, self._line, self._text):
            entry.set_text("")
            entry.show_error("")
        self._on_done("")
