"""What the window is made of: strips above, navigation at the left, a stack of pages, what may lie over them."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QMainWindow, QStackedWidget, QWidget

from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.engine.bedside import Bedside
from ui.bridge import Bridge
from ui.frame.alarm_bar import AlarmBar
from ui.frame.alarm_list import AlarmList
from ui.frame.header import CareStrip, HeaderStrip
from ui.frame.nav import Nav
from ui.frame.resume import ResumeBar
from ui.frame.staff_panel import StaffPanel
from ui.frame.stages import StageStrip
from ui.frame.toast import Toast
from ui.frame.wipe import WipeLock
from ui.kept_screen import KeptScreen, UsesScreen
from ui.later import LATER
from ui.page_choice import HELP, OF_A_SESSION, REACTION, SESSION, SIGNOFF, START
from ui.pages.help import HelpPage
from ui.pages.reaction import ReactionPage
from ui.pages.session.page import SessionPage
from ui.pages.signoff import SignOffPage
from ui.pages.start.page import StartPage
from ui.theme import Theme
from ui.widgets.entry import make_tall


class WindowFrame(QMainWindow):
    """The parts, named and in their places; what they ask for is the main window's to do."""

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme) -> None:
        super().__init__()
        self.bedside, self.bridge, self.theme = bedside, bridge, theme
        self.setWindowTitle("ExoMonitor")
        self.setMinimumSize(theme.px(1024), theme.px(700))
        self.pages: dict[str, QWidget] = {}
        self._made_for = _hashes(bedside.protocol)
        bridge.snapshot.connect(self._follow_protocol)
        self._build()

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
        make_tall(self.staff_panel)
        session = SessionPage(self.bedside, self.bridge, theme)
        reaction = ReactionPage(self.bedside, self.bridge, theme)
        sign_off = SignOffPage(self.bedside, self.bridge, theme)
        start = StartPage(self.bedside, self.bridge, theme)
        for name, page in (
            (SESSION, session),
            (REACTION, reaction),
            (SIGNOFF, sign_off),
            (START, start),
            (HELP, HelpPage(theme)),
        ):
            self.add_page(name, page)
        self.session_page, self.reaction_page, self.sign_off_page, self.start_page = session, reaction, sign_off, start
        session.covered = lambda: self.alarm_list.isVisible() or self.staff_panel.isVisible()

    @property
    def kept(self) -> KeptScreen:
        """How the live page is laid out."""
        return self.session_page.kept

    def wipe_screen(self) -> None:
        """Touches do nothing for a while; what is shown and what the keys do goes on."""
        self.wipe.begin()
        self._arrange()

    def _arrange(self) -> None:
        """One thing at a time stands left of the alarm bar: the count-down, a question, else the stages."""
        self.stages.set_covered(self.wipe.on or self.resume_bar.asks)
        self.resume_bar.setVisible(self.resume_bar.asks and not self.wipe.on)

    def _follow_protocol(self) -> None:
        """The next session works by another protocol than the one that was taken up: the pages that prepare it, and all
        others that are made when they are wanted, are made anew."""
        now = _hashes(self.bedside.protocol)
        if now == self._made_for:
            return
        self._made_for = now
        for name in LATER.keys() & self.pages.keys():
            page = self.pages.pop(name)
            self.stack.removeWidget(page)
            page.deleteLater()

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
