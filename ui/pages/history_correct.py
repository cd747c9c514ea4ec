"""Correcting a session: voiding an entry while it is open, adding to it once it is signed. Nothing is deleted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.registry.users import PRESCRIBER
from exomonitor.session.commands import Command
from exomonitor.session.parts.corrections import (
    ADDENDUM_WHYS,
    MIN_REASON,
    VOID_WHYS,
    WRONG_PATIENT,
    AddAddendum,
    VoidEntry,
)
from exomonitor.session.parts.emergency_record import SayWhoseEmergency
from exomonitor.session.parts.handover import ReviewSession
from exomonitor.session.phases import Phase
from exomonitor.session.review import review_missing
from ui.bridge import Bridge
from ui.pages.history_view import Review
from ui.pages.history_whose import WhosePanel
from ui.presenters.versions import LogLine, voidable
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice
from ui.widgets.entry import TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.prove import ProvePanel
from ui.widgets.text import MEDIUM, label, set_role, set_text

PER_PAGE = 3
_MOST = 70
_NOTHING = "Choose a session"
_SIGNED = "What was signed stays as it is; what is added stands beside it with your name."
_OVER = "This session was not started: nothing is corrected in it"
_ELSEWHERE = "This session is open in another chair: it is corrected there"
_EMPTY = "Nothing is here that can be voided: sets, notes, checklists, site checks, actions in a reaction"


class CorrectPanel(QWidget):
    """corrected: something was recorded, read the session again."""

    corrected = Signal()

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bedside, self._bridge, self._theme = bedside, bridge, theme
        self.by = ""
        self._review: Review | None = None
        self._lines: tuple[LogLine, ...] = ()
        self._page = 0
        self._busy = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._stack = QStackedWidget()
        column.addWidget(self._stack)
        self._form = Card(theme, "Correct")
        self._stack.addWidget(self._form)
        self._make_form(theme)
        self.show_review(None)

    def _make_form(self, theme: Theme) -> None:
        body = self._form.body
        self.what = label(theme, _NOTHING, 15, MEDIUM, wrap=True)
        body.addWidget(self.what)
        self.entries = Choice(theme, (), columns=1, pixels=14, height=58)
        self.entries.chosen.connect(lambda _: self._sync())
        body.addWidget(self.entries)
        self._turns = QWidget()
        turns = QHBoxLayout(self._turns)
        turns.setContentsMargins(0, 0, 0, 0)
        self.newer = BigButton(theme, "Newer", kind=Kind.QUIET, pixels=14)
        self.older = BigButton(theme, "Older", kind=Kind.QUIET, pixels=14)
        self.newer.clicked.connect(lambda: self._turn(-1))
        self.older.clicked.connect(lambda: self._turn(1))
        turns.addWidget(self.newer)
        turns.addWidget(self.older)
        body.addWidget(self._turns)
        self.why = Choice(theme, (), columns=3, pixels=14, height=58)
        self.why.chosen.connect(lambda _: self._sync())
        body.addWidget(self.why)
        self.reason = TextEntry(theme, "Why, in words", pixels=15)
        self.reason.edited.connect(lambda _: self._sync())
        body.addWidget(self.reason)
        self.said = label(theme, "", 14, MEDIUM, wrap=True)
        body.addWidget(self.said)
        body.addStretch(1)
        self.send_key = BigButton(theme, "Void this entry", kind=Kind.PRIMARY, height=58)
        self.send_key.clicked.connect(self.send)
        self.review_key = BigButton(theme, "Prescriber: reviewed, sign", height=58)
        self.review_key.clicked.connect(self.review)
        keys = QHBoxLayout()
        keys.setSpacing(theme.px(8))
        self.whose_key = BigButton(theme, "Whose emergency?", height=58)
        self.whose_key.clicked.connect(self.say_whose)
        keys.addWidget(self.send_key, 3)
        keys.addWidget(self.review_key, 2)
        keys.addWidget(self.whose_key, 2)
        body.addLayout(keys)

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_review(self, review: Review | None) -> None:
        """Offer what can be done with this session."""
        other = review is None or self._review is None or review.state.id != self._review.state.id
        self._review = review
        if other:
            self._forget()
            self._say("")
        self._lines = voidable(review.entries, review.state, review.people) if review is not None else ()
        adds = self._adds()
        self._form.set_title("Add to the signed record" if adds else "Void an entry")
        self.why.set_options(tuple((ADDENDUM_WHYS if adds else VOID_WHYS).items()), columns=2 if adds else 3)
        self.reason.set_title("What is added" if adds else "Why, in words")
        self.send_key.set_text("Add: sign with badge or PIN" if adds else "Void this entry")
        self._turn(0)

    def _forget(self) -> None:
        self._page = 0
        self.entries.set_value("")
        self.why.set_value("")
        self.reason.set_text("")

    def _adds(self) -> bool:
        return self._review is not None and self._review.state.phase is Phase.SIGNED

    def _voids(self) -> bool:
        state = self._review.state if self._review is not None else None
        return state is not None and state.phase.is_open and state.chair == self._bedside.chair

    def _turn(self, by: int) -> None:
        pages = max(1, -(-len(self._lines) // PER_PAGE))
        self._page = max(0, min(self._page + by, pages - 1))
        shown = self._lines[self._page * PER_PAGE : (self._page + 1) * PER_PAGE] if self._voids() else ()
        kept = self.entries.value()
        self.entries.set_options([(str(line.seq), _short(line)) for line in shown])
        self.entries.set_value(kept)
        self.newer.setEnabled(self._page > 0)
        self.older.setEnabled(self._page < pages - 1)
        self._sync()

    def _sync(self) -> None:
        adds, voids = self._adds(), self._voids() and bool(self._lines)
        set_text(self.what, self._what())
        self.what.setVisible(bool(self._what()))
        self.entries.setVisible(voids)
        self._turns.setVisible(voids and len(self._lines) > PER_PAGE)
        for widget in (self.why, self.reason, self.send_key):
            widget.setVisible(adds or voids)
        self.review_key.setVisible(adds)
        self.review_key.setEnabled(not self._busy)
        self.whose_key.setVisible(adds and self._review is not None and self._review.state.is_emergency)
        self.whose_key.setEnabled(not self._busy)
        told = bool(self.why.value()) and len(self.reason.text().strip()) >= MIN_REASON
        self.send_key.setEnabled(told and not self._busy and (adds or bool(self.entries.value())))

    def _what(self) -> str:
        if self._review is None:
            return _NOTHING
        if self._adds():
            asked = ", ".join(review_missing(self._review.state))
            return f"{_SIGNED} A prescriber's review is asked for: {asked}." if asked else _SIGNED
        if self._voids():
            return "" if self._lines else _EMPTY
        return _ELSEWHERE if self._review.state.phase.is_open else _OVER

    # --- what the keys do --------------------------------------------------------------------------------------------

    def send(self) -> None:
        """Void or add; a wrong patient and every addendum is signed for first."""
        review = self._review
        if review is None:
            return
        why, text, chair = self.why.value(), self.reason.text().strip(), self._bedside.chair
        if self._adds():
            session = review.state.id
            self._prove(
                "Addendum to the signed record", "", lambda p: AddAddendum(chair, self.by, session, why, text, p)
            )
            return
        seq = int(self.entries.value())
        if why == WRONG_PATIENT:
            meaning = "Second person: this entry belongs to another patient"
            self._prove(meaning, self.by, lambda p: VoidEntry(chair, self.by, seq, why, text, p))
        else:
            self._submit(VoidEntry(chair, self.by, seq, why, text))

    def review(self) -> None:
        """A prescriber has read the signed session and signs for it, with a word where one is typed."""
        review = self._review
        if review is None or not self._adds():
            return
        session, text, chair = review.state.id, self.reason.text().strip(), self._bedside.chair
        self._prove(
            "I have reviewed this session",
            "",
            lambda proof: ReviewSession(chair, self.by, proof, session, text),
            (PRESCRIBER,),
        )

    def say_whose(self) -> None:
        """Whose emergency it was, known only after the record was signed: said, then signed by who says it."""
        review = self._review
        if review is None or not self._adds():
            return
        panel = WhosePanel(self._theme, self._bedside, self._bridge, review.state)
        panel.said.connect(lambda *told: self._whose_said(panel, review.state.id, *told))
        panel.closed.connect(lambda: self._end_proof(panel))
        self._put_in_front(panel)

    def _whose_said(self, panel: QWidget, record: str, patient: str, text: str, reason: str) -> None:
        self._end_proof(panel)
        chair = self._bedside.chair
        self._prove(
            "I say whose emergency this was",
            "",
            lambda proof: SayWhoseEmergency(chair, self.by, patient, "", "", text, reason, record, proof),
        )

    def _prove(self, meaning: str, but: str, command: Callable[[str], Command], roles: tuple[str, ...] = ()) -> None:
        panel = ProvePanel(self._theme, self._bedside, self._bridge, roles, meaning, but=but)
        panel.proven.connect(lambda token, _: self._proven(panel, command(token)))
        panel.closed.connect(lambda: self._end_proof(panel))
        self._put_in_front(panel)

    def _put_in_front(self, panel: QWidget) -> None:
        self._stack.addWidget(panel)
        self._stack.setCurrentWidget(panel)
        panel.setFocus()

    def _proven(self, panel: QWidget, command: Command) -> None:
        self._end_proof(panel)
        self._submit(command)

    def _end_proof(self, panel: QWidget) -> None:
        self._stack.setCurrentIndex(0)
        self._stack.removeWidget(panel)
        panel.deleteLater()

    def _submit(self, command: Command) -> None:
        self._busy = True
        self._say("Recording ...")
        self._sync()
        self._bridge.submit(command, self._recorded, self._refused)

    def _recorded(self, receipt: Receipt) -> None:
        self._busy = False
        self._forget()
        self._say(f"Recorded as entry {receipt.entries[-1].seq}" if receipt.entries else "Recorded")
        self._sync()
        self.corrected.emit()

    def _refused(self, why: str) -> None:
        self._busy = False
        self._say(f"Not recorded: {why}", wrong=True)
        self._sync()

    def _say(self, text: str, *, wrong: bool = False) -> None:
        set_text(self.said, text)
        set_role(self.said, "error" if wrong else "dim")
        self.said.setVisible(bool(text))


def _short(line: LogLine) -> str:
    text = f"{line.time}  {line.text}" + (f" · {line.mark}" if line.mark else "")
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"
