"""A step that answers checklists of the clinic's protocol: each item a field, two columns, one touch a tick."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QGridLayout, QWidget

from exomonitor.clinical.checklists import FDA_STATEMENT, ChecklistRow, missing
from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.drafts import DraftField
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import Command
from exomonitor.session.gate_rules import TODAY, today_answers
from exomonitor.session.parts.checks import RecordChecklist
from exomonitor.session.state import SessionState
from ui.pages.prepare.item_fields import ItemField
from ui.pages.prepare.step_form import StepForm, say
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.drafting import Part, Parts
from ui.widgets.keys import BigButton, Kind
from ui.widgets.person_key import PersonPicker
from ui.widgets.text import MEDIUM, SEMIBOLD, label

COLUMNS = 2


class ChecklistForm(StepForm):
    """One or more lists on one page. What does not pass is said, and recorded all the same on the second Enter."""

    def __init__(
        self, theme: Theme, chair: str, protocol: ClinicProtocol, keys: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, chair, parent)
        known = {row.key: row for row in protocol.rules.checklists.content.list}
        self.lists: tuple[ChecklistRow, ...] = tuple(known[key] for key in keys if key in known)
        self.fields: dict[str, dict[str, ItemField]] = {}
        self._grids: dict[str, QGridLayout] = {}
        self.column.setSpacing(theme.px(6))
        self._warned: tuple[str, ...] = ()
        self._snapshot: Snapshot | None = None
        for checklist in self.lists:
            self._add(checklist, protocol)
        self.problem = self.remark(role="error")
        self.picker = PersonPicker(theme, self, self.column)
        self.column.addStretch(1)
        self.empty()

    def _add(self, checklist: ChecklistRow, protocol: ClinicProtocol) -> None:
        theme = self.theme
        if checklist.statement == FDA_STATEMENT:
            card = Card(theme, "To be told to the patient", outlined=True)
            card.body.addWidget(label(theme, protocol.fda.full_text(), 14, MEDIUM, wrap=True))
            self.column.addWidget(card)
        if len(self.lists) > 1:
            self.column.addWidget(label(theme, checklist.title, 15, SEMIBOLD))
        if checklist.all_at_once:
            key = BigButton(theme, "All of these are ready", kind=Kind.PRIMARY, height=58)
            key.clicked.connect(lambda _=False, picked=checklist.key: self.tick_all(picked))
            self.column.addWidget(key)
            self.all_key = key
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(14))
        grid.setVerticalSpacing(theme.px(6))
        made: dict[str, ItemField] = {}
        for row in checklist.item:
            made[row.key] = field = ItemField(theme, row, self._on_touched, self.confirmed.emit)
            if (who := field.person) is not None:
                who.wanted.connect(lambda who=who: self.picker.open_for(who))
        for column in range(COLUMNS):
            grid.setColumnStretch(column, 1)
        self.fields[checklist.key] = made
        self._grids[checklist.key] = grid
        self.column.addWidget(holder)

    # --- following what is touched -----------------------------------------------------------------------------------

    def _on_touched(self, *_: object) -> None:
        self._warned = ()
        say(self.problem, "")
        self._sync()
        self.touched()

    def tick_all(self, key: str) -> None:
        """The big key: every tick of the list, and on to the next step where nothing else is asked."""
        for field in self.fields[key].values():
            if field.tick is not None:
                field.tick.setChecked(True)
        self._on_touched()
        if all(not missing(self.answers(one.key), one) for one in self.lists):
            self.confirmed.emit()

    def _sync(self) -> None:
        """Only what these answers leave to be asked is shown."""
        for checklist in self.lists:
            asked = {row.key for row in checklist.asked(self.answers(checklist.key))}
            shown = [field for key, field in self.fields[checklist.key].items() if key in asked]
            for place, field in enumerate(shown):
                self._grids[checklist.key].addWidget(field, place // COLUMNS, place % COLUMNS)
            for field in self.fields[checklist.key].values():
                field.setVisible(field in shown)

    def answers(self, key: str) -> dict[str, str]:
        """The answers of one list; what is not asked any more is not answered either."""
        checklist = next(one for one in self.lists if one.key == key)
        said = {name: field.answer() for name, field in self.fields[key].items()}
        asked = {row.key for row in checklist.asked(said)}
        return {name: answer for name, answer in said.items() if answer and name in asked}

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Times are of today; what everybody knows already is proposed."""
        self._snapshot = snapshot
        for fields in self.fields.values():
            for field in fields.values():
                field.follow(snapshot.now.utc, snapshot.registry.users)
        super().show_snapshot(snapshot)
        if not self.dirty and self._filled_from is None:
            self._propose(snapshot)

    def _propose(self, snapshot: Snapshot) -> None:
        """Who takes the consent and when, and who is reached: as the record and the clock have it, to be corrected."""
        order = snapshot.session.order if snapshot.session is not None else None
        proposals = {
            ("consent", "taken_by"): snapshot.staff_id,
            ("consent", "taken_at"): f"{snapshot.now.utc.astimezone():%H:%M}",
            ("readiness", "prescriber"): order.prescriber_id if order is not None else "",
        }
        if snapshot.session is not None and TODAY in self.fields:
            for item, answer in today_answers(snapshot.session.checks, snapshot.session.patient).items():
                if (field := self.fields[TODAY].get(item)) is not None:
                    field.put(answer)
            self._sync()
        for (checklist, item), words in proposals.items():
            field = self.fields.get(checklist, {}).get(item)
            if field is None:
                continue
            if field.person is not None:
                field.person.set_value(words or field.person.only())
            elif field.entry is not None and words:
                field.entry.set_text(words)

    def draft_parts(self) -> Parts:
        """Every item of every list."""
        fields = {f"{key}.{name}": field for key, made in self.fields.items() for name, field in made.items()}
        return {name: Part(field.entered, partial(self._put_draft, field)) for name, field in fields.items()}

    def _put_draft(self, field: ItemField, kept: DraftField) -> None:
        field.put_entered(kept.text)
        self._on_touched()

    # --- recording ---------------------------------------------------------------------------------------------------

    def commands(self) -> Sequence[Command] | None:
        """The answers. What is missing is said first; a second Enter records it as it is."""
        wrong = [f.problem() for fields in self.fields.values() for f in fields.values() if f.isVisibleTo(self)]
        if any(wrong):
            say(self.problem, next(one for one in wrong if one))
            return None
        lacks = tuple(one for checklist in self.lists for one in missing(self.answers(checklist.key), checklist))
        if lacks and lacks != self._warned:
            self._warned = lacks
            again = " Enter again records it as it is." if any(self.answers(one.key) for one in self.lists) else ""
            say(self.problem, f"{'; '.join(lacks[:3])}{' ...' if len(lacks) > 3 else ''}.{again}")
            return None
        made = [RecordChecklist(self.chair, self.by, one.key, self.answers(one.key)) for one in self.lists]
        return tuple(one for one in made if one.answers) or None

    def recorded_part(self, session: SessionState) -> object:
        """The lists as recorded."""
        done = {one.key: session.checks.lists[one.key] for one in self.lists if one.key in session.checks.lists}
        return done or None

    def fill(self, part: object) -> None:
        """As recorded."""
        assert isinstance(part, dict)
        for key, done in part.items():
            for name, field in self.fields[key].items():
                field.put(done.answers.get(name, ""))
        self._sync()

    def empty(self) -> None:
        """Nothing answered."""
        self.picker.close_tiles()
        self._warned = ()
        for fields in self.fields.values():
            for field in fields.values():
                field.put("")
        say(self.problem, "")
        self._sync()

    def first_field(self) -> QWidget:
        """The big key where there is one, else the first item that is not answered."""
        for checklist in self.lists:
            if checklist.all_at_once and missing(self.answers(checklist.key), checklist):
                return self.all_key
            for field in self.fields[checklist.key].values():
                if field.isVisibleTo(self) and not field.answer():
                    return field.key()
        return self
