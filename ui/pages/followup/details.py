"""What a yes asks for: what exactly, how bad, since when, still there, worse; tiredness is graded by questions."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from exomonitor.clinical.ranges import ENTRY_LIMITS
from exomonitor.clinical.triage import FEVER, ItemRow, TriageTable, fatigue_grade
from exomonitor.session.parts.leaving_events import SymptomTold
from exomonitor.units import Span
from ui.presenters.codes import SITE_SCORES, SITE_WORDS
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice, MultiChoice
from ui.widgets.entry import NumberEntry
from ui.widgets.text import SEMIBOLD, label, set_text

HOURS = Span("Hours", "h", Decimal(0), Decimal(2000), 1)
_YES_NO = (("yes", "Yes"), ("no", "No"))
_GRADES = (("1", "1 mild"), ("2", "2"), ("3", "3"), ("4", "4"))
_TIRED = "tired"
SITE = "site"
_IN_ONE_COLUMN = 4
_TIRED_ASKS = (
    ("rest", "Rest helps"),
    ("shopping", "Stops shopping, phone, work"),
    ("washing", "Stops washing, dressing"),
)


class DetailsCard(Card):
    """One question at a time; `changed` comes when an answer is another one."""

    changed = Signal()

    def __init__(self, theme: Theme, table: TriageTable, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Details", parent=parent)
        self._items = {row.key: row for row in table.item}
        self._key, self._now_h = "", 0.0
        self._heading = label(theme, "", 17, SEMIBOLD, wrap=True)
        self.body.addWidget(self._heading)
        self._details: dict[str, MultiChoice] = {}
        for row in table.item:
            if row.detail:
                tiles = [(one.key, one.label) for one in row.detail]
                many = len(tiles) > _IN_ONE_COLUMN
                choice = MultiChoice(theme, tiles, columns=1 + many, pixels=13 if many else 15, height=44)
                self._details[row.key] = self._put(choice)
        self._tired = self._put(MultiChoice(theme, _TIRED_ASKS, columns=1, pixels=15, height=44))
        self._temp = NumberEntry(theme, "Measured temperature", ENTRY_LIMITS["temp"].span, "°C")
        self._site_words = label(theme, f"IV site score: {SITE_WORDS['']}", 14, role="dim", wrap=True)
        self.body.addWidget(self._site_words)
        self.site = Choice(theme, tuple((code, code) for code, _ in SITE_SCORES), pixels=15)
        self.body.addWidget(self.site)
        self._grade_words = label(theme, "How bad (CTCAE grade)", 14, role="dim")
        self.body.addWidget(self._grade_words)
        self.grade = Choice(theme, _GRADES, pixels=15)
        self.body.addWidget(self.grade)
        self._hours = NumberEntry(theme, "For how long", HOURS, "h")
        self._still_words = label(theme, "Still there", 14, role="dim")
        self._worse_words = label(theme, "Worse than yesterday", 14, role="dim")
        self.still, self.worse = Choice(theme, _YES_NO, pixels=15), Choice(theme, _YES_NO, pixels=15)
        parts: tuple[QWidget, ...] = (
            self._temp,
            self._hours,
            self._still_words,
            self.still,
            self._worse_words,
            self.worse,
        )
        for part in parts:
            self.body.addWidget(part)
        self.body.addStretch(1)
        self._connect()
        self.close_item()

    def _put(self, choice: MultiChoice) -> MultiChoice:
        self.body.addWidget(choice)
        return choice

    def _connect(self) -> None:
        for tiles in (*self._details.values(), self._tired):
            tiles.changed.connect(self.changed)
        for choice in (self.grade, self.site, self.still, self.worse):
            choice.chosen.connect(lambda _: self.changed.emit())
        for entry in (self._hours, self._temp):
            entry.edited.connect(lambda _: self.changed.emit())

    @property
    def key(self) -> str:
        """The question that is open, "" = none."""
        return self._key

    def open_item(self, key: str, known: SymptomTold, now_h: float) -> None:
        """Ask for the details of one question; `now_h` = hours since the end of the infusion."""
        row = self._items[key]
        self._key, self._now_h = key, now_h
        set_text(self._heading, row.ask)
        self._show_fields(row)
        if row.detail:
            self._details[key].set_values(known.details)
        self._tired.set_values(())
        self.grade.set_value(str(known.grade) if known.grade else "")
        lasted = now_h - known.onset_h if known.onset_h is not None else None
        self._hours.set_text("" if lasted is None else f"{lasted:.0f}")
        for choice, value in ((self.still, known.still), (self.worse, known.worse)):
            choice.set_value("" if value is None else ("yes" if value else "no"))

    def close_item(self) -> None:
        """Nothing is asked."""
        self._key = ""
        set_text(self._heading, "Answer yes to a question, and what it asks for stands here.")
        self._show_fields(None)

    def clear(self) -> None:
        """The next call begins with nothing."""
        self._temp.set_text("")
        self._hours.set_text("")
        self.site.set_value("")
        self.close_item()

    def _show_fields(self, row: ItemRow | None) -> None:
        for key, tiles in self._details.items():
            tiles.setVisible(row is not None and key == row.key)
        self._tired.setVisible(row is not None and row.key == _TIRED)
        self._temp.setVisible(row is not None and row.key == FEVER)
        site: tuple[QWidget, ...] = (self._site_words, self.site)
        for part in site:
            part.setVisible(row is not None and row.key == SITE)
        graded = row is not None and row.graded
        course = row is not None and row.has_course
        grading: tuple[QWidget, ...] = (self._grade_words, self.grade)
        for part in grading:
            part.setVisible(graded)
        asked: tuple[QWidget, ...] = (self._hours, self._still_words, self.still, self._worse_words, self.worse)
        for part in asked:
            part.setVisible(course)

    def told(self) -> SymptomTold:
        """The answer to the open question."""
        row = self._items[self._key]
        hours = self._hours.number() if self._hours.check() else None
        return SymptomTold(
            present=True,
            details=self._details[row.key].values() if row.detail else (),
            grade=self._grade(row),
            onset_h=None if hours is None else max(0.0, round(self._now_h - float(hours), 2)),
            still=_flag(self.still),
            worse=_flag(self.worse),
        )

    def _grade(self, row: ItemRow) -> int | None:
        said = self._tired.values()
        if row.key == _TIRED and said:
            found = fatigue_grade(
                relieved_by_rest="rest" in said,
                stops_shopping_phone_work="shopping" in said,
                stops_washing_dressing="washing" in said,
            )
            self.grade.set_value(str(found))
        chosen = self.grade.value()
        return int(chosen) if chosen and row.graded else None

    def temp(self) -> Decimal | None:
        """The measured temperature in degrees Celsius; None when it is empty or wrong."""
        return self._temp.number() if self._temp.check() else None

    def site_score(self) -> int | None:
        """What the patient describes at the IV site, 0 to 4; None where nobody asked."""
        return int(self.site.value()) if self.site.value() else None

    def fever_since_h(self) -> float | None:
        """Hours from the end of the infusion to the beginning of the fever, where it is the open question."""
        return self.told().onset_h if self._key == FEVER else None


def _flag(choice: Choice) -> bool | None:
    return {"yes": True, "no": False}.get(choice.value())
