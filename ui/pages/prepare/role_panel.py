"""One device of the chair: which one, on which port, what settings; a test reading, and what it can (never) report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from exomonitor.engine.ports import Binding, DeviceChoice, DeviceService, PortInfo
from exomonitor.units import Span
from ui.bridge import Bridge
from ui.pages.device_search import Search
from ui.pages.prepare.device_words import (
    LABORATORY,
    TYPED,
    baud_options,
    facts,
    free_ports,
    line_options,
    options_for,
    port_options,
    usual_line,
)
from ui.pages.prepare.step_form import say
from ui.presenters.devices import catalogue_line, elsewhere, found_words
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice
from ui.widgets.entry import NumberEntry, TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import SEMIBOLD, label, set_text

TEST_SECONDS = 8.0
_TRY = "Try the usual baud rates"
_ADDRESSES = Span("network address", "", Decimal(0), Decimal(99), 0)
_ABOUT = "What it can (never) report ..."
_ONE_COLUMN = 7
"""More devices than this stand in two columns, so that the last one is in sight."""


class RolePanel(Card):
    """Pump or monitor. Knows no port: it asks the device service through the bridge."""

    edited = Signal()
    facts_turned = Signal(bool)
    """What is known of the device is shown, or no longer: it needs the room of the panel beside this one as well."""

    def __init__(
        self,
        theme: Theme,
        bridge: Bridge,
        service: DeviceService | None,
        role: str,
        *,
        wide: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """wide: there is room for all speeds of a port in one row."""
        super().__init__(theme, role.capitalize(), parent=parent)
        self._bridge, self._service, self.role = bridge, service, role
        self._catalogue: tuple[DeviceChoice, ...] = ()
        self.device = Choice(theme, options_for(role, ()), columns=1, pixels=14)
        self.device.chosen.connect(self._on_device)
        self.another = BigButton(theme, "Change", kind=Kind.QUIET, pixels=14)
        self.another.clicked.connect(self._open_list)
        self._list_open = self._facts_shown = False
        chosen = QHBoxLayout()
        chosen.setSpacing(theme.px(6))
        chosen.addWidget(self.device, 1)
        chosen.addWidget(self.another)
        self.body.addLayout(chosen)
        self.banner = label(theme, LABORATORY, 14, SEMIBOLD, wrap=True)
        self.body.addWidget(self.banner)
        self.ports = Choice(theme, (), columns=2, pixels=13)
        self.ports.chosen.connect(self._on_port)
        self.port = TextEntry(theme, "Port", hint="a serial port, socket:// or listen://address:port", pixels=16)
        self.port.edited.connect(lambda _: self.edited.emit())
        self.bauds = Choice(theme, (), columns=0 if wide else 3, pixels=13)
        self.bauds.chosen.connect(lambda _: self.edited.emit())
        self.lines = Choice(theme, (), columns=2, pixels=13)
        self.lines.chosen.connect(lambda _: self.edited.emit())
        self.brief = label(theme, "", 13, role="dim", wrap=True)
        self.address = NumberEntry(theme, "Address", _ADDRESSES, "", "0 to 99", pixels=16)
        self.address.edited.connect(lambda _: self.edited.emit())
        where = QHBoxLayout()
        where.addWidget(self.port, 3)
        where.addWidget(self.address, 1)
        self.body.addWidget(self.brief)
        self.body.addWidget(self.ports)
        self.body.addLayout(where)
        self.body.addWidget(self.bauds)
        self.body.addWidget(self.lines)
        self._make_test(theme, wide=wide)
        self.facts = label(theme, "", 13, role="dim", wrap=True)
        self.body.addWidget(self.facts)
        self.body.addStretch(1)
        self._show_choice()

    def _make_test(self, theme: Theme, *, wide: bool) -> None:
        row = QHBoxLayout()
        self.again = BigButton(theme, "Look again", pixels=14)
        self.test = BigButton(theme, "Test reading", pixels=14)
        self.again.clicked.connect(self.look)
        self.test.clicked.connect(self.read_test)
        self.speeds = BigButton(theme, _TRY, pixels=14)
        self.speeds.clicked.connect(self.try_speeds)
        self.search = Search(self._bridge, self._service, self)
        self.search.told.connect(self._say_step)
        self.search.ended.connect(self._searched)
        row.addWidget(self.again)
        row.addWidget(self.test)
        self.body.addLayout(row)
        self.about = BigButton(theme, _ABOUT, kind=Kind.QUIET, pixels=14)
        self.about.clicked.connect(lambda: self._turn_facts(shown=not self._facts_shown))
        if wide:
            row.addWidget(self.speeds)
            self.body.addWidget(self.about)
        else:
            second = QHBoxLayout()
            second.addWidget(self.speeds)
            second.addWidget(self.about)
            self.body.addLayout(second)
        self.heard = label(theme, "", 13, wrap=True)
        self.heard.setVisible(False)
        self.body.addWidget(self.heard)

    # --- what can be chosen ------------------------------------------------------------------------------------------

    def set_catalogue(self, catalogue: Sequence[DeviceChoice]) -> None:
        """Which devices can be read."""
        self._catalogue = tuple(catalogue)
        self._show_devices()
        self._show_choice()

    def set_ports(self, ports: Sequence[PortInfo], bindings: Sequence[Binding]) -> None:
        """Which ports there are; one on which another role is read is not offered."""
        self.ports.set_options(port_options(free_ports(self.role, ports, bindings)))
        self.ports.set_value(self.port.text())

    def look(self) -> None:
        """Ask which ports there are now."""
        service = self._service
        if service is not None:
            self._bridge.run(
                lambda: (service.ports(), service.bindings()), lambda both: self.set_ports(*both), self._say_heard
            )

    def choice(self) -> DeviceChoice | None:
        """The device chosen, None when nothing is, or values are typed."""
        return next((c for c in self._catalogue if c.key == self.device.value()), None)

    def key(self) -> str:
        """The device chosen, with its network address where one is set; "" when nothing is chosen or values are
        typed."""
        choice = self.choice()
        if choice is None:
            return ""
        return f"{choice.key}@{address}" if choice.addresses and (address := self.address.number()) else choice.key

    def is_typed(self) -> bool:
        """Whether it was said that nothing is read."""
        return self.device.value() == TYPED

    def binding(self, chair: str) -> Binding | None:
        """What to read, None when values are typed or something is missing."""
        key = self.key()
        if not key or not self.port.text():
            return None
        return Binding(chair, self.role, key, self.port.text(), int(self.bauds.value() or 0), line=self._line())

    def _line(self) -> str:
        """How the line is set, "" where that is as usual."""
        choice, line = self.choice(), self.lines.value()
        return "" if choice is None or line == usual_line(choice) else line

    def problem(self) -> str:
        """What is missing, "" when nothing is."""
        if not self.device.value():
            return f"choose the {self.role}, or say that values are typed"
        if self.choice() is not None and not self.port.text():
            return f"choose the port of the {self.role}"
        choice = self.choice()
        if choice is not None and choice.addresses and self.address.text() and self.address.number() is None:
            return f"the network address of the {self.role} is a number from {_ADDRESSES.lo} to {_ADDRESSES.hi}"
        return ""

    def put(self, key: str, port: str = "", baud: int = 0, line: str = "") -> None:
        """Show what is bound or recorded."""
        self._list_open = False
        family, _, address = key.partition("@")
        self._choose(family or TYPED)
        self.address.set_text(address)
        self.port.set_text(port)
        self._show_choice()
        self.ports.set_value(port)
        self.bauds.set_value(str(baud))
        if line:
            self.lines.set_value(line)

    def clear(self) -> None:
        """Nothing chosen."""
        self._choose("")
        self.address.set_text("")
        self.port.set_text("")
        self._show_choice()

    def _on_device(self, key: str) -> None:
        self._list_open = False
        self._choose(key)
        self._show_choice()
        (self.port if self.choice() is not None else self.another).setFocus()
        self.edited.emit()

    def _open_list(self) -> None:
        self._list_open = True
        self._show_devices()
        self.device.key(self.device.value()).setFocus()

    def _choose(self, key: str) -> None:
        """Choose in the whole list; what was chosen then stands alone, so that port and test have the room."""
        self.device.set_options(options_for(self.role, self._catalogue))
        self.device.set_value(key)
        self._show_devices()

    def _show_devices(self) -> None:
        options = options_for(self.role, self._catalogue)
        value = self.device.value()
        alone = bool(value) and not self._list_open
        if alone:
            options = tuple((key, _brief(words)) for key, words in options if key == value)
        many = len(options) > _ONE_COLUMN
        self.device.set_options([(key, _brief(words)) for key, words in options] if many else options, 2 if many else 1)
        self.another.setVisible(alone)

    def _on_port(self, port: str) -> None:
        self.port.set_text(port)
        self.edited.emit()

    def _show_choice(self) -> None:
        choice = self.choice()
        self._turn_facts(shown=False)
        self.banner.setVisible(choice is not None and choice.grade == "laboratory")
        if choice is None:
            say(self.heard, "")
            return
        set_text(self.brief, catalogue_line(choice))
        self.bauds.set_options(baud_options(choice))
        if not self.bauds.value():
            self.bauds.set_value("0")
        self.lines.set_options(line_options(choice))
        self.lines.set_value(usual_line(choice))
        self.facts.setText("\n".join(facts(choice)))

    def _turn_facts(self, *, shown: bool) -> None:
        """What the device cannot say needs the room of the port and its settings."""
        self._facts_shown = shown
        chosen = self.choice() is not None
        for widget in (self.brief, self.ports, self.port, self.bauds, self.again, self.test, self.speeds):
            widget.setVisible(chosen and not shown)
        choice = self.choice()
        self.lines.setVisible(choice is not None and bool(choice.other_lines) and not shown)
        if choice is not None and not choice.bauds:  # it has no speed to try
            self.speeds.setVisible(False)
        self.address.setVisible(choice is not None and choice.addresses is not None and not shown)
        self.facts.setVisible(chosen and shown)
        self.about.setVisible(chosen)
        self.about.set_text("Back to the port" if shown else _ABOUT)
        self.facts_turned.emit(chosen and shown)

    # --- trying it ---------------------------------------------------------------------------------------------------

    def read_test(self) -> None:
        """Open the port for a few seconds and say what was heard."""
        service, key, port = self._service, self.key(), self.port.text()
        if service is None or not key:
            return
        if why := self._not_yet():
            say(self.heard, why)
            return
        baud, line = int(self.bauds.value() or 0), self._line()
        self.test.setEnabled(False)
        say(self.heard, f"Listening for {TEST_SECONDS:.0f} s ...")
        self._bridge.run(
            lambda: service.test_reading(key, port, baud, TEST_SECONDS, line),
            lambda lines: self._say_heard("\n".join(lines)),
            lambda why: self._say_heard(f"Nothing was read: {why}"),
        )

    def try_speeds(self) -> None:
        """Listen and ask at every usual speed of this device; how and where it answers is chosen."""
        if self.search.running:
            self.search.stop()
        elif why := self._not_yet():
            say(self.heard, why)
        else:
            self.speeds.set_text("Stop")
            self.search.begin(self.port.text(), self.key())

    def _not_yet(self) -> str:
        """Why nothing can be tried yet, "" when it can."""
        if not self.port.text():
            return "Choose the port first"
        why = self.problem()
        return why[:1].upper() + why[1:]

    def _say_step(self, text: str) -> None:
        say(self.heard, f"{text} ...")

    def _searched(self, answer: object) -> None:
        self.speeds.set_text(_TRY)
        searched = self.search.port
        found = answer if isinstance(answer, tuple) else ()
        told = found_words(found) if isinstance(answer, tuple) else f"Nothing was read: {answer}"
        say(self.heard, elsewhere(told, searched, self.port.text()))
        if found and (self.key(), self.port.text()) == (self.search.key, searched):
            first = found[0]
            self.put(first.key, searched, first.baud, first.line)
            self.edited.emit()

    def _say_heard(self, text: str) -> None:
        self.test.setEnabled(True)
        say(self.heard, text)


def _brief(words: str) -> str:
    """A device's name without what stands in brackets."""
    return words.partition(" (")[0]


def alone(panels: Mapping[str, RolePanel], places: Mapping[str, QWidget] | None = None) -> None:
    """While a panel shows what is known of its device, the others make room; places: what stands for each panel."""
    for role, panel in panels.items():
        for other, place in (places or panels).items():
            if other != role:
                panel.facts_turned.connect(partial(_make_room, place))


def _make_room(place: QWidget, shown: bool) -> None:
    place.setVisible(not shown)
