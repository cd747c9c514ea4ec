"""What the window is made of: strips above, navigation at the left, a stack of pages, what may lie over them."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QMainWindow, QStackedWidget, QWidget

from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from ui.bridge import Bridge
from ui.frame.alarm_bar import AlarmBar
from ui.frame.alarm_list import AlarmList
from ui.frame.closing import ClosingQuestion
from ui.frame.escalation import Escalation
from ui.frame.header import CareStrip, HeaderStrip
from ui.frame.nav import Nav
from ui.frame.resume import ResumeBar
from ui.frame.staff_panel import StaffPanel
from ui.frame.stages import StageStrip
from ui.frame.toast import Toast
from ui.frame.wipe import WipeLock
from ui.kept_screen import KeptScreen, UsesScreen
from ui.later import LATER
from ui.page_choice import OF_A_SESSION, REACTION, SESSION
from ui.pages.reaction.page import ReactionPage
from ui.pages.session.page import SessionPage
from ui.theme import Theme
from ui.widgets.dressing import dressed_when_made
from ui.widgets.entry import make_tall

_ANSWERS_WITHIN_MS = 10_000
"""By then the record has answered whatever a page sent."""


class WindowFrame(QMainWindow):
    """The parts, named and in their places; what they ask for is the main window's to do."""

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme) -> None:
        super().__init__()
        self.bedside, self.bridge, self.theme = bedside, bridge, theme
        self.setWindowTitle("ExoMonitor")
        self.setMinimumSize(*theme.least_window)
        self.pages: dict[str, QWidget] = {}
        self.kept = KeptScreen(parent=self)
        """How the live page is laid out."""
        self._made_for = _hashes(bedside.protocol)
        bridge.snapshot.connect(self._follow_protocol)
        with dressed_when_made():
            self._build()
        bridge.alarmed.connect(self.alarm_bar.show_at_once)

    def _build(self) -> None:
        theme = self.theme
        body = QWidget()
        body.setObjectName("page")
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        self.header, self.care, self.alarm_bar = HeaderStrip(theme), CareStrip(theme), AlarmBar(theme)
        self.resume_bar = ResumeBar(self.bedside, self.bridge, theme)
        self.stages, self.wipe = StageStrip(theme), WipeLock(theme)
        third = QHBoxLayout()
        third.setSpacing(0)
        third.addWidget(self.stages)
        third.addWidget(self.wipe)
        third.addWidget(self.resume_bar)
        third.addWidget(self.alarm_bar, 1)
        self.kept.calmed.connect(self.header.set_calm)
        self.wipe.ended.connect(self._arrange)
        self.resume_bar.turned.connect(self._arrange)
        grid.addWidget(self.header, 0, 0)
        grid.addWidget(self.care, 1, 0)
        grid.addWidget(_beside(self.header.staff_key, theme), 0, 1, 2, 1)
        grid.addLayout(third, 2, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        self.nav = Nav(theme)
        self.stack = QStackedWidget()
        under = QHBoxLayout()
        under.setSpacing(0)
        under.addWidget(self.nav)
        under.addWidget(self.stack, 1)
        grid.addLayout(under, 3, 0, 1, 2)
        grid.setRowStretch(3, 1)
        self.setCentralWidget(body)
        self.toast = Toast(theme, body)
        self.alarm_list = AlarmList(theme, body)
        self.staff_panel = StaffPanel(theme, self.bedside, self.bridge, body)
        self.escalation = Escalation(theme, body)
        self._make_pages()

    def _make_pages(self) -> None:
        """The pages that must be there at once."""
        bedside, bridge, theme = self.bedside, self.bridge, self.theme
        self.session_page = SessionPage(bedside, bridge, theme, self.kept)
        self.reaction_page = ReactionPage(bedside, bridge, theme)
        self.add_page(SESSION, self.session_page)
        self.add_page(REACTION, self.reaction_page)
        self.session_page.covered = self._is_covered

    def _is_covered(self) -> bool:
        """Whether something lies over the part that a page has lent."""
        asked = self.window().findChild(ClosingQuestion)
        panels = (self.alarm_list, self.staff_panel, self.escalation.panel, *((asked,) if asked is not None else ()))
        return any(panel.isVisible() for panel in panels)

    def _connect_pages(self) -> None:
        """Join the pages that were just made to the window."""

    def show_frame(self, snapshot: Snapshot) -> None:
        """What stands around every page."""
        self.nav.show_others(snapshot.others)
        for part in (self.header, self.care, self.stages, self.alarm_bar, self.resume_bar, self.alarm_list,
                     self.staff_panel, self.escalation):  # fmt: skip
            part.show_snapshot(snapshot)

    def wipe_screen(self) -> None:
        """Touches do nothing for a while; what is shown and what the keys do goes on."""
        self.wipe.begin()
        self._arrange()

    def _arrange(self) -> None:
        """One thing at a time stands left of the alarm bar: the count-down, a question, else the stages."""
        self.stages.set_covered(self.wipe.on or self.resume_bar.asks)
        self.resume_bar.setVisible(self.resume_bar.asks and not self.wipe.on)

    def _follow_protocol(self) -> None:
        """The next session works by another protocol than the one that was taken up: every page that shows anything of
        it is made anew. What an old page still waits to hear of, it hears."""
        now = _hashes(self.bedside.protocol)
        if now == self._made_for:
            return
        self._made_for = now
        for name in (LATER.keys() | {SESSION, REACTION}) & self.pages.keys():
            page = self.pages.pop(name)
            self.stack.removeWidget(page)
            page.hide()
            QTimer.singleShot(_ANSWERS_WITHIN_MS, page, page.deleteLater)
        self._make_pages()
        self._connect_pages()

    def add_page(self, name: str, page: QWidget) -> None:
        """One more page of the stack."""
        if name in OF_A_SESSION:
            make_tall(page)
        self.pages[name] = page
        self.stack.addWidget(page)
        page_with_screen: object = page
        if isinstance(page_with_screen, UsesScreen):
            page_with_screen.use_screen(self.kept, self.session_page.size_of_screen)


def _hashes(protocol: ClinicProtocol) -> tuple[str, str]:
    return protocol.sha256, protocol.rules.sha256


def _beside(key: QWidget, theme: Theme) -> QFrame:
    """A key at the right of both strips, with their look around it."""
    holder = QFrame()
    holder.setObjectName("strip")
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, theme.px(1), theme.px(8), theme.px(2))
    row.addWidget(key)
    return holder
