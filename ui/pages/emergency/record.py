"""The record of an emergency without a session: whose it was, its signature, and void where it was a mistake."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import AbandonSession, Command
from exomonitor.session.parts.emergency_record import SayWhoseEmergency
from ui.bridge import Bridge
from ui.pages.emergency.drug import TOUCH_15_MM
from ui.presenters.emergency_record import OFFERED, EarlierKey, earlier_keys, whose_words
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.entry import TextEntry
from ui.widgets.form import recorded_words
from ui.widgets.keys import BigButton, Kind
from ui.widgets.patient_list import PatientList
from ui.widgets.rows import row_of
from ui.widgets.text import MEDIUM, SEMIBOLD, Elided, set_role, set_text

CHOICE, LIST, WORDS, VOID = range(4)
_SIGN_IN = "Sign in first: the name in the header."


class RecordPanel(Card):
    """closed() to go back, sign_wanted() for the page of the signature."""

    closed = Signal()
    sign_wanted = Signal()

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._bedside, self._bridge, self._theme = bedside, bridge, theme
        self._snapshot = bedside.latest()
        self._earlier: tuple[EarlierKey, ...] = ()
        self._heading = Elided(theme, "", 18, SEMIBOLD)
        self.body.addWidget(self._heading)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._make_choice())
        self.patients = PatientList(theme, "Scan the wristband, or type name, date of birth or MRN")
        self.patients.picked.connect(lambda patient: self._say_whose(patient=patient))
        self.patients.unknown.connect(lambda code: self._say(f"Nobody has “{code}” as wristband or MRN", wrong=True))
        self._stack.addWidget(self.patients)
        self._stack.addWidget(self._make_words())
        self._stack.addWidget(self._make_void())
        self.body.addWidget(self._stack, 1)
        self._reason = TextEntry(theme, "Why it was somebody else", compact=True)
        self.body.addWidget(self._reason)
        self._status = Elided(theme, "", 14, MEDIUM)
        self.body.addWidget(self._status)
        self.back_key = BigButton(theme, "Back", "Esc", Kind.QUIET, pixels=16, height=TOUCH_15_MM)
        self.sign_key = BigButton(theme, "Sign off", kind=Kind.PRIMARY, pixels=16, height=TOUCH_15_MM)
        self.back_key.clicked.connect(self._leave)
        self.sign_key.clicked.connect(self.sign_wanted)
        self.body.addWidget(row_of(theme, self.back_key, self.sign_key))
        bridge.scanned.connect(self.take_scan)

    def _make_choice(self) -> QWidget:
        holder, column = self._page()
        self.earlier_keys = [BigButton(self._theme, "", pixels=15, height=TOUCH_15_MM) for _ in range(OFFERED)]
        for place, key in enumerate(self.earlier_keys):
            key.clicked.connect(partial(self._take_earlier, place))
            column.addWidget(key)
        self.list_key = BigButton(self._theme, "Another patient", pixels=15, height=TOUCH_15_MM)
        self.words_key = BigButton(self._theme, "Nobody listed", pixels=15, height=TOUCH_15_MM)
        self.void_key = BigButton(self._theme, "By mistake", kind=Kind.QUIET, pixels=15, height=TOUCH_15_MM)
        self.list_key.clicked.connect(lambda: self._show(LIST))
        self.words_key.clicked.connect(lambda: self._show(WORDS))
        self.void_key.clicked.connect(lambda: self._show(VOID))
        column.addWidget(row_of(self._theme, self.list_key, self.words_key, self.void_key))
        column.addStretch(1)
        return holder

    def _make_words(self) -> QWidget:
        holder, column = self._page()
        self.text = TextEntry(self._theme, "Who it was: visitor, staff, name if known")
        save = BigButton(self._theme, "Save", kind=Kind.PRIMARY, pixels=16, height=TOUCH_15_MM)
        save.clicked.connect(lambda: self._say_whose(text=self.text.text()))
        self.text.confirmed.connect(lambda: self._say_whose(text=self.text.text()))
        column.addWidget(self.text)
        column.addWidget(save)
        column.addStretch(1)
        return holder

    def _make_void(self) -> QWidget:
        holder, column = self._page()
        for why, words in (
            ("pressed_by_mistake", "The key was pressed by mistake"),
            ("drill", "A drill: nobody was ill"),
        ):
            key = BigButton(self._theme, words, pixels=15, height=TOUCH_15_MM)
            key.clicked.connect(partial(self._void, why))
            column.addWidget(key)
        self.void_text = TextEntry(self._theme, "Another reason")
        other = BigButton(self._theme, "Void for this reason", pixels=15, height=TOUCH_15_MM)
        other.clicked.connect(lambda: self._void("other"))
        column.addWidget(self.void_text)
        column.addWidget(other)
        column.addStretch(1)
        return holder

    def _page(self) -> tuple[QWidget, QVBoxLayout]:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._theme.px(8))
        return holder, column

    # --- what is done ------------------------------------------------------------------------------------------------

    def take_scan(self, kind: str, content: str) -> None:
        """A wristband says whose it is."""
        if self.isVisible() and kind in {"wristband", "unknown"}:
            self._say_whose(wristband=content)

    def back(self) -> bool:
        """Esc: from a list or a question to the choice; False at the choice."""
        if self._stack.currentIndex() == CHOICE:
            return False
        self._show(CHOICE)
        return True

    def _leave(self) -> None:
        if not self.back():
            self.closed.emit()

    def _show(self, part: int) -> None:
        self._stack.setCurrentIndex(part)
        self.show_snapshot(self._snapshot)
        if part == LIST:
            self.patients.clear()
            self.patients.setFocus()
        elif part == WORDS:
            self.text.setFocus()

    def _take_earlier(self, place: int) -> None:
        if place < len(self._earlier):
            self._say_whose(earlier=self._earlier[place].session)

    def _say_whose(self, *, patient: str = "", wristband: str = "", earlier: str = "", text: str = "") -> None:
        reason = self._reason.text() if self._reason.isVisibleTo(self) else ""
        self._submit(
            SayWhoseEmergency(
                self._bedside.chair, self._snapshot.staff_id, patient, wristband, earlier, text, reason
            )
        )  # fmt: skip

    def _void(self, why: str) -> None:
        self._submit(AbandonSession(self._bedside.chair, self._snapshot.staff_id, why, self.void_text.text()))

    def _submit(self, command: Command) -> None:
        self._say("Recording ...")

        def done(receipt: Receipt) -> None:
            self._reason.set_text("")
            self._show(CHOICE)
            self._say(recorded_words(receipt))

        self._bridge.submit(command, done, lambda why: self._say(f"Not recorded: {why}", wrong=True))

    def _say(self, text: str, *, wrong: bool = False) -> None:
        set_text(self._status, text)
        set_role(self._status, "error" if wrong else "dim")

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Whose it is so far, and who it may have been."""
        self._snapshot = snapshot
        session = snapshot.session
        if session is None:
            return
        whose = session.emergency_record.whose
        part = self._stack.currentIndex()
        questions = {VOID: "Opened by mistake: why?", WORDS: "Nobody on the list: who was it?"}
        heading = "Whose emergency was it?" if whose is None else f"It was: {whose_words(session, short=True)}"
        set_text(self._heading, questions.get(part, heading))
        self.patients.show_patients(snapshot.registry.patients)
        self._earlier = earlier_keys(snapshot)
        for place, key in enumerate(self.earlier_keys):
            there = place < len(self._earlier)
            key.setVisible(there)
            if there:
                key.set_text(self._earlier[place].title)
                key.set_below(self._earlier[place].below)
        self._reason.setVisible(whose is not None and part != VOID)
        known = bool(snapshot.staff_id)
        for one in (*self.earlier_keys, self.list_key, self.words_key, self.void_key):
            one.setEnabled(known)
        self.sign_key.setVisible(part == CHOICE)
        if not known:
            self._say(_SIGN_IN)
        elif self._status.text() == _SIGN_IN:
            self._say("")
