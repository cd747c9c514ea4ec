"""The next container of the product: one scan; what does not match hangs only with a reason and a second signature."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.users import PRESCRIBER, VERIFIER
from exomonitor.session.commands import Command
from exomonitor.session.parts.supply import ChangeContainer, hanging
from exomonitor.session.plan import Product
from ui.bridge import Bridge
from ui.pages.session.panels import SessionForm
from ui.presenters.product import product_words
from ui.scan_burst import ISBT, LABEL
from ui.theme import Theme
from ui.widgets.entry import TextEntry
from ui.widgets.keys import BigButton
from ui.widgets.prove import ProvePanel
from ui.widgets.rows import row_of
from ui.widgets.scan_box import ScanBox
from ui.widgets.text import Elided, label, set_text

_MEANING = "I have checked this container against patient and order"
_DIFFERS = "does not match"
_LEAST_REASON = 5


class ContainerForm(SessionForm):
    """Scan the label of the next container; without a scanner its lot and expiry are typed."""

    def __init__(
        self, theme: Theme, bridge: Bridge, chair: str, bedside: Bedside, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, bridge, chair, "Next container of the product", parent)
        self._product: Product | None = None
        self._bags: frozenset[str] = frozenset()
        self._raw, self._proof, self._alone = "", "", False
        self._stack = QStackedWidget()
        self.column.addWidget(self._stack)
        sheet = QWidget()
        self._sheet = QVBoxLayout(sheet)
        self._sheet.setContentsMargins(0, 0, 0, 0)
        self._sheet.setSpacing(theme.px(8))
        self._now = Elided(theme, "", 15, role="dim")
        self.box = ScanBox(theme, "Scan the label of the next container")
        self.lot = TextEntry(theme, "Without a scan: its lot", pixels=20)
        self.expiry = TextEntry(theme, "and its expiry", hint="year-month-day", pixels=20)
        self.reason = TextEntry(theme, "It does not match. Why it is hung all the same", hint="at least 5 characters")
        self.sign_key = BigButton(theme, "Second person signs", height=58)
        self.sign_key.clicked.connect(self._ask_second)
        self.alone_key = BigButton(theme, "Nobody else is there: single nurse", height=58)
        self.alone_key.clicked.connect(self._save_alone)
        for widget in (self._now, self.box, row_of(theme, self.lot, self.expiry)):
            self._sheet.addWidget(widget)
        self._rule = label(
            theme, "Lot and source must be those of this session. The volume given goes on counting.", 15, wrap=True
        )
        self._sheet.addWidget(self._rule)
        self._sheet.addWidget(self.reason)
        self._sheet.addWidget(self.sign_key)
        self._sheet.addWidget(self.alone_key)
        self._sheet.addStretch(1)
        self.prove = ProvePanel(theme, bedside, bridge, (VERIFIER, PRESCRIBER), _MEANING)
        self.prove.proven.connect(self._on_proven)
        self.prove.closed.connect(self._show_sheet)
        self._stack.addWidget(sheet)
        self._stack.addWidget(self.prove)
        for entry in (self.lot, self.expiry):
            entry.edited.connect(lambda _: self._on_typed())
            entry.confirmed.connect(self.save)
        bridge.scanned.connect(self.take_scan)
        self._ask_reason(wanted=False)
        self.setFocusProxy(self.lot)
        self.changed()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """What hangs now."""
        super().show_snapshot(snapshot)
        session = snapshot.session
        self._product = hanging(session.product, session.supply) if session is not None else None
        self._bags = frozenset(snapshot.registry.bags)
        words = product_words(self._product, snapshot.registry) if self._product is not None else ("", "")
        set_text(self._now, f"Hangs now: {words[0]}" if words[0] else "")

    def take_scan(self, kind: str, raw: str) -> None:
        """A container was scanned while this form is in front: it is recorded at once."""
        own = raw.strip().upper() in self._bags
        if not self.isVisible() or self._stack.currentWidget() is self.prove or not (own or kind in {LABEL, ISBT}):
            return
        self._raw = raw
        self.lot.set_text("")
        self.expiry.set_text("")
        self.box.show_words(f"Scanned: bag {raw.strip().upper()}" if own else "Scanned: the label of a container")
        self._ask_reason(wanted=False)
        self.changed()
        self.save()

    def _on_typed(self) -> None:
        self._raw = ""
        self.box.show_words("")
        self._ask_reason(wanted=False)
        self.changed()

    def missing(self) -> Sequence[str]:
        """A scan, or lot and expiry."""
        return () if self._raw or (self.lot.text() and self.expiry.text()) else ("scan, or lot and expiry",)

    def save(self) -> None:
        """Enter belongs to whoever signs while they do."""
        if self._stack.currentWidget() is not self.prove:
            super().save()

    def commands(self) -> Sequence[Command]:
        """One statement; a signature is spent with it."""
        proof, self._proof = self._proof, ""
        alone, self._alone = self._alone, False
        reason = self.reason.text()
        if self._raw:
            return (ChangeContainer(self.chair, self.by, raw=self._raw, proof=proof, reason=reason, alone=alone),)
        source = self._product.source_cell if self._product is not None else None
        typed = ChangeContainer(
            self.chair,
            self.by,
            source_cell=source,
            lot=self.lot.text(),
            expiry=self.expiry.text(),
            proof=proof,
            reason=reason,
            alone=alone,
        )
        return (typed,)

    def on_refused(self, why: str) -> None:
        """What does not match can be hung with a reason and a second signature: both are asked for now."""
        super().on_refused(why)
        if _DIFFERS in why:
            self._ask_reason(wanted=True)

    def _ask_reason(self, *, wanted: bool) -> None:
        self.reason.setVisible(wanted)
        self.sign_key.setVisible(wanted)
        self.alone_key.setVisible(wanted)
        self._rule.setVisible(not wanted)
        if wanted:
            self.reason.setFocus()

    def _has_reason(self) -> bool:
        if len(self.reason.text()) >= _LEAST_REASON:
            return True
        self.reason.show_error("A reason of at least 5 characters is needed")
        self.reason.setFocus()
        return False

    def _save_alone(self) -> None:
        if self._has_reason():
            self._alone = True
            self.save()

    def _ask_second(self) -> None:
        if not self._has_reason():
            return
        self.prove.but = self.by
        self._stack.setCurrentWidget(self.prove)
        self.save_key.setVisible(False)
        self.prove.open()

    def _on_proven(self, token: str, _: str) -> None:
        self._proof = token
        self._show_sheet()
        self.save()

    def _show_sheet(self) -> None:
        self._stack.setCurrentIndex(0)
        self.save_key.setVisible(True)

    def clear(self) -> None:
        """Nothing entered."""
        self._raw, self._proof, self._alone = "", "", False
        self.box.show_words("")
        self._show_sheet()
        self._ask_reason(wanted=False)
        for entry in (self.lot, self.expiry, self.reason):
            entry.set_text("")
            entry.show_error("")
