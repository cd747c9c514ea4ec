"""What the window is made of: strips above, navigation at the left, a stack of pages, what may lie over them."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMainWindow, QStackedWidget, QWidget

from exomonitor.engine.bedside import Bedside
from ui.bridge import Bridge
from ui.frame.alarm_bar import AlarmBar
from ui.frame.alarm_list import AlarmList
from ui.frame.header import CareStrip, HeaderStrip
from ui.frame.nav import Nav
from ui.frame.resume import ResumeBar
from ui.frame.staff_panel import StaffPanel
from ui.frame.toast import Toast
from ui.page_choice import HELP, REACTION, SESSION, SIGNOFF, START
from ui.pages.help import HelpPage
from ui.pages.reaction import ReactionPage
from ui.pages.session.page import SessionPage
from ui.pages.signoff import SignOffPage
from ui.pages.start.page import StartPage
from ui.theme import Theme


class WindowFrame(QMainWindow):
    """The parts, named and in their places; what they ask for is the main window's to do."""

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme) -> None:
        super().__init__()
        self.bedside, self.bridge, self.theme = bedside, bridge, theme
        self.setWindowTitle("ExoMonitor")
        self.setMinimumSize(1024, 700)
        self.pages: dict[str, QWidget] = {}
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
        for row, strip in enumerate((self.header, self.care, self.alarm_bar, self.resume_bar)):
            grid.addWidget(strip, row, 0)
        self.nav = Nav(theme)
        self.stack = QStackedWidget()
        under = QHBoxLayout()
        under.setSpacing(0)
        under.addWidget(self.nav)
        under.addWidget(self.stack, 1)
        grid.addLayout(under, 4, 0)
        grid.setRowStretch(4, 1)
        self.setCentralWidget(body)
        self.toast = Toast(theme, body)
        self.alarm_list = AlarmList(theme, body)
        self.staff_panel = StaffPanel(theme, self.bedside, self.bridge, body)
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

    def add_page(self, name: str, page: QWidget) -> None:
        """One more page of the stack."""
        self.pages[name] = page
        self.stack.addWidget(page)
