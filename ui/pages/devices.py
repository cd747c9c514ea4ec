"""The devices of this chair: how their links stand, what is bound, on which port, and a test reading of any of them."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.ports import Binding, DeviceService
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import commands as cmd
from ui.bridge import Bridge
from ui.pages.device_links import link_of, link_rows, state_words
from ui.pages.prepare.device_step import ROLES, Found
from ui.pages.prepare.role_panel import RolePanel
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.form import recorded_words
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import BOLD, MEDIUM, Elided, label, set_role, set_text

_ROWS = 7


class LinkCard(Card):
    """One link: its state in a word, and what was counted."""

    def __init__(self, theme: Theme, role: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, f"{role.capitalize()} link", parent=parent)
        self._role = role
        self._state = label(theme, "", 20, BOLD)
        self.body.addWidget(self._state)
        self._rows = []
        for _ in range(_ROWS):
            row = QHBoxLayout()
            name, words = label(theme, "", 14, role="dim"), Elided(theme, "", 14, MEDIUM)
            name.setFixedWidth(theme.px(96))
            row.addWidget(name)
            row.addWidget(words, 1)
            self.body.addLayout(row)
            self._rows.append((name, words))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the card up to date."""
        link = link_of(snapshot, self._role)
        set_text(self._state, state_words(link))
        rows = link_rows(link)
        for place, (name, words) in enumerate(self._rows):
            there = place < len(rows)
            set_text(name, rows[place][0] if there else "")
            set_text(words, rows[place][1] if there else "")
            name.setVisible(there)
            words.setVisible(there)


class DevicesPage(QWidget):
    """Two columns, pump and monitor. A change in a running session is recorded in it as well."""

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._bedside, self._bridge, self._theme = bedside, bridge, theme
        self._service = bedside.devices
        self._snapshot: Snapshot | None = None
        self._bound: dict[str, Binding] = {}
        self._busy = False
        outer = QVBoxLayout(self)
        outer.setContentsMargins(theme.px(10), theme.px(10), theme.px(10), theme.px(10))
        outer.setSpacing(theme.px(8))
        row = QHBoxLayout()
        row.setSpacing(theme.px(10))
        self.links: dict[str, LinkCard] = {}
        self.panels: dict[str, RolePanel] = {}
        self._keys: dict[str, tuple[BigButton, BigButton]] = {}
        for role in ROLES:
            row.addWidget(self._make_role(role), 1)
        outer.addLayout(row, 1)
        none = "" if self._service is not None else "There is no device side here: rate, volume and values are typed"
        self._status = label(theme, none, 15, MEDIUM, wrap=True)
        outer.addWidget(self._status)
        self._status.setVisible(bool(none))
        self.look()

    def _make_role(self, role: str) -> QWidget:
        theme = self._theme
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        self.links[role] = LinkCard(theme, role)
        column.addWidget(self.links[role])
        self.panels[role] = RolePanel(theme, self._bridge, self._service, role, wide=True)
        self.panels[role].edited.connect(self._sync)
        area = QScrollArea()
        area.setAccessibleName("Devices")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(self.panels[role])
        column.addWidget(area, 1)
        keys = QHBoxLayout()
        release = BigButton(theme, "Read nothing", kind=Kind.QUIET, pixels=15, height=59)
        bind = BigButton(theme, "Read this from now on", kind=Kind.PRIMARY, pixels=15, height=59)
        release.clicked.connect(partial(self.release, role))
        bind.clicked.connect(partial(self.bind, role))
        keys.addWidget(release, 1)
        keys.addWidget(bind, 2)
        column.addLayout(keys)
        self._keys[role] = release, bind
        return holder

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring links and keys up to date."""
        self._snapshot = snapshot
        for card in self.links.values():
            card.show_snapshot(snapshot)
        self._sync()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The page comes to the front: look which ports there are now."""
        super().focusInEvent(event)
        self.look()

    def look(self) -> None:
        """Ask for catalogue, ports and bindings."""
        service = self._service
        if service is not None:
            self._bridge.run(partial(_look, service), self._take, partial(self.say, wrong=True))
        self._sync()

    def status(self) -> str:
        """What the line at the bottom says."""
        return self._status.text()

    def say(self, text: str, *, wrong: bool = False) -> None:
        """The line at the bottom."""
        set_text(self._status, text)
        set_role(self._status, "error" if wrong else "dim")
        self._status.setVisible(bool(text))

    def _take(self, found: Found) -> None:
        catalogue, ports, bindings = found
        self._bound = {b.role: b for b in bindings if b.chair == self._bedside.chair}
        for role, panel in self.panels.items():
            panel.set_catalogue(catalogue)
            panel.set_ports(ports, bindings)
            bound = self._bound.get(role)
            if bound is not None and not panel.device.value():
                panel.put(bound.key, bound.port, bound.baud)
        self._sync()

    def _sync(self) -> None:
        for role, (release, bind) in self._keys.items():
            release.setEnabled(self._service is not None and not self._busy and role in self._bound)
            chosen = self.panels[role].choice() is not None
            bind.setEnabled(self._service is not None and not self._busy and chosen)

    # --- what the keys do --------------------------------------------------------------------------------------------

    def bind(self, role: str) -> None:
        """Read the chosen device from now on."""
        service, panel = self._service, self.panels[role]
        wanted = panel.binding(self._bedside.chair)
        if service is None or self._busy:
            return
        if wanted is None:
            self.say(f"First: {panel.problem() or 'choose a device'}", wrong=True)
            return
        self._begin("Opening the port ...")
        self._bridge.run(partial(service.bind, wanted), lambda _: self._changed(role), self._failed)

    def release(self, role: str) -> None:
        """Read nothing in this role any more."""
        service = self._service
        if service is None or self._busy:
            return
        self._begin("Closing the port ...")
        work = partial(service.release, self._bedside.chair, role)
        self._bridge.run(work, lambda _: self._changed(role), self._failed)

    def _changed(self, role: str) -> None:
        self._busy = False
        self.say("")
        self.look()
        session = self._snapshot.session if self._snapshot is not None else None
        if session is not None and session.phase.is_open:
            self._pin(role)

    def _pin(self, role: str) -> None:
        """The session's record says which device it reads."""
        service = self._service
        assert service is not None
        assert self._snapshot is not None
        by, chair = self._snapshot.staff_id, self._bedside.chair
        bound = next((b for b in service.bindings() if (b.chair, b.role) == (chair, role)), None)
        choice = self.panels[role].choice() if bound is not None else None
        grade = choice.grade if choice is not None else ""
        key, source = (bound.key, role) if bound is not None else ("", "")
        pin = cmd.PinDevice(chair, by, role, key, source, grade=grade)
        self._bridge.submit(pin, self._pinned, self._failed)

    def _pinned(self, receipt: Receipt) -> None:
        self.say(recorded_words(receipt))

    def _begin(self, words: str) -> None:
        self._busy = True
        self.say(words)
        self._sync()

    def _failed(self, why: str) -> None:
        self._busy = False
        self.say(why, wrong=True)
        self._sync()


def _look(service: DeviceService) -> Found:
    return service.catalogue(), service.ports(), service.bindings()
