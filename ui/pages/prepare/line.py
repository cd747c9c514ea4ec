"""The step of the line: the access, whether it flushes, how the site looks, and where cuff and probe sit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from exomonitor.clinical.checklists import ChecklistRow
from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clinical.sites import INFILTRATION, PHLEBITIS, SiteScore, site_prompt
from exomonitor.drafts import DraftField
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import commands as cmd
from exomonitor.session.commands import Command
from exomonitor.session.gate_rules import ACCESS
from exomonitor.session.plan import Line
from exomonitor.session.state import SessionState
from ui.pages.prepare.step_form import StepForm, say
from ui.theme import Theme
from ui.widgets.choice import Choice, Options
from ui.widgets.drafting import Part, Parts
from ui.widgets.person_key import OUTSIDE, PersonKey, PersonPicker

_SITES = ("hand", "forearm", "elbow", "upper arm", "chest")
_GAUGES = ("18 G", "20 G", "22 G", "24 G")
_DEVICES = ("peripheral cannula", "midline", "PICC", "port")
_FILTERS = ("none", "0.2 µm", "15 µm", "200 µm")
_OTHER_GAUGE = "other"
_YES_NO = (("yes", "Yes"), ("no", "No"))
_SIDES = (("left", "Left"), ("right", "Right"))
_ARMS = (("left arm", "Left"), ("right arm", "Right"), ("leg", "Leg"), ("none", "No cuff"))
_PROBES = (("left index", "L index"), ("right index", "R index"), ("ear", "Ear"), ("other", "Other"), ("none", "None"))
_ATTEMPTS = (("1", "1"), ("2", "2"), ("3", "3 +"))
_KNOWN = {"yes": True, "no": False, "": None}
_SAID = {True: "yes", False: "no", None: ""}


class LineForm(StepForm):
    """Side, site and gauge are needed at once; what the clinic's list asks besides keeps the gate open until said."""

    def __init__(self, theme: Theme, chair: str, protocol: ClinicProtocol, parent: QWidget | None = None) -> None:
        super().__init__(theme, chair, parent)
        self._rules = protocol.rules
        self.column.setSpacing(theme.px(6))
        self._make_access(theme)
        self._make_site(theme)
        self.recorded = self.remark()
        self.warning = self.remark()
        self.problem = self.remark(role="error")
        self.picker = PersonPicker(theme, self, self.column)
        self.column.addStretch(1)
        for choice in self._choices():
            choice.chosen.connect(lambda _: self._on_chosen())
        self.empty()

    def _make_access(self, theme: Theme) -> None:
        asked = self._asked = next((row for row in self._rules.checklists.content.list if row.key == ACCESS), None)
        self.side = Choice(theme, _SIDES)
        self.site = Choice(theme, _options(asked, "site", _SITES), pixels=14)
        self.device = Choice(theme, _options(asked, "device", _DEVICES), pixels=14)
        gauges = _options(asked, "gauge", _GAUGES)
        self.gauge = Choice(theme, (*gauges, (_OTHER_GAUGE, "Other")), pixels=14)
        self.patent = Choice(theme, _YES_NO)
        self.dedicated = Choice(theme, _YES_NO)
        self.filter = Choice(theme, _options(asked, "filter", _FILTERS), pixels=14)
        self.titled_row((("Side of the line", self.side, 2), ("Site", self.site, 5)))
        self.titled_row((("Access", self.device, 5), ("Gauge", self.gauge, 5)))
        self.titled_row(
            (
                ("Flushes, blood returns", self.patent, 3),
                ("For the product alone", self.dedicated, 3),
                ("Filter (the maker decides)", self.filter, 5),
            )
        )

    def _make_site(self, theme: Theme) -> None:
        scales = self._rules.sites.content
        self.phlebitis = Choice(theme, _grades(len(scales.of(PHLEBITIS).grades)))
        self.infiltration = Choice(theme, _grades(len(scales.of(INFILTRATION).grades)))
        self.cuff, self.probe = Choice(theme, _ARMS, pixels=14), Choice(theme, _PROBES, pixels=14)
        self.attempts = Choice(theme, _ATTEMPTS)
        self.inserted_by = PersonKey(theme, "Put in by", outside=True)
        self.inserted_by.chosen.connect(lambda _: self.touched())
        self.inserted_by.wanted.connect(lambda: self.picker.open_for(self.inserted_by))
        self.titled_row(
            (("Phlebitis, 0 = nothing", self.phlebitis, 1), ("Infiltration, 0 = nothing", self.infiltration, 1))
        )
        self.titled_row((("Blood pressure cuff", self.cuff, 4), ("SpO₂ probe", self.probe, 5)))
        self.titled_row((("Attempts", self.attempts, 3), ("Put in by", self.inserted_by, 5)))

    def _choices(self) -> tuple[Choice, ...]:
        return (
            self.side, self.site, self.device, self.gauge, self.patent, self.dedicated, self.filter, self.phlebitis,
            self.infiltration, self.cuff, self.probe, self.attempts,
        )  # fmt: skip

    def _on_chosen(self) -> None:
        self.touched()
        self._warn()

    def _score(self) -> SiteScore:
        return SiteScore(_number(self.phlebitis.value()), _number(self.infiltration.value()))

    def _warn(self) -> None:
        same_arm = self.side.value() and self.cuff.value().startswith(self.side.value())
        same_hand = same_arm and self.probe.value().startswith(self.side.value())
        words = []
        if self.patent.value() == "no":
            words.append("A line that does not flush keeps this check open: find another one.")
        if prompt := site_prompt(self._score(), self._rules.sites.content):
            words.append(prompt)
        if same_arm and self.site.value() not in {"port", "chest"}:
            words.append("The cuff is on the arm of the line: each measurement stops the infusion for a while.")
        if same_hand:
            words.append("Cuff and probe are on one arm: SpO₂ drops out while the cuff inflates.")
        say(self.warning, "⚠ " + " ".join(words) if words else "")
        self.recorded.setVisible(not words and bool(self.recorded.text()))

    def commands(self) -> Sequence[Command] | None:
        """The line as chosen."""
        missing = [w for w, c in (("side", self.side), ("site", self.site), ("gauge", self.gauge)) if not c.value()]
        say(self.problem, f"Still needed: {', '.join(missing)}" if missing else "")
        if missing:
            return None
        score = self._score()
        placed = self.inserted_by.value()
        line = cmd.EnterLine(
            self.chair,
            self.by,
            self.site.value(),
            self.side.value(),
            self.gauge.value(),
            _said(self.cuff.value()),
            _said(self.probe.value()),
            device=self.device.value(),
            patent=_KNOWN[self.patent.value()],
            dedicated=_KNOWN[self.dedicated.value()],
            filter=self.filter.value(),
            inserted_by="" if placed == OUTSIDE else placed,
            attempts=_number(self.attempts.value()),
            phlebitis=score.phlebitis,
            infiltration=score.infiltration,
            placed_outside=placed == OUTSIDE,
        )
        return (line,)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Whoever is at work has probably put the line in."""
        self.inserted_by.follow(snapshot.registry.users)
        super().show_snapshot(snapshot)
        if not self.dirty and self._filled_from is None:
            self.inserted_by.set_value(snapshot.staff_id)

    def draft_parts(self) -> Parts:
        """The choices, and who put the line in."""

        def put(field: DraftField) -> None:
            if field.text:
                self.inserted_by.choose(field.text)

        return {**super().draft_parts(), "inserted_by": Part(self.inserted_by.value, put)}

    def recorded_part(self, session: SessionState) -> object:
        """The line."""
        return session.line

    def fill(self, part: object) -> None:
        """As recorded."""
        assert isinstance(part, Line)
        values = (
            part.side, part.site, part.device, part.gauge, _SAID[part.patent], _SAID[part.dedicated], part.filter,
            _grade(part.phlebitis), _grade(part.infiltration), part.cuff_arm, part.spo2_site, _grade(part.attempts),
        )  # fmt: skip
        for choice, value in zip(self._choices(), values, strict=True):
            choice.set_value(value)
        self.inserted_by.set_value(OUTSIDE if part.placed_outside else part.inserted_by)
        words = (part.side, part.site, part.gauge, f"cuff {part.cuff_arm}" if part.cuff_arm else "", part.spo2_site)
        say(self.recorded, f"Recorded: {' · '.join(word for word in words if word)}")
        self._warn()

    def empty(self) -> None:
        """Nothing chosen but what the clinic's list proposes."""
        for choice in self._choices():
            choice.set_value("")
        for choice, key in ((self.device, "device"), (self.dedicated, "dedicated"), (self.filter, "filter")):
            choice.set_value(_usual(self._asked, key))
        self.picker.close_tiles()
        self.inserted_by.set_value("")
        for words in (self.problem, self.warning, self.recorded):
            say(words, "")


def _options(asked: ChecklistRow | None, key: str, usual: tuple[str, ...]) -> Options:
    """The clinic's own answers where its list has this item."""
    rows = asked.item if asked is not None else ()
    options = next((row.options for row in rows if row.key == key and row.options), usual)
    short = {"peripheral cannula": "Cannula"}
    return tuple((option, short.get(option, option[:1].upper() + option[1:])) for option in options)


def _usual(asked: ChecklistRow | None, key: str) -> str:
    return next((row.usual for row in (asked.item if asked is not None else ()) if row.key == key), "")


def _grades(count: int) -> Options:
    return tuple((str(grade), str(grade)) for grade in range(count))


def _number(answer: str) -> int | None:
    return int(answer) if answer else None


def _grade(number: int | None) -> str:
    return "" if number is None else str(number)


def _said(answer: str) -> str:
    return "" if answer == "none" else answer
