"""Follow-up: the work list at the left; a call with its questions, a visit's next dose, or an answer to be settled."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.users import PRESCRIBER
from exomonitor.session.parts.trust import PATIENT, ViewRecord
from ui.bridge import Bridge
from ui.pages.followup.call_form import CallForm
from ui.pages.followup.recent_card import RecentCard
from ui.pages.followup.settle_form import SettleForm
from ui.pages.followup.visit_card import VisitCard
from ui.pages.followup.work_card import WorkCard
from ui.pages.leaving.next_dose import NextDoseForm, Proven
from ui.theme import Theme
from ui.widgets.prove import ProvePanel

_ROWS = 8
_RECENT = 8


class FollowUpPage(QWidget):
    """open_call() begins with a call; back() closes what is open."""

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._bedside, self._bridge, self._theme = bedside, bridge, theme
        self._snapshot = bedside.latest()
        self._proving: ProvePanel | None = None
        self._behind: QWidget | None = None
        self._dose_visit = self._seen = self._wanted = ""
        self._show: Callable[[], None] = lambda: None
        protocol, chair = bedside.protocol, bedside.chair
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(10), theme.px(8), theme.px(10), theme.px(8))
        row.setSpacing(theme.px(8))
        self.work = WorkCard(theme, protocol.rules.follow_up.content, _ROWS)
        self.work.wanted.connect(self.open_work)
        self.call = CallForm(theme, bridge, chair, protocol)
        self.dose = NextDoseForm(theme, bridge, chair, protocol)
        self.settle = SettleForm(theme, bridge, chair)
        self.visit = VisitCard(theme, protocol.rules.follow_up.content)
        self.visit.call_wanted.connect(self.open_call)
        self.visit.dose_wanted.connect(self.open_dose)
        self._left = QStackedWidget()
        left: tuple[QWidget, ...] = (self.work, self.call.details)
        for part in left:
            self._left.addWidget(part)
        self._left.setFixedWidth(theme.px(380))
        self._right = QStackedWidget()
        self._empty = RecentCard(theme, _RECENT)
        self._empty.wanted.connect(self.open_visit)
        for part in (self._empty, self.visit, self.call, self.dose, self.settle):
            self._right.addWidget(part)
        row.addWidget(self._left)
        row.addWidget(self._right, 1)
        for form in (self.call, self.dose, self.settle):
            form.closed.connect(self.back)
            form.recorded.connect(self._on_recorded)
        self.dose.proof_wanted.connect(lambda take: self._prove(take, "Date of the next dose, early or held"))
        self.settle.proof_wanted.connect(lambda take: self._prove(take, "A follow-up answer is settled"))

    # --- what is open ------------------------------------------------------------------------------------------------

    def open_work(self, visit: str, call: str, seq: int) -> None:
        """A line of the work list was pressed."""
        if seq:
            self._look_at(visit, lambda: self._settle(visit, seq))
        elif call:
            self.open_call(visit, call)
        else:
            self.open_visit(visit)

    def open_call(self, visit: str, call: str) -> None:
        """A call of the plan, or with "" one that the patient made."""
        self._look_at(visit, lambda: self._call(visit, call))

    def open_visit(self, visit: str) -> None:
        """What is planned and was told, with the keys for another call and the next dose."""
        self._look_at(visit, lambda: self._visit(visit))

    def _settle(self, visit: str, seq: int) -> None:
        self.settle.open_answer(visit, seq)
        self._front(self.settle)

    def _call(self, visit: str, call: str) -> None:
        self.call.open_call(visit, call, called_in=not call)
        self._front(self.call)

    def _visit(self, visit: str) -> None:
        self.visit.open_visit(visit)
        self._front(self.visit)

    def open_dose(self, visit: str) -> None:
        """The next dose of that visit."""
        self.dose.show_visit(self._snapshot, visit)
        self._dose_visit = visit
        self._front(self.dose)

    def _look_at(self, visit: str, show: Callable[[], None]) -> None:
        """`show` as soon as it is recorded that somebody looks at this patient: until then nobody is in sight, also
        nobody who was open before, into whose call one would go on typing."""
        if visit == self._seen:
            show()
            return
        self._show = show
        if visit == self._wanted:  # is being recorded already: only what is to be shown then has changed
            return
        self._end_proof()
        self._front(self._empty)
        self._wanted = visit
        known = self._snapshot.registry.aftercare.get(visit)
        patient = known.patient if known is not None else ""
        look = ViewRecord(self._bedside.chair, self._snapshot.staff_id, PATIENT, visit, patient)
        self._bridge.submit(look, lambda _: self._looked(visit), lambda why: self._not_looked(visit, why))

    def _looked(self, visit: str) -> None:
        if visit == self._wanted:
            self._wanted, self._seen = "", visit
            self._show()

    def _not_looked(self, visit: str, why: str) -> None:
        if visit == self._wanted:
            self._wanted = ""
            self._empty.set_remark(f"Not shown: {why}")

    def back(self) -> bool:
        """Esc: close what is open; False when nothing is."""
        if self._proving is not None:
            self._end_proof()
            return True
        if self._right.currentWidget() is self._empty and not self._wanted:
            return False
        self._front(self._empty)
        return True

    def _front(self, part: QWidget) -> None:
        self._empty.set_remark("")
        if part is self._empty:
            self._seen = self._wanted = ""
        self._right.setCurrentWidget(part)
        self._left.setCurrentWidget(self.call.details if part is self.call else self.work)
        self.show_snapshot(self._snapshot)
        here = self.window().focusWidget()
        if here is None or self.isAncestorOf(here):  # a commit comes late: who works elsewhere by then stays there
            part.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_recorded(self, words: str) -> None:
        visit = self.call.visit if self._right.currentWidget() is self.call else ""
        if visit:
            self.open_visit(visit)
        elif not self._wanted:  # else another line was pressed meanwhile
            self._front(self._empty)
        self.visit.say(words)

    # --- the prescriber's signature ----------------------------------------------------------------------------------

    def _prove(self, take: Proven, meaning: str) -> None:
        self._end_proof()
        panel = ProvePanel(self._theme, self._bedside, self._bridge, (PRESCRIBER,), meaning)
        panel.proven.connect(lambda token, _: self._proven(take, token))
        panel.closed.connect(self._end_proof)
        self._proving, self._behind = panel, self._right.currentWidget()
        self._right.addWidget(panel)
        self._right.setCurrentWidget(panel)
        panel.open()
        panel.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _proven(self, take: Proven, token: str) -> None:
        self._end_proof()
        take(token)

    def _end_proof(self) -> None:
        panel, self._proving = self._proving, None
        if panel is None:
            return
        self._right.removeWidget(panel)
        panel.deleteLater()
        if self._behind is not None:
            self._right.setCurrentWidget(self._behind)

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring what is in front up to date."""
        self._snapshot = snapshot
        self.work.show_snapshot(snapshot)
        shown = self._right.currentWidget()
        if shown is self.dose:
            self.dose.show_visit(snapshot, self._dose_visit)
        elif shown is self.call:
            self.call.show_snapshot(snapshot)
        elif shown is self.settle:
            self.settle.show_snapshot(snapshot)
        elif shown is self.visit:
            self.visit.show_snapshot(snapshot)
        elif shown is self._empty:
            self._empty.show_snapshot(snapshot)
