"""Which page of the window is in front: the place that was chosen, a page over it, or what the session is at."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from ui.bridge import Bridge
from ui.later import LATER, FocusesFirst, Lends
from ui.page_choice import (
    ALARMS,
    EMERGENCY,
    LOCKED,
    OWN_REACTION_KEY,
    REACTION,
    SESSION,
    SHOWS_PATIENT,
    SIGNOFF,
    START,
    WHILE_LOCKED,
    WITHOUT_NAMES,
    begun,
    wanted_page,
)
from ui.pages.signoff import SignOffPage
from ui.pages.start.page import StartPage
from ui.theme import Theme
from ui.widgets.late_stack import LateStack, step_focus
from ui.window_frame import WindowFrame


class PagedWindow(WindowFrame):
    """Pages are chosen by the phase of the session, unless somebody looks at another one."""

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme) -> None:
        super().__init__(bedside, bridge, theme)
        self._snapshot = bedside.latest()
        self._place = SESSION
        self._over: str | None = None
        self._signed_seen = False
        self.escalation.place = self._may_be_covered
        self.escalation.lends = lambda: isinstance(self.stack.currentWidget(), Lends)

    def _may_be_covered(self) -> QWidget | None:
        """Where the words of an alarm that nobody answers may lie: never over a reaction, nor over the alarms, nor over
        a form that somebody has opened: it is needed to write down what was done, and who opened it is there."""
        name = self._wanted_page()
        page = self.pages.get(name)
        if page is None or name in {REACTION, EMERGENCY, ALARMS, LOCKED}:
            return None
        if self._over is not None or (name == SESSION and self.session_page.current_form() is not None):
            return None
        return page.spare() if isinstance(page, Lends) else page

    def go(self, place: str) -> None:
        """Show a place of the navigation."""
        self.alarm_list.hide()
        self._place, self._over = place, None
        self._choose()

    def show_over(self, name: str) -> None:
        """Show a page over the present place until Esc."""
        self.alarm_list.hide()
        self._over = name
        self._choose()

    def close_over(self) -> None:
        """Back to the present place."""
        self._over = None
        self._choose()

    def next_session(self) -> None:
        """The signed record was looked at: the next patient."""
        self._signed_seen = True
        self.go(SESSION)

    def focus_page(self) -> None:
        """Give the keyboard to the page in front."""
        self._focus_on(self.page(self._wanted_page()))

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab and Shift+Tab: a form that was made late has the place of its stack."""
        stacks = [one for one in self.findChildren(LateStack) if one.isVisible()]
        return step_focus(stacks, forward=forward) if stacks else super().focusNextPrevChild(forward)

    def _begun(self) -> bool:
        return begun(self._snapshot.session)

    def _wanted_page(self) -> str:
        if self._snapshot.locked and self._over not in WHILE_LOCKED:
            return LOCKED
        wanted = wanted_page(self._over, self._place, self._snapshot.session, signed_seen=self._signed_seen)
        return LOCKED if self._snapshot.unnamed and wanted not in WITHOUT_NAMES else wanted

    def _choose(self) -> None:
        name = self._wanted_page()
        page = self.page(name)
        self._show_on(page, self._snapshot)
        if self.stack.currentWidget() is not page:
            self.alarm_list.hide()
            self.stack.setCurrentWidget(page)
            self._focus_on(page)
            self.escalation.lie_down()
        self.nav.show_place(self._place)
        self.nav.show_reaction(wanted=name not in OWN_REACTION_KEY)
        self.header.show_away(name not in SHOWS_PATIENT)

    def page(self, name: str) -> QWidget:
        """A page of the window, made where nobody has wanted it before."""
        if name not in self.pages:
            self.add_page(name, LATER[name](self.bedside, self.bridge, self.theme))
            self._wire(name)
        return self.pages[name]

    @property
    def start_page(self) -> StartPage:
        """The page of an empty chair."""
        page = self.page(START)
        assert isinstance(page, StartPage)
        return page

    @property
    def sign_off_page(self) -> SignOffPage:
        """The page that signs."""
        page = self.page(SIGNOFF)
        assert isinstance(page, SignOffPage)
        return page

    def _wire(self, name: str) -> None:
        """Join a page that was made later to the window."""

    def _focus_on(self, page: QWidget) -> None:
        begins: object = page
        if isinstance(begins, FocusesFirst):
            begins.focus_first()
        else:
            page.setFocus()

    def _show_on(self, page: QWidget | None, snapshot: Snapshot) -> None:
        show = getattr(page, "show_snapshot", None)
        if callable(show):
            show(snapshot)
