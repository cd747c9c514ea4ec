"""The devices of this chair: their links, what is bound on which port, what is on a port, and the raw bytes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtGui import QFocusEvent, QHideEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.next_line import AT_DEVICES
from exomonitor.engine.ports import Binding, DeviceChoice, DeviceService, FoundDevice
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import commands as cmd
from ui.bridge import Bridge
from ui.pages.device_channel import ChannelChoice
from ui.pages.device_confirm import ConfirmCard
from ui.pages.device_finder import FinderPanel
from ui.pages.device_link_card import LinkCard
from ui.pages.device_links import link_of
from ui.pages.device_trainer import TrainerPanel
from ui.pages.device_wire import WirePanel
from ui.pages.prepare.device_step import ROLES, Found
from ui.pages.prepare.role_panel import RolePanel, alone
from ui.presenters.devices import is_wrong
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.form import recorded_words
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import MEDIUM, label, set_role, set_text

PUMP = "pump"
LINKS, CONNECT, PORTS, WIRE, TRAINER = "links", "connect", "ports", "wire", "trainer"
_VIEWS = ((LINKS, "Links"), (CONNECT, "Connect"), (PORTS, "Ports and chairs"), (WIRE, "Raw bytes"))
_CONFIRM_FIRST = "Another {role} is on the cable: confirm patient and {role} under Links first"


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
        self._turned = ("", "")
        """What the line asked when the page turned to it, and the view."""
        self._catalogue: tuple[DeviceChoice, ...] = ()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(theme.px(10), theme.px(10), theme.px(10), theme.px(10))
        outer.setSpacing(theme.px(8))
        control = bedside.simulation
        self.view = Choice(theme, _VIEWS if control is None else (*_VIEWS, (TRAINER, "Trainer")), pixels=16)
        self.view.chosen.connect(self.show_view)
        outer.addWidget(self.view)
        self._stack = QStackedWidget()
        outer.addWidget(self._stack, 1)
        self.links: dict[str, LinkCard] = {}
        self.confirms: dict[str, ConfirmCard] = {}
        self.panels: dict[str, RolePanel] = {}
        self._keys: dict[str, tuple[BigButton, BigButton]] = {}
        self._places: dict[str, QWidget] = {}
        self.channel = ChannelChoice(theme, bridge, bedside.chair)
        self.channel.said.connect(lambda text, wrong: self.say(text, wrong=wrong))
        self.finder = FinderPanel(theme, bridge, self._service)
        self.finder.wanted.connect(self.read_found)
        self.finder.look_wanted.connect(self.look)
        self.wire = WirePanel(theme, bridge, self._service, bedside.chair, partial(support_folder, bedside))
        self._views: dict[str, QWidget] = {
            LINKS: self._columns(self._make_link),
            CONNECT: self._columns(self._make_role),
            PORTS: self.finder,
            WIRE: self.wire,
        }
        if control is not None:
            self._views[TRAINER] = TrainerPanel(theme, bridge, control, bedside.chair)
        alone(self.panels, self._places)
        for widget in self._views.values():
            self._stack.addWidget(widget)
        none = "" if self._service is not None else "No device can be read here: rate, volume and values are typed"
        self._status = label(theme, none, 15, MEDIUM, wrap=True)
        outer.addWidget(self._status)
        self._status.setVisible(bool(none))
        self.show_view(LINKS)
        self.look()

    def show_view(self, view: str) -> None:
        """Turn to one of the views."""
        self.view.set_value(view)
        self._stack.setCurrentWidget(self._views[view])
        if view == WIRE:
            self.wire.look()

    def _columns(self, make: Callable[[str], QWidget]) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._theme.px(10))
        for role in ROLES:
            row.addWidget(make(role), 1)
        return holder

    def _make_link(self, role: str) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._theme.px(8))
        self.links[role] = LinkCard(self._theme, role)
        self.confirms[role] = ConfirmCard(self._theme, self._bedside, self._bridge, role)
        self.confirms[role].done.connect(self.look)
        self.confirms[role].hide()
        column.addWidget(self.confirms[role])
        column.addWidget(self.links[role], 1)
        return holder

    def _make_role(self, role: str) -> QWidget:
        theme = self._theme
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        self.panels[role] = RolePanel(theme, self._bridge, self._service, role, wide=True)
        self.panels[role].edited.connect(self._sync)
        area = QScrollArea()
        area.setAccessibleName("Devices")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(self.panels[role])
        column.addWidget(area, 1)
        if role == PUMP:
            column.addWidget(self.channel)
        keys = QHBoxLayout()
        release = BigButton(theme, "Read nothing any more", kind=Kind.QUIET, pixels=15, height=59)
        bind = BigButton(theme, "Read this from now on", kind=Kind.PRIMARY, pixels=15, height=59)
        release.clicked.connect(partial(self.release, role))
        bind.clicked.connect(partial(self.bind, role))
        keys.addWidget(release, 1)
        keys.addWidget(bind, 2)
        column.addLayout(keys)
        self._keys[role], self._places[role] = (release, bind), holder
        return holder

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring links and keys up to date."""
        self._snapshot = snapshot
        for role, card in self.links.items():
            card.show_snapshot(snapshot)
            self._show_confirm(role, snapshot)
        self.channel.show_snapshot(snapshot)
        if self.view.value() == WIRE and self.isVisible():
            self.wire.look()
        self._sync()

    def _show_confirm(self, role: str, snapshot: Snapshot) -> None:
        link, card = link_of(snapshot, role), self.confirms[role]
        wrong = link is not None and is_wrong(link.change)
        if wrong and card.isHidden():
            self.look()  # what was expected here
        if wrong and link is not None:
            bound = self._bound.get(role)
            card.show_link(link, bound.serial if bound is not None else "", snapshot)
        card.setVisible(wrong)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The page comes to the front: look which ports there are now, and turn to what is asked here; once, since the
        keyboard also comes back from a panel over the page to somebody who has turned elsewhere meanwhile."""
        super().focusInEvent(event)
        self.look()
        asks, leads, _ = self._snapshot.next_line.partition(AT_DEVICES) if self._snapshot is not None else ("",) * 3
        confirms = any(not card.isHidden() for card in self.confirms.values())
        wanted = (asks, LINKS if confirms or self.channel.isHidden() else CONNECT) if leads else ("", "")
        if wanted != self._turned and leads:
            self.show_view(wanted[1])
        self._turned = wanted

    def hideEvent(self, event: QHideEvent) -> None:
        """Whoever is led here again is shown again what is asked; a minimized window has led nobody away."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._turned = ("", "")

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
        self._catalogue = catalogue
        self._bound = {b.role: b for b in bindings if b.chair == self._bedside.chair}
        self.finder.show_found(catalogue, ports, bindings)
        for card in self.links.values():
            card.set_catalogue(catalogue)
        for role, panel in self.panels.items():
            panel.set_catalogue(catalogue)
            panel.set_ports(ports, bindings)
            bound = self._bound.get(role)
            if bound is not None and not panel.device.value():
                panel.put(bound.key, bound.port, bound.baud, bound.line)
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
        link = link_of(self._snapshot, role)
        if link is not None and is_wrong(link.change):
            self.say(_CONFIRM_FIRST.format(role=role), wrong=True)
            return
        if wanted is None:
            self.say(f"First: {panel.problem() or 'choose a device'}", wrong=True)
            return
        self._begin("Opening the port ...")
        self._bridge.run(partial(service.bind, wanted), lambda _: self._changed(role), self._failed)

    def read_found(self, found: FoundDevice, port: str) -> None:
        """What answered on a port is read from now on in its role."""
        self.panels[found.role].put(found.key, port, found.baud, found.line)
        self.show_view(CONNECT)
        self.bind(found.role)

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


def support_folder(bedside: Bedside) -> Path:
    """Where files for support go: beside the record, else in the user's own folder."""
    store = bedside.protocols
    return (store.folder.parent if store is not None else Path.home()) / "support"


def _look(service: DeviceService) -> Found:
    return service.catalogue(), service.ports(), service.bindings()
