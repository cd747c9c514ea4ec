"""The page of the alarms: Now, Alarm limits, All limits, Log, Statistics. One touch from the alarm bar, or Shift+F4."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.alarms.limits import build_limits
from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.users import NURSE, PRESCRIBER
from exomonitor.session.commands import Acknowledge
from ui.bridge import Bridge
from ui.page_choice import begun
from ui.pages.alarms.limits_form import LimitsForm
from ui.pages.alarms.now_sheet import NowSheet
from ui.pages.alarms.statistics_sheet import THIS, StatisticsSheet
from ui.pages.reaction.head import ReactionHead
from ui.presenters.alarm_cases import alarm_cases
from ui.presenters.alarm_history import LOG_COLUMNS, NO_LOG, NO_SESSION, AlarmPast, every_past, session_past
from ui.presenters.alarm_limits import all_limits, device_words
from ui.presenters.reaction import reaction_view
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.keys import BigButton
from ui.widgets.paged_table import PagedTable
from ui.widgets.prove import ProvePanel
from ui.widgets.text import MEDIUM, Elided, set_role, set_text

NOW, LIMITS, EVERY, LOG, STATISTICS = "now", "limits", "every", "log", "statistics"
TABS = ((NOW, "Now"), (LIMITS, "Alarm limits"), (EVERY, "All conditions"), (LOG, "Log"), (STATISTICS, "Statistics"))
SOUNDS = "Sounds: IEC 60601-1-8 style, not tested to the standard."
_SIGNED = "I change the alarm limits of this patient"
_EVERY_S = 5.0
"""So often log and statistics follow while they are looked at."""
_ALL_COLUMNS = (("Condition", 4), ("When", 8), ("Priority", 2), ("Alarm within", 2))


class AlarmsPage(QWidget):
    """Vital signs and pump stand in a line above while the product runs."""

    back_wanted = Signal()

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._bedside, self._bridge, self._theme = bedside, bridge, theme
        self._clinic = build_limits(bedside.protocol)
        self._snapshot = bedside.latest()
        self._take: Callable[[str], None] | None = None
        self._asked: float | None = None
        self._asking = False
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(12), theme.px(6), theme.px(12), theme.px(6))
        column.setSpacing(theme.px(6))
        self._head = ReactionHead(theme, self)
        self._head.line.setParent(self._head)
        self._head.hide()
        column.addWidget(self._head.strip)
        column.addLayout(self._make_tabs())
        column.addWidget(self._make_sheets(), 1)
        self._foot = Elided(theme, "", 14, MEDIUM, role="dim", shrink_to=11)
        column.addWidget(self._foot)
        self.say("")
        self.open_tab(NOW)
        self.setFocusProxy(self.tabs.first())

    def _make_tabs(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(self._theme.px(8))
        self.tabs = Choice(self._theme, TABS, height=58, pixels=16)
        self.tabs.chosen.connect(self.open_tab)
        self.back_key = BigButton(self._theme, "Back", "Esc", height=58)
        self.back_key.clicked.connect(self.back_wanted)
        row.addWidget(self.tabs, 5)
        row.addWidget(self.back_key, 1)
        return row

    def _make_sheets(self) -> QStackedWidget:
        theme = self._theme
        self.now, self.statistics = NowSheet(theme), StatisticsSheet(theme)
        self.limits = LimitsForm(theme, self._bridge, self._bedside.chair, self._bedside.protocol)
        self.every = PagedTable(theme, _ALL_COLUMNS, "")
        self.log = PagedTable(theme, tuple(zip(LOG_COLUMNS, (2, 10, 3), strict=True)), NO_LOG)
        self.prove = ProvePanel(theme, self._bedside, self._bridge, (NURSE, PRESCRIBER), _SIGNED)
        self._panes: dict[str, QWidget] = {
            NOW: self.now, LIMITS: self.limits, EVERY: self.every, LOG: self.log, STATISTICS: self.statistics,
        }  # fmt: skip
        self._stack = QStackedWidget()
        for pane in (*self._panes.values(), self.prove):
            self._stack.addWidget(pane)
        self.now.acknowledge_wanted.connect(self._acknowledge)
        self.limits.proof_wanted.connect(self._ask_proof)
        self.limits.closed.connect(lambda: self.open_tab(NOW))
        self.limits.told.connect(lambda text, wrong: self.say(text, wrong=wrong))
        self.limits.recorded.connect(self.say)
        self.prove.proven.connect(self._on_proven)
        self.prove.closed.connect(lambda: self.open_tab(LIMITS))
        self.statistics.wanted.connect(lambda _: self._look())
        return self._stack

    # --- what is shown -----------------------------------------------------------------------------------------------

    def open_tab(self, tab: str) -> None:
        """Bring a sheet to the front."""
        self.tabs.set_value(tab)
        self._stack.setCurrentWidget(self._panes[tab])
        self.say("")
        if tab == LIMITS:
            self.limits.open()
        self._asked = None
        self.show_snapshot(self._snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the sheet in front up to date."""
        self._snapshot = snapshot
        watched = begun(snapshot.session)
        self._head.strip.setVisible(watched)
        if watched:
            self._head.show_view(reaction_view(snapshot, None), "")
        tab = self.tabs.value()
        if tab == NOW:
            self.now.show_cases(alarm_cases(snapshot, self._clinic))
        elif tab == EVERY:
            self.every.show_rows(all_limits(snapshot, self._clinic))
            self.say(device_words(snapshot))
        self.limits.show_snapshot(snapshot)
        if tab in {LOG, STATISTICS} and self._is_due():
            self._look()

    def say(self, text: str, *, wrong: bool = False) -> None:
        """The line below; with nothing to say it tells what the sounds are."""
        set_text(self._foot, text or SOUNDS)
        set_role(self._foot, "error" if wrong else "dim")

    def status(self) -> str:
        """What the line below says."""
        return self._foot.text()

    def back(self) -> bool:
        """Esc: whoever signs goes back first."""
        if self._stack.currentWidget() is not self.prove:
            return False
        self.prove.leave()
        return True

    def spare(self) -> QWidget:
        """The part that something may lie over: neither vital signs nor pump."""
        return self._stack

    # --- log and statistics, away from the thread that paints --------------------------------------------------------

    def _is_due(self) -> bool:
        now = self._snapshot.now.mono_ns / 1e9
        return not self._asking and (self._asked is None or not 0 <= now - self._asked < _EVERY_S)

    def _look(self) -> None:
        archive, now, session = self._bedside.archive, self._snapshot.now, self._snapshot.session
        self._asked = now.mono_ns / 1e9
        if self.tabs.value() == STATISTICS and self.statistics.of.value() != THIS:
            self._ask(lambda: every_past(archive), self.statistics.of.value())
        elif session is None:
            self._show_past(AlarmPast())
            self.log.set_empty(NO_SESSION)
        else:
            self._ask(lambda: session_past(archive, session.id, now), THIS)

    def _ask(self, work: Callable[[], AlarmPast], of: str) -> None:
        self._asking = True
        self._bridge.run(work, lambda past: self._on_past(past, of), self._on_no_past)

    def _on_past(self, past: AlarmPast, of: str) -> None:
        self._asking = False
        if self.tabs.value() == STATISTICS and of != self.statistics.of.value():
            self._asked = None  # somebody has touched the other one meanwhile
            return
        self._show_past(past)

    def _on_no_past(self, why: str) -> None:
        self._asking = False
        self.say(f"The record cannot be read: {why}", wrong=True)

    def _show_past(self, past: AlarmPast) -> None:
        self.log.set_empty(NO_LOG)
        if self.tabs.value() == LOG:
            self.log.show_rows(past.log)
        self.statistics.show_statistics(past.statistics)

    # --- what is done ------------------------------------------------------------------------------------------------

    def _acknowledge(self, key: str) -> None:
        command = Acknowledge(self._bedside.chair, self._snapshot.staff_id, key)
        self._bridge.submit(command, lambda _: self.say("Acknowledged"), self._refused)

    def _refused(self, why: str) -> None:
        self.say(f"Not recorded: {why}", wrong=True)

    def _ask_proof(self, take: Callable[[str], None]) -> None:
        self._take = take
        self._stack.setCurrentWidget(self.prove)
        self.prove.open()
        self.prove.choose(self._snapshot.staff_id)
        self.prove.focus_first()

    def _on_proven(self, token: str, _name: str) -> None:
        take, self._take = self._take, None
        self._stack.setCurrentWidget(self.limits)
        if take is not None:
            take(token)
