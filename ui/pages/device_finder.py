"""Which ports there are, who is read in which chair, and what is on a port that somebody chooses."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.engine.ports import Binding, DeviceChoice, DeviceService, FoundDevice, PortInfo
from ui.bridge import Bridge
from ui.pages.device_search import Search
from ui.pages.prepare.device_words import port_options
from ui.presenters import devices as words
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice
from ui.widgets.entry import TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.paged_table import PagedTable
from ui.widgets.text import MEDIUM, SEMIBOLD, label, set_text

_KEY = 59
_HOW = (
    "It listens first, at every speed that devices are shipped with; then it asks, kind after kind, only what is "
    "harmless to whoever is there, and never sends an empty line. It takes up to about a minute and three quarters; "
    "Stop ends it at once. Of an oximeter for spot checks take one when it begins, or choose it by hand."
)


class FinderPanel(QWidget):
    """Left: a port and what is on it. Right: all ports, all chairs."""

    wanted = Signal(object, str)
    """A device that answered is to be read: FoundDevice, port."""
    look_wanted = Signal()

    def __init__(
        self, theme: Theme, bridge: Bridge, service: DeviceService | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._found: tuple[FoundDevice, ...] = ()
        self.search = Search(bridge, service, self)
        self.search.told.connect(lambda text: set_text(self.said, f"{text} ..."))
        self.search.ended.connect(self._ended)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(10))
        row.addWidget(self._make_search(theme), 2)
        right = QVBoxLayout()
        right.setSpacing(theme.px(10))
        self.ports = PagedTable(theme, words.PORT_COLUMNS, words.NO_PORTS)
        self.chairs = PagedTable(theme, words.CHAIR_COLUMNS, words.NO_BINDINGS)
        for title, table in (("Ports of this computer", self.ports), ("Read in the chairs", self.chairs)):
            card = Card(theme, title)
            card.body.addWidget(table)
            right.addWidget(card, 1)
        row.addLayout(right, 3)
        self._sync()

    def _make_search(self, theme: Theme) -> Card:
        card = Card(theme, "What is on this port?")
        self.choice = Choice(theme, (), columns=1, pixels=15, height=_KEY)
        self.choice.chosen.connect(self._on_port)
        self.port = TextEntry(theme, "Port", hint="a serial port, socket:// or listen://address:port", pixels=16)
        self.port.edited.connect(self._on_typed)
        self.again = BigButton(theme, "Look again which ports there are", kind=Kind.QUIET, pixels=15)
        self.again.clicked.connect(self.look_wanted)
        self.how = label(theme, _HOW, 14, role="dim", wrap=True)
        self.key = BigButton(theme, "Identify: try the usual baud rates", kind=Kind.PRIMARY, height=_KEY)
        self.key.clicked.connect(self.begin)
        self.said = label(theme, "", 16, MEDIUM, wrap=True)
        self.read = Choice(theme, (), columns=1, pixels=15, height=_KEY)
        self.read.chosen.connect(self._take)
        self.hint = label(theme, "Press it to read it here from now on", 14, SEMIBOLD, role="dim")
        for widget in (self.choice, self.port, self.again, self.how, self.key, self.said, self.hint, self.read):
            card.body.addWidget(widget)
        card.body.addStretch(1)
        return card

    def show_found(
        self, catalogue: Sequence[DeviceChoice], ports: Sequence[PortInfo], bindings: Sequence[Binding]
    ) -> None:
        """What the device side says."""
        taken = {binding.port for binding in bindings}
        self.choice.set_options(port_options([port for port in ports if port.name not in taken], 3))
        self.ports.show_rows(words.port_rows(ports, bindings))
        self.chairs.show_rows(words.chair_rows(bindings, catalogue))
        self._sync()

    def begin(self) -> None:
        """Find out, or stop finding out."""
        if self.search.running:
            self.search.stop()
            set_text(self.said, "Stopping ...")
            return
        self._found = ()
        self.search.begin(self.port.text())
        self._sync()

    def _on_port(self, port: str) -> None:
        self.port.set_text(port)
        self._on_typed(port)

    def _on_typed(self, port: str) -> None:
        """What answered is not on this port."""
        if not self.search.running:
            self._found = ()
            set_text(self.said, "")
        self._sync()

    def _ended(self, answer: object) -> None:
        if isinstance(answer, str):
            set_text(self.said, self._where(answer))
        elif isinstance(answer, tuple):
            self._found = answer
            set_text(self.said, self._where(words.found_words(self._found)))
        self._sync()

    def _where(self, told: str) -> str:
        return words.elsewhere(told, self.search.port, self.port.text())

    def _take(self, key: str) -> None:
        one = next(found for found in self._found if found.key == key)
        self.wanted.emit(one, self.search.port)

    def _sync(self) -> None:
        running = self.search.running
        self.key.set_text("Stop" if running else "Identify: try the usual baud rates")
        self.key.setEnabled(self._service is not None and (running or bool(self.port.text())))
        self.read.set_options([(one.key, words.read_words(one)) for one in self._found])
        self.hint.setVisible(bool(self._found))
        self.read.setVisible(bool(self._found))
