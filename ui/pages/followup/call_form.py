"""One call: who answered, the questions, their triage while one speaks, and the record of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clinical.triage import Triage, suggests_flu, triage
from exomonitor.drafts import CALLS, DraftField
from exomonitor.engine.parts.aftercare import SPOKEN, hours_since_end, report_of
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.aftercare import Aftercare
from exomonitor.session.codec import from_plain, to_plain
from exomonitor.session.commands import Command
from exomonitor.session.parts import leaving_events as lv
from ui.bridge import Bridge
from ui.pages.followup.details import SITE, DetailsCard
from ui.pages.followup.pro_panel import ProPanel
from ui.pages.followup.question_grid import QuestionGrid
from ui.presenters.followup import ANSWERS, phone_of, triage_view, who_of
from ui.presenters.words import join
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.drafting import Part, Parts, parts_of
from ui.widgets.entry import TextEntry
from ui.widgets.form import Form
from ui.widgets.keys import BigButton
from ui.widgets.text import BOLD, MEDIUM, SEMIBOLD, Elided, label, set_text

_NOT_ASKED: dict[str, lv.SymptomTold] = {}


class CallForm(Form):
    """Keeps what was answered until the record has it. `details` stands beside it on the page."""

    def __init__(
        self, theme: Theme, bridge: Bridge, chair: str, protocol: ClinicProtocol, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, bridge, "Call", "Record the call", parent=parent)
        self._chair, self._by = chair, ""
        self._visit, self._call = "", ""
        self._rules = protocol.rules
        self._symptoms: dict[str, lv.SymptomTold] = {}
        self._fever_since_h: float | None = None
        self._now: datetime | None = None
        self._record: Aftercare | None = None
        self.details = DetailsCard(theme, self._rules.triage.content)
        self.details.changed.connect(self._on_details)
        column = QVBoxLayout(self.content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        self.answer = Choice(theme, ANSWERS, pixels=16)
        self.answer.chosen.connect(lambda _: self._show())
        column.addWidget(self.answer)
        self.grid = QuestionGrid(theme, self._rules.triage.content)
        self.grid.answered.connect(self._on_answered)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.grid)
        offered = self._rules.follow_up.content.pro_ctcae
        self.pro = ProPanel(theme, offered) if offered is not None else None
        if self.pro is not None:
            self.pro.answered.connect(self._show)
            self.pro.closed.connect(lambda: self._stack.setCurrentIndex(0))
            self._stack.addWidget(self.pro)
        column.addWidget(self._stack, 1)
        column.addLayout(self._make_foot(theme))
        self.setFocusProxy(self.answer.first())

    def _make_foot(self, theme: Theme) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        said = QVBoxLayout()
        said.setSpacing(theme.px(1))
        self._level = label(theme, "", 20, BOLD)
        self._why = Elided(theme, "", 16, SEMIBOLD)
        self._ask = Elided(theme, "", 14, MEDIUM, role="dim", shrink_to=11)
        for part in (self._level, self._why, self._ask):
            said.addWidget(part)
        row.addLayout(said, 3)
        self.no_rest = BigButton(theme, "All others: no", pixels=15, height=48)
        self.no_rest.clicked.connect(self._deny_rest)
        row.addWidget(self.no_rest)
        self.pro_key = BigButton(theme, "PRO-CTCAE", pixels=15, height=48)
        self.pro_key.clicked.connect(lambda: self._stack.setCurrentIndex(1 - self._stack.currentIndex()))
        row.addWidget(self.pro_key)
        self.text = TextEntry(theme, "Words (may stay empty)", compact=True)
        self.text.edited.connect(lambda _: self.changed())
        self.text.confirmed.connect(self.save)
        row.addWidget(self.text, 2)
        return row

    # --- which call --------------------------------------------------------------------------------------------------

    def open_call(self, visit: str, call: str, *, called_in: bool = False) -> None:
        """Begin with this call of this visit; `call` "" = beside the plan. What was answered for another is gone."""
        if (visit, call) != (self._visit, self._call):
            self._visit, self._call = "", ""  # what is emptied now is nobody's entry
            self.clear()
            self._visit, self._call = visit, call
        if called_in:
            self.answer.set_value("patient called in")
        self.open()
        self._show()

    def draft_key(self) -> tuple[str, str]:
        """The call belongs to its visit, whose session is signed."""
        return CALLS, f"call {self._visit} {self._call}" if self._visit else ""

    def draft_parts(self) -> Parts:
        """Answer, symptoms with their details, words."""
        symptoms = Part(lambda: json.dumps(to_plain(self._symptoms)) if self._symptoms else "", self._put_symptoms)
        fever = Part(lambda: "" if self._fever_since_h is None else str(self._fever_since_h), self._put_fever)
        details = {name: parts_of(self.details)[name] for name in ("temp", "site")}
        pro = Part(self._pro_text, self._put_pro)
        return {"symptoms": symptoms, "fever": fever, "pro_ctcae": pro, **details, **parts_of(self)}

    def _pro_text(self) -> str:
        given = self.pro.answers() if self.pro is not None else {}
        return json.dumps(given) if given else ""

    def _put_pro(self, field: DraftField) -> None:
        if self.pro is not None:
            self.pro.put(from_plain(dict[str, dict[str, int]], json.loads(field.text or "{}")))
            self._show()

    def _put_symptoms(self, field: DraftField) -> None:
        told = from_plain(dict[str, lv.SymptomTold], json.loads(field.text or "{}"))
        asked = {row.key for row in self._rules.triage.content.item}
        self._symptoms = {key: one for key, one in told.items() if key in asked}
        self._show()

    def _put_fever(self, field: DraftField) -> None:
        self._fever_since_h = float(field.text) if field.text else None

    @property
    def visit(self) -> str:
        """The visit that the call is about, "" = none."""
        return self._visit

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Whom to call, and the present hour: symptoms grow older while one speaks."""
        self._by, self._now = snapshot.staff_id, snapshot.now.utc
        record = snapshot.registry.aftercare.get(self._visit)
        self._record = record
        if record is None:
            return
        plan = {one.key: one for one in record.plan(snapshot.now.utc, self._rules.follow_up.content)}
        status = plan.get(self._call)
        what = status.label if status is not None else "Call beside the plan"
        attempt = f"attempt {status.failed + 1}" if status is not None else ""
        phone = f"☎ {phone_of(snapshot.registry, record)}" if snapshot.staff_id else "☎ sign in to see the number"
        self.set_heading(join(what, attempt, who_of(record, names=bool(snapshot.staff_id)), phone))

    # --- answers -----------------------------------------------------------------------------------------------------

    def _on_answered(self, key: str, present: bool) -> None:
        if present:
            known = self._symptoms.get(key)
            self._symptoms[key] = known if known is not None and known.present else lv.SymptomTold(True)
            self.details.open_item(key, self._symptoms[key], self._hours())
        else:
            self._symptoms[key] = lv.SymptomTold(False)
            if self.details.key == key:
                self.details.close_item()
        if not self.answer.value():
            self.answer.set_value("reached")  # somebody is speaking
        self._show()

    def _on_details(self) -> None:
        if self.details.key:
            self._symptoms[self.details.key] = self.details.told()
            if (since := self.details.fever_since_h()) is not None:
                self._fever_since_h = since
        self._show()

    def _deny_rest(self) -> None:
        for row in self._rules.triage.content.item:
            self._symptoms.setdefault(row.key, lv.SymptomTold(False))
        if not self.answer.value():
            self.answer.set_value("reached")
        self._show()

    def _hours(self) -> float:
        if self._record is None or self._now is None:
            return 0.0
        return hours_since_end(self._record, self._now)

    def command(self) -> lv.RecordCallAttempt:
        """The call as it stands in the form."""
        spoken = self.answer.value() in SPOKEN
        site = self._symptoms.get(SITE)
        score = self.details.site_score() if spoken and site is not None and site.present else None
        return lv.RecordCallAttempt(
            self._chair, self._by, self._visit, self._call, self.answer.value(),
            dict(self._symptoms) if spoken else _NOT_ASKED, self.details.temp() if spoken else None,
            self._fever_since_h if spoken else None, score, self.text.text(),
            self.pro.answers() if spoken and self.pro is not None and self._offers_pro() else {},
        )  # fmt: skip

    def _offers_pro(self) -> bool:
        """Whether this call is the one that asks PRO-CTCAE."""
        return self._rules.follow_up.content.pro_ctcae_of(self._call) is not None

    def judged(self) -> Triage:
        """The triage of what is answered so far."""
        return triage(report_of(self.command(), self._hours()), self._rules.triage.content)

    def _show(self) -> None:
        self.grid.show_answers(self._symptoms, self.details.key)
        spoken = self.answer.value() in SPOKEN
        self.grid.setEnabled(spoken or not self.answer.value())
        self.no_rest.setEnabled(spoken or not self.answer.value())
        offers = self.pro is not None and self._offers_pro()
        self.pro_key.setVisible(offers)
        self.pro_key.setEnabled(spoken)
        if self.pro is not None:
            self.pro_key.set_text(f"PRO-CTCAE: {self.pro.words()}")
        if not (offers and spoken):
            self._stack.setCurrentIndex(0)
        if spoken:
            view = triage_view(self.judged())
            flu = self._flu()
            set_text(self._level, view.head)
            set_text(self._why, join(view.why, view.advice))
            open_item = self.pro.unfinished() if self.pro is not None and offers else ""
            owed = f"PRO-CTCAE: {open_item} is answered in part" if open_item else ""
            set_text(self._ask, join(owed, view.ask, flu))
        else:
            for part in (self._level, self._why, self._ask):
                set_text(part, "")
        self.changed()

    def _flu(self) -> str:
        report = report_of(self.command(), self._hours())
        offered = suggests_flu(report, self._rules.triage.content, other_cause=False)
        return "together like flu: one term, “Flu like symptoms”, unless there is another cause" if offered else ""

    # --- the form ----------------------------------------------------------------------------------------------------

    def is_complete(self) -> bool:
        """Somebody says how the call ended; who was reached was asked something."""
        answer = self.answer.value()
        if not answer or not self._visit:
            return False
        if self.pro is not None and answer in SPOKEN and self._offers_pro() and self.pro.unfinished():
            return False
        return answer not in SPOKEN or bool(self._symptoms) or self.details.temp() is not None

    def commands(self) -> Sequence[Command]:
        """One call."""
        return (self.command(),)

    def clear(self) -> None:
        """The next call begins with nothing."""
        self._symptoms = {}
        self._fever_since_h = None
        self.answer.set_value("")
        self.text.set_text("")
        self.details.clear()
        if self.pro is not None:
            self.pro.clear()
        self._stack.setCurrentIndex(0)
        self._show()
