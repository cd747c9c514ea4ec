"""The session page: timer and pump at the left, what happens in the middle, vital signs and Reaction at the right."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.phases import Phase
from exomonitor.signals.vitals import Sign
from exomonitor.signals.waves import WaveChunk
from ui.bridge import Bridge
from ui.kept_screen import KeptScreen
from ui.pages.observation.page import ObservationPage
from ui.pages.session.action_keys import ActionKeys
from ui.pages.session.large import LargeView
from ui.pages.session.live import LiveView
from ui.pages.session.middle import SessionMiddle
from ui.pages.session.more import MorePanel
from ui.pages.session.pump_card import PumpCard
from ui.pages.session.screen_panel import ScreenPanel
from ui.pages.session.tiles import News2Tile, VitalTile
from ui.pages.session.timer_card import TimerCard
from ui.plots.screen_size import ScreenSize
from ui.presenters.news2 import news2_view
from ui.presenters.next_step import next_step
from ui.presenters.past import past_vitals
from ui.presenters.pump import pump_card
from ui.presenters.screen import with_next_layout, with_next_span
from ui.presenters.tiles import nibp_tile, vital_tile
from ui.presenters.timer import timer
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.form import Form
from ui.window_keys import bind_keys

log = logging.getLogger(__name__)

_LEFT, _RIGHT = 288, 336


class SessionPage(SessionMiddle):
    """A running session. Vital signs, pump and Reaction stay in sight while something is entered in the middle."""

    reaction_wanted = Signal()
    sign_off_wanted = Signal()
    page_wanted = Signal(str)
    """A page over this one: the leaving, what changed after the start."""
    take_over_wanted = Signal()
    wipe_wanted = Signal()

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, kept: KeptScreen | None = None) -> None:
        super().__init__(bedside, bridge, theme, kept)
        self.setObjectName("page")
        window = bedside.protocol.window
        self._window = (float(window.shortest_min), float(window.longest_min))
        self._fetched = ""
        self.covered: Callable[[], bool] = lambda: False
        """Whether something lies over what spare() gave; while it does, the standard layout stands."""
        self._lent = False
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._front = QStackedWidget()
        outer.addWidget(self._front)
        self._standard = standard = QWidget()
        row = QHBoxLayout(standard)
        row.setContentsMargins(theme.px(8), theme.px(5), theme.px(8), theme.px(5))
        row.setSpacing(theme.px(8))
        row.addWidget(self._make_left())
        row.addWidget(self._make_middle(), 1)
        row.addWidget(self._make_right())
        self._large = LargeView(theme)
        for layout in (standard, self._large):
            self._front.addWidget(layout)
        self._wire_layouts()
        bridge.waves.connect(self._on_waves)
        self.setFocusProxy(self._live.next_card)

    def _wire_layouts(self) -> None:
        large = self._large
        large.next_card.action_wanted.connect(self.do_next)
        large.news2.wanted.connect(lambda: self.open_one("score"))
        for keys in (self._keys, large.keys):
            keys.reaction_wanted.connect(self.reaction_wanted)
            keys.more_wanted.connect(self.open_more)
            keys.pump_wanted.connect(self.open_pump)
        self._stack.currentChanged.connect(lambda _: self._arrange())
        self.kept.changed.connect(self._arrange)
        self.middle_closed.connect(self._on_closed)
        self.middle_recorded.connect(self._on_recorded)
        self.middle_chosen.connect(self.open_one)
        for pump in (self._pump, large.pump):
            pump.word.follow(self.kept)
        # They work only where this page is in sight.
        bind_keys(self, {"Ins": self.next_layout, "PgUp": self.open_waves, "PgDown": self.next_span})
        bind_keys(self._live, {"Left": lambda: self._live.move_cursor(-1), "Right": lambda: self._live.move_cursor(1)})

    def _make_left(self) -> QWidget:
        theme = self._theme
        holder, column = _column(theme, _LEFT)
        self._timer = TimerCard(theme)
        self._pump = PumpCard(theme)
        column.addWidget(self._timer, 1)
        column.addWidget(self._pump)
        return holder

    def _make_middle(self) -> QStackedWidget:
        self._live = LiveView(self._theme, self._window, self.kept)
        self._live.waves_wanted.connect(self.open_waves)
        self._live.next_card.action_wanted.connect(self.do_next)
        self._stack.addWidget(self._live)
        return self._stack

    def _make_right(self) -> QWidget:
        theme = self._theme
        holder, column = _column(theme, _RIGHT)
        self._tiles = {Sign.HR: VitalTile(theme, theme.hr), Sign.SPO2: VitalTile(theme, theme.spo2)}
        self._nibp = VitalTile(theme, theme.nibp)
        small = {Sign.RR: VitalTile(theme, theme.resp, cap=33), Sign.TEMP: VitalTile(theme, theme.temp, cap=33)}
        for tile in (*self._tiles.values(), self._nibp):
            column.addWidget(tile, 3)
        pair = QHBoxLayout()
        pair.setSpacing(theme.px(8))
        for tile in small.values():
            pair.addWidget(tile, 1)
        self._tiles.update(small)
        column.addLayout(pair, 2)
        self._news2 = News2Tile(theme)
        self._news2.wanted.connect(lambda: self.open_one("score"))
        column.addWidget(self._news2)
        self._keys = ActionKeys(theme)
        self.reaction_key, self.more_key, self.pump_key = self._keys.reaction, self._keys.more, self._keys.pump
        column.addWidget(self._keys)
        return holder

    # --- what the keys do --------------------------------------------------------------------------------------------

    def open_more(self) -> None:
        """F6: the tiles; again: closed."""
        if isinstance(self._stack.currentWidget(), MorePanel):
            self.back()
            return
        self._stack.setCurrentWidget(self.more)
        self.more.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def open_one(self, code: str) -> None:
        """What a tile of More stands for."""
        if code == "take_over":
            self.take_over_wanted.emit()
        elif code == "wipe":
            self.back()
            self.wipe_wanted.emit()
        elif code == "changes":
            self.back()
            self.page_wanted.emit(code)
        elif code == "away":
            self.open_away()
        elif code == "screen":
            self.open_waves()
        elif code == "score":
            self._stack.setCurrentWidget(self.score)
            self.score.setFocus()
        elif code == "what_if":
            self._stack.setCurrentWidget(self.what_if)
            self.what_if.open()
            self.what_if.setFocus()
        else:
            forms: dict[str, Callable[[], Form]] = {
                "note": lambda: self.note_form, "said": lambda: self.said_form, "site": lambda: self.site_form,
                "line": lambda: self.line_form, "container": lambda: self.container_form,
            }  # fmt: skip
            self._open(forms[code]())

    def next_layout(self) -> None:
        """Ins: standard, large figures, trend."""
        self.kept.choose(with_next_layout(self.kept.screen))

    def next_span(self) -> None:
        """PgDn: the session, the last hour, the last 15 minutes."""
        self.kept.choose(with_next_span(self.kept.screen))

    def size_of_screen(self) -> ScreenSize:
        """What is known of the screen's millimetres."""
        return self._live.size_of_screen()

    def coming_waves(self) -> Collection[str]:
        """Which waves the devices send now."""
        return self._live.coming()

    def open_waves(self) -> None:
        """PgUp, a touch on the waves: which ones, how large, how fast; again: closed."""
        if isinstance(self._stack.currentWidget(), ScreenPanel):
            self.back()
            return
        if self.form_in_front() is not None:  # a slip of the hand leaves no entry half made
            return
        size = self._live.size_of_screen()
        self.screen_panel.show_known("" if size.known else size.why)
        self._stack.setCurrentWidget(self.screen_panel)
        self.screen_panel.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _arrange(self) -> None:
        """Large figures only while nothing is entered: beside a form stands the standard layout."""
        live = self._stack.currentWidget() is self._live
        large = self.kept.screen.layout == "large" and live and not self._lent
        wanted = self._large if large else self._standard
        if self._front.currentWidget() is wanted:
            return
        had_focus = self.isAncestorOf(self.focusWidget()) if self.focusWidget() is not None else False
        self._front.setCurrentWidget(wanted)
        self.setFocusProxy(self._large.next_card if large else self._live.next_card)
        if self._snapshot is not None:
            self._show_views(self._snapshot)
        if had_focus and live:
            self.setFocus()

    def open_note(self) -> None:
        """The sheet for a note."""
        self._open(self.note_form)

    def open_away(self) -> None:
        """F10: the patient leaves the chair, or is back."""
        session = self._snapshot.session if self._snapshot is not None else None
        self._open(self.back_form if session is not None and session.care.away is not None else self.away_form)

    def open_site(self) -> None:
        """F11."""
        self._open(self.site_form)

    def open_pump(self) -> None:
        """F9: with an unexplained stop it asks about that; once the product is in, only the flush is left to say."""
        snapshot = self._snapshot
        if snapshot is not None and snapshot.session is not None:
            session = snapshot.session
            if session.product_end is not None and session.flush is None:
                self._open(self.flush_form)
                return
            if session.phase is Phase.OBSERVE:
                self.page_wanted.emit("leaving")
                return
            if snapshot.questions:
                self.pump_form.ask(snapshot.questions[0])
        self._open(self.pump_form)

    def open_set(self, slot: str = "") -> None:
        """F5: the set that is due next, prefilled."""
        if not isinstance(self.form_in_front(), ObservationPage):
            self.set_form.open_slot(slot)
        self._open(self.set_form)

    def do_next(self, action: str) -> None:
        """The key of the NEXT card."""
        if action == "set":
            self.open_set()
        elif action == "pump":
            self.open_pump()
        elif action == "flush":
            self._open(self.flush_form)
        elif action == "back":
            self.open_away()
        elif action == "leave":
            self.page_wanted.emit("leaving")
        elif action == "devices":
            self.page_wanted.emit("devices")
        elif action == "sign":
            self.sign_off_wanted.emit()

    def back(self) -> bool:
        """Esc: close what is open; False when nothing was. What was typed stays in its form."""
        if self._stack.currentWidget() is self._live:
            return self._live.drop_cursor()
        shown = self.form_in_front()
        if isinstance(shown, ObservationPage) and shown.step_back():
            return True
        self._stack.setCurrentWidget(self._live)
        self.setFocus()
        return True

    def spare(self) -> QWidget:
        """The part that something may lie over for a moment: no vital sign, no pump state."""
        self._lent = True
        self._arrange()
        return self._stack

    def current_form(self) -> Card | None:
        """The form or panel in front, None while the live view is."""
        shown = self._stack.currentWidget()
        return shown if isinstance(shown, Card) else None

    def _open(self, form: Form) -> None:
        if self._stack.currentWidget() is form:
            return
        self._stack.setCurrentWidget(form)
        form.open()
        form.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_closed(self) -> None:
        self.back()

    def _on_recorded(self, words: str) -> None:
        self._stack.setCurrentWidget(self._live)
        self.setFocus()
        self._live.log_card.set_remark(words)

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the page up to date."""
        self._snapshot = snapshot
        self._fetch_past(snapshot)
        self._lent = self._lent and self.covered()
        self._arrange()
        self._show_views(snapshot)
        for follow in self._followers:
            follow(snapshot)

    def _show_views(self, snapshot: Snapshot) -> None:
        """The figures, in the layout that stands in front too."""
        time, pump, step = timer(snapshot, *self._window), pump_card(snapshot), next_step(snapshot)
        tiles = {sign: vital_tile(snapshot, sign) for sign in self._tiles}
        nibp, score = nibp_tile(snapshot), news2_view(snapshot)
        self._timer.show_view(time)
        self._pump.show_view(pump, snapshot.beat)
        for sign, tile in self._tiles.items():
            tile.show_view(tiles[sign])
        self._nibp.show_view(nibp)
        self._news2.show_view(score)
        self._keys.show_snapshot(snapshot)
        self._live.show_snapshot(snapshot, step)
        if self._front.currentWidget() is self._large:
            self._large.show_views(tiles, nibp, score, time, step)
            self._large.pump.show_view(pump, snapshot.beat)
            self._large.keys.show_snapshot(snapshot)

    def keep(self, snapshot: Snapshot) -> None:
        """Another page is in front: the trend goes on."""
        self._fetch_past(snapshot)
        self._live.keep(snapshot)

    def _fetch_past(self, snapshot: Snapshot) -> None:
        """Once per session: what its trend had before this window was opened."""
        session = snapshot.session
        if session is None or session.started is None or session.id == self._fetched:
            return
        self._fetched = session.id
        archive, started = self._bedside.archive, session.started
        self._bridge.run(lambda: past_vitals(archive, session.id, started), self._live.add_past, _no_past)

    def _on_waves(self, chunks: Sequence[WaveChunk]) -> None:
        self._live.add_waves(chunks)


def _no_past(why: str) -> None:
    log.warning("the trend begins with this window: %s", why)


def _column(theme: Theme, width: int) -> tuple[QWidget, QVBoxLayout]:
    holder = QWidget()
    holder.setFixedWidth(theme.px(width))
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.px(8))
    return holder, column
