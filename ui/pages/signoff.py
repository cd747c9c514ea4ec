"""Sign-off: what was given and observed on one sheet, what is still open, and the signature by PIN."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.users import NURSE, PRESCRIBER
from exomonitor.session import commands as cmd
from exomonitor.session.parts.handover import ReviewSession
from ui.bridge import Bridge
from ui.presenters.signoff import SignOffView, sign_off
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.form import recorded_words
from ui.widgets.keys import BigButton, Kind
from ui.widgets.prove import ProvePanel
from ui.widgets.text import BOLD, SEMIBOLD, Elided, label, set_text

MEANING = "performed and reviewed"
_SIGN = "I performed this infusion and reviewed its record: name and PIN sign it"
_SIGN_EMERGENCY = "I was there in this emergency and reviewed its record: name and PIN sign it"
_EMERGENCY_MEANING = "was there and reviewed"
_REVIEW = "Prescriber: I have reviewed this session"
_AS_IT_IS = "Signed as it stands:"
_ROWS = 12


class SignOffPage(QWidget):
    """Shows the summary; signs; after that asks for a prescriber's review where one is due, and offers the next
    session."""

    back_wanted = Signal()
    next_wanted = Signal()

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._bedside, self._bridge = bedside, bridge
        self._snapshot = bedside.latest()
        self._view: SignOffView | None = None
        self._emergency = False
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(12), theme.px(10), theme.px(12), theme.px(10))
        column.setSpacing(theme.px(8))
        row = QHBoxLayout()
        row.setSpacing(theme.px(10))
        self.sheet = SignOffSheet(theme)
        row.addWidget(self.sheet, 6)
        self.prove = ProvePanel(theme, bedside, bridge, (NURSE, PRESCRIBER), _SIGN)
        self.prove.proven.connect(self._sign)
        self.prove.closed.connect(self.back_wanted)
        self.review = ProvePanel(theme, bedside, bridge, (PRESCRIBER,), _REVIEW)
        self.review.proven.connect(self._review)
        self.review.closed.connect(self.back_wanted)
        row.addWidget(self.prove, 5)
        row.addWidget(self.review, 5)
        column.addLayout(row, 1)
        keys = QHBoxLayout()
        keys.setSpacing(theme.px(10))
        self.back_key = BigButton(theme, "Back", "Esc", height=58)
        self.back_key.clicked.connect(self.back_wanted)
        self.next_key = BigButton(theme, "Prepare the next session", kind=Kind.PRIMARY, pixels=18, height=58)
        self.next_key.clicked.connect(self.next_wanted)
        keys.addWidget(self.back_key, 1)
        keys.addWidget(self.next_key, 3)
        column.addLayout(keys)
        self.setFocusProxy(self.prove)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the page up to date."""
        self._snapshot = snapshot
        view = sign_off(snapshot)
        if view == self._view:
            return
        before, self._view = self._view, view
        self._emergency = snapshot.session is not None and snapshot.session.is_emergency
        self.prove.set_meaning(_SIGN_EMERGENCY if self._emergency else _SIGN)
        self.sheet.show_view(view)
        if before is None or bool(before.obstacles) != bool(view.obstacles) or before.title != view.title:
            self.prove.open()
            self.prove.choose(snapshot.staff_id)
        signed = bool(view.signed)
        just_signed = signed and self.isVisible() and self.prove.isVisible()
        self.prove.setVisible(not signed and not view.obstacles)
        self.review.setVisible(signed and bool(view.review))
        self.next_key.setVisible(signed)
        self.back_key.setVisible(not self.prove.isVisibleTo(self) and not self.review.isVisibleTo(self))
        if just_signed:
            self.next_key.setFocus()

    def _sign(self, token: str, _: str) -> None:
        meaning = _EMERGENCY_MEANING if self._emergency else MEANING
        command = cmd.SignOff(self._bedside.chair, self._snapshot.staff_id, token, meaning)
        self._bridge.submit(command, self._on_signed, lambda why: self.prove.fail(f"Not recorded: {why}"))

    def _review(self, token: str, _: str) -> None:
        session = self._snapshot.session.id if self._snapshot.session is not None else ""
        command = ReviewSession(self._bedside.chair, self._snapshot.staff_id, token, session)
        self._bridge.submit(command, self._on_reviewed, lambda why: self.review.fail(f"Not recorded: {why}"))

    def _on_signed(self, receipt: Receipt) -> None:
        self.prove.tell(recorded_words(receipt))

    def _on_reviewed(self, receipt: Receipt) -> None:
        self.review.tell(recorded_words(receipt))


class SignOffSheet(Card):
    """The rows, what is in the way, and what will stand in the record as it is."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._heading = Elided(theme, "Sign off", 20, SEMIBOLD)
        self.body.addWidget(self._heading)
        grid = QGridLayout()
        grid.setVerticalSpacing(theme.px(5))
        grid.setHorizontalSpacing(theme.px(16))
        grid.setColumnStretch(1, 1)
        self._rows: list[tuple[QLabel, QLabel]] = []
        for row in range(_ROWS):
            name = label(theme, "", 14, role="dim", wrap=True)
            name.setFixedWidth(theme.px(190))
            words = Elided(theme, "", 16, SEMIBOLD, shrink_to=12)
            grid.addWidget(name, row, 0)
            grid.addWidget(words, row, 1)
            self._rows.append((name, words))
        self.body.addLayout(grid)
        self.obstacles = label(theme, "", 17, BOLD, wrap=True)
        self.remarks = label(theme, "", 16, SEMIBOLD, wrap=True)
        self.body.addWidget(self.obstacles)
        self.body.addWidget(self.remarks)
        self.body.addStretch(1)

    def show_view(self, view: SignOffView) -> None:
        """Bring the sheet up to date."""
        set_text(self._heading, view.title)
        for place, (name, words) in enumerate(self._rows):
            shown = place < len(view.rows)
            name.setVisible(shown)
            words.setVisible(shown)
            if shown:
                set_text(name, view.rows[place][0])
                set_text(words, view.rows[place][1])
        set_text(self.obstacles, _standing(view))
        self.obstacles.setVisible(bool(self.obstacles.text()))
        set_text(self.remarks, "\n".join((_AS_IT_IS, *view.remarks)))
        self.remarks.setVisible(bool(view.remarks))


def _standing(view: SignOffView) -> str:
    """What is signed and reviewed, or what is in the way of it."""
    lines = [view.signed] if view.signed else [f"▲ {text}" for text in view.obstacles]
    if view.reviewed:
        lines.append(view.reviewed)
    elif view.review:
        lines.append(f"A prescriber reviews this session, now or later: {', '.join(view.review)}")
    return "\n".join(line for line in lines if line)
