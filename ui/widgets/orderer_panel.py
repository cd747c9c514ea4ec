"""Who ordered: a tile for each prescriber of the clinic's list, then how the order came; nobody types a name.

panel = OrdererPanel(theme, bedside, bridge, "Who ordered it", "I order what stands here")
panel.said.connect(lambda: ...)     # panel.value holds user, way, and the proof of a prescriber who signed
panel.closed.connect(...)           # back to the form: also after an answer
panel.open()
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.users import PRESCRIBER, prescribers
from exomonitor.session.ordering import SIGNED
from ui.bridge import Bridge
from ui.presenters.orderer import NOBODY, WAYS, Orderer, may_come
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.keys import BigButton
from ui.widgets.people_tiles import PeopleTiles
from ui.widgets.prove import ProvePanel
from ui.widgets.text import MEDIUM, SEMIBOLD, label, set_text

_HEIGHT = 62


class OrdererPanel(QStackedWidget):
    """said: the answer is complete. closed: the form comes back, with or without one."""

    said = Signal()
    closed = Signal()

    def __init__(
        self,
        theme: Theme,
        bedside: Bedside,
        bridge: Bridge,
        title: str,
        meaning: str,
        *,
        rows: int = 6,
        parent: QWidget | None = None,
    ) -> None:
        """rows: how many tiles the place has room for; where there are more prescribers, a key turns the page."""
        super().__init__(parent)
        self._bedside = bedside
        self.value = Orderer()
        self._picked = ""
        self._sheet = self._make_sheet(theme, title, rows)
        self.prove = ProvePanel(theme, bedside, bridge, (PRESCRIBER,), meaning)
        self.prove.proven.connect(self._on_proven)
        self.prove.closed.connect(lambda: self.setCurrentWidget(self._sheet))
        self.addWidget(self._sheet)
        self.addWidget(self.prove)

    def _make_sheet(self, theme: Theme, title: str, rows: int) -> QWidget:
        card = Card(theme)
        card.body.addWidget(label(theme, title, 19, SEMIBOLD))
        self._status = label(theme, "", 16, MEDIUM, role="dim", wrap=True)
        card.body.addWidget(self._status)
        row = QHBoxLayout()
        row.setSpacing(theme.px(16))
        self.people = PeopleTiles(theme, columns=1, rows=rows)
        self.people.chosen.connect(self._on_person)
        row.addWidget(self.people, 1)
        column = QVBoxLayout()
        column.setSpacing(theme.px(8))
        self.ways: dict[str, BigButton] = {}
        for way, words, below in WAYS:
            key = BigButton(theme, words, height=_HEIGHT, pixels=17)
            key.set_below(below)
            key.clicked.connect(lambda _=False, picked=way: self._on_way(picked))
            column.addWidget(key)
            self.ways[way] = key
        column.addStretch(1)
        self.back_key = BigButton(theme, "Back", height=58)
        self.back_key.clicked.connect(self.closed)
        column.addWidget(self.back_key)
        row.addLayout(column, 1)
        card.body.addLayout(row, 1)
        return card

    # --- what the form around it says --------------------------------------------------------------------------------

    def open(self) -> None:
        """Offer the prescribers as they are now; the one who is known, or the only one, is marked."""
        offered = self._offer()
        known = self.value.user
        self._picked = known if known in offered else offered[0] if len(offered) == 1 else ""
        self.people.set_value(self._picked)
        self.setCurrentWidget(self._sheet)
        self._sync()

    def propose(self, user: str) -> None:
        """Whose order it probably is; how it came is still asked."""
        self.value = Orderer(user)

    def put(self, user: str, way: str) -> None:
        """As recorded."""
        self.value = Orderer(user, way)

    def clear(self) -> None:
        """Nobody has said anything."""
        self.value = Orderer()
        self.setCurrentWidget(self._sheet)

    def back(self) -> bool:
        """Esc: from the signature to the tiles; False where there is nothing to close."""
        if self.currentWidget() is self._sheet:
            return False
        self.prove.leave()
        return True

    # --- what people do ----------------------------------------------------------------------------------------------

    def _on_person(self, user: str) -> None:
        self._picked = user
        self._sync()
        next((key for key in self.ways.values() if key.isEnabled()), self.back_key).setFocus()

    def _on_way(self, way: str) -> None:
        if way == SIGNED:
            self.prove.open()
            self.prove.choose(self._picked)
            self.setCurrentWidget(self.prove)
            return
        self._answer(Orderer(self._picked, way))

    def _on_proven(self, token: str, name: str) -> None:
        """Whoever signed is the prescriber of this order."""
        users = prescribers(self._latest().registry.users)
        signer = next((one.id for one in users if one.name == name), self._picked)
        self._answer(Orderer(signer, SIGNED, token))

    def _answer(self, value: Orderer) -> None:
        self.value = value
        self.setCurrentWidget(self._sheet)
        self.said.emit()
        self.closed.emit()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """In sight: the keyboard where it is needed next."""
        super().showEvent(event)
        if self.currentWidget() is self._sheet:
            first = next((key for key in self.ways.values() if key.isEnabled()), None)
            (first or self.people.first()).setFocus()

    def _latest(self) -> Snapshot:
        return self._bedside.latest()

    def _offer(self) -> tuple[str, ...]:
        snapshot = self._latest()
        offered = prescribers(snapshot.registry.users)
        self.people.show_people(offered)
        return tuple(one.id for one in offered)

    def _sync(self) -> None:
        at_work = self._latest().staff_id
        for way, key in self.ways.items():
            key.setEnabled(may_come(way, self._picked, at_work))
        if not prescribers(self._latest().registry.users):
            set_text(self._status, NOBODY)
        elif not self._picked:
            set_text(self._status, "Choose the prescriber")
        else:
            own = self._picked == at_work
            set_text(self._status, "An order of your own: sign it" if own else "How did the order come?")
