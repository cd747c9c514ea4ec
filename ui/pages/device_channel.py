"""Several pumps behind one link: through which of them the product runs, asked anew when cable or slot changed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from exomonitor.engine.bedside import Receipt
from exomonitor.engine.snapshot import LivePump, Snapshot
from exomonitor.session import commands as cmd
from exomonitor.session.plan import BoundDevice
from ui.bridge import Bridge
from ui.presenters.devices import channel_options, channel_question, present
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.form import recorded_words
from ui.widgets.text import SEMIBOLD, label, set_text

_KEY, _COLUMNS = 59, 3


class ChannelChoice(QWidget):
    """In sight only while a session reads a pump and the link has other channels, or not the session's."""

    said = Signal(str, bool)
    """One sentence, and whether something is wrong."""

    def __init__(self, theme: Theme, bridge: Bridge, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._chair = bridge, chair
        self._snapshot: Snapshot | None = None
        self._options: tuple[tuple[str, str], ...] = ()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(10))
        self.title = label(theme, "", 14, SEMIBOLD, wrap=True)
        self.choice = Choice(theme, (), columns=_COLUMNS, pixels=15, height=_KEY)
        self.choice.chosen.connect(self.choose)
        row.addWidget(self.title, 2)
        row.addWidget(self.choice, 3)
        self.hide()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring it up to date."""
        self._snapshot = snapshot
        pinned, pumps = self._pinned(), self._pumps()
        options = channel_options(pumps) if pinned is not None else ()
        asked = pinned is not None and (len(options) > 1 or pinned.channel not in {"", *dict(options)})
        self.setVisible(asked and bool(options))
        if pinned is not None and asked:
            set_text(self.title, channel_question(pinned.channel, pumps))
            if options != self._options:  # a key under a finger stays
                self._options = options
                self.choice.set_options(options)
            self.choice.set_value(pinned.channel)

    def choose(self, channel: str) -> None:
        """From now on the product runs through this one."""
        pinned, snapshot = self._pinned(), self._snapshot
        there = {one.channel: one for one in present(self._pumps())}
        reading = there.get(channel)
        if pinned is None or snapshot is None or reading is None or channel == pinned.channel:
            return
        # Where the pump before is still there this is a neighbour; else it may be the same one in another slot.
        known = ("", "") if pinned.channel in there else (pinned.model, pinned.serial)
        model, serial = reading.model or known[0], reading.serial or known[1]
        pin = cmd.PinDevice(
            self._chair, snapshot.staff_id, "pump", pinned.key, pinned.source, channel, model, serial, pinned.grade
        )
        self._bridge.submit(pin, self._recorded, self._refused)

    def _recorded(self, receipt: Receipt) -> None:
        self.said.emit(recorded_words(receipt), False)

    def _refused(self, why: str) -> None:
        pinned = self._pinned()
        self.choice.set_value(pinned.channel if pinned is not None else "")
        self.said.emit(why, True)

    def _pumps(self) -> tuple[LivePump, ...]:
        """All that are behind the link; the product's only while the link tells of it."""
        snapshot, pinned = self._snapshot, self._pinned()
        if snapshot is None:
            return ()
        product = pinned.channel if pinned is not None else ""
        others = (one for one in snapshot.other_pumps if not (one.silent and one.reading.channel == product))
        return (*((snapshot.pump,) if snapshot.pump is not None else ()), *others)

    def _pinned(self) -> BoundDevice | None:
        session = self._snapshot.session if self._snapshot is not None else None
        device = session.devices.get("pump") if session is not None and session.phase.is_open else None
        return device if device is not None and device.key else None
