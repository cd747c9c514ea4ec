"""What is entered in the middle of the session page: each form and panel is made when it is first wanted."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cached_property
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from ui.bridge import Bridge
from ui.kept_screen import KeptScreen
from ui.pages.observation.page import ObservationPage
from ui.pages.session.care_forms import AwayForm, BackForm, LineForm, SaidForm, SiteForm
from ui.pages.session.container_form import ContainerForm
from ui.pages.session.flush_form import FlushForm
from ui.pages.session.more import MorePanel
from ui.pages.session.panels import NoteForm, PumpForm, SessionForm
from ui.pages.session.score import ScorePanel
from ui.pages.session.screen_panel import ScreenPanel
from ui.presenters.care import away_words
from ui.theme import Theme
from ui.widgets.entry import make_tall
from ui.widgets.late_stack import LateStack
from ui.widgets.what_if import WhatIfPanel

F = TypeVar("F", bound=SessionForm | ObservationPage)
P = TypeVar("P", bound=MorePanel | ScorePanel | WhatIfPanel | ScreenPanel)


class SessionMiddle(QWidget):
    """The base of the session page: the stack in its middle, and what may lie in it over the live view.

    Together they are half of all that a window is made of, and a session needs a few of them: asking for one makes it.
    What is made knows the newest picture at once and follows it from then on.
    """

    middle_closed = Signal()
    middle_recorded = Signal(str)
    middle_chosen = Signal(str)
    """A tile of More."""

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, kept: KeptScreen | None = None) -> None:
        super().__init__()
        self._bedside, self._bridge, self._theme = bedside, bridge, theme
        self.kept = kept or KeptScreen(parent=self)
        self._snapshot: Snapshot | None = None
        self._stack = LateStack()
        self._followers: list[Callable[[Snapshot], None]] = []

    def form_in_front(self) -> SessionForm | ObservationPage | None:
        """The form in which something is being entered; None while the live view or a panel is there."""
        shown = self._stack.currentWidget()
        return shown if isinstance(shown, SessionForm | ObservationPage) else None

    def coming_waves(self) -> Collection[str]:
        """Which waves the devices send now."""
        return ()

    def _put_form(self, form: F) -> F:
        form.closed.connect(self.middle_closed)
        form.recorded.connect(self.middle_recorded)
        self._put(form, form.show_snapshot)
        return form

    def _put_panel(self, panel: P, follow: Callable[[Snapshot], None]) -> P:
        panel.closed.connect(self.middle_closed)
        self._put(panel, follow)
        return panel

    def _put(self, made: QWidget, follow: Callable[[Snapshot], None]) -> None:
        """In the stack, as high as gloved fingers want it, with the picture that the others have."""
        make_tall(made)
        self._stack.addWidget(made)
        self._followers.append(follow)
        if self._snapshot is not None:
            follow(self._snapshot)

    # --- forms -------------------------------------------------------------------------------------------------------

    @cached_property
    def set_form(self) -> ObservationPage:
        """An observation set."""
        return self._put_form(ObservationPage(self._bedside, self._bridge, self._theme))

    @cached_property
    def note_form(self) -> NoteForm:
        """A note."""
        return self._put_form(NoteForm(self._theme, self._bridge, self._bedside.chair))

    @cached_property
    def pump_form(self) -> PumpForm:
        """What was done at the pump."""
        return self._put_form(PumpForm(self._theme, self._bridge, self._bedside.chair))

    @cached_property
    def flush_form(self) -> FlushForm:
        """The flush."""
        return self._put_form(FlushForm(self._theme, self._bridge, self._bedside.chair))

    @cached_property
    def away_form(self) -> AwayForm:
        """The patient leaves the chair."""
        return self._put_form(AwayForm(self._theme, self._bridge, self._bedside.chair))

    @cached_property
    def back_form(self) -> BackForm:
        """The patient is back."""
        return self._put_form(BackForm(self._theme, self._bridge, self._bedside.chair))

    @cached_property
    def site_form(self) -> SiteForm:
        """The site of the line."""
        sites = self._bedside.protocol.rules.sites.content
        return self._put_form(SiteForm(self._theme, self._bridge, self._bedside.chair, sites))

    @cached_property
    def line_form(self) -> LineForm:
        """A new line."""
        return self._put_form(LineForm(self._theme, self._bridge, self._bedside.chair))

    @cached_property
    def said_form(self) -> SaidForm:
        """The patient's words."""
        return self._put_form(SaidForm(self._theme, self._bridge, self._bedside.chair))

    @cached_property
    def container_form(self) -> ContainerForm:
        """The next container."""
        return self._put_form(ContainerForm(self._theme, self._bridge, self._bedside.chair, self._bedside))

    # --- panels ------------------------------------------------------------------------------------------------------

    @cached_property
    def more(self) -> MorePanel:
        """The tiles of everything that has no key of its own."""
        panel = MorePanel(self._theme)
        panel.chosen.connect(self.middle_chosen)
        return self._put_panel(panel, lambda snapshot: panel.show_away(away_words(snapshot)))

    @cached_property
    def score(self) -> ScorePanel:
        """NEWS2 in its parts."""
        panel = ScorePanel(self._theme, self._bedside.protocol.rules.hemodynamics.content)
        return self._put_panel(panel, panel.show_snapshot)

    @cached_property
    def what_if(self) -> WhatIfPanel:
        """Another rate, tried out."""
        panel = WhatIfPanel(self._theme, self._bedside.protocol.window)
        return self._put_panel(panel, panel.show_snapshot)

    @cached_property
    def screen_panel(self) -> ScreenPanel:
        """Waves, trend and layout."""
        panel = ScreenPanel(self._theme, self.kept)
        return self._put_panel(panel, lambda _: panel.show_coming(self.coming_waves()))
