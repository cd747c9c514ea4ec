"""The leaving page: criteria at the left; at the right IV, tasks, next dose and the door, each one touch away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside
from exomonitor.engine.parts.leaving_facts import TASKS
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.users import PRESCRIBER
from exomonitor.session.parts import leaving_events as lv
from ui.bridge import Bridge
from ui.pages.leaving.criteria import CriteriaCard
from ui.pages.leaving.going import GoingForm
from ui.pages.leaving.iv_form import IvForm
from ui.pages.leaving.next_dose import NextDoseForm, Proven
from ui.pages.leaving.tasks import TasksPanel
from ui.presenters.leaving import LeavingView, leaving_view, signs_line
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.form import Form
from ui.widgets.keys import BigButton, Kind
from ui.widgets.prove import ProvePanel
from ui.widgets.text import BOLD, MEDIUM, Elided, set_text

IV, TASK, DOSE, DOOR = "iv", "tasks", "dose", "door"
_TABS = ((IV, "IV out"), (TASK, "Tasks"), (DOSE, "Next dose"), (DOOR, "Leaves"))


class LeavingPage(QWidget):
    """back_wanted: to the session. page_wanted: the patient has left, the signature is next."""

    back_wanted = Signal()
    page_wanted = Signal(str)
    reaction_wanted = Signal()

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._bedside, self._bridge, self._theme = bedside, bridge, theme
        self._session, self._by = "", ""
        self._judged: tuple[object, ...] = ()
        self._proving: ProvePanel | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        column.setSpacing(theme.px(8))
        self._make_head(column)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addLayout(self._make_left(), 13)
        row.addLayout(self._make_right(), 12)
        column.addLayout(row, 1)
        self.setFocusProxy(self.tabs.first())

    def _make_head(self, column: QVBoxLayout) -> None:
        theme, row = self._theme, QHBoxLayout()
        self._title = Elided(theme, "", 22, BOLD)
        self._since = Elided(theme, "", 17, MEDIUM, role="dim")
        self.sign_key = BigButton(theme, "Sign off", height=58)
        self.sign_key.clicked.connect(lambda: self.page_wanted.emit("signoff"))
        row.addWidget(self._title, 3)
        row.addWidget(self._since, 3)
        self.lounge_key = BigButton(theme, "To the lounge", height=58)
        self.lounge_key.clicked.connect(self._move)
        row.addWidget(self.lounge_key, 1)
        row.addWidget(self.sign_key, 1)
        column.addLayout(row)

    def _make_left(self) -> QVBoxLayout:
        """The list, and below it what must stay in reach until the patient is gone: the signs and Reaction."""
        theme, column, row = self._theme, QVBoxLayout(), QHBoxLayout()
        column.setSpacing(theme.px(8))
        self.criteria = CriteriaCard(theme)
        column.addWidget(self.criteria, 1)
        row.setSpacing(theme.px(12))
        self._signs = Elided(theme, "", 20, BOLD, shrink_to=15)
        row.addWidget(self._signs, 3)
        self.reaction_key = BigButton(theme, "✚ Reaction", "F8", Kind.REACTION, pixels=20, height=64)
        self.reaction_key.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.reaction_key.clicked.connect(self.reaction_wanted)
        row.addWidget(self.reaction_key, 2)
        column.addLayout(row)
        return column

    def _make_right(self) -> QVBoxLayout:
        theme, bridge, chair = self._theme, self._bridge, self._bedside.chair
        column = QVBoxLayout()
        column.setSpacing(theme.px(8))
        self.tabs = Choice(theme, _TABS, height=58, pixels=17)
        self.tabs.chosen.connect(self.open_tab)
        column.addWidget(self.tabs)
        self._stack = QStackedWidget()
        protocol = self._bedside.protocol
        self.iv = IvForm(theme, bridge, chair)
        self.tasks = TasksPanel(theme, bridge, chair, protocol.rules.checklists.content.of(TASKS))
        self.dose = NextDoseForm(theme, bridge, chair, protocol)
        self.going = GoingForm(theme, bridge, chair)
        self._panes: dict[str, QWidget] = {IV: self.iv, TASK: self.tasks, DOSE: self.dose, DOOR: self.going}
        for pane in self._panes.values():
            self._stack.addWidget(pane)
            if isinstance(pane, Form):
                pane.closed.connect(self.back_wanted)
        self.iv.recorded.connect(lambda _: self.open_tab(TASK))
        self.dose.recorded.connect(lambda _: self.dose.say("Recorded"))
        self.dose.proof_wanted.connect(lambda take: self._prove(take, "Date of the next dose, early or held"))
        self.going.proof_wanted.connect(lambda take: self._prove(take, "Discharge before every criterion is met"))
        column.addWidget(self._stack, 1)
        return column

    def open_tab(self, name: str) -> None:
        """Show one of the four."""
        self._end_proof()
        self.tabs.set_value(name)
        self._stack.setCurrentWidget(self._panes[name])
        self._panes[name].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _move(self) -> None:
        """The chair is wanted for the next patient."""
        command = lv.MoveToLounge(self._bedside.chair, self._by)
        self._bridge.submit(command, lambda _: self.back_wanted.emit(), lambda why: set_text(self._since, why))

    def back(self) -> bool:
        """Esc inside the page: a signature that is not given; False when there is nothing to close."""
        if self._proving is None:
            return False
        self._end_proof()
        return True

    # --- the prescriber's signature ----------------------------------------------------------------------------------

    def _prove(self, take: Proven, meaning: str) -> None:
        self._end_proof()
        panel = ProvePanel(self._theme, self._bedside, self._bridge, (PRESCRIBER,), meaning)
        panel.proven.connect(lambda token, _: self._proven(take, token))
        panel.closed.connect(self._end_proof)
        self._proving = panel
        self._stack.addWidget(panel)
        self._stack.setCurrentWidget(panel)
        panel.open()
        panel.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _proven(self, take: Proven, token: str) -> None:
        self._end_proof()
        take(token)

    def _end_proof(self) -> None:
        panel, self._proving = self._proving, None
        if panel is not None:
            self._stack.removeWidget(panel)
            panel.deleteLater()
            self._stack.setCurrentWidget(self._panes[self.tabs.value() or IV])

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the page up to date; the criteria are judged once a second, and when something is recorded."""
        session = snapshot.session
        grounds = (
            session.id if session is not None else "", session.last_seq if session is not None else 0,
            int(snapshot.now.mono_ns // 10**9), snapshot.alarms, snapshot.staff_id,
        )  # fmt: skip
        self.tasks.show_snapshot(snapshot)
        set_text(self._signs, signs_line(snapshot))
        if grounds == self._judged:
            return
        self._judged = grounds
        view = leaving_view(snapshot, self._bedside.protocol)
        set_text(self._title, view.title)
        set_text(self._since, view.since)
        self.criteria.show_view(view)
        self.iv.show_view(snapshot, view)
        self.going.show_view(snapshot, view)
        self.dose.show_visit(snapshot, session.id if session is not None else "")
        self._show_tabs(view)
        self.sign_key.setEnabled(bool(view.gone))
        self._by = snapshot.staff_id
        self.lounge_key.setVisible(view.may_move)
        if session is not None and session.id != self._session:
            self._session = session.id
            self.open_tab(_first_open(view))

    def _show_tabs(self, view: LeavingView) -> None:
        said = {
            IV: "done" if view.iv else "open",
            TASK: f"{view.tasks_open} open" if view.tasks_open else "done",
            DOSE: "done" if view.next_dose else "open",
            DOOR: "left" if view.gone else ("ready" if view.ready else ""),
        }
        for key, words in said.items():
            self.tabs.key(key).set_below(words)


def _first_open(view: LeavingView) -> str:
    """Where the hands go on."""
    if not view.iv:
        return IV
    if view.tasks_open:
        return TASK
    return DOOR if view.next_dose else DOSE
