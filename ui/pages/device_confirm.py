"""Another device is on the cable: the nurse looks at wristband and number, and says whose it is."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.ports import DeviceService
from exomonitor.engine.snapshot import LinkView, Snapshot
from exomonitor.session.parts.device_check import ConfirmDevice
from exomonitor.session.plan import Patient
from ui.bridge import Bridge
from ui.presenters.devices import confirm_question, device_tick
from ui.scan_burst import WRISTBAND
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.form import recorded_words
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import SEMIBOLD, label, set_text
from ui.widgets.tick import Tick

_KEY = 59


class ConfirmCard(Card):
    """Shown while another device than the bound one is heard; nothing of it is shown or stored before."""

    done = Signal()

    def __init__(
        self, theme: Theme, bedside: Bedside, bridge: Bridge, role: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, f"{role.upper()} CHANGED - nothing of it is recorded yet", outlined=True, parent=parent)
        self._bedside, self._bridge, self._role = bedside, bridge, role
        self._service: DeviceService | None = bedside.devices
        self._snapshot = bedside.latest()
        self._link: LinkView | None = None
        self._expected = self._scanned = ""
        self.question = label(theme, "", 17, SEMIBOLD, wrap=True)
        self.patient = Tick(theme, "", height=_KEY)
        self.device = Tick(theme, "", height=_KEY)
        self.said = label(theme, "", 15, SEMIBOLD, role="error", wrap=True)
        self.key = BigButton(theme, f"This {role} is the right one", kind=Kind.PRIMARY, height=_KEY)
        self.key.clicked.connect(self.confirm)
        for tick in (self.patient, self.device):
            tick.toggled.connect(lambda _: self._sync())
        self.body.setSpacing(theme.px(8))
        for widget in (self.question, self.patient, self.device, self.said, self.key):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        bridge.scanned.connect(self.take_scan)
        self._sync()

    def show_link(self, link: LinkView, expected: str, snapshot: Snapshot) -> None:
        """What is on the cable now, and what was expected there."""
        if self._link is not None and self._link.change.serial != link.change.serial:
            self._clear()
        self._link, self._expected, self._snapshot = link, expected, snapshot
        set_text(self.question, confirm_question(self._role, link.change, expected))
        patient = self._patient()
        self.patient.setVisible(patient is not None)
        if patient is not None:
            self.patient.set_words(f"The wristband says {patient.name}, {patient.born}")
        self.device.set_words(device_tick(self._role, link.change))
        self._sync()

    def take_scan(self, kind: str, content: str) -> None:
        """A wristband was scanned while the question stands."""
        if kind == WRISTBAND and self.isVisible():
            self._scanned = content
            self.patient.setChecked(True)

    def confirm(self) -> None:
        """Record it where a session is open; then the device may be heard."""
        link, service = self._link, self._service
        if link is None or service is None:
            return
        session = self._snapshot.session
        if session is None or not session.phase.is_open:
            self._accept(link.change.serial)
            return
        chair, by = self._bedside.chair, self._snapshot.staff_id
        wanted = ConfirmDevice(
            chair,
            by,
            self._role,
            link.change.serial,
            self._expected,
            link.change.model,
            self._scanned,
            self.patient.isChecked() and not self._scanned,
            self.device.isChecked(),
            untold=not link.change.serial,
        )
        self._bridge.submit(wanted, partial(self._recorded, link.change.serial), self._fail)

    def _recorded(self, serial: str, receipt: Receipt) -> None:
        set_text(self.said, recorded_words(receipt))
        self._accept(serial)

    def _accept(self, serial: str) -> None:
        service = self._service
        assert service is not None
        self._bridge.run(partial(service.accept, self._bedside.chair, self._role, serial), self._accepted, self._fail)

    def _accepted(self, _: object) -> None:
        self._clear()
        self.done.emit()

    def _fail(self, why: str) -> None:
        self._scanned = ""
        set_text(self.said, why)

    def _patient(self) -> Patient | None:
        session = self._snapshot.session
        return session.patient if session is not None and session.phase.is_open else None

    def _clear(self) -> None:
        self._scanned = ""
        set_text(self.said, "")
        for tick in (self.patient, self.device):
            tick.setChecked(False)

    def _sync(self) -> None:
        self.key.setEnabled(self.device.isChecked() and (self._patient() is None or self.patient.isChecked()))
