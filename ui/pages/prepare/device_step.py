"""The step of the devices: which pump and which monitor are read in this session, or that values are typed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from exomonitor.engine.bedside import Bedside
from exomonitor.engine.ports import Binding, DeviceChoice, DeviceService, PortInfo
from exomonitor.engine.snapshot import LivePump, Snapshot
from exomonitor.session import commands as cmd
from exomonitor.session.commands import Command
from exomonitor.session.plan import BoundDevice
from exomonitor.session.state import SessionState
from exomonitor.signals.links import LinkChange
from exomonitor.signals.pump import PumpReading
from ui.bridge import Bridge
from ui.pages.prepare.role_panel import RolePanel, alone
from ui.pages.prepare.step_form import StepForm, say
from ui.presenters.devices import channel_question, present
from ui.theme import Theme
from ui.widgets.choice import Choice, Options
from ui.widgets.text import set_text

ROLES = ("pump", "monitor")
_CHANNEL = "The product runs through channel"
Found = tuple[tuple[DeviceChoice, ...], tuple[PortInfo, ...], tuple[Binding, ...]]


class DeviceForm(StepForm):
    """Two panels. Recording first begins to read what was chosen, then pins it to the session."""

    def __init__(self, theme: Theme, bedside: Bedside, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(theme, bedside.chair, parent)
        self._bridge, self._service = bridge, bedside.devices
        self._bound: dict[str, Binding] = {}
        self._snapshot: Snapshot | None = None
        self._channels: tuple[str, ...] = ()
        self._offered: Options = ()
        self._chosen = ""
        """The pump that was chosen here by hand; it outlives a moment in which it is not among the channels."""
        self.channel = Choice(theme, ())
        self.channel.chosen.connect(self._choose)
        self._channel_title = self.titled(_CHANNEL, self.channel)
        self._panels = {role: RolePanel(theme, bridge, self._service, role) for role in ROLES}
        for panel in self._panels.values():
            panel.edited.connect(self.touched)
            panel.edited.connect(self._show_product)
        alone(self._panels)
        self.row(*self._panels.values())
        self.problem = self.remark(role="error")
        typed = self.remark()
        self.column.addStretch(1)
        self._show_channels(())
        say(typed, "" if self._service is not None else "No device can be read here: values are typed")

    def panel(self, role: str) -> RolePanel:
        """The panel of one role."""
        return self._panels[role]

    def open(self) -> None:
        """Look what there is to choose from."""
        service = self._service
        if service is not None:
            self._bridge.run(lambda: _look(service), self._take, lambda why: say(self.problem, why))

    def _take(self, found: Found) -> None:
        catalogue, ports, bindings = found
        self._bound = {b.role: b for b in bindings if b.chair == self.chair}
        for role, panel in self._panels.items():
            panel.set_catalogue(catalogue)
            panel.set_ports(ports, bindings)
            bound = self._bound.get(role)
            if bound is not None and not self.dirty:
                panel.put(bound.key, bound.port, bound.baud, bound.line)
        self._refill()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follow the links: which channels the pump has."""
        self._snapshot = snapshot
        super().show_snapshot(snapshot)
        self._show_channels(tuple(dict.fromkeys(one.channel for one in present(self._pumps()))))

    def _show_channels(self, channels: tuple[str, ...]) -> None:
        self._channels = channels
        self._show_product()

    def _show_product(self) -> None:
        """The choice of the product's pump: where there are several, or where there are others than the product's."""
        missing = self._is_missing()
        shown = len(self._channels) > 1 or missing
        offered = tuple((c, c) for c in self._channels if c) or (self._way_back() if missing else ())
        if offered != self._offered:
            self._offered = offered
            self.channel.set_options(offered)
        set_text(self._channel_title, channel_question(self._wanted(), self._pumps()) if missing else _CHANNEL)
        self._channel_title.setVisible(shown)
        self.channel.setVisible(shown)
        if self.channel.value() != self._wanted():
            self.channel.set_value(self._wanted())

    def _way_back(self) -> Options:
        """From a pump that was chosen here while none is there: to what is on record."""
        recorded = self._recorded_channel()
        return ((recorded, f"{recorded}, as on record" if recorded else "None for now"),)

    def _choose(self, channel: str) -> None:
        self._chosen = channel
        self.touched()

    def _wanted(self) -> str:
        """The channel of the product's pump: the one chosen here, else the one on record; "" where none is."""
        return self._chosen or self._recorded_channel()

    def _recorded_channel(self) -> str:
        recorded = self._on_record()
        return recorded.channel if recorded is not None else ""

    def _on_record(self) -> BoundDevice | None:
        """The pump as this session has recorded it, while the same device is chosen here."""
        session = self._snapshot.session if self._snapshot is not None else None
        device = session.devices.get("pump") if session is not None else None
        return device if device is not None and device.key == self._panels["pump"].key() else None

    def _is_missing(self) -> bool:
        """Whether the product's pump is not behind the link that is read, and others are: somebody has to choose. One
        chosen by hand instead of the recorded one is missed also where none is there: nothing has been told that could
        be recorded of it."""
        wanted = self._wanted()
        reads = self._panels["pump"].choice() is not None and not any(one.role == "pump" for one in self.to_bind())
        asks = any(self._channels) or wanted != self._recorded_channel()
        return reads and bool(wanted) and asks and wanted not in self._channels

    # --- recording ---------------------------------------------------------------------------------------------------

    def commands(self) -> Sequence[Command] | None:
        """What this session reads."""
        problems = [panel.problem() for panel in self._panels.values() if panel.problem()]
        if self._is_missing():
            problems.append("choose the product's pump")
        say(self.problem, f"Still to do: {'; '.join(problems)}" if problems else "")
        if problems:
            self.status_wanted.emit(self.problem.text(), True)  # beside the key: the sheet may be longer than the page
            return None
        return tuple(self._pin(role) for role in ROLES)

    def to_bind(self) -> tuple[Binding, ...]:
        """What has to be read from now on and is not yet."""
        wanted = [panel.binding(self.chair) for panel in self._panels.values()]
        return tuple(b for b in wanted if b is not None and b != self._bound.get(b.role))

    def to_release(self) -> tuple[str, ...]:
        """The roles in which nothing is to be read any more."""
        return tuple(role for role, panel in self._panels.items() if panel.is_typed() and role in self._bound)

    def bind_chosen(self) -> None:
        """Begin to read what was chosen; blocks, and raises what the device service raises."""
        service = self._service
        if service is None:
            return
        for role in self.to_release():
            service.release(self.chair, role)
        for binding in self.to_bind():
            service.bind(binding)
        self._bound = {b.role: b for b in service.bindings() if b.chair == self.chair}

    def _pin(self, role: str) -> cmd.PinDevice:
        panel = self._panels[role]
        choice = panel.choice()
        if choice is None:
            return cmd.PinDevice(self.chair, self.by, role, "", "")
        key, grade = panel.key(), choice.grade
        if any(binding.role == role for binding in self.to_bind()):  # what is told by now is the device's before it
            return cmd.PinDevice(self.chair, self.by, role, key, role, grade=grade)
        told, pump = self._told(role), self._product() if role == "pump" else None
        model, serial = (told.model, told.serial) if told is not None else ("", "")
        channel, recorded = "", self._on_record() if role == "pump" else None
        if pump is not None:
            channel, model, serial = pump.channel, pump.model or model, pump.serial or serial
        elif recorded is not None and recorded.channel == self._wanted():  # nothing is told: it stays as it is
            channel, model, serial = recorded.channel, recorded.model or model, recorded.serial or serial
        return cmd.PinDevice(self.chair, self.by, role, key, role, channel, model, serial, grade)

    def _product(self) -> PumpReading | None:
        """What the pump told that the product runs through: the one chosen or recorded, and where none is the only one
        there; None where it is not there."""
        there = {one.channel: one for one in present(self._pumps())}
        if self._wanted():
            return there.get(self._wanted())
        if len(there) == 1:
            return next(iter(there.values()))
        product = self._snapshot.pump if self._snapshot is not None else None
        return there.get(product.reading.channel) if product is not None else None

    def _pumps(self) -> tuple[LivePump, ...]:
        """All that are behind the link of the pump."""
        if self._snapshot is None:
            return ()
        product = (self._snapshot.pump,) if self._snapshot.pump is not None else ()
        return (*product, *self._snapshot.other_pumps)

    def _told(self, role: str) -> LinkChange | None:
        links = self._snapshot.links if self._snapshot is not None else ()
        return next((link.change for link in links if link.role == role), None)

    def on_recorded(self) -> None:
        """One that was chosen is the one on record: this now, or as soon as the picture has the entry (`fill`)."""
        super().on_recorded()
        if self._chosen == self._recorded_channel():
            self._chosen = ""

    def recorded_part(self, session: SessionState) -> object:
        """The devices of the session."""
        return dict(session.devices) or None

    def fill(self, part: object) -> None:
        """As recorded; the port is what is bound now."""
        assert isinstance(part, dict)
        for role, device in part.items():
            assert isinstance(device, BoundDevice)
            bound = self._bound.get(role)
            port = bound.port if bound is not None and bound.key == device.key else ""
            baud, line = (bound.baud, bound.line) if bound is not None else (0, "")
            self._panels[role].put(device.key, port, baud, line)
        self._chosen = ""
        self._show_product()

    def empty(self) -> None:
        """What is bound to the chair stays chosen: it is read already. Not the pump that another patient had."""
        self._chosen = ""
        for role, panel in self._panels.items():
            bound = self._bound.get(role)
            if bound is None:
                panel.clear()
            else:
                panel.put(bound.key, bound.port, bound.baud, bound.line)
        self._show_product()

    def _refill(self) -> None:
        if isinstance(self._filled_from, dict) and not self.dirty:
            self.fill(self._filled_from)


def _look(service: DeviceService) -> Found:
    return service.catalogue(), service.ports(), service.bindings()
