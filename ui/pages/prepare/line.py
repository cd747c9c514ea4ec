"""The step of the line: where the cannula sits, and where cuff and probe do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from exomonitor.session import commands as cmd
from exomonitor.session.commands import Command
from exomonitor.session.plan import Line
from exomonitor.session.state import SessionState
from ui.pages.prepare.step_form import StepForm, say
from ui.theme import Theme
from ui.widgets.choice import Choice

_SITES = tuple((s, s.capitalize()) for s in ("forearm", "hand", "wrist", "elbow bend", "upper arm", "port"))
_SIDES = (("left", "Left"), ("right", "Right"))
_GAUGES = tuple((g, g) for g in ("18G", "20G", "22G", "24G", "other"))
_ARMS = (("left arm", "Left arm"), ("right arm", "Right arm"), ("leg", "Leg"), ("none", "No cuff"))
_PROBES = (
    ("left index", "Left index"),
    ("right index", "Right index"),
    ("ear", "Ear"),
    ("other", "Other"),
    ("none", "No probe"),
)


class LineForm(StepForm):
    """Site, side and gauge are needed; a cuff on the arm of the line is warned of."""

    def __init__(self, theme: Theme, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, chair, parent)
        self.side = self.choice("Side of the line", _SIDES, height=48)
        self.site = self.choice("Site", _SITES, columns=6, height=48)
        self.gauge = self.choice("Gauge", _GAUGES, height=48)
        self.cuff = self.choice("Blood pressure cuff", _ARMS, height=48)
        self.probe = self.choice("SpO₂ probe", _PROBES, height=48)
        self.recorded = self.remark()
        self.warning = self.remark()
        self.problem = self.remark(role="error")
        self.column.addStretch(1)
        for choice in self._choices():
            choice.chosen.connect(lambda _: self._warn())
        self.empty()

    def _choices(self) -> tuple[Choice, ...]:
        return self.side, self.site, self.gauge, self.cuff, self.probe

    def _warn(self) -> None:
        same_arm = self.side.value() and self.cuff.value().startswith(self.side.value())
        same_hand = same_arm and self.probe.value().startswith(self.side.value())
        words = []
        if same_arm and self.site.value() != "port":
            words.append("The cuff is on the arm of the line: each measurement stops the infusion for a while.")
        if same_hand:
            words.append("Cuff and probe are on one arm: SpO₂ drops out while the cuff inflates.")
        say(self.warning, "⚠ " + " ".join(words) if words else "")

    def commands(self) -> Sequence[Command] | None:
        """The line as chosen."""
        missing = [w for w, c in (("side", self.side), ("site", self.site), ("gauge", self.gauge)) if not c.value()]
        say(self.problem, f"Still needed: {', '.join(missing)}" if missing else "")
        if missing:
            return None
        side, site, gauge, cuff, probe = (choice.value() for choice in self._choices())
        return (cmd.EnterLine(self.chair, self.by, site, side, gauge, _said(cuff), _said(probe)),)

    def recorded_part(self, session: SessionState) -> object:
        """The line."""
        return session.line

    def fill(self, part: object) -> None:
        """As recorded."""
        assert isinstance(part, Line)
        for choice, value in zip(
            self._choices(), (part.side, part.site, part.gauge, part.cuff_arm, part.spo2_site), strict=True
        ):
            choice.set_value(value)
        words = (part.side, part.site, part.gauge, f"cuff {part.cuff_arm}" if part.cuff_arm else "", part.spo2_site)
        say(self.recorded, f"Recorded: {' · '.join(word for word in words if word)}")
        self._warn()

    def empty(self) -> None:
        """Nothing chosen."""
        for choice in self._choices():
            choice.set_value("")
        for words in (self.problem, self.warning, self.recorded):
            say(words, "")


def _said(answer: str) -> str:
    return "" if answer == "none" else answer
